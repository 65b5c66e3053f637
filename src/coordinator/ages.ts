// Tasks by how long ago they last changed, for leases: whoever was seen longest ago is first, and a task that changes goes
// to the end. One line for each length of lease, so that seeing and forgetting cost nothing that grows.
import type { Entry } from './entry.ts'
import { Line, Place } from './line.ts'

export class Ages {
  readonly #byLimit = new Map<number, Line<Entry>>()
  /** Which of a task's places is the one here. */
  readonly #place: 'leasePlace' | 'keptPlace'

  constructor(place: 'leasePlace' | 'keptPlace') {
    this.#place = place
  }

  /** Notes that a task was seen at a (monotonic) time, and when it is due: `limitMs` after. */
  see(entry: Entry, now: number, limitMs: number): void {
    entry[this.#place] ??= new Place(entry)
    const place = entry[this.#place] as NonNullable<Entry['leasePlace']> // made above
    let line = this.#byLimit.get(limitMs)
    if (!line) {
      this.#prune()
      line = new Line<Entry>()
      this.#byLimit.set(limitMs, line)
    }
    line.append(place, now)
  }

  forget(entry: Entry): void {
    const place = entry[this.#place]
    place?.line?.remove(place)
    entry[this.#place] = undefined
  }

  /** When a task was seen last. */
  seenAt(entry: Entry): number | undefined {
    const place = entry[this.#place]
    return place?.line && place.at
  }

  /** The tasks whose limit has passed; they stay until they are seen again or forgotten. */
  due(now: number): Entry[] {
    const due: Entry[] = []
    for (const [limitMs, { first }] of this.#byLimit) {
      for (let place = first; place && place.at + limitMs <= now; place = place.after) due.push(place.item)
    }
    return due
  }

  /** When the next one is due; infinite when there is none. */
  get nextAt(): number {
    let next = Number.POSITIVE_INFINITY
    for (const [limitMs, { first }] of this.#byLimit) if (first) next = Math.min(next, first.at + limitMs)
    return next
  }

  /** Lengths that nobody uses any more. */
  #prune(): void {
    for (const [limitMs, { size }] of this.#byLimit) if (size === 0) this.#byLimit.delete(limitMs)
  }
}
