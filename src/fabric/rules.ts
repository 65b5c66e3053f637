// What config.yaml says of policy, budgets and approvers, followed while the home is open: who tightens a rule must not
// have to think of the processes that run. A file that is wrong changes nothing, and is told of.
import { type Clock, type Config, isFabricError, readConfig } from '../foundation/index.ts'
import {
  type BudgetBook,
  type BudgetRule,
  costBudget,
  RESOURCE_POLICIES,
  type ResourcePolicy,
  readResourcePolicy,
} from '../governor/index.ts'
import {
  type ApprovalRecord,
  type Approvals,
  createGuard,
  type Guard,
  openApprovals,
  type Policies,
} from '../guard/index.ts'
import type { Store } from '../store/index.ts'
import { type FollowedFile, openFile } from './follow-file.ts'

export interface Rules {
  config: Config
  guard: Guard
  budgets: BudgetBook
  approvals: Approvals
  approvers: readonly string[] | undefined
}

export const openConfig = (path: string): Promise<FollowedFile<Config>> =>
  openFile({ path, name: 'config.yaml', read: readConfig })

/** The governor's limits. Where the file is wrong from the start the strictest set that is built in holds. */
export const openResourcePolicy = (
  path: string,
  profile: Config['governor']['profile'],
): Promise<FollowedFile<ResourcePolicy>> =>
  openFile({
    path,
    name: 'resource-policy.yaml',
    read: async (at) =>
      readResourcePolicy(at).catch((thrown: unknown) => {
        if (isFabricError(thrown) && thrown.code === 'IF_ERR_NOT_FOUND') return RESOURCE_POLICIES[profile]
        throw thrown
      }),
    otherwise: RESOURCE_POLICIES.production,
  })

export interface RulesParts {
  store: Store
  clock: Clock
  policies: Policies
  /** What a registered swarm may cost by its own profile. */
  ofSwarm: BudgetBook['ofSwarm']
  /** Hears of each plan that begins to wait for an approval. */
  onRequest: (record: ApprovalRecord) => void
}

export function rulesOf(config: Config, { store, clock, policies, onRequest, ofSwarm }: RulesParts): Rules {
  const { policy, budgets, approvers } = config
  return {
    config,
    guard: createGuard(policy, budgets, policies),
    budgets: { rules: [...budgets, SPENT, SESSION_SPENT], ofSwarm },
    approvals: openApprovals({ store, clock, approvers, groups: config.approverGroups, onRequest }),
    approvers,
  }
}

/** What all actions of a month have cost; it limits nothing. */
const SPENT: BudgetRule = { ...costBudget({ name: 'spent', limitMicroUsd: null, per: 'month' }), of: {}, each: [] }
/** What each session has cost so far, for policies to see. */
export const SESSION_SPENT: BudgetRule = {
  ...costBudget({ name: '.session', limitMicroUsd: null, per: 'total' }), // no name that config.yaml can have
  of: {},
  each: ['session'],
}
