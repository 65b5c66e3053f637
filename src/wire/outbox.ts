// Frames on their way out: those of one turn of the event loop leave as one message. Each is put into JSON when it is handed
// over, so that its sender may go on using its objects.
import { FabricError } from '../foundation/index.ts'
import type { Frame } from './frames.ts'
import { LIMITS } from './protocol.ts'

/** Characters that are not gathered further. */
const FULL = 256 * 1024

export class Outbox {
  readonly #send: (text: string) => void
  #frames: string[] = []
  #characters = 0
  #timer: NodeJS.Immediate | undefined

  constructor(send: (text: string) => void) {
    this.#send = send
  }

  /** IF_ERR_INVALID_INPUT for what has no JSON form, or too much of it. */
  put(frame: Frame): void {
    const text = jsonOf(frame)
    // The limit is in bytes, of which a UTF-16 unit takes three at most.
    if (text.length * 3 > LIMITS.messageBytes - 2) checkSize(text)
    if (this.#characters > 0 && this.#characters + text.length > FULL) this.flush()
    this.#frames.push(text)
    this.#characters += text.length + 1
    this.#timer ??= setImmediate(() => this.flush())
  }

  flush(): void {
    if (this.#timer) clearImmediate(this.#timer)
    this.#timer = undefined
    if (this.#frames.length === 0) return
    const text = `[${this.#frames.join(',')}]`
    this.#frames = []
    this.#characters = 0
    this.#send(text)
  }

  /** What has not left is dropped. */
  close(): void {
    if (this.#timer) clearImmediate(this.#timer)
    this.#timer = undefined
    this.#frames = []
  }
}

function jsonOf(frame: Frame): string {
  try {
    return JSON.stringify(frame)
  } catch (cause) {
    const why = cause instanceof Error ? (cause.message.split('\n')[0] ?? '') : String(cause)
    throw new FabricError('IF_ERR_INVALID_INPUT', `a value has no JSON form: ${why}`, { cause })
  }
}

function checkSize(text: string): void {
  const bytes = Buffer.byteLength(text)
  if (bytes <= LIMITS.messageBytes - 2) return
  throw new FabricError('IF_ERR_INVALID_INPUT', `a message would have ${bytes} bytes, ${LIMITS.messageBytes} at most`, {
    hint: 'Say it in smaller pieces.',
    details: { bytes, limit: LIMITS.messageBytes },
  })
}
