import { afterEach, describe, expect, it } from 'vitest'
import { openRegistry, type ProfileInput, RESOURCE_POLICIES, type Registry } from '../../../src/governor/index.ts'
import type { Store } from '../../../src/store/index.ts'
import { heldClock } from '../../support/held-clock.ts'
import { entriesIn, openLoggedStore } from './logged-store.ts'
import { openPrefixStore } from './prefix-store.ts'

const ANA = { actor: 'if://person/ana', session: 's1', why: 'they do phones' }
const VOICE: ProfileInput = { swarm: 'voice', capabilities: ['integration:sip', 'audio:*'], costPerHourUsd: 15 }
const QUESTION = { needs: ['integration:sip'], hours: 1, policy: { ...RESOURCE_POLICIES.development } }

const opened: Registry[] = []
afterEach(() => {
  for (const registry of opened.splice(0)) registry.close()
})

async function start(store: Store, clock = heldClock()): Promise<Registry> {
  const registry = await openRegistry({ store, clock })
  opened.push(registry)
  return registry
}

describe.each([
  ['an atomic engine', () => openLoggedStore()],
  ['an engine that applies a prefix', () => openPrefixStore()],
])('a registry on %s', (_name, open) => {
  it('knows a swarm at once in the process that registered it, and soon in every other', async () => {
    const store = await open()
    const [here, there] = [await start(store), await start(store)]

    const profile = await here.register(VOICE, ANA)

    expect(profile).toEqual({
      swarm: 'voice',
      capabilities: ['audio:*', 'integration:sip'],
      costPerHourMicroUsd: 15_000_000,
      reputation: 1,
      budgetMicroUsd: null,
      load: { running: 0 },
      registeredAt: '2026-06-15T12:00:00.000Z',
      registeredBy: 'if://person/ana',
      updatedAt: '2026-06-15T12:00:00.000Z',
    })
    expect(here.get('voice')).toEqual(profile)
    expect(here.findHelp(QUESTION).assignee?.swarm).toBe('voice')
    await expect.poll(() => there.list()).toEqual([profile])
    expect((await start(store)).findHelp(QUESTION).assignee?.swarm).toBe('voice')
  })

  it('keeps what is left out when a swarm is registered again', async () => {
    const clock = heldClock()
    const registry = await start(await open(), clock)
    await registry.register(
      { ...VOICE, reputation: 0.8, budgetUsd: 50, model: 'small', load: { running: 1, limit: 4 } },
      ANA,
    )
    clock.pass(1_000)

    const again = await registry.register({ ...VOICE, capabilities: ['integration:sip'], costPerHourUsd: 12.5 }, ANA)

    expect(again).toMatchObject({
      capabilities: ['integration:sip'],
      costPerHourMicroUsd: 12_500_000,
      reputation: 0.8,
      budgetMicroUsd: 50_000_000,
      model: 'small',
      load: { running: 1, limit: 4 },
      registeredAt: '2026-06-15T12:00:00.000Z',
      updatedAt: '2026-06-15T12:00:01.000Z',
    })
    expect((await registry.register({ ...VOICE, budgetUsd: null }, ANA)).budgetMicroUsd).toBeNull()
    expect((await registry.register({ ...VOICE, budgetUsd: 0 }, ANA)).budgetMicroUsd).toBe(0)
  })

  it('forgets a swarm that was removed, also for help', async () => {
    const store = await open()
    const [here, there] = [await start(store), await start(store)]
    await here.register(VOICE, ANA)
    await expect.poll(() => there.list().length).toBe(1)

    expect(await here.remove('voice', ANA)).toMatchObject({ swarm: 'voice' })

    expect(here.get('voice')).toBeUndefined()
    expect(here.findHelp(QUESTION).assignee).toBeUndefined()
    await expect.poll(() => there.list()).toEqual([])
    await expect(here.remove('voice', ANA)).rejects.toMatchObject({ code: 'IF_ERR_NOT_FOUND' })
  })

  it('takes the load that a swarm reports, and remembers when it was last busy', async () => {
    const clock = heldClock()
    const registry = await start(await open(), clock)
    await registry.register(VOICE, ANA)

    expect(await registry.setLoad('voice', { running: 0 })).not.toHaveProperty('lastBusyAt')
    expect(await registry.setLoad('voice', { running: 2, limit: 2 })).toMatchObject({ load: { running: 2, limit: 2 } })
    expect(registry.findHelp(QUESTION).candidates[0]?.standing).toBe('busy')
    clock.pass(5_000)
    expect(await registry.setLoad('voice', { running: 0 })).toMatchObject({ lastBusyAt: '2026-06-15T12:00:05.000Z' })
    clock.pass(5_000)
    expect(await registry.setLoad('voice', { running: 0 })).toMatchObject({ lastBusyAt: '2026-06-15T12:00:05.000Z' })
  })

  it('loses no registration of many writers at once', async () => {
    const store = await open()
    const writers = await Promise.all(Array.from({ length: 4 }, () => start(store)))

    await Promise.all(
      writers.flatMap((registry, at) => [
        ...Array.from({ length: 10 }, (_, nth) => registry.register({ ...VOICE, swarm: `voice-${at}-${nth}` }, ANA)),
        registry.register({ ...VOICE, swarm: 'shared', capabilities: [`skill:w${at}`] }, ANA),
      ]),
    )

    await expect.poll(() => writers.map((registry) => registry.list().length)).toEqual([41, 41, 41, 41])
    expect(new Set(writers.map((registry) => JSON.stringify(registry.get('shared')))).size).toBe(1)
  })
})

it('puts on record who registered and removed what, and why', async () => {
  const store = await openLoggedStore()
  const registry = await start(store)

  await registry.register({ ...VOICE, budgetUsd: 50 }, ANA)
  await registry.setLoad('voice', { running: 1 })
  await registry.remove('voice', { actor: 'if://person/ben', session: 's2' })

  expect(await entriesIn(store)).toEqual([
    {
      kind: 'governor.register',
      at: '2026-06-15T12:00:00.000Z',
      ...ANA,
      detail: {
        swarm: 'voice',
        capabilities: ['audio:*', 'integration:sip'],
        costPerHour: '$15.00',
        reputation: 1,
        budget: '$50.00',
      },
    },
    {
      kind: 'governor.unregister',
      at: '2026-06-15T12:00:00.000Z',
      actor: 'if://person/ben',
      session: 's2',
      detail: { swarm: 'voice' },
    },
  ])
})

it.each([
  ['a negative cost', { costPerHourUsd: -1 }, /^a swarm profile: costPerHourUsd: expected USD, 0 or more/],
  ['a cost that is no number', { costPerHourUsd: Number.NaN }, /^a swarm profile: costPerHourUsd: /],
  ['a cost that is text', { costPerHourUsd: '15 EUR' }, /^a swarm profile: costPerHourUsd: expected number/],
  [
    'a misspelt capability',
    { capabilities: ['Integration:SIP'] },
    /capabilities\[0\]: "Integration:SIP" is not a capability/,
  ],
  ['no capability', { capabilities: [] }, /capabilities: expected at least one capability/],
  ['a reputation above 1', { reputation: 1.1 }, /reputation: /],
  ['a negative budget', { budgetUsd: -5 }, /budgetUsd: expected USD, 0 or more/],
  ['half a task', { load: { running: 0.5 } }, /load.running: /],
  ['a misspelt field', { costPerHour: 3 }, /unknown field "costPerHour"/],
  ['a name that is none', { swarm: '../etc' }, /"..\/etc" is not a swarm name/],
])('refuses %s, changes nothing and puts the attempt on record', async (_what, wrong, message) => {
  const store = await openLoggedStore()
  const registry = await start(store)

  const attempt = registry.register({ ...VOICE, ...wrong } as ProfileInput, ANA)

  await expect(attempt).rejects.toMatchObject({ code: 'IF_ERR_INVALID_INPUT', message: expect.stringMatching(message) })
  expect(registry.list()).toEqual([])
  expect(await store.range('swarm-profile/')).toEqual([])
  expect(await entriesIn(store)).toEqual([
    expect.objectContaining({
      kind: 'governor.register',
      outcome: 'refused',
      ...ANA,
      detail: { refused: expect.stringMatching(message) },
    }),
  ])
})

it('refuses an actor that is none, a load that is none, and names the swarm that was meant', async () => {
  const registry = await start(await openLoggedStore())
  await registry.register(VOICE, ANA)

  await expect(registry.register(VOICE, { ...ANA, actor: 'ana' })).rejects.toMatchObject({
    code: 'IF_ERR_INVALID_INPUT',
  })
  await expect(registry.setLoad('voice', { running: -1 })).rejects.toMatchObject({ code: 'IF_ERR_INVALID_INPUT' })
  await expect(registry.setLoad('vioce', { running: 1 })).rejects.toMatchObject({
    code: 'IF_ERR_NOT_FOUND',
    message: 'no swarm vioce is registered',
    hint: 'Did you mean `voice`? Register it first.',
  })
})

it('passes on a fault of the store', async () => {
  const store = await openPrefixStore()
  const registry = await start(store)
  store.dieAfter(0)

  await expect(registry.register(VOICE, ANA)).rejects.toThrow('killed')
  expect(registry.list()).toEqual([])
})
