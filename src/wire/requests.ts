// What this end has asked over a connection: one answer each, or items; what the other end calls back meanwhile.
import { FabricError } from '../foundation/index.ts'
import { Asked, type Settle } from './asked.ts'
import type { Frame } from './frames.ts'
import { LIMITS } from './protocol.ts'
import type { WireRequest } from './request.ts'
import { StreamReader } from './stream-reader.ts'
import { errorFromWire } from './wire-error.ts'

export interface RequestsParts {
  /** Throws for what can't be put into a message. */
  send(frame: Frame): void
  /** For what is small: never throws. */
  put(frame: Frame): void
  /** Why nothing can be asked any more; undefined while it can. */
  lost(call: string, wasSent: boolean): FabricError | undefined
  /** Monotonic milliseconds. */
  now(): number
}

export class Requests {
  readonly #parts: RequestsParts
  readonly #asked = new Map<number, Asked>()
  readonly #readers = new Map<number, StreamReader>()
  /** Those that wait until fewer are under way. */
  #queue: (() => void)[] = []
  #lastId = 0

  constructor(parts: RequestsParts) {
    this.#parts = parts
  }

  ask(request: WireRequest): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const start = () => this.#start(request, { resolve, reject })
      if (this.#asked.size < LIMITS.asked) start()
      else this.#queue.push(start)
    })
  }

  open(request: WireRequest): StreamReader {
    let id = 0
    const reader = new StreamReader({
      more: (count) => this.#parts.put({ id, more: count }),
      leave: () => {
        this.#readers.delete(id)
        this.#parts.put({ id, abort: 'signal' })
      },
    })
    const end = (error?: FabricError) => {
      this.#readers.delete(id)
      reader.end(error)
    }
    id = this.#start(request, { resolve: () => end(), reject: end }, { more: LIMITS.streamItems })
    if (id > 0) this.#readers.set(id, reader)
    return reader
  }

  /** Asks the sender of a request that is performed here. */
  back(of: number, call: string, args: unknown[]): Promise<unknown> {
    return new Promise((resolve, reject) => this.#start({ call, args }, { resolve, reject }, { of }))
  }

  answer(frame: Extract<Frame, { ok: unknown } | { end: true } | { id: number; error: unknown }>): void {
    // Who gave it up, or was told of a timeout, isn't waiting any more.
    const asked = this.#forget(frame.id)
    if (!asked) return
    if ('error' in frame) asked.fail(errorFromWire(frame.error))
    else asked.succeed('ok' in frame ? frame.ok : undefined)
  }

  part(id: number, elements: unknown[]): void {
    this.#asked.get(id)?.part(elements)
  }

  item(id: number, value: unknown): void {
    this.#readers.get(id)?.item(value)
  }

  /** A callback that throws is its owner's fault and keeps nothing up. */
  tell(id: number, name: string, args: unknown[]): void {
    try {
      this.callback(id, name)?.(...args)
    } catch (thrown) {
      queueMicrotask(() => {
        throw thrown
      })
    }
  }

  callback(id: number, name: string): ((...args: unknown[]) => unknown) | undefined {
    const callbacks = this.#asked.get(id)?.request.callbacks
    return callbacks && Object.hasOwn(callbacks, name) ? callbacks[name] : undefined
  }

  /** Fails those whose time is over. */
  expire(): void {
    const now = this.#parts.now()
    for (const [id, asked] of this.#asked) {
      if (asked.endsAt > now) continue
      this.#parts.put({ id, abort: 'signal' })
      this.#forget(id)?.fail(timedOut(asked.request))
    }
  }

  /** The connection is over. */
  close(): void {
    const asked = [...this.#asked.values()]
    this.#asked.clear()
    for (const pending of asked) {
      const error = this.#parts.lost(pending.request.call, true)
      if (error) pending.fail(error)
    }
    for (const start of this.#queue.splice(0)) start() // each is refused
  }

  #start(request: WireRequest, settle: Settle, extra: { more?: number; of?: number } = {}): number {
    const { call, args, aborts, callbacks, limitMs, quiet } = request
    const refused = this.#parts.lost(call, false)
    if (refused) {
      settle.reject(refused)
      return 0
    }
    const id = ++this.#lastId
    const has = aborts || callbacks ? [...Object.keys(aborts ?? {}), ...Object.keys(callbacks ?? {})] : []
    try {
      this.#parts.send({
        id,
        call,
        args: [...args],
        ...(has.length > 0 ? { has } : {}),
        ...(quiet ? { quiet } : {}),
        ...extra,
      })
    } catch (thrown) {
      settle.reject(thrown as FabricError) // an outbox throws nothing else
      return 0
    }
    const endsAt = limitMs === undefined ? Number.POSITIVE_INFINITY : this.#parts.now() + limitMs
    const asked = new Asked(request, endsAt, settle)
    this.#asked.set(id, asked)
    if (aborts) asked.listen((name) => this.#parts.put({ id, abort: name }))
    return id
  }

  #forget(id: number): Asked | undefined {
    const asked = this.#asked.get(id)
    this.#asked.delete(id)
    while (this.#queue.length > 0 && this.#asked.size < LIMITS.asked) this.#queue.shift()?.()
    return asked
  }
}

const timedOut = ({ call, limitMs }: WireRequest): FabricError =>
  new FabricError('IF_ERR_TIMEOUT', `the daemon did not answer ${call} within ${limitMs} ms`, {
    hint: 'It may still do it; look before you try again.',
    details: { call, limitMs },
  })
