// Decodes a request's bytes by their content type, with the platform's decoders and none of ours. What cannot be read
// exactly (another charset, bytes that are not UTF-8, JSON that is not an object) is refused, never guessed.
import type { JsonObject } from '../foundation/index.ts'
import { decodeForm } from './form.ts'
import { Refusal } from './refusal.ts'

const utf8 = new TextDecoder('utf-8', { fatal: true })

/** The decoded body, `{}` where there is none. Only multipart takes a promise's time. */
export function decodeBody(bytes: Uint8Array, contentType: string | undefined): JsonObject | Promise<JsonObject> {
  if (bytes.byteLength === 0) return {}
  const { type, charset } = parseContentType(contentType ?? '')
  if (charset !== undefined && !['utf-8', 'utf8', 'us-ascii'].includes(charset)) {
    throw new Refusal('invalid', `the charset ${charset} is not supported, only utf-8`, 415)
  }
  if (type === 'application/json' || type.endsWith('+json')) return decodeJson(textOf(bytes))
  if (type === 'application/x-www-form-urlencoded') return decodeForm(textOf(bytes))
  if (type === 'multipart/form-data') return decodeMultipart(bytes, contentType ?? '')
  throw new Refusal(
    'invalid',
    type ? `the content type ${type} is not supported` : 'a body without a content type',
    415,
  )
}

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

function decodeJson(text: string): JsonObject {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (cause) {
    throw new Refusal('invalid', `the body is not JSON: ${(cause as SyntaxError).message}`)
  }
  if (value === null || typeof value !== 'object' || Array.isArray(value)) {
    throw new Refusal('invalid', 'the body is JSON, but not an object')
  }
  return value as JsonObject // JSON.parse makes nothing else
}

/** Text fields as text; a file as `{filename, contentType, size, base64}`. */
async function decodeMultipart(bytes: Uint8Array, contentType: string): Promise<JsonObject> {
  const form = await new Response(bytes, { headers: { 'content-type': contentType } }).formData().catch(() => {
    throw new Refusal('invalid', 'the multipart body is malformed')
  })
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
