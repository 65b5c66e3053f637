// Things in a line (tasks, here), linked through places that they keep themselves: in at the end, out anywhere, and whoever
// has left is held by nothing. A Map would do, but every task passes through three of these, and a Map makes a new table
// again and again as things come and go.

export class Place<T> {
  readonly item: T
  /** When it was put there, by the monotonic clock. */
  at = 0
  /** Undefined: in no line. */
  line: Line<T> | undefined
  before: Place<T> | undefined
  after: Place<T> | undefined

  constructor(item: T) {
    this.item = item
  }
}

export class Line<T> {
  first: Place<T> | undefined
  last: Place<T> | undefined
  size = 0

  /** Puts a place at the end, wherever it stood before. */
  append(place: Place<T>, at: number): void {
    place.line?.remove(place)
    place.at = at
    place.line = this
    place.before = this.last
    if (this.last) this.last.after = place
    else this.first = place
    this.last = place
    this.size++
  }

  remove(place: Place<T>): void {
    if (place.line !== this) return
    const { before, after } = place
    if (before) before.after = after
    else this.first = after
    if (after) after.before = before
    else this.last = before
    place.line = undefined
    place.before = undefined
    place.after = undefined
    this.size--
  }
}
