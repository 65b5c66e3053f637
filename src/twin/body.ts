// Decodes a request's bytes by their content type, with the platform's decoders and none of ours. What cannot be read
// exactly (another charset, bytes that are not UTF-8) is refused, never guessed.
import type { JsonObject, JsonValue } from '../foundation/index.ts'
import { decodeForm } from './form.ts'
import { type FormPart, readMultipart } from './multipart.ts'
import { Refusal } from './refusal.ts'
import { decodeXml } from './xml.ts'

const utf8 = new TextDecoder('utf-8', { fatal: true })

export interface DecodeBodyOptions {
  /** The vendor takes bytes of any type here: what does not decode is null instead of a refusal. Default false. */
  anyType?: boolean
}

/** The decoded body, `{}` where there is none, null where it is only bytes. Only multipart takes a promise's time. */
export function decodeBody(
  bytes: Uint8Array,
  contentType: string | undefined,
  { anyType = false }: DecodeBodyOptions = {},
): JsonValue | Promise<JsonValue> {
  if (bytes.byteLength === 0) return {}
  if (!anyType) return decodeKnown(bytes, contentType)
  try {
    const decoded = decodeKnown(bytes, contentType)
    return decoded instanceof Promise ? decoded.catch(nullOfRefusal) : decoded
  } catch (thrown) {
    return nullOfRefusal(thrown)
  }
}

function nullOfRefusal(thrown: unknown): null {
  if (thrown instanceof Refusal) return null
  throw thrown
}

function decodeKnown(bytes: Uint8Array, contentType: string | undefined): JsonValue | Promise<JsonValue> {
  const { type, charset } = parseContentType(contentType ?? '')
  if (type === 'application/octet-stream') return null
  if (type === 'multipart/form-data') return decodeMultipart(bytes, contentType ?? '')
  if (charset !== undefined && !['utf-8', 'utf8', 'us-ascii'].includes(charset)) {
    throw new Refusal('invalid', `the charset ${charset} is not supported, only utf-8`, 415)
  }
  if (type === 'application/json' || type.endsWith('+json')) return decodeJson(textOf(bytes))
  if (type === 'application/x-www-form-urlencoded') return decodeForm(textOf(bytes))
  if (type === 'application/xml' || type === 'text/xml' || type.endsWith('+xml')) return decodeXml(textOf(bytes))
  if (NDJSON.includes(type)) return decodeLines(textOf(bytes))
  if (type === 'text/plain') return textOf(bytes)
  throw new Refusal(
    'invalid',
    type ? `the content type ${type} is not supported` : 'a body without a content type',
    415,
  )
}

const NDJSON = ['application/x-ndjson', 'application/ndjson', 'application/jsonl', 'application/x-jsonlines']

function parseContentType(header: string): { type: string; charset: string | undefined } {
  const [type = '', ...parameters] = header.split(';').map((part) => part.trim())
  const charset = parameters.map((part) => /^charset="?([^"]+)"?$/i.exec(part)?.[1]).find(Boolean)
  return { type: type.toLowerCase(), charset: charset?.toLowerCase() }
}

function textOf(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes)
  } catch {
    throw new Refusal('invalid', 'the body is not UTF-8')
  }
}

function decodeJson(text: string, where = 'the body'): JsonValue {
  try {
    return JSON.parse(text) as JsonValue // JSON.parse makes nothing else
  } catch (cause) {
    throw new Refusal('invalid', `${where} is not JSON: ${(cause as SyntaxError).message}`)
  }
}

const decodeLines = (text: string): JsonValue[] =>
  text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line, at) => decodeJson(line, `line ${at + 1} of the body`))

/** Text fields as text; a file as `{filename, contentType, size, base64}`. */
async function decodeMultipart(bytes: Uint8Array, contentType: string): Promise<JsonObject> {
  const form = await new Response(bytes, { headers: { 'content-type': contentType } }).formData().catch(() => undefined)
  if (!form) return Object.fromEntries(readMultipart(bytes, contentType).map(partEntry))
  const fields = await Promise.all(
    [...form].map(async ([name, value]): Promise<[string, string | JsonObject]> => {
      if (typeof value === 'string') return [name, value]
      const content = Buffer.from(await value.arrayBuffer())
      const file = { filename: value.name, contentType: value.type, size: content.length }
      return [name, { ...file, base64: content.toString('base64') }]
    }),
  )
  return Object.fromEntries(fields)
}

function partEntry({ name, filename, contentType, content }: FormPart): [string, string | JsonObject] {
  if (filename === undefined) return [name, textOf(content)]
  return [name, { filename, contentType, size: content.length, base64: content.toString('base64') }]
}
