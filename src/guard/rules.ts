// The built-in rules: read, create, update and send are allowed, charge and delete ask; a session may delete what it made;
// a cost or an outflow without a known amount asks where a hard budget holds. config.yaml changes the effects and asks for
// reasons.
import type { Config } from '../foundation/index.ts'
import type { Action, Decision, Reason } from './verdict.ts'

const DEFAULTS = {
  read: 'allow',
  create: 'allow',
  update: 'allow',
  send: 'allow',
  charge: 'ask',
  delete: 'ask',
} as const

/** What hard budgets limit. */
export type Limited = Readonly<Record<Config['budgets'][number]['kind'], boolean>>

/** What config.yaml says of the action's effect, a missing reason and unknown amounts: nothing lifts these. */
export function fixedRules(action: Action, policy: Config['policy'], limited: Limited): Reason[] {
  return [
    whyRule(action, policy.requireWhy),
    configuredRule(action, policy.effects[action.effect]),
    limited.cost ? costRule(action) : undefined,
    limited.outflow ? outflowRule(action) : undefined,
  ].flatMap((reason) => reason ?? [])
}

/** What holds where nobody said anything: a policy that permits lifts it. */
export function defaultRule({ effect, step, madeHere }: Action): Reason {
  if (effect === 'delete' && madeHere) {
    return { rule: 'default/own-delete', decision: 'allow', step, text: 'a session may delete what it made' }
  }
  const decision = DEFAULTS[effect]
  return {
    rule: `default/${effect}`,
    decision,
    step,
    text: decision === 'ask' ? `${effect} asks for 1 approver` : `${effect} is allowed`,
  }
}

function configuredRule({ effect, step }: Action, configured: Decision | undefined): Reason | undefined {
  if (!configured) return undefined
  const text = `the home's policy: ${effect} ${verbOf(configured)}`
  return { rule: `config/${effect}`, decision: configured, step, text }
}

function whyRule(action: Action, requireWhy: Config['policy']['requireWhy']): Reason | undefined {
  if (action.effect === 'read' || !requireWhy.includes(action.effect) || action.why?.trim()) return undefined
  return {
    rule: 'config/require-why',
    decision: 'deny',
    step: action.step,
    text: `${action.effect} needs a reason: --why '…'`,
  }
}

function costRule({ costUnknown, step }: Action): Reason | undefined {
  if (!costUnknown) return undefined
  const text = 'its greatest cost is unknown and a hard budget holds'
  return { rule: 'default/unknown-cost', decision: 'ask', step, text }
}

/** A refund of all, for one: a budget can't hold what nobody has said. */
function outflowRule({ moves, step }: Action): Reason | undefined {
  if (moves?.direction !== 'out' || (moves.amountMinor !== undefined && moves.currency !== undefined)) return undefined
  const text = 'what it pays out is not said in amount and currency, and a hard budget holds for outflow'
  return { rule: 'default/unknown-outflow', decision: 'ask', step, text }
}

const verbOf = (decision: Decision): string =>
  ({ allow: 'is allowed', ask: 'asks for 1 approver', deny: 'is forbidden' })[decision]
