// What a signature is judged by.
import type { Presented } from './presented.ts'

export interface SignatureFacts {
  presented: Presented
  /** Of the twin, by name. */
  secrets: Readonly<Record<string, string>>
  /** Wall clock, milliseconds. */
  now: number
}

/** How far a request's clock may be off, either way: AWS's own 15 minutes. */
export const SKEW_MS = 15 * 60_000
