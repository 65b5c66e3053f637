// What Ctrl-C means: once, start nothing more and wait for what is under way; twice, give that up too, its outcome then
// being unknown; a third time ends the process on the spot. SIGTERM counts like Ctrl-C.
import { constants } from 'node:os'
import type { Io } from './io.ts'

export interface Interruption {
  /** Aborted by the first signal. */
  readonly stop: AbortSignal
  /** Aborted by the second. */
  readonly abort: AbortSignal
  /** 130 or 143 once a signal came. */
  readonly exitCode: number | undefined
  /** Gives the signals back. */
  end: () => void
}

export function listenForInterrupt(io: Io, onFirst: () => void = () => {}): Interruption {
  const stop = new AbortController()
  const abort = new AbortController()
  let exitCode: number | undefined
  const end = io.onStopSignal((name) => {
    exitCode = 128 + constants.signals[name]
    if (abort.signal.aborted) return io.exitNow(exitCode)
    if (stop.signal.aborted) return abort.abort(new Error(`given up by ${name}`))
    onFirst()
    stop.abort(new Error(`stopped by ${name}`))
  })
  return {
    stop: stop.signal,
    abort: abort.signal,
    get exitCode() {
      return exitCode
    },
    end,
  }
}
