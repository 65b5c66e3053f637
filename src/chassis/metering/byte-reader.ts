// Reads a wasm binary, or a part of it, from front to back. Every read is checked against the end of the part, and every
// LEB128 number against its width, so that nothing hostile becomes an exception of the engine or an endless loop.
// Padded LEB128 within the width is valid (linkers write it).
import { refuseModule } from './refuse-module.ts'

/** Items of any one list of a module; below every limit of V8, by more than metering adds. */
const MAX_ITEMS = 65_536

export class ByteReader {
  readonly bytes: Uint8Array
  readonly end: number
  offset: number

  constructor(bytes: Uint8Array, offset = 0, end = bytes.length) {
    this.bytes = bytes
    this.offset = offset
    this.end = end
  }

  get left(): number {
    return this.end - this.offset
  }

  byte(what: string): number {
    const value = this.offset < this.end ? this.bytes[this.offset] : undefined
    if (value === undefined) refuseModule(this.offset, `${what} expected, found the end`)
    this.offset += 1
    return value
  }

  take(size: number, what: string): Uint8Array {
    const from = this.offset
    if (size > this.left) refuseModule(from, `${what} of ${size} bytes expected, found ${this.left}`)
    this.offset += size
    return this.bytes.subarray(from, this.offset)
  }

  u32(what: string): number {
    const from = this.offset
    let value = 0
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.byte(what)
      if (shift === 28 && byte > 0x0f) break
      value += (byte & 0x7f) * 2 ** shift
      if (byte < 0x80) return value
    }
    refuseModule(from, `${what} is not a LEB128 number of 32 bits`)
  }

  /** A signed number: exact within the 53 bits of a JavaScript number, which i64 constants are not needed in. */
  signed(bits: 32 | 33 | 64, what: string): number {
    const from = this.offset
    const lastShift = 7 * (Math.ceil(bits / 7) - 1)
    let value = 0
    for (let shift = 0; shift <= lastShift; shift += 7) {
      const byte = this.byte(what)
      value += (byte & 0x7f) * 2 ** shift
      if (byte >= 0x80) continue
      if (shift === lastShift && !isSignExtended(byte, bits - lastShift)) break
      return byte & 0x40 ? value - 2 ** (shift + 7) : value
    }
    refuseModule(from, `${what} is not a LEB128 number of ${bits} bits`)
  }

  /** The length of a list of which each item takes a byte at least. */
  count(what: string): number {
    const from = this.offset
    const count = this.u32(`number of ${what}`)
    if (count > this.left) refuseModule(from, `${count} ${what} announced in ${this.left} bytes`)
    if (count > MAX_ITEMS) {
      refuseModule(from, `${count} ${what}, at most ${MAX_ITEMS} are supported`, 'Make the module smaller.')
    }
    return count
  }

  name(what: string): string {
    const size = this.u32(`length of ${what}`)
    const from = this.offset
    const bytes = this.take(size, what)
    try {
      return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
    } catch {
      refuseModule(from, `${what} is not UTF-8`)
    }
  }

  /** The next `size` bytes as a part of their own. */
  part(size: number, what: string): ByteReader {
    const from = this.offset
    this.take(size, what)
    return new ByteReader(this.bytes, from, this.offset)
  }

  rest(): Uint8Array {
    return this.take(this.left, 'rest')
  }

  finish(what: string): void {
    if (this.left > 0) refuseModule(this.offset, `${what} ended, and ${this.left} bytes are left of its size`)
  }
}

/** Whether the bits of a last byte that lie beyond the number repeat its sign. */
function isSignExtended(byte: number, usedBits: number): boolean {
  const mask = (0x7f << (usedBits - 1)) & 0x7f
  const rest = byte & mask
  return rest === 0 || rest === mask
}
