// Scripts that attack their sandbox. Each is stopped for the reason named, by fuel where it would run for ever, and after
// each the same house answers the next guest as if nothing had been.
import { afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { GuestLimits } from '../../../../src/chassis/guest-protocol.ts'
import { GuestDesk, script } from './guest-desk.ts'

const FUEL = { fuel: 2e6, wallMs: 60_000 }
const SMALL = { memoryBytes: 4 * 1_048_576, fuel: 1e9, wallMs: 60_000 }

let desk: GuestDesk
beforeAll(async () => {
  desk = await GuestDesk.open()
})

const neighbour = script('return [...input, typeof [].hacked, JSON.stringify({ a: 1 })]')

afterEach(async () => {
  expect((await desk.run({ source: neighbour, input: [1] })).output).toEqual([1, 'undefined', '{"a":1}'])
})

const attack = async (body: string, limits: Partial<GuestLimits>) => desk.run({ source: script(body), limits })

describe('runs for ever and is stopped by its fuel', () => {
  it.each([
    ['a loop', 'for (;;);'],
    ['a loop that catches everything', 'for (;;) try { for (;;); } catch {} finally { continue }'],
    ['a loop in a finally block', 'try { throw 1 } finally { for (;;); }'],
    ['a regular expression that backtracks', 'return /(a+)+$/.test("a".repeat(40) + "b")'],
    ['a regular expression over a long text', 'return /(?:a|b)*c/.test("a".repeat(1e5))'],
    ['a sort callback', 'return [3, 2, 1].sort(() => { for (;;); })'],
    ['a sort of a long array', 'return new Array(3e5).fill(0).map(Math.random).sort((a, b) => a - b)'],
    ['toJSON', 'return { toJSON() { for (;;); } }'],
    ['a getter of the answer', 'return { get a() { for (;;); } }'],
    ['a proxy of the answer', 'return new Proxy({}, { ownKeys() { for (;;); } })'],
    ['a getter of an error', 'throw { get message() { for (;;); } }'],
    ['toString of an error', 'throw { message: "x", get stack() { for (;;); } }'],
    ['a thenable', 'return { then() { for (;;); } }'],
    ['a generator', 'for (const _ of (function* () { for (;;) yield 1 })()); return 1'],
    ['join of a huge array', 'return new Array(5e8).join("x").length'],
    ['indexOf over a huge length', 'return [].indexOf.call({ length: 2 ** 53 - 1 }, 1)'],
    ['includes over a huge length', 'return [].includes.call({ length: 2 ** 53 - 1 }, 1)'],
    ['lastIndexOf over a huge length', 'return [].lastIndexOf.call({ length: 2 ** 53 - 1 }, 1)'],
    ['reverse over a huge length', 'return [].reverse.call({ length: 2 ** 53 - 1 })'],
    ['shift over a huge length', 'return [].shift.call({ length: 2 ** 53 - 1 })'],
    ['searching long texts in long texts', 'const t = "a".repeat(4e5); for (;;) t.indexOf("a".repeat(2e5) + "b")'],
    ['text made longer and shorter', 'for (;;) "x".repeat(1e6).includes("y")'],
    ['big integers', 'let n = 3n; for (;;) n = (n ** 999n) % (2n ** 9999n)'],
    ['jobs that make jobs', 'const job = () => Promise.resolve().then(job); await job(); await new Promise(() => {})'],
    ['two jobs for each job', 'const job = () => { queueMicrotask(job) }; job(); await new Promise(() => {})'],
    ['awaiting itself', 'for (;;) await null'],
    ['asking with a getter', 'await call({ get a() { for (;;); } })'],
    ['chance', 'for (;;) Math.random()'],
    ['chance in a callback', 'return new Array(3e5).fill(0).map(Math.random).length'],
    ['logging for ever', 'for (;;) console.log("x".repeat(1000))'],
    ['logging what runs for ever', 'console.log({ toJSON() { for (;;); } })'],
    ['eval', 'return eval("for (;;);")'],
    ['a constructed function', 'return new Function("for (;;);")()'],
    ['random bytes', 'for (;;) crypto.getRandomValues(new Uint8Array(65536))'],
    ['base64', 'for (;;) atob(btoa("x".repeat(1e5)))'],
  ])('%s', async (_, body) => {
    const { failure, usage } = await attack(body, FUEL)

    expect(failure).toMatchObject({ kind: 'limit', limit: 'fuel' })
    expect(usage.fuel).toBe(FUEL.fuel)
  })

  it('a loop at the top level of the module', async () => {
    const source = { kind: 'script', script: 'for (;;); export const execute = () => 1' } as const

    expect((await desk.run({ source, limits: FUEL })).failure).toMatchObject({ limit: 'fuel' })
  })

  it('after the answer: what it left behind ends with it', async () => {
    const { output, failure } = await attack(
      'const job = () => Promise.resolve().then(job); job(); return "answered"',
      FUEL,
    )

    expect(failure ?? output).toBe('answered')
  })
})

it('is stopped by its time, and what it used is told', async () => {
  const { failure, usage } = await attack('for (;;);', { fuel: 1e15, wallMs: 100 })

  expect(failure).toEqual({ kind: 'limit', limit: 'time', message: 'ran longer than its time limit allows' })
  expect(usage.cpuMs).toBeGreaterThan(90)
})

it('is stopped from outside, by the id of its call', async () => {
  desk.stop[0] = desk.nextId()
  const { failure } = await attack('for (;;);', { fuel: 1e15, wallMs: 60_000 })
  desk.stop[0] = 0

  expect(failure).toEqual({ kind: 'limit', limit: 'time', message: 'was stopped from outside' })
})

describe('fills its memory and is stopped', () => {
  it.each([
    ['bytes', 'const kept = []; for (;;) kept.push(new Uint8Array(1 << 16))'],
    ['one huge buffer', 'return new ArrayBuffer(2e9).byteLength'],
    ['one huge array', 'return new Array(1e9).fill(0).length'],
    ['strings', 'const kept = []; for (;;) kept.push("x".repeat(1e5) + kept.length)'],
    ['strings in a global', 'globalThis.kept = []; for (;;) globalThis.kept.push("x".repeat(1000) + kept.length)'],
    ['many small objects', 'const kept = []; for (;;) kept.push({ a: 1 })'],
    ['a chain of objects', 'globalThis.kept = {}; for (;;) globalThis.kept = { kept }'],
    ['a map', 'const kept = new Map(); for (let i = 0; ; i++) kept.set(i, {})'],
    ['closures', 'let kept = () => 0; for (;;) { const before = kept; kept = () => before }'],
    ['symbols', 'const kept = []; for (let i = 0; ; i++) kept.push(Symbol.for("s" + i))'],
    ['padding', 'const kept = []; for (;;) kept.push("x".padEnd(1e6, "yz") + kept.length)'],
    ['the answer', 'return new Array(1e6).fill("x".repeat(100))'],
    ['code', 'const kept = []; for (let i = 0; ; i++) kept.push(new Function(`"${"x".repeat(1e5)}${i}"`))'],
  ])('with %s', async (_, body) => {
    const { failure, usage } = await attack(body, SMALL)

    expect(failure).toMatchObject({ kind: 'limit', limit: 'memory' })
    expect(usage.memoryBytes).toBeLessThanOrEqual(16 * 1_048_576)
  })

  it('holds a larger limit by its linear memory too', async () => {
    const { failure, usage } = await attack('const kept = []; for (;;) kept.push(new Uint8Array(1 << 20))', {
      ...SMALL,
      memoryBytes: 24 * 1_048_576,
    })

    expect(failure).toMatchObject({ limit: 'memory' })
    expect(usage.memoryBytes).toBeLessThanOrEqual(24 * 1_048_576)
  })

  it('and may catch it and go on with what it has', async () => {
    const { output } = await attack('try { new ArrayBuffer(1e8) } catch (error) { return error.message }', SMALL)

    expect(output).toBe('out of memory')
  })

  it('with what the host answers', async () => {
    const { failure } = await desk.run({
      source: script('return (await call(1)).length'),
      limits: { ...SMALL, memoryBytes: 1_048_576 },
      host: () => ({ ok: JSON.stringify('x'.repeat(2e6)) }),
    })

    expect(failure).toMatchObject({ limit: 'memory' })
  })

  it('with what it is given', async () => {
    const limits = { ...SMALL, memoryBytes: 1_048_576 }
    const { failure } = await desk.run({ source: script('return 1'), input: 'x'.repeat(2e6), limits })

    expect(failure).toMatchObject({ limit: 'memory' })
  })
})

describe('nests too deeply and is stopped', () => {
  it.each([
    ['calls', 'const f = () => f() + 1; return f()'],
    ['methods', 'const o = { toString() { return "" + o } }; return "" + o'],
    ['getters', 'const o = { get a() { return o.a } }; return o.a'],
    ['proxies', 'const p = new Proxy({}, { get: (_, key, self) => self[key] }); return p.x'],
    ['callbacks of arrays', 'const f = () => [1].map(f); return f()'],
    ['callbacks of sort', 'const f = () => [2, 1].sort(f); return f()'],
    ['constructors', 'class A { constructor() { new A() } }; return new A()'],
    ['JSON to read', 'return JSON.parse("[".repeat(1e5) + "]".repeat(1e5))'],
    ['JSON to write', 'let a = []; for (let i = 0; i < 1e5; i++) a = [a]; return JSON.stringify(a)'],
    ['arrays to flatten', 'let a = []; for (let i = 0; i < 1e5; i++) a = [a]; return a.flat(Infinity)'],
    ['code', 'return eval("(".repeat(1e5))'],
    ['the answer', 'let a = []; for (let i = 0; i < 1e5; i++) a = [a]; return a'],
  ])('with %s', async (_, body) => {
    const { failure } = await attack(body, { fuel: 1e9, wallMs: 60_000 })

    expect(failure).toMatchObject({ kind: 'limit', limit: 'recursion' })
  })

  it('and may catch it itself', async () => {
    expect((await attack('const f = () => f(); try { f() } catch (e) { return e.name }', {})).output).toBe(
      'InternalError',
    )
  })

  it('with an answer that only its reader would trip over', async () => {
    const { failure } = await attack('let a = []; for (let i = 0; i < 300; i++) a = { a }; return a', {})

    expect(failure).toEqual({ kind: 'failed', message: 'its answer is nested more than 200 levels deep' })
  })

  it('with an intent that only its reader would trip over', async () => {
    const { failure, wants } = await attack('let a = []; for (let i = 0; i < 300; i++) a = [a]; await call(a)', {})

    expect(failure?.message).toMatch('intent that is nested')
    expect(wants).toEqual([])
  })
})

describe('says or asks too much and is stopped', () => {
  it.each([
    ['an answer in ASCII', 'return "x".repeat(1e5)'],
    ['an answer in wide characters', 'return "€".repeat(3e4)'],
    ['an intent', 'await call("x".repeat(1e5)); return 1'],
    ['a record', 'await kv.set("k", "x".repeat(1e5)); return 1'],
    ['a key', 'await kv.get("x".repeat(1e5)); return 1'],
  ])('with %s', async (_, body) => {
    expect((await attack(body, {})).failure).toMatchObject({ kind: 'limit', limit: 'output' })
  })

  it('with host calls that fill the heap of the worker', async () => {
    const limits = { hostCalls: 1_000_000, outputBytes: 1_048_576, fuel: 1e9, wallMs: 60_000 }
    const long = 'const text = "x".repeat(1e6); for (;;) call(text)'

    expect((await attack(long, limits)).failure).toMatchObject({ kind: 'limit', limit: 'output' })
    expect((await attack('for (;;) call(1)', limits)).failure).toMatchObject({ kind: 'limit' })
  })

  it.each([
    ['all at once', 'for (;;) call(1)'],
    ['one after the other', 'for (;;) await call(1)'],
    ['and catches it', 'for (;;) try { await call(1) } catch {}'],
    ['of any kind', 'for (let i = 0; ; i++) await [() => kv.get("k"), () => kv.set("k", 1), () => kv.list()][i % 3]()'],
  ])('with host calls, %s', async (_, body) => {
    const { failure, wants } = await attack(body, {})

    expect(failure).toMatchObject({ kind: 'limit', limit: 'host-calls' })
    expect(wants.length).toBeLessThanOrEqual(20)
  })
})

describe('waits for what never comes and fails at once', () => {
  it.each([
    ['a promise', 'await new Promise(() => {})'],
    ['a thenable that never calls back', 'await { then() {} }'],
    ['a promise in the answer', 'return new Promise(() => {})'],
    ['a promise after a host call', 'await call(1); await new Promise(() => {})'],
  ])('%s', async (_, body) => {
    expect((await attack(body, {})).failure?.message).toMatch('something that never comes')
  })
})

describe('reaches for the host and finds nothing', () => {
  it.each([
    ['Function', 'return new Function("return typeof process + typeof require + typeof globalThis.gc")()'],
    ['the constructor of a function of the host', 'return call.constructor("return typeof process")()'],
    [
      'the constructor of a constructor',
      'return this?.constructor ?? [].constructor.constructor("return typeof process")()',
    ],
    ['an async function of the host', 'return (async () => {}).constructor("return typeof process")()'],
    ['eval', 'return (0, eval)("typeof process")'],
    [
      'the constructor of an error of the host',
      'try { await kv.get(1) } catch (e) { return e.constructor.constructor("return typeof process")() }',
    ],
  ])('by %s', async (_, body) => {
    const { output } = await attack(body, {})

    expect([output].flat().join()).toMatch(/^(undefined)+$/)
  })

  it('by what it throws: an error of the host shows nothing of it', async () => {
    const { output } = await attack(
      'try { await kv.get(1) } catch (e) { return [e.stack, String(kv.get), String(call)] }',
      {},
    )

    expect(JSON.stringify(output)).not.toMatch(/src\/|node:|node_modules|file:|wasm:/)
  })

  it('by changing every intrinsic: what the host sees is its own', async () => {
    const { output, failure, wants } = await attack(
      `
      const evil = () => { throw new Error('evil') }
      const { ownKeys } = Reflect
      for (const of of [Object, Array, String, Number, Promise, Map, Error, Function, RegExp, Symbol, Date]) {
        for (const name of Object.getOwnPropertyNames(of.prototype)) {
          // Its own \`await\` reads this one.
          if (of === Promise && name === 'constructor') continue
          try { Object.defineProperty(of.prototype, name, { get: evil, set: evil, configurable: true }) } catch {}
        }
      }
      for (const of of [JSON, Reflect, Math, Promise]) {
        for (const name of ownKeys(of)) try { of[name] = evil } catch {}
      }
      for (const name of ['Promise', 'JSON', 'Error', 'String', 'Array', 'Object', 'Math', 'Date']) globalThis[name] = evil
      return await call({ operation: 'x' })`,
      {},
    )

    expect(failure).toBeUndefined()
    expect(wants).toEqual([{ kind: 'call', intent: '{"operation":"x"}' }])
    expect(output).toEqual({ operation: 'x' })
  })

  it('by properties that everything inherits', async () => {
    const { output } = await attack(
      `
      Object.prototype.toJSON = function () { return 'polluted' }
      Object.prototype.get = () => 'polluted'
      Object.prototype.value = 'polluted'
      Array.prototype.hacked = true
      return await call('x')`,
      {},
    )

    expect(output).toBe('x')
  })

  it('by settling its own call through the prelude', async () => {
    const { output } = await attack(
      'return Reflect.ownKeys(globalThis).filter((key) => /infra|host|settle/i.test(String(key)))',
      {},
    )

    expect(output).toEqual([])
  })

  it('by leaving something for other instances of the same module', async () => {
    const source = script('globalThis.left ??= input; Object.prototype.left ??= input; return [left, {}.left]')

    expect((await desk.run({ source, input: 1, fresh: true })).output).toEqual([1, 1])
    expect((await desk.run({ source, input: 2, fresh: true })).output).toEqual([2, 2])
  })
})
