import { describe, expect, it } from 'vitest'
import { DEFAULT_CONFIG } from '../../../../src/foundation/index.ts'
import { type Action, createGuard } from '../../../../src/guard/index.ts'
import { anAction, policiesOf } from './an-action.ts'

async function judged(text: string, action: Action) {
  return createGuard(DEFAULT_CONFIG.policy, [], await policiesOf(text)).judge(action)
}

const amount = (amountMinor: number) => ({ moves: { amountMinor, currency: 'GBP', direction: 'out' as const } })

describe('a policy', () => {
  it('that forbids denies, names its place, and the permits that it overrules', async () => {
    const verdict = await judged(
      `@id("any") permit (principal, action, resource);

@id("cap") @text("at most GBP 50.00")
forbid (principal, action in Action::"payment", resource)
when { context has amount && context.amount > 5000 };`,
      anAction(amount(5_001)),
    )

    expect(verdict).toEqual({
      decision: 'deny',
      reasons: [
        {
          rule: 'cap',
          decision: 'deny',
          text: 'at most GBP 50.00',
          step: 'pay',
          file: 'policies/a.cedar',
          line: 3,
          overruled: ['any'],
        },
      ],
    })
  })

  it('that asks names who, and how many', async () => {
    const verdict = await judged('@ask("2 of finance") forbid (principal, action, resource);', anAction())

    expect(verdict).toMatchObject({
      decision: 'ask',
      reasons: [
        { rule: 'a/policy0', text: 'a policy asks for 2 approvers of finance', needed: 2, approvers: 'finance' },
      ],
    })
  })

  it('that forbids wins over one that asks', async () => {
    const verdict = await judged(
      '@id("q") @ask("approvers") forbid (principal, action, resource); @id("no") forbid (principal, action, resource);',
      anAction(),
    )

    expect(verdict).toMatchObject({ decision: 'deny', reasons: [{ rule: 'no' }] })
  })

  it('that permits lifts the default that would ask', async () => {
    const verdict = await judged('@id("yes") permit (principal, action, resource);', anAction())

    expect(verdict).toMatchObject({ decision: 'allow', reasons: [{ rule: 'yes', text: 'a policy permits it' }] })
  })

  it('that fits nothing leaves the defaults', async () => {
    const verdict = await judged('permit (principal == Agent::"b", action, resource);', anAction())

    expect(verdict).toMatchObject({ decision: 'ask', reasons: [{ rule: 'default/charge' }] })
  })

  it('that cannot be evaluated denies where it forbids and does not count where it permits', async () => {
    const overflow = 'when { context.planSize * 9223372036854775807 > 0 };'

    expect(
      await judged(`@ask("approvers") forbid (principal, action, resource) ${overflow}`, anAction({ planSize: 2 })),
    ).toMatchObject({
      decision: 'deny',
      reasons: [{ rule: 'a/policy0', text: expect.stringMatching(/can't be evaluated.*overflow/s) }],
    })
    expect(await judged(`permit (principal, action, resource) ${overflow}`, anAction({ planSize: 2 }))).toMatchObject({
      decision: 'ask',
      reasons: [{ rule: 'default/charge' }],
    })
  })

  it('denies an action that the engine cannot read', async () => {
    const verdict = await judged(
      'permit (principal, action, resource) when { context has amount && context.amount > 0 };',
      anAction(amount(1.5)),
    )

    expect(verdict).toMatchObject({ decision: 'deny', reasons: [{ rule: 'policy/unreadable' }] })
  })

  it('reads a text that holds half a character', async () => {
    const verdict = await judged(
      'forbid (principal, action, resource) when { context.why like "*x*" };',
      anAction({ why: 'a\ud800x' }),
    )

    expect(verdict.decision).toBe('deny')
  })
})

describe('what a policy can ask for', () => {
  const facts: Partial<Action> = {
    ...amount(700),
    swarm: 'desk',
    task: 't-1',
    onBehalfOf: 'if://person/ana',
    destination: 'acct_1',
    why: ' because ',
    maxMicroUsd: 20,
    planSize: 3,
    tags: { env: 'production', team: 'blue' },
    sessionFacts: { private: true, untrusted: false, outwardAnswers: true, spentMicroUsd: 9, legs: [] },
  }

  it.each([
    ['principal in Swarm::"desk"'],
    ['principal is Agent'],
    ['action in Action::"charge"'],
    ['action in Action::"payment"'],
    ['action in Action::"outward"'],
    ['resource in Provider::"stripe"'],
    ['resource in Environment::"production"'],
    ['resource.provider == "stripe"'],
    ['resource.hasTag("team") && resource.getTag("team") == "blue"'],
    ['context has amount && context.amount == 700'],
    ['context has currency && context.currency == "GBP"'],
    ['context has direction && context.direction == "out"'],
    ['context has destination && context.destination == "acct_1"'],
    ['context has onBehalfOf && context.onBehalfOf == "if://person/ana"'],
    ['context has task && context.task == "t-1"'],
    ['context has maxCostMicroUsd && context.maxCostMicroUsd == 20'],
    ['context.why == "because"'],
    ['context.planSize == 3'],
    ['context.hour == 12 && context.weekday == 1'],
    ['context.time > datetime("2025-01-06") && context.time < datetime("2025-01-07")'],
    ['context.session.id == "s" && context.session.spentMicroUsd == 9'],
    ['context.session.private && !context.session.untrusted && context.session.answersSource'],
  ])('%s', async (condition) => {
    const verdict = await judged(`permit (principal, action, resource) when { ${condition} };`, anAction(facts))

    expect(verdict).toMatchObject({ decision: 'allow', reasons: [{ rule: 'a/policy0' }] })
  })

  it.each([
    ['if://person/ana', 'Person::"ana"'],
    ['if://swarm/desk', 'Swarm::"desk"'],
    ['if://session/x', 'Session::"x"'],
    ['if://agent/refunds', 'Agent::"refunds"'],
    ['if://service/cron', 'Service::"cron"'],
  ])('%s is %s', async (actor, principal) => {
    const verdict = await judged(`permit (principal == ${principal}, action, resource);`, anAction({ actor }))

    expect(verdict.decision).toBe('allow')
  })

  it('is absent where it is unknown', async () => {
    const unknown = 'context has amount || context has destination || context has task || context has maxCostMicroUsd'
    const verdict = await judged(
      `permit (principal, action, resource) when { ${unknown} };`,
      anAction({ maxMicroUsd: null }),
    )

    expect(verdict).toMatchObject({ reasons: [{ rule: 'default/charge' }] })
  })

  it('is judged anew when it changes, and only then needs the engine', async () => {
    const set = await policiesOf(
      'forbid (principal, action, resource) when { context has amount && context.amount > 10 };',
    )

    const found = await Promise.all([11, 10, 11].map((minor) => set.findings(anAction(amount(minor)))))

    expect(found.map(({ forbids }) => forbids.length)).toEqual([1, 0, 1])
  })
})

describe('explaining', () => {
  it('names every policy and why it applies or not', async () => {
    const set = await policiesOf(`@id("a") @text("t") permit (principal, action, resource);
@id("b") permit (principal, action in Action::"message", resource);
@id("c") forbid (principal, action, resource) when { context.planSize > 1 };
@id("d") forbid (principal, action, resource) when { context.planSize * 9223372036854775807 < 0 };`)

    expect(set.explain(anAction({ planSize: 1 })).map(({ rule, state }) => [rule, state])).toEqual([
      ['a', 'applies'],
      ['b', 'elsewhere'],
      ['c', 'unmet'],
      ['d', 'unmet'],
    ])
    expect(set.explain(anAction({ planSize: 2 }))[3]).toMatchObject({ state: 'failed', problem: expect.any(String) })
    expect(set.explain(anAction(amount(1.5)))[0]).toMatchObject({ state: 'failed', text: 't', line: 1 })
  })
})
