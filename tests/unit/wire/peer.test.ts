import { describe, expect, it, vi } from 'vitest'
import { FabricError } from '../../../src/foundation/index.ts'
import { isLost, LIMITS, Peer, type PeerOptions, type Served } from '../../../src/wire/index.ts'
import { channelPair, type FakeChannel } from './channel-pair.ts'

const NOTHING = () => undefined

/** A peer that asks, and one that performs. */
function peers(serve: (request: Served) => unknown, options: Partial<PeerOptions> = {}) {
  const [here, there] = channelPair()
  const asking = new Peer(here, { serve: NOTHING, ...options })
  const serving = new Peer(there, { serve })
  return { asking, serving, here, there }
}

const turn = () => new Promise((resolve) => setTimeout(resolve, 5))

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await turn()
}

async function failureOf(call: Promise<unknown>): Promise<FabricError> {
  const thrown = await call.then(NOTHING, (error: unknown) => error)
  if (thrown instanceof FabricError) return thrown
  throw new Error('expected a FabricError')
}

describe('a request', () => {
  it('is answered with a value, with nothing, or with an error of the same kind', async () => {
    const { asking } = peers(({ call, args }) => {
      if (call === 'fail')
        throw new FabricError('IF_ERR_CLAIM_LOST', 'gone', { hint: 'Stop.', next: 'ifab x', details: { a: 1 } })
      return call === 'later' ? Promise.resolve(args) : undefined
    })

    expect(await asking.ask({ call: 'later', args: [1, { a: null }] })).toEqual([1, { a: null }])
    expect(await asking.ask({ call: 'nothing', args: [] })).toBeUndefined()
    expect(await asking.ask({ call: 'later', args: [1], quiet: true })).toBeUndefined()
    expect(await failureOf(asking.ask({ call: 'fail', args: [] }))).toMatchObject({
      code: 'IF_ERR_CLAIM_LOST',
      message: 'gone',
      hint: 'Stop.',
      next: 'ifab x',
      details: { a: 1 },
    })
  })

  it('that fails by a bug comes back as one', async () => {
    const { asking } = peers(() => {
      throw new TypeError('undefined is not a function')
    })

    expect((await failureOf(asking.ask({ call: 'x', args: [] }))).code).toBe('IF_ERR_INTERNAL')
  })

  it('leaves together with the others of its turn, and so do the answers', async () => {
    const { asking, here, there } = peers(({ args }) => args[0])

    const answers = await Promise.all([1, 2, 3].map((value) => asking.ask({ call: 'x', args: [value] })))

    expect(answers).toEqual([1, 2, 3])
    expect(here.sent).toHaveLength(1)
    expect(there.sent).toHaveLength(1)
  })

  it('may call back, to tell and to ask', async () => {
    const { asking } = peers(async (request) => {
      request.tell('onEvent', 1)
      request.tell('onEvent', 2)
      request.tell('nobody', 3)
      return [request.has('approve'), await request.ask('approve', 'sure?'), await request.ask('approve', 'really?')]
    })
    const told: unknown[] = []

    const answer = await asking.ask({
      call: 'x',
      args: [],
      callbacks: {
        onEvent: (event) => void told.push(event),
        approve: async (what) => (what === 'sure?' ? true : undefined),
      },
    })

    expect(answer).toEqual([true, true, null])
    expect(told).toEqual([1, 2])
  })

  it('is told of each abort by its name, before and after it began', async () => {
    const stopped: string[] = []
    const { asking } = peers(async (request) => {
      for (const name of ['stop', 'signal']) {
        const signal = request.signal(name)
        if (!signal.aborted) await new Promise((resolve) => signal.addEventListener('abort', resolve))
        stopped.push(name)
      }
      return 'stopped'
    })
    const stop = new AbortController()
    const answer = asking.ask({ call: 'x', args: [], aborts: { stop: stop.signal, signal: AbortSignal.abort() } })
    await turn()
    expect(stopped).toEqual([])
    stop.abort()

    expect(await answer).toBe('stopped')
    expect(stopped).toEqual(['stop', 'signal'])
  })

  it('that isn’t answered in time fails, and its answer is nobody’s', async () => {
    let now = 0
    const { asking } = peers(() => new Promise(NOTHING), {
      beatMs: 5,
      now: () => now,
      silenceMs: 1e9,
    })
    const answer = failureOf(asking.ask({ call: 'slow', args: [], limitMs: 1_000 }))
    now = 1_001

    expect(await answer).toMatchObject({ code: 'IF_ERR_TIMEOUT', details: { call: 'slow', limitMs: 1_000 } })
    asking.close()
  })

  it('that has no JSON form, or too much of it, fails here and disturbs nobody', async () => {
    const { asking } = peers(({ args }) => args[0])

    expect((await failureOf(asking.ask({ call: 'x', args: [1n] }))).code).toBe('IF_ERR_INVALID_INPUT')
    expect((await failureOf(asking.ask({ call: 'x', args: ['x'.repeat(LIMITS.messageBytes)] }))).message).toContain(
      'bytes',
    )
    expect(await asking.ask({ call: 'x', args: [7] })).toBe(7)
  })

  it('whose answer is too large, or has no JSON form, gets an error instead', async () => {
    const { asking } = peers(({ call }) => (call === 'large' ? 'x'.repeat(LIMITS.messageBytes) : { n: 1n }))

    expect((await failureOf(asking.ask({ call: 'large', args: [] }))).code).toBe('IF_ERR_INVALID_INPUT')
    expect((await failureOf(asking.ask({ call: 'bigint', args: [] }))).code).toBe('IF_ERR_INVALID_INPUT')
  })

  it('gets a long list in pieces, whole', async () => {
    const list = Array.from({ length: 2 * LIMITS.answerItems + 7 }, (_, at) => at)
    const { asking } = peers(() => list)

    expect(await asking.ask({ call: 'x', args: [] })).toEqual(list)
  })

  it('brings spans along where there are some', async () => {
    const [here, there] = channelPair()
    const spans: unknown[] = []
    const asking = new Peer(here, { serve: NOTHING, takeSpans: (fresh) => void spans.push(...fresh) })
    const serving = new Peer(there, {
      serve: ({ call }) => {
        if (call === 'fail') throw new Error('no')
      },
      spans: () => [{ name: 'plan' }],
    })

    await asking.ask({ call: 'x', args: [] })
    await failureOf(asking.ask({ call: 'fail', args: [] }))

    expect(spans).toEqual([{ name: 'plan' }, { name: 'plan' }])
    serving.close()
  })

  it('waits for its turn when too many are under way', async () => {
    let most = 0
    const { asking, serving } = peers(async () => {
      most = Math.max(most, serving.serving)
      await turn()
    })

    await Promise.all(Array.from({ length: LIMITS.asked + 100 }, () => asking.ask({ call: 'x', args: [] })))

    expect(most).toBeLessThanOrEqual(LIMITS.asked)
  })
})

describe('a stream', () => {
  async function* numbers(upTo: number, sent: { count: number }): AsyncGenerator<number> {
    for (let at = 0; at < upTo; at++) {
      sent.count++
      yield at
    }
  }

  it('gives its items in order and ends', async () => {
    const { asking } = peers(() => numbers(1_000, { count: 0 }))
    const read: unknown[] = []

    for await (const item of asking.open({ call: 'x', args: [] })) read.push(item)

    expect(read).toEqual(Array.from({ length: 1_000 }, (_, at) => at))
  })

  it('whose reader stops reading is sent no more than a window of it', async () => {
    const sent = { count: 0 }
    const { asking } = peers(() => numbers(100_000, sent))
    const reader = asking.open({ call: 'x', args: [] })
    await reader.next()
    await turn()
    await turn()

    expect(sent.count).toBeLessThanOrEqual(LIMITS.streamItems + 2)
    await reader.return()
    await turn()
    expect((await reader.next()).done).toBe(true)
    expect(sent.count).toBeLessThanOrEqual(LIMITS.streamItems + 2)
  })

  it('that fails tells its reader once, after what was sent', async () => {
    const { asking } = peers(async function* () {
      yield 1
      throw new FabricError('IF_ERR_TIMEOUT', 'too slow')
    })
    const reader = asking.open({ call: 'x', args: [] })

    expect((await reader.next()).value).toBe(1)
    expect((await failureOf(reader.next())).code).toBe('IF_ERR_TIMEOUT')
    expect((await reader.next()).done).toBe(true)
  })

  it('ends with its connection, as an error', async () => {
    const { asking, here } = peers(async function* (request) {
      yield 1
      await new Promise((resolve) => request.gone.addEventListener('abort', resolve))
    })
    const reader = asking.open({ call: 'x', args: [] })
    await reader.next()
    const next = failureOf(reader.next())
    here.cut()

    expect(isLost(await next)).toBe(true)
    expect(isLost(await failureOf(asking.open({ call: 'x', args: [] }).next()))).toBe(true)
  })
})

describe('a connection', () => {
  it('that ends fails what is under way, and says whether it was sent', async () => {
    const { asking, here } = peers(() => new Promise(NOTHING))
    const sent = failureOf(asking.ask({ call: 'x', args: [] }))
    await turn()
    here.cut()

    expect((await sent).details).toMatchObject({ wasSent: true, call: 'x' })
    expect((await failureOf(asking.ask({ call: 'y', args: [] }))).details).toMatchObject({ wasSent: false })
    expect(asking.isOver).toBe(true)
    expect((await asking.closed).code).toBe(1006)
  })

  it('tells those who perform for it that it is gone', async () => {
    let gone: AbortSignal | undefined
    const { asking, serving, here } = peers((request) => {
      gone = request.gone
      return new Promise(NOTHING)
    })
    void failureOf(asking.ask({ call: 'x', args: [] }))
    await until(() => serving.serving === 1)
    here.cut()

    expect(gone?.aborted).toBe(true)
    await serving.settled()
  })

  it('that was said goodbye to with a reason passes it on', async () => {
    const { asking, serving } = peers(NOTHING)
    serving.close(4401, new FabricError('IF_ERR_INVALID_TOKEN', 'the token was revoked'))

    expect(await asking.closed).toMatchObject({ code: 4401, error: { code: 'IF_ERR_INVALID_TOKEN' } })
    serving.close()
  })

  it('whose other end is silent is cut after a while, one that answers isn’t', async () => {
    const quick = { beatMs: 20, silenceMs: 100 }
    const [here, there] = channelPair()
    const lonely = new Peer(here, { serve: NOTHING, ...quick })
    there.isAlive = false
    const [well] = channelPair()
    const kept = new Peer(well, { serve: NOTHING, ...quick })

    expect((await lonely.closed).code).toBe(4409)
    expect(kept.isOver).toBe(false)
    kept.close()
  })

  it('isn’t blamed for the time that this process stood still', async () => {
    let now = 0
    const [here, there] = channelPair()
    const peer = new Peer(here, { serve: NOTHING, beatMs: 5, silenceMs: 100, now: () => now })
    there.isAlive = false
    now = 60_000
    await turn()
    await turn()

    expect(peer.isOver).toBe(false)
    peer.close()
  })

  it('whose reader takes nothing is cut before it costs too much memory', async () => {
    const { asking, here } = peers(NOTHING)
    here.unread = LIMITS.unreadBytes + 1
    void failureOf(asking.ask({ call: 'x', args: [] }))

    expect((await asking.closed).code).toBe(4408)
  })

  it('waits with its end until what was asked is answered', async () => {
    let finish: (value: string) => void = NOTHING
    const { asking, serving } = peers(() => new Promise((resolve) => (finish = resolve)))
    const answer = asking.ask({ call: 'x', args: [] })
    await until(() => serving.serving === 1)
    const settled = serving.settled().then(() => serving.close())
    finish('in time')

    expect(await answer).toBe('in time')
    await settled
  })

  it('takes frames for what isn’t known any more, and callbacks that throw, without harm', async () => {
    const { asking, there } = peers(NOTHING)
    const thrown = new Promise((resolve) => {
      const listeners = process.listeners('uncaughtException')
      process.removeAllListeners('uncaughtException')
      process.once('uncaughtException', (error) => {
        for (const listener of listeners) process.on('uncaughtException', listener)
        resolve(error)
      })
    })
    const say = (...frames: unknown[]) => (there as FakeChannel).send(JSON.stringify(frames))
    say(
      { id: 99, ok: 1 },
      { id: 99, item: 1 },
      { id: 99, part: [] },
      { id: 99, tell: 'x', args: [] },
      { id: 99, more: 1 },
      { id: 99, abort: 'x' },
    )
    const hanging = asking.ask({
      call: 'x',
      args: [],
      callbacks: {
        boom: () => {
          throw new Error('its owner’s fault')
        },
      },
    })
    say({ id: 1, tell: 'boom', args: [] }, { id: 1, ok: 'still here' })

    expect(await hanging).toBe('still here')
    expect(String(await thrown)).toContain('its owner’s fault')
    expect(asking.isOver).toBe(false)
  })
})

vi.setConfig({ testTimeout: 10_000 })
