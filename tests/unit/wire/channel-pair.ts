// Two channels that are each other's other end, in this process. What is sent arrives in a later turn, in order.
import type { Channel, ChannelListener } from '../../../src/wire/channel.ts'

export class FakeChannel implements Channel {
  other: FakeChannel | undefined
  listener: ChannelListener | undefined
  unread = 0
  /** Whether the other end answers signs of life. */
  isAlive = true
  readonly sent: string[] = []
  ended: { code: number; reason: string } | undefined

  send(text: string): void {
    this.sent.push(text)
    setImmediate(() => this.other?.listener?.message(text))
  }

  ping(): void {
    if (this.other?.isAlive) setImmediate(() => this.listener?.alive())
  }

  close(code: number, reason: string): void {
    setImmediate(() => setImmediate(() => this.#end(code, reason)))
  }

  cut(): void {
    this.#end(1006, '')
  }

  listen(listener: ChannelListener): void {
    this.listener = listener
  }

  #end(code: number, reason: string): void {
    for (const side of [this, this.other]) {
      if (!side || side.ended) continue
      side.ended = { code, reason }
      side.listener?.closed(code, reason)
    }
  }
}

export function channelPair(): [FakeChannel, FakeChannel] {
  const [here, there] = [new FakeChannel(), new FakeChannel()]
  here.other = there
  there.other = here
  return [here, there]
}
