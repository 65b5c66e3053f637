// The coordinator room: tasks that are claimed once and pushed at once, with leases and fencing tokens, blockers and events.
export { type Coordinator, openCoordinator } from './coordinator.ts'
export type { BlockerEvent, BlockerType, TaskEvent } from './events.ts'
export type { Fence } from './fences.ts'
export type { CoordinatorStats, SwarmStats } from './health.ts'
export type { ActorOptions, ClaimOptions, CoordinatorOptions, ListOptions } from './options.ts'
export type { CoordinatorPort } from './port.ts'
export {
  type Backoff,
  type Blocker,
  type HistoryMove,
  type Holder,
  SEVERITIES,
  type Severity,
  type TaskError,
} from './record.ts'
export type { BlockInput, Claim } from './requests.ts'
export { MOVES, type Move, type TaskState } from './states.ts'
export type { Task } from './task.ts'
export { MAX_PAYLOAD_BYTES, type TaskInput, taskInputSchema } from './task-input.ts'
export type { WitnessLevel } from './witness-entries.ts'
export type { Drain, DrainOptions, TaskHandler, Work, Worker, WorkerOptions } from './worker.ts'
export type { ClaimFilter } from './worker-group.ts'
