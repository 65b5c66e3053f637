// Servers that lie, stall, flood, break off and echo.
import { inspect } from 'node:util'
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { failureOf, get, openTestDoor, optionsFor, postOptions, SECRET, secretsOf, serve, serveBytes } from './rig.ts'

const head = (...lines: string[]) => `HTTP/1.1 200 OK\r\n${lines.map((line) => `${line}\r\n`).join('')}\r\n`

const ECHOES: [string, string][] = [
  ['raw', SECRET],
  ['base64', Buffer.from(SECRET).toString('base64')],
  ['base64 behind other text', Buffer.from(`ab${SECRET}`).toString('base64')],
  ['percent', encodeURIComponent(SECRET)],
  ['Basic', Buffer.from(`${SECRET}:`).toString('base64')],
  ['hex', Buffer.from(SECRET).toString('hex')],
  ['JSON', JSON.stringify(SECRET)],
]

describe('a host that echoes the secret', () => {
  it.each(ECHOES)('in the %s form leaks it neither by body nor by header', async (_form, echo) => {
    const { door, redactor } = openTestDoor()
    const { origin } = await serve((_request, response) => {
      response.setHeader('x-echo', echo)
      response.end(JSON.stringify({ echo }))
    })

    const { response } = await door.send(
      get(origin, {
        slots: [{ in: 'header', name: 'authorization', parts: [{ secret: 'KEY' }, ':'], encode: 'basic' }],
      }),
      optionsFor(origin),
    )

    for (const text of [
      response.text,
      Buffer.from(response.body).toString('latin1'),
      response.headers['x-echo'] ?? '',
    ]) {
      expect(text).toContain('<redacted>')
      expect(text).not.toContain(echo)
      expect(redactor.leaks(text)).toBe(false)
    }
  })

  it.each(ECHOES)('in the %s form split over chunks does not leak it', async (_form, echo) => {
    const { door } = openTestDoor()
    const { origin } = await serve(async (_request, response) => {
      for (const character of echo) {
        response.write(character)
        await new Promise(setImmediate)
      }
      response.end()
    })

    const { response } = await door.send(get(origin), optionsFor(origin))

    expect(response.text).not.toContain(echo)
    expect(response.text).toContain('<redacted>')
  })

  it('inside a compressed answer does not leak it', async () => {
    const { door } = openTestDoor()
    const { origin } = await serve((request, response) => {
      response.writeHead(200, { 'content-encoding': 'gzip' })
      response.end(gzipSync(`you sent ${request.headers.authorization}`))
    })

    const { response } = await door.send(get(origin), optionsFor(origin))

    expect(response.text).toBe('you sent Bearer <redacted>')
  })

  it('in a broken answer leaks it by no part of the error', async () => {
    const { door } = openTestDoor()
    const origin = await serveBytes((socket, heard) => {
      const echo = /authorization: (.*)\r\n/i.exec(heard)?.[1]
      socket.end(`HTTP/1.1 200 OK\r\n${echo}\r\n${echo}`)
    })

    const failure = await failureOf(door.send(get(origin), optionsFor(origin)))

    expect(failure.code).toBe('IF_ERR_BAD_RESPONSE')
    expect(inspect(failure, { depth: 10, showHidden: true })).not.toContain(SECRET)
  })

  it('in a redirect leaks it by no part of the error', async () => {
    const { door } = openTestDoor()
    const { origin } = await serve((_request, response) => {
      const location = `https://evil.example/?k=${encodeURIComponent(SECRET)}`
      response.writeHead(302, { location }).end()
    })

    const failure = await failureOf(door.send(get(origin), optionsFor(origin)))

    const shown = inspect(failure, { depth: 10 })
    expect(shown).toContain('evil.example')
    expect(shown).not.toContain(encodeURIComponent(SECRET))
  })
})

describe('a host that puts the secret into a host name', () => {
  it('leaks it neither by the message nor by the details', async () => {
    const { door } = openTestDoor()
    const { origin } = await serve((request, response) => {
      const key = request.headers.authorization?.split(' ')[1]
      response.writeHead(302, { location: `https://${key}.evil.example/` }).end()
    })

    const failure = await failureOf(door.send(get(origin), optionsFor(origin, { secrets: secretsOf('canary-canary') })))

    expect(failure.message).toContain('<redacted>.evil.example')
    expect(inspect(failure, { depth: 10 })).not.toContain('canary')
  })
})

describe('a host that sends too much', () => {
  it('is cut off at the limit when it announces the size', async () => {
    const { door } = openTestDoor()
    const { origin } = await serve((_request, response) => {
      response.writeHead(200, { 'content-length': 100 * 1024 * 1024 })
      response.write('x')
    })

    const failure = await failureOf(door.send(get(origin), optionsFor(origin)))

    expect(failure).toMatchObject({ code: 'IF_ERR_BAD_RESPONSE', details: { departure: 'may-have-left' } })
    expect(failure.message).toContain('16777216 bytes')
  })

  it('is cut off at the limit when it streams 100 MB', async () => {
    const { door } = openTestDoor()
    let sent = 0
    const { origin } = await serve((_request, response) => {
      const chunk = Buffer.alloc(1024 * 1024, 'x')
      const more = () => {
        while (sent < 100 && !response.destroyed) {
          sent++
          if (!response.write(chunk)) return response.once('drain', more)
        }
        response.end()
      }
      more()
    })

    const failure = await failureOf(door.send(get(origin), optionsFor(origin, { maxBodyBytes: 1024 * 1024 })))

    expect(failure.code).toBe('IF_ERR_BAD_RESPONSE')
    expect(sent).toBeLessThan(100)
  })

  it('is cut off when a small answer unfolds into a large one', async () => {
    const { door } = openTestDoor()
    const bomb = gzipSync(Buffer.alloc(64 * 1024 * 1024))
    const { origin } = await serve((_request, response) => {
      response.writeHead(200, { 'content-encoding': 'gzip' })
      response.end(bomb)
    })

    const failure = await failureOf(door.send(get(origin), optionsFor(origin)))

    expect(bomb.length).toBeLessThan(100_000)
    expect(failure).toMatchObject({ code: 'IF_ERR_BAD_RESPONSE', message: expect.stringContaining('larger than') })
  })

  it('in its headers is refused', async () => {
    const { door } = openTestDoor()
    const origin = await serveBytes((socket) => socket.write(head(`x-long: ${'y'.repeat(100_000)}`)))

    expect(await failureOf(door.send(get(origin), optionsFor(origin)))).toMatchObject({ code: 'IF_ERR_BAD_RESPONSE' })
  })
})

describe('a host that compresses', () => {
  it.each([
    ['gzip', gzipSync],
    ['br', brotliCompressSync],
    ['deflate', deflateSync],
  ])('with %s is understood', async (encoding, compress) => {
    const { door } = openTestDoor()
    const { origin } = await serve((_request, response) => {
      response.writeHead(200, { 'content-encoding': encoding })
      response.end(compress('{"plain":true}'))
    })

    const { response } = await door.send(get(origin), optionsFor(origin))

    expect(response.text).toBe('{"plain":true}')
    expect(response.headers['content-encoding']).toBeUndefined()
  })

  it.each([
    ['broken data', 'gzip', Buffer.from('not gzip at all')],
    ['data that ends early', 'gzip', gzipSync('x'.repeat(1000)).subarray(0, 20)],
    ['an encoding that was not asked for', 'zstd', Buffer.from('x')],
  ])('into %s is refused', async (_what, encoding, body) => {
    const { door } = openTestDoor()
    const { origin } = await serve((_request, response) => {
      response.writeHead(200, { 'content-encoding': encoding })
      response.end(body)
    })

    const failure = await failureOf(door.send(get(origin), optionsFor(origin)))

    expect(failure).toMatchObject({ code: 'IF_ERR_BAD_RESPONSE', details: { departure: 'may-have-left' } })
  })

  it('a HEAD answer without a body is understood', async () => {
    const { door } = openTestDoor()
    const { origin } = await serve((_request, response) => {
      response.writeHead(200, { 'content-encoding': 'gzip', 'content-length': 999_999_999 })
      response.end()
    })
    const route = { method: 'HEAD', origins: [origin], path: '/v1/items' }

    const { response } = await door.send(get(origin, { method: 'HEAD' }), optionsFor(origin, { route }))

    expect(response).toMatchObject({ status: 200, text: '' })
  })
})

describe('a host that stalls', () => {
  it.each([
    ['before the answer', (write: (text: string) => void) => void write],
    ['inside the headers', (write: (text: string) => void) => write('HTTP/1.1 200 OK\r\nx-a: ')],
    ['inside the body', (write: (text: string) => void) => write(`${head('content-length: 100')}12345`)],
  ])('%s ends at the timeout of the call', async (_where, begin) => {
    const { door } = openTestDoor()
    const origin = await serveBytes((socket) => begin((text) => socket.write(text)))

    const failure = await failureOf(door.send(get(origin), optionsFor(origin, { timeoutMs: 1000 })))

    expect(failure).toMatchObject({
      code: 'IF_ERR_TIMEOUT',
      message: expect.stringContaining(new URL(origin).host),
      details: { departure: 'may-have-left' },
    })
    expect(failure.details.attempts).toHaveLength(1)
  })

  it('by single bytes ends at the timeout of the call', async () => {
    const { door } = openTestDoor()
    const origin = await serveBytes((socket) => {
      socket.write(head('transfer-encoding: chunked'))
      const drip = setInterval(() => socket.write('1\r\nx\r\n'), 5)
      socket.on('close', () => clearInterval(drip))
    })

    const failure = await failureOf(door.send(get(origin), optionsFor(origin, { timeoutMs: 150 })))

    expect(failure.code).toBe('IF_ERR_TIMEOUT')
  })

  it('in its name server ends at the timeout with nothing left', async () => {
    const { door } = openTestDoor({ connect: { resolve: () => new Promise(() => {}) } })

    const failure = await failureOf(
      door.send(get('https://slow.example'), optionsFor('https://slow.example', { timeoutMs: 50 })),
    )

    expect(failure).toMatchObject({ code: 'IF_ERR_TIMEOUT', details: { departure: 'nothing-left' } })
  })
})

describe('a host that breaks off', () => {
  it.each([
    ['before the answer', '', 'IF_ERR_PROVIDER_UNAVAILABLE'],
    ['inside the headers', 'HTTP/1.1 200 OK\r\nx-a: b', 'IF_ERR_PROVIDER_UNAVAILABLE'],
    ['inside a body of known length', `${head('content-length: 100')}12345`, 'IF_ERR_BAD_RESPONSE'],
    ['inside a chunked body', `${head('transfer-encoding: chunked')}5\r\n123`, 'IF_ERR_BAD_RESPONSE'],
  ])('%s may have acted', async (_where, bytes, code) => {
    const { door } = openTestDoor()
    let heard = 0
    const origin = await serveBytes((socket) => {
      heard++
      socket.end(bytes)
    })

    const failure = await failureOf(door.send(get(origin, { method: 'POST', body: '{}' }), postOptions(origin)))

    expect(failure).toMatchObject({ code, details: { departure: 'may-have-left' } })
    expect(heard).toBe(1)
  })

  it('by a reset may have acted', async () => {
    const { door } = openTestDoor()
    const origin = await serveBytes((socket) => socket.resetAndDestroy())

    const failure = await failureOf(door.send(get(origin, { method: 'POST' }), postOptions(origin)))

    expect(failure).toMatchObject({ code: 'IF_ERR_PROVIDER_UNAVAILABLE', details: { departure: 'may-have-left' } })
  })

  it('and speaks no HTTP is named as such', async () => {
    const { door } = openTestDoor()
    const origin = await serveBytes((socket) => socket.end('SSH-2.0-OpenSSH_9.6\r\n'))

    const failure = await failureOf(door.send(get(origin), optionsFor(origin)))

    expect(failure).toMatchObject({ code: 'IF_ERR_BAD_RESPONSE', message: expect.stringContaining('not HTTP') })
  })

  it('is used again once it is back', async () => {
    const { door } = openTestDoor()
    let calls = 0
    const { origin } = await serve((request, response) => {
      if (calls++ === 0) request.socket.destroy()
      else response.end('back')
    })
    await failureOf(door.send(get(origin), optionsFor(origin)))

    const { response } = await door.send(get(origin), optionsFor(origin))

    expect(response.text).toBe('back')
  })
})
