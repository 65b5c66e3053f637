// A request, built and not sent: what a plan shows, what the door gets, and the one route of the signed manifest that it
// falls under. Pure: no clock, no secret, no network. What the manifest does not name is refused here already.
import type { AllowedRoute, OutgoingRequest, SecretSlot } from '../egress/index.ts'
import { FabricError, type JsonObject, type JsonValue } from '../foundation/index.ts'
import { type BaseAddress, fillPath, resolveBase } from './address.ts'
import { showSlot } from './auth.ts'
import type { ProviderDefinition } from './definition.ts'
import { type EncodedBody, encodeBody, encodeQuery } from './encoding.ts'
import type { Instance } from './instance.ts'
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
  return buildFromSpec(options, options.entry.operation.request(options.input))
}

/** Builds a given request of an operation, for pages that follow the first. */
export function buildFromSpec(options: Omit<BuildOptions, 'input'>, spec: RequestSpec): BuiltRequest {
  const { provider, instance, entry } = options
  const { definition } = provider
  const base = baseOf(definition, instance, spec.base)
  requireRoute(provider, entry, spec, base)
  const path = base.prefix + fillPath(spec.template, spec.path)
  const url = addressOf(spec, base.origin) + path + encodeQuery(spec.query)
  const route: AllowedRoute = {
    method: spec.method,
    origins: base.unset.length === 0 ? [base.origin] : [],
    path: base.prefix + spec.template,
  }
  const slots = slotsOf(definition, spec)
  const common = { url, slots, spec, route, unset: base.unset }
  return spec.transport === 'http'
    ? builtHttp(definition, entry, spec, common)
    : builtSocket(spec.command, headersOf(definition, spec, undefined), common)
}

interface Common {
  url: string
  slots: SecretSlot[]
  spec: RequestSpec
  route: AllowedRoute
  unset: string[]
}

function builtHttp(
  definition: ProviderDefinition,
  entry: OperationEntry,
  spec: HttpRequestSpec,
  { url, slots, route, unset }: Common,
): BuiltRequest {
  const encoded = spec.body && encodeBody(spec.body)
  const headers = headersOf(definition, spec, encoded)
  const idempotencyHeader =
    entry.effect !== 'read' && definition.idempotency?.methods.includes(spec.method)
      ? definition.idempotency.header
      : undefined
  const planned: PlannedRequest = {
    transport: 'http',
    method: spec.method,
    url: shownUrl(url, slots),
    headers: shownHeaders(headers, slots, { idempotencyHeader, boundary: encoded?.boundary }),
    body: spec.body ? shownBody(spec.body) : null,
    ...(encoded?.text === undefined ? {} : { bodyText: withoutBoundary(encoded.text, encoded.boundary) }),
  }
  const outgoing: OutgoingRequest = {
    method: spec.method,
    url,
    headers,
    slots,
    ...(encoded ? { body: encoded.body } : {}),
  }
  return { planned, spec, outgoing, route, idempotencyHeader, unset }
}

function builtSocket(
  command: JsonObject,
  headers: Record<string, string>,
  { url, slots, spec, route, unset }: Common,
): BuiltRequest {
  const planned: PlannedRequest = {
    transport: 'websocket',
    method: spec.method,
    url: shownUrl(url, slots),
    headers: shownHeaders(headers, slots, {}),
    body: command,
  }
  const outgoing = { method: spec.method, url, headers, slots }
  return { planned, spec, outgoing, route, idempotencyHeader: undefined, unset }
}

const bases = new WeakMap<Instance, Map<string, { definition: ProviderDefinition; base: BaseAddress }>>()

/** Base addresses depend on no input, so each is resolved once for an instance. */
function baseOf(definition: ProviderDefinition, instance: Instance, name: string): BaseAddress {
  let known = bases.get(instance)
  if (!known) {
    known = new Map()
    bases.set(instance, known)
  }
  const cached = known.get(name)
  if (cached?.definition === definition) return cached.base
  const base = resolveBase(definition, instance, name)
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

const slotsOf = (definition: ProviderDefinition, spec: RequestSpec): SecretSlot[] => [
  ...(spec.transport === 'websocket' ? (definition.socket?.slots ?? []) : definition.auth.slots),
]

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
  { idempotencyHeader, boundary }: { idempotencyHeader?: string | undefined; boundary?: string | undefined },
): Record<string, string> {
  const shown = { ...headers }
  if (boundary !== undefined) shown['Content-Type'] = withoutBoundary(shown['Content-Type'] ?? '', boundary)
  for (const slot of slots) if (slot.in === 'header') shown[slot.name] = showSlot(slot)
  if (idempotencyHeader !== undefined) shown[idempotencyHeader] = '$key'
  return shown
}

/** The boundary depends on the content, so it is a hole: what a plan does not know yet would change it. */
const withoutBoundary = (text: string, boundary: string | undefined): string =>
  boundary === undefined ? text : text.replaceAll(boundary, '$boundary')

function shownUrl(url: string, slots: readonly SecretSlot[]): string {
  const shown = slots.filter((slot) => slot.in === 'query').map((slot) => `${slot.name}=${showSlot(slot)}`)
  return shown.length === 0 ? url : `${url}${url.includes('?') ? '&' : '?'}${shown.join('&')}`
}

/** The value before encoding, as JSON: bytes of a multipart part are shown by their size. */
function shownBody(body: RequestBody): JsonValue {
  if (body.encoding === 'json') return body.value
  if (body.encoding === 'form') return JSON.parse(JSON.stringify(body.value)) as JsonValue // drops what is undefined
  return body.parts.map(({ name, value, filename, contentType }) => ({
    name,
    value: typeof value === 'string' ? value : `(${value.length} bytes)`,
    ...(filename === undefined ? {} : { filename }),
    ...(contentType === undefined ? {} : { contentType }),
  }))
}
