// What a row of the table of remote methods says.
import { z } from 'zod'
import type { TokenScope } from '../fabric/index.ts'

export interface Method {
  /** One of them suffices. */
  readonly scopes: readonly TokenScope[]
  /** Of what travels: without signals and callbacks. */
  readonly args: z.ZodType<readonly unknown[]>
  /** Place of the options among the arguments, where they have signals or callbacks. */
  readonly options?: number
  /** Options that are signals. */
  readonly aborts?: readonly ('signal' | 'stop')[]
  /** Options that are called back: `tell` for no answer, `ask` for one. */
  readonly callbacks?: Readonly<Record<string, 'tell' | 'ask'>>
  /** Scopes that the answers of callbacks take; a caller without one isn't asked. */
  readonly callbackScopes?: Readonly<Record<string, TokenScope>>
  /** The first argument is the name of a plan, for which the daemon takes its own copy of it. */
  readonly names?: 'plan'
  /** Place of options whose `actor` is who acts; a token's holder can't name another. */
  readonly actor?: number
  /** Items instead of an answer. */
  readonly streams?: true
  /** How long the caller waits for the answer, milliseconds; null as long as the connection lives. Default 30,000. */
  readonly limitMs?: number | null
  /** Whether doing it twice is as doing it once, so that it may be said again when the answer was lost. */
  readonly repeats: boolean
  /** New work, which a daemon that ends refuses. */
  readonly begins?: true
}

export const LIMIT_MS = 30_000

/** Options of a call; what isn't known is refused, so that a misspelt one isn't silently nothing. */
export const options = <S extends z.ZodRawShape>(shape: S) => z.strictObject(shape).optional()

/** Checked where it is used, which knows more of it. */
export const object = z.custom<Record<string, unknown>>(
  (value) => value !== null && typeof value === 'object' && !Array.isArray(value),
  'expected an object',
)

export const text = z.string().max(4_096)
export const reference = z.string().min(1).max(300)
