// A buffer of bytes that grows, with the number formats of wasm.
export class ByteWriter {
  #bytes: Uint8Array
  #length = 0

  constructor(capacity = 256) {
    this.#bytes = new Uint8Array(capacity)
  }

  get length(): number {
    return this.#length
  }

  /** What was written, as a view that the next write may overwrite. */
  get written(): Uint8Array {
    return this.#bytes.subarray(0, this.#length)
  }

  clear(): void {
    this.#length = 0
  }

  byte(value: number): void {
    this.#reserve(1)
    this.#bytes[this.#length++] = value
  }

  raw(bytes: ArrayLike<number>): void {
    this.#reserve(bytes.length)
    this.#bytes.set(bytes, this.#length)
    this.#length += bytes.length
  }

  /** A range of other bytes; most ranges of code are short. */
  copy(bytes: Uint8Array, from: number, until: number): void {
    if (until - from > 64) {
      this.raw(bytes.subarray(from, until))
      return
    }
    this.#reserve(until - from)
    for (let at = from; at < until; at++) this.#bytes[this.#length++] = bytes[at] ?? 0
  }

  append(other: ByteWriter): void {
    this.copy(other.#bytes, 0, other.#length)
  }

  u32(value: number): void {
    let rest = value
    while (rest >= 0x80) {
      this.byte((rest & 0x7f) | 0x80)
      rest = Math.floor(rest / 0x80)
    }
    this.byte(rest)
  }

  /** A signed number within 32 bits, for `i32.const` and `i64.const`. */
  s32(value: number): void {
    let rest = value
    while (rest < -0x40 || rest >= 0x40) {
      this.byte((rest & 0x7f) | 0x80)
      rest >>= 7
    }
    this.byte(rest & 0x7f)
  }

  name(text: string): void {
    this.sized(new TextEncoder().encode(text))
  }

  /** Bytes behind their length. */
  sized(bytes: Uint8Array): void {
    this.u32(bytes.length)
    this.raw(bytes)
  }

  #reserve(size: number): void {
    const needed = this.#length + size
    if (needed <= this.#bytes.length) return
    const larger = new Uint8Array(Math.max(needed, this.#bytes.length * 2))
    larger.set(this.written)
    this.#bytes = larger
  }
}
