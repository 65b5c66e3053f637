// Requests about webhooks, out through the door under the `hooks` routes of the signed manifest: published keys, and
// confirmations of subscriptions. A delivery never decides where they go; it can only name what the definition would ask.
import type { AllowedRoute, Door, IncomingResponse, OutgoingRequest } from '../../egress/index.ts'
import { FabricError } from '../../foundation/index.ts'
import type { SecretSource } from '../../vault/index.ts'
import { fillPath, PATH_HOLE, resolveBase } from '../address.ts'
import { authOf } from '../auths.ts'
import { encodeBody, encodeQuery } from '../encoding.ts'
import { allowsPrivate } from '../exchange.ts'
import type { Instance } from '../instance.ts'
import type { LoadedProvider } from '../planned.ts'
import type { HttpRequestSpec } from '../request.ts'

export interface HookRequestOptions {
  provider: LoadedProvider
  instance: Instance
  secrets: SecretSource
  door: Door
  signal?: AbortSignal
}

const TIMEOUT_MS = 5_000
/** Keys and certificates are small. */
const MAX_BYTES = 256 * 1024

export interface BuiltHookRequest {
  url: string
  outgoing: OutgoingRequest
  route: AllowedRoute
}

/** IF_ERR_EGRESS_DENIED where the manifest does not have it among its `hooks`. */
export function buildHookRequest(
  { provider, instance }: Pick<HookRequestOptions, 'provider' | 'instance'>,
  spec: HttpRequestSpec,
): BuiltHookRequest {
  const { definition, manifest } = provider
  const base = resolveBase(definition, instance, { name: spec.base, host: spec.host ?? {} })
  const host = base.template.origin
  const path = base.template.prefix + spec.template
  const isAllowed = manifest.hooks?.some(
    (route) => route.method === spec.method && route.host === host && route.path === path,
  )
  if (!isAllowed || base.unset.length > 0) {
    throw new FabricError(
      'IF_ERR_EGRESS_DENIED',
      `the manifest of ${definition.id} has no hook ${spec.method} ${host}${path}`,
      {
        hint: 'The definition asks for keys where its manifest does not say so: raise the version and sign again.',
        details: { provider: definition.id },
      },
    )
  }
  const slots = [...authOf(definition, spec).slots].filter(
    (slot) => slot.in !== 'path' || spec.template.includes(`{${slot.name}}`),
  )
  const holes = new Map(slots.filter((slot) => slot.in === 'path').map((slot) => [slot.name, PATH_HOLE]))
  const encoded = spec.body && encodeBody(spec.body)
  const url = base.origin + base.prefix + fillPath(spec.template, spec.path, holes) + encodeQuery(spec.query)
  const pieces = encoded?.pieces?.map((piece) => {
    if (typeof piece === 'string' || 'secret' in piece) return piece
    throw new FabricError('IF_ERR_INTERNAL', 'a request about webhooks has no idempotency key')
  })
  const body = pieces ?? encoded?.body
  const headers = {
    ...definition.headers,
    ...(encoded ? { 'Content-Type': encoded.contentType } : {}),
    ...spec.headers,
  }
  return {
    url,
    outgoing: { method: spec.method, url, headers, slots, ...(body === undefined ? {} : { body }) },
    route: { method: spec.method, origins: [base.origin], path: base.prefix + spec.template },
  }
}

/** IF_ERR_PROVIDER_UNAVAILABLE besides for an answer that is no success. */
export async function sendHookRequest(
  options: HookRequestOptions,
  { outgoing, route, url }: BuiltHookRequest,
): Promise<IncomingResponse> {
  const { provider, instance, secrets, door, signal } = options
  const { response } = await door.send(outgoing, {
    route,
    secrets,
    subject: { instance: instance.name },
    allowPrivate: allowsPrivate(instance),
    retry: { attempts: 1, backoffSeconds: provider.manifest.limits.backoff, repeatable: true },
    timeoutMs: TIMEOUT_MS,
    maxBodyBytes: MAX_BYTES,
    ...(signal ? { signal } : {}),
  })
  if (response.status < 300) return response
  throw new FabricError('IF_ERR_PROVIDER_UNAVAILABLE', `${url.replace(/\?.*$/s, '')} answered ${response.status}`)
}
