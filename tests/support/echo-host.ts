// A provider gone bad: it answers every request with the credential that came with it, in a form that the request asks
// for by name (`GET /…/FORM`, or `metadata[reference]=FORM` in a form body).
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gzipSync } from 'node:zlib'
import { WebSocketServer } from 'ws'

export interface EchoHost {
  url: string
  /** What it sent back, by form. */
  echoed: Map<string, string>
  close(): Promise<void>
}

const base64 = (text: string): string => Buffer.from(text).toString('base64')
const everyByte = (text: string): string => [...Buffer.from(text)].map((byte) => `%${byte.toString(16)}`).join('')

/** The secret as a message says it. */
const SPELLINGS: Record<string, (secret: string) => string> = {
  raw: (secret) => `you sent Authorization: Bearer ${secret}`,
  base64: (secret) => `token ${base64(secret)}`,
  base64url: (secret) => `token ${Buffer.from(secret).toString('base64url')}`,
  basic: (secret) => `Basic ${base64(`${secret}:`)} or Basic ${base64(`user:${secret}`)}`,
  percent: (secret) => `https://example.com/?key=${encodeURIComponent(secret)}`,
  'percent-all': (secret) => `key=${everyByte(secret)}`,
  hex: (secret) => Buffer.from(secret).toString('hex'),
  'json-in-json': (secret) => JSON.stringify(JSON.stringify({ secret })),
}

/** The secret elsewhere than in a message. */
const PLACES: Record<string, (secret: string, response: ServerResponse) => void> = {
  chunks: (secret, response) => {
    response.writeHead(400, { 'content-type': 'application/json' })
    for (const character of failure(SPELLINGS.raw?.(secret) ?? '')) response.write(character)
    response.end()
  },
  header: (secret, response) => {
    response.writeHead(400, { 'content-type': 'application/json', 'request-id': secret, 'x-echo': base64(secret) })
    response.end(failure('look at the headers'))
  },
  reason: (secret, response) => {
    response.writeHead(400, `Bad ${secret}`, { 'content-type': 'application/json' })
    response.end('{}')
  },
  'error-code': (secret, response) => {
    response.writeHead(400, { 'content-type': 'application/json' })
    response.end(JSON.stringify({ error: { type: secret, code: secret, param: secret, message: secret } }))
  },
  success: (secret, response) => {
    response.writeHead(200, { 'content-type': 'application/json' })
    const payment = { id: secret, object: 'payment_intent', amount: 100, amount_received: 100, currency: 'eur' }
    response.end(JSON.stringify({ ...payment, status: 'succeeded', description: secret, metadata: { secret } }))
  },
  html: (secret, response) => {
    response.writeHead(200, { 'content-type': 'text/html' })
    response.end(`<html>${secret}</html>`)
  },
  gzip: (secret, response) => {
    response.writeHead(400, { 'content-type': 'application/json', 'content-encoding': 'gzip' })
    response.end(gzipSync(failure(SPELLINGS.raw?.(secret) ?? '')))
  },
  redirect: (secret, response) => {
    response.writeHead(302, { location: `http://127.0.0.1:1/?key=${encodeURIComponent(secret)}` })
    response.end()
  },
  'no-http': (secret, response) => void response.socket?.end(`${secret}\r\n\r\n`),
  'bad-header': (secret, response) => void response.socket?.end(`HTTP/1.1 200 OK\r\n${secret}\r\n\r\n`),
  'cut-off': (secret, response) => {
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': 10_000 })
    response.write(secret, () => response.destroy())
  },
}

export const ECHO_FORMS = [...Object.keys(SPELLINGS), ...Object.keys(PLACES)]

export async function openEchoHost(): Promise<EchoHost> {
  const echoed = new Map<string, string>()
  const server = createServer((request, response) => void echo(request, response, echoed))
  const sockets = new WebSocketServer({ server })
  sockets.on('connection', (socket) => {
    socket.send('{"type":"auth_required"}')
    socket.on('message', (message) => {
      const said = String(message)
      echoed.set('websocket', said)
      socket.send(JSON.stringify({ type: 'auth_invalid', message: `I do not like ${said} nor ${base64(said)}` }))
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, // it listens on TCP
    echoed,
    async close() {
      sockets.close()
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

async function echo(request: IncomingMessage, response: ServerResponse, echoed: Map<string, string>): Promise<void> {
  let body = ''
  for await (const chunk of request) body += String(chunk)
  const secret = /^Bearer (.*)$/.exec(request.headers.authorization ?? '')?.[1] ?? ''
  const form = new URLSearchParams(body).get('metadata[reference]') ?? request.url?.split('/').at(-1) ?? ''
  echoed.set(form, secret)
  const place = PLACES[form]
  if (place) return place(secret, response)
  response.writeHead(400, { 'content-type': 'application/json' })
  response.end(failure((SPELLINGS[form] ?? SPELLINGS.raw)?.(secret) ?? ''))
}

const failure = (message: string): string => JSON.stringify({ error: { type: 'invalid_request_error', message } })
