// Actions whose answers stream, through the whole fabric, against a real server.
import { mkdirSync, writeFileSync } from 'node:fs'
import type { ServerResponse } from 'node:http'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Fabric } from '../../../src/fabric/index.ts'
import type { JsonObject } from '../../../src/foundation/index.ts'
import { deferred, serve } from '../../unit/adapter/fixtures/server.ts'
import { afterwards, failureOf, temporaryFolder } from '../fabric/rig.ts'
import { ANA, begin, openWithTalker, PER_TOKEN, TALK, USAGE } from './rig.ts'

const INTENT = { instance: 'talker', operation: 'completion.create', input: TALK }
const USED_USD = (USAGE.outputTokens * PER_TOKEN) / 1e6

async function openAt(
  answer: (response: ServerResponse) => void,
  { actor = ANA }: { actor?: string } = {},
): Promise<{ fabric: Fabric; seen: unknown[]; home: string }> {
  const server = await serve((_seen, response) => answer(response))
  afterwards(() => server.close())
  const home = temporaryFolder()
  const fabric = await openWithTalker(home, { origin: server.origin, actor })
  afterwards(() => fabric.close())
  return { fabric, seen: server.seen, home }
}

const whole = (response: ServerResponse): void => {
  begin(response, { text: 'Hel' }, { text: 'lo' }, { usage: USAGE }, '[DONE]')
  response.end()
}

/** Text and silence. */
const endless = (response: ServerResponse): void => begin(response, { text: 'Hel' })

async function read(stream: AsyncIterable<JsonObject>): Promise<string> {
  let text = ''
  for await (const piece of stream) text += piece.text
  return text
}

describe('fabric.stream', () => {
  it('hands out the answer as it comes and ends as a run with its actual cost', async () => {
    const { fabric } = await openAt(whole)
    const { stream: _asked, ...input } = TALK

    const stream = fabric.stream({ ...INTENT, input }, { why: 'a question' })
    const text = await read(stream)
    const run = await stream.run

    expect(text).toBe('Hello')
    expect(run).toMatchObject({
      state: 'done',
      costUsd: USED_USD,
      receipts: [{ result: { text: 'Hello', finishReason: 'stop' }, costUsd: USED_USD }],
    })
    expect(run.record.why).toBe('a question')
    expect(run.receipts[0]?.durationMs).toBeGreaterThan(0)
  })

  it('sends nothing before somebody reads', async () => {
    const { fabric, seen } = await openAt(whole)

    const stream = fabric.stream(INTENT)
    await fabric.runs()

    expect(seen).toEqual([])
    await read(stream)
    expect(seen).toHaveLength(1)
  })

  it('that is left is done with what had come, which is paid for', async () => {
    const closed = deferred()
    const { fabric } = await openAt((response) => {
      response.on('close', closed.resolve)
      endless(response)
    })

    const stream = fabric.stream(INTENT)
    for await (const _piece of stream) break
    const run = await stream.run

    await closed.promise
    expect(run).toMatchObject({
      state: 'done',
      costUsd: (3 * PER_TOKEN) / 1e6,
      receipts: [{ result: { text: 'Hel', finishReason: 'aborted' } }],
    })
  })

  it('that breaks off throws, and its run keeps what had come and what that cost', async () => {
    const { fabric } = await openAt((response) => {
      endless(response)
      setImmediate(() => response.destroy())
    })

    const stream = fabric.stream(INTENT)
    const error = await failureOf(read(stream))
    const run = await stream.run

    expect(error).toMatchObject({ code: 'IF_ERR_BAD_RESPONSE', message: expect.stringContaining('broke off') })
    expect(run).toMatchObject({
      state: 'failed',
      costUsd: (3 * PER_TOKEN) / 1e6,
      receipts: [{ state: 'failed', result: { text: 'Hel', finishReason: 'aborted' } }],
    })
    expect((await fabric.verifyWitness()).ok).toBe(true)
  })

  it('refuses what does not answer in pieces, with nothing sent', async () => {
    const { fabric, seen } = await openAt(whole)

    const stream = fabric.stream({ ...INTENT, input: { ...TALK, stream: false } })

    expect(await failureOf(read(stream))).toMatchObject({ code: 'IF_ERR_UNSUPPORTED' })
    expect(await failureOf(stream.run)).toMatchObject({ code: 'IF_ERR_UNSUPPORTED' })
    expect(seen).toEqual([])
  })

  it('asks for an approval as apply does', async () => {
    const { fabric, seen, home } = await openAt(whole)
    mkdirSync(join(home, 'policies'), { recursive: true })
    writeFileSync(
      join(home, 'policies', 'ask.cedar'),
      '@id("talk") @ask("approvers") forbid (principal, action in Action::"send", resource);\n',
    )
    await fabric.close()
    const again = await openWithTalker(home)
    afterwards(() => again.close())

    expect(await failureOf(read(again.stream(INTENT)))).toMatchObject({ code: 'IF_ERR_APPROVAL_REQUIRED', exitCode: 9 })
    expect(seen).toEqual([])
    expect(await read(again.stream(INTENT, { approve: async () => true }))).toBe('Hello')
  })

  it('waits with the vendor while its reader takes its time', async () => {
    const { fabric } = await openAt((response) => {
      begin(response, ...Array.from({ length: 100 }, (_, at) => ({ text: `${at} ` })), '[DONE]')
      response.end()
    })

    const stream = fabric.stream(INTENT)
    let pieces = 0
    for await (const _piece of stream) {
      pieces += 1
      await new Promise((resolve) => setImmediate(resolve))
    }

    expect(pieces).toBe(100)
  })

  it('ends at a freeze, with what had come paid for', async () => {
    const { fabric } = await openAt(endless)

    const stream = fabric.stream(INTENT)
    const error = await failureOf(
      (async () => {
        for await (const _piece of stream) await fabric.freeze({ instance: 'talker' }, { why: 'enough' })
      })(),
    )
    const run = await stream.run

    expect(error.code).toBe('IF_ERR_FROZEN')
    expect(run).toMatchObject({ state: 'failed', costUsd: (3 * PER_TOKEN) / 1e6 })
  })
})

describe('an applied plan whose answer streams', () => {
  it('needs nobody who reads', async () => {
    const { fabric } = await openAt(whole)

    const run = await fabric.apply(await fabric.plan(INTENT))

    expect(run).toMatchObject({ state: 'done', receipts: [{ result: { text: 'Hello' } }], costUsd: USED_USD })
  })

  it('shows in the plan that its answer comes in pieces', async () => {
    const { fabric } = await openAt(whole)

    const { steps } = await fabric.plan(INTENT)

    expect(steps[0]?.request).toMatchObject({ streams: true, body: { stream: true } })
  })

  it('has touched what it brings before the first piece is handed out', async () => {
    const { fabric } = await openAt(endless)
    const leave = new AbortController()
    let touched: unknown

    const onPiece = async () => {
      touched = (await fabric.touched()).untrusted
      leave.abort()
    }
    const run = await fabric.apply(await fabric.plan(INTENT), { onPiece, signal: leave.signal })

    expect(run.state).toBe('done')
    expect(touched).toMatchObject([{ operation: 'completion.create', instance: 'talker' }])
    expect((await fabric.touched()).untrusted).toMatchObject([{ seq: run.receipts[0]?.witness }])
  })

  it('that was cut is not done at another instance as well', async () => {
    const { fabric, seen } = await openAt((response) => {
      begin(response, { text: 'Hel' }, { error: { code: 'overloaded', message: 'too busy' } })
      response.end()
    })
    const other = { ...(await fabric.instance('talker')) }
    await fabric.addInstance({
      provider: 'talker',
      name: 'second',
      settings: other.settings,
      secrets: { TALKER_KEY: { kind: 'value', value: 'k-2' } },
      privateNetwork: true,
    })

    const run = await fabric.apply(await fabric.plan({ ...INTENT, instance: 'any' }))

    expect(run).toMatchObject({ state: 'failed', receipts: [{ result: { text: 'Hel' } }] })
    expect(seen).toHaveLength(1)
  })

  it('pauses everybody when the vendor says that this was the last call for now', async () => {
    const { fabric } = await openAt((response) => {
      response.setHeader('x-left', '0')
      whole(response)
    })
    await fabric.apply(await fabric.plan(INTENT))

    const next = await fabric.plan({ ...INTENT, input: { ...TALK, model: 'other' } })
    const run = await fabric.apply(next, { timeoutMs: 500 })

    expect(run.record.error).toMatchObject({ code: 'IF_ERR_RATE_LIMIT_EXCEEDED' })
  })
})

describe('following a read', () => {
  it('gives its pieces, witnessed at its begin and its end', async () => {
    const { fabric } = await openAt((response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      response.end('data: 1\n\ndata: 2\n\n')
    })
    const seen: JsonObject[] = []

    for await (const piece of fabric.watch({ instance: 'talker', operation: 'feed.follow', input: {} }))
      seen.push(piece)
    const kinds: unknown[] = []
    for await (const entry of fabric.witnessEntries()) kinds.push(entry.kind)

    expect(seen).toEqual([
      { event: '', data: 1 },
      { event: '', data: 2 },
    ])
    expect(kinds).toEqual(expect.arrayContaining(['stream.open', 'stream.close']))
  })

  it('that breaks says why, and is closed in the log as failed', async () => {
    const { fabric } = await openAt((response) => {
      begin(response, 'one')
      setImmediate(() => response.destroy())
    })
    const feed = { instance: 'talker', operation: 'feed.follow', input: {} }

    const error = await failureOf(
      (async () => {
        for await (const _piece of fabric.watch(feed));
      })(),
    )
    const ends: unknown[] = []
    for await (const entry of fabric.witnessEntries()) if (entry.kind === 'stream.close') ends.push(entry.outcome)

    expect(error.code).toBe('IF_ERR_BAD_RESPONSE')
    expect(ends).toEqual(['failed'])
  })
})
