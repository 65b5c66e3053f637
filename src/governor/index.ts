// The governor: for how much. Budgets by reservation.

/** How a failed action looks to the breaker of its instance. */
export { breakerOutcomeOf } from './breaker-outcome.ts'
export {
  BREAKER_DEFAULTS,
  type BreakerCause,
  type BreakerKind,
  type BreakerRecord,
  type BreakerSettings,
} from './breaker-record.ts'
export type { BreakerReset } from './breaker-reset.ts'
/** Opens the circuit breakers of instances and swarms; their state is shared through the store. */
export {
  type Admission,
  type BreakerChange,
  type BreakerOutcome,
  type Breakers,
  type BreakersOptions,
  openBreakers,
} from './breakers.ts'
/** `costBudget` is a plain limit on costs; `unlimited` counts what it is given and refuses nothing. */
export { type Budget, type BudgetPer, type BudgetRule, costBudget, type Spending, unlimited } from './budget.ts'
export type { Attached, Hold, HoldResult, Settlement } from './budget-order.ts'
export { type BudgetMark, type BudgetRecord, heldIn } from './budget-record.ts'
/** The budgets that an action counts against, each for the group that it belongs to. */
export { type BudgetBook, type BudgetFacts, budgetsFor, rulesIn } from './budget-scopes.ts'
export type { BudgetWarning } from './budget-warnings.ts'
/** Opens the ledger: holds and settlements that never overspend a budget, shared by all processes of the store. */
export { type BudgetLedger, type BudgetStanding, openBudgetLedger } from './budgets.ts'
/** Opens the escalations: stuck tasks go to helpers by invitation, and to people where none of them helps. */
export { type EscalationOptions, type Escalations, openEscalations } from './escalation.ts'
export type { EscalationAct, EscalationActs } from './escalation-acts.ts'
export { ESCALATION_DEFAULTS, type EscalationSettings } from './escalation-next.ts'
/** What may be shown of a channel: never the path of a webhook. */
export { channelName } from './escalation-notice.ts'
export type {
  BlockedTask,
  Channel,
  EscalationTasks,
  FindHelpers,
  Helper,
  HelpSearch,
  Notice,
  Notify,
} from './escalation-ports.ts'
export type { EscalationRecord, EscalationState, NoticeOutcome } from './escalation-record.ts'
/** Finds the helpers of a stuck task in the registry. */
export { helpersFrom, type TeamOptions } from './escalation-team.ts'
/** Opens the kill switch; what it returns is the gate of the egress door. */
export {
  type FreezeAct,
  type FreezeRecord,
  type FreezeSubject,
  type Freezes,
  type FreezeTarget,
  openFreezes,
} from './freeze.ts'
/** What help is asked for and answered with; `noHelp` is what a caller is told who got neither an assignee nor a team. */
export { type Help, type HelpCandidate, type HelpRequest, type HelpTeam, type HelpTeamMember, noHelp } from './help.ts'
export type { Answerer, InviteRecord, InviteState } from './invite-record.ts'
export type { Invites } from './invites.ts'
/** Opens the detector of agents that apply the same plan again and again. */
export { LOOP_DEFAULTS, type LoopNote, type LoopRule, type Loops, openLoops } from './loops.ts'
/** How an agent should go about with what its tightest budget has left. */
export { type MoneyMode, type MoneyState, moneyModeOf } from './money-mode.ts'
export type { ProfileInput, SwarmLoad, SwarmProfile } from './profiles.ts'
/** Orders the instances that have an operation: price by reputation, those that can't act now out. */
export { type InstanceCandidate, type RankedInstance, rankInstances } from './ranking.ts'
export type { RateLimit } from './rate-limit-record.ts'
/** Opens the rate limits of instances, swarms and modules: one bucket a name for all processes of the store. */
export {
  openRateLimits,
  type RateKind,
  type RateLimits,
  type RateLimitsOptions,
  type RateSubject,
  type TakeOptions,
} from './rate-limits.ts'
/** Opens the registry of swarms, which finds who can help. */
export { openRegistry, type Registry, type RegistryAct, type RegistryOptions } from './registry.ts'
export {
  REPUTATION_DEFAULTS,
  type Reputation,
  type ReputationReason,
  type ReputationTargets,
  reputationOf,
} from './reputation.ts'
/** Opens the reputations of instances, swarms and modules: their last 1,000 runs, written a few at a time. */
export { openReputations, type Reputations, type ReputationsOptions, type RunsKind } from './reputations.ts'
/** The governor's limits, as `policies/resource-policy.yaml` says them; three sets are built in. */
export {
  parseResourcePolicy,
  RESOURCE_POLICIES,
  type ResourcePolicy,
  readResourcePolicy,
  resourcePolicyOf,
  resourcePolicySchema,
} from './resource-policy.ts'
/** Opens the service levels of instances and modules: windows of latency, success and availability, and burn alarms. */
export { type BurnNews, openSlo, type Slo, type SloCall, type SloOptions } from './slo.ts'
export { SLO_WINDOWS, type SloWindowName } from './slo-buckets.ts'
export {
  type BurnAlert,
  type BurnRate,
  type BurnSeverity,
  SLO_DEFAULTS,
  type SloObjective,
  type SloTargets,
} from './slo-burn.ts'
export type { SloKind, SloSubject } from './slo-record.ts'
export type { SloReport, SloWindow } from './slo-report.ts'
