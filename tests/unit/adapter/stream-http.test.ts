import type { ServerResponse } from 'node:http'
import { afterEach, describe, expect, it } from 'vitest'
import { openStream, operationOf, type PerformOptions, perform } from '../../../src/adapter/index.ts'
import { type FabricError, type JsonObject, sha256Hex } from '../../../src/foundation/index.ts'
import { deferred, json, openTestDoor, secrets, serve, type TestServer } from './fixtures/server.ts'
import { loadTalker, PER_TOKEN, type Said, sse, TALK, talkerAt, USAGE } from './fixtures/talker.ts'

const provider = loadTalker()
const door = openTestDoor()
const servers: TestServer[] = []

afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()))
})

const start = async (answer: (response: ServerResponse, count: number) => void): Promise<TestServer> => {
  const server = await serve((_seen, response, count) => answer(response, count))
  servers.push(server)
  return server
}

/** The head of a stream and these events. */
function begin(response: ServerResponse, ...said: (Said | string)[]): void {
  response.writeHead(200, { 'content-type': 'text/event-stream', 'request-id': 'req_7', 'x-left': '3' })
  response.write(said.map(sse).join(''))
}

const optionsFor = (origin: string, more: Partial<PerformOptions> & { operation?: string } = {}): PerformOptions => ({
  provider,
  instance: talkerAt(origin),
  entry: operationOf(more.provider ?? provider, more.operation ?? 'completion.create'),
  input: more.operation === undefined ? TALK : {},
  door,
  secrets,
  timeoutMs: 5_000,
  ...more,
})

async function talk(origin: string, more: Partial<PerformOptions> = {}) {
  const pieces: JsonObject[] = []
  const onPiece = (piece: JsonObject) => void pieces.push(piece)
  const performed = await perform(optionsFor(origin, { onPiece, ...more }))
  return { performed, pieces }
}

const failureOf = async (work: Promise<unknown>): Promise<FabricError> => {
  try {
    await work
  } catch (error) {
    return error as FabricError
  }
  throw new Error('nothing failed')
}

describe('an answer that streams', () => {
  it('is handed out piece by piece, and is a whole result with its cost in the end', async () => {
    const events = [{ text: 'Hel' }, { text: 'lo' }, { usage: USAGE }, '[DONE]']
    const server = await start((response) => {
      begin(response, ...events)
      response.end()
    })

    const { performed, pieces } = await talk(server.origin)

    expect(pieces).toEqual([{ text: 'Hel' }, { text: 'lo' }])
    expect(performed).toMatchObject({
      result: { text: 'Hello', finishReason: 'stop', usage: USAGE },
      status: 200,
      vendorRequestId: 'req_7',
      responseDigest: sha256Hex(events.map(sse).join('')),
      cost: { estimateMicroUsd: USAGE.outputTokens * PER_TOKEN },
      rate: { remaining: 3 },
      attempts: [{ number: 1, status: 200 }],
    })
    expect(server.seen[0]).toMatchObject({ headers: { authorization: 'Bearer value-of-TALKER_KEY' } })
  })

  it('hands out a piece before the next one is there', async () => {
    const heard = deferred()
    const server = await start((response) => {
      begin(response, { text: 'one' })
      void heard.promise.then(() => response.end(sse({ text: 'two' }) + sse('[DONE]')))
    })

    const { performed } = await talk(server.origin, { onPiece: () => heard.resolve() })

    expect(performed.result).toMatchObject({ text: 'onetwo' })
  })

  it('waits for whoever gets the pieces', async () => {
    const server = await start((response) => {
      begin(response, { text: 'a' }, { text: 'b' }, '[DONE]')
      response.end()
    })
    const order: string[] = []
    const onPiece = async ({ text }: JsonObject) => {
      order.push(`got ${text}`)
      await new Promise((resolve) => setImmediate(resolve))
      order.push(`done ${text}`)
    }

    await talk(server.origin, { onPiece })

    expect(order).toEqual(['got a', 'done a', 'got b', 'done b'])
  })

  it('ends with the last event of the vendor, although the connection stays open', async () => {
    const server = await start((response) => begin(response, { text: 'a' }, '[DONE]'))

    const { performed } = await talk(server.origin)

    expect(performed.result).toMatchObject({ text: 'a', finishReason: 'stop' })
  })

  it('that comes whole is read as any other answer', async () => {
    const whole = { text: 'at once', finishReason: 'stop', usage: USAGE }
    const server = await start((response) => json(response, whole))

    const { performed, pieces } = await talk(server.origin)

    expect(performed).toMatchObject({ result: whole, cost: { estimateMicroUsd: USAGE.outputTokens * PER_TOKEN } })
    expect(pieces).toEqual([])
  })

  it('that is an error inside HTTP 200 fails with the words of the vendor', async () => {
    const server = await start((response) => json(response, { error: { code: 'x', message: 'no credit' } }))

    expect(await failureOf(talk(server.origin))).toMatchObject({
      code: 'IF_ERR_ACTION_FAILED',
      message: 'talker refused: no credit',
      details: { outcome: 'not-done' },
    })
  })

  it('that is refused before it begins was not done, and is tried again only where that is harmless', async () => {
    const server = await start((response) => json(response, { error: { code: 'x', message: 'no such model' } }, 404))
    const busy = await start((response, count) => {
      if (count === 1) return json(response, {}, 503)
      begin(response, '1')
      response.end()
    })

    const refused = await failureOf(talk(server.origin))
    const unknown = await failureOf(talk(busy.origin))
    const read = await perform(optionsFor(busy.origin, { operation: 'feed.follow' }))

    expect(refused).toMatchObject({ code: 'IF_ERR_ACTION_FAILED', details: { outcome: 'not-done', status: 404 } })
    expect(unknown).toMatchObject({ code: 'IF_ERR_PROVIDER_UNAVAILABLE', details: { outcome: 'unknown', status: 503 } })
    expect(busy.seen).toHaveLength(2)
    expect(read.result).toEqual({ items: [{ event: '', data: 1 }] })
  })
})

describe('a stream that breaks off', () => {
  const PARTIAL = { text: 'Hel', finishReason: 'aborted', usage: { inputTokens: 10, outputTokens: 3 } }

  it('says what had come and what that cost, and that the rest is unknown', async () => {
    const server = await start((response) => {
      begin(response, { text: 'Hel' })
      setImmediate(() => response.destroy())
    })

    const error = await failureOf(talk(server.origin))

    expect(error).toMatchObject({
      code: 'IF_ERR_BAD_RESPONSE',
      message: expect.stringContaining('the stream broke off'),
      details: { outcome: 'unknown', partial: { result: PARTIAL, cost: { estimateMicroUsd: 3 * PER_TOKEN } } },
    })
  })

  it('politely, before the last event of its vendor, is no whole answer', async () => {
    const server = await start((response) => {
      begin(response, { text: 'Hel' })
      response.end()
    })

    expect(await failureOf(talk(server.origin))).toMatchObject({
      code: 'IF_ERR_BAD_RESPONSE',
      message: expect.stringContaining('the stream ended before the last event came'),
      details: { outcome: 'unknown', partial: { result: PARTIAL } },
    })
  })

  it('with a fault of the vendor tells its words, and what had come', async () => {
    const fault = { error: { code: 'overloaded', message: 'too busy' } }
    const late = await start((response) => {
      begin(response, { text: 'Hel' }, fault)
      response.end()
    })
    const early = await start((response) => {
      begin(response, fault)
      response.end()
    })

    const broken = await failureOf(talk(late.origin))
    const refused = await failureOf(talk(early.origin))

    expect(broken).toMatchObject({
      code: 'IF_ERR_PROVIDER_UNAVAILABLE',
      message: 'talker refused: too busy (overloaded); the stream broke off',
      details: { outcome: 'unknown', vendorCode: 'overloaded', vendorRequestId: 'req_7', partial: { result: PARTIAL } },
    })
    expect(refused).toMatchObject({ code: 'IF_ERR_PROVIDER_UNAVAILABLE', details: { outcome: 'not-done' } })
    expect(refused.details.partial).toBeUndefined()
  })

  it('by silence ends when the time for it is over', async () => {
    const server = await start((response) => begin(response, { text: 'Hel' }))

    expect(await failureOf(talk(server.origin, { timeoutMs: 150 }))).toMatchObject({
      code: 'IF_ERR_TIMEOUT',
      details: { outcome: 'unknown', partial: { result: PARTIAL } },
    })
  })

  it('because whoever pays for it says so fails with that reason', async () => {
    const over = new AbortController()
    const server = await start((response) => begin(response, { text: 'Hel' }))
    const lost = new Error('the lease ended')

    const error = await failureOf(talk(server.origin, { over: over.signal, onPiece: () => over.abort(lost) }))

    expect(error).toMatchObject({
      message: expect.stringContaining('the lease ended'),
      details: { outcome: 'unknown' },
    })
  })

  it('at a line that its kind does not allow is a bad response', async () => {
    const server = await start((response) => {
      response.writeHead(200, { 'content-type': 'application/x-ndjson' })
      response.end('{"a":1}\noops\n')
    })

    expect(await failureOf(perform(optionsFor(server.origin, { operation: 'log.follow' })))).toMatchObject({
      code: 'IF_ERR_BAD_RESPONSE',
      message: expect.stringContaining('"oops"'),
      details: { outcome: 'not-done' },
    })
  })
})

describe('a stream that its reader leaves', () => {
  it.each([
    ['by the signal', (leave: AbortController) => leave.abort()],
    [
      'by refusing a piece',
      () => {
        throw new Error('enough')
      },
    ],
  ])('%s is done, with what had come as its result, and the connection is closed', async (_how, stop) => {
    const closed = deferred()
    const server = await start((response) => {
      response.on('close', closed.resolve)
      begin(response, { text: 'Hel' })
    })
    const leave = new AbortController()

    const performed = await perform(optionsFor(server.origin, { signal: leave.signal, onPiece: () => stop(leave) }))

    expect(performed.result).toEqual({
      text: 'Hel',
      finishReason: 'aborted',
      usage: { inputTokens: 10, outputTokens: 3 },
    })
    await closed.promise
  })

  it('while a piece is still being taken does not wait for that', async () => {
    const server = await start((response) => begin(response, { text: 'Hel' }))
    const leave = new AbortController()
    const onPiece = () => {
      setImmediate(() => leave.abort())
      return new Promise<void>(() => undefined)
    }

    const performed = await perform(optionsFor(server.origin, { signal: leave.signal, onPiece }))

    expect(performed.result).toMatchObject({ finishReason: 'aborted' })
  })

  it('before anything came has an unknown outcome', async () => {
    const leave = new AbortController()
    const server = await start((response) => {
      begin(response)
      response.flushHeaders()
      setImmediate(() => leave.abort())
    })

    expect(await failureOf(talk(server.origin, { signal: leave.signal }))).toMatchObject({
      code: 'IF_ERR_CANCELLED',
      details: { outcome: 'unknown' },
    })
  })
})

describe('following a read', () => {
  const follow = (origin: string, more: Partial<PerformOptions> = {}) =>
    openStream(optionsFor(origin, { operation: 'feed.follow', ...more }))

  it('gives its pieces until its end', async () => {
    const server = await start((response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      response.end('event: a\ndata: 1\n\nevent: b\ndata: 2\n\n')
    })
    const seen: JsonObject[] = []

    for await (const piece of follow(server.origin)) seen.push(piece)

    expect(seen).toEqual([
      { event: 'a', data: 1 },
      { event: 'b', data: 2 },
    ])
  })

  it('ends quietly with the signal, and closes the connection when its reader leaves', async () => {
    let closed = 0
    const server = await start((response) => {
      response.on('close', () => {
        closed += 1
      })
      begin(response, 'x')
    })
    const leave = new AbortController()

    for await (const _piece of follow(server.origin, { signal: leave.signal })) leave.abort()
    for await (const _piece of follow(server.origin)) break

    await expect.poll(() => closed).toBe(2)
  })

  it('throws where it is cut, and what it was refused with', async () => {
    const cut = await start((response) => {
      begin(response, 'x')
      setImmediate(() => response.destroy())
    })
    const refused = await start((response) => json(response, { error: { code: 'x', message: 'not yours' } }, 403))
    const drain = async (origin: string) => {
      for await (const _piece of follow(origin));
    }

    expect(await failureOf(drain(cut.origin))).toMatchObject({ code: 'IF_ERR_BAD_RESPONSE' })
    expect(await failureOf(drain(refused.origin))).toMatchObject({ code: 'IF_ERR_ACTION_FAILED' })
  })
})
