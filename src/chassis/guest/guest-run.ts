// One call of a guest, from the message that began it to its end: what it may use, what it has asked for, what it has said.
// Wants are sent when the guest stands still; log lines at once, cut and counted.
import type { FromWorker, GuestFailure, GuestLimits, GuestTime, GuestWant } from '../guest-protocol.ts'
import { limitReached } from './guest-stopped.ts'
import { openTimeAndChance, type TimeAndChance } from './time-and-chance.ts'

type LogLevel = Extract<FromWorker, { type: 'log' }>['level']

/** What one stretch of running may ask for, in characters: it lies in the worker's heap until the guest stands still. */
const WANTED_AT_ONCE = 8_388_608
/** What a want takes beside its text. */
const WANT_ITSELF = 256
const LOG_LINES = 100
const LOG_CHARACTERS = 2_000

export class GuestRun {
  readonly id: number
  readonly limits: GuestLimits
  readonly chance: TimeAndChance
  /** Wants without an answer. */
  readonly open = new Set<number>()
  hostCalls = 0
  /** The worker's time in it, without waiting. */
  cpuMs = 0
  readonly #post: (message: FromWorker) => void
  #unsent: { want: number; what: GuestWant }[] = []
  #unsentSize = 0
  #lines = 0

  constructor(of: { id: number; limits: GuestLimits; time: GuestTime; post: (message: FromWorker) => void }) {
    this.id = of.id
    this.limits = of.limits
    this.chance = openTimeAndChance(of.time)
    this.#post = of.post
  }

  /** The number of a new want, or the limit that it would pass. */
  want(what: GuestWant): number | GuestFailure {
    if (this.hostCalls >= this.limits.hostCalls)
      return limitReached('host-calls', `made more than ${this.limits.hostCalls} host calls`)
    this.#unsentSize += WANT_ITSELF + sizeOf(what)
    const most = Math.max(WANTED_AT_ONCE, this.limits.outputBytes + WANT_ITSELF)
    if (this.#unsentSize > most) return limitReached('output', `asked its host with more than ${most} bytes at once`)
    this.hostCalls += 1
    const want = this.hostCalls
    this.open.add(want)
    this.#unsent.push({ want, what })
    return want
  }

  takeUnsent(): { want: number; what: GuestWant }[] {
    const unsent = this.#unsent
    this.#unsent = []
    this.#unsentSize = 0
    return unsent
  }

  log(level: LogLevel, text: string): void {
    this.#lines += 1
    if (this.#lines > LOG_LINES + 1) return
    const line = this.#lines > LOG_LINES ? `more than ${LOG_LINES} lines in one call: the rest is left out` : text
    this.#post({ type: 'log', id: this.id, level, text: line.slice(0, LOG_CHARACTERS) })
  }

  /** Whether a line would still be sent: what nobody reads need not be copied. */
  get isHeard(): boolean {
    return this.#lines <= LOG_LINES
  }
}

const sizeOf = (what: GuestWant): number =>
  Object.values(what).reduce((size: number, text: string) => size + text.length, 0)
