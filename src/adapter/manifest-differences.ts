// What changed between two manifests, in words, and whether a change lets the provider reach or do more than before.
import type { Manifest } from './manifest.ts'

export interface ManifestDifference {
  text: string
  /** Reaches further: a host, scope, operation, route, effect or label that was not granted before. */
  widens: boolean
}

type Operation = Manifest['operations'][string]

/** Differences from `before` to `after`; the signature does not count. */
export function manifestDifferences(before: Manifest, after: Manifest): ManifestDifference[] {
  return [
    ...changed('id', before.id, after.id, true),
    ...changed('version', before.version, after.version, false),
    ...changed('entrypoint', before.entrypoint, after.entrypoint, false),
    ...setChanges('host', before.hosts, after.hosts),
    ...setChanges('scope', before.scopes, after.scopes),
    ...setChanges('required secret', before.requires_secrets, after.requires_secrets),
    ...setChanges('grant', grantsOf(before), grantsOf(after)),
    ...setChanges('hook', hooksOf(before), hooksOf(after)),
    ...operationChanges(before.operations, after.operations),
    ...changed('limits.rps', before.limits.rps, after.limits.rps, after.limits.rps > before.limits.rps),
    ...changed('limits.burst', before.limits.burst, after.limits.burst, after.limits.burst > before.limits.burst),
    ...changed('limits.backoff', before.limits.backoff.join(', '), after.limits.backoff.join(', '), false),
  ]
}

const difference = (text: string, widens: boolean): ManifestDifference => ({ text, widens })

const changed = (what: string, before: string | number, after: string | number, widens: boolean) =>
  before === after ? [] : [difference(`${what}: ${before} → ${after}`, widens)]

const setChanges = (what: string, before: readonly string[], after: readonly string[]): ManifestDifference[] => [
  ...after.filter((name) => !before.includes(name)).map((name) => difference(`${what} added: ${name}`, true)),
  ...before.filter((name) => !after.includes(name)).map((name) => difference(`${what} removed: ${name}`, false)),
]

function operationChanges(before: Manifest['operations'], after: Manifest['operations']): ManifestDifference[] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])]
  return names.flatMap((name) => {
    const [old, fresh] = [before[name], after[name]]
    if (!old) return [difference(`operation added: ${name}`, true)]
    if (!fresh) return [difference(`operation removed: ${name}`, false)]
    return [
      ...changed(`${name} effect`, old.effect, fresh.effect, old.effect === 'read' || fresh.effect === 'charge'),
      ...changed(`${name} reads`, old.reads, fresh.reads, fresh.reads === 'private'),
      ...changed(`${name} returns`, old.returns, fresh.returns, fresh.returns === 'untrusted'),
      ...changed(`${name} sends`, old.sends, fresh.sends, fresh.sends === 'external'),
      ...setChanges(`${name} route`, routesOf(old), routesOf(fresh)),
    ]
  })
}

const routesOf = (operation: Operation): string[] => [operation, ...(operation.also ?? [])].map(routeText)

const grantsOf = ({ grants = [] }: Manifest): string[] => grants.map(routeText)

const hooksOf = ({ hooks = [] }: Manifest): string[] => hooks.map(routeText)

const routeText = ({ transport, method, host, path }: NonNullable<Manifest['grants']>[number]): string =>
  `${transport === 'http' ? '' : `${transport} `}${method} ${host}${path}`
