// The end of a call: its timeout, the caller's signal and the closing of the door, joined into one signal whose reason is
// the error that the caller gets.
import { FabricError } from '../foundation/index.ts'

export interface CallLimit {
  signal: AbortSignal
  /** Ends the call from outside. */
  cancel(message: string): void
  /** Ends it with an error of the caller's. */
  stop(error: FabricError): void
  /** Time no longer ends it. */
  stopClock(): void
  /** Frees timer and listener; must be called. */
  end(): void
}

export interface LimitOptions {
  host: string
  timeoutMs: number
  signal: AbortSignal | undefined
}

export function limitCall({ host, timeoutMs, signal }: LimitOptions): CallLimit {
  const controller = new AbortController()
  const cancel = (message: string) =>
    controller.abort(new FabricError('IF_ERR_CANCELLED', `${host}: ${message}`, { details: { host } }))
  const aborted = () => cancel('the caller aborted the request')
  const timer = setTimeout(
    () =>
      controller.abort(
        new FabricError('IF_ERR_TIMEOUT', `${host}: no complete answer within ${timeoutMs} ms`, { details: { host } }),
      ),
    timeoutMs,
  )
  if (signal?.aborted) aborted()
  else signal?.addEventListener('abort', aborted, { once: true })
  return {
    signal: controller.signal,
    cancel,
    stop: (error) => controller.abort(error),
    stopClock: () => clearTimeout(timer),
    end() {
      clearTimeout(timer)
      signal?.removeEventListener('abort', aborted)
    },
  }
}
