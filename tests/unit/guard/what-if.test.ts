import { beforeEach, describe, expect, it } from 'vitest'
import { Redactor } from '../../../src/foundation/index.ts'
import { type Action, type Decision, type Judged, openJudged, type Verdict, whatIf } from '../../../src/guard/index.ts'
import type { Store } from '../../../src/store/index.ts'
import type { SealedEntry, WitnessEntry } from '../../../src/witness/index.ts'
import { ANA, actionWith, entriesOf, movedClock, openLoggedStore, START } from './logged-store.ts'

const DAY = 24 * 3_600_000
const PLAN = 'ab'.repeat(32)
const AT = new Date(START).toISOString()

let clock: ReturnType<typeof movedClock>
let store: Store
let judged: Judged
let redactor: Redactor

beforeEach(async () => {
  clock = movedClock()
  store = await openLoggedStore()
  redactor = new Redactor()
  judged = openJudged({ store, clock, redactor })
})

const verdict = (decision: Decision, rule = `default/${decision}`): Verdict => ({
  decision,
  reasons: [{ rule, decision, text: rule, step: null }],
})

const keep = (where: { run: string | undefined; step: string }, action: Action, decision: Decision) =>
  store.commit([judged.write(where, action, verdict(decision), 'digest')])

const happened = (kind: string, change: Partial<WitnessEntry> = {}): WitnessEntry => ({
  kind,
  at: AT,
  actor: 'if://agent/refunds',
  session: 's',
  run: 'r1',
  step: 'pay',
  instance: 'stripe',
  provider: 'stripe',
  operation: 'payment.create',
  effect: 'charge',
  ...change,
})

async function* inOrder(entries: SealedEntry[]): AsyncGenerator<SealedEntry> {
  yield* entries
}

const replay = async (judge: (action: Action) => Verdict, known?: Partial<Action>) =>
  whatIf({
    entries: inOrder(await entriesOf(store)),
    judged,
    judge: async (action) => judge(action),
    ...(known ? { known: async () => known } : {}),
  })

describe('what was judged', () => {
  it('is kept as the facts that policies see, without the input and without secrets', async () => {
    redactor.add('sk_live_canary_1234')
    const action = actionWith({ why: 'with sk_live_canary_1234', input: { note: 'private words' }, swarm: 'desk' })
    await keep({ run: 'r1', step: 'pay' }, action, 'ask')

    const record = await judged.get({ run: 'r1', step: 'pay' })

    expect(record).toMatchObject({
      at: AT,
      decision: 'ask',
      rules: ['default/ask'],
      policy: 'digest',
      action: { operation: 'payment.create', tags: { env: 'production' }, swarm: 'desk', why: 'with <redacted>' },
    })
    expect(JSON.stringify(record)).not.toMatch(/private words|canary/)
    expect(await judged.get({ run: undefined, step: 'pay' })).toBeUndefined()
    expect(await judged.list('r1')).toHaveLength(1)
  })

  it('is forgotten after thirty days, and the oldest beyond a number', async () => {
    await keep({ run: 'r0', step: 'old' }, actionWith(), 'allow')
    clock.pass(31 * DAY)
    for (let at = 0; at < 5; at++) {
      await keep({ run: 'r1', step: `s${at}` }, actionWith(), 'allow')
      clock.pass(1_000)
    }

    expect(await judged.sweep()).toBe(1)
    expect(await judged.sweep(2)).toBe(3)

    expect(await judged.get({ run: 'r1', step: 's2' })).toBeUndefined()
    expect(await judged.get({ run: 'r1', step: 's3' })).toBeDefined()
    expect(await judged.sweep(2)).toBe(0)
  })

  it('is forgotten in pieces where there is much of it', async () => {
    const writes = [...Array(1_201).keys()].map((at) =>
      judged.write({ run: 'r1', step: `s${at}` }, actionWith(), verdict('allow'), 'digest'),
    )
    await store.commit(writes)

    expect(await judged.sweep(0)).toBe(1_201)
    expect(await judged.list('r1')).toEqual([])
  })
})

describe('what other policies would have decided', () => {
  it('lists each decision that comes out otherwise, judged on the facts of its time', async () => {
    await keep({ run: 'r1', step: 'pay' }, actionWith({ maxMicroUsd: 5 }), 'ask')
    await keep({ run: undefined, step: 'call-1' }, actionWith({ effect: 'read', operation: 'balance.get' }), 'allow')
    await store.commit(
      [],
      [
        happened('step.begin'),
        happened('step.end', { costMicroUsd: 3 }),
        happened('step.end', { run: undefined, step: 'call-1', effect: 'read', operation: 'balance.get' }),
        happened('task.done', { step: undefined }),
      ],
    )
    const seen: Action[] = []

    const report = await replay((action) => {
      seen.push(action)
      return action.effect === 'charge' ? verdict('deny', 'no-charges') : verdict('allow')
    })

    expect(report).toEqual({
      replayed: 2,
      partial: 0,
      flips: [
        {
          seq: 0,
          at: AT,
          actor: 'if://agent/refunds',
          operation: 'payment.create',
          instance: 'stripe',
          before: 'ask',
          after: 'deny',
          rules: ['no-charges'],
          partial: false,
        },
      ],
    })
    expect(seen[0]).toEqual(actionWith({ maxMicroUsd: 5, input: {} }))
  })

  it('says where the log alone had to do, and takes what is known today', async () => {
    await store.commit(
      [],
      [
        happened('approval.grant', { plan: PLAN, step: undefined, actor: ANA }),
        happened('step.begin', { plan: PLAN, moves: { amount: 500, currency: 'GBP', direction: 'in' } }),
        happened('step.begin', { step: 'other', effect: 'send', operation: 'message.send', moves: undefined }),
      ],
    )
    const seen: Action[] = []

    const report = await replay(
      (action) => {
        seen.push(action)
        return verdict('deny')
      },
      { tags: { env: 'sandbox' } },
    )

    expect(report).toMatchObject({
      replayed: 2,
      partial: 2,
      flips: [
        { seq: 1, before: 'ask', partial: true },
        { seq: 2, before: 'allow', partial: true },
      ],
    })
    expect(seen[0]).toMatchObject({
      tags: { env: 'sandbox' },
      moves: { amountMinor: 500, currency: 'GBP', direction: 'in' },
      nowMs: START,
      labels: { reads: 'private', returns: 'untrusted', sends: 'external' },
    })
  })

  it('knows a denial, a missing approval, and what another room refused', async () => {
    const denied = (step: string, code: string) => happened('step.denied', { step, detail: { code, message: '' } })
    await keep({ run: 'r1', step: 'd' }, actionWith({ step: 'd' }), 'allow')
    await store.commit(
      [],
      [
        denied('a', 'IF_ERR_POLICY_DENIED'),
        denied('b', 'IF_ERR_APPROVAL_REQUIRED'),
        denied('c', 'IF_ERR_BUDGET_EXCEEDED'),
        denied('d', 'IF_ERR_BUDGET_EXCEEDED'),
        happened('step.begin', { step: 'e', provider: undefined }),
      ],
    )

    const report = await replay(() => verdict('allow'))

    expect(report.replayed).toBe(3)
    expect(report.flips.map(({ seq, before, after }) => ({ seq, before, after }))).toEqual([
      { seq: 0, before: 'deny', after: 'allow' },
      { seq: 1, before: 'ask', after: 'allow' },
    ])
  })

  it('judges each step of a plan that was denied before it began', async () => {
    await keep({ run: PLAN, step: 'one' }, actionWith({ step: 'one', operation: 'refund.create' }), 'deny')
    await keep({ run: PLAN, step: 'two' }, actionWith({ step: 'two', effect: 'read' }), 'allow')
    await store.commit([], [happened('plan.denied', { plan: PLAN, run: undefined, step: undefined })])

    const report = await replay(() => verdict('allow'))

    expect(report).toMatchObject({ replayed: 2, flips: [{ seq: 0, operation: 'refund.create', before: 'deny' }] })
  })

  it('stops with the signal, and with the fault of a policy', async () => {
    await store.commit([], [happened('step.begin')])
    const entries = await entriesOf(store)
    const judge = async () => verdict('allow')

    await expect(
      whatIf({ entries: inOrder(entries), judged, judge, signal: AbortSignal.abort(new Error('enough')) }),
    ).rejects.toThrow('enough')
    await expect(
      whatIf({ entries: inOrder(entries), judged, judge: () => Promise.reject(new Error('broken policy')) }),
    ).rejects.toThrow('broken policy')
  })
})
