// What --watch goes by: which tasks have moved, gathered, so that a thousand moves a second are a few looks a second.
import { setTimeout as delay } from 'node:timers/promises'
import type { CoordinatorPort } from '../../coordinator/index.ts'

/** Between two looks at least, and at most where nothing moves: times that are shown grow. */
const PACE_MS = 100
const BEAT_MS = 1_000

/** At once an empty set, then the ids of what has moved since, or an empty set each second; ends when the signal aborts. */
export async function* movedTasks(
  coordinator: CoordinatorPort,
  signal: AbortSignal,
  { only }: { only?: string } = {},
): AsyncGenerator<ReadonlySet<string>> {
  const over = new AbortController()
  const either = AbortSignal.any([signal, over.signal])
  let moved = new Set<string>()
  let wake = () => {}
  const listening = (async () => {
    for await (const event of coordinator.watch({ signal: either })) {
      if (only !== undefined && event.task !== only) continue
      moved.add(event.task)
      wake()
    }
  })()
  let hasEnded = false
  const ended = listening
    .catch(() => {}) // thrown below, where the looks are asked for
    .finally(() => {
      hasEnded = true
      wake()
    })
  either.addEventListener('abort', () => wake(), { once: true })
  try {
    while (!hasEnded && !signal.aborted) {
      const batch = moved
      moved = new Set()
      yield batch
      await delay(PACE_MS, undefined, { signal: either }).catch(() => {}) // aborted: the loop ends
      if (moved.size > 0 || hasEnded || either.aborted) continue
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, BEAT_MS)
        wake = () => {
          clearTimeout(timer)
          resolve()
        }
      })
    }
    if (!signal.aborted) await listening
  } finally {
    over.abort()
    await ended
  }
}
