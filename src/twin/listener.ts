// HTTP around the desk: reads a request whole, up to a limit, and writes or cuts the answer. Listens on loopback only.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { FabricError } from '../foundation/index.ts'
import type { CallDesk, Reply } from './call-desk.ts'
import type { ReceivedRequest } from './received.ts'

const HOST = '127.0.0.1'
/** Longer than clients keep an idle connection, so that the twin never closes one that a client is about to use. */
const KEEP_ALIVE_MS = 120_000

export function createListener(desk: CallDesk, maxBodyBytes: number): Server {
  const server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS }, (request, response) => {
    // Nobody waits for this promise, and it never rejects: the desk answers everything, a dead client ends silently.
    void serve(request, response)
  })

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const received = { method: request.method ?? '', target: request.url ?? '/', headers: flatHeaders(request) }
    const bytes = await readBody(request, maxBodyBytes)
    if (bytes === 'gone') return
    if (bytes === 'too-large') {
      return write(response, desk.refuseBody({ ...received, bytes: NO_BYTES }, maxBodyBytes))
    }
    const whole: ReceivedRequest = { ...received, bytes }
    write(response, await desk.receive(whole))
  }

  return server
}

/** The port that was given; IF_ERR_ALREADY_EXISTS where another process has it. */
export async function listen(server: Server, port: number): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      const taken = cause.code === 'EADDRINUSE'
      reject(
        new FabricError(
          taken ? 'IF_ERR_ALREADY_EXISTS' : 'IF_ERR_PROVIDER_UNAVAILABLE',
          `a twin cannot listen on ${HOST}:${port}${taken ? ': the port is taken' : ''} (${cause.code})`,
          { cause, hint: 'Choose another port, or 0 for any free one.' },
        ),
      )
    })
    server.listen(port, HOST, resolve)
  })
  return (server.address() as AddressInfo).port // it listens on a TCP port, so this is no pipe's name
}

const NO_BYTES = new Uint8Array(0)

function readBody(request: IncomingMessage, limit: number): Promise<Uint8Array | 'too-large' | 'gone'> {
  const { headers } = request
  if (headers['content-length'] === undefined && headers['transfer-encoding'] === undefined) {
    return Promise.resolve(NO_BYTES)
  }
  return new Promise((resolve) => {
    const chunks: Buffer[] = []
    let size = 0
    request.on('data', (chunk: Buffer) => {
      size += chunk.length
      if (size <= limit) chunks.push(chunk)
      else chunks.length = 0 // the rest is read and thrown away: a client reads an answer only after its last byte
    })
    request.on('end', () => resolve(size > limit ? 'too-large' : Buffer.concat(chunks)))
    request.on('error', () => resolve('gone'))
    request.on('close', () => resolve('gone'))
  })
}

function flatHeaders(request: IncomingMessage): Record<string, string> {
  const flat: Record<string, string> = {}
  for (const [name, value] of Object.entries(request.headers)) {
    if (value !== undefined) flat[name] = typeof value === 'string' ? value : value.join(', ')
  }
  return flat
}

function write(response: ServerResponse, reply: Reply): void {
  if (reply === 'cut') {
    response.destroy()
    return
  }
  if (reply.stream) {
    void writeStream(response, { ...reply, stream: reply.stream }) // never rejects: it ends with the client
    return
  }
  const { status, headers } = reply
  const bytes = reply.bytes ?? Buffer.from(reply.text)
  const isBare = status === 204 || status === 304
  // An answer to HEAD has no body, but may tell how long it would be.
  response.writeHead(status, isBare ? headers : { 'content-length': bytes.length, ...headers })
  response.end(isBare ? undefined : bytes)
}

/** Each piece on its own, the next one when the last is handed over; a client that is gone ends it. */
async function writeStream(
  response: ServerResponse,
  { status, headers, stream, cutAfter }: Exclude<Reply, 'cut'> & { stream: readonly string[] },
): Promise<void> {
  response.writeHead(status, headers)
  for (const piece of stream.slice(0, cutAfter)) {
    if (response.destroyed) return
    await new Promise<void>((resolve) => {
      response.once('close', resolve)
      response.write(piece, () => {
        response.off('close', resolve)
        resolve()
      })
    })
  }
  if (cutAfter === undefined) response.end()
  else response.destroy()
}
