// Websocket conversations under the rules of the door: the same route, addresses, slots and scrubbing as HTTP.
// Opening is limited by a timeout; afterwards the conversation ends by close, abort or a cut.
import { connect as connectTcp, isIP, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { WebSocket } from 'ws'
import { type Clock, FabricError } from '../foundation/index.ts'
import type { CallLimit } from './call-limit.ts'
import { egressDenied, faultOf, withCallDetails } from './faults.ts'
import { fillMessage } from './fill.ts'
import { checkedLookup, checkLiteral, type Resolve } from './lookup.ts'
import { MessageQueue } from './message-queue.ts'
import { leavingFor, type OpenContext } from './open-secret.ts'
import { trustedWith } from './pools.ts'
import type { Departure, DoorSocket, OutgoingRequest, SecretSlot, SocketOptions } from './port.ts'
import { matchRoute } from './route.ts'
import type { Scrubber } from './scrub.ts'
import { prepareRequest } from './sign/sign-request.ts'
import { hostOf, type Target } from './target.ts'
import { refusedUpgrade } from './upgrade.ts'

export interface SocketParts {
  scrubber: Scrubber
  clock: Clock
  resolve: Resolve
  ca: string | string[] | undefined
}

export interface OpenSocket extends DoorSocket {
  /** Resolves when the socket is gone. */
  closed: Promise<void>
  /** Breaks it off at once; whoever reads it gets the error. */
  cut(error: FabricError): void
}

const DEFAULT_MAX_MESSAGE_BYTES = 16 * 1024 * 1024
const SENDING_BYTES_MAX = 16 * 1024 * 1024
/** How long a peer may take to answer a close. */
const CLOSE_TIMEOUT_MS = 1000

export async function connectSocket(
  parts: SocketParts,
  request: Omit<OutgoingRequest, 'method' | 'body'>,
  options: SocketOptions,
  limit: CallLimit,
): Promise<OpenSocket> {
  const target = allowedTarget(request, options)
  const { secrets, route } = options
  const { scrubber, clock } = parts
  const context = { secrets, scrubber, clock, template: route.path, ...leavingFor(target, 'GET') }
  let departure: Departure = 'nothing-left'
  try {
    limit.signal.throwIfAborted()
    const filled = await prepareRequest(request, { target, method: 'GET', context })
    const { 'sec-websocket-protocol': protocols, ...headers } = filled.headers
    const dial = () => {
      const socket = dialTarget(target, options.allowPrivate, parts)
      socket.once(target.origin.startsWith('https:') ? 'secureConnect' : 'connect', () => {
        departure = 'may-have-left'
      })
      return socket
    }
    const wire = new WebSocket(
      `${target.origin.replace('http', 'ws')}${filled.path}${filled.query}`,
      protocols?.split(/\s*,\s*/) ?? [],
      {
        headers,
        maxPayload: options.maxMessageBytes ?? DEFAULT_MAX_MESSAGE_BYTES,
        perMessageDeflate: false,
        followRedirects: false,
        createConnection: dial,
      },
    )
    const conversation = converse(wire, { context, host: hostOf(target), options, firstSlots: request.slots })
    await opened(wire, hostOf(target), limit)
    return conversation
  } catch (thrown) {
    const { error } = faultOf(thrown, hostOf(target))
    throw withCallDetails(parts.scrubber.error(error), { departure, attempts: [] })
  }
}

function allowedTarget(request: Pick<OutgoingRequest, 'url'>, options: SocketOptions): Target {
  if (!/^wss?:/i.test(request.url)) throw egressDenied('a websocket address starts with ws:// or wss://')
  const match = matchRoute(options.route, { method: 'GET', url: request.url })
  if (!match.matches) throw egressDenied(`the websocket may not be opened: ${match.reason}`)
  checkLiteral(match.target.hostname, options.allowPrivate)
  return match.target
}

function dialTarget({ origin, hostname }: Target, allowPrivate: boolean, { resolve, ca }: SocketParts): Socket {
  const url = new URL(origin)
  const secure = url.protocol === 'https:'
  const place = {
    host: hostname,
    port: Number(url.port) || (secure ? 443 : 80),
    lookup: checkedLookup({ resolve, allowPrivate }),
    autoSelectFamily: true,
  }
  if (!secure) return connectTcp(place)
  return connectTls({
    ...place,
    ...(isIP(hostname) ? {} : { servername: hostname }),
    ...(ca === undefined ? {} : { ca: trustedWith(ca) }),
  })
}

/** Resolves when the socket is open; rejects with what prevented it, having freed the connection. */
function opened(wire: WebSocket, host: string, limit: CallLimit): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = (thrown: unknown) => {
      limit.signal.removeEventListener('abort', stop)
      reject(thrown)
      wire.terminate()
    }
    const stop = () => fail(limit.signal.reason)
    if (limit.signal.aborted) return stop()
    limit.signal.addEventListener('abort', stop, { once: true })
    wire.once('open', () => {
      limit.signal.removeEventListener('abort', stop)
      resolve()
    })
    wire.once('error', fail)
    wire.once('unexpected-response', (_request, response) => fail(refusedUpgrade(response, host)))
  })
}

interface Conversation {
  context: OpenContext
  host: string
  options: SocketOptions
  /** Those with `in: 'message'` go into the first message. */
  firstSlots: SecretSlot[]
}

function converse(wire: WebSocket, { context, host, options, firstSlots }: Conversation): OpenSocket {
  const { scrubber } = context
  const queue = new MessageQueue({
    host,
    pause: () => wire.pause(),
    resume: () => wire.resume(),
    overflow: () => wire.terminate(),
  })
  const fail = (error: FabricError) => {
    queue.end(withCallDetails(error, { departure: 'may-have-left', attempts: [] }))
    wire.terminate()
  }
  const abort = () =>
    fail(new FabricError('IF_ERR_CANCELLED', `${host}: the caller aborted the websocket`, { details: { host } }))
  options.signal?.addEventListener('abort', abort, { once: true })

  const closed = new Promise<void>((resolve) => {
    wire.once('close', (code, reason) => {
      options.signal?.removeEventListener('abort', abort)
      queue.end(CLEAN_CODES.has(code) ? undefined : cutError({ host, code, reason: scrubber.text(String(reason)) }))
      resolve()
    })
  })
  wire.on('error', (thrown) => queue.end(withCallDetails(brokenMessage(thrown, host), CUT)))
  wire.on('message', (content, isBinary) => {
    if (!isBinary) queue.push(scrubber.text(String(content)))
    else
      fail(
        new FabricError('IF_ERR_BAD_RESPONSE', `${host}: a binary message came where text was agreed`, {
          details: { host },
        }),
      )
  })

  // Secrets are opened asynchronously; one chain keeps the order in which messages were given.
  let sending: Promise<void> = Promise.resolve()
  let pendingSlots = firstSlots
  let leaving = false
  return {
    closed,
    messages: queue,
    cut: fail,

    send(message, slots = []) {
      if (leaving || wire.readyState !== WebSocket.OPEN) throw cutError({ host, code: 1006, reason: 'it is closed' })
      const all = [...pendingSlots, ...slots]
      pendingSlots = []
      const content = all.length > 0 ? structuredClone(message) : JSON.stringify(message)
      sending = sending
        .then(async () => {
          const text = typeof content === 'string' ? content : JSON.stringify(await fillMessage(content, all, context))
          if (wire.readyState !== WebSocket.OPEN) return
          wire.send(text)
          if (wire.bufferedAmount > SENDING_BYTES_MAX) {
            fail(cutError({ host, code: 1006, reason: `it does not take the ${SENDING_BYTES_MAX} bytes that wait` }))
          }
        })
        .catch((thrown: unknown) => fail(faultOf(thrown, host).error))
    },

    async close() {
      leaving = true
      queue.end()
      await sending
      const timer = setTimeout(() => wire.terminate(), CLOSE_TIMEOUT_MS)
      wire.resume()
      wire.close(1000)
      await closed.finally(() => clearTimeout(timer))
    },
  }
}

const CUT = { departure: 'may-have-left', attempts: [] } satisfies { departure: Departure; attempts: [] }

/** Normal and none given; a server that goes away (1001) has not said all. */
const CLEAN_CODES: ReadonlySet<number> = new Set([1000, 1005])

const cutError = ({ host, code, reason }: { host: string; code: number; reason: string }): FabricError =>
  new FabricError(
    'IF_ERR_PROVIDER_UNAVAILABLE',
    code === 1006
      ? `${host}: the websocket was cut${reason && ` (${reason})`}`
      : `${host}: the other side closed the websocket with code ${code}${reason && ` (${reason})`}`,
    { details: { host, closeCode: code, ...CUT } },
  )

function brokenMessage(thrown: Error, host: string): FabricError {
  const code = (thrown as NodeJS.ErrnoException).code ?? ''
  if (!code.startsWith('WS_ERR_')) return faultOf(thrown, host).error
  const problem =
    code === 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH'
      ? 'a message is larger than allowed'
      : 'a message breaks the websocket protocol'
  return new FabricError('IF_ERR_BAD_RESPONSE', `${host}: ${problem} (${code})`, { details: { host } })
}
