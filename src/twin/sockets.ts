// The websocket side of a twin: the definition's handlers with a live connection in their hands. Messages of one socket
// are handled in order, also while an injected wait holds one back. A message that is not a JSON object ends the socket.
import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { type RawData, type WebSocket, WebSocketServer } from 'ws'
import type { TwinDefinition, TwinSocket } from '../adapter/index.ts'
import type { Clock, JsonObject } from '../foundation/index.ts'
import type { CallLog } from './call-log.ts'
import type { Credentials } from './credential.ts'
import type { FaultDice } from './fault-dice.ts'
import { formatKind } from './faults.ts'
import type { Change, TwinMemory } from './memory.ts'

export interface SocketParts {
  protocol: NonNullable<TwinDefinition['socket']>
  memory: TwinMemory
  credentials: Credentials
  dice: FaultDice
  /** The operation that faults name for this socket; undefined: only `*` strikes it. */
  operation: string | undefined
  log: CallLog
  clock: Clock
  maxMessageBytes: number
  signal: AbortSignal
  /** Told of a handler that failed. */
  report: (operation: string, message: string) => void
}

/** One connection: what handlers see of it, and its queue of messages. */
interface Line {
  raw: WebSocket
  socket: TwinSocket
  handled: Promise<void>
  /** While set, what handlers send stays unsent: the connection is about to be cut. */
  mute: boolean
}

const NOT_UNDERSTOOD = 1003

export class TwinSockets {
  readonly #parts: SocketParts
  readonly #server: WebSocketServer
  readonly #lines = new Set<Line>()

  constructor(parts: SocketParts) {
    this.#parts = parts
    this.#server = new WebSocketServer({ noServer: true, maxPayload: parts.maxMessageBytes })
  }

  /** Takes over a connection that asks to become a websocket; another path is told that there is none. */
  async upgrade(request: IncomingMessage, stream: Duplex, head: Buffer): Promise<void> {
    stream.on('error', () => stream.destroy()) // the client may go away at any moment
    const { protocol, dice, operation, clock, signal } = this.#parts
    if (request.url?.split('?')[0] !== protocol.path) return refuse(stream, 404)
    const { latencyMs, fault } = dice.roll(operation)
    try {
      if (latencyMs > 0) await clock.sleep(latencyMs, signal)
    } catch {
      stream.destroy()
      return
    }
    if (fault?.kind === 'drop') stream.destroy()
    else if (fault?.kind === 'status') refuse(stream, fault.status)
    else if (fault?.kind === 'garbage') refuse(stream, 200)
    else this.#server.handleUpgrade(request, stream, head, (raw) => this.#open(raw))
  }

  /** Tells every open socket of what was changed. */
  notify(changes: readonly Change[]): void {
    const { changed } = this.#parts.protocol
    if (!changed) return
    for (const { collection, id, before, after } of changes) {
      if (!after) continue
      for (const line of this.#lines) this.#guarded(line, () => changed(line.socket, { collection, id, before, after }))
    }
  }

  close(): void {
    for (const { raw } of this.#lines) raw.terminate()
    this.#server.close()
  }

  #open(raw: WebSocket): void {
    const { memory, clock, credentials, protocol } = this.#parts
    const line: Line = {
      raw,
      handled: Promise.resolve(),
      mute: false,
      socket: {
        state: memory.state,
        nextId: memory.nextId,
        get now() {
          return clock.now()
        },
        send: (message) => {
          if (!line.mute && raw.readyState === raw.OPEN) raw.send(JSON.stringify(message))
        },
        close: () => raw.close(),
        session: {},
        accepts: credentials.accepts,
      },
    }
    this.#lines.add(line)
    raw.on('error', () => raw.terminate())
    raw.on('close', () => this.#lines.delete(line))
    raw.on('message', (content, isBinary) => {
      line.handled = line.handled.then(() => this.#receive(line, content, isBinary))
    })
    this.#guarded(line, () => protocol.open(line.socket))
  }

  async #receive(line: Line, content: RawData, isBinary: boolean): Promise<void> {
    const { dice, operation, clock, signal, protocol, log } = this.#parts
    const { latencyMs, fault } = dice.roll(operation)
    if (latencyMs > 0) await clock.sleep(latencyMs, signal).catch(() => line.raw.terminate())
    if (line.raw.readyState !== line.raw.OPEN) return
    if (fault?.kind === 'drop' || fault?.kind === 'status') return line.raw.terminate()
    const message = isBinary ? undefined : parseMessage(content.toString())
    if (!message) return line.raw.close(NOT_UNDERSTOOD, 'expected a JSON object')
    const struck = fault ? { fault: formatKind(fault) } : {}
    log.add({
      at: clock.now(),
      operation,
      method: 'MESSAGE',
      target: protocol.path,
      body: message,
      status: undefined,
      ...struck,
    })
    line.mute = fault !== undefined
    this.#guarded(line, () => protocol.message(line.socket, message))
    if (fault?.kind === 'garbage') line.raw.send('<html>')
    if (fault?.kind === 'drop-after') line.raw.terminate()
    line.mute = false
  }

  /** Runs a handler; what it changed is told to all sockets, and its failure ends this one. */
  #guarded(line: Line, handle: () => void): void {
    const { memory, protocol, report } = this.#parts
    try {
      const { changes } = memory.observe(handle)
      this.notify(changes)
    } catch (thrown) {
      report(`websocket ${protocol.path}`, thrown instanceof Error ? thrown.message : String(thrown))
      line.raw.terminate()
    }
  }
}

function parseMessage(text: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return value !== null && typeof value === 'object' && !Array.isArray(value) ? (value as JsonObject) : undefined
  } catch {
    return undefined
  }
}

const refuse = (stream: Duplex, status: number): void => {
  stream.end(`HTTP/1.1 ${status} refused\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`)
}
