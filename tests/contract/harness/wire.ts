// A request of a definition as the vendor would get it: encoded to bytes by the adapter, decoded again by parsers that it
// does not use, with made-up credentials where the door would put the real ones.
import { randomBytes } from 'node:crypto'
import { XMLParser } from 'fast-xml-parser'
import {
  authOf,
  type EncodedBody,
  encodeBody,
  encodeQuery,
  type HttpRequestSpec,
  type JsonObject,
  type JsonValue,
  type ProviderDefinition,
  type RequestSpec,
} from '../../../src/adapter/index.ts'
import { twinSecrets } from '../../../src/twin/secrets.ts'
import type { DescribedRequest } from '../../../src/twin/vendor/index.ts'

/** The request in the form that a description checks. */
export async function asDescribed(definition: ProviderDefinition, spec: RequestSpec): Promise<DescribedRequest> {
  if (spec.transport === 'websocket') return asCommand(spec.command)
  const secrets = secretsOf(definition)
  const { slots } = authOf(definition, spec)
  const valued = slots.map((slot) => ({
    ...slot,
    value: slot.parts.map((part) => (typeof part === 'string' ? part : (secrets[part.secret] ?? 'token'))).join(''),
  }))
  const inPlace = (place: string) =>
    Object.fromEntries(valued.filter((slot) => slot.in === place).map(({ name, value }) => [name, value]))
  const prefix = (definition.baseUrls[spec.base] ?? '').replace(/^[^/]*:\/\/[^/]*/, '').replace(/\/$/, '')
  const encoded = spec.body && encodeBody(spec.body)
  const bytes = encoded && filled(encoded, secrets)
  return {
    method: spec.method,
    path: prefix + filledPath(spec, inPlace('path')),
    query: { ...lists(new URLSearchParams(encodeQuery(spec.query))), ...inPlace('query') },
    headers: { ...keyHeader(definition, spec), ...inPlace('header'), ...definition.headers, ...spec.headers },
    body: encoded && bytes && (await decode(encoded.contentType, bytes)),
    // Raw JSON text is JSON to the vendor.
    bodyEncoding: encoded?.contentType.startsWith('application/json') ? 'json' : spec.body?.encoding,
  }
}

const made = new WeakMap<ProviderDefinition, Record<string, string>>()

/** Made once for each provider: some are keys, which take their time. */
function secretsOf(definition: ProviderDefinition): Record<string, string> {
  const secrets = made.get(definition) ?? twinSecrets(definition, {}, randomBytes)
  made.set(definition, secrets)
  return secrets
}

/** A websocket command by its name, which every protocol keeps in a place of its own. */
function asCommand(command: JsonObject): DescribedRequest {
  const inner = (command.d ?? command) as JsonObject // obs-websocket has the request in `d`
  const name = String(inner.requestType ?? inner.type ?? '')
  const body = inner.requestData ?? {}
  return { method: 'WS', path: `/${name}`, query: {}, headers: {}, body, bodyEncoding: 'json' }
}

function filledPath(spec: HttpRequestSpec, slots: Record<string, string>): string {
  return spec.template.replace(/\{([A-Za-z][\w-]*)(\+?)\}/g, (_hole, name: string, plus: string) => {
    const value = String(slots[name] ?? spec.path[name])
    return plus === '' ? encodeURIComponent(value) : value.split('/').map(encodeURIComponent).join('/')
  })
}

function keyHeader({ idempotency }: ProviderDefinition, { method }: HttpRequestSpec): Record<string, string> {
  const sends = idempotency?.header !== undefined && (idempotency.methods ?? ['POST']).includes(method)
  return sends ? { [idempotency.header ?? '']: 'k'.repeat(32) } : {}
}

/** The bytes with keys and secrets in their places. */
function filled({ body, pieces }: EncodedBody, secrets: Record<string, string>): Buffer {
  if (!pieces) return Buffer.from(body ?? '')
  const parts = pieces.map((piece) => {
    if (typeof piece === 'string') return piece
    return 'key' in piece ? 'k'.repeat(piece.key) : (secrets[piece.secret] ?? 'token')
  })
  return Buffer.from(parts.join(''))
}

const xml = new XMLParser({
  ignoreAttributes: true,
  parseTagValue: false,
  ignoreDeclaration: true,
  ignorePiTags: true,
  removeNSPrefix: true,
})

async function decode(contentType: string, bytes: Buffer): Promise<JsonValue> {
  const type = contentType.split(';')[0] ?? ''
  const text = bytes.toString('utf8')
  if (/json$/.test(type) && !/ndjson/.test(type)) return JSON.parse(text) as JsonValue
  if (/ndjson|jsonl/.test(type)) {
    const lines = text.split('\n').filter((line) => line !== '')
    return lines.map((line) => JSON.parse(line) as JsonValue)
  }
  if (type === 'application/x-www-form-urlencoded') return nested(new URLSearchParams(text))
  if (/xml$/.test(type)) return xml.parse(text) as JsonValue
  if (!type.startsWith('multipart/form-data')) return text
  const form = await new Response(new Uint8Array(bytes), { headers: { 'content-type': contentType } }).formData()
  return Object.fromEntries([...form].map(([name, value]) => [name, typeof value === 'string' ? value : value.name]))
}

const lists = (parameters: URLSearchParams): Record<string, string | string[]> =>
  Object.fromEntries(
    [...new Set(parameters.keys())].map((name) => {
      const values = parameters.getAll(name)
      return [name, values.length === 1 ? (values[0] ?? '') : values]
    }),
  )

/** `a[b][0]=1` as objects; a repeated name is a list. Whether `0` counts a list, the description's schema decides. */
function nested(parameters: URLSearchParams): JsonObject {
  const root: JsonObject = {}
  for (const [name, value] of Object.entries(lists(parameters))) {
    const steps = name.split(/\[|\]\[|\]$/).filter((step, at) => step !== '' || at === 0)
    let at = root
    for (const step of steps.slice(0, -1)) {
      at[step] ??= {}
      at = at[step] as JsonObject // made just now, or by an earlier name with the same beginning
    }
    at[steps.at(-1) ?? name] = name.endsWith('[]') && typeof value === 'string' ? [value] : value
  }
  return root
}
