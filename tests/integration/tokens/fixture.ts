// A provider with access tokens, as its definition and loaded; it exists nowhere. And the parts of a home that tokens need.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  type Auth,
  defineProvider,
  generateManifest,
  get,
  type Instance,
  instanceSchema,
  type LoadedProvider,
  manifestDigest,
  native,
  oauth2ClientCredentials,
  oauth2Consent,
  openTokens,
  operationOf,
  type ProviderDefinition,
  perform,
  post,
  secret,
  type Tokens,
  z,
} from '../../../src/adapter/index.ts'
import { type Door, openDoor } from '../../../src/egress/index.ts'
import {
  type Clock,
  type ErrorCode,
  Redactor,
  silentLogger,
  systemClock,
  systemRandom,
} from '../../../src/foundation/index.ts'
import { openEmbeddedStore, type Store } from '../../../src/store/index.ts'
import { openVault, parseSecretReference, type SecretSource, type Vault } from '../../../src/vault/index.ts'

const HOST = { description: 'Host and port.', pattern: /^[a-z0-9.:-]+$/ }
const CODES: Readonly<Record<number, ErrorCode>> = { 401: 'IF_ERR_AUTH_FAILED', 503: 'IF_ERR_PROVIDER_UNAVAILABLE' }
const shape = { input: z.strictObject({}), output: z.looseObject({ id: z.string() }) }

export function providerWith(auth: Auth, change: Partial<ProviderDefinition> = {}): LoadedProvider {
  const definition = defineProvider({
    id: 'tokenary',
    name: 'Tokenary',
    category: 'cloud',
    version: '1.0.0',
    docs: 'https://tokenary.example/docs',
    sources: ['https://tokenary.example/docs'],
    checkedAt: '2026-01-01',
    confidence: 'high',
    standing: 'active',
    baseUrls: { main: 'http://{host}' },
    settings: { host: HOST },
    secrets: {
      CLIENT_ID: { label: 'client id', get: 'https://tokenary.example' },
      CLIENT_SECRET: { label: 'client secret', get: 'https://tokenary.example', required: false },
    },
    auth,
    limits: { rps: 100, burst: 100, backoffSeconds: [0.001] },
    errors: ({ status }) =>
      status < 400 ? undefined : { code: CODES[status] ?? 'IF_ERR_ACTION_FAILED', message: `answered ${status}` },
    health: { operation: 'tokenary:me.get', input: {}, tell: () => 'works' },
    operations: {},
    native: {
      'me.get': native({
        ...shape,
        summary: 'Who it is.',
        effect: 'read',
        request: () => get('/v1/me'),
        result: (body) => z.looseObject({ id: z.string() }).parse(body),
        cost: 'free',
        examples: [{ input: {}, response: { id: 'thing-1' } }],
      }),
      'thing.create': native({
        ...shape,
        summary: 'Makes a thing.',
        effect: 'create',
        request: () => post('/v1/things'),
        result: (body) => z.looseObject({ id: z.string() }).parse(body),
        cost: 'free',
        undo: { none: 'a thing stays' },
        examples: [{ input: {}, response: { id: 'thing-1' } }],
      }),
    },
    twin: { routes: [] },
    ...change,
  } as ProviderDefinition) // the twin of a provider that exists nowhere is asked nothing
  const manifest = generateManifest(definition, 'tests/tokenary')
  return { definition, manifest, digest: manifestDigest(manifest), signedBy: 'test' }
}

export const machineAuth = (change: { rejected?: (fault: unknown, status: number) => boolean } = {}): Auth =>
  oauth2ClientCredentials({
    template: '/token',
    clientId: secret('CLIENT_ID'),
    clientSecret: secret('CLIENT_SECRET'),
    as: 'basic',
    ...change,
  })

export const consentAuth = (): Auth =>
  oauth2Consent({
    template: '/token',
    authorize: { base: 'main', template: '/auth', query: { prompt: 'consent' } },
    device: { base: 'main', template: '/device/auth' },
    clientId: secret('CLIENT_ID'),
    scopes: ['openid', 'offline_access'],
  })

export interface Home {
  path: string
  store: Store
  vault: Vault
  door: Door
  redactor: Redactor
  tokens: Tokens
  clock: Clock
  close(): Promise<void>
}

/** The parts of a home in this folder, as one process has them open. */
export async function openHome(path: string, clock: Clock = systemClock): Promise<Home> {
  const redactor = new Redactor()
  const store = await openEmbeddedStore({ path: join(path, 'fabric.db') })
  const vault = openVault({ keysDir: join(path, 'keys'), store, env: {}, clock: systemClock, redactor })
  const door = openDoor({ redactor, clock: systemClock, random: () => 0 })
  const tokens = openTokens({ store, vault, door, clock, random: systemRandom, redactor, logger: silentLogger })
  return {
    path,
    store,
    vault,
    door,
    redactor,
    tokens,
    clock,
    async close() {
      await door.close()
      await store.close()
    },
  }
}

export function temporaryHome(): { path: string; remove: () => void } {
  const path = mkdtempSync(join(tmpdir(), 'ifab-tokens-'))
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) }
}

export function instanceAt(host: string, name = 'shop'): Instance {
  return instanceSchema.parse({
    version: 1,
    name,
    provider: 'tokenary',
    settings: { host },
    secrets: { CLIENT_ID: 'vault', CLIENT_SECRET: 'vault' },
    privateNetwork: true,
  })
}

export async function storeSecrets(
  { vault }: Home,
  instance: Instance,
  secrets: Record<string, string>,
): Promise<void> {
  const origins = [`http://${instance.settings.host}`]
  for (const [name, value] of Object.entries(secrets)) await vault.set(instance.name, name, value, { origins })
}

export const plainSecrets = ({ vault }: Home, instance: Instance): SecretSource =>
  vault.sourceFor({
    instance: instance.name,
    references: { CLIENT_ID: parseSecretReference('vault'), CLIENT_SECRET: parseSecretReference('vault') },
    origins: [`http://${instance.settings.host}`],
  })

/** Calls of one instance through its tokens. */
export function callerOf(home: Home, provider: LoadedProvider, instance: Instance) {
  const owner = { provider, instance, secrets: plainSecrets(home, instance) }
  const secrets = home.tokens.source(owner)
  const call = (operation: string) =>
    perform({
      provider,
      instance,
      entry: operationOf(provider, operation),
      input: {},
      door: home.door,
      secrets,
      timeoutMs: 20_000,
    })
  return { owner, secrets, read: () => call('tokenary:me.get'), act: () => call('tokenary:thing.create') }
}
