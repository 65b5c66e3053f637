// The connection of a fabric to its daemon, opened again when it was lost. What was never sent is sent then; what was sent and
// not answered is said again only where that does no harm.
import { FabricError, isFabricError } from '../foundation/index.ts'
import { CLOSE, isLost, type Peer, type StreamReader, type Welcome, type WireRequest } from '../wire/index.ts'
import { backoff } from './backoff.ts'
import { type LinkOptions, openLink } from './link.ts'

export type ConnectionOptions = Omit<LinkOptions, 'timeoutMs' | 'signal'>

/** How long a lost connection is tried to be opened again before a call fails. */
const PATIENCE_MS = 5_000
const HANDSHAKE_MS = 5_000

export class Connection {
  readonly options: ConnectionOptions
  readonly #over = new AbortController()
  #peer: Peer | undefined
  #opening: Promise<Peer> | undefined

  constructor(options: ConnectionOptions) {
    this.options = options
  }

  /** The first time; fails at once where nobody answers. */
  async open(timeoutMs = HANDSHAKE_MS): Promise<Welcome> {
    const { peer, welcome } = await openLink({ ...this.options, timeoutMs })
    this.#peer = peer
    return welcome
  }

  /** A connection of its own, as a worker has. */
  async another(signal: AbortSignal): Promise<Peer> {
    return (await openLink({ ...this.options, timeoutMs: HANDSHAKE_MS, signal })).peer
  }

  ask(request: WireRequest, repeats: boolean): Promise<unknown> {
    const peer = this.#peer
    if (!peer || peer.isOver) return this.#askAnew(request, repeats)
    return peer.ask(request).catch((thrown: unknown) => {
      if (!isLost(thrown)) throw thrown
      if (thrown.details.wasSent && !repeats) throw answerLost(request.call, thrown)
      return this.#askAnew(request, false)
    })
  }

  /** Items begin to come at once, not at the first reading. A stream doesn't outlive its connection. */
  openStream(request: WireRequest): AsyncIterableIterator<unknown> {
    const peer = this.#peer
    if (peer && !peer.isOver) return peer.open(request)
    return later(this.#connect().then((fresh) => fresh.open(request)))
  }

  close(): void {
    this.#over.abort(new FabricError('IF_ERR_DAEMON_UNAVAILABLE', 'the fabric is closed'))
    this.#peer?.close(CLOSE.done)
  }

  async #askAnew(request: WireRequest, repeats: boolean): Promise<unknown> {
    const peer = await this.#connect()
    try {
      return await peer.ask(request)
    } catch (thrown) {
      if (!isLost(thrown)) throw thrown
      if (repeats || !thrown.details.wasSent) return this.#askAnew(request, false)
      throw answerLost(request.call, thrown)
    }
  }

  #connect(): Promise<Peer> {
    if (this.#over.signal.aborted) return Promise.reject(this.#over.signal.reason)
    if (this.#peer && !this.#peer.isOver) return Promise.resolve(this.#peer)
    this.#opening ??= this.#reconnect().finally(() => {
      this.#opening = undefined
    })
    return this.#opening
  }

  async #reconnect(): Promise<Peer> {
    const { signal } = this.#over
    const giveUpAt = performance.now() + PATIENCE_MS
    for (let failures = 0; ; failures++) {
      try {
        const timeoutMs = Math.max(1_000, giveUpAt - performance.now())
        this.#peer = (await openLink({ ...this.options, timeoutMs, signal })).peer
        return this.#peer
      } catch (thrown) {
        const mayHelp = isFabricError(thrown) && thrown.code === 'IF_ERR_DAEMON_UNAVAILABLE'
        if (!mayHelp || performance.now() >= giveUpAt) throw thrown
      }
      await backoff(failures, signal)
    }
  }
}

/** Nobody knows whether it was done. */
function answerLost(call: string, cause: FabricError): FabricError {
  const isRun = ['fabric.apply', 'fabric.resume', 'fabric.undo'].includes(call)
  return new FabricError(
    'IF_ERR_DAEMON_UNAVAILABLE',
    `the connection was lost before ${call} was answered; it may have been done`,
    {
      hint: isRun
        ? 'The daemon starts nothing more of the run and waits for what is under way; the run can be resumed.'
        : 'Look whether it was done before you say it again.',
      ...(isRun ? { next: 'ifab run list' } : {}),
      details: { call },
      retryable: false,
      cause,
    },
  )
}

/** A stream that is opened once there is a connection. */
function later(opening: Promise<StreamReader>): AsyncIterableIterator<unknown> {
  opening.catch(() => undefined) // whoever reads is told
  return {
    next: async () => (await opening).next(),
    return: async () => (await opening.catch(() => undefined))?.return() ?? { done: true, value: undefined },
    [Symbol.asyncIterator]() {
      return this
    },
  }
}
