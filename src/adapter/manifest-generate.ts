// The manifest of a definition, unsigned: what it may reach and do, found by building the request of every example.
import { FabricError } from '../foundation/index.ts'
import { splitBase } from './address.ts'
import { authsOf, tokenRequests } from './auths.ts'
import type { ProviderDefinition } from './definition.ts'
import { type DefinedOperation, definedOperations } from './entries.ts'
import { baseUrlsOf } from './environment.ts'
import { exampleRequests } from './example-requests.ts'
import { labelsOf } from './labels.ts'
import type { Manifest } from './manifest.ts'
import type { RequestSpec } from './request.ts'
import { hookRequests } from './webhooks/hook-routes.ts'

type ManifestOperation = Manifest['operations'][string]
type Route = Pick<ManifestOperation, 'transport' | 'method' | 'host' | 'path'>

/** The unsigned manifest; `entrypoint` is where the definition lives, as in `providers/chat/slack`. */
export function generateManifest(definition: ProviderDefinition, entrypoint: string): Manifest {
  const operations = definedOperations(definition)
  return {
    id: `if://capability/${definition.id}`,
    version: definition.version,
    entrypoint,
    requires_secrets: sorted(
      Object.entries(definition.secrets)
        .filter(([, spec]) => spec.required !== false)
        .map(([name]) => name),
    ),
    scopes: sorted(operations.flatMap(({ operation }) => operation.scope ?? [])),
    hosts: sorted(
      basesOf(definition)
        .flatMap((base) => baseUrlsOf(definition, base))
        .map((url) => splitBase(url).origin),
    ),
    ...grantsOf(definition),
    ...hooksOf(definition),
    operations: Object.fromEntries(operations.map((defined) => [defined.id, describe(definition, defined)])),
    limits: {
      rps: definition.limits.rps,
      burst: definition.limits.burst,
      backoff: [...definition.limits.backoffSeconds],
    },
  }
}

function describe(definition: ProviderDefinition, defined: DefinedOperation): ManifestOperation {
  const { id, native, operation } = defined
  const routes = distinct(
    operation.examples.flatMap((_example, at) => {
      const { first, further } = exampleRequests(defined, at)
      return [first, ...further].flatMap((spec) => routesOf(definition, spec))
    }),
  )
  const [main, ...also] = routes
  if (!main) throw new FabricError('IF_ERR_INTERNAL', `${definition.id} ${id} has no example`)
  const { effect, labels } = operation
  return {
    effect,
    ...labelsOf({ id, native, effect, labels }),
    ...main,
    ...(also.length > 0 ? { also } : {}),
  }
}

/** Where access tokens are asked for. */
function grantsOf(definition: ProviderDefinition): Pick<Manifest, 'grants'> {
  const sources = authsOf(definition).flatMap(({ token }) => token ?? [])
  const requests = sources.flatMap((source) => tokenRequests(source))
  const routes = distinct(requests.flatMap((spec) => routesOf(definition, spec)))
  return routes.length === 0 ? {} : { grants: routes }
}

/** Where keys that prove webhooks are fetched, and subscriptions to them confirmed. */
function hooksOf(definition: ProviderDefinition): Pick<Manifest, 'hooks'> {
  const requests = definition.webhooks ? hookRequests(definition.webhooks) : []
  const routes = distinct(requests.flatMap((spec) => routesOf(definition, spec)))
  return routes.length === 0 ? {} : { hooks: routes }
}

/** Both addresses where a sandbox has one of its own: an instance is then held to the one of its environment. */
const routesOf = (definition: ProviderDefinition, spec: RequestSpec): Route[] =>
  baseUrlsOf(definition, spec.base).map((baseUrl) => {
    const { origin, prefix } = splitBase(baseUrl)
    return { transport: spec.transport, method: spec.method, host: origin, path: prefix + spec.template }
  })

const basesOf = ({ baseUrls, sandbox }: ProviderDefinition): string[] => [
  ...new Set([...Object.keys(baseUrls), ...Object.keys(sandbox?.baseUrls ?? {})]),
]

const distinct = (routes: Route[]): Route[] => [
  ...new Map(routes.map((route) => [JSON.stringify(route), route])).values(),
]

const sorted = (names: string[]): string[] => [...new Set(names)].sort()
