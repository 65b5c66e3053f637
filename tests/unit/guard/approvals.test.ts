import { describe, expect, it } from 'vitest'
import type { Clock } from '../../../src/foundation/index.ts'
import { type Approvals, checkApprover, openApprovals } from '../../../src/guard/index.ts'
import { openMemoryStore, type Store } from '../../../src/store/index.ts'
import { createSequencer } from '../../../src/witness/sequencer.ts'
import { batchesOf, newKey } from '../witness/log.ts'

const ANA = 'if://person/ana'
const BEN = 'if://person/ben'
const AGENT = 'if://agent/refunds'
const PLAN = 'ab'.repeat(32)
const START = Date.parse('2026-06-01T12:00:00Z')
const HOUR = 3_600_000

interface Desk {
  approvals: Approvals
  store: Store
  pass(ms: number): void
  ask(requestedBy?: string): ReturnType<Approvals['request']>
  grant(by: string, why?: string): ReturnType<Approvals['decide']>
}

async function openDesk(approvers?: readonly string[]): Promise<Desk> {
  let now = START
  const clock: Clock = { now: () => now, monotonic: () => now, sleep: async () => undefined }
  const store = await openMemoryStore({ sequencer: createSequencer({ ...newKey(), onSealed: () => undefined }) })
  const approvals = openApprovals({ store, clock, approvers })
  return {
    approvals,
    store,
    pass: (ms) => {
      now += ms
    },
    ask: (requestedBy = AGENT) =>
      approvals.request({
        plan: PLAN,
        requestedBy,
        expiresAt: new Date(now + HOUR).toISOString(),
        summary: 'a payment',
      }),
    grant: (actor, why) => approvals.decide(PLAN, 'granted', { actor, session: 's', ...(why ? { why } : {}) }),
  }
}

describe('an approval', () => {
  it('is granted by a person, used once, and written into the log', async () => {
    const { approvals, store, ask, grant } = await openDesk()
    await ask()

    const decided = await grant(ANA, 'fine')
    const use = await approvals.use(PLAN)
    await store.commit(use ? [use] : [])

    expect(decided).toMatchObject({ state: 'granted', decidedBy: ANA, why: 'fine' })
    expect(await approvals.use(PLAN)).toBeUndefined()
    expect((await approvals.get(PLAN))?.state).toBe('used')
    const [line = ''] = (await batchesOf(store)).flatMap((batch) => batch.lines)
    expect(JSON.parse(line)).toMatchObject({ kind: 'approval.grant', actor: ANA, plan: PLAN, why: 'fine' })
  })

  it('can be used by one of two that start at the same moment', async () => {
    const { approvals, store, ask, grant } = await openDesk()
    await ask()
    await grant(ANA)
    const [first, second] = await Promise.all([approvals.use(PLAN), approvals.use(PLAN)])

    const outcomes = await Promise.allSettled([first, second].map((use) => store.commit(use ? [use] : [])))

    expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
  })

  it('is decided once, also when two persons decide at the same moment', async () => {
    const { approvals, ask, grant } = await openDesk()
    await ask()

    const outcomes = await Promise.allSettled([
      grant(ANA),
      approvals.decide(PLAN, 'denied', { actor: BEN, session: 's' }),
    ])

    expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
    await expect(grant(ANA)).rejects.toMatchObject({ code: 'IF_ERR_CONFLICT', retryable: false })
  })

  it.each([AGENT, 'if://swarm/night', 'if://session/s', 'if://service/x'])('is refused from %s', async (actor) => {
    const { ask, grant } = await openDesk()
    await ask()

    await expect(grant(actor)).rejects.toMatchObject({ code: 'IF_ERR_APPROVAL_FORBIDDEN' })
  })

  it('may come from the requester on a home of one', async () => {
    const { ask, grant } = await openDesk()
    await ask(ANA)

    expect((await grant(ANA)).state).toBe('granted')
  })

  it('comes only from a named approver, and never from who asked, where approvers are named', async () => {
    const { ask, grant } = await openDesk([ANA, BEN])
    await ask(ANA)

    await expect(grant('if://person/eve')).rejects.toMatchObject({
      code: 'IF_ERR_APPROVAL_FORBIDDEN',
      hint: expect.stringContaining(BEN),
    })
    await expect(grant(ANA)).rejects.toMatchObject({ code: 'IF_ERR_APPROVAL_FORBIDDEN' })
    expect((await grant(BEN)).state).toBe('granted')
  })

  it('is not there where nobody asked', async () => {
    const { approvals, grant } = await openDesk()

    await expect(grant(ANA)).rejects.toMatchObject({ code: 'IF_ERR_NOT_FOUND' })
    expect(await approvals.use(PLAN)).toBeUndefined()
    expect(await approvals.get(PLAN)).toBeUndefined()
    expect(await approvals.list()).toEqual([])
  })

  it('comes too late once the plan has expired', async () => {
    const { ask, grant, pass } = await openDesk()
    await ask()
    pass(HOUR)

    await expect(grant(ANA)).rejects.toMatchObject({ code: 'IF_ERR_PLAN_EXPIRED' })
  })

  it('does not outlive its plan: a grant that nobody used lapses', async () => {
    const { approvals, ask, grant, pass } = await openDesk()
    await ask()
    await grant(ANA)
    pass(HOUR)

    expect(await approvals.use(PLAN)).toBeUndefined()
  })
})

describe('asking for an approval', () => {
  it('twice asks once', async () => {
    const { approvals, ask, pass } = await openDesk()
    const first = await ask()
    pass(1_000)

    expect(await ask()).toEqual(first)
    expect(await approvals.list()).toHaveLength(1)
  })

  it.each(['granted', 'denied'] as const)('again leaves what was %s', async (decision) => {
    const { approvals, ask } = await openDesk()
    await ask()
    await approvals.decide(PLAN, decision, { actor: ANA, session: 's' })

    expect((await ask()).state).toBe(decision)
  })

  it('again is a new question after the answer was used up', async () => {
    const { approvals, store, ask, grant } = await openDesk()
    await ask()
    await grant(ANA)
    const use = await approvals.use(PLAN)
    await store.commit(use ? [use] : [])

    expect((await ask()).state).toBe('waiting')
    expect(await approvals.use(PLAN)).toBeUndefined()
    expect((await grant(BEN)).decidedBy).toBe(BEN)
  })

  it.each(['granted', 'denied'] as const)('again is a new question after what was %s has expired', async (decision) => {
    const { approvals, ask, pass } = await openDesk()
    await ask()
    await approvals.decide(PLAN, decision, { actor: ANA, session: 's' })
    pass(HOUR)

    expect(await ask()).toMatchObject({ state: 'waiting' })
    expect((await approvals.get(PLAN))?.decidedBy).toBeUndefined()
  })
})

it('an approver is checked before anything is asked', () => {
  expect(() => checkApprover(ANA, AGENT, undefined)).not.toThrow()
  expect(() => checkApprover('nobody', AGENT, undefined)).toThrow()
})
