// The pipeline room: the way of one action. Read way.ts first.
export { describeAction, planAction } from './action.ts'
export { type ClaimCondition, commitUnder, type Fence, openFence, type TaskClaim } from './fence.ts'
export { lookForEffect } from './look-around.ts'
export { isRepeatable } from './outcome.ts'
export type { Acting, BeginFacts, Outcome, Passage, PipelineParts, StepJournal } from './passage.ts'
export { approvalMissing } from './refusals.ts'
export { act } from './way.ts'
