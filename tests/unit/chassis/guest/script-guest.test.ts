import { beforeAll, describe, expect, it } from 'vitest'
import type { GuestSource } from '../../../../src/chassis/guest-protocol.ts'
import { GuestDesk, SEEDED, script } from './guest-desk.ts'

let desk: GuestDesk
beforeAll(async () => {
  desk = await GuestDesk.open()
})

const module = (text: string): GuestSource => ({ kind: 'script', script: text })
const answerOf = async (body: string, input: unknown = null) => {
  const { output, failure } = await desk.run({ source: script(body), input })
  return failure ?? output
}

describe('an answer', () => {
  it('comes from the export that was asked for, sync or async', async () => {
    const source = module('export const plan = (x) => ({p: x}); export async function apply(x) { return {a: x} }')

    expect(await desk.run({ source, export: 'plan', input: 1 })).toMatchObject({ output: { p: 1 } })
    expect(await desk.run({ source, export: 'apply', input: 'ü€😀\u0000' })).toMatchObject({
      output: { a: 'ü€😀\u0000' },
    })
    expect(await desk.run({ source, export: 'health' })).toMatchObject({
      failure: { kind: 'failed', message: 'exports no function health' },
    })
  })

  it.each([
    ['undefined', 'return undefined'],
    ['a function', 'return () => 1'],
    ['a symbol', 'return Symbol()'],
    ['what toJSON makes undefined', 'return { toJSON() {} }'],
  ])('is not %s', async (_, body) => {
    expect(await answerOf(body)).toMatchObject({ kind: 'failed', message: expect.stringContaining('JSON') })
  })

  it.each([
    ['a BigInt', 'return 1n', 'BigInt'],
    ['a circle', 'const a = []; a.push(a); return a', 'circular'],
  ])('is not %s', async (_, body, message) => {
    expect(await answerOf(body)).toMatchObject({ kind: 'failed', message: expect.stringContaining(message) })
  })

  it('is what toJSON says, where the guest wants it so', async () => {
    expect(await answerOf('return { toJSON: () => [1] }')).toEqual([1])
  })
})

describe('an error', () => {
  it('reaches the host with name, message and the trace of the guest', async () => {
    expect(await answerOf('throw new TypeError("no such channel")')).toMatchObject({
      kind: 'failed',
      message: 'TypeError: no such channel',
      trace: expect.stringContaining('module.js'),
    })
  })

  it('shows nothing of the host in its trace', async () => {
    const failure = await answerOf('throw new Error("x")')

    expect(JSON.stringify(failure)).not.toMatch(/src\/|node:|node_modules|file:/)
  })

  it.each([
    ['a string', 'throw "just text"', 'just text'],
    ['undefined', 'throw undefined', 'undefined'],
    ['a symbol', 'throw Symbol("s")', 'a symbol'],
    ['an object without a message', 'throw {}', 'threw an error that says nothing'],
    ['getters that throw', 'throw { get message() { throw 1 }, get name() { throw 2 } }', 'says nothing'],
    ['a proxy', 'throw new Proxy({}, { get() { throw 1 } })', 'says nothing'],
    ['a very long message', 'throw new Error("x".repeat(1e5))', /^Error: x{1990,2000}$/],
    ['a message that is no text', 'throw { message: { toString() { throw 1 } } }', 'says nothing'],
  ])('may be %s', async (_, body, message) => {
    expect(await answerOf(body)).toMatchObject({
      kind: 'failed',
      message: typeof message === 'string' ? expect.stringContaining(message) : expect.stringMatching(message),
    })
  })

  it('at the top level of a module ends each call, which then begins anew', async () => {
    const source = module('throw new Error("at the top"); export const execute = () => 1')

    for (const _ of [1, 2]) {
      expect(await desk.run({ source })).toMatchObject({ failure: { message: 'Error: at the top' } })
    }
  })

  it('of syntax names the place', async () => {
    expect(await desk.run({ source: module('export const execute = (( => 1') })).toMatchObject({
      failure: { message: expect.stringContaining('SyntaxError'), trace: expect.stringContaining('module.js:1') },
    })
  })
})

describe('a module', () => {
  it('is evaluated once for many calls, and anew where that is asked for', async () => {
    const source = module('let n = 0; export const execute = () => ++n')

    expect((await desk.run({ source })).output).toBe(1)
    expect((await desk.run({ source })).output).toBe(2)
    expect((await desk.run({ source, fresh: true })).output).toBe(1)
    expect((await desk.run({ source })).output).toBe(3)
  })

  it('may await at its top level what comes without the host', async () => {
    const source = module('const v = await Promise.resolve(5); export const execute = () => v')

    expect((await desk.run({ source })).output).toBe(5)
  })

  it('that waits at its top level for what never comes fails at once', async () => {
    const source = module('await new Promise(() => {}); export const execute = () => 1')

    expect((await desk.run({ source })).failure?.message).toMatch('top level waits')
  })

  it('cannot ask its host at its top level', async () => {
    const source = module(
      'import { kv } from "infrafabric:host"; const v = await kv.get("k"); export const execute = () => v',
    )

    expect((await desk.run({ source })).failure?.message).toMatch('within a call only')
  })

  it.each(['fs', 'node:fs', './other.js', 'https://example.com/x.js', 'infrafabric:meter'])(
    'that imports %s is refused, at its top and later',
    async (name) => {
      const source = module(`import x from ${JSON.stringify(name)}; export const execute = () => 1`)

      expect((await desk.run({ source })).failure?.message).toMatch('could not load module')
      expect(await answerOf(`return import(${JSON.stringify(name)})`)).toMatchObject({
        message: expect.stringContaining('could not load module'),
      })
    },
  )
})

describe('the host', () => {
  it('answers wants one after the other', async () => {
    const { output, wants } = await desk.run({
      source: script(`
        const sent = await call({ operation: 'message.send' })
        await kv.set('k', { n: 1 })
        return [sent, await kv.get('k'), await kv.list('p'), await kv.delete('k')]`),
    })

    expect(output).toEqual([{ operation: 'message.send' }, 'k', ['p'], 'k'])
    expect(wants).toEqual([
      { kind: 'call', intent: '{"operation":"message.send"}' },
      { kind: 'kv.set', key: 'k', value: '{"n":1}' },
      { kind: 'kv.get', key: 'k' },
      { kind: 'kv.list', prefix: 'p' },
      { kind: 'kv.delete', key: 'k' },
    ])
  })

  it('answers wants side by side, in any order', async () => {
    const id = await desk.begin({ source: script('return Promise.all([1, 2, 3].map((n) => call(n)))') })
    expect(desk.sent.at(-1)).toMatchObject({ type: 'parked', id })

    for (const want of [3, 1])
      await desk.house.receive({ type: 'answer', id, want, answer: { ok: `${want * 10}` }, wallMs: 5_000 })
    expect(desk.sent.at(-1)).toMatchObject({ type: 'parked', id, usage: { hostCalls: 3 } })
    await desk.house.receive({ type: 'answer', id, want: 2, answer: { ok: '20' }, wallMs: 5_000 })

    expect(desk.endOf(id).output).toEqual([10, 20, 30])
  })

  it('tells errors that the guest can catch', async () => {
    const { output } = await desk.run({
      source: script(
        'try { await call(1) } catch (e) { return [e instanceof Error, e.code, e.message, e.hint, e.retryable] }',
      ),
      host: () => ({ error: { code: 'IF_ERR_NOT_FOUND', message: 'no such', hint: 'look', retryable: false } }),
    })

    expect(output).toEqual([true, 'IF_ERR_NOT_FOUND', 'no such', 'look', false])
  })

  it('is not asked with what has no JSON, nor with a key that is no text', async () => {
    for (const body of ['await call(undefined)', 'await kv.set("k", () => 1)', 'await kv.get({})'])
      expect(await answerOf(body)).toMatchObject({ message: expect.stringContaining('TypeError') })
  })

  it('is not asked any more by a call that has ended: what it left open goes with its instance', async () => {
    const source = module(
      'import { call } from "infrafabric:host"; let n = 0; export const execute = () => { call(1); return ++n }',
    )

    expect((await desk.run({ source })).output).toBe(1)
    expect((await desk.run({ source })).output).toBe(1)
  })

  it('hears log lines, cut, and not too many', async () => {
    const { log } = await desk.run({
      source: script(`
        console.log('text', { a: 1 }, [2], 3n, undefined, new TypeError('bad'))
        console.error('e'); console.warn('w'); console.debug('d'); log('warn', 'by level'); log('plain')
        console.log('x'.repeat(1e5))
        for (let i = 0; i < 1000; i++) console.log(i)`),
    })

    expect(log.slice(0, 6)).toEqual([
      'info text {"a":1} [2] 3 undefined TypeError: bad',
      'error e',
      'warn w',
      'debug d',
      'warn by level',
      'info plain',
    ])
    expect(log[6]).toHaveLength('info '.length + 2_000)
    expect(log).toHaveLength(101)
    expect(log.at(-1)).toMatch('the rest is left out')
  })
})

describe('clock and chance', () => {
  const probe = `return [
    Date.now(), new Date().toISOString(), new Date(2024, 6, 1, 12).getTime(), new Date().getTimezoneOffset(),
    String(new Date()), Date(), new Date('2024-07-01T12:00:00').toString(), new Date().toLocaleString(),
    now(), random(), Math.random(), crypto.randomUUID(), [...crypto.getRandomValues(new Uint8Array(5))],
  ]`

  it('are the same for the same seed in every instance, whatever probes them', async () => {
    const runs = [
      await desk.run({ source: script(probe), time: SEEDED, fresh: true }),
      await desk.run({ source: script(probe), time: SEEDED, fresh: true }),
      await desk.run({ source: script(probe), time: SEEDED }),
      await desk.run({ source: script(probe), time: SEEDED }),
    ]

    for (const run of runs) expect(run.output).toEqual(runs[0]?.output)
    const told = runs[0]?.output as unknown[]
    expect(told.slice(0, 4)).toEqual([946_684_800_000, '2000-01-01T00:00:00.000Z', Date.UTC(2024, 6, 1, 12), 0])
  })

  it('are others for another seed', async () => {
    const other = { ...SEEDED, seed: 'another' }

    expect((await desk.run({ source: script('return random()'), time: SEEDED })).output).not.toBe(
      (await desk.run({ source: script('return random()'), time: other })).output,
    )
  })

  it('are the same at the top level of a module, however it is called', async () => {
    const source = module('const v = [Date.now(), Math.random()]; export const execute = () => v')

    const live = await desk.run({ source, fresh: true })
    const seeded = await desk.run({ source, fresh: true, time: SEEDED })

    expect(live.output).toEqual(seeded.output)
  })

  it('are those of the machine in a live call, in UTC', async () => {
    const before = Date.now()
    const { output } = await desk.run({ source: script('return [Date.now(), new Date().getTimezoneOffset()]') })

    expect((output as number[])[0]).toBeGreaterThanOrEqual(before)
    expect((output as number[])[1]).toBe(0)
  })

  it('use the same fuel on fresh instances', async () => {
    const runs = await Promise.all([1, 2, 3].map(() => desk.run({ source: script(probe), time: SEEDED, fresh: true })))

    expect(new Set(runs.map(({ usage }) => usage.fuel)).size).toBe(1)
  })
})

describe('globals that bundles count on', () => {
  it('code text as UTF-8', async () => {
    const texts = ['', 'abc', 'h€llo', '😀\ud800x', '\ufeffa']
    const body = `return input.map((text) => [[...new TextEncoder().encode(text)], new TextDecoder().decode(new TextEncoder().encode(text))])`

    expect(await answerOf(body, texts)).toEqual(
      texts.map((text) => {
        const bytes = new TextEncoder().encode(text)
        return [[...bytes], new TextDecoder().decode(bytes)]
      }),
    )
  })

  it('decode broken UTF-8 as browsers do, or refuse it', async () => {
    const broken = [[0xff], [0xc3], [0xe2, 0x82], [0xed, 0xa0, 0x80], [0xf0, 0x9f, 0x98, 0x41], [0xc0, 0x80]]
    const body = 'return input.map((bytes) => new TextDecoder().decode(new Uint8Array(bytes)))'

    expect(await answerOf(body, broken)).toEqual(broken.map((bytes) => new TextDecoder().decode(new Uint8Array(bytes))))
    expect(await answerOf('new TextDecoder("utf-8", { fatal: true }).decode(new Uint8Array([255]))')).toMatchObject({
      message: expect.stringContaining('no utf-8'),
    })
  })

  it('code base64', async () => {
    const texts = ['', 'a', 'ab', 'abc', 'hello, wörld']

    expect(await answerOf('return input.map((text) => [btoa(text), atob(btoa(text))])', texts)).toEqual(
      texts.map((text) => [btoa(text), text]),
    )
    for (const body of ['btoa("€")', 'atob("a")', 'atob("%%%%")'])
      expect(await answerOf(body)).toMatchObject({ message: expect.stringContaining('RangeError') })
  })

  it('are few: nothing of a machine is there', async () => {
    const names =
      'process,require,Buffer,fetch,XMLHttpRequest,WebSocket,setTimeout,setInterval,performance,Worker,Deno,os,std,scriptArgs,print,SharedArrayBuffer,Atomics,WebAssembly,__infrafabric,module,exports'
    const body = `return ${JSON.stringify(names.split(','))}.filter((name) => typeof globalThis[name] !== 'undefined')`

    expect(await answerOf(body)).toEqual([])
  })

  it('give a version 4 UUID and run microtasks in order', async () => {
    expect(await answerOf('return crypto.randomUUID()')).toMatch(
      /^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/,
    )
    expect(
      await answerOf(
        'const seen = []; queueMicrotask(() => seen.push(1)); seen.push(0); await null; await null; return seen',
      ),
    ).toEqual([0, 1])
  })
})
