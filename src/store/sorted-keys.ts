// Keys in order, for prefix ranges over hundreds of thousands of them: a list of short sorted blocks, so that adding
// or removing one key moves at most a block. Keys that come and go between two ranges are never sorted at all.
// Order is that of UTF-16 code units, as `<` compares.

const BLOCK_SIZE = 512
/** New keys that may wait for their place; more would make the range that sorts them slow. */
const MOST_FRESH = 1_024

export class SortedKeys {
  #blocks: string[][] = []
  /** Keys that aren't in a block yet. */
  readonly #fresh = new Set<string>()

  /** Takes over keys that are already in order and distinct. */
  static ofSorted(keys: string[]): SortedKeys {
    const sorted = new SortedKeys()
    for (let at = 0; at < keys.length; at += BLOCK_SIZE) sorted.#blocks.push(keys.slice(at, at + BLOCK_SIZE))
    return sorted
  }

  /** Adds a key that is not there yet. */
  add(key: string): void {
    this.#fresh.add(key)
    if (this.#fresh.size > MOST_FRESH) this.#settle()
  }

  /** Removes a key; nothing happens when it is not there. */
  delete(key: string): void {
    if (this.#fresh.delete(key)) return
    const at = this.#blockOf(key)
    const block = this.#blocks[at]
    if (!block) return
    const place = lowerBound(block, key)
    if (block[place] !== key) return
    if (block.length === 1) this.#blocks.splice(at, 1)
    else block.splice(place, 1)
  }

  /** Keys that start with the prefix, at most `limit`, from the last one on when `reverse`. */
  withPrefix(prefix: string, { limit, reverse }: { limit: number; reverse: boolean }): string[] {
    this.#settle()
    return reverse ? this.#lastWithPrefix(prefix, limit) : this.#firstWithPrefix(prefix, limit)
  }

  /** The next `count` keys after a key that need not be there; undefined starts at the first. */
  after(key: string | undefined, count: number): string[] {
    this.#settle()
    const found: string[] = []
    let at = key === undefined ? 0 : this.#blockOf(key)
    for (; at < this.#blocks.length && found.length < count; at++) {
      const block = this.#blocks[at] ?? []
      const start = key === undefined ? 0 : upperBound(block, (other) => other <= key)
      for (let place = start; place < block.length && found.length < count; place++) found.push(block[place] as string)
    }
    return found
  }

  #settle(): void {
    if (this.#fresh.size === 0) return
    for (const key of this.#fresh) this.#place(key)
    this.#fresh.clear()
  }

  #place(key: string): void {
    const at = Math.min(this.#blockOf(key), this.#blocks.length - 1)
    const block = this.#blocks[at]
    if (!block) {
      this.#blocks.push([key])
      return
    }
    block.splice(lowerBound(block, key), 0, key)
    if (block.length > 2 * BLOCK_SIZE) this.#blocks.splice(at + 1, 0, block.splice(BLOCK_SIZE))
  }

  #firstWithPrefix(prefix: string, limit: number): string[] {
    const found: string[] = []
    for (let at = this.#blockOf(prefix); at < this.#blocks.length; at++) {
      const block = this.#blocks[at] ?? []
      for (let place = lowerBound(block, prefix); place < block.length; place++) {
        const key = block[place] as string // place < block.length
        if (found.length >= limit || !key.startsWith(prefix)) return found
        found.push(key)
      }
    }
    return found
  }

  #lastWithPrefix(prefix: string, limit: number): string[] {
    const found: string[] = []
    const notPast = (key: string) => key < prefix || key.startsWith(prefix)
    const firstPast = upperBound(this.#blocks, (block) => notPast(block.at(-1) ?? ''))
    for (let at = Math.min(firstPast, this.#blocks.length - 1); at >= 0; at--) {
      const block = this.#blocks[at] ?? []
      for (let place = upperBound(block, notPast) - 1; place >= 0; place--) {
        const key = block[place] as string // place < block.length
        if (found.length >= limit || !key.startsWith(prefix)) return found
        found.push(key)
      }
    }
    return found
  }

  /** The first block whose last key is not before the key. */
  #blockOf(key: string): number {
    return upperBound(this.#blocks, (block) => (block.at(-1) ?? '') < key)
  }
}

const lowerBound = (sorted: string[], key: string): number => upperBound(sorted, (other) => other < key)

/** How many items at the start satisfy a predicate that never becomes true again once it was false. */
function upperBound<T>(items: T[], isBefore: (item: T) => boolean): number {
  let low = 0
  let high = items.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (isBefore(items[middle] as T)) low = middle + 1
    else high = middle
  }
  return low
}
