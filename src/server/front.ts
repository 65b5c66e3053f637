// The door of the daemon: health for whoever asks, the websocket for its owner and for who has a token. A web page that a
// browser on this machine shows can't get in: no foreign host name, no foreign origin.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import { WebSocketServer } from 'ws'
import type { Grant } from '../fabric/index.ts'
import { ERRORS, FabricError, isFabricError, type Logger, toFabricError } from '../foundation/index.ts'
import { type Channel, errorToWire, LIMITS, SUBPROTOCOL, socketChannel, WIRE_PATH } from '../wire/index.ts'
import { isHookPath } from './hook-door.ts'

export interface FrontParts {
  /** Undefined while the daemon starts. */
  logger(): Logger | undefined
  /** Refuses while the daemon starts or ends, with what it does. */
  checkOpen(): void
  /** Refuses besides when the store takes nothing. */
  checkReady(): Promise<void>
  /** What a token grants; IF_ERR_INVALID_TOKEN. */
  authenticate(token: string): Promise<Grant>
  /** A vendor's delivery; it names the host that the vendor knows. */
  hooks(request: IncomingMessage, response: ServerResponse): Promise<void>
  /** Somebody has come in. */
  enter(channel: Channel, grant: Grant | undefined): void
}

/** `owner`: on the Unix socket, whose file only the owner can open. `web`: on a port, which everybody on the machine can. */
export type Side = 'owner' | 'web'

export class Front {
  readonly #parts: FrontParts
  readonly #sockets = new WebSocketServer({
    noServer: true,
    maxPayload: LIMITS.messageBytes,
    perMessageDeflate: false,
    handleProtocols: (offered) => offered.has(SUBPROTOCOL) && SUBPROTOCOL,
  })

  constructor(parts: FrontParts) {
    this.#parts = parts
  }

  server(side: Side): Server {
    const server = createServer({ headersTimeout: 5_000, requestTimeout: 10_000 })
    server.on('request', (request, response) => void this.#answer(side, request, response))
    server.on('upgrade', (request, socket, head) => void this.#upgrade(side, request, socket, head))
    server.on('clientError', (_error, socket) => socket.destroy())
    return server
  }

  async #answer(side: Side, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname } = addressOf(request)
    if (isHookPath(pathname)) return this.#parts.hooks(request, response)
    try {
      checkHost(side, request)
      if (request.method !== 'GET' && request.method !== 'HEAD') return write(response, 405, { error: 'only GET' })
      switch (pathname) {
        case '/health/live':
          return write(response, 200, { live: true })
        case '/health/ready':
          await this.#parts.checkReady()
          return write(response, 200, { ready: true })
        case WIRE_PATH:
          return write(
            response,
            426,
            { error: `expected a websocket of the protocol ${SUBPROTOCOL}` },
            { upgrade: 'websocket' },
          )
        default:
          return write(response, 404, { error: 'there is nothing here' })
      }
    } catch (thrown) {
      const body =
        pathname === '/health/ready' ? { ready: false, error: errorToWire(thrown) } : { error: errorToWire(thrown) }
      write(response, statusOf(thrown), body)
    }
  }

  async #upgrade(side: Side, request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    socket.on('error', () => socket.destroy()) // before the websocket listens itself
    try {
      const grant = await this.#admit(side, request)
      if (socket.destroyed) return
      this.#sockets.handleUpgrade(request, socket, head, (websocket) => {
        this.#parts.enter(socketChannel(websocket), grant)
      })
    } catch (thrown) {
      const body = JSON.stringify({ error: errorToWire(thrown) })
      const reason = [`HTTP/1.1 ${statusOf(thrown)} Refused`, 'connection: close', 'content-type: application/json']
      socket.end(`${reason.join('\r\n')}\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`)
    }
  }

  async #admit(side: Side, request: IncomingMessage): Promise<Grant | undefined> {
    checkHost(side, request)
    checkOrigin(request)
    if (addressOf(request).pathname !== WIRE_PATH) throw new FabricError('IF_ERR_NOT_FOUND', 'there is nothing here')
    const offered = request.headers['sec-websocket-protocol']?.split(',').map((name) => name.trim()) ?? []
    if (!offered.includes(SUBPROTOCOL)) {
      throw new FabricError(
        'IF_ERR_VERSION_MISMATCH',
        `this daemon speaks ${SUBPROTOCOL}, not ${offered.join(', ') || '(nothing)'}`,
      )
    }
    this.#parts.checkOpen()
    const { authorization } = request.headers
    if (authorization === undefined && side === 'owner') return undefined
    return this.#grantOf(authorization)
  }

  async #grantOf(authorization: string | undefined): Promise<Grant> {
    const token = /^Bearer +(\S+)$/i.exec(authorization ?? '')?.[1]
    if (token !== undefined) {
      return this.#parts.authenticate(token).catch((thrown: unknown) => {
        this.#parts.logger()?.warn('a token was refused', { reason: toFabricError(thrown).message })
        throw thrown
      })
    }
    throw new FabricError('IF_ERR_INVALID_TOKEN', 'a token is needed on this address', {
      hint: 'Set IFAB_TOKEN or IFAB_TOKEN_FILE; the owner of the home can use its socket without one.',
      next: 'ifab token create --actor if://agent/NAME',
    })
  }
}

const addressOf = (request: IncomingMessage): { pathname: string } => ({
  pathname: (request.url ?? '/').replace(/[?#].*$/s, ''),
})

/** A page of elsewhere whose name was made to mean this machine still says its own name. */
function checkHost(side: Side, { headers }: IncomingMessage): void {
  if (side === 'owner') return
  const name = (headers.host ?? '').replace(/:\d+$/, '')
  if (['127.0.0.1', 'localhost', '[::1]'].includes(name)) return
  throw new FabricError('IF_ERR_EGRESS_DENIED', `this daemon isn't ${JSON.stringify(name.slice(0, 100))}`, {
    hint: 'It is reached as 127.0.0.1 or localhost; a proxy in front of it has to say so.',
  })
}

function checkOrigin({ headers }: IncomingMessage): void {
  if (headers.origin === undefined || headers.origin === `http://${headers.host}`) return
  throw new FabricError('IF_ERR_EGRESS_DENIED', 'a web page of another origin may not connect')
}

/** HTTP's word for an error. */
function statusOf(thrown: unknown): number {
  if (!isFabricError(thrown)) return 500
  if (thrown.code === 'IF_ERR_VERSION_MISMATCH') return 426
  return { 2: 400, 3: 403, 4: 404, 5: 401, 6: 409, 7: 503 }[ERRORS[thrown.code].exit as number] ?? 500
}

function write(response: ServerResponse, status: number, body: object, headers: Record<string, string> = {}): void {
  response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store', ...headers })
  response.end(response.req.method === 'HEAD' ? undefined : `${JSON.stringify(body)}\n`)
}
