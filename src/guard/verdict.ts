// What the guard says of an action, and why.
import type { Effect, Labels, Moves } from '../adapter/index.ts'
import type { JsonObject } from '../foundation/index.ts'

export type Decision = 'allow' | 'ask' | 'deny'

/** One rule that decided. */
export interface Reason {
  /** Name of the rule: `default/charge`, or a policy's `@id`. */
  rule: string
  decision: Decision
  /** One sentence for people. */
  text: string
  /** The step it is about; null for the whole plan. */
  step: string | null
  /** Where a policy is written: `policies/support.cedar`, and its first line. */
  file?: string
  line?: number
  /** The permits that this forbid overrules, by name. */
  overruled?: string[]
  /** Who is to approve, where the rule names a group; otherwise every approver may. */
  approvers?: string
  /** How many of them; 1 where it is absent. */
  needed?: number
}

export interface Verdict {
  decision: Decision
  reasons: Reason[]
}

/** What a session, with its swarm, has touched so far, and what the action at hand is to that. */
export interface SessionFacts {
  /** It has read what is private. */
  private: boolean
  /** It has taken in what strangers wrote. */
  untrusted: boolean
  /** The action answers where what was taken in came from, so it carries nothing further. */
  outwardAnswers: boolean
  spentMicroUsd: number
  /** The entries of the log that made it so, first and last few. */
  legs: SessionLeg[]
}

/** One entry of the log by which a session touched what is private or untrusted. */
export interface SessionLeg {
  leg: 'private' | 'untrusted'
  seq: number
  instance: string
  operation: string
}

/** One action as the guard judges it. Effect and labels come from the signed manifest. */
export interface Action {
  step: string
  actor: string
  session: string
  /** The swarm that the actor works for, where it is known. */
  swarm?: string
  /** The task that it is done for. */
  task?: string
  /** For whom the actor says it acts. */
  onBehalfOf?: string
  instance: string
  provider: string
  tags: Record<string, string>
  operation: string
  effect: Effect
  labels: Labels
  input: JsonObject
  moves: Moves | undefined
  /** Where it goes: a recipient, a channel, an account. */
  destination?: string
  why: string | undefined
  /** Whether a delete removes what this session made. */
  madeHere: boolean
  /** Whether the cost has no known maximum. */
  costUnknown: boolean
  /** Its greatest cost; null where that is unknown. */
  maxMicroUsd: number | null
  /** Steps of the plan that it belongs to. */
  planSize: number
  /** When it is judged, ms since the epoch. */
  nowMs: number
  sessionFacts: SessionFacts
}
