// What the guard says of an action, and why.
import type { Effect, Labels, Moves } from '../adapter/index.ts'
import type { JsonObject } from '../foundation/index.ts'

export type Decision = 'allow' | 'ask' | 'deny'

/** One rule that decided. */
export interface Reason {
  /** Name of the rule: `default/charge`. */
  rule: string
  decision: Decision
  /** One sentence for people. */
  text: string
  /** The step it is about; null for the whole plan. */
  step: string | null
}

export interface Verdict {
  decision: Decision
  reasons: Reason[]
}

/** One action as the guard judges it. Effect and labels come from the signed manifest. */
export interface Action {
  step: string
  actor: string
  session: string
  instance: string
  provider: string
  tags: Record<string, string>
  operation: string
  effect: Effect
  labels: Labels
  input: JsonObject
  moves: Moves | undefined
  why: string | undefined
  /** Whether a delete removes what this session made. */
  madeHere: boolean
  /** Whether the cost has no known maximum. */
  costUnknown: boolean
}
