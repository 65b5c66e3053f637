// What the store keeps of a task: one record that is rewritten with each move (what was asked, where it stands, who holds
// it, its last moves), and the payload under a key of its own, written once.
import type { JsonValue } from '../foundation/index.ts'
import { keyOf, prefixOf } from '../store/index.ts'
import type { Move, TaskState } from './states.ts'

/** Who works on a task: a worker (a ULID per process or connection) of a swarm. */
export interface Holder {
  readonly swarm: string
  readonly worker: string
}

/** How long a failed attempt waits for the next: `firstMs`, then `factor` times more each time, `maxMs` at most. */
export interface Backoff {
  readonly firstMs: number
  readonly factor: number
  readonly maxMs: number
}

/** What was asked; never changes. */
export interface TaskSpec {
  readonly id: string
  /** The caller chose the id, so that it may come again after the task was removed. */
  readonly isNamed?: true
  readonly kind: string
  /** The swarm that asked. */
  readonly swarm: string
  /** Higher first, within a swarm. */
  readonly priority: number
  readonly capabilities: readonly string[]
  /** Tasks that must be done before. */
  readonly after: readonly string[]
  /** RFC 3339. */
  readonly enqueuedAt: string
  readonly notBefore?: string
  readonly deadline?: string
  /** How often it may be tried. */
  readonly attempts: number
  readonly backoff: Backoff
  /** Name of the payload's key; absent where there is no payload. */
  readonly payload?: string
}

export const SEVERITIES = ['low', 'medium', 'high', 'critical'] as const
export type Severity = (typeof SEVERITIES)[number]

/** What keeps a task from going on. */
export interface Blocker {
  readonly type: string
  readonly description: string
  readonly severity: Severity
  readonly requiredCapabilities: readonly string[]
}

export interface TaskError {
  readonly code: string
  readonly message: string
}

/** Where a task stands. `context` is what a blocked holder left for whoever goes on. */
export type Standing =
  | {
      readonly state: 'open'
      /** First in line: it was unblocked. */
      readonly isFirst?: true
      /** Waits so long before the next attempt, by each observer's own clock, or until `readyAt` if that comes first. */
      readonly delayMs?: number
      readonly readyAt?: string
      /** A person let it go on in spite of its dependencies. */
      readonly ignoresAfter?: true
      readonly context?: JsonValue
    }
  | {
      readonly state: 'claimed'
      readonly holder: Holder
      readonly leaseMs: number
      /** Grows with each rewrite by the holder; observers see by it that the holder lives. */
      readonly beat: number
      readonly ignoresAfter?: true
      readonly context?: JsonValue
    }
  | {
      readonly state: 'blocked'
      readonly blocker: Blocker
      /** Who held it when it was blocked. */
      readonly holder?: Holder
      readonly ignoresAfter?: true
      readonly context?: JsonValue
    }
  | { readonly state: 'done'; readonly result: JsonValue }
  | { readonly state: 'failed'; readonly error: TaskError }
  | { readonly state: 'dead'; readonly error: TaskError }

export type StandingOf<S extends TaskState> = Extract<Standing, { state: S }>

export interface HistoryMove {
  /** RFC 3339. */
  readonly at: string
  readonly move: Move
  /** `swarm/worker` of a holder, else the actor. */
  readonly by?: string
  readonly token: number
  /** Why, where there is something to say. */
  readonly note?: string
}

export interface TaskRecord {
  readonly spec: TaskSpec
  /** The fencing token of the last claim; grows with each. */
  readonly token: number
  /** Attempts begun. */
  readonly attempt: number
  /** All moves so far; `history` has the last ones. */
  readonly moves: number
  readonly history: readonly HistoryMove[]
  readonly standing: Standing
}

export const TASKS = prefixOf('task')
export const taskKey = (id: string): string => keyOf('task', id)
export const payloadKey = (name: string): string => keyOf('task-payload', name)
/** The greatest token of all removed tasks: a new task of an old name goes on from there, so an old holder stays out. */
export const TOKEN_FLOOR_KEY = keyOf('task-token-floor')

export const holderName = ({ swarm, worker }: Holder): string => `${swarm}/${worker}`
export const isSameHolder = (a: Holder, b: Holder): boolean => a.worker === b.worker && a.swarm === b.swarm
