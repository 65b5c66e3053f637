import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { StreamEvent } from '../../../src/adapter/index.ts'
import { readNdjson } from '../../../src/adapter/ndjson.ts'
import { readSse } from '../../../src/adapter/sse.ts'
import { MAX_EVENT_LENGTH } from '../../../src/adapter/stream-event.ts'
import { FabricError } from '../../../src/foundation/index.ts'

type Read = (chunks: AsyncIterable<Uint8Array>) => AsyncGenerator<StreamEvent>

async function* chunked(pieces: Iterable<string | Uint8Array>): AsyncGenerator<Uint8Array> {
  for (const piece of pieces) yield typeof piece === 'string' ? Buffer.from(piece) : piece
}

const all = async (read: Read, ...pieces: (string | Uint8Array)[]): Promise<StreamEvent[]> => {
  const events: StreamEvent[] = []
  for await (const event of read(chunked(pieces))) events.push(event)
  return events
}

const failure = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  )

/** Cuts the bytes at these places. */
function cutAt(text: string, places: readonly number[]): Uint8Array[] {
  const bytes = Buffer.from(text)
  const cuts = [0, ...new Set(places.map((place) => place % (bytes.length + 1))), bytes.length].sort((a, b) => a - b)
  return cuts.slice(1).map((end, at) => bytes.subarray(cuts[at], end))
}

describe('server-sent events', () => {
  it.each([
    ['ended by LF', 'data: {"a":1}\n\ndata: x\n\n'],
    ['ended by CRLF', 'data: {"a":1}\r\n\r\ndata: x\r\n\r\n'],
    ['ended by CR', 'data: {"a":1}\r\rdata: x\r\r'],
    ['ended by a mixture', 'data: {"a":1}\r\n\ndata: x\r\r\n'],
    ['behind a byte order mark', '\ufeffdata: {"a":1}\n\ndata: x\n\n'],
    ['among comments', ': ping\n\ndata: {"a":1}\n\n:\n\n: ping\ndata: x\n\n'],
    ['without a space', 'data:{"a":1}\n\ndata:x\n\n'],
    ['with fields of other kinds', 'id: 1\nretry: 5\nfoo: bar\ndata: {"a":1}\n\ndata: x\n\n'],
    ['of which the last was not ended', 'data: {"a":1}\n\ndata: x'],
    ['of which the last has one line end', 'data: {"a":1}\n\ndata: x\n'],
  ])('%s are read', async (_how, text) => {
    expect(await all(readSse, text)).toEqual([
      { event: '', data: '{"a":1}', json: { a: 1 } },
      { event: '', data: 'x' },
    ])
  })

  it('keep their names, and those without data are none', async () => {
    const text = 'event: delta\ndata: 1\n\nevent: ping\n\nevent: message_stop\ndata: {}\n\n'

    expect(await all(readSse, text)).toEqual([
      { event: 'delta', data: '1', json: 1 },
      { event: 'message_stop', data: '{}', json: {} },
    ])
  })

  it('may hold JSON over several lines, and numbers that no double can hold', async () => {
    const [event] = await all(readSse, 'data: {\ndata: "id": 9007199254740993\ndata: }\n\n')

    expect(event).toEqual({ event: '', data: '{\n"id": 9007199254740993\n}', json: { id: '9007199254740993' } })
  })

  it('come out the same however the bytes are cut', async () => {
    const text =
      '\ufeff: hello\r\nevent: délta\r\ndata: {"text":"grüße 👋"}\r\n\r\ndata: [DONE]\n\ndata: a\rdata: b\r\r'
    const whole = await all(readSse, text)

    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat()), async (places) => {
        expect(await all(readSse, ...cutAt(text, places))).toEqual(whole)
      }),
      { numRuns: 200 },
    )
    expect(whole.map(({ data }) => data)).toEqual(['{"text":"grüße 👋"}', '[DONE]', 'a\nb'])
  })

  it('are handed out as soon as they are whole, also where CR ends them', async () => {
    let isFed = false
    const source = async function* () {
      yield Buffer.from('data: 1\r\r')
      isFed = true
      yield Buffer.from('data: 2\r\r')
    }

    const events = readSse(source())
    const first = await events.next()

    expect(first.value).toMatchObject({ data: '1' })
    expect(isFed).toBe(false)
  })

  it('that are endless are refused, in one line, in many, and at once', async () => {
    const line = `data: ${'x'.repeat(1000)}\n`
    const many = Array.from({ length: 1100 }, () => line)
    const endless = ['data: ', ...Array.from({ length: 17 }, () => 'x'.repeat(65_536))]
    const atOnce = `data: ${'x'.repeat(MAX_EVENT_LENGTH + 1)}\n\n`

    for (const pieces of [many, endless, [atOnce]]) {
      const error = await failure(all(readSse, ...pieces))
      expect(error).toBeInstanceOf(FabricError)
      expect(error).toMatchObject({ code: 'IF_ERR_BAD_RESPONSE', message: expect.stringContaining('longer than') })
    }
  })

  it('leave the connection when their reader does', async () => {
    let isLeft = false
    const source = async function* () {
      try {
        for (;;) yield Buffer.from('data: 1\n\n')
      } finally {
        isLeft = true
      }
    }

    for await (const _event of readSse(source())) break

    expect(isLeft).toBe(true)
  })
})

describe('lines of JSON', () => {
  it('are read one by one, the last without its end, blank ones passed over', async () => {
    expect(await all(readNdjson, '{"a":1}\r\n\n[2]\n"x"')).toEqual([
      { event: '', data: '{"a":1}', json: { a: 1 } },
      { event: '', data: '[2]', json: [2] },
      { event: '', data: '"x"', json: 'x' },
    ])
  })

  it('come out the same however the bytes are cut', async () => {
    const text = '{"text":"grüße 👋"}\n{"n":9007199254740993}\r\n\n{"last":true}'
    const whole = await all(readNdjson, text)

    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat()), async (places) => {
        expect(await all(readNdjson, ...cutAt(text, places))).toEqual(whole)
      }),
      { numRuns: 200 },
    )
    expect(whole).toHaveLength(3)
  })

  it('end at a line that is none', async () => {
    const error = await failure(all(readNdjson, '{"a":1}\n<html>\n{"b":2}\n'))

    expect(error).toMatchObject({ code: 'IF_ERR_BAD_RESPONSE', message: expect.stringContaining('"<html>"') })
  })

  it('that are endless are refused', async () => {
    const endless = Array.from({ length: 17 }, () => 'x'.repeat(65_536))

    expect(await failure(all(readNdjson, ...endless))).toMatchObject({
      message: expect.stringContaining('longer than'),
    })
  })
})
