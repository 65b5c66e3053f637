// A binary heap whose items know their place in it, so that any of them leaves in O(log n).

export interface Placed {
  /** Where the item stands; -1 when it is in no heap. Only the heap writes it. */
  place: number
}

export class Heap<T extends Placed> {
  readonly #items: T[] = []
  readonly #isBefore: (a: T, b: T) => boolean

  constructor(isBefore: (a: T, b: T) => boolean) {
    this.#isBefore = isBefore
  }

  get size(): number {
    return this.#items.length
  }

  get first(): T | undefined {
    return this.#items[0]
  }

  add(item: T): void {
    this.#items.push(item)
    this.#rise(item, this.#items.length - 1)
  }

  /** Nothing happens when the item is in no heap. */
  remove(item: T): void {
    const { place } = item
    if (place < 0) return
    item.place = -1
    const last = this.#items.pop()
    if (last === undefined || last === item) return
    if (!this.#rise(last, place)) this.#sink(last, place)
  }

  /** Puts the first item where it belongs after its order grew. */
  settleFirst(): void {
    const first = this.#items[0]
    if (first) this.#sink(first, 0)
  }

  values(): IterableIterator<T> {
    return this.#items.values()
  }

  /** True when the item moved. */
  #rise(item: T, from: number): boolean {
    let place = from
    while (place > 0) {
      const parent = (place - 1) >>> 1
      const above = this.#items[parent] as T // parent < place
      if (!this.#isBefore(item, above)) break
      this.#put(above, place)
      place = parent
    }
    this.#put(item, place)
    return place !== from
  }

  #sink(item: T, from: number): void {
    const items = this.#items
    let place = from
    for (;;) {
      let child = 2 * place + 1
      if (child >= items.length) break
      const right = child + 1
      if (right < items.length && this.#isBefore(items[right] as T, items[child] as T)) child = right
      const below = items[child] as T // child < length
      if (!this.#isBefore(below, item)) break
      this.#put(below, place)
      place = child
    }
    this.#put(item, place)
  }

  #put(item: T, place: number): void {
    this.#items[place] = item
    item.place = place
  }
}
