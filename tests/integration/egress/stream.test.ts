// Answers that come while they are written: what is handed out, what is held back, and what ends them.

import { createHmac } from 'node:crypto'
import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import { brotliCompressSync, createGzip, deflateSync, gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import type { Gate, StreamResult } from '../../../src/egress/index.ts'
import { FabricError } from '../../../src/foundation/index.ts'
import { failureOf, fastClock, get, openTestDoor, optionsFor, SECRET, secretsOf, serve, serveBytes } from './rig.ts'

type Flowing = Extract<StreamResult, { kind: 'stream' }>

function flowing(result: StreamResult): Flowing {
  if (result.kind === 'stream') return result
  throw new Error(`expected a stream, got the answer ${result.response.status}`)
}

async function textOf(result: StreamResult): Promise<string> {
  const pieces: Uint8Array[] = []
  for await (const chunk of flowing(result).chunks) pieces.push(chunk)
  return Buffer.concat(pieces).toString()
}

/** Reads by hand, so that a test decides when. */
const readerOf = (result: StreamResult) => {
  const iterator = flowing(result).chunks[Symbol.asyncIterator]()
  return {
    next: async () => {
      const { value, done } = await iterator.next()
      return done ? undefined : Buffer.from(value).toString()
    },
    leave: () => iterator.return?.(),
  }
}

/** A server whose answers the test writes. */
async function serveOpen(status = 200) {
  const open: ServerResponse[] = []
  const heard: string[] = []
  const { origin, server } = await serve((request, response) => {
    heard.push(request.url ?? '')
    response.writeHead(status, { 'content-type': 'text/event-stream' }).flushHeaders()
    open.push(response)
  })
  return { origin, server, open, heard }
}

describe('a stream', () => {
  it('hands out each event at once, before the answer ends', async () => {
    const { door } = openTestDoor()
    const { origin, open } = await serveOpen()

    const result = await door.stream(get(origin), optionsFor(origin))
    const reader = readerOf(result)
    for (const event of ['data: 1\n\n', 'data: 2\n\n']) {
      open[0]?.write(event)
      expect(await reader.next()).toBe(event)
    }
    open[0]?.end()

    expect(await reader.next()).toBeUndefined()
    expect(result).toMatchObject({ kind: 'stream', status: 200, headers: { 'content-type': 'text/event-stream' } })
    expect(result.attempts).toMatchObject([{ number: 1, status: 200, retry: { retry: false } }])
  })

  it('that is no success comes whole, and is tried again like any call', async () => {
    const { door } = openTestDoor({ clock: fastClock() })
    let calls = 0
    const { origin } = await serve((_request, response) => {
      response.writeHead(calls++ === 0 ? 503 : 400).end('{"error":"no"}')
    })
    const retry = { attempts: 3, backoffSeconds: [1], repeatable: true }

    const result = await door.stream(get(origin), optionsFor(origin, { retry }))

    expect(result).toMatchObject({ kind: 'answer', response: { status: 400, text: '{"error":"no"}' } })
    expect(result.attempts.map(({ status }) => status)).toEqual([503, 400])
  })

  it('that began is never asked for again', async () => {
    const { door } = openTestDoor({ clock: fastClock() })
    const { origin, open, heard } = await serveOpen()
    const retry = { attempts: 3, backoffSeconds: [1], repeatable: true }

    const result = await door.stream(get(origin), optionsFor(origin, { retry }))
    open[0]?.write('data: 1\n\n')
    const reader = readerOf(result)
    await reader.next()
    open[0]?.destroy()

    expect(await failureOf(reader.next())).toMatchObject({
      code: 'IF_ERR_BAD_RESPONSE',
      details: { departure: 'may-have-left', attempts: [{ number: 1 }] },
    })
    expect(heard).toHaveLength(1)
  })

  it('leaves its connection to the next call when it ended by itself', async () => {
    const { door } = openTestDoor()
    const ports = new Set<number | undefined>()
    const { origin } = await serve((request, response) => {
      ports.add(request.socket.remotePort)
      response.end('data: x\n\n')
    })

    for (let round = 0; round < 6; round++) await textOf(await door.stream(get(origin), optionsFor(origin)))

    // One may still be on its way back when the next call asks.
    expect(ports.size).toBeLessThanOrEqual(2)
  })
})

describe('a secret in a stream', () => {
  it('is hidden wherever the chunks are cut', async () => {
    const { door } = openTestDoor()
    const text = `data: {"echo":${JSON.stringify(SECRET)}}\n\n`
    let cut = 0
    const { origin } = await serve(async (_request, response) => {
      response.write(text.slice(0, cut))
      await new Promise(setImmediate)
      response.end(text.slice(cut))
    })

    for (cut = 0; cut <= text.length; cut++) {
      expect(await textOf(await door.stream(get(origin), optionsFor(origin)))).toBe('data: {"echo":"<redacted>"}\n\n')
    }
  })

  it('is hidden byte by byte, in headers, and unpacked', async () => {
    const { door } = openTestDoor()
    const { origin } = await serve(async (request, response) => {
      const echo = request.headers.authorization ?? ''
      response.writeHead(200, { 'content-encoding': 'gzip', 'x-echo': echo })
      for (const byte of gzipSync(`you sent ${echo}.`)) {
        response.write(Buffer.from([byte]))
        await new Promise(setImmediate)
      }
      response.end()
    })

    const result = await door.stream(get(origin), optionsFor(origin))

    expect(flowing(result).headers['x-echo']).toBe('Bearer <redacted>')
    expect(await textOf(result)).toBe('you sent Bearer <redacted>.')
  })

  it('is handed out where the caller asked for secrets', async () => {
    const { door } = openTestDoor()
    const { origin } = await serve((_request, response) => response.end(SECRET))

    expect(await textOf(await door.stream(get(origin), optionsFor(origin, { tellsSecrets: true })))).toBe(SECRET)
  })
})

describe('a packed stream', () => {
  it.each([
    ['gzip', gzipSync],
    ['br', brotliCompressSync],
    ['deflate', deflateSync],
  ])('in %s is unpacked', async (encoding, pack) => {
    const { door } = openTestDoor()
    const { origin } = await serve((_request, response) => {
      response.writeHead(200, { 'content-encoding': encoding }).end(pack('data: 1\n\n'))
    })

    expect(await textOf(await door.stream(get(origin), optionsFor(origin)))).toBe('data: 1\n\n')
  })

  it('hands out what was flushed before it ends', async () => {
    const { door } = openTestDoor()
    const gzip = createGzip()
    const { origin } = await serve((_request, response) => {
      response.writeHead(200, { 'content-encoding': 'gzip' })
      gzip.pipe(response)
      gzip.write('data: 1\n\n')
      gzip.flush()
    })

    const reader = readerOf(await door.stream(get(origin), optionsFor(origin)))

    expect(await reader.next()).toBe('data: 1\n\n')
    gzip.end()
    expect(await reader.next()).toBeUndefined()
  })

  it('that unfolds without end comes in small pieces, no faster than it is read', async () => {
    const { door } = openTestDoor()
    const bomb = gzipSync(Buffer.alloc(64 * 1024 * 1024))
    const { origin } = await serve((_request, response) => {
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(bomb)
    })

    let read = 0
    for await (const chunk of flowing(await door.stream(get(origin), optionsFor(origin))).chunks) {
      expect(chunk.length).toBeLessThanOrEqual(64 * 1024)
      read += chunk.length
      if (read > 1024 * 1024) break
    }

    expect(read).toBeLessThan(2 * 1024 * 1024)
  })

  it.each([
    ['is broken', 'gzip', Buffer.from('not gzip at all')],
    ['ends early', 'gzip', gzipSync('x'.repeat(1000)).subarray(0, 20)],
    ['is broken brotli', 'br', Buffer.from('not brotli at all')],
    ['was not asked for', 'zstd', Buffer.from('x')],
  ])('that %s is refused', async (_what, encoding, body) => {
    const { door } = openTestDoor()
    const { origin } = await serve((_request, response) => {
      response.writeHead(200, { 'content-encoding': encoding }).end(body)
    })

    const result = await door.stream(get(origin), optionsFor(origin))

    expect(await failureOf(textOf(result))).toMatchObject({ code: 'IF_ERR_BAD_RESPONSE' })
  })
})

describe('a reader', () => {
  it('that is slow pauses the server, and memory stays small', async () => {
    const { door } = openTestDoor()
    let sent = 0
    const { origin } = await serve((_request, response) => {
      const chunk = Buffer.alloc(64 * 1024, 'x')
      const more = () => {
        while (sent < 1024 && !response.destroyed) {
          sent++
          if (!response.write(chunk)) return response.once('drain', more)
        }
        response.end()
      }
      more()
    })

    const reader = readerOf(await door.stream(get(origin), optionsFor(origin)))
    await reader.next()
    let before = -1
    while (before !== sent) {
      before = sent
      for (let turn = 0; turn < 50; turn++) await new Promise(setImmediate)
    }

    expect(sent).toBeLessThan(1024)
    let rest = 0
    for (let chunk = await reader.next(); chunk !== undefined; chunk = await reader.next()) rest += chunk.length
    expect(sent).toBe(1024)
    expect(rest).toBeGreaterThan(60 * 1024 * 1024)
  })

  it.each(['before it reads', 'after the first chunk'])('that leaves %s closes the connection', async (when) => {
    const { door } = openTestDoor()
    const { origin, open } = await serveOpen()

    const reader = readerOf(await door.stream(get(origin), optionsFor(origin)))
    const [response] = open
    if (!response) throw new Error('the server heard nothing')
    const closed = once(response, 'close')
    if (when === 'after the first chunk') {
      response.write('data: 1\n\n')
      await reader.next()
    }
    await reader.leave()

    await closed
    expect(response.writableFinished).toBe(false)
  })
})

describe('what ends a stream from here', () => {
  const begun = async (gate?: Gate) => {
    const { door } = openTestDoor(gate ? { gate } : {})
    const { origin, open } = await serveOpen()
    const controller = new AbortController()
    const subject = { instance: 'openai' }
    const result = await door.stream(get(origin), optionsFor(origin, { signal: controller.signal, subject }))
    const reader = readerOf(result)
    open[0]?.write('data: 1\n\n')
    await reader.next()
    return { door, controller, reader, closed: open[0] ? once(open[0], 'close') : undefined }
  }

  it('is the signal of the caller', async () => {
    const { controller, reader, closed } = await begun()

    const failure = failureOf(reader.next())
    controller.abort()

    expect(await failure).toMatchObject({ code: 'IF_ERR_CANCELLED', details: { departure: 'may-have-left' } })
    await closed
  })

  it('is the closing of the door', async () => {
    const { door, reader, closed } = await begun()

    const failure = failureOf(reader.next())
    await door.close()

    expect(await failure).toMatchObject({
      code: 'IF_ERR_CANCELLED',
      message: expect.stringContaining('door is closed'),
    })
    await closed
  })

  it('is the gate when it shuts', async () => {
    let shut = false
    const listeners = new Set<() => void>()
    const { reader, closed } = await begun({
      check() {
        if (shut) throw new FabricError('IF_ERR_FROZEN', 'openai is frozen')
      },
      onShut(listener) {
        listeners.add(listener)
        return () => listeners.delete(listener)
      },
    })

    const failure = failureOf(reader.next())
    shut = true
    for (const listener of listeners) listener()

    expect(await failure).toMatchObject({ code: 'IF_ERR_FROZEN', details: { departure: 'may-have-left' } })
    await closed
  })

  it('is the last word before bytes leave', async () => {
    const { door } = openTestDoor()
    const { origin, heard } = await serveOpen()
    const beforeSend = () => {
      throw new FabricError('IF_ERR_CLAIM_LOST', 'too late')
    }

    const failure = await failureOf(door.stream(get(origin), optionsFor(origin, { beforeSend })))

    expect(failure).toMatchObject({ code: 'IF_ERR_CLAIM_LOST', details: { departure: 'nothing-left' } })
    expect(heard).toEqual([])
  })
})

describe('a server', () => {
  it('that never begins ends at the timeout', async () => {
    const { door } = openTestDoor()
    const origin = await serveBytes(() => {})

    const failure = await failureOf(door.stream(get(origin), optionsFor(origin, { timeoutMs: 100 })))

    expect(failure).toMatchObject({ code: 'IF_ERR_TIMEOUT', details: { departure: 'may-have-left' } })
  })

  it('that falls silent ends after the silence; one that drips goes on for longer than that', async () => {
    const { door } = openTestDoor()
    const { origin, open } = await serveOpen()

    const reader = readerOf(await door.stream(get(origin), optionsFor(origin, { timeoutMs: 1_000 })))
    for (let round = 0; round < 5; round++) {
      await new Promise((resolve) => setTimeout(resolve, 250))
      open[0]?.write(':\n')
      expect(await reader.next()).toBe(':\n')
    }

    expect(await failureOf(reader.next())).toMatchObject({
      code: 'IF_ERR_TIMEOUT',
      message: expect.stringContaining('1000 ms'),
    })
  })

  it.each([
    ['a body of known length', 'content-length: 100\r\n\r\n12345'],
    ['a chunked body', 'transfer-encoding: chunked\r\n\r\n5\r\n12345\r\n5\r\n1'],
  ])('that breaks off inside %s gives what came, then the error', async (_what, rest) => {
    const { door } = openTestDoor()
    const origin = await serveBytes((socket) => socket.end(`HTTP/1.1 200 OK\r\n${rest}`))

    const reader = readerOf(await door.stream(get(origin), optionsFor(origin)))

    expect(await reader.next()).toMatch(/^12345/)
    expect(await failureOf(reader.next().then(() => reader.next()))).toMatchObject({ code: 'IF_ERR_BAD_RESPONSE' })
  })

  it('serves a thousand streams at once', async () => {
    const { door } = openTestDoor()
    const { origin, open } = await serveOpen()
    const before = process.memoryUsage().heapUsed

    const readers = await Promise.all(
      Array.from({ length: 1000 }, async () => readerOf(await door.stream(get(origin), optionsFor(origin)))),
    )
    for (const response of open) response.write('data: 1\n\n')
    const first = await Promise.all(readers.map((reader) => reader.next()))
    const grown = process.memoryUsage().heapUsed - before
    for (const response of open) response.end()
    const rest = await Promise.all(readers.map((reader) => reader.next()))

    expect(new Set(first)).toEqual(new Set(['data: 1\n\n']))
    expect(new Set(rest)).toEqual(new Set([undefined]))
    // Both ends of the connections live in this process.
    expect(grown).toBeLessThan(200 * 1024 * 1024)
  }, 60_000)
})

describe('a redirect to another host', () => {
  const TOKEN = 'path-token-1234'

  it('takes neither the credential of the path nor the signature nor the body along', async () => {
    const { door } = openTestDoor()
    const heard: string[] = []
    const other = await serve((request, response) => {
      heard.push(`${request.url} ${JSON.stringify(request.headers)}`)
      response.end('there')
    })
    const own: string[] = []
    const first = await serve((request, response) => {
      own.push(`${request.url} ${request.headers['x-signature']}`)
      response.writeHead(302, { location: `${other.origin}/bothole/me` }).end()
    })

    const { response } = await door.send(
      {
        method: 'GET',
        url: `${first.origin}/bothole/me`,
        headers: {},
        slots: [{ in: 'path', name: 'token', parts: [{ secret: 'KEY' }] }],
        body: ['{"key":"', { secret: 'KEY', escape: 'json' }, '"}'],
        sign: {
          scheme: 'hmac',
          algorithm: 'sha256',
          key: 'KEY',
          over: [{ of: 'target' }, { of: 'body' }],
          put: { in: 'header', name: 'X-Signature' },
          output: 'hex',
        },
      },
      optionsFor(first.origin, {
        route: { method: 'GET', origins: [first.origin, other.origin], path: '/bot{token}/me' },
        secrets: secretsOf(TOKEN),
      }),
    )

    const signature = createHmac('sha256', TOKEN).update(`/bot${TOKEN}/me{"key":"${TOKEN}"}`).digest('hex')
    expect(response.text).toBe('there')
    expect(own).toEqual([`/bot${TOKEN}/me ${signature}`])
    expect(heard).toHaveLength(1)
    expect(heard[0]).not.toContain(TOKEN)
    expect(heard[0]).not.toContain('signature')
  })

  it('is not followed where its address holds the credential, and the error does not tell it', async () => {
    const { door } = openTestDoor()
    const other = await serve((_request, response) => response.end('there'))
    const first = await serve((request, response) => {
      response.writeHead(302, { location: `${other.origin}${request.url}` }).end()
    })

    const failure = await failureOf(
      door.send(
        {
          method: 'GET',
          url: `${first.origin}/bothole/me`,
          headers: {},
          slots: [{ in: 'path', name: 'token', parts: [{ secret: 'KEY' }] }],
        },
        optionsFor(first.origin, {
          route: { method: 'GET', origins: [first.origin, other.origin], path: '/bot{token}/me' },
          secrets: secretsOf(TOKEN),
        }),
      ),
    )

    expect(failure).toMatchObject({ code: 'IF_ERR_BAD_RESPONSE', message: expect.stringContaining('credential') })
    expect(JSON.stringify(failure)).not.toContain(TOKEN)
  })
})
