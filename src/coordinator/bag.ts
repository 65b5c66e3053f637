// Things without an order, each of which knows its place: a Set that needs no new table as things come and go.

export interface Bagged {
  /** -1 when it is in no bag; only the bag writes it. */
  bagPlace: number
}

export class Bag<T extends Bagged> implements Iterable<T> {
  readonly #items: T[] = []

  get size(): number {
    return this.#items.length
  }

  add(item: T): void {
    item.bagPlace = this.#items.length
    this.#items.push(item)
  }

  /** False when it was not in the bag. */
  delete(item: T): boolean {
    const { bagPlace } = item
    if (bagPlace < 0) return false
    const last = this.#items.pop()
    if (last && last !== item) {
      this.#items[bagPlace] = last
      last.bagPlace = bagPlace
    }
    item.bagPlace = -1
    return true
  }

  /** What is in it now; may change while somebody goes through it. */
  [Symbol.iterator](): Iterator<T> {
    return [...this.#items].values()
  }
}
