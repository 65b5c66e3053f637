// The guard: who may do what. Pure rules that judge, approvals that are bound to one plan.
export { type ApprovalRecord, type Approvals, checkApprover, openApprovals } from './approvals.ts'
export { combine, createGuard, type Guard, isStricter } from './rules.ts'
export type { Action, Decision, Reason, Verdict } from './verdict.ts'
