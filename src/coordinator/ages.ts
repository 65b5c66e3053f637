// Tasks by how long ago they last changed, for leases: whoever was seen longest ago is first, and a task that changes goes
// to the end. One queue for each length of lease, so that seeing and forgetting cost nothing that grows.
import type { Entry } from './entry.ts'

export class Ages {
  readonly #byLimit = new Map<number, Map<Entry, number>>()
  readonly #limits = new Map<Entry, number>()

  /** Notes that a task was seen at a (monotonic) time, and when it is due: `limitMs` after. */
  see(entry: Entry, now: number, limitMs: number): void {
    this.forget(entry)
    let queue = this.#byLimit.get(limitMs)
    if (!queue) {
      queue = new Map()
      this.#byLimit.set(limitMs, queue)
    }
    queue.set(entry, now)
    this.#limits.set(entry, limitMs)
  }

  forget(entry: Entry): void {
    const limitMs = this.#limits.get(entry)
    if (limitMs === undefined) return
    this.#limits.delete(entry)
    const queue = this.#byLimit.get(limitMs)
    queue?.delete(entry)
    if (queue?.size === 0) this.#byLimit.delete(limitMs)
  }

  /** When a task was seen last. */
  seenAt(entry: Entry): number | undefined {
    const limitMs = this.#limits.get(entry)
    return limitMs === undefined ? undefined : this.#byLimit.get(limitMs)?.get(entry)
  }

  /** The tasks whose limit has passed; they stay until they are seen again or forgotten. */
  due(now: number): Entry[] {
    const due: Entry[] = []
    for (const [limitMs, queue] of this.#byLimit) {
      for (const [entry, seenAt] of queue) {
        if (seenAt + limitMs > now) break
        due.push(entry)
      }
    }
    return due
  }

  /** When the next one is due; infinite when there is none. */
  get nextAt(): number {
    let next = Number.POSITIVE_INFINITY
    for (const [limitMs, queue] of this.#byLimit) {
      const [oldest] = queue.values()
      if (oldest !== undefined) next = Math.min(next, oldest + limitMs)
    }
    return next
  }
}
