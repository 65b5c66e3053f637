// The vendor's memory of idempotency keys: the first answer to a key is the answer to it, for the vendor's window.
// A second request under the key with other parameters is refused, so is one while the first is still being served.
import { type Clock, type JsonValue, sha256Hex } from '../foundation/index.ts'
import type { EncodedAnswer } from './answer.ts'
import type { ReceivedRequest } from './received.ts'

interface Remembered {
  fingerprint: string
  answer: EncodedAnswer
  at: number
}

export class KeyMemory {
  readonly #answers = new Map<string, Remembered>()
  readonly #serving = new Set<string>()
  readonly #windowMs: number
  readonly #clock: Clock

  constructor(options: { windowHours: number; clock: Clock }) {
    this.#windowMs = options.windowHours * 3_600_000
    this.#clock = options.clock
  }

  /** Marks the key as being served; false where it already is. */
  enter(key: string): boolean {
    if (this.#serving.has(key)) return false
    this.#serving.add(key)
    return true
  }

  leave(key: string): void {
    this.#serving.delete(key)
  }

  /** The first answer, `other` where the parameters differ, undefined for a key that is new or forgotten. */
  recall(key: string, fingerprint: string): EncodedAnswer | 'other' | undefined {
    const remembered = this.#answers.get(key)
    if (!remembered || this.#isForgotten(remembered)) return undefined
    return remembered.fingerprint === fingerprint ? remembered.answer : 'other'
  }

  remember(key: string, fingerprint: string, answer: EncodedAnswer): void {
    for (const [oldKey, old] of this.#answers) {
      if (!this.#isForgotten(old)) break // in order of making: all later ones are younger
      this.#answers.delete(oldKey)
    }
    this.#answers.set(key, { fingerprint, answer, at: this.#clock.now() })
  }

  #isForgotten(remembered: Remembered): boolean {
    return this.#clock.now() - remembered.at > this.#windowMs
  }
}

/** What makes two requests the same one, whatever their multipart boundary or field order on the wire. */
export const fingerprintOf = ({ method, target, bytes }: ReceivedRequest, value: JsonValue): string =>
  sha256Hex(`${method} ${target}\n${value === null ? Buffer.from(bytes).toString('base64') : JSON.stringify(value)}`)
