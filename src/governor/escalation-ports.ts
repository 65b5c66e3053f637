// What the escalation of blockers needs of the rooms beside and above it: the tasks, somebody who finds helpers, and a way
// to tell people. The fabric passes them in.
import type { JsonObject, MicroUsd } from '../foundation/index.ts'

/** A task that is stuck, as the coordinator tells it. */
export interface BlockedTask {
  task: string
  kind: string
  /** The swarm that asked for the task. */
  swarm: string
  /** RFC 3339. */
  at: string
  blocker: {
    type: string
    description: string
    severity: string
    requiredCapabilities: readonly string[]
  }
  /** The fencing token of the claim that is stuck. */
  token: number
  /** Who held the task, as `swarm/worker`. */
  by?: string | null
}

export interface EscalationTasks {
  /** Everything that stops a task from now on; ends when the signal aborts. */
  blockers(options: { signal: AbortSignal }): AsyncIterable<BlockedTask>
  /** Every move of a task from now on; ends when the signal aborts. */
  moves(options: { signal: AbortSignal }): AsyncIterable<{ task: string }>
  /** What is blocked or dead now: what was missed while nobody listened. */
  stuck(): Promise<BlockedTask[]>
  /** Undefined: there is no such task. */
  standing(task: string): Promise<{ state: string; token: number } | undefined>
}

export interface HelpSearch {
  task: string
  /** Whom nobody asks: it is the one that is stuck. */
  blockedSwarm: string
  needs: readonly string[]
  /** Swarms that were asked before. */
  exclude: readonly string[]
  /** What the shares of those come to who help already, or may. */
  heldMicroUsd: MicroUsd
}

export interface Helper {
  swarm: string
  /** Which of the needs it meets. */
  covers: readonly string[]
  /** What its help may cost. */
  shareMicroUsd: MicroUsd
}

/** The helpers that together meet the needs best; none where nobody can. */
export type FindHelpers = (request: HelpSearch) => Promise<readonly Helper[]>

/** Where people are told. */
export type Channel = { instance: string; to: string } | { webhook: string }

export interface Notice {
  /** The same for every try of the same notice on any channel. */
  key: string
  /** 0 the first time, then counts the reminders. */
  reminder: number
  /** For people. */
  text: string
  /** The same for programs. */
  facts: JsonObject
}

/** Rejects with IF_ERR_OUTCOME_UNKNOWN or IF_ERR_TIMEOUT where it may have arrived, with anything else where it has not. */
export type Notify = (channel: Channel, notice: Notice, options: { signal: AbortSignal }) => Promise<void>
