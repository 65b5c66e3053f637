// Who wants to hear what happens to tasks: readers of events, and listeners to blockers. A listener that throws is its own
// fault and keeps nobody else from hearing.
import { EventStream } from './event-stream.ts'
import { type BlockerEvent, blockerOf, detected, eventsOf, type TaskEvent } from './events.ts'
import type { TaskRecord } from './record.ts'

export class Onlookers {
  readonly #streams = new Set<EventStream>()
  readonly #listeners = new Set<(event: BlockerEvent) => void>()

  watch(signal: AbortSignal | undefined): AsyncIterableIterator<TaskEvent> {
    const end = () => stream.end()
    const stream = new EventStream(() => {
      this.#streams.delete(stream)
      signal?.removeEventListener('abort', end)
    })
    this.#streams.add(stream)
    if (signal?.aborted) end()
    else signal?.addEventListener('abort', end, { once: true })
    return stream
  }

  onBlocker(listener: (event: BlockerEvent) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Moves that weren't seen before. */
  changed(record: TaskRecord, known: number): void {
    if (this.#streams.size > 0) {
      for (const event of eventsOf(record, known)) for (const stream of this.#streams) stream.offer(event)
    }
    if (this.#listeners.size === 0) return
    const fresh = Math.min(record.moves - known, record.history.length)
    if (fresh <= 0) return
    for (const move of record.history.slice(-fresh)) {
      const event = blockerOf(record, move)
      if (event) this.blocked(event)
    }
  }

  blocked(event: BlockerEvent): void {
    for (const listener of this.#listeners) queueMicrotask(() => listener(event))
  }

  /** Tasks that were refused because they wait for each other. */
  circle(path: readonly string[], at: string): void {
    const [task = ''] = path
    const blocker = detected('dependency-circle', `tasks that wait for each other were refused: ${path.join(' → ')}`)
    this.blocked({ task, kind: '', swarm: '', at, isDetected: true, blocker, token: 0, by: null, context: null })
  }

  close(): void {
    for (const stream of [...this.#streams]) stream.end()
    this.#listeners.clear()
  }
}
