// What a provider, or something that stands between, may answer: each time one clear error, no more memory than the limit
// of an answer, and the credential at no other host.
import { createServer, type Server, type Socket } from 'node:net'
import { gzipSync } from 'node:zlib'
import { afterAll, afterEach, describe, expect, it } from 'vitest'
import {
  type AnswerKind,
  get,
  type Instance,
  type JsonObject,
  type JsonValue,
  native,
  operationOf,
  perform,
  post,
  z,
} from '../../../src/adapter/index.ts'
import { FabricError } from '../../../src/foundation/index.ts'
import { instanceOf, withFacts } from '../../unit/adapter/fixtures/acme.ts'
import { openTestDoor, secrets } from '../../unit/adapter/fixtures/server.ts'

const KINDS: readonly AnswerKind[] = ['json', 'exact-json', 'text', 'bytes', 'xml', 'ndjson', 'empty']
const TOKEN = 'value-of-ACME_TOKEN'
const MEGABYTE = 1024 * 1024

const operation = (kind: AnswerKind, effect: 'read' | 'create') =>
  native({
    summary: 'For tests.',
    effect,
    input: z.strictObject({}),
    output: z.object({ got: z.json() }),
    request: () => (effect === 'read' ? get : post)(`/${kind}`, { answer: kind }),
    result: (body: JsonValue) => ({ got: body }),
    cost: 'free',
    examples: [{ input: {}, response: null }],
  })

const provider = withFacts({
  native: Object.fromEntries(
    KINDS.flatMap((kind) => [
      [`${kind}.read`, operation(kind, 'read')],
      [`${kind}.create`, operation(kind, 'create')],
    ]),
  ),
})

const door = openTestDoor()
const servers: Server[] = []

afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => new Promise((resolve) => server.close(resolve))))
})
afterAll(() => door.close())

interface RawServer {
  origin: string
  /** What came, of all connections. */
  received: () => string
  /** Bytes that the other side has taken or that wait in the buffers of the system. */
  sent: () => number
}

/** Speaks bytes and knows no HTTP. `talk` is called once the head of a request has come. */
async function serveRaw(talk: (socket: Socket, head: string) => void): Promise<RawServer> {
  const sockets = new Set<Socket>()
  let received = ''
  let sent = 0
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => {}) // the door hangs up on most of what is said here
    socket.on('close', () => {
      sent += socket.bytesWritten
      sockets.delete(socket)
    })
    let head = ''
    socket.on('data', (chunk) => {
      received += chunk.toString('latin1')
      head += chunk.toString('latin1')
      if (!head.includes('\r\n\r\n')) return
      const whole = head
      head = ''
      talk(socket, whole)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const close = server.close.bind(server)
  server.close = (done) => {
    for (const socket of sockets) socket.destroy()
    return close(done)
  }
  servers.push(server)
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the server has no port')
  return { origin: `http://127.0.0.1:${address.port}`, received: () => received, sent: () => sent }
}

const answer = (lines: string[], body: string | Buffer = ''): Buffer =>
  Buffer.concat([Buffer.from(`${['HTTP/1.1 200 OK', ...lines].join('\r\n')}\r\n\r\n`), Buffer.from(body)])

const whole = (body: string | Buffer, ...headers: string[]): Buffer =>
  answer([`content-length: ${Buffer.byteLength(body)}`, ...headers], body)

const call = (origin: string, name: string, timeoutMs = 5000) =>
  perform({
    provider,
    instance: instanceOf({ twin: origin } as Partial<Instance>),
    entry: operationOf(provider, name),
    input: {},
    door,
    secrets,
    timeoutMs,
  })

/** The one error that a person sees: coded, one line, with an outcome and without the credential. */
async function errorOf(work: Promise<unknown>): Promise<FabricError> {
  const thrown = await work.then(
    () => undefined,
    (error: unknown) => error,
  )
  if (!(thrown instanceof FabricError)) throw new Error(`no coded error, but ${String(thrown)}`)
  expect(thrown.message).not.toContain('\n')
  expect(thrown.message.length).toBeLessThan(400)
  expect(thrown.code).not.toBe('IF_ERR_INTERNAL')
  expect(['not-done', 'unknown']).toContain(thrown.details.outcome)
  expect(JSON.stringify(thrown)).not.toContain(TOKEN)
  return thrown
}

const outcomeOf = ({ details }: FabricError): unknown => (details as JsonObject).outcome

describe.each(KINDS)('an answer that is to be %s', (kind) => {
  const hostile: [what: string, code: string, talk: (socket: Socket) => void][] = [
    [
      'cut off before its announced length',
      'IF_ERR_BAD_RESPONSE',
      (s) => void s.end(answer(['content-length: 100'], '{"a":')),
    ],
    [
      'cut off between its chunks',
      'IF_ERR_BAD_RESPONSE',
      (s) => void s.end(answer(['transfer-encoding: chunked'], '5\r\n{"a":\r\n')),
    ],
    ['cut off in its head', 'IF_ERR_PROVIDER_UNAVAILABLE', (s) => void s.end('HTTP/1.1 200 O')],
    ['no answer at all', 'IF_ERR_PROVIDER_UNAVAILABLE', (s) => void s.end()],
    ['not HTTP', 'IF_ERR_BAD_RESPONSE', (s) => void s.end('SSH-2.0-OpenSSH_9.6\r\n')],
    [
      'of two lengths',
      'IF_ERR_BAD_RESPONSE',
      (s) => void s.end(answer(['content-length: 2', 'content-length: 3'], '{}')),
    ],
    ['of a head without end', 'IF_ERR_BAD_RESPONSE', (s) => void s.write(answer([`x: ${'y'.repeat(64 * 1024)}`]))],
    ['broken gzip', 'IF_ERR_BAD_RESPONSE', (s) => void s.end(whole('not gzip', 'content-encoding: gzip'))],
    [
      'gzip cut short',
      'IF_ERR_BAD_RESPONSE',
      (s) => void s.end(whole(gzipSync('{"a":1}').subarray(0, 12), 'content-encoding: gzip')),
    ],
    ['in an encoding nobody asked for', 'IF_ERR_BAD_RESPONSE', (s) => void s.end(whole('x', 'content-encoding: zstd'))],
    [
      'a small file that unfolds to 100 MB',
      'IF_ERR_BAD_RESPONSE',
      (s) => void s.end(whole(BOMB, 'content-encoding: gzip')),
    ],
    ['announced as 100 MB', 'IF_ERR_BAD_RESPONSE', (s) => void s.write(answer([`content-length: ${100 * MEGABYTE}`]))],
  ]

  it.each(hostile)('and is %s is one error', async (_what, code, talk) => {
    const server = await serveRaw(talk)

    const read = await errorOf(call(server.origin, `${kind}.read`))
    const create = await errorOf(call(server.origin, `${kind}.create`))

    expect([read.code, create.code]).toEqual([code, code])
    // The request has left, so that it may have had its effect; a read has none.
    expect([outcomeOf(read), outcomeOf(create)]).toEqual(['not-done', 'unknown'])
  })

  it('and goes on for 100 MB is broken off soon after the limit', async () => {
    const server = await serveRaw((socket) => pour(socket, 100 * MEGABYTE))

    expect((await errorOf(call(server.origin, `${kind}.create`))).message).toMatch(/larger than the \d+ bytes allowed/)
    await expect.poll(server.sent).toBeGreaterThan(0)
    expect(server.sent()).toBeLessThan(64 * MEGABYTE)
  })

  it.each([
    ['its head', (socket: Socket) => drip(socket, 'HTTP/1.1 200 OK\r\n', 'x: y\r\n')],
    ['its body', (socket: Socket) => drip(socket, answer(['content-length: 1000']).toString(), ' ')],
  ])('and trickles in with %s ends with the time of the call', async (_what, talk) => {
    const server = await serveRaw(talk)

    expect((await errorOf(call(server.origin, `${kind}.create`, 300))).code).toBe('IF_ERR_TIMEOUT')
  })

  it.each([301, 302, 303, 307, 308])(
    'and points elsewhere with %i is not followed, and nothing arrives there',
    async (status) => {
      const other = await serveRaw((socket) => void socket.end(whole('{}')))
      for (const location of [
        `${other.origin}/${kind}`,
        'http://169.254.169.254/latest/meta-data',
        'file:///etc/passwd',
        '//[::1]:1/x',
        ':',
      ]) {
        const server = await serveRaw((socket) => {
          socket.end(`HTTP/1.1 ${status} Moved\r\nlocation: ${location}\r\ncontent-length: 0\r\n\r\n`)
        })

        const read = await errorOf(call(server.origin, `${kind}.read`))
        const create = await errorOf(call(server.origin, `${kind}.create`))

        expect([read.code, create.code]).toEqual(['IF_ERR_BAD_RESPONSE', 'IF_ERR_BAD_RESPONSE'])
        expect(server.received()).toContain(TOKEN)
      }
      expect(other.received()).toBe('')
    },
  )

  it('and is of another kind is one error, or what it is where the kind takes anything', async () => {
    const takesAnything = ['text', 'bytes', 'empty'].includes(kind)
    const server = await serveRaw((socket) => void socket.end(whole('<html>502 {', 'content-type: text/html')))

    const work = call(server.origin, `${kind}.create`)

    if (takesAnything) await expect(work).resolves.toMatchObject({ status: 200 })
    else expect((await errorOf(work)).message).toContain(`is not ${kind.toUpperCase()}`)
  })

  it('and is in another charset than it says is one error, or its bytes where nothing else is asked for', async () => {
    const server = await serveRaw((socket) =>
      socket.end(whole(Buffer.from('<a>"Zoë"</a>', 'latin1'), 'content-type: application/json; charset=utf-8')),
    )

    const work = call(server.origin, `${kind}.create`)

    if (kind === 'bytes' || kind === 'empty') await expect(work).resolves.toMatchObject({ status: 200 })
    else expect((await errorOf(work)).code).toBe('IF_ERR_BAD_RESPONSE')
  })

  it('and repeats the credential gives it to nobody', async () => {
    const echo = JSON.stringify({ error: `no such token ${TOKEN}`, code: Buffer.from(TOKEN).toString('base64') })
    const refusing = await serveRaw((socket) =>
      socket.end(`HTTP/1.1 401 No\r\ncontent-length: ${echo.length}\r\nx-echo: ${TOKEN}\r\n\r\n${echo}`),
    )
    const taking = await serveRaw((socket) => void socket.end(whole(kind === 'xml' ? `<a>${TOKEN}</a>` : `"${TOKEN}"`)))

    expect((await errorOf(call(refusing.origin, `${kind}.create`))).code).toBe('IF_ERR_AUTH_FAILED')
    const { result } = await call(taking.origin, `${kind}.read`)
    const plain = kind === 'bytes' ? Buffer.from(String(result.got), 'base64').toString() : JSON.stringify(result)
    expect(plain).not.toContain(TOKEN)
  })
})

const BOMB = gzipSync(Buffer.alloc(100 * MEGABYTE))
const BLOCK = Buffer.from(`40000\r\n${' '.repeat(0x40000)}\r\n`)

/** Chunk after chunk, as fast as the other side takes it. */
function pour(socket: Socket, bytes: number): void {
  socket.write(answer(['transfer-encoding: chunked']))
  let left = bytes
  const more = () => {
    while (left > 0 && !socket.destroyed) {
      left -= 0x40000
      if (!socket.write(BLOCK)) return void socket.once('drain', more)
    }
    if (!socket.destroyed) socket.end('0\r\n\r\n')
  }
  more()
}

/** A little now and then, without end. */
function drip(socket: Socket, first: string, then: string): void {
  socket.write(first)
  const timer = setInterval(() => socket.write(then), 20)
  socket.on('close', () => clearInterval(timer))
}
