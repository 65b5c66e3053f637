// A request, built and not sent: what a plan shows, what the door gets, and the one route of the signed manifest that it
// falls under. Pure: no clock, no secret, no network. What the manifest does not name is refused here already.
import { createHash } from 'node:crypto'
import type { AllowedRoute, OutgoingRequest, SecretSlot, SigningRecipe } from '../egress/index.ts'
import { FabricError, type JsonObject, type JsonValue } from '../foundation/index.ts'
import { type BaseAddress, fillPath, fillSettings, PATH_HOLE, resolveBase } from './address.ts'
import { showSlot } from './auth.ts'
import { authOf } from './auths.ts'
import type { Auth, ProviderDefinition } from './definition.ts'
import type { EncodedBody } from './encoded-body.ts'
import { encodeBody, encodeQuery } from './encoding.ts'
import { hasKeyInBody, keyHeaderOf } from './idempotency.ts'
import type { Instance } from './instance.ts'
import { severalOf } from './later-requests.ts'
import type { BuiltRequest, LoadedProvider, OperationEntry, PlannedRequest } from './planned.ts'
import type { HttpRequestSpec, RequestBody, RequestSpec } from './request.ts'

export interface BuildOptions {
  provider: LoadedProvider
  instance: Instance
  entry: OperationEntry
  /** As `parseInput` returned it. */
  input: JsonObject
}

/** Builds the request of an operation. */
export function buildRequest(options: BuildOptions): BuiltRequest {
  const { request, looksFirst = false } = options.entry.operation
  return buildFromSpec(options, request(options.input), { reads: looksFirst })
}

/** Builds a given request of an operation, for those that follow the first. `reads`: this one changes nothing. */
export function buildFromSpec(
  options: Omit<BuildOptions, 'input'>,
  spec: RequestSpec,
  { reads = false }: { reads?: boolean } = {},
): BuiltRequest {
  const { provider, instance, entry } = options
  const { definition } = provider
  const base = baseOf(definition, instance, spec)
  requireRoute(provider, entry, spec, base)
  const slots = slotsOf(definition, spec)
  const before = addressOf(spec, base.origin) + base.prefix
  const after = encodeQuery(spec.query)
  const route: AllowedRoute = {
    method: spec.method,
    origins: base.unset.length === 0 ? [base.origin] : [],
    path: base.prefix + spec.template,
  }
  const common = {
    url:
      before +
      fillPath(
        spec.template,
        spec.path,
        pathSlots(slots, () => PATH_HOLE),
      ) +
      after,
    shown: shownUrl(before + fillPath(spec.template, spec.path, pathSlots(slots, showSlot)) + after, slots),
    slots,
    spec,
    route,
    unset: [...base.unset],
  }
  return spec.transport === 'http'
    ? builtHttp({ definition, instance, entry, reads }, spec, common)
    : builtSocket(spec.command, headersOf(definition, spec, undefined), common)
}

interface Common {
  url: string
  /** The address as a plan shows it. */
  shown: string
  slots: SecretSlot[]
  spec: RequestSpec
  route: AllowedRoute
  unset: string[]
}

const pathSlots = (slots: readonly SecretSlot[], text: (slot: SecretSlot) => string): Map<string, string> =>
  new Map(slots.filter((slot) => slot.in === 'path').map((slot) => [slot.name, text(slot)]))

function builtHttp(
  {
    definition,
    instance,
    entry,
    reads,
  }: { definition: ProviderDefinition; instance: Instance; entry: OperationEntry; reads: boolean },
  spec: HttpRequestSpec,
  { url, shown, slots, route, unset }: Common,
): BuiltRequest {
  const encoded = spec.body && encodeBody(spec.body)
  const headers = headersOf(definition, spec, encoded)
  const acts = entry.effect !== 'read' && !reads
  const idempotencyHeader = acts ? keyHeaderOf(definition, spec.method) : undefined
  const several = severalOf(definition, entry)
  const sign = signOf(authOf(definition, spec), { definition, instance, unset })
  const planned: PlannedRequest = {
    transport: 'http',
    method: spec.method,
    url: shown,
    headers: shownHeaders(headers, slots, { idempotencyHeader, boundary: encoded?.boundary, sign }),
    body: spec.body ? shownBody(spec.body) : null,
    ...(encoded?.text === undefined ? {} : { bodyText: withoutBoundary(encoded.text, encoded.boundary) }),
    ...(spec.stream ? { streams: true as const } : {}),
    ...(several ? { later: several.later } : {}),
  }
  const { body, pieces } = encoded ?? {}
  const outgoing: OutgoingRequest = {
    method: spec.method,
    url,
    headers,
    slots,
    ...(body === undefined ? {} : { body }),
    ...(sign ? { sign } : {}),
  }
  const takesKey = acts && (idempotencyHeader !== undefined || hasKeyInBody(encoded))
  return {
    planned,
    spec,
    outgoing,
    route,
    idempotencyHeader,
    takesKey,
    keyed: entry.effect !== 'read' && (several?.keyed ?? takesKey),
    ...(pieces ? { bodyPieces: pieces } : {}),
    unset,
  }
}

/** The recipe with the instance's settings in it. */
function signOf(
  { sign }: Auth,
  { definition, instance, unset }: { definition: ProviderDefinition; instance: Instance; unset: string[] },
): SigningRecipe | undefined {
  if (sign?.scheme !== 'aws-sigv4') return sign
  const region = fillSettings(definition, instance, sign.region)
  unset.push(...region.unset)
  return { ...sign, region: region.text }
}

function builtSocket(
  command: JsonObject,
  headers: Record<string, string>,
  { url, shown, slots, spec, route, unset }: Common,
): BuiltRequest {
  const planned: PlannedRequest = {
    transport: 'websocket',
    method: spec.method,
    url: shown,
    headers: shownHeaders(headers, slots, {}),
    body: command,
  }
  const outgoing = { method: spec.method, url, headers, slots }
  return { planned, spec, outgoing, route, idempotencyHeader: undefined, takesKey: false, keyed: false, unset }
}

const bases = new WeakMap<Instance, Map<string, { definition: ProviderDefinition; base: BaseAddress }>>()

/** Base addresses depend on no input but for parts that an answer told, so each is resolved once for an instance. */
function baseOf(definition: ProviderDefinition, instance: Instance, spec: RequestSpec): BaseAddress {
  const name = spec.base
  if (spec.transport === 'http' && spec.host) return resolveBase(definition, instance, { name, host: spec.host })
  let known = bases.get(instance)
  if (!known) {
    known = new Map()
    bases.set(instance, known)
  }
  const cached = known.get(name)
  if (cached?.definition === definition) return cached.base
  const base = resolveBase(definition, instance, { name })
  known.set(name, { definition, base })
  return base
}

function requireRoute(provider: LoadedProvider, entry: OperationEntry, spec: RequestSpec, base: BaseAddress): void {
  const { manifest, definition } = provider
  const host = base.template.origin
  const path = base.template.prefix + spec.template
  const signed = manifest.operations[entry.id]
  const routes = signed ? [signed, ...(signed.also ?? [])] : []
  const allowed = routes.some(
    (route) =>
      route.transport === spec.transport && route.method === spec.method && route.host === host && route.path === path,
  )
  if (allowed) return
  throw new FabricError(
    'IF_ERR_EGRESS_DENIED',
    `the manifest of ${definition.id} does not allow ${entry.id} to reach ${spec.method} ${host}${path}`,
    {
      hint: 'The definition builds a request that none of its examples has: add an example, raise the version and sign again.',
      details: { provider: definition.id, operation: entry.id, method: spec.method, host, path },
    },
  )
}

const addressOf = (spec: RequestSpec, origin: string): string =>
  spec.transport === 'websocket' ? origin.replace(/^http/, 'ws') : origin

/** The slots of the request's auth; one for the path only where the template has its place. */
function slotsOf(definition: ProviderDefinition, spec: RequestSpec): SecretSlot[] {
  const slots = spec.transport === 'websocket' ? (definition.socket?.slots ?? []) : authOf(definition, spec).slots
  return slots
    .filter((slot) => slot.in !== 'path' || spec.template.includes(`{${slot.name}}`))
    .map((slot) => (isOptional(definition, slot) ? { ...slot, optional: true } : slot))
}

const isOptional = ({ secrets }: ProviderDefinition, slot: SecretSlot): boolean =>
  slot.parts.some((part) => typeof part !== 'string' && secrets[part.secret]?.required === false)

/** The definition's headers, overruled by the request's own; a value that would break the header block is refused. */
function headersOf(
  definition: ProviderDefinition,
  spec: RequestSpec,
  encoded: EncodedBody | undefined,
): Record<string, string> {
  const headers: Record<string, string> = spec.transport === 'http' ? { Accept: 'application/json' } : {}
  const names = new Map(Object.keys(headers).map((name) => [name.toLowerCase(), name]))
  const put = (name: string, value: string) => {
    if (!/^[\t\x20-\x7e\x80-\xff]*$/.test(value)) throw badHeader(name, value)
    const earlier = names.get(name.toLowerCase())
    if (earlier !== undefined) delete headers[earlier]
    names.set(name.toLowerCase(), name)
    headers[name] = value
  }
  if (encoded) put('Content-Type', encoded.contentType)
  for (const [name, value] of Object.entries(definition.headers ?? {})) put(name, value)
  for (const [name, value] of Object.entries(spec.headers)) put(name, value)
  return headers
}

const badHeader = (name: string, value: string): FabricError =>
  new FabricError('IF_ERR_INVALID_INPUT', `header ${name}: ${JSON.stringify(value)} cannot be sent`, {
    hint: 'Header values hold no line breaks, control characters or characters beyond Latin-1.',
  })

function shownHeaders(
  headers: Record<string, string>,
  slots: readonly SecretSlot[],
  {
    idempotencyHeader,
    boundary,
    sign,
  }: { idempotencyHeader?: string | undefined; boundary?: string | undefined; sign?: SigningRecipe | undefined },
): Record<string, string> {
  const shown = { ...headers }
  if (boundary !== undefined) shown['Content-Type'] = withoutBoundary(shown['Content-Type'] ?? '', boundary)
  for (const slot of slots) if (slot.in === 'header') shown[slot.name] = showSlot(slot)
  if (idempotencyHeader !== undefined) shown[idempotencyHeader] = '$key'
  for (const name of sign ? signedHeaders(sign) : []) shown[name] = '$sign'
  return shown
}

/** The boundary depends on the content, so it is a hole: what a plan does not know yet would change it. */
const withoutBoundary = (text: string, boundary: string | undefined): string =>
  boundary === undefined ? text : text.replaceAll(boundary, '$boundary')

function shownUrl(url: string, slots: readonly SecretSlot[]): string {
  const shown = slots.filter((slot) => slot.in === 'query').map((slot) => `${slot.name}=${showSlot(slot)}`)
  return shown.length === 0 ? url : `${url}${url.includes('?') ? '&' : '?'}${shown.join('&')}`
}

/** Headers that a signature adds, the signature itself included. */
function signedHeaders(sign: SigningRecipe): string[] {
  if (sign.scheme === 'aws-sigv4') {
    return ['Authorization', 'X-Amz-Date', ...(sign.service === 's3' ? ['X-Amz-Content-Sha256'] : [])]
  }
  return [sign.put, sign.timestamp, sign.nonce].flatMap((field) => (field?.in === 'header' ? [field.name] : []))
}

/** The value before encoding, as JSON: bytes are shown by their size and digest, holes as what they stand for. */
function shownBody(body: RequestBody): JsonValue {
  switch (body.encoding) {
    case 'json':
    case 'form':
    case 'xml':
      return JSON.parse(JSON.stringify(body.value)) as JsonValue // drops what is undefined, shows holes
    case 'ndjson':
      return [...body.values]
    case 'raw':
      return shownBytes(body.value)
    case 'multipart':
      return body.parts.map(({ name, value, filename, contentType }) => ({
        name,
        value: shownBytes(value),
        ...(filename === undefined ? {} : { filename }),
        ...(contentType === undefined ? {} : { contentType }),
      }))
  }
}

/** The digest too: the plan is of these bytes and no others of their length. */
const shownBytes = (value: string | Uint8Array): string =>
  typeof value === 'string'
    ? value
    : `(${value.length} bytes, sha256 ${createHash('sha256').update(value).digest('hex')})`
