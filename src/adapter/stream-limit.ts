// How long a stream may go on: until its reader leaves, until whoever pays for it breaks it off, and only a little longer
// once the vendor has said that this was all.
import type { PerformOptions } from './exchange.ts'

export interface StreamLimit {
  signal: AbortSignal
  /** The last event has come: what follows is of no interest. */
  endSoon(): void
  /** Whether the last event has come. */
  isOver(): boolean
  /** The error that the caller is told in place of what was thrown. */
  explain(thrown: unknown): unknown
  /** Frees timer and listeners; must be called. */
  end(): void
}

/** From the vendor's last event to the end of its answer. */
const END_MS = 100

export function limitStream({ signal, over }: Pick<PerformOptions, 'signal' | 'over'>): StreamLimit {
  const controller = new AbortController()
  const stop = () => controller.abort()
  let ending: NodeJS.Timeout | undefined
  for (const cause of [signal, over]) {
    if (cause?.aborted) stop()
    else cause?.addEventListener('abort', stop, { once: true })
  }
  return {
    signal: controller.signal,
    endSoon() {
      ending ??= setTimeout(stop, END_MS)
    },
    isOver: () => ending !== undefined,
    explain: (thrown) => (over?.aborted ? over.reason : thrown),
    end() {
      clearTimeout(ending)
      for (const cause of [signal, over]) cause?.removeEventListener('abort', stop)
    },
  }
}
