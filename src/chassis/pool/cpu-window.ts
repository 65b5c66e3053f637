// How much of a core something took over the last second, in slots of 50 ms that slide. Time is spread over the slots in
// which it was spent, so that a long turn, told at its end, weighs no more than the part of it that lies in the window.

const SLOT_MS = 50
const SLOTS = 20

/** What the share of a core is measured over, milliseconds. */
export const WINDOW_MS = SLOT_MS * SLOTS

export class CpuWindow {
  readonly #spent = new Float64Array(SLOTS)
  /** Number of the newest slot; those older than a window are empty. */
  #newest = 0

  /** Counts time that was spent right before `endedAt`. */
  add(cpuMs: number, endedAt: number): void {
    this.#slideTo(endedAt)
    let left = Math.min(cpuMs, WINDOW_MS)
    let room = endedAt - this.#newest * SLOT_MS
    for (let back = 0; back < SLOTS && left > 0; back++) {
      const part = Math.min(left, room)
      const slot = (this.#newest - back) % SLOTS
      if (this.#newest >= back) this.#spent[slot] = (this.#spent[slot] ?? 0) + part
      left -= part
      room = SLOT_MS
    }
  }

  /** Milliseconds that were spent within the window. */
  spentMs(now: number): number {
    this.#slideTo(now)
    let sum = 0
    for (const part of this.#spent) sum += part
    return sum
  }

  /** The first moment at which no more than `allowedMs` lie in the window, if nothing more is spent. */
  restsAt(allowedMs: number, now: number): number {
    let spent = this.spentMs(now)
    for (let age = SLOTS - 1; age >= 0; age--) {
      if (spent <= allowedMs) return Math.max(now, (this.#newest - age + SLOTS - 1) * SLOT_MS)
      spent -= this.#newest >= age ? (this.#spent[(this.#newest - age) % SLOTS] ?? 0) : 0
    }
    return (this.#newest + SLOTS) * SLOT_MS
  }

  #slideTo(now: number): void {
    const slot = Math.floor(now / SLOT_MS)
    if (slot <= this.#newest) return
    for (let passed = Math.max(this.#newest + 1, slot - SLOTS + 1); passed <= slot; passed++)
      this.#spent[passed % SLOTS] = 0
    this.#newest = slot
  }
}
