import { describe, expect, it } from 'vitest'
import { type Config, configSchema } from '../../../src/foundation/index.ts'
import { combine, createGuard, isStricter } from '../../../src/guard/index.ts'
import { anAction } from './cedar/an-action.ts'

const guardOf = (policy: unknown = {}, budgets: unknown = []) => {
  const config: Config = configSchema.parse({ version: 1, policy, budgets })
  return createGuard(config.policy, config.budgets)
}

const BUDGET = [{ name: 'calls', limit: '1 USD' }]

describe('the default rules', () => {
  it.each([
    ['read', 'allow'],
    ['create', 'allow'],
    ['update', 'allow'],
    ['send', 'allow'],
    ['charge', 'ask'],
    ['delete', 'ask'],
  ] as const)('%s → %s', async (effect, decision) => {
    const verdict = await guardOf().judge(anAction({ effect }))

    expect(verdict.decision).toBe(decision)
    expect(verdict.reasons).toEqual([expect.objectContaining({ rule: `default/${effect}`, step: 'pay', decision })])
  })

  it('let a session delete what it made', async () => {
    expect(await guardOf().judge(anAction({ effect: 'delete', madeHere: true }))).toMatchObject({
      decision: 'allow',
      reasons: [{ rule: 'default/own-delete' }],
    })
  })

  it('ask where the cost has no maximum and a hard budget holds, and only there', async () => {
    const unknown = anAction({ effect: 'send', costUnknown: true })

    expect(await guardOf({}, BUDGET).judge(unknown)).toMatchObject({
      decision: 'ask',
      reasons: [{ rule: 'default/unknown-cost' }],
    })
    expect((await guardOf().judge(unknown)).decision).toBe('allow')
    expect((await guardOf({}, BUDGET).judge(anAction({ effect: 'send' }))).decision).toBe('allow')
  })
})

describe('the policy of the home', () => {
  it.each(['allow', 'ask', 'deny'] as const)('comes before the default: charge %s', async (decision) => {
    const verdict = await guardOf({ effects: { charge: decision } }).judge(anAction())

    expect(verdict).toMatchObject({ decision, reasons: [{ rule: 'config/charge', decision }] })
  })

  it('comes before the permission to delete what one made', async () => {
    const guard = guardOf({ effects: { delete: 'deny' } })

    expect((await guard.judge(anAction({ effect: 'delete', madeHere: true }))).decision).toBe('deny')
  })

  it.each([undefined, '', '   '])('that requires a reason denies an action with the reason %j', async (why) => {
    const verdict = await guardOf({ requireWhy: ['charge'] }).judge(anAction({ why }))

    expect(verdict.decision).toBe('deny')
    expect(verdict.reasons.map((reason) => reason.rule)).toEqual(['config/require-why'])
  })

  it('that requires a reason is content with one, and asks other effects for none', async () => {
    const guard = guardOf({ requireWhy: ['charge'] })

    expect((await guard.judge(anAction({ why: 'order 7' }))).decision).toBe('ask')
    expect((await guard.judge(anAction({ effect: 'send' }))).decision).toBe('allow')
    expect((await guard.judge(anAction({ effect: 'read' }))).decision).toBe('allow')
  })
})

describe('a guard', () => {
  it('has a digest that moves with policy and budgets and with nothing else', () => {
    const digests = [
      guardOf(),
      guardOf({ effects: { send: 'ask' } }),
      guardOf({ requireWhy: ['send'] }),
      guardOf({}, BUDGET),
    ]

    expect(new Set(digests.map((guard) => guard.digest)).size).toBe(4)
    expect(guardOf().digest).toBe(guardOf().digest)
  })
})

describe('several reasons', () => {
  const reason = (decision: 'allow' | 'ask' | 'deny', rule: string) => ({ decision, rule, text: '', step: null })

  it('are decided by the strictest, which alone are kept', () => {
    const verdict = combine([reason('ask', 'a'), reason('deny', 'b'), reason('allow', 'c'), reason('deny', 'd')])

    expect(verdict.decision).toBe('deny')
    expect(verdict.reasons.map(({ rule }) => rule)).toEqual(['b', 'd'])
  })

  it('that are none allow', () => {
    expect(combine([])).toEqual({ decision: 'allow', reasons: [] })
  })

  it('are compared by strictness', () => {
    expect(isStricter('ask', 'allow')).toBe(true)
    expect(isStricter('deny', 'ask')).toBe(true)
    expect(isStricter('ask', 'ask')).toBe(false)
    expect(isStricter('allow', 'deny')).toBe(false)
  })
})
