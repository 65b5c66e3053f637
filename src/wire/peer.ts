// One end of a connection; both ends are alike. Each asks and performs, streams items, gives up, calls back. Whatever the other
// end sends, it costs it at most its connection: nothing here throws, leaks or waits for ever.
import { FabricError, isFabricError } from '../foundation/index.ts'
import type { Channel } from './channel.ts'
import { type Frame, parseFrames } from './frames.ts'
import { Liveness } from './liveness.ts'
import { Outbox } from './outbox.ts'
import { Performing } from './performing.ts'
import { CLOSE, LIMITS } from './protocol.ts'
import type { WireRequest } from './request.ts'
import { Requests } from './requests.ts'
import type { Served } from './served.ts'
import type { StreamReader } from './stream-reader.ts'
import { errorFromWire, errorToWire } from './wire-error.ts'

export interface PeerOptions {
  /** Performs what the other end asks: a value, a promise of one, or items. What it throws is answered as an error. */
  serve: (request: Served) => unknown
  /** What is answered for what `serve` throws. Default: itself. */
  explain?: (thrown: unknown) => unknown
  /** Spans since the last answer, to go with the next one. */
  spans?: () => unknown[] | undefined
  /** Takes spans that an answer brought. */
  takeSpans?: (spans: unknown[]) => void
  /** At each beat, once a second. */
  beat?: () => void
  beatMs?: number
  silenceMs?: number
  now?: () => number
}

export interface PeerEnd {
  code: number
  /** What the other end said before it closed, or what we found wrong. */
  error: FabricError | undefined
}

export class Peer {
  /** Resolves when the connection is over. */
  readonly closed: Promise<PeerEnd>
  readonly #channel: Channel
  readonly #options: PeerOptions
  readonly #outbox: Outbox
  readonly #liveness: Liveness
  readonly #requests: Requests
  readonly #performing: Performing
  #end: PeerEnd | undefined
  /** Said by the other end, or found here, before the connection closed. */
  #reason: FabricError | undefined
  #tellClosed: (end: PeerEnd) => void = () => {}
  #parting: NodeJS.Timeout | undefined

  constructor(channel: Channel, options: PeerOptions) {
    this.#channel = channel
    this.#options = options
    this.closed = new Promise((resolve) => {
      this.#tellClosed = resolve
    })
    const now = options.now ?? (() => performance.now())
    const send = (frame: Frame) => this.#send(frame)
    const put = (frame: Frame) => this.#put(frame)
    this.#outbox = new Outbox((text) => this.#write(text))
    this.#requests = new Requests({
      send,
      put,
      now,
      lost: (call, wasSent) => this.#end && lost(this.#end, call, wasSent),
    })
    this.#performing = new Performing({
      send,
      put,
      perform: options.serve,
      callback: (of, name) => this.#requests.callback(of, name),
      askBack: (of, call, args) => this.#requests.back(of, call, args),
      spans: () => options.spans?.(),
      explain: options.explain ?? ((thrown) => thrown),
    })
    this.#liveness = new Liveness(channel, {
      beatMs: options.beatMs ?? LIMITS.beatMs,
      silenceMs: options.silenceMs ?? LIMITS.silenceMs,
      now,
      onBeat: () => {
        this.#requests.expire()
        options.beat?.()
      },
      onSilence: () => this.#cut(CLOSE.silence, unavailable('the other end is silent')),
    })
    channel.listen({
      message: (text) => this.#message(text),
      binary: () => this.#refuse(new FabricError('IF_ERR_INVALID_INPUT', 'a message is binary; expected JSON text')),
      alive: () => this.#liveness.heard(),
      closed: (code, reason) => this.#closed(code, reason),
    })
  }

  get isOver(): boolean {
    return this.#end !== undefined
  }

  /** Requests of the other end that are under way. */
  get serving(): number {
    return this.#performing.size
  }

  /** Asks for one answer. Rejects with the other end's error, IF_ERR_TIMEOUT, or why the connection ended. */
  ask(request: WireRequest): Promise<unknown> {
    return this.#requests.ask(request)
  }

  /** Asks for items. The stream ends, or fails, as the other end says. */
  open(request: WireRequest): StreamReader {
    return this.#requests.open(request)
  }

  /** Waits until everything that the other end asked is answered. */
  settled(): Promise<void> {
    return this.#performing.settled()
  }

  /** Ends the connection once all that was said is sent; an error is told to the other end first. */
  close(code: number = CLOSE.done, error?: FabricError): void {
    if (this.#end) return
    if (error) this.#put({ error: errorToWire(error) })
    this.#reason ??= error
    this.#outbox.flush()
    this.#channel.close(code, error?.code ?? '')
    // Who doesn't answer to that is gone, or stopped.
    this.#parting ??= setTimeout(() => this.#channel.cut(), LIMITS.partingMs)
    this.#parting.unref()
  }

  #message(text: string): void {
    if (this.#end) return
    this.#liveness.heard()
    try {
      for (const frame of parseFrames(text)) {
        if (this.#reason) return // nothing counts after goodbye
        this.#take(frame)
      }
    } catch (thrown) {
      this.#refuse(thrown as FabricError) // of a message that isn't one, or an id that is in use
    }
  }

  #take(frame: Frame): void {
    if (!('id' in frame)) this.#reason = errorFromWire(frame.error)
    else if ('call' in frame) this.#performing.begin(frame)
    else if ('more' in frame) this.#performing.get(frame.id)?.more(frame.more)
    else if ('abort' in frame) this.#performing.get(frame.id)?.abort(frame.abort)
    else if ('tell' in frame) this.#requests.tell(frame.id, frame.tell, frame.args)
    else if ('item' in frame) this.#requests.item(frame.id, frame.item)
    else if ('part' in frame) this.#requests.part(frame.id, frame.part)
    else {
      if (frame.spans) this.#options.takeSpans?.(frame.spans)
      this.#requests.answer(frame)
    }
  }

  #send(frame: Frame): void {
    if (!this.#end) this.#outbox.put(frame)
  }

  /** An answer that can't be put into a message is answered as an error. */
  #put(frame: Frame): void {
    try {
      this.#send(frame)
    } catch (thrown) {
      if ('error' in frame && 'id' in frame) this.#send({ id: frame.id, error: errorToWire(thrown) })
    }
  }

  #write(text: string): void {
    this.#channel.send(text)
    if (this.#channel.unread > LIMITS.unreadBytes) {
      this.#cut(CLOSE.tooSlow, new FabricError('IF_ERR_TIMEOUT', 'the other end does not read what it asked for'))
    }
  }

  /** One error for what can't be understood, then the end. */
  #refuse(error: FabricError): void {
    this.close(CLOSE.badFrame, error)
    this.#reason = error
  }

  #cut(code: number, error: FabricError): void {
    this.#reason ??= error
    this.#closed(code, '')
    this.#channel.cut()
  }

  #closed(code: number, reason: string): void {
    if (this.#end) return
    this.#end = { code, error: this.#reason ?? (reason === '' ? undefined : unavailable(reason)) }
    clearTimeout(this.#parting)
    this.#liveness.end()
    this.#outbox.close()
    this.#performing.close()
    this.#requests.close()
    this.#tellClosed(this.#end)
  }
}

/** Whether a request failed because the connection did; `wasSent` is then in its details. */
export const isLost = (thrown: unknown): thrown is FabricError =>
  isFabricError(thrown) && thrown.code === 'IF_ERR_DAEMON_UNAVAILABLE' && 'wasSent' in thrown.details

function lost({ error }: PeerEnd, call: string, wasSent: boolean): FabricError {
  const why = error ? `: ${error.message}` : ''
  return new FabricError('IF_ERR_DAEMON_UNAVAILABLE', `the connection to the daemon was lost${why}`, {
    hint: wasSent ? 'It may have been done; look before you say it again.' : 'Is the daemon still running?',
    details: { call, wasSent },
    ...(error ? { cause: error } : {}),
  })
}

const unavailable = (message: string): FabricError => new FabricError('IF_ERR_DAEMON_UNAVAILABLE', message)
