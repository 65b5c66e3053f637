// Moves of many tasks in one commit: whatever is handed in within one turn of the event loop goes to the store together,
// which saves it the work of a commit for each. Where one of them is refused, each is tried on its own. Answers come by
// callback: a job has several moves, and a promise for each would be most of what it costs.
import { isFabricError } from '../foundation/index.ts'
import type { LogEntry, Revision, Store, Write } from '../store/index.ts'

/** Hears once that all is durable, with the revision of the last write, or why it isn't. Must not throw. */
export type Settle = (revision: Revision, thrown?: unknown) => void

interface Waiting {
  readonly writes: readonly Write[]
  readonly log: readonly LogEntry[]
  readonly settle: Settle
}

const MAX_TOGETHER = 1_000

export class CommitGroup {
  readonly #store: Store
  #waiting: Waiting[] = []

  constructor(store: Store) {
    this.#store = store
  }

  commit(writes: readonly Write[], log: readonly LogEntry[], settle: Settle): void {
    this.#waiting.push({ writes, log, settle })
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

  async #sendAll(together: readonly Waiting[]): Promise<void> {
    const writes: Write[] = []
    const log: LogEntry[] = []
    for (const one of together) {
      for (const write of one.writes) writes.push(write)
      for (const entry of one.log) log.push(entry)
    }
    let revisions: readonly Revision[]
    try {
      revisions = (await this.#store.commit(writes, log)).revisions
    } catch (thrown) {
      // A store that can't be written refuses all alike; anything else is about one of them.
      const isAboutAll = isFabricError(thrown) && thrown.code === 'IF_ERR_STORE_UNAVAILABLE'
      for (const one of together)
        if (isAboutAll) one.settle(0, thrown)
        else void this.#sendOne(one)
      return
    }
    let at = 0
    for (const one of together) {
      at += one.writes.length
      one.settle(revisions[at - 1] ?? 0)
    }
  }

  async #sendOne({ writes, log, settle }: Waiting): Promise<void> {
    let revision: Revision
    try {
      revision = (await this.#store.commit([...writes], [...log])).revisions.at(-1) ?? 0
    } catch (thrown) {
      return settle(0, thrown)
    }
    settle(revision)
  }
}
