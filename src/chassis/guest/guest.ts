// One instance of a module as the worker drives it: a call begins, runs until it ends or waits, and goes on with each
// answer. Both kinds of guests look like this; each has a linear memory of its own, shared with nobody.
import type { GuestAnswer, GuestExport, GuestFailure } from '../guest-protocol.ts'
import type { GuestRun } from './guest-run.ts'

/** How a stretch of running ended. */
export type Turn = { kind: 'done'; output: string } | { kind: 'failed'; failure: GuestFailure } | { kind: 'waits' }

export interface Guest {
  /** Begins a call. Never throws: whatever happens inside is a turn. */
  call(run: GuestRun, name: GuestExport, input: string): Turn
  /** Goes on with the answer to one of the call's open wants; `wallMs` is what is left of its time. */
  answer(run: GuestRun, of: { want: number; answer: GuestAnswer; wallMs: number }): Turn
  /** Units of fuel that the present call has used. */
  readonly fuelUsed: number
  /** Milliseconds of the last stretch in which it was held to its share of a core. */
  readonly pausedMs: number
  /** Linear memory, bytes. */
  readonly memoryBytes: number
  /** False after a trap, a limit, or a call that left something unfinished behind: then it is thrown away. */
  readonly isReusable: boolean
}

export const failed = (message: string, trace?: string): Turn => ({
  kind: 'failed',
  failure: { kind: 'failed', message, ...(trace && { trace }) },
})
