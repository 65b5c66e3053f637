import { hostname } from 'node:os'
import { describe, expect, it } from 'vitest'
import { timestamp } from '../../../src/foundation/index.ts'
import { claimRun, LEASE_MS, thisHolder } from '../../../src/runs/claim.ts'
import { freshStep, stepWrite } from '../../../src/runs/journal.ts'
import { type RunHolder, type RunRecord, runKey, type StepRecord, stepKey } from '../../../src/runs/records.ts'
import { openMemoryStore, type Store } from '../../../src/store/index.ts'
import { HELD_AT, heldClock } from '../../support/held-clock.ts'

const NOON = HELD_AT

const run = (holder: RunHolder | null, more: Partial<RunRecord> = {}): RunRecord => ({
  id: 'RUN',
  plan: 'p',
  name: 'n',
  state: holder ? 'running' : 'failed',
  actor: 'if://person/ana',
  session: 's',
  startedAt: timestamp(NOON),
  token: 3,
  holder,
  beat: 1,
  beatAt: timestamp(NOON),
  cancelRequested: false,
  approved: false,
  costMicroUsd: 0,
  steps: ['a', 'b'],
  witness: {},
  ...more,
})

async function storeWith(record: RunRecord): Promise<Store> {
  const store = await openMemoryStore()
  const steps = record.steps.map((id) =>
    freshStep({ run: 'RUN', id, token: record.token, instance: 'i', operation: 'o', effect: 'send' }),
  )
  await store.commit([
    { key: runKey('RUN'), value: record, expect: 'absent' },
    ...steps.map((step) => stepWrite(step, 'absent')),
  ])
  return store
}

// No process has this number: it is beyond what Linux and macOS give.
const DEAD: RunHolder = { process: 'other', host: hostname(), pid: 2 ** 30, startedAt: '1' }
const PARENT: RunHolder = { ...thisHolder(), process: 'other' }
const ELSEWHERE: RunHolder = { process: 'other', host: 'another.example', pid: 1, startedAt: '1' }

describe('a run that nobody works on', () => {
  it('is claimed with the next token, and so is each of its steps', async () => {
    const store = await storeWith(run(null))

    const claimed = await claimRun(store, heldClock(), 'RUN')

    expect(claimed.run.value).toMatchObject({ token: 4, state: 'running', holder: { pid: process.pid } })
    expect(claimed.steps.map((step) => step.value.token)).toEqual([4, 4])
    expect((await store.get<StepRecord>(stepKey('RUN', 'a')))?.revision).toBe(claimed.steps[0]?.revision)
  })

  it('is claimed by one of two', async () => {
    const store = await storeWith(run(null))

    const outcomes = await Promise.allSettled([1, 2].map(() => claimRun(store, heldClock(), 'RUN')))

    expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
    expect(outcomes.find(({ status }) => status === 'rejected')).toMatchObject({
      reason: { code: 'IF_ERR_CLAIM_LOST' },
    })
  })

  it('makes whatever the older holder still wants to begin lose its compare-and-swap', async () => {
    const store = await storeWith(run(null))
    const mine = await claimRun(store, heldClock(), 'RUN')
    const [step] = mine.steps
    await store.commit([{ key: runKey('RUN'), value: run(null, { token: 4 }), expect: 'any' }])
    await claimRun(store, heldClock(), 'RUN')

    const late = store.commit([{ key: step?.key ?? '', value: 'begun', expect: step?.revision ?? 0 }])

    await expect(late).rejects.toMatchObject({ code: 'IF_ERR_CONFLICT' })
  })

  it.each(['done', 'cancelled', 'undone'] as const)(
    'is not claimed to go on when it is %s, but to be taken back',
    async (state) => {
      const store = await storeWith(run(null, { state }))

      await expect(claimRun(store, heldClock(), 'RUN')).rejects.toMatchObject({
        code: 'IF_ERR_CONFLICT',
        retryable: false,
      })
      expect((await claimRun(store, heldClock(), 'RUN', { evenOver: true })).run.value.token).toBe(4)
    },
  )

  it('has to exist', async () => {
    await expect(claimRun(await openMemoryStore(), heldClock(), 'RUN')).rejects.toMatchObject({
      code: 'IF_ERR_NOT_FOUND',
    })
  })
})

describe('a run whose holder', () => {
  it('is dead is taken over at once', async () => {
    const clock = heldClock()

    expect((await claimRun(await storeWith(run(DEAD)), clock, 'RUN')).run.value.token).toBe(4)
    expect(clock.monotonic()).toBe(0)
  })

  it('is dead and whose number another process got is taken over at once', async () => {
    const reused = { ...PARENT, startedAt: '1' }

    expect((await claimRun(await storeWith(run(reused)), heldClock(), 'RUN')).run.value.token).toBe(4)
  })

  it('lives is not taken over', async () => {
    await expect(claimRun(await storeWith(run(PARENT)), heldClock(), 'RUN')).rejects.toMatchObject({
      code: 'IF_ERR_RUN_ACTIVE',
      message: expect.stringContaining(`process ${process.pid}`),
    })
  })

  it('is this very process is taken over once it has stopped beating: the store may have failed its work', async () => {
    const clock = heldClock()
    const store = await storeWith(run(thisHolder()))

    await expect(claimRun(store, clock, 'RUN')).rejects.toMatchObject({ code: 'IF_ERR_RUN_ACTIVE' })
    clock.pass(LEASE_MS)

    expect((await claimRun(store, clock, 'RUN')).run.value.token).toBe(4)
  })

  it('lives but has not beaten for a whole lease is taken over', async () => {
    const clock = heldClock()
    clock.pass(LEASE_MS)

    expect((await claimRun(await storeWith(run(PARENT)), clock, 'RUN')).run.value.token).toBe(4)
  })

  it('is on another host is taken over after a whole lease without a beat, whatever its clock says', async () => {
    const clock = heldClock()
    const store = await storeWith(run(ELSEWHERE, { beatAt: timestamp(NOON - 10 * LEASE_MS) }))

    await claimRun(store, clock, 'RUN')

    expect(clock.monotonic()).toBeGreaterThanOrEqual(LEASE_MS)
  })

  it('is on another host and beats is not taken over', async () => {
    const store = await storeWith(run(ELSEWHERE))
    const clock = heldClock(async () => {
      await store.commit([{ key: runKey('RUN'), value: run(ELSEWHERE, { beat: 2 }), expect: 'any' }])
    })

    await expect(claimRun(store, clock, 'RUN')).rejects.toMatchObject({ code: 'IF_ERR_RUN_ACTIVE' })
  })
})

it('a step that the older holder moves meanwhile is read again, and its outcome counts', async () => {
  const inner = await storeWith(run(null))
  let moved = false
  const store: Store = {
    ...inner,
    capabilities: inner.capabilities,
    get: (key) => inner.get(key),
    commit: (writes, log) => inner.commit(writes, log),
    async range<T>(prefix: string) {
      const entries = await inner.range<T>(prefix)
      const [first] = entries
      if (first && !moved) {
        moved = true
        const done = { ...(first.value as StepRecord), state: 'done' as const }
        await inner.commit([{ key: first.key, value: done, expect: first.revision }])
      }
      return entries
    },
  }

  const claimed = await claimRun(store, heldClock(), 'RUN')

  expect(claimed.steps.map((step) => [step.value.state, step.value.token])).toEqual([
    ['done', 4],
    ['pending', 4],
  ])
})
