// Thrown through the frames of a guest to stop it: no guest can catch what the host throws, and an instance that was left
// this way is never entered again.
import type { GuestFailure, GuestLimit } from '../guest-protocol.ts'

export class GuestStopped extends Error {
  readonly failure: GuestFailure

  constructor(failure: GuestFailure) {
    super(failure.message)
    this.failure = failure
  }
}

export const limitReached = (limit: GuestLimit, message: string): GuestFailure => ({ kind: 'limit', limit, message })

/** The failure behind what left a guest's frames: ours, the engine's stack, a trap. */
export function failureOf(thrown: unknown, memoryIsFull: boolean): GuestFailure {
  if (thrown instanceof GuestStopped) return thrown.failure
  const message = thrown instanceof Error ? thrown.message : 'something that is no error'
  if (thrown instanceof RangeError && message.includes('call stack'))
    return limitReached('recursion', 'calls are nested too deeply for the stack')
  if (memoryIsFull) return limitReached('memory', `ended while its memory was full: ${message}`)
  return { kind: 'failed', message: `trapped: ${message}` }
}
