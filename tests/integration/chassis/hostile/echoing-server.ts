// A mail server that tells its clients what they sent it, the credential too, in every spelling that it can think of.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface EchoingServer {
  /** `127.0.0.1:PORT`. */
  host: string
  /** What came in an Authorization header, newest last. */
  heard: string[]
  close(): Promise<void>
}

/** How it spells a secret, by the field in which it does so. */
const SPELLINGS: Record<string, (secret: string) => unknown> = {
  raw: (secret) => secret,
  header: (secret) => `Authorization: Bearer ${secret}`,
  nested: (secret) => ({ a: [{ b: [secret] }] }),
  'as a name': (secret) => ({ [secret]: 1 }),
  base64: (secret) => Buffer.from(secret).toString('base64'),
  base64url: (secret) => Buffer.from(`Bearer ${secret}`).toString('base64url'),
  basic: (secret) => Buffer.from(`user:${secret}`).toString('base64'),
  percent: (secret) => [...Buffer.from(secret)].map((byte) => `%${byte.toString(16)}`).join(''),
  twice: (secret) => [...Buffer.from(secret)].map((byte) => `%25${byte.toString(16)}`).join(''),
  hex: (secret) => Buffer.from(secret).toString('hex'),
  json: (secret) => JSON.stringify(JSON.stringify({ secret })),
  unicode: (secret) => [...secret].map((c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`).join(''),
}

export async function openEchoingServer(): Promise<EchoingServer> {
  const heard: string[] = []
  const server = createServer((request, response) => {
    request.resume()
    const secret = (request.headers.authorization ?? '').replace(/^Bearer /, '')
    heard.push(secret)
    response.setHeader('content-type', 'application/json')
    response.setHeader('x-echo', secret)
    response.setHeader('set-cookie', `token=${encodeURIComponent(secret)}`)
    const spelt = Object.entries(SPELLINGS).map(([name, spell]) => [name, spell(secret)])
    response.end(JSON.stringify({ count: 1, headers: request.headers, ...Object.fromEntries(spelt) }))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`, // it listens on TCP
    heard,
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

/** Every text in a value, with what its escapes and encodings may stand for, joined: whoever looks for a secret finds it. */
export function decodings(text: string): string {
  const percent = text.replace(/%(?:25)*([0-9a-f]{2})/gi, (_, byte) => String.fromCharCode(Number.parseInt(byte, 16)))
  const unicode = text.replace(/\\+u([0-9a-f]{4})/gi, (_, code) => String.fromCharCode(Number.parseInt(code, 16)))
  const base64 = (text.match(/[A-Za-z0-9+/_-]{12,}/g) ?? []).flatMap((run) =>
    [0, 1, 2, 3].map((skip) => Buffer.from(run.slice(skip), 'base64').toString('latin1')),
  )
  const hex = (text.match(/[0-9a-f]{12,}/gi) ?? []).map((run) => Buffer.from(run, 'hex').toString('latin1'))
  return [text, percent, unicode, ...base64, ...hex].join('\n')
}
