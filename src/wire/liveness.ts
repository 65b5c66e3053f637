// Whether the other end lives: each side gives a sign every second, and ten seconds of silence end the connection. A process
// that was stopped itself doesn't blame the other end for it.
import type { Channel } from './channel.ts'

export interface LivenessOptions {
  beatMs: number
  silenceMs: number
  /** Monotonic milliseconds. */
  now: () => number
  /** Called at each beat. */
  onBeat: () => void
  onSilence: () => void
}

export class Liveness {
  readonly #channel: Channel
  readonly #options: LivenessOptions
  readonly #timer: NodeJS.Timeout
  #heardAt: number
  #lookedAt: number

  constructor(channel: Channel, options: LivenessOptions) {
    this.#channel = channel
    this.#options = options
    this.#heardAt = options.now()
    this.#lookedAt = this.#heardAt
    this.#timer = setInterval(() => this.#beat(), options.beatMs)
    this.#timer.unref()
  }

  heard(): void {
    this.#heardAt = this.#options.now()
  }

  end(): void {
    clearInterval(this.#timer)
  }

  #beat(): void {
    const { beatMs, silenceMs, now, onBeat, onSilence } = this.#options
    const moment = now()
    // What came while this process stood still is read only after this.
    if (moment - this.#lookedAt > 3 * beatMs) this.#heardAt = moment
    this.#lookedAt = moment
    if (moment - this.#heardAt > silenceMs) {
      onSilence()
      return
    }
    this.#channel.ping()
    onBeat()
  }
}
