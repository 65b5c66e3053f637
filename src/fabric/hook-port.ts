// A delivery of a vendor as the daemon hands it in, and what it is to answer.
import type { HookAnswer } from '../adapter/index.ts'

/** A delivery as it came in at the daemon. */
export interface IncomingHook {
  instance: string
  method: string
  /** From the `?` on, or empty. */
  search: string
  /** Lower-case names. */
  headers: Readonly<Record<string, string>>
  bytes: Uint8Array
}

export interface HookOutcome extends HookAnswer {
  /** The delivery was not proven, or there is no such instance. */
  isRefused: boolean
}

export type HookReceiver = (hook: IncomingHook) => Promise<HookOutcome>
