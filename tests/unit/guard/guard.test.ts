import { describe, expect, it } from 'vitest'
import { configSchema } from '../../../src/foundation/index.ts'
import { createGuard, type Decision, type PolicyFindings, type Reason } from '../../../src/guard/index.ts'
import { anAction } from './cedar/an-action.ts'

const reason = (rule: string, decision: Decision): Reason => ({ rule, decision, text: rule, step: 'pay' })

function judged(found: Partial<PolicyFindings>, policy: unknown = {}, change: Parameters<typeof anAction>[0] = {}) {
  const config = configSchema.parse({ version: 1, policy, budgets: [{ name: 'b', limit: '1 USD' }] })
  const findings = async () => ({ forbids: [], permits: [], ...found })
  return createGuard(config.policy, config.budgets, { findings, digest: 'd' }).judge(anAction(change))
}

const PERMIT = { permits: [reason('p', 'allow')] }

describe('a permit', () => {
  it('lifts what a default would ask', async () => {
    expect(await judged(PERMIT)).toEqual({ decision: 'allow', reasons: [reason('p', 'allow')] })
  })

  it('lifts nothing that config.yaml says', async () => {
    expect(await judged(PERMIT, { effects: { charge: 'deny' } })).toMatchObject({ decision: 'deny' })
    expect(await judged(PERMIT, { effects: { charge: 'ask' } })).toMatchObject({ decision: 'ask' })
    expect(await judged(PERMIT, { requireWhy: ['charge'] })).toMatchObject({
      reasons: [{ rule: 'config/require-why' }],
    })
  })

  it('does not make an unknown cost known', async () => {
    expect(await judged(PERMIT, {}, { costUnknown: true })).toMatchObject({
      decision: 'ask',
      reasons: [{ rule: 'default/unknown-cost' }],
    })
  })

  it('counts for nothing beside a forbid', async () => {
    expect(await judged({ ...PERMIT, forbids: [reason('f', 'ask')] })).toEqual({
      decision: 'ask',
      reasons: [reason('f', 'ask')],
    })
  })
})

describe('a forbid', () => {
  it('wins over what config.yaml allows', async () => {
    expect(await judged({ forbids: [reason('f', 'deny')] }, { effects: { charge: 'allow' } })).toMatchObject({
      decision: 'deny',
      reasons: [{ rule: 'f' }],
    })
  })

  it('that asks adds to a rule that denies nothing', async () => {
    expect(await judged({ forbids: [reason('f', 'ask')] }, { effects: { charge: 'deny' } })).toMatchObject({
      decision: 'deny',
      reasons: [{ rule: 'config/charge' }],
    })
  })
})
