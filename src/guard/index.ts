// The guard: who may do what. Pure rules and Cedar policies that judge, approvals that are bound to one plan.
/** Approvals of plans: asked for, decided by persons, waited for, used once. */
export { type ApprovalRequest, type Approvals, type ApprovalsOptions, openApprovals } from './approvals.ts'
/** Who has to say yes: what a verdict asks for, and a check of one person before anything is asked. */
export { type ApprovalNeed, checkApprover, needsOf } from './approvals-needs.ts'
export type { ApprovalActor, ApprovalRecord, ApprovalYes } from './approvals-record.ts'
/** Table tests of policies. */
export { caseFileSchema } from './cedar/case-file.ts'
export { type CaseResult, testPolicies } from './cedar/case-run.ts'
/** What is wrong with policies, for those who write them. */
export { type CheckedPolicy, checkPolicies, checkPolicyFile, type PolicyCheck } from './cedar/check.ts'
export type { CompiledPolicy, CompileOptions, PolicyFault, PolicyFile } from './cedar/compile.ts'
/** Policies of a home, followed while it is open. */
export { openPolicies, type Policies, type PoliciesOptions } from './cedar/follow.ts'
/** Policies of folders, as they are now. */
export {
  type LoadOptions,
  loadPolicies,
  type PolicyFolder,
  policySetOf,
  readPolicyFolders,
} from './cedar/load.ts'
/** Operations as policies name them. */
export { type OperationFacts, operationFactsOf } from './cedar/operation-facts.ts'
export type { PolicySet, PolicyTrace } from './cedar/policy-set.ts'
/** The Cedar schema that policies are held to. */
export { cedarSchemaOf } from './cedar/schema.ts'
/** The guard of a home, and how it weighs reasons. */
export { combine, createGuard, type Guard, isStricter, type PolicyFindings, type PolicyJudge } from './guard.ts'
/** What was judged, kept for a while; and what of it other policies would judge otherwise. */
export { type Judged, type JudgedRecord, type JudgedWhere, openJudged } from './judged.ts'
/** What sessions and swarms have touched. */
export { openSequences, type Sequences, type SequencesOptions, type TouchedView } from './sequences.ts'
export type { Cleared, Clearer } from './sequences-clear.ts'
export { type PlannedTouch, withPlanned } from './sequences-planned.ts'
export type { EndedAction, SequenceOwner, Touch } from './sequences-touch.ts'
export type { Action, Decision, Reason, SessionFacts, SessionLeg, Verdict } from './verdict.ts'
/** Replays past decisions. */
export { type Flip, type WhatIfOptions, type WhatIfReport, whatIf } from './what-if.ts'
