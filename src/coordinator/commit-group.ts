// Moves of many tasks in one commit: whatever is handed in within one turn of the event loop goes to the store together,
// which saves it the work of a commit for each. Where one of them is refused, each is tried on its own. Answers come by
// callback: a job has several moves, and a promise for each would be most of what it costs.
import { isFabricError } from '../foundation/index.ts'
import type { LogEntry, Revision, Store, Write } from '../store/index.ts'

/** What belongs together: all of it becomes true, or nothing. */
export interface Grouped {
  /** Comes before the other, where there is one. */
  readonly first: Write | undefined
  readonly write: Write
  readonly log: readonly LogEntry[]
  /** Hears once that all is durable, with the revision of `write`, or why it isn't. Must not throw. */
  settle(revision: Revision, thrown?: unknown): void
}

const MAX_TOGETHER = 1_000

export class CommitGroup {
  readonly #store: Store
  /** Whose commits they are. */
  readonly #by: object
  #waiting: Grouped[] = []

  constructor(store: Store, by: object) {
    this.#store = store
    this.#by = by
  }

  commit(one: Grouped): void {
    this.#waiting.push(one)
    if (this.#waiting.length === 1) setImmediate(() => this.#send())
    else if (this.#waiting.length === MAX_TOGETHER) this.#send()
  }

  #send(): void {
    const together = this.#waiting
    this.#waiting = []
    const [first] = together
    if (!first) return
    // An engine that doesn't take all or nothing would take some of them.
    if (together.length === 1 || !this.#store.capabilities.atomic) for (const one of together) void this.#sendOne(one)
    else void this.#sendAll(together)
  }

  async #sendAll(together: readonly Grouped[]): Promise<void> {
    const writes: Write[] = []
    const log: LogEntry[] = []
    for (const one of together) {
      if (one.first) writes.push(one.first)
      writes.push(one.write)
      for (const entry of one.log) log.push(entry)
    }
    let revisions: readonly Revision[]
    try {
      revisions = (await this.#store.commit(writes, log, { by: this.#by })).revisions
    } catch (thrown) {
      // A store that can't be written refuses all alike; anything else is about one of them.
      const isAboutAll = isFabricError(thrown) && thrown.code === 'IF_ERR_STORE_UNAVAILABLE'
      for (const one of together)
        if (isAboutAll) one.settle(0, thrown)
        else void this.#sendOne(one)
      return
    }
    let at = -1
    for (const one of together) {
      at += one.first ? 2 : 1
      one.settle(revisions[at] ?? 0)
    }
  }

  async #sendOne(one: Grouped): Promise<void> {
    const writes = one.first ? [one.first, one.write] : [one.write]
    let revision: Revision
    try {
      revision = (await this.#store.commit(writes, [...one.log], { by: this.#by })).revisions.at(-1) ?? 0
    } catch (thrown) {
      one.settle(0, thrown)
      return
    }
    one.settle(revision)
  }
}
