import { existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { AddInstance } from '../../../src/fabric/index.ts'
import { changeRecord, failureOf, fileOf, openStudio, type Studio, withStore } from './rig.ts'

const KEY = `sk_test_${'Canary'.repeat(4)}`
const stripe = (more: Partial<AddInstance> = {}): AddInstance => ({
  provider: 'stripe',
  name: 'shop',
  secrets: { STRIPE_SECRET_KEY: { kind: 'value', value: KEY } },
  ...more,
})

const filesOf = (home: string) => readdirSync(join(home, 'providers'))

/** Nothing of an instance is left: no file, no secret. */
async function expectNothing({ fabric, home }: Studio, name: string): Promise<void> {
  expect(filesOf(home).filter((file) => file.startsWith(name))).toEqual([])
  expect(await fabric.secrets(name)).toEqual([])
  expect((await fabric.instances()).map((instance) => instance.name)).not.toContain(name)
}

describe('adding an instance', () => {
  it('writes one file with references and no secret', async () => {
    const { fabric, home } = await openStudio({ providers: [] })

    const instance = await fabric.addInstance(stripe({ tags: { env: 'test' } }))

    expect(instance).toMatchObject({
      name: 'shop',
      provider: 'stripe',
      secrets: { STRIPE_SECRET_KEY: 'vault' },
      tags: { env: 'test' },
    })
    expect(await fabric.instance('shop')).toEqual(instance)
    expect(fileOf(home, 'providers', 'shop.yaml')).not.toContain('Canary')
    expect(await fabric.secrets('shop')).toEqual([
      { instance: 'shop', name: 'STRIPE_SECRET_KEY', kind: 'vault', setAt: expect.stringMatching(/Z$/) },
    ])
    const kinds: unknown[] = []
    for await (const entry of fabric.witnessEntries()) kinds.push(entry.kind)
    expect(kinds).toEqual(['instance.add'])
  })

  it('keeps a secret outside where it is', async () => {
    const { fabric } = await openStudio({ providers: [] })

    await fabric.addInstance(stripe({ secrets: { STRIPE_SECRET_KEY: { kind: 'env', variable: 'STRIPE_KEY' } } }))
    await fabric.addInstance(
      stripe({ name: 'file', secrets: { STRIPE_SECRET_KEY: { kind: 'file', path: '/run/key' } } }),
    )

    expect((await fabric.secrets()).map(({ instance, kind, setAt }) => [instance, kind, setAt])).toEqual([
      ['file', 'file:/run/key', null],
      ['shop', 'env:STRIPE_KEY', null],
    ])
  })

  it.each<[string, AddInstance, string, string]>([
    ['an unknown provider', stripe({ provider: 'strype' }), 'IF_ERR_UNKNOWN_PROVIDER', ''],
    ['a missing secret', { provider: 'stripe', name: 'shop' }, 'IF_ERR_SECRET_MISSING', 'needs STRIPE_SECRET_KEY'],
    [
      'a value of the wrong form',
      stripe({ secrets: { STRIPE_SECRET_KEY: { kind: 'value', value: 'pk_live_CanaryCanary' } } }),
      'IF_ERR_INVALID_INPUT',
      'does not look like',
    ],
    [
      'an unknown secret',
      stripe({ secrets: { STRIPE_KEY: { kind: 'value', value: KEY } } }),
      'IF_ERR_INVALID_INPUT',
      'no secret STRIPE_KEY',
    ],
    ['an unknown setting', stripe({ settings: { host: 'a' } }), 'IF_ERR_INVALID_INPUT', 'no setting host'],
    ['a wrong name', stripe({ name: '../shop' }), 'IF_ERR_INVALID_INPUT', 'is not a instance name'],
    ['a twin that is not up', stripe({ twin: true }), 'IF_ERR_NOT_FOUND', 'no twin of stripe is up'],
    ['a twin elsewhere', stripe({ twin: 'http://10.0.0.1:80' }), 'IF_ERR_INVALID_INPUT', 'loopback'],
    [
      'a variable that is none',
      stripe({ secrets: { STRIPE_SECRET_KEY: { kind: 'env', variable: 'A B' } } }),
      'IF_ERR_INVALID_INPUT',
      '',
    ],
  ])('is refused with %s, and nothing is half written', async (_what, add, code, text) => {
    const studio = await openStudio({ providers: [] })

    const error = await failureOf(studio.fabric.addInstance(add))

    expect(error.code).toBe(code)
    expect(error.message).toContain(text)
    expect(JSON.stringify(error)).not.toContain('Canary')
    await expectNothing(studio, 'shop')
  })

  it('suggests the setting that was meant, and refuses a wrong or missing one', async () => {
    const { fabric } = await openStudio({ providers: [] })
    const token = { HASS_TOKEN: { kind: 'value' as const, value: 'CanaryCanary' } }
    const add = (settings: Record<string, string>) =>
      failureOf(fabric.addInstance({ provider: 'home-assistant', settings, secrets: token }))

    expect((await add({ hots: 'a.local' })).hint).toMatch(/host/)
    expect((await add({ host: 'a b' })).message).toContain('setting host="a b" is wrong')
    expect(await add({})).toMatchObject({
      message: expect.stringContaining('needs host'),
      details: { missing: ['host'] },
    })
  })

  it('never replaces one of the same name', async () => {
    const { fabric, home } = await openStudio({ providers: [] })
    await fabric.addInstance(stripe({ tags: { first: 'yes' } }))

    expect(await failureOf(fabric.addInstance(stripe()))).toMatchObject({
      code: 'IF_ERR_ALREADY_EXISTS',
      next: 'ifab provider remove shop',
    })
    expect(fileOf(home, 'providers', 'shop.yaml')).toContain('first')
  })

  it('takes its secrets away again when its file can not be written', async () => {
    const studio = await openStudio({ providers: [] })
    rmSync(join(studio.home, 'providers'), { recursive: true })

    expect((await failureOf(studio.fabric.addInstance(stripe()))).code).toBe('IF_ERR_HOME_UNUSABLE')

    expect(existsSync(join(studio.home, 'providers'))).toBe(false)
    expect(await studio.fabric.secrets()).toEqual([])
    expect(await withStore(studio.home, async (store) => (await store.range('secret/')).length)).toBe(0)
  })
})

describe('an instance', () => {
  it('is removed with its secrets', async () => {
    const studio = await openStudio({ providers: [] })
    await studio.fabric.addInstance(stripe())

    await studio.fabric.removeInstance('shop')

    await expectNothing(studio, 'shop')
    expect((await failureOf(studio.fabric.removeInstance('shop'))).code).toBe('IF_ERR_UNKNOWN_PROVIDER')
    expect((await failureOf(studio.fabric.instance('shop'))).code).toBe('IF_ERR_UNKNOWN_PROVIDER')
  })

  it('tries a new secret before it is stored, and keeps the one in use where it is refused', async () => {
    const { fabric } = await openStudio({ providers: ['stripe'] })

    const refused = await failureOf(
      fabric.testSecret('stripe', 'STRIPE_SECRET_KEY', { kind: 'value', value: `${KEY}9` }),
    )

    expect(refused.code).toBe('IF_ERR_AUTH_FAILED')
    expect((await fabric.testInstance('stripe')).ok).toBe(true)
  })

  it('gets another secret, stored or outside', async () => {
    const { fabric } = await openStudio({ providers: [] })
    await fabric.addInstance(stripe())

    await fabric.setSecret('shop', 'STRIPE_SECRET_KEY', { kind: 'env', variable: 'KEY' })
    const outside = (await fabric.instance('shop')).secrets.STRIPE_SECRET_KEY
    await fabric.setSecret('shop', 'STRIPE_SECRET_KEY', { kind: 'value', value: `${KEY}2` })

    expect(outside).toBe('env:KEY')
    expect((await fabric.instance('shop')).secrets.STRIPE_SECRET_KEY).toBe('vault')
    expect((await failureOf(fabric.setSecret('shop', 'NOBODY', { kind: 'value', value: KEY }))).code).toBe(
      'IF_ERR_INVALID_INPUT',
    )
    expect((await failureOf(fabric.setSecret('nobody', 'X', { kind: 'value', value: KEY }))).code).toBe(
      'IF_ERR_UNKNOWN_PROVIDER',
    )
  })

  it('is tested by the cheapest read that proves its credential', async () => {
    const { fabric } = await openStudio()

    const told = await Promise.all(['stripe', 'slack', 'home-assistant'].map((name) => fabric.testInstance(name)))

    expect(told.map(({ ok, told: text }) => [ok, text])).toEqual([
      [true, expect.stringContaining('balance')],
      [true, expect.stringContaining('workspace')],
      [true, expect.stringContaining('Home Assistant')],
    ])
  })

  it('whose credential is refused says so', async () => {
    const { fabric } = await openStudio({ providers: ['stripe'] })
    await fabric.setSecret('stripe', 'STRIPE_SECRET_KEY', { kind: 'value', value: KEY })

    expect(await failureOf(fabric.testInstance('stripe'))).toMatchObject({ code: 'IF_ERR_AUTH_FAILED', exitCode: 5 })
  })

  it('with a broken file is refused with its line', async () => {
    const { fabric, home } = await openStudio({ providers: [] })
    writeFileSync(join(home, 'providers', 'shop.yaml'), 'version: 1\nname: shop\nprovider: stripe\ntimeout: soon\n')

    expect(await failureOf(fabric.instance('shop'))).toMatchObject({
      code: 'IF_ERR_INVALID_FILE',
      message: expect.stringContaining('shop.yaml:4 timeout'),
    })
  })

  it('on a twin of another home is given by its address', async () => {
    const [host, guest] = [await openStudio({ providers: ['stripe'] }), await openStudio({ providers: [] })]
    const [twin] = host.twins()

    await guest.fabric.addInstance({
      provider: 'stripe',
      twin: twin?.url ?? '',
      secrets: { STRIPE_SECRET_KEY: { kind: 'value', value: twin?.secrets.STRIPE_SECRET_KEY ?? '' } },
    })

    expect((await guest.fabric.testInstance('stripe')).ok).toBe(true)
  })
})

describe('twins', () => {
  it('are served for named providers only, and a wrong fault starts none', async () => {
    const { fabric } = await openStudio({ providers: [] })

    expect((await failureOf(fabric.serveTwins({ providers: [] }))).code).toBe('IF_ERR_USAGE')
    expect((await failureOf(fabric.serveTwins({ providers: ['nobody'] }))).code).toBe('IF_ERR_UNKNOWN_PROVIDER')
    expect(
      (await failureOf(fabric.serveTwins({ providers: ['slack', 'stripe'], faults: ['stripe/payment.create:oops'] })))
        .code,
    ).toBe('IF_ERR_INVALID_INPUT')
    expect((await failureOf(fabric.addInstance({ provider: 'slack', twin: true }))).code).toBe('IF_ERR_NOT_FOUND')
  })

  it('whose process is gone are not found any more', async () => {
    const studio = await openStudio({ providers: ['slack'] })
    await changeRecord(studio.home, 'twin/slack', (record) => ({ ...record, pid: 2 ** 30 }))

    expect((await failureOf(studio.fabric.addInstance({ provider: 'slack', name: 'b', twin: true }))).code).toBe(
      'IF_ERR_NOT_FOUND',
    )
  })
})

describe('providers', () => {
  it('are listed with their operations, manifests and instances', async () => {
    const { fabric } = await openStudio({ providers: ['stripe'] })

    const all = await fabric.providers()

    expect(all.map((provider) => provider.id).sort()).toEqual(
      expect.arrayContaining(['home-assistant', 'slack', 'stripe']),
    )
    expect(all.find((provider) => provider.id === 'stripe')).toMatchObject({
      category: 'payment',
      instances: [{ name: 'stripe', tags: {} }],
      manifest: { digest: expect.stringMatching(/^[0-9a-f]{64}$/), signedBy: expect.any(String) },
    })
  })

  it('are shown with what each operation takes, costs and is taken back by', async () => {
    const { fabric } = await openStudio({ providers: [] })

    const [stripe, home] = [await fabric.provider('stripe'), await fabric.provider('home-assistant')]
    const operation = (id: string) => stripe.operations.find((candidate) => candidate.id === id)

    expect(operation('payment.create')).toMatchObject({
      effect: 'charge',
      cost: expect.stringMatching(/^\$\d/),
      input: { type: 'object' },
    })
    expect(operation('refund.create')).toMatchObject({
      cost: expect.stringContaining('unknown: '),
      undo: expect.stringMatching(/^none: /),
    })
    expect(operation('balance.get')).toMatchObject({ undo: null, cost: 'free' })
    expect(home.settings.map((setting) => [setting.name, setting.default])).toContainEqual(['port', '8123'])
    expect((await failureOf(fabric.provider('nobody'))).code).toBe('IF_ERR_UNKNOWN_PROVIDER')
  })
})
