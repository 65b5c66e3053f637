// Who watches which prefix. A change costs one look-up per distinct prefix length, not one per watcher. What a slow
// watcher has not taken yet is kept as the latest change per key, so its memory is bounded by the keys it watches.
import { FabricError, type JsonValue } from '../foundation/index.ts'
import type { Judged, PreparedCommit } from './commit.ts'
import type { Change, WatchOptions } from './port.ts'
import type { RecordChange } from './records.ts'

export class Watchers {
  readonly #byPrefix = new Map<string, Set<Watcher>>()
  /** How many watched prefixes have each length. */
  readonly #lengths = new Map<number, number>()

  get any(): boolean {
    return this.#byPrefix.size > 0
  }

  watch(prefix: string, { signal, notBy }: WatchOptions): AsyncIterableIterator<Change> {
    const watcher = new Watcher(notBy, () => {
      signal?.removeEventListener('abort', stop)
      this.#remove(prefix, watcher)
    })
    const stop = () => watcher.end({ drop: true })
    if (signal?.aborted) {
      stop()
      return watcher
    }
    signal?.addEventListener('abort', stop, { once: true })
    const watchers = this.#byPrefix.get(prefix)
    if (watchers) watchers.add(watcher)
    else {
      this.#byPrefix.set(prefix, new Set([watcher]))
      this.#lengths.set(prefix.length, (this.#lengths.get(prefix.length) ?? 0) + 1)
    }
    return watcher
  }

  /** @param by whose changes they are */
  publish(changes: readonly RecordChange[], by?: object): void {
    if (changes.length === 0 || !this.#isHeard(by)) return
    for (const change of changes) {
      for (const length of this.#lengths.keys()) {
        if (change.key.length < length) continue
        for (const watcher of this.#byPrefix.get(change.key.slice(0, length)) ?? []) watcher.offer(change, by)
      }
    }
  }

  /** Tells of the accepted commits of a batch. */
  publishBatch(commits: readonly PreparedCommit[], { outcomes }: Judged): void {
    if (!this.any) return
    commits.forEach(({ by }, at) => {
      const outcome = outcomes[at] ?? []
      if (!(outcome instanceof FabricError)) this.publish(outcome, by)
    })
  }

  #isHeard(by: object | undefined): boolean {
    for (const watchers of this.#byPrefix.values()) {
      for (const watcher of watchers) if (watcher.hears(by)) return true
    }
    return false
  }

  /** Ends every watch after what it has not taken yet. */
  close(): void {
    for (const watchers of [...this.#byPrefix.values()]) {
      for (const watcher of [...watchers]) watcher.end({ drop: false })
    }
  }

  #remove(prefix: string, watcher: Watcher): void {
    const watchers = this.#byPrefix.get(prefix)
    if (!watchers?.delete(watcher) || watchers.size > 0) return
    this.#byPrefix.delete(prefix)
    const left = (this.#lengths.get(prefix.length) ?? 1) - 1
    if (left > 0) this.#lengths.set(prefix.length, left)
    else this.#lengths.delete(prefix.length)
  }
}

class Watcher implements AsyncIterableIterator<Change> {
  readonly #pending = new Map<string, RecordChange>()
  readonly #takers: ((result: IteratorResult<Change>) => void)[] = []
  readonly #notBy: object | undefined
  readonly #onEnd: () => void
  #ended = false

  constructor(notBy: object | undefined, onEnd: () => void) {
    this.#notBy = notBy
    this.#onEnd = onEnd
  }

  hears(by: object | undefined): boolean {
    return by === undefined || by !== this.#notBy
  }

  offer(change: RecordChange, by: object | undefined): void {
    if (!this.hears(by)) return
    const taker = this.#takers.shift()
    if (taker) taker({ done: false, value: changeOf(change) })
    else this.#pending.set(change.key, change)
  }

  end({ drop }: { drop: boolean }): void {
    if (drop) this.#pending.clear()
    if (this.#ended) return
    this.#ended = true
    this.#onEnd()
    for (const taker of this.#takers.splice(0)) taker({ done: true, value: undefined })
  }

  next(): Promise<IteratorResult<Change>> {
    const oldest = this.#pending.size > 0 ? this.#pending.values().next().value : undefined
    if (oldest) {
      this.#pending.delete(oldest.key)
      return Promise.resolve({ done: false, value: changeOf(oldest) })
    }
    if (this.#ended) return Promise.resolve({ done: true, value: undefined })
    return new Promise((resolve) => this.#takers.push(resolve))
  }

  return(): Promise<IteratorResult<Change>> {
    this.end({ drop: true })
    return Promise.resolve({ done: true, value: undefined })
  }

  [Symbol.asyncIterator](): this {
    return this
  }
}

/** The value is read when it is asked for: many watchers look only at the key and revision of most changes. */
const changeOf = ({ key, text, revision }: RecordChange): Change => ({
  key,
  get value() {
    return text === undefined ? undefined : (JSON.parse(text) as JsonValue)
  },
  revision,
})
