// Messages between a socket and the one who reads them: in order, bounded, with a word to the socket when to pause.
import { FabricError } from '../foundation/index.ts'

export interface QueueOptions {
  host: string
  pause: () => void
  resume: () => void
  /** Told once when the bound is broken; the queue has failed by then. */
  overflow: () => void
}

/** Queued beyond this the socket is paused, and resumed when half of it is read. */
const PAUSE_AT = { messages: 256, characters: 4 * 1024 * 1024 }
/** What may still arrive after a pause is one read of the socket; more messages than this in it are a flood. */
const MESSAGES_MAX = 4096

export class MessageQueue implements AsyncIterable<string> {
  readonly #options: QueueOptions
  readonly #messages: string[] = []
  #characters = 0
  #paused = false
  #end: { error: FabricError | undefined } | undefined
  #wake: (() => void) | undefined

  constructor(options: QueueOptions) {
    this.#options = options
  }

  push(message: string): void {
    if (this.#end) return
    if (this.#messages.length >= MESSAGES_MAX) {
      this.end(
        new FabricError(
          'IF_ERR_BAD_RESPONSE',
          `${this.#options.host}: more than ${MESSAGES_MAX} messages wait to be read`,
          {
            hint: 'The host floods the socket, or its messages are read too slowly.',
            details: { host: this.#options.host },
          },
        ),
      )
      this.#options.overflow()
      return
    }
    this.#messages.push(message)
    this.#characters += message.length
    if (!this.#paused && this.#exceeds(1)) {
      this.#paused = true
      this.#options.pause()
    }
    this.#wake?.()
  }

  /** No more messages; those that wait are still handed out, then the iteration ends or throws. The first end counts. */
  end(error?: FabricError): void {
    this.#end ??= { error }
    this.#wake?.()
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<string, void, undefined> {
    for (;;) {
      const message = this.#messages.shift()
      if (message !== undefined) {
        this.#characters -= message.length
        if (this.#paused && !this.#exceeds(0.5)) {
          this.#paused = false
          this.#options.resume()
        }
        yield message
      } else if (this.#end) {
        if (this.#end.error) throw this.#end.error
        return
      } else {
        await new Promise<void>((resolve) => {
          this.#wake = resolve
        })
        this.#wake = undefined
      }
    }
  }

  #exceeds(share: number): boolean {
    return this.#messages.length > PAUSE_AT.messages * share || this.#characters > PAUSE_AT.characters * share
  }
}
