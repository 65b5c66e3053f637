// Multipart forms as RFC 7578 allows them and the platform's decoder does not: no space behind `form-data;`, parameters
// without quotes. Clients of vendors write such, and their vendors read them.
import { Refusal } from './refusal.ts'

export interface FormPart {
  name: string
  /** Absent of a field that is no file. */
  filename?: string
  contentType: string
  content: Buffer
}

/** The parts in their order; a Refusal where it is no form. */
export function readMultipart(bytes: Uint8Array, contentType: string): FormPart[] {
  const boundary = parameterOf(contentType, 'boundary')
  if (boundary === undefined || boundary === '') throw malformed()
  const whole = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const parts: FormPart[] = []
  const delimiter = Buffer.from(`--${boundary}`)
  let at = whole.indexOf(delimiter)
  while (at >= 0) {
    const start = at + delimiter.length
    if (whole.toString('latin1', start, start + 2) === '--') return parts
    const next = whole.indexOf(`\r\n--${boundary}`, start)
    if (next < 0) break
    parts.push(partOf(whole.subarray(start + 2, next)))
    at = next + 2
  }
  throw malformed() // no end
}

function partOf(part: Buffer): FormPart {
  const end = part.indexOf('\r\n\r\n')
  if (end < 0) throw malformed()
  const lines = part.toString('utf8', 0, end).split('\r\n')
  const header = (name: string): string =>
    lines.find((line) => line.toLowerCase().startsWith(`${name}:`))?.slice(name.length + 1) ?? ''
  const disposition = header('content-disposition')
  const name = parameterOf(disposition, 'name')
  if (!/^\s*form-data\s*;/i.test(disposition) || name === undefined) throw malformed()
  const filename = parameterOf(disposition, 'filename')
  return {
    name,
    ...(filename === undefined ? {} : { filename }),
    contentType: header('content-type').trim(),
    content: part.subarray(end + 4),
  }
}

/** In quotes, where `%22`, `%0D` and `%0A` stand for what cannot, or a bare token. */
function parameterOf(header: string, name: string): string | undefined {
  const found = new RegExp(`;\\s*${name}=(?:"([^"]*)"|([^;\\s]+))`, 'i').exec(header)
  const text = found?.[1] ?? found?.[2]
  return text?.replace(/%(22|0D|0A)/gi, (escaped) => decodeURIComponent(escaped))
}

const malformed = (): Refusal => new Refusal('invalid', 'the multipart body is malformed')
