// One call of a guest, from the message that began it to its end: what it may use, what it has asked for, what it has said.
// Wants are sent when the guest stands still; log lines at once, cut and counted.
import type { FromWorker, GuestLimits, GuestTime, GuestWant } from '../guest-protocol.ts'
import { openTimeAndChance, type TimeAndChance } from './time-and-chance.ts'

type LogLevel = Extract<FromWorker, { type: 'log' }>['level']

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
  #lines = 0

  constructor(of: { id: number; limits: GuestLimits; time: GuestTime; post: (message: FromWorker) => void }) {
    this.id = of.id
    this.limits = of.limits
    this.chance = openTimeAndChance(of.time)
    this.#post = of.post
  }

  /** The number of a new want; undefined where the call has used up its host calls. */
  want(what: GuestWant): number | undefined {
    if (this.hostCalls >= this.limits.hostCalls) return undefined
    this.hostCalls += 1
    const want = this.hostCalls
    this.open.add(want)
    this.#unsent.push({ want, what })
    return want
  }

  takeUnsent(): { want: number; what: GuestWant }[] {
    const unsent = this.#unsent
    this.#unsent = []
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
