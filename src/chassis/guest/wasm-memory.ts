// A guest's linear memory as the host may touch it: every pointer and length is the guest's word, taken as unsigned and held
// against the memory's size before a byte is read or written.
import { GuestStopped, limitReached } from './guest-stopped.ts'

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

export class WasmMemory {
  readonly #memory: WebAssembly.Memory

  constructor(memory: WebAssembly.Memory) {
    this.#memory = memory
  }

  get bytes(): number {
    return this.#memory.buffer.byteLength
  }

  /** The bytes themselves; they move with the next growth. */
  view(pointer: number, length: number, what: string): Uint8Array<ArrayBuffer> {
    const [from, count] = [pointer >>> 0, length >>> 0]
    const { buffer } = this.#memory
    if (from + count > buffer.byteLength)
      throw new GuestStopped({
        kind: 'failed',
        message: `${what}: ${count} bytes at ${from} are outside of its memory of ${buffer.byteLength}`,
      })
    return new Uint8Array(buffer as ArrayBuffer, from, count)
  }

  read(pointer: number, length: number, { what, limitBytes }: { what: string; limitBytes: number }): string {
    if (length >>> 0 > limitBytes)
      throw new GuestStopped(limitReached('output', `${what} has more than ${limitBytes} bytes`))
    const bytes = this.view(pointer, length, what)
    try {
      return decoder.decode(bytes)
    } catch {
      throw new GuestStopped({ kind: 'failed', message: `${what} is not UTF-8` })
    }
  }
}
