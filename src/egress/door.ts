// The door: the only way out of the process. It lets out what the signed manifest of the running operation names, to
// addresses that were checked, with secrets put in at the last moment and taken out of whatever comes back.
import { type Clock, type Logger, type Redactor, silentLogger } from '../foundation/index.ts'
import { type CallLimit, limitCall } from './call-limit.ts'
import { gateCalls } from './gate.ts'
import { type Resolve, systemResolve } from './lookup.ts'
import { createPools } from './pools.ts'
import type { Door, DoorSocket, Gate } from './port.ts'
import { createScrubber } from './scrub.ts'
import { type SendParts, sendRequest, streamRequest } from './send.ts'
import { connectSocket } from './socket.ts'

export interface DoorOptions {
  redactor: Redactor
  clock: Clock
  logger?: Logger
  /** 0 ≤ random() < 1, spreads retries. Default Math.random. */
  random?: () => number
  /** Asked before each try and each message of a socket. Default: nothing is ever shut. */
  gate?: Gate
  connect?: {
    /** Certificate authorities (PEM) accepted beside the usual ones. */
    ca?: string | string[]
    /** Resolves host names; its answers are checked like the system's. Default: the system's resolver. */
    resolve?: Resolve
    /** Most idle connection pools kept. Default 256. */
    maxPools?: number
  }
}

/** Opens the door. Close it to end every call and socket. */
export function openDoor({
  redactor,
  clock,
  logger = silentLogger,
  random = Math.random,
  gate,
  connect = {},
}: DoorOptions): Door {
  const { resolve = systemResolve, ...poolOptions } = connect
  const pools = createPools({ resolve, ...poolOptions })
  const scrubber = createScrubber(redactor)
  const gated = gateCalls(gate)
  const parts: SendParts = { pools, scrubber, clock, random, logger }
  const calls = new Set<CallLimit>()
  const sockets = new Set<DoorSocket>()
  let closed = false

  interface LimitedCall {
    url: string
    timeoutMs: number
    signal: AbortSignal | undefined
  }

  /** Until `done` of what the work gives, where that goes on. */
  async function limited<T>(
    { url, timeoutMs, signal }: LimitedCall,
    work: (limit: CallLimit) => Promise<T>,
    goesOn: (given: T) => Promise<void> | undefined = () => undefined,
  ): Promise<T> {
    const host = URL.canParse(url) ? new URL(url).host : 'the request'
    const limit = limitCall({ host, timeoutMs, signal })
    const end = () => {
      calls.delete(limit)
      limit.end()
    }
    if (closed) limit.cancel('the door is closed')
    calls.add(limit)
    try {
      const given = await work(limit)
      const done = goesOn(given)
      if (done) void done.then(end)
      else end()
      return given
    } catch (thrown) {
      end()
      throw thrown
    }
  }

  return {
    send: (request, options) =>
      limited({ url: request.url, timeoutMs: options.timeoutMs, signal: options.signal }, (limit) =>
        gated.send(options, limit, (checked) => sendRequest(parts, request, checked, limit)),
      ),

    async stream(request, options) {
      const streamed = await limited(
        { url: request.url, timeoutMs: options.timeoutMs, signal: options.signal },
        async (limit) => {
          const made = await gated.stream(options, limit, (checked) => streamRequest(parts, request, checked, limit))
          limit.stopClock()
          return made
        },
        (made) => (made.kind === 'stream' ? made.closed : undefined),
      )
      if (streamed.kind === 'answer') return streamed
      const { cut: _cut, closed: _closed, ...result } = streamed
      return result
    },

    connect: (request, options) =>
      limited({ url: request.url, timeoutMs: options.timeoutMs, signal: options.signal }, async (limit) => {
        const socketParts = { scrubber, clock, resolve, ca: connect.ca }
        const socket = await gated.connect(options, limit, () => connectSocket(socketParts, request, options, limit))
        sockets.add(socket)
        void socket.closed.then(() => sockets.delete(socket))
        return socket
      }),

    async close() {
      closed = true
      gated.close()
      for (const limit of calls) limit.cancel('the door is closed')
      await Promise.all([...[...sockets].map((socket) => socket.close()), pools.close()])
    },
  }
}
