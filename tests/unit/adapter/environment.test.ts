import { generateKeyPairSync } from 'node:crypto'
import { afterEach, describe, expect, it } from 'vitest'
import {
  buildRequest,
  checkEnvironment,
  checkedSecrets,
  environmentOf,
  generateManifest,
  type Instance,
  operationOf,
  originsOf,
  type PerformOptions,
  perform,
  rawPublicKey,
  signManifest,
  verifyManifest,
} from '../../../src/adapter/index.ts'
import { type FabricError, Secret } from '../../../src/foundation/index.ts'
import { acme, instanceOf, load } from './fixtures/acme.ts'
import { json, openTestDoor, secrets, serve, type TestServer } from './fixtures/server.ts'

const PAYMENT = { id: 'pay_1', status: 'succeeded', amount: 2500, currency: 'GBP', captured: 2500 }
const LIVE = 'live_0123456789'
const TEST = 'test_0123456789'

/** Acme with a sandbox at an address of its own, and keys that say where they belong. */
const twoPlaces = {
  ...acme,
  baseUrls: { ...acme.baseUrls, main: 'http://{host}/api' },
  settings: {
    ...acme.settings,
    sandboxHost: { description: 'Host.', pattern: /^[a-z0-9.:-]+$/, default: 'test.example' },
  },
  sandbox: {
    baseUrls: { main: 'http://{sandboxHost}/test/api' },
    secrets: { ACME_TOKEN: /^test_/ },
  },
  production: { secrets: { ACME_TOKEN: /^live_/ } },
}
const provider = load(twoPlaces)
const payment = operationOf(provider, 'payment.get')

const tagged = (env: string | undefined, more: Partial<Instance> = {}): Instance =>
  instanceOf({ tags: env === undefined ? {} : { env }, ...more })

const requestOf = (instance: Instance) => buildRequest({ provider, instance, entry: payment, input: { id: 'pay_1' } })

const refusal = (env: string, value: string, definition: typeof acme = twoPlaces): FabricError | undefined => {
  try {
    checkEnvironment(definition, tagged(env), 'ACME_TOKEN', value)
    return undefined
  } catch (error) {
    return error as FabricError
  }
}

describe('the env tag', () => {
  it('sends an instance tagged sandbox to the sandbox, and every other one to the usual address', () => {
    const urls = ['sandbox', 'production', 'staging', undefined].map((env) => requestOf(tagged(env)).planned.url)

    expect(urls).toEqual([
      'http://test.example/test/api/payments/pay_1',
      'http://acme.example/api/payments/pay_1',
      'http://acme.example/api/payments/pay_1',
      'http://acme.example/api/payments/pay_1',
    ])
  })

  it('keeps a base that has no sandbox where it is', () => {
    expect(originsOf(provider.definition, tagged('sandbox'))).toEqual([
      'http://test.example',
      'https://acme.example',
      'https://files.acme.example',
    ])
  })

  it('says nothing of a twin, which stands in for either', () => {
    const twin = { twin: 'http://127.0.0.1:9' }

    expect(environmentOf(tagged('sandbox', twin))).toBeUndefined()
    expect(requestOf(tagged('sandbox', twin)).planned.url).toBe('http://127.0.0.1:9/api/payments/pay_1')
    expect(() => checkEnvironment(twoPlaces, tagged('production', twin), 'ACME_TOKEN', TEST)).not.toThrow()
  })

  it('binds secrets to the origins of its own environment', () => {
    expect(originsOf(twoPlaces, tagged('sandbox'))).not.toContain('http://acme.example')
    expect(originsOf(twoPlaces, tagged('production'))).not.toContain('http://test.example')
  })
})

describe('a manifest of two environments', () => {
  it('names both hosts and both routes, under the signature', () => {
    const { privateKey, publicKey } = generateKeyPairSync('ed25519')
    const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
    const trusted = [{ name: 'tester', algorithm: 'ed25519' as const, publicKey: rawPublicKey(publicKey) }]
    const manifest = signManifest(generateManifest(twoPlaces, 'providers/payment/acme'), pem)
    const main = manifest.operations['payment.get']

    expect(verifyManifest(manifest, trusted)).toMatchObject({ signedBy: 'tester' })
    expect(manifest.hosts).toEqual([
      'http://{host}',
      'http://{sandboxHost}',
      'https://files.acme.example',
      'https://{host}',
    ])
    expect(main).toMatchObject({ host: 'http://{host}', path: '/api/payments/{id}' })
    expect(main?.also).toEqual([
      { transport: 'http', method: 'GET', host: 'http://{sandboxHost}', path: '/test/api/payments/{id}' },
    ])
    const moved = { ...manifest, hosts: [...manifest.hosts, 'http://elsewhere.example'] }
    expect(() => verifyManifest(moved, trusted)).toThrow(expect.objectContaining({ code: 'IF_ERR_MANIFEST_UNTRUSTED' }))
  })

  it('is the same as ever where a definition has one address', () => {
    const { sandbox: _sandbox, ...one } = { ...acme, sandbox: { secrets: { ACME_TOKEN: /^test_/ } } }

    expect(generateManifest({ ...acme, sandbox: { secrets: { ACME_TOKEN: /^test_/ } } }, 'x')).toEqual(
      generateManifest(one, 'x'),
    )
  })

  it('refuses a sandbox for a base that there is not', () => {
    const wrong = { ...acme, sandbox: { baseUrls: { mian: 'https://test.example' } } }

    expect(() => generateManifest(wrong, 'x')).toThrow('acme has no base address "mian"')
  })
})

describe('at the door', () => {
  const door = openTestDoor()
  const servers: TestServer[] = []
  afterEach(async () => {
    await Promise.all(servers.splice(0).map((server) => server.close()))
  })
  const start = async (): Promise<{ server: TestServer; host: string }> => {
    const server = await serve((_seen, response) => json(response, PAYMENT))
    servers.push(server)
    return { server, host: new URL(server.origin).host }
  }
  const call = (instance: Instance, more: Partial<PerformOptions> = {}) =>
    perform({ provider, instance, entry: payment, input: { id: 'pay_1' }, door, secrets, timeoutMs: 5000, ...more })

  it('an instance reaches its own environment only, though the manifest names both', async () => {
    const [live, test] = [await start(), await start()]
    const settings = { host: live.host, sandboxHost: test.host }
    const instance = tagged('sandbox', { settings, privateNetwork: true })
    const { outgoing, ...built } = requestOf(instance)
    const elsewhere = { ...outgoing, url: `${live.server.origin}/api/payments/pay_1` }

    await call(instance)
    const refused = await call(instance, { built: { ...built, outgoing: elsewhere } }).catch(
      (error: FabricError) => error,
    )

    expect(test.server.seen.map(({ url }) => url)).toEqual(['/test/api/payments/pay_1'])
    expect(refused).toMatchObject({ code: 'IF_ERR_EGRESS_DENIED' })
    expect(live.server.seen).toEqual([])
  })

  it('a reference that has come to hold a key of the other environment sends nothing', async () => {
    const { server, host } = await start()
    const instance = tagged('production', { settings: { host }, privateNetwork: true })
    const opened = (value: string) => checkedSecrets(twoPlaces, instance, { open: async () => new Secret(value) })

    const refused = await call(instance, { secrets: opened(TEST) }).catch((error: FabricError) => error)
    const performed = await call(instance, { secrets: opened(LIVE) })

    expect(refused).toMatchObject({ code: 'IF_ERR_WRONG_ENVIRONMENT', details: { outcome: 'not-done' } })
    expect(JSON.stringify(refused)).not.toContain(TEST)
    expect(performed.status).toBe(200)
    expect(server.seen).toHaveLength(1)
  })
})

describe('a key', () => {
  it('is refused in the other environment, without being told', () => {
    const [live, test] = [refusal('sandbox', LIVE), refusal('production', TEST)]

    expect(live).toMatchObject({
      code: 'IF_ERR_WRONG_ENVIRONMENT',
      message: 'acme-eu is tagged env=sandbox, but its ACME_TOKEN is a production key',
    })
    expect(test?.message).toBe('acme-eu is tagged env=production, but its ACME_TOKEN is a sandbox key')
    expect(JSON.stringify([live, test])).not.toMatch(/0123456789/)
  })

  it('of neither environment is refused where it is known how they look', () => {
    expect(refusal('sandbox', 'something')?.message).toContain('is no sandbox key')
  })

  it('fits its own environment, and any free label', () => {
    expect([refusal('sandbox', TEST), refusal('production', LIVE), refusal('staging', LIVE)]).toEqual([
      undefined,
      undefined,
      undefined,
    ])
  })

  it('is refused where only the other environment says how its keys look', () => {
    const onlyLive = { ...acme, production: { secrets: { ACME_TOKEN: /^live_/ } } }

    expect(refusal('sandbox', LIVE, onlyLive)?.code).toBe('IF_ERR_WRONG_ENVIRONMENT')
    expect(refusal('sandbox', 'anything else', onlyLive)).toBeUndefined()
  })
})
