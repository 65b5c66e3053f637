// What the store keeps of a task: one record that is rewritten with each move (what was asked, where it stands, who holds
// it, its last moves), and the payload under a key of its own, written once.
import type { HostTime, JsonValue } from '../foundation/index.ts'
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

export const DEFAULT_ATTEMPTS = 3
export const DEFAULT_BACKOFF: Backoff = { firstMs: 1_000, factor: 2, maxMs: 60_000 }
const NONE: readonly string[] = []

export const needsOf = ({ capabilities = NONE }: TaskSpec): readonly string[] => capabilities
export const dependenciesOf = ({ after = NONE }: TaskSpec): readonly string[] => after
export const attemptsOf = ({ attempts = DEFAULT_ATTEMPTS }: TaskSpec): number => attempts

/** What was asked; never changes. Defaults are left out, as the record is rewritten with each move. */
export interface TaskSpec {
  readonly id: string
  /** The caller chose the id, so that it may come again after the task was removed. */
  readonly isNamed?: true
  readonly kind: string
  /** The swarm that asked. */
  readonly swarm: string
  /** Higher first, within a swarm. Absent: 0. */
  readonly priority?: number
  /** Absent: none. */
  readonly capabilities?: readonly string[]
  /** Tasks that must be done before. Absent: none. */
  readonly after?: readonly string[]
  /** RFC 3339. */
  readonly enqueuedAt: string
  readonly notBefore?: string
  readonly deadline?: string
  /** How often it may be tried. Absent: 3. */
  readonly attempts?: number
  /** Absent: a second, doubled each time, a minute at most. */
  readonly backoff?: Backoff
  /** The payload, where it is small. */
  readonly payload?: JsonValue
  /** Name of the key that has the payload, where it is large. */
  readonly payloadKey?: string
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
      /** When the holder last wrote it, for observers on the same machine. */
      readonly beatAt?: HostTime
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
const PAYLOADS = prefixOf('task-payload')
// Names hold nothing that a key would encode.
export const taskKey = (id: string): string => TASKS + id
export const payloadKey = (name: string): string => PAYLOADS + name
/** The greatest token of all removed tasks: a new task of an old name goes on from there, so an old holder stays out. */
export const TOKEN_FLOOR_KEY = keyOf('task-token-floor')

export const holderName = ({ swarm, worker }: Holder): string => `${swarm}/${worker}`
export const isSameHolder = (a: Holder, b: Holder): boolean => a.worker === b.worker && a.swarm === b.swarm
