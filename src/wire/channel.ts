// The connection under a peer: whole text messages, signs of life, an end.
import type { WebSocket } from 'ws'

export interface Channel {
  send(text: string): void
  /** Asks for a sign of life. */
  ping(): void
  /** Bytes that were sent and not yet taken. */
  readonly unread: number
  /** Ends it once all is sent. */
  close(code: number, reason: string): void
  /** Ends it at once. */
  cut(): void
  listen(listener: ChannelListener): void
}

export interface ChannelListener {
  message(text: string): void
  /** A message that is no text. */
  binary(): void
  /** The other end lives. */
  alive(): void
  closed(code: number, reason: string): void
}

/** A websocket as a channel. */
export function socketChannel(socket: WebSocket): Channel {
  return {
    send: (text) => socket.send(text),
    ping: () => {
      if (socket.readyState === socket.OPEN) socket.ping()
    },
    get unread() {
      return socket.bufferedAmount
    },
    close: (code, reason) => socket.close(code, reason.slice(0, 120)),
    cut: () => socket.terminate(),
    listen(listener) {
      let failure: Error | undefined
      socket.on('message', (data, isBinary) => {
        if (isBinary) listener.binary()
        else listener.message(data.toString())
      })
      socket.on('ping', () => listener.alive())
      socket.on('pong', () => listener.alive())
      socket.on('error', (error) => {
        failure = error
      })
      socket.on('close', (code, reason) => listener.closed(code, reason.toString() || failure?.message || ''))
    },
  }
}
