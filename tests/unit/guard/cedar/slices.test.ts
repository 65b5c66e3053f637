// The slice of policies that an action is held against must decide as all of them would.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { evaluate } from '../../../../src/guard/cedar/evaluate.ts'
import { contextOf, subjectOf } from '../../../../src/guard/cedar/request.ts'
import { loadPolicies, type PolicySet } from '../../../../src/guard/index.ts'
import { anAction, OPERATIONS, SCHEMA, withFolder } from './an-action.ts'

const PRINCIPALS = [
  'principal',
  'principal == Agent::"a"',
  'principal == Person::"a"',
  'principal in Swarm::"x"',
  'principal is Agent',
  'principal is Agent in Swarm::"x"',
  'principal is Swarm',
]
const ACTIONS = [
  'action',
  'action == Action::"payment.create"',
  'action in Action::"payment.create"',
  'action in Action::"payment"',
  'action in Action::"charge"',
  'action in Action::"outward"',
  'action in Action::"native"',
  'action in [Action::"read", Action::"message"]',
]
const RESOURCES = [
  'resource',
  'resource == Instance::"i"',
  'resource in Provider::"stripe"',
  'resource in Environment::"production"',
  'resource is Instance in Provider::"slack"',
]
const CONDITIONS = [
  '',
  'when { context.session.private }',
  'when { context.session.private && context.session.untrusted } unless { context.session.answersSource }',
  'when { !context.session.private } when { context.planSize > 1 }',
  'when { context.planSize * 9223372036854775807 > 0 && context.session.private }',
  'when { context.session.untrusted && context.planSize * 9223372036854775807 > 0 }',
  'unless { context.planSize > 2 } unless { context.session.untrusted }',
  'when { context has amount && context.amount > 5 }',
  'when { context has destination || context.session.spentMicroUsd > 1 }',
  'unless { !context.session.answersSource }',
  'when { context has amount && (context.amount == 6 || context.planSize >= 3) && context.why == "" }',
  'when { !(context.planSize != 2) || context.session.spentMicroUsd < 1 }',
  'unless { context has task && context.planSize <= 2 && context.task != "t" }',
  'when { context.session.spentMicroUsd < 9223372036854775807 && 2 > context.planSize }',
  'when { if context has task then context.task == "t" else context.session.private }',
  'when { context has destination && context.destination like "d*" }',
  'when { context has destination && context.destination like "*d*d" && context.why like "*" }',
  'unless { context has destination && context.destination like "a\\*d" }',
  'when { context has destination && context.destination like "*x*" && !(context.destination like "x*d*") }',
  'when { resource.hasTag("team") && resource.getTag("team") == "blue" }',
]

const policy = fc
  .tuple(
    fc.constantFrom('permit', 'forbid'),
    fc.constantFrom(...PRINCIPALS),
    fc.constantFrom(...ACTIONS),
    fc.constantFrom(...RESOURCES),
    fc.constantFrom(...CONDITIONS),
  )
  .map(
    ([effect, principal, action, resource, condition]) =>
      `${effect} (${principal}, ${action}, ${resource}) ${condition};`,
  )

const action = fc
  .record({
    actor: fc.constantFrom('if://agent/a', 'if://agent/b', 'if://person/a', 'if://swarm/x'),
    swarm: fc.constantFrom(undefined, 'x', 'y'),
    operation: fc.constantFrom(...OPERATIONS.map(({ id }) => id)),
    instance: fc.constantFrom('i', 'j'),
    env: fc.constantFrom(undefined, 'production', 'sandbox'),
    team: fc.constantFrom(undefined, 'blue'),
    amount: fc.constantFrom(undefined, 5, 6),
    destination: fc.constantFrom(undefined, '', 'd', 'dd', 'xd', 'dxd', 'a*d', 'axd', '😀d'),
    task: fc.constantFrom(undefined, 't', 'u'),
    planSize: fc.integer({ min: 1, max: 4 }),
    facts: fc.record({ private: fc.boolean(), untrusted: fc.boolean(), outwardAnswers: fc.boolean() }),
    spentMicroUsd: fc.integer({ min: 0, max: 2 }),
  })
  .map(({ swarm, env, team, amount, destination, task, facts, spentMicroUsd, ...rest }) =>
    anAction({
      ...rest,
      ...(swarm === undefined ? {} : { swarm }),
      ...(destination === undefined ? {} : { destination }),
      ...(task === undefined ? {} : { task }),
      tags: { ...(env === undefined ? {} : { env }), ...(team === undefined ? {} : { team }) },
      moves: amount === undefined ? undefined : { amountMinor: amount, currency: 'GBP', direction: 'out' },
      sessionFacts: { ...facts, spentMicroUsd, legs: [] },
    }),
  )

const compiled = (texts: string[]): Promise<PolicySet> =>
  withFolder({ 'a.cedar': texts.join('\n') }, (path) =>
    loadPolicies({ schema: SCHEMA, folders: [{ path, name: 'p', isRequired: true }] }),
  )

describe('a slice', () => {
  it('finds what the full set finds, of forbids, permits and failures', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(policy, { minLength: 1, maxLength: 10 }),
        fc.array(action, { minLength: 1, maxLength: 10 }),
        async (texts, actions) => {
          // Scopes that no operation fits together are refused at loading, so they can't be part of a set.
          const set = await compiled(texts).catch(() => undefined)
          fc.pre(set !== undefined)
          for (const each of actions) expect(await found(set, each)).toEqual(full(set, each))
        },
      ),
      { numRuns: 12, seed: 7 },
    )
  }, 120_000)
})

async function found(set: PolicySet, each: ReturnType<typeof anAction>) {
  const { forbids, permits } = await set.findings(each)
  return { forbids: forbids.map(({ rule }) => rule).sort(), permits: permits.map(({ rule }) => rule).sort() }
}

/** Every policy of the set, evaluated by the engine against the whole context, none left out beforehand. */
function full({ policies, digest }: PolicySet, each: ReturnType<typeof anAction>) {
  const results = policies.map(({ rule, json }, at) => {
    const question = { policies, digest, slice: [at], subject: subjectOf(each), context: contextOf(each) }
    const answer = evaluate(question)
    if (typeof answer === 'string') throw new Error(answer)
    return { rule, effect: json.effect, applies: answer.applies.length > 0, failed: answer.failed.length > 0 }
  })
  const rulesOf = (wanted: 'permit' | 'forbid') =>
    results
      .filter(({ effect, applies, failed }) => effect === wanted && (applies || (failed && wanted === 'forbid')))
      .map(({ rule }) => rule)
      .sort()
  return { forbids: rulesOf('forbid'), permits: rulesOf('permit') }
}
