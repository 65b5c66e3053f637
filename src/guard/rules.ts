// The default rules: read, create, update and send are allowed, charge and delete ask; a session may delete what it made;
// a cost without a known maximum asks where a hard budget holds. Files of policy come on top of these.
import { type Config, digestOf } from '../foundation/index.ts'
import type { Action, Decision, Reason, Verdict } from './verdict.ts'

export interface Guard {
  /** Judges one action. Pure. */
  judge(action: Action): Verdict
  /** Digest of the rules, part of every plan's digest. */
  readonly digest: string
}

const DEFAULTS = {
  read: 'allow',
  create: 'allow',
  update: 'allow',
  send: 'allow',
  charge: 'ask',
  delete: 'ask',
} as const

const RANK: Record<Decision, number> = { allow: 0, ask: 1, deny: 2 }

export function createGuard(policy: Config['policy'], budgets: Config['budgets']): Guard {
  const rules: ((action: Action) => Reason | undefined)[] = [
    (action) => whyRule(action, policy.requireWhy),
    (action) => effectRule(action, policy.effects[action.effect]),
    (action) => costRule(action, budgets.length > 0),
  ]
  return {
    digest: digestOf({ policy, budgets: budgets.map(({ name, limit, per }) => ({ name, limit, per })) }),
    judge: (action) => combine(rules.flatMap((rule) => rule(action) ?? [])),
  }
}

/** The strictest reason decides; only the reasons that decided are kept. */
export function combine(reasons: Reason[]): Verdict {
  const decision = reasons.reduce<Decision>(
    (worst, reason) => (RANK[reason.decision] > RANK[worst] ? reason.decision : worst),
    'allow',
  )
  return { decision, reasons: reasons.filter((reason) => reason.decision === decision) }
}

/** Whether `after` is stricter than `before`. */
export const isStricter = (after: Decision, before: Decision): boolean => RANK[after] > RANK[before]

function effectRule(action: Action, configured: Decision | undefined): Reason {
  const { effect, step } = action
  if (configured) {
    return {
      rule: `config/${effect}`,
      decision: configured,
      step,
      text: `the home's policy: ${effect} ${verbOf(configured)}`,
    }
  }
  if (effect === 'delete' && action.madeHere) {
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
