import { beforeEach, describe, expect, it } from 'vitest'
import { type Clock, timestamp } from '../../../src/foundation/index.ts'
import { findPlan, type Plan, parsePlan, storePlan, sweepPlans } from '../../../src/runs/index.ts'
import { appliedKey } from '../../../src/runs/plan-store.ts'
import { openMemoryStore, type Store } from '../../../src/store/index.ts'

const NOON = Date.parse('2026-06-15T12:00:00Z')
const DAY = 24 * 3_600_000
const clock: Clock = { now: () => NOON, monotonic: () => 0, sleep: async () => undefined }
const ANA = 'if://person/ana'

const plan = (digest: string, more: Partial<Plan> = {}): Plan => ({
  id: `id-${digest}`,
  digest: digest.padEnd(64, '0'),
  createdAt: timestamp(NOON),
  expiresAt: timestamp(NOON + DAY),
  actor: ANA,
  session: 's',
  source: { kind: 'intent', instance: 'i', operation: 'o', input: {} },
  onFailure: 'stop',
  budgetUsd: null,
  steps: [],
  estimateUsd: 0,
  maxUsd: 0,
  verdict: { decision: 'allow', reasons: [] },
  basis: { version: '1', manifests: {}, instances: {}, policy: 'p' },
  ...more,
})

let store: Store
beforeEach(async () => {
  store = await openMemoryStore()
})

describe('a stored plan', () => {
  it('is found by its digest, by a piece of it that is unique, and as the last one of its actor', async () => {
    await storePlan(store, plan('abcd1'))
    await storePlan(store, plan('abcd2'))
    await storePlan(store, plan('ffff', { actor: 'if://agent/b' }))

    expect((await findPlan(store, 'ABCD1', ANA)).id).toBe('id-abcd1')
    expect((await findPlan(store, 'last', ANA)).id).toBe('id-abcd2')
    expect((await findPlan(store, 'last', 'if://agent/b')).id).toBe('id-ffff')
    await expect(findPlan(store, 'abcd', ANA)).rejects.toMatchObject({
      code: 'IF_ERR_NOT_FOUND',
      hint: 'Write more of its digest.',
    })
    await expect(findPlan(store, 'abc', ANA)).rejects.toMatchObject({ message: '"abc" names no plan' })
    await expect(findPlan(store, 'eeee', ANA)).rejects.toMatchObject({ message: 'there is no plan eeee' })
    await expect(findPlan(store, 'last', 'if://agent/c')).rejects.toMatchObject({
      message: 'if://agent/c has no plan yet',
    })
  })

  it('is swept a week after it expired, unless a run shows it', async () => {
    const old = { expiresAt: timestamp(NOON - 7 * DAY) }
    await storePlan(store, plan('aaaa', old))
    await storePlan(store, plan('bbbb', old))
    await storePlan(store, plan('cccc', { expiresAt: timestamp(NOON - 6 * DAY) }))
    await store.commit([{ key: appliedKey('id-bbbb'), value: 'run', expect: 'absent' }])

    expect(await sweepPlans(store, clock)).toBe(1)

    await expect(findPlan(store, 'aaaa', ANA)).rejects.toMatchObject({ code: 'IF_ERR_NOT_FOUND' })
    expect((await findPlan(store, 'bbbb', ANA)).id).toBe('id-bbbb')
    expect((await findPlan(store, 'cccc', ANA)).id).toBe('id-cccc')
  })
})

describe('a plan from a file', () => {
  it('is the same after printing and parsing', () => {
    const one = plan('abcd')

    expect(parsePlan(JSON.parse(JSON.stringify(one)), 'p.json')).toEqual(one)
  })

  it.each<[string, unknown, string]>([
    ['nothing', null, 'p.json: : '],
    ['a text', 'plan', 'p.json: : '],
    ['a plan without steps', { ...plan('a'), steps: undefined }, 'p.json: steps: '],
    ['a digest that is none', { ...plan('a'), digest: 'x' }, 'p.json: digest: '],
    [
      'a verdict that is none',
      { ...plan('a'), verdict: { decision: 'maybe', reasons: [] } },
      'p.json: verdict.decision: ',
    ],
  ])('is refused where it is %s', (_what, value, start) => {
    expect(() => parsePlan(value, 'p.json')).toThrow(
      expect.objectContaining({ code: 'IF_ERR_INVALID_FILE', message: expect.stringContaining(start) }),
    )
  })
})
