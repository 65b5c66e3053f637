// Tasks as far as escalations see them: they are stuck, they go on, and whoever listens hears of it.
import { EventStream } from '../../../src/coordinator/event-stream.ts'
import type { BlockedTask, EscalationTasks } from '../../../src/governor/escalation-ports.ts'

export const blockedTask = (task: string, more: Partial<BlockedTask> = {}): BlockedTask => ({
  task,
  kind: 'refund',
  swarm: 'desk',
  at: '2026-03-01T12:00:00.000Z',
  blocker: {
    type: 'needs-capability',
    description: 'nobody here speaks SIP',
    severity: 'high',
    requiredCapabilities: ['integration:sip', 'integration:pbx'],
  },
  token: 3,
  by: 'desk/w1',
  ...more,
})

/** Events, of which each reader hears all that come after it began. */
class Events<E extends object> {
  readonly #readers = new Set<EventStream<E>>()

  offer(event: E): void {
    for (const reader of this.#readers) reader.offer(event)
  }

  /** Each reader falls behind and is ended with an error, as a slow one is. */
  break(event: E): void {
    for (const reader of this.#readers) for (let at = 0; at <= 10_001; at++) reader.offer(event)
  }

  read(signal: AbortSignal): AsyncIterable<E> {
    const reader = new EventStream<E>((ended) => this.#readers.delete(ended))
    this.#readers.add(reader)
    signal.addEventListener('abort', () => reader.end(), { once: true })
    return reader
  }
}

export class BlockedTasks implements EscalationTasks {
  readonly standings = new Map<string, { state: string; token: number }>()
  readonly missed: BlockedTask[] = []
  readonly #blockers = new Events<BlockedTask>()
  readonly #moves = new Events<{ task: string }>()

  block(blocked: BlockedTask, { isHeard = true, state = 'blocked' } = {}): void {
    this.standings.set(blocked.task, { state, token: blocked.token })
    if (isHeard) this.#blockers.offer(blocked)
    else this.missed.push(blocked)
  }

  /** Tells of it once more. */
  repeat(blocked: BlockedTask): void {
    this.#blockers.offer(blocked)
  }

  unblock(task: string): void {
    this.standings.set(task, { state: 'open', token: this.standings.get(task)?.token ?? 0 })
    this.#moves.offer({ task })
  }

  /** Whoever listens to blockers is ended with an error. */
  breakStream(passing: BlockedTask): void {
    this.#blockers.break(passing)
  }

  blockers({ signal }: { signal: AbortSignal }): AsyncIterable<BlockedTask> {
    return this.#blockers.read(signal)
  }

  moves({ signal }: { signal: AbortSignal }): AsyncIterable<{ task: string }> {
    return this.#moves.read(signal)
  }

  stuck(): Promise<BlockedTask[]> {
    return Promise.resolve(this.missed)
  }

  standing(task: string): Promise<{ state: string; token: number } | undefined> {
    return Promise.resolve(this.standings.get(task))
  }
}
