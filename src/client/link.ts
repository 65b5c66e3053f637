// Opens one connection to a daemon: the websocket, then hello. What the daemon says instead, it says as an error of the house.
import type { IncomingMessage } from 'node:http'
import { connect } from 'node:net'
import { WebSocket } from 'ws'
import { FabricError, isFabricError } from '../foundation/index.ts'
import {
  CLOSE,
  checkVersions,
  errorFromWire,
  type Hello,
  LIMITS,
  Peer,
  type PeerOptions,
  SUBPROTOCOL,
  socketChannel,
  type Welcome,
  WIRE_PATH,
} from '../wire/index.ts'
import type { Target } from './target.ts'

export interface LinkOptions {
  target: Target
  hello: Omit<Hello, 'protocol'>
  /** Until it is open, milliseconds. */
  timeoutMs: number
  peer?: Omit<PeerOptions, 'serve'>
  signal?: AbortSignal | undefined
}

export interface Link {
  peer: Peer
  welcome: Welcome
}

/** IF_ERR_DAEMON_UNAVAILABLE where nobody answers in time; else what the daemon refuses it with. */
export async function openLink(options: LinkOptions): Promise<Link> {
  const { target, hello, timeoutMs } = options
  const deadline = performance.now() + timeoutMs
  const socket = await openSocket(options)
  const peer = new Peer(socketChannel(socket), { ...options.peer, serve: () => refuse() })
  try {
    const welcome = (await within(deadline - performance.now(), target, () =>
      peer.ask({ call: 'hello', args: [{ protocol: SUBPROTOCOL, ...hello }] }),
    )) as Welcome // a daemon of this protocol answers so
    checkVersions({ client: hello.version, daemon: welcome.version })
    return { peer, welcome }
  } catch (thrown) {
    peer.close(CLOSE.done)
    throw thrown
  }
}

/** A daemon calls back into requests, but asks nothing of its own. */
function refuse(): never {
  throw new FabricError('IF_ERR_UNSUPPORTED', 'a client performs nothing')
}

function openSocket({ target, timeoutMs, signal }: LinkOptions): Promise<WebSocket> {
  const { address, token } = target
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(webAddress(target), SUBPROTOCOL, {
      perMessageDeflate: false,
      maxPayload: LIMITS.messageBytes,
      followRedirects: false,
      ...(token === undefined ? {} : { headers: { authorization: `Bearer ${token}` } }),
      ...(address.kind === 'socket' ? { createConnection: () => connect(address.path) } : {}),
    })
    const abort = () => fail(new FabricError('IF_ERR_CANCELLED', 'connecting was given up', { cause: signal?.reason }))
    const timer = setTimeout(() => fail(silent(target)), timeoutMs)
    const settled = () => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', abort)
    }
    const fail = (error: FabricError) => {
      settled()
      reject(error)
      socket.terminate()
    }
    socket.on('error', (cause) => fail(unreachable(target, cause)))
    socket.once('unexpected-response', (_request, response) => void refusalOf(target, response).then(fail))
    socket.once('open', () => {
      settled()
      resolve(socket)
    })
    if (signal?.aborted) abort()
    else signal?.addEventListener('abort', abort, { once: true })
  })
}

function webAddress({ address }: Target): string {
  if (address.kind === 'socket') return `ws://localhost${WIRE_PATH}`
  const { protocol, host, pathname } = address.url
  return `${protocol === 'https:' ? 'wss:' : 'ws:'}//${host}${pathname.replace(/\/$/, '')}${WIRE_PATH}`
}

async function within<T>(ms: number, target: Target, work: () => Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(silent(target)), Math.max(0, ms))
  })
  try {
    return await Promise.race([work(), late])
  } finally {
    clearTimeout(timer)
  }
}

const silent = ({ text }: Target): FabricError =>
  new FabricError('IF_ERR_DAEMON_UNAVAILABLE', `the daemon at ${text} does not answer`, {
    hint: 'Is it stopped or very busy? `ifab logs` shows what it said last.',
  })

const MAX_REFUSAL = 64 * 1024

/** What a daemon, or whatever answers in its place, says instead of opening the websocket. */
async function refusalOf(target: Target, response: IncomingMessage): Promise<FabricError> {
  const chunks: Buffer[] = []
  let size = 0
  try {
    for await (const chunk of response as AsyncIterable<Buffer>) {
      size += chunk.length
      if (size > MAX_REFUSAL) break
      chunks.push(chunk)
    }
    const body: unknown = JSON.parse(Buffer.concat(chunks).toString())
    const error = (body as { error?: unknown } | null)?.error
    if (error !== null && typeof error === 'object') return errorFromWire(error)
  } catch (thrown) {
    if (isFabricError(thrown)) return thrown
    // No daemon speaks so: what follows says what was got.
  }
  return new FabricError('IF_ERR_DAEMON_UNAVAILABLE', `${target.text} answered with HTTP ${response.statusCode}`, {
    hint: 'Is this the address of an InfraFabric daemon?',
  })
}

function unreachable({ text }: Target, cause: Error): FabricError {
  const { code } = cause as NodeJS.ErrnoException
  return new FabricError(
    'IF_ERR_DAEMON_UNAVAILABLE',
    `the daemon at ${text} can't be reached (${code ?? cause.message})`,
    {
      hint: 'Start it with `ifab up`, or look whether the address is right.',
      cause,
    },
  )
}
