// Who wants to hear what happens to tasks: readers of moves, readers of blockers, listeners to blockers. A listener that
// throws is its own fault and keeps nobody else from hearing.
import type { Logger } from '../foundation/index.ts'
import { EventStream } from './event-stream.ts'
import { type BlockerEvent, blockerOf, detected, eventsOf, type TaskEvent } from './events.ts'
import type { TaskRecord } from './record.ts'

export class Onlookers {
  readonly #logger: Logger
  readonly #moves = new Set<EventStream<TaskEvent>>()
  readonly #blockers = new Set<EventStream<BlockerEvent>>()
  readonly #listeners = new Set<(event: BlockerEvent) => void>()

  constructor(logger: Logger) {
    this.#logger = logger
  }

  watch(signal: AbortSignal | undefined): AsyncIterableIterator<TaskEvent> {
    return openStream(this.#moves, signal)
  }

  blockers(signal: AbortSignal | undefined): AsyncIterableIterator<BlockerEvent> {
    return openStream(this.#blockers, signal)
  }

  onBlocker(listener: (event: BlockerEvent) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Moves that weren't seen before. */
  changed(record: TaskRecord, known: number): void {
    if (this.#moves.size > 0) {
      for (const event of eventsOf(record, known)) for (const stream of this.#moves) stream.offer(event)
    }
    if (this.#listeners.size === 0 && this.#blockers.size === 0) return
    const fresh = Math.min(record.moves - known, record.history.length)
    if (fresh <= 0) return
    for (const move of record.history.slice(-fresh)) {
      const event = blockerOf(record, move)
      if (event) this.blocked(event)
    }
  }

  blocked(event: BlockerEvent): void {
    for (const stream of this.#blockers) stream.offer(event)
    for (const listener of this.#listeners) queueMicrotask(() => this.#tell(listener, event))
  }

  /** Tasks that were refused because they wait for each other. */
  circle(path: readonly string[], at: string): void {
    const [task = ''] = path
    const blocker = detected('dependency-circle', `tasks that wait for each other were refused: ${path.join(' → ')}`)
    this.blocked({ task, kind: '', swarm: '', at, isDetected: true, blocker, token: 0, by: null, context: null })
  }

  close(): void {
    for (const stream of [...this.#moves, ...this.#blockers]) stream.end()
    this.#listeners.clear()
  }

  #tell(listener: (event: BlockerEvent) => void, event: BlockerEvent): void {
    try {
      listener(event)
    } catch (thrown) {
      this.#logger.error('a listener to blockers threw', { task: event.task, error: String(thrown) })
    }
  }
}

/** A stream among others until its reader, its signal or the coordinator ends it. */
function openStream<E extends object>(streams: Set<EventStream<E>>, signal: AbortSignal | undefined): EventStream<E> {
  const end = () => stream.end()
  const stream = new EventStream<E>(() => {
    streams.delete(stream)
    signal?.removeEventListener('abort', end)
  })
  streams.add(stream)
  if (signal?.aborted) end()
  else signal?.addEventListener('abort', end, { once: true })
  return stream
}
