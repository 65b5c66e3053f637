// A home opened in a project: what a stranger's repository may add and tighten, and what it may not.
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { lockText, type OpenFabricOptions, openFabric, type SecretInput } from '../../../src/fabric/index.ts'
import { afterwards, failureOf, openStudio, temporaryFolder } from './rig.ts'

const TEST_KEY = 'sk_test_0123456789abcdef'
/** In pieces, so that no scanner takes it for somebody's. */
const LIVE_KEY = ['sk', 'live', '0123456789abcdef'].join('_')
const BALANCE = { instance: 'shop', operation: 'balance.get', input: {} }

const SHOP = 'instances:\n  shop: { provider: stripe, tags: { env: sandbox } }\n'
const value = (text: string): SecretInput => ({ kind: 'value', value: text })

function project(text: string): string {
  const folder = temporaryFolder()
  writeFileSync(join(folder, 'ifab.yaml'), `version: 1\nname: support\n${text}`)
  return folder
}

async function open(folder: string, options: OpenFabricOptions = {}) {
  const fabric = await openFabric({ home: temporaryFolder(), project: folder, env: {}, logLevel: 'silent', ...options })
  afterwards(() => fabric.close())
  return fabric
}

describe('an instance of the project', () => {
  it('can be planned, and does nothing before it is added', async () => {
    const fabric = await open(project(SHOP))

    const plan = await fabric.plan(BALANCE)
    const refused = await failureOf(fabric.call(BALANCE))

    expect(plan.steps[0]).toMatchObject({ instance: 'shop', provider: 'stripe' })
    expect(refused).toMatchObject({
      code: 'IF_ERR_SECRET_MISSING',
      message: expect.stringContaining('ifab.yaml but is no instance of this home'),
      next: 'ifab provider add stripe --as shop',
    })
    expect(await fabric.instances()).toEqual([])
    expect(fabric.project).toMatchObject({ name: 'support', instances: [{ name: 'shop', tags: { env: 'sandbox' } }] })
  })

  it('is added with its tags and settings, and then is the same here and there', async () => {
    const folder = project(
      `${SHOP}  hall: { provider: home-assistant, settings: { host: hall.example, scheme: https } }\n`,
    )
    const fabric = await open(folder)

    const shop = await fabric.addInstance({
      provider: 'stripe',
      name: 'shop',
      tags: { team: 'ops' },
      secrets: { STRIPE_SECRET_KEY: value(TEST_KEY) },
    })
    const hall = await fabric.addInstance({
      provider: 'home-assistant',
      name: 'hall',
      secrets: { HASS_TOKEN: { kind: 'env', variable: 'T' } },
    })

    expect(shop.tags).toEqual({ env: 'sandbox', team: 'ops' })
    expect(hall.settings).toEqual({ host: 'hall.example', scheme: 'https' })
    await open(folder, { home: fabric.home })
  })

  it('can not be added otherwise than the project says', async () => {
    const fabric = await open(project(SHOP))
    const add = (more: object) =>
      failureOf(
        fabric.addInstance({
          provider: 'stripe',
          name: 'shop',
          secrets: { STRIPE_SECRET_KEY: value(LIVE_KEY) },
          ...more,
        }),
      )

    expect((await add({ tags: { env: 'production' } })).message).toContain('instances.shop.tags.env: sandbox, but')
    expect(readdirSync(join(fabric.home, 'providers'))).toEqual([])
    expect(await fabric.secrets()).toEqual([])
  })
})

describe('a project that contradicts the home', () => {
  it.each([
    ['shop: { provider: slack }', 'instances.shop.provider: slack, but providers/shop.yaml of the home says stripe'],
    ['shop: { provider: stripe, tags: { env: production } }', 'instances.shop.tags.env: production, but'],
    ['shop: { provider: stripe, tags: { team: ops } }', 'the home says nothing of it'],
    ['shop: { provider: stripe, settings: { host: evil.example } }', 'instances.shop.settings.host: evil.example, but'],
  ])('by %s opens nothing, and names both places', async (row, problem) => {
    const { fabric, home } = await openStudio({ providers: [] })
    await fabric.addInstance({
      provider: 'stripe',
      name: 'shop',
      tags: { env: 'sandbox' },
      secrets: { STRIPE_SECRET_KEY: value(TEST_KEY) },
    })

    const refused = await failureOf(open(project(`instances:\n  ${row}\n`), { home }))

    expect(refused).toMatchObject({ code: 'IF_ERR_INVALID_FILE', message: expect.stringContaining(problem) })
    expect(refused.message).toContain('ifab.yaml:4 ')
    expect(refused.hint).toContain('IFAB_PROJECT=none')
    expect((await open('none', { home })).project).toBeUndefined()
  })

  it('is told of too where the home comes to say something else later', async () => {
    const fabric = await open(project(SHOP))
    writeFileSync(join(fabric.home, 'providers', 'shop.yaml'), 'version: 1\nname: shop\nprovider: slack\n')

    expect((await failureOf(fabric.plan(BALANCE))).message).toContain('instances.shop.provider: stripe, but')
  })

  it('by a budget of the same name opens nothing; other budgets come on top', async () => {
    const home = temporaryFolder()
    writeFileSync(join(home, 'config.yaml'), 'version: 1\nbudgets:\n  - { name: day, limit: 50 USD }\n')
    const budgets = (name: string) => project(`budgets:\n  - { name: ${name}, limit: 5 USD }\n`)

    const names = (await (await open(budgets('support'), { home })).budgets()).map(({ name }) => name)

    expect(names).toEqual(expect.arrayContaining(['day', 'support']))
    for (const name of ['day', 'spent']) {
      expect(await failureOf(open(budgets(name), { home }))).toMatchObject({
        code: 'IF_ERR_INVALID_FILE',
        message: expect.stringContaining(`ifab.yaml:4 budgets[0].name: ${name} is a budget of the home already`),
      })
    }
  })

  it('by nonsense makes no home', async () => {
    const home = join(temporaryFolder(), 'home')

    expect((await failureOf(open(project('instances: 3\n'), { home }))).message).toContain('ifab.yaml:3 instances')
    expect(() => readdirSync(home)).toThrow('ENOENT')
  })
})

describe('the lock of a project', () => {
  it('lets what it names be planned, and refuses another manifest with both digests', async () => {
    const folder = project(SHOP)
    const fabric = await open(folder)
    const lock = join(folder, 'ifab.lock')
    const text = lockText([await fabric.provider('stripe')])
    writeFileSync(lock, text)
    const { digest } = (await fabric.provider('stripe')).manifest

    await fabric.plan(BALANCE)
    writeFileSync(lock, text.replace(digest, 'f'.repeat(64)).replace(/ {4}reach:\n(?: {6}.*\n)+/, ''))
    const refused = await failureOf(fabric.plan(BALANCE))

    expect(refused).toMatchObject({
      code: 'IF_ERR_PLAN_MOVED',
      next: 'ifab lock',
      details: { provider: 'stripe', digest, locked: 'f'.repeat(64) },
    })
    await fabric.plan({ instance: 'slack', operation: 'channel.list', input: {} })
  })

  it('takes another manifest that goes no further, and names what goes further', async () => {
    const folder = project(SHOP)
    const fabric = await open(folder)
    const lock = join(folder, 'ifab.lock')
    const { manifest, ...stripe } = await fabric.provider('stripe')
    const write = (changes: Partial<typeof stripe>) =>
      writeFileSync(lock, lockText([{ ...stripe, ...changes, manifest: { ...manifest, digest: 'f'.repeat(64) } }]))
    const moreMeanwhile = async () => (await failureOf(fabric.plan(BALANCE))).details.more

    write({})
    await fabric.plan(BALANCE)
    write({ hosts: [...stripe.hosts, 'https://files.stripe.com'] })
    await fabric.plan(BALANCE)
    write({ hosts: [] })
    expect(await moreMeanwhile()).toEqual(['reaches https://api.stripe.com'])
    write({ scopes: stripe.scopes.filter((scope) => scope !== 'Balance read') })
    expect(await moreMeanwhile()).toEqual(['needs Balance read'])
    write({ operations: stripe.operations.filter(({ id }) => id !== 'refund.create') })
    expect(await moreMeanwhile()).toEqual(['can refund.create (charge)'])
    write({ operations: stripe.operations.map((one) => ({ ...one, effect: 'read' })) })
    expect(await moreMeanwhile()).toContain('payment.create is charge instead of read')
  })

  it('that is broken opens nothing', async () => {
    const folder = project(SHOP)
    writeFileSync(join(folder, 'ifab.lock'), 'version: 1\nproviders:\n  stripe: { version: 1.0.0, digest: short }\n')

    expect((await failureOf(open(folder))).message).toContain('ifab.lock:3 providers.stripe.digest')
  })
})

describe('the env tag', () => {
  const shop = (env: string, secret: SecretInput) => ({
    provider: 'stripe',
    name: 'shop',
    tags: { env },
    secrets: { STRIPE_SECRET_KEY: secret },
  })

  it.each([
    ['sandbox', LIVE_KEY],
    ['production', TEST_KEY],
  ])('%s refuses a key of the other environment, stored or referenced, when it is added', async (env, key) => {
    const fabric = await open('none', { env: { K: key } })

    for (const secret of [value(key), { kind: 'env' as const, variable: 'K' }]) {
      const refused = await failureOf(fabric.addInstance(shop(env, secret)))

      expect(refused).toMatchObject({ code: 'IF_ERR_WRONG_ENVIRONMENT', exitCode: 5 })
      expect(JSON.stringify(refused)).not.toContain(key)
    }
    expect(await fabric.instances()).toEqual([])
    expect(await fabric.secrets()).toEqual([])
  })

  it('refuses it as a new secret, and when a reference comes to hold it', async () => {
    const env: Record<string, string> = { K: TEST_KEY }
    const fabric = await open('none', { env })
    await fabric.addInstance(shop('sandbox', { kind: 'env', variable: 'K' }))

    const set = await failureOf(fabric.setSecret('shop', 'STRIPE_SECRET_KEY', value(LIVE_KEY)))
    const tried = await failureOf(fabric.testSecret('shop', 'STRIPE_SECRET_KEY', value(LIVE_KEY)))
    env.K = LIVE_KEY
    const called = await failureOf(fabric.call(BALANCE))

    expect([set.code, tried.code, called.code]).toEqual(Array(3).fill('IF_ERR_WRONG_ENVIRONMENT'))
    expect(called.message).toBe('shop is tagged env=sandbox, but its STRIPE_SECRET_KEY is a production key')
  })

  it('takes a reference that this process can not read: whoever executes may', async () => {
    const fabric = await open('none')

    await fabric.addInstance(shop('production', { kind: 'env', variable: 'ELSEWHERE' }))

    expect((await fabric.instances()).map(({ name }) => name)).toEqual(['shop'])
  })

  it('lets an instance on a twin be tagged production', async () => {
    const { fabric, twins } = await openStudio({ providers: ['stripe'] })
    const [twin] = twins()

    await fabric.addInstance({ provider: 'stripe', name: 'shop', tags: { env: 'production' }, twin: twin?.url ?? true })

    expect((await fabric.testInstance('shop')).ok).toBe(true)
  })
})

it('a project is found from the folder of the process', async () => {
  const folder = project(SHOP)
  mkdirSync(join(folder, 'deep', 'inside'), { recursive: true })
  const before = process.cwd()
  process.chdir(join(folder, 'deep', 'inside'))
  try {
    const fabric = await openFabric({ home: temporaryFolder(), env: {}, logLevel: 'silent' })
    afterwards(() => fabric.close())

    expect(fabric.project?.file).toBe(join(folder, 'ifab.yaml'))
  } finally {
    process.chdir(before)
  }
})
