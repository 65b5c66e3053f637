// A door with a secret, and servers on loopback to send to. Everything is closed after each test.
import { createServer, type RequestListener, type Server } from 'node:http'
import { type AddressInfo, createServer as createTcpServer, type Socket, type Server as TcpServer } from 'node:net'
import { afterEach } from 'vitest'
import {
  type Door,
  type DoorOptions,
  type OutgoingRequest,
  openDoor,
  type SecretSlot,
  type SendOptions,
} from '../../../src/egress/index.ts'
import { type Clock, FabricError, Redactor, Secret, systemClock } from '../../../src/foundation/index.ts'

export const SECRET = `sk_canary/4f'9+Zq&8x"Y=A1b2C3`
export const BEARER: SecretSlot = { in: 'header', name: 'authorization', parts: ['Bearer ', { secret: 'KEY' }] }

const closers: (() => Promise<unknown>)[] = []

afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close()
})

export const closeAfterTest = (close: () => Promise<unknown>): void => {
  closers.push(close)
}

/** A clock whose sleeps pass at once and are counted. */
export function fastClock(): Clock & { slept: number[] } {
  const slept: number[] = []
  return {
    slept,
    now: () => Date.now(),
    monotonic: () => performance.now(),
    async sleep(ms, signal) {
      signal?.throwIfAborted()
      slept.push(ms)
    },
  }
}

export function openTestDoor(options: Partial<DoorOptions> = {}): { door: Door; redactor: Redactor } {
  const redactor = new Redactor()
  const door = openDoor({ redactor, clock: systemClock, random: () => 0, ...options })
  closeAfterTest(() => door.close())
  return { door, redactor }
}

export async function serve(listener: RequestListener): Promise<{ origin: string; server: Server }> {
  const server = createServer(listener)
  const origin = await listen(server)
  return { origin, server }
}

/** A server that speaks no HTTP of its own: the script writes the bytes. */
export async function serveBytes(script: (socket: Socket, heard: string) => void): Promise<string> {
  return listen(
    createTcpServer((socket) => {
      socket.on('error', () => {})
      socket.on('data', (chunk) => script(socket, String(chunk)))
    }),
  )
}

export async function listen(server: TcpServer, scheme = 'http'): Promise<string> {
  const open = new Set<Socket>()
  server.on('connection', (socket: Socket) => {
    open.add(socket)
    socket.on('close', () => open.delete(socket))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  closeAfterTest(async () => {
    const closed = new Promise((resolve) => server.close(resolve))
    for (const socket of open) socket.destroy()
    await closed
  })
  return `${scheme}://127.0.0.1:${(server.address() as AddressInfo).port}`
}

/** A port of loopback where nothing listens. */
export async function deadOrigin(): Promise<string> {
  const server = createTcpServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return `http://127.0.0.1:${port}`
}

export const secretsOf = (value: string | FabricError) => ({
  async open() {
    if (value instanceof FabricError) throw value
    return new Secret(value)
  },
})

export function get(origin: string, change: Partial<OutgoingRequest> = {}): OutgoingRequest {
  return { method: 'GET', url: `${origin}/v1/items`, headers: {}, slots: [BEARER], ...change }
}

export function optionsFor(origin: string, change: Partial<SendOptions> = {}): SendOptions {
  return {
    route: { method: 'GET', origins: [origin], path: '/v1/items' },
    secrets: secretsOf(SECRET),
    allowPrivate: true,
    retry: { attempts: 1, backoffSeconds: [1], repeatable: true },
    timeoutMs: 20_000,
    ...change,
  }
}

/** The options of an effectful request on the same route. */
export const postOptions = (origin: string, change: Partial<SendOptions> = {}): SendOptions =>
  optionsFor(origin, {
    route: { method: 'POST', origins: [origin], path: '/v1/items' },
    retry: { attempts: 3, backoffSeconds: [1], repeatable: false },
    ...change,
  })

/** What a call rejects with; fails where it does not. */
export async function failureOf(call: Promise<unknown>): Promise<FabricError> {
  const outcome = await call.then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  if (outcome instanceof FabricError) return outcome
  throw new Error(`expected a FabricError, got ${String(outcome)}`)
}
