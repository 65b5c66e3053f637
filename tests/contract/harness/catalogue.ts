// A provider's manifest against an independent source: the researched catalogue of provider facts. What differs is listed
// in tests/contract/deviations/<id>.json with its reason; a reason that no longer applies fails as well.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { parse } from 'yaml'
import { z } from 'zod'
import { generateManifest, type Manifest, type ProviderDefinition } from '../../../src/adapter/index.ts'

export const CATALOGUE = resolve(
  process.env.IFAB_CATALOGUE ?? join(import.meta.dirname, '../../../../shared/catalogue'),
)

const DEVIATIONS = join(import.meta.dirname, '../deviations')

const rowSchema = z.object({
  id: z.string(),
  // A base may have an address of its own in the sandbox, or none there.
  baseUrls: z.record(z.string(), z.union([z.string(), z.null(), z.record(z.string(), z.string())])).transform((bases) =>
    Object.fromEntries(
      Object.entries(bases).flatMap(([name, url]): [string, string][] => {
        if (url === null) return []
        if (typeof url === 'string') return [[name, url]]
        return Object.entries(url).map(([kind, own]) => [kind === 'production' ? name : `${name} ${kind}`, own])
      }),
    ),
  ),
  secrets: z.array(z.string()),
  operations: z.array(
    z.object({ id: z.string(), method: z.string(), path: z.string(), base: z.string().optional(), effect: z.string() }),
  ),
})
type Row = z.output<typeof rowSchema>

/** The provider's row; undefined where there is no catalogue at hand, or no row of this id. */
export function catalogueRow(id: string): Row | undefined {
  if (!existsSync(CATALOGUE)) return undefined
  const file = readdirSync(CATALOGUE, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => join(CATALOGUE, entry.name, `${id}.yaml`))
    .find((path) => existsSync(path))
  return file === undefined ? undefined : rowSchema.parse(parse(readFileSync(file, 'utf8')))
}

/** What differs, and why it is right all the same. */
export function knownDeviations(id: string): Record<string, string> {
  const file = join(DEVIATIONS, `${id}.json`)
  const reasons = z.record(z.string(), z.string().min(10, 'a reason is a sentence'))
  return existsSync(file) ? reasons.parse(JSON.parse(readFileSync(file, 'utf8'))) : {}
}

const normalise = (path: string): string => path.replace(/\{[^}]*\}/g, '{}')

/** What a manifest says that the row doesn't. */
export function deviations(definition: ProviderDefinition, row: Row): string[] {
  const manifest = generateManifest(definition, '')
  const bases = Object.values(row.baseUrls).flatMap(
    (url) => /^(?:https?|wss?):\/\/[^/\s]+/.exec(url)?.[0].replace(/^ws/, 'http') ?? [],
  )
  const found = [
    ...manifest.hosts
      .filter((host) => !bases.map(normalise).includes(normalise(host)))
      .map((host) => `host ${host} is not in the catalogue`),
    ...manifest.requires_secrets
      .filter((secret) => !row.secrets.includes(secret))
      .map((secret) => `secret ${secret} is not in the catalogue`),
    ...Object.entries(manifest.operations).flatMap(([name, operation]) => operationDeviations(name, operation, row)),
    ...row.operations.flatMap((operation) => missing(operation, row, manifest)),
  ]
  return [...new Set(found)] // routes of the sandbox repeat those of the main address
}

type Route = Pick<Manifest['operations'][string], 'method' | 'path'>

/** `GET /v1/things/{}` of a row's operation, with the prefix of its base. */
function routeOf({ method, path, base }: Row['operations'][number], row: Row): string {
  const url = row.baseUrls[base ?? 'production'] ?? row.baseUrls.main ?? ''
  const prefix = /^[a-z]+:\/\/[^/\s]+(\/[^\s]*)?/.exec(url)?.[1] ?? ''
  return `${method} ${normalise(prefix.replace(/\/$/, '') + path.replace(/\?.*$/, ''))}`
}

const shown = ({ method, path }: Route): string => `${method} ${normalise(path)}`

/** Several operations may share a route: any effect of theirs is right. */
function operationDeviations(name: string, operation: Manifest['operations'][string], row: Row): string[] {
  return [operation, ...(operation.also ?? [])].flatMap((route) => {
    const effects = row.operations
      .filter((known) => covers(routeOf(known, row), shown(route)))
      .map(({ effect }) => effect)
    if (effects.length === 0) return [`${name}: route ${shown(route)} is not in the catalogue`]
    return effects.includes(operation.effect)
      ? []
      : [`${name}: effect ${operation.effect} instead of ${[...new Set(effects)].join(' or ')}`]
  })
}

/** Commands of other protocols, and what is reckoned without a network, have no route to compare. */
const HTTP = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE']

/** An operation of the row that no operation of the definition reaches. */
function missing(operation: Row['operations'][number], row: Row, manifest: Manifest): string[] {
  if (!HTTP.includes(operation.method)) return []
  const wanted = routeOf(operation, row)
  const reached = Object.values(manifest.operations).flatMap((known) => [known, ...(known.also ?? [])])
  return reached.some((route) => covers(wanted, shown(route))) ? [] : [`${operation.id}: ${wanted} is not reached`]
}

/** `POST /api/services/{}/{}` of the row is also what a definition with the names filled in reaches. */
function covers(wanted: string, route: string): boolean {
  const pattern = wanted
    .split('{}')
    .map((text) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
    .join('[^/]+')
  return new RegExp(`^${pattern}$`).test(route)
}
