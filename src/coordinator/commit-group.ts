// Moves of many tasks in one commit: whatever is handed in within one turn of the event loop goes to the store together,
// which saves it the work of a commit for each. Where one of them is refused, each is tried on its own.
import { isFabricError } from '../foundation/index.ts'
import type { LogEntry, Revision, Store, Write } from '../store/index.ts'

interface Waiting {
  readonly writes: readonly Write[]
  readonly log: readonly LogEntry[]
  /** Gets the revision of the last write. */
  resolve(revision: Revision): void
  reject(thrown: unknown): void
}

const MAX_TOGETHER = 1_000

export class CommitGroup {
  readonly #store: Store
  #waiting: Waiting[] = []

  constructor(store: Store) {
    this.#store = store
  }

  /** Resolves with the revision of the last write when all are durable. */
  commit(writes: readonly Write[], log: readonly LogEntry[]): Promise<Revision> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ writes, log, resolve, reject })
      if (this.#waiting.length === 1) setImmediate(() => this.#send())
      else if (this.#waiting.length === MAX_TOGETHER) this.#send()
    })
  }

  #send(): void {
    const together = this.#waiting
    this.#waiting = []
    const [first] = together
    if (!first) return
    if (together.length === 1) void this.#sendOne(first)
    // An engine that doesn't take all or nothing would take some of them.
    else if (!this.#store.capabilities.atomic) for (const one of together) void this.#sendOne(one)
    else void this.#sendAll(together)
  }

  async #sendAll(together: Waiting[]): Promise<void> {
    try {
      const writes: Write[] = []
      const log: LogEntry[] = []
      for (const one of together) {
        for (const write of one.writes) writes.push(write)
        for (const entry of one.log) log.push(entry)
      }
      const { revisions } = await this.#store.commit(writes, log)
      let at = 0
      for (const one of together) {
        at += one.writes.length
        one.resolve(revisions[at - 1] ?? 0)
      }
    } catch (thrown) {
      // A store that can't be written refuses all alike; anything else is about one of them.
      const isAboutAll = isFabricError(thrown) && thrown.code === 'IF_ERR_STORE_UNAVAILABLE'
      for (const one of together)
        if (isAboutAll) one.reject(thrown)
        else void this.#sendOne(one)
    }
  }

  async #sendOne({ writes, log, resolve, reject }: Waiting): Promise<void> {
    try {
      const { revisions } = await this.#store.commit([...writes], [...log])
      resolve(revisions.at(-1) ?? 0)
    } catch (thrown) {
      reject(thrown)
    }
  }
}
