// Each signed manifest against an independent source: the researched catalogue of provider facts, where it is at hand. What
// differs is listed here with its reason; a reason that no longer applies fails as well.
import { existsSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { z } from 'zod'
import { type Manifest, manifestSchema } from '../../src/adapter/index.ts'

const CATALOGUE = resolve(process.env.IFAB_CATALOGUE ?? join(import.meta.dirname, '../../../shared/catalogue'))
const MANIFESTS = join(import.meta.dirname, '../../manifests')

const row = z.object({
  id: z.string(),
  baseUrls: z.record(z.string(), z.string()),
  auth: z.object({ scheme: z.string() }),
  secrets: z.array(z.string()),
  operations: z.array(
    z.object({ id: z.string(), method: z.string(), path: z.string(), base: z.string().optional(), effect: z.string() }),
  ),
})
type Row = z.output<typeof row>

/** `provider operation: what differs` → why the manifest is right all the same. */
const DEVIATIONS: Record<string, string> = {
  'home-assistant home-assistant:ping: route GET /api/websocket is not in the catalogue':
    'the catalogue names websocket commands, the manifest the path where the socket opens',
  'home-assistant state.watch: route GET /api/websocket is not in the catalogue':
    'the catalogue names websocket commands, the manifest the path where the socket opens',
  'home-assistant host {scheme}://{host}:{port} is not in the catalogue':
    'the same address with scheme and port as settings, for installations behind TLS',
  'slack slack:auth.test: route GET /api/auth.test is not in the catalogue':
    'the catalogue names it as the health check, not among the operations',
  'stripe stripe:customer.get: route GET /v1/customers/{} is not in the catalogue':
    'in the vendor description; reads back what customer.create made',
  'stripe stripe:payment.list: route GET /v1/payment_intents is not in the catalogue': 'in the vendor description',
  'stripe stripe:refund.get: route GET /v1/refunds/{} is not in the catalogue':
    'in the vendor description; reads back what refund.create made',
}

const normalise = (path: string): string => path.replace(/\{[^}]*\}/g, '{}')

async function manifests(): Promise<Manifest[]> {
  const found: Manifest[] = []
  for (const category of await readdir(MANIFESTS)) {
    for (const file of await readdir(join(MANIFESTS, category)))
      found.push(manifestSchema.parse(parse(await readFile(join(MANIFESTS, category, file), 'utf8'))))
  }
  return found
}

async function rowOf(id: string): Promise<Row | undefined> {
  for (const category of await readdir(CATALOGUE, { withFileTypes: true })) {
    const file = join(CATALOGUE, category.name, `${id}.yaml`)
    if (category.isDirectory() && existsSync(file)) return row.parse(parse(await readFile(file, 'utf8')))
  }
  return undefined
}

/** What a manifest says that its row doesn't. */
function deviations(manifest: Manifest, facts: Row): string[] {
  const id = manifest.id.slice('if://capability/'.length)
  const bases = Object.values(facts.baseUrls).flatMap(
    (url) => /^(?:https?|wss?):\/\/[^/\s]+/.exec(url)?.[0].replace(/^ws/, 'http') ?? [],
  )
  const found = manifest.hosts
    .filter((host) => !bases.includes(host))
    .map((host) => `${id} host ${host} is not in the catalogue`)
  for (const secret of manifest.requires_secrets)
    if (!facts.secrets.includes(secret)) found.push(`${id} secret ${secret} is not in the catalogue`)
  const routes = new Map(
    facts.operations.map((operation) => {
      const base = facts.baseUrls[operation.base ?? 'production'] ?? ''
      const prefix = /^[a-z]+:\/\/[^/\s]+(\/[^\s]*)?/.exec(base)?.[1] ?? ''
      return [`${operation.method} ${normalise(prefix + operation.path)}`, operation.effect]
    }),
  )
  for (const [name, operation] of Object.entries(manifest.operations)) {
    for (const route of [operation, ...(operation.also ?? [])]) {
      const effect = routes.get(`${route.method} ${normalise(route.path)}`) ?? anyService(routes, route)
      if (effect === undefined)
        found.push(`${id} ${name}: route ${route.method} ${normalise(route.path)} is not in the catalogue`)
      else if (effect !== operation.effect) found.push(`${id} ${name}: effect ${operation.effect} instead of ${effect}`)
    }
  }
  return found
}

/** Home Assistant's services share one route in the catalogue. */
const anyService = (routes: Map<string, string>, route: { method: string; path: string }): string | undefined =>
  /^\/api\/services\/[^/]+\/[^/]+$/.test(route.path) ? routes.get(`${route.method} /api/services/{}/{}`) : undefined

describe.skipIf(!existsSync(CATALOGUE))(
  `manifests against the catalogue${existsSync(CATALOGUE) ? '' : ' (SKIPPED: no catalogue at hand)'}`,
  () => {
    it('differ from it only where a reason is given, and every reason still applies', async () => {
      const found: string[] = []
      for (const manifest of await manifests()) {
        const facts = await rowOf(manifest.id.slice('if://capability/'.length))
        found.push(...(facts ? deviations(manifest, facts) : [`${manifest.id} has no row in the catalogue`]))
      }

      expect(found.sort()).toEqual(Object.keys(DEVIATIONS).sort())
    })
  },
)
