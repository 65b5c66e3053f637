import { afterEach, describe, expect, it } from 'vitest'
import { type Freezes, type FreezeTarget, openFreezes } from '../../../src/governor/index.ts'
import type { Store } from '../../../src/store/index.ts'
import { heldClock } from '../../support/held-clock.ts'
import { entriesIn, openLoggedStore } from './logged-store.ts'
import { openPrefixStore } from './prefix-store.ts'

const ANA = { actor: 'if://person/ana', session: 's1', why: 'invoices went out twice' }
const CALL = { instance: 'stripe', swarm: 'desk', actor: 'if://agent/refunds' }

const opened: Freezes[] = []
afterEach(() => {
  for (const freezes of opened.splice(0)) freezes.close()
})

async function start(store: Store): Promise<Freezes> {
  const freezes = await openFreezes({ store, clock: heldClock() })
  opened.push(freezes)
  return freezes
}

describe.each([
  ['an atomic engine', () => openLoggedStore()],
  ['an engine that applies a prefix', () => openPrefixStore()],
])('a freeze on %s', (_name, open) => {
  it.each([
    ['everything', { all: true }, [true, true, true]],
    ['a swarm', { swarm: 'desk' }, [true, true, false]],
    ['an instance', { instance: 'stripe' }, [true, false, true]],
  ] as [string, FreezeTarget, boolean[]][])(
    'of %s stops what it names and nothing else',
    async (_what, target, stopped) => {
      const freezes = await start(await open())
      const calls = [CALL, { ...CALL, instance: 'slack' }, { ...CALL, swarm: 'other' }]

      const before = calls.map((call) => freezes.isFrozen(call) !== undefined)
      await freezes.freeze(target, ANA)
      const during = calls.map((call) => freezes.isFrozen(call) !== undefined)
      await freezes.thaw(target, ANA)

      expect(before).toEqual([false, false, false])
      expect(during).toEqual(stopped)
      expect(calls.map((call) => freezes.isFrozen(call))).toEqual([undefined, undefined, undefined])
    },
  )

  it('stops a swarm that acts itself', async () => {
    const freezes = await start(await open())
    await freezes.freeze({ swarm: 'desk' }, ANA)

    expect(freezes.isFrozen({ instance: 'slack', actor: 'if://swarm/desk' })).toMatchObject({ name: 'desk' })
    expect(freezes.isFrozen({ instance: 'slack', actor: 'if://swarm/desk2' })).toBeUndefined()
  })

  it('says who stopped it and why', async () => {
    const freezes = await start(await open())
    await freezes.freeze({ instance: 'stripe' }, ANA)

    expect(() => freezes.check(CALL)).toThrow(
      expect.objectContaining({
        code: 'IF_ERR_FROZEN',
        message: 'instance stripe is frozen: invoices went out twice (if://person/ana, 2026-06-15T12:00:00.000Z)',
        next: 'ifab thaw --instance stripe --why "…"',
        retryable: false,
        details: { kind: 'instance', name: 'stripe', actor: ANA.actor, why: ANA.why, at: '2026-06-15T12:00:00.000Z' },
      }),
    )
    expect(freezes.check({ ...CALL, instance: 'slack' })).toBeUndefined()
  })

  it('is heard of in every process, and so is its end', async () => {
    const store = await open()
    const [here, there] = [await start(store), await start(store)]
    let shut = 0
    const stop = there.onShut(() => shut++)

    await here.freeze({ all: true }, ANA)
    await expect.poll(() => there.isFrozen(CALL)).toBeDefined()
    const late = await start(store)
    await there.thaw({ all: true }, ANA)
    await expect.poll(() => here.isFrozen(CALL)).toBeUndefined()
    stop()
    await here.freeze({ swarm: 'desk' }, ANA)
    await expect.poll(() => there.isFrozen(CALL)).toBeDefined()

    expect(late.list()).toEqual([expect.objectContaining({ kind: 'swarm' })])
    expect(shut).toBe(1)
  })

  it('stands as it was when somebody freezes the same again, also at the same moment', async () => {
    const store = await open()
    const all = await Promise.all([start(store), start(store), start(store)])

    const frozen = await Promise.all(
      all.map((freezes, at) => freezes.freeze({ all: true }, { ...ANA, why: `reason ${at}` })),
    )

    expect(new Set(frozen.map(({ why }) => why)).size).toBe(1)
    expect(await store.range('freeze/')).toHaveLength(1)
  })

  it.each([
    ['an agent', { actor: 'if://agent/refunds' }, 'IF_ERR_APPROVAL_FORBIDDEN'],
    ['a swarm', { actor: 'if://swarm/desk' }, 'IF_ERR_APPROVAL_FORBIDDEN'],
    ['nobody in particular', { actor: 'ana' }, 'IF_ERR_INVALID_INPUT'],
    ['somebody without a reason', { why: '  ' }, 'IF_ERR_INVALID_INPUT'],
  ])('is refused to %s, and so is the thaw', async (_who, change, code) => {
    const freezes = await start(await open())
    await freezes.freeze({ swarm: 'desk' }, ANA)

    await expect(freezes.freeze({ all: true }, { ...ANA, ...change })).rejects.toMatchObject({ code })
    await expect(freezes.thaw({ swarm: 'desk' }, { ...ANA, ...change })).rejects.toMatchObject({ code })
    expect(freezes.list()).toHaveLength(1)
  })

  it('of a name that is none is refused', async () => {
    const freezes = await start(await open())

    await expect(freezes.freeze({ instance: '' }, ANA)).rejects.toMatchObject({ code: 'IF_ERR_INVALID_INPUT' })
    await expect(freezes.freeze({ swarm: '../x' }, ANA)).rejects.toMatchObject({ code: 'IF_ERR_INVALID_INPUT' })
  })

  it('that does not stand cannot be thawed; what stands is named', async () => {
    const freezes = await start(await open())

    await expect(freezes.thaw({ all: true }, ANA)).rejects.toMatchObject({
      code: 'IF_ERR_NOT_FOUND',
      message: 'everything is not frozen',
      hint: 'Nothing is frozen.',
    })
    await freezes.freeze({ swarm: 'desk' }, ANA)
    await expect(freezes.thaw({ instance: 'stripe' }, ANA)).rejects.toMatchObject({ hint: 'Frozen: --swarm desk.' })
  })
})

it('freeze and thaw are on record with who did it and why', async () => {
  const store = await openLoggedStore()
  const freezes = await start(store)

  await freezes.freeze({ instance: 'stripe' }, ANA)
  await freezes.freeze({ instance: 'stripe' }, ANA)
  await freezes.thaw({ instance: 'stripe' }, { ...ANA, why: 'fixed' })
  await freezes.freeze({ all: true }, ANA)

  expect(await entriesIn(store)).toMatchObject([
    { kind: 'governor.freeze', ...ANA, instance: 'stripe', detail: { kind: 'instance', name: 'stripe' } },
    { kind: 'governor.thaw', actor: ANA.actor, why: 'fixed', instance: 'stripe' },
    { kind: 'governor.freeze', why: ANA.why, detail: { kind: 'all', name: '*' } },
  ])
})
