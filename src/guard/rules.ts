// The built-in rules: read, create, update and send are allowed, charge and delete ask; a session may delete what it made;
// a cost without a known maximum asks where a hard budget holds. config.yaml changes the effects and asks for reasons.
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

/** What config.yaml says of the action's effect, a missing reason and an unknown cost: nothing lifts these. */
export function fixedRules(action: Action, policy: Config['policy'], hardBudgets: boolean): Reason[] {
  return [
    whyRule(action, policy.requireWhy),
    configuredRule(action, policy.effects[action.effect]),
    costRule(action, hardBudgets),
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

function costRule(action: Action, hardBudgets: boolean): Reason | undefined {
  if (!action.costUnknown || !hardBudgets) return undefined
  return {
    rule: 'default/unknown-cost',
    decision: 'ask',
    step: action.step,
    text: 'its greatest cost is unknown and a hard budget holds',
  }
}

const verbOf = (decision: Decision): string =>
  ({ allow: 'is allowed', ask: 'asks for 1 approver', deny: 'is forbidden' })[decision]
