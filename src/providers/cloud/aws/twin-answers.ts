// XML as AWS writes it, by code of the twin's own.
import type { JsonObject, JsonValue, TwinAnswer } from '../../../adapter/index.ts'

export const xmlAnswer = (root: JsonObject, status = 200): TwinAnswer => ({
  status,
  headers: { 'content-type': 'application/xml', 'x-amz-request-id': 'TWIN0000REQUEST0' },
  body: `<?xml version="1.0" encoding="UTF-8"?>\n${written(root)}`,
})

export const s3Error = (status: number, code: string, message: string): TwinAnswer =>
  xmlAnswer({ Error: { Code: code, Message: message, RequestId: 'TWIN0000REQUEST0', HostId: 'twin' } }, status)

/** No body. */
export const emptyAnswer = (status: number, headers: Record<string, string> = {}): TwinAnswer => ({
  status,
  headers: { 'x-amz-request-id': 'TWIN0000REQUEST0', ...headers },
  body: '',
})

const written = (members: JsonObject): string =>
  Object.entries(members)
    .map(([name, value]) =>
      Array.isArray(value) ? value.map((item) => element(name, item)).join('') : element(name, value),
    )
    .join('')

const element = (name: string, value: JsonValue): string =>
  `<${name}>${value !== null && typeof value === 'object' && !Array.isArray(value) ? written(value) : escaped(String(value))}</${name}>`

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')
