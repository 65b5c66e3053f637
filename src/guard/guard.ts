// The guard: what config.yaml says, the policies, and the built-in defaults, composed. The strictest wins; a permit lifts
// nothing but a default, so whoever writes one can't open what another rule closes.
import { type Config, digestOf } from '../foundation/index.ts'
import { defaultRule, fixedRules } from './rules.ts'
import type { Action, Decision, Reason, Verdict } from './verdict.ts'

export interface Guard {
  /** Judges one action. Depends on the action, the rules and the policies alone. */
  judge(action: Action): Promise<Verdict>
  /** Digest of rules and policies as they are now, part of every plan's digest. */
  readonly digest: string
}

/** What the policies find of an action. */
export interface PolicyFindings {
  /** Of every determining forbid: a denial or a question. */
  forbids: Reason[]
  /** Of every determining permit, whether a forbid overrules it or not. */
  permits: Reason[]
}

/** Policies in files, as the guard needs them. */
export interface PolicyJudge {
  findings(action: Action): Promise<PolicyFindings>
  readonly digest: string
}

/** The guard of a home; without policies the built-in rules alone decide. */
export function createGuard(policy: Config['policy'], budgets: Config['budgets'], policies?: PolicyJudge): Guard {
  const limited = {
    cost: budgets.some(({ hard, kind }) => hard && kind === 'cost'),
    outflow: budgets.some(({ hard, kind }) => hard && kind === 'outflow'),
  }
  const rules = { policy, budgets }
  let reckoned: { of: string | undefined; digest: string } | undefined
  return {
    // Asked for with every action, and it moves with the policies alone.
    get digest() {
      const of = policies?.digest
      if (!reckoned || reckoned.of !== of)
        reckoned = { of, digest: digestOf(of === undefined ? rules : { ...rules, policies: of }) }
      return reckoned.digest
    },
    async judge(action) {
      const fixed = fixedRules(action, policy, limited)
      const isConfigured = policy.effects[action.effect] !== undefined
      const { forbids, permits } = policies ? await policies.findings(action) : NOTHING_FOUND
      if (forbids.length > 0) return combine([...fixed, ...forbids])
      if (permits.length > 0) return combine([...fixed, ...permits])
      return combine(isConfigured ? fixed : [...fixed, defaultRule(action)])
    },
  }
}

const NOTHING_FOUND: PolicyFindings = { forbids: [], permits: [] }

const RANK: Record<Decision, number> = { allow: 0, ask: 1, deny: 2 }

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
