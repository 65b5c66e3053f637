// What the other end has asked over a connection, while it is performed here and until it is answered.
import { setMaxListeners } from 'node:events'
import { FabricError } from '../foundation/index.ts'
import { type Frame, isDeeper } from './frames.ts'
import { LIMITS } from './protocol.ts'
import { Served, type ServedLinks } from './served.ts'
import { errorToWire } from './wire-error.ts'

export interface PerformingParts {
  /** Throws for what can't be put into a message. */
  send(frame: Frame): void
  /** For what is small: never throws. */
  put(frame: Frame): void
  /** A value, a promise of one, or items; what it throws is answered as an error. */
  perform(request: Served): unknown
  /** The callback of an own request that a request of the other end is for. */
  callback(of: number, name: string): ((...args: unknown[]) => unknown) | undefined
  /** Asks the sender of a request. */
  askBack(of: number, call: string, args: unknown[]): Promise<unknown>
  /** Spans since the last answer. */
  spans(): unknown[] | undefined
  /** What is answered for what was thrown. */
  explain(thrown: unknown): unknown
}

type Request = Extract<Frame, { call: string }>

export class Performing {
  readonly #parts: PerformingParts
  readonly #served = new Map<number, Served>()
  readonly #gone = new AbortController()
  readonly #links: ServedLinks
  #idle: (() => void)[] = []

  constructor(parts: PerformingParts) {
    this.#parts = parts
    this.#links = {
      gone: this.#gone.signal,
      tell: (id, name, args) => parts.put({ id, tell: name, args }),
      ask: (id, name, args) => parts.askBack(id, name, args),
    }
    setMaxListeners(0, this.#gone.signal) // every request may listen
  }

  get size(): number {
    return this.#served.size
  }

  get(id: number): Served | undefined {
    return this.#served.get(id)
  }

  /** Resolves when everything is answered. */
  settled(): Promise<void> {
    if (this.#served.size === 0 || this.#gone.signal.aborted) return Promise.resolve()
    return new Promise((resolve) => this.#idle.push(resolve))
  }

  /** IF_ERR_INVALID_INPUT where the id is in use. */
  begin(frame: Request): void {
    const { id, args, call } = frame
    if (this.#served.has(id)) throw new FabricError('IF_ERR_INVALID_INPUT', `request ${id} is under way already`)
    if (this.#served.size >= LIMITS.served) {
      this.#fail(id, tooMany())
      return
    }
    const served = new Served(frame, this.#links)
    this.#served.set(id, served)
    if (isDeeper(args, LIMITS.depth)) this.#fail(id, tooDeep(call))
    else this.#perform(id, served, frame.of)
  }

  /** The connection is over: whoever performs is told, and nobody is answered any more. */
  close(): void {
    this.#gone.abort(new FabricError('IF_ERR_DAEMON_UNAVAILABLE', 'the connection was lost'))
    for (const served of this.#served.values()) served.drop()
    for (const tell of this.#idle.splice(0)) tell()
  }

  #perform(id: number, served: Served, of: number | undefined): void {
    try {
      const outcome =
        of === undefined ? this.#parts.perform(served) : this.#parts.callback(of, served.call)?.(...served.args)
      if (outcome instanceof Promise) {
        outcome.then(
          (value) => this.#succeed(id, served, value),
          (thrown) => this.#fail(id, thrown),
        )
      } else if (isItems(outcome)) this.#stream(id, served, outcome).catch((thrown) => this.#fail(id, thrown))
      else this.#succeed(id, served, outcome)
    } catch (thrown) {
      this.#fail(id, thrown)
    }
  }

  async #stream(id: number, served: Served, items: AsyncIterable<unknown>): Promise<void> {
    const iterator = items[Symbol.asyncIterator]()
    try {
      while (await served.takes()) {
        const next = await iterator.next()
        if (next.done) break
        this.#parts.send({ id, item: next.value })
      }
    } finally {
      // A source that fails while it is closed has nobody to tell.
      await iterator.return?.().catch(() => undefined)
    }
    this.#succeed(id, served, undefined)
  }

  /** An answer that can't be put into a message is an error. */
  #succeed(id: number, served: Served, value: unknown): void {
    const extra = this.#extra()
    try {
      if (value === undefined || served.quiet) this.#parts.put({ id, end: true, ...extra })
      else if (Array.isArray(value) && value.length > LIMITS.answerItems) this.#inParts(id, value, extra)
      else this.#parts.send({ id, ok: value, ...extra })
      this.#done(id)
    } catch (thrown) {
      this.#fail(id, thrown)
    }
  }

  #inParts(id: number, value: unknown[], extra: { spans?: unknown[] } | undefined): void {
    const whole = value.length - (value.length % LIMITS.answerItems)
    for (let at = 0; at < whole; at += LIMITS.answerItems) {
      this.#parts.send({ id, part: value.slice(at, at + LIMITS.answerItems) })
    }
    this.#parts.send({ id, ok: value.slice(whole), ...extra })
  }

  #fail(id: number, thrown: unknown): void {
    this.#parts.put({ id, error: errorToWire(this.#parts.explain(thrown)), ...this.#extra() })
    this.#done(id)
  }

  #extra(): { spans: unknown[] } | undefined {
    const spans = this.#parts.spans()
    return spans === undefined ? undefined : { spans }
  }

  #done(id: number): void {
    this.#served.delete(id)
    if (this.#served.size === 0) for (const tell of this.#idle.splice(0)) tell()
  }
}

const isItems = (value: unknown): value is AsyncIterable<unknown> =>
  value !== null && typeof value === 'object' && Symbol.asyncIterator in value

const tooMany = (): FabricError =>
  new FabricError(
    'IF_ERR_RATE_LIMIT_EXCEEDED',
    `more than ${LIMITS.served} requests are under way on this connection`,
    {
      hint: 'Wait for answers before you ask more.',
    },
  )

const tooDeep = (call: string): FabricError =>
  new FabricError('IF_ERR_INVALID_INPUT', `${call}: an argument has more than ${LIMITS.depth} levels`)
