// What the tests of the daemon share: homes, daemons in this process, clients of them, raw websockets. Everything that was opened
// is closed, and the folders removed, after each test.
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { type IncomingHttpHeaders, request } from 'node:http'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach } from 'vitest'
import { WebSocket } from 'ws'
import { type OpenOptions, openFabric } from '../../../src/client/index.ts'
import type { CoordinatorPort } from '../../../src/coordinator/index.ts'
import type { CreateToken, Fabric } from '../../../src/fabric/index.ts'
import { FabricError } from '../../../src/foundation/index.ts'
import { type Daemon, type DaemonOptions, openDaemon } from '../../../src/server/index.ts'

const cleanups: (() => unknown)[] = []

afterEach(async () => {
  for (const clean of cleanups.splice(0).reverse()) await clean()
})

/** Done after the test, last one first. */
export const afterwards = (clean: () => unknown): void => void cleanups.push(clean)

export interface HomeOptions {
  /** Of claims. Default 30s. */
  lease?: string
  /** More lines of config.yaml. */
  config?: string
}

export function temporaryHome({ lease = '30s', config = '' }: HomeOptions = {}): string {
  const home = mkdtempSync(join(tmpdir(), 'ifab-served-'))
  writeFileSync(join(home, 'config.yaml'), `version: 1\ncoordinator: { lease: ${lease} }\n${config}`)
  afterwards(() => rmSync(home, { recursive: true, force: true, maxRetries: 3 }))
  return home
}

/** A daemon in this process, on a free port. */
export async function serve(home: string, options: DaemonOptions = {}): Promise<Daemon> {
  const daemon = await openDaemon({ home, port: 0, env: {}, logLevel: 'silent', ...options })
  afterwards(() => daemon.close({ withinMs: 0 }))
  return daemon
}

/** A client, closed after the test. By default the home's owner. */
export async function open(options: OpenOptions): Promise<Fabric> {
  const fabric = await openFabric({ env: {}, ...options })
  afterwards(() => fabric.close())
  return fabric
}

export const owner = (daemon: Daemon, options: OpenOptions = {}): Promise<Fabric> =>
  open({ url: `unix:${daemon.socket}`, ...options })

/** A client with a token, on the port. */
export async function holder(
  daemon: Daemon,
  token: CreateToken,
): Promise<{ fabric: Fabric; id: string; token: string }> {
  const made = await (await owner(daemon)).createToken(token)
  return { fabric: await open({ url: daemon.url, token: made.token }), id: made.id, token: made.token }
}

export async function coordinatorOf(daemon: Daemon): Promise<CoordinatorPort> {
  return (await owner(daemon)).coordinator()
}

export async function failureOf(call: Promise<unknown>): Promise<FabricError> {
  const outcome = await call.then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  if (outcome instanceof FabricError) return outcome
  throw new Error(`expected a FabricError, got ${outcome === undefined ? 'success' : String(outcome)}`, {
    cause: outcome,
  })
}

export const AT_ONCE = { waitMs: 0 }

/** Waits for what another process or connection brings about. */
export async function until(isSo: () => boolean | Promise<boolean>, what: string): Promise<void> {
  const giveUpAt = performance.now() + 10_000
  while (!(await isSo())) {
    if (performance.now() > giveUpAt) throw new Error(`in vain: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}

/** One HTTP request, on the port or the socket. */
export async function fetchFrom(
  to: { url: string } | { socket: string },
  path: string,
  headers: Record<string, string> = {},
): Promise<{ status: number; body: unknown }> {
  const where = 'url' in to ? { host: '127.0.0.1', port: Number(new URL(to.url).port) } : { socketPath: to.socket }
  const asked = request({ ...where, path, headers, agent: false })
  asked.end()
  const [response] = (await once(asked, 'response')) as [
    NodeJS.ReadableStream & { statusCode: number; headers: IncomingHttpHeaders },
  ]
  let text = ''
  for await (const chunk of response) text += String(chunk)
  return { status: response.statusCode, body: JSON.parse(text) as unknown }
}

/** A client that says whatever it likes. */
export class RawClient {
  readonly socket: WebSocket
  readonly #messages: unknown[] = []
  #waiting: (() => void)[] = []
  readonly closed: Promise<number>

  constructor(socket: WebSocket) {
    this.socket = socket
    socket.on('message', (data) => {
      this.#messages.push(...(JSON.parse(String(data)) as unknown[]))
      for (const tell of this.#waiting.splice(0)) tell()
    })
    socket.on('error', () => undefined)
    this.closed = new Promise((resolve) => {
      socket.on('close', (code) => {
        resolve(code)
        for (const tell of this.#waiting.splice(0)) tell()
      })
    })
  }

  static async to(daemon: Daemon): Promise<RawClient> {
    const socket = new WebSocket('ws://localhost/wire', 'ifab.1', { createConnection: () => connect(daemon.socket) })
    const client = new RawClient(socket)
    afterwards(() => socket.terminate())
    await once(socket, 'open')
    return client
  }

  say(...frames: unknown[]): void {
    this.socket.send(JSON.stringify(frames))
  }

  async greet(): Promise<void> {
    this.say({ id: 1, call: 'hello', args: [{ protocol: 'ifab.1', version: '0.1.0' }] })
    await this.next()
  }

  /** The next frame; undefined when the connection has ended. */
  async next(): Promise<unknown> {
    while (this.#messages.length === 0 && this.socket.readyState < WebSocket.CLOSING) {
      await new Promise<void>((resolve) => this.#waiting.push(resolve))
    }
    return this.#messages.shift()
  }
}
