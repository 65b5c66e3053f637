// Which auth a request goes under: the provider's own, or another that the request names.
import { FabricError } from '../foundation/index.ts'
import type { Auth, Grant, ProviderDefinition, TokenSource } from './definition.ts'
import { type HttpRequestSpec, post, type RequestSpec } from './request.ts'

/** The auth of a request. */
export function authOf(definition: ProviderDefinition, spec: RequestSpec): Auth {
  const name = spec.transport === 'http' ? spec.auth : undefined
  if (name === undefined) return definition.auth
  const auth = definition.auths?.[name]
  if (auth) return auth
  throw new FabricError('IF_ERR_INTERNAL', `${definition.id} has no auth "${name}"`)
}

/** All auths of a provider, its own first. */
export const authsOf = ({ auth, auths = {} }: ProviderDefinition): Auth[] => [auth, ...Object.values(auths)]

const GRANTS: readonly Grant[] = ['first', 'refresh', 'code', 'device']

/** Every request by which a source asks for a token, that of a device flow's start included. */
export function tokenRequests(source: TokenSource): HttpRequestSpec[] {
  const device = source.consent?.device
  return [
    ...GRANTS.flatMap((grant) => source.request(grant, {}) ?? []),
    ...(device ? [post(device.template, { base: device.base })] : []),
  ]
}
