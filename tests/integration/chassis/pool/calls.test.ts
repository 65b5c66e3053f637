import { describe, expect, it } from 'vitest'
import { FabricError, type JsonValue } from '../../../../src/foundation/index.ts'
import { closedGate } from '../../../support/gate.ts'
import { guestModule } from '../../../support/guest-module.ts'
import { faultOf, outputOf, unmeteredPools } from './unmetered-pool.ts'

const open = unmeteredPools()

const echo = guestModule('echo', 'return input')
const asks = guestModule('asks', 'return host.call(input)')

describe('a call', () => {
  it('is answered with output, usage and time', async () => {
    const pool = await open()

    const result = await pool.run({ module: echo, export: 'execute', input: { text: 'hello' } })

    expect(result.output).toEqual({ text: 'hello' })
    expect(result.usage).toMatchObject({ fuel: 7, memoryBytes: 1024, hostCalls: 0 })
    expect(result.wallMs).toBeGreaterThanOrEqual(0)
  })

  it('fails with the words of its guest', async () => {
    const pool = await open()
    const broken = guestModule('broken', 'throw new Error("no such list")')

    const failing = pool.run({ module: broken, export: 'plan', input: null })

    await expect(failing).rejects.toMatchObject({
      code: 'IF_ERR_MODULE_FAILED',
      message: 'broken plan: no such list',
      details: { module: 'broken', version: '1.0.0', export: 'plan', trace: expect.stringContaining('no such list') },
    })
  })

  it('fails where the answer is no JSON', async () => {
    const pool = await open()

    expect(await faultOf(outputOf(pool, guestModule('garbled', 'return host.NO_JSON')))).toBe('IF_ERR_MODULE_FAILED')
  })

  it.each([
    ['memory', 'memory limit of 64 MB', 'max_memory_mb'],
    ['fuel', 'fuel limit of 100000 units', 'max_fuel'],
    ['output', 'output limit of 3 kB', 'max_output_kb'],
    ['recursion', 'recursion limit of 99 nested calls', 'max_call_depth'],
    ['tables', 'table limit of 5 elements', 'max_table_elements'],
    ['host-calls', 'host call limit of 6 host calls', 'max_host_calls'],
  ])('that reaches its %s limit says the limit, its value and where it is set', async (limit, says, field) => {
    const pool = await open()
    const greedy = guestModule('greedy', `throw Object.assign(new Error('told'), { limit: '${limit}' })`, {
      max_memory_mb: 64,
      max_fuel: 100_000,
      max_output_kb: 3,
      max_call_depth: 99,
      max_table_elements: 5,
      max_host_calls: 6,
    })

    const failing = pool.run({ module: greedy, export: 'execute', input: null })

    await expect(failing).rejects.toMatchObject({
      code: 'IF_ERR_MODULE_LIMIT',
      message: `greedy execute: it went over its ${says}`,
      hint: `The limit is resource_requirements.${field} of greedy's contract.`,
      details: { limit, said: 'told', usage: { fuel: 7 } },
    })
  })

  it('refuses a time limit that is none', async () => {
    const pool = await open()

    expect(await faultOf(outputOf(pool, echo, { timeoutMs: 0 }))).toBe('IF_ERR_INVALID_INPUT')
  })

  it('fails with what kept the module from being ready', async () => {
    const pool = await open()
    const source = async (): Promise<never> => {
      throw new FabricError('IF_ERR_MODULE_INVALID', 'cut off')
    }

    expect(await faultOf(outputOf(pool, { ...echo, source }))).toBe('IF_ERR_MODULE_INVALID')
  })

  it('logs through its host, cut and bounded in number', async () => {
    const pool = await open()
    const lines: string[] = []
    const chatty = guestModule(
      'chatty',
      "host.log('info', 'x'.repeat(5000)); for (let i = 0; i < 500; i++) host.log('warn', 'line ' + i)",
    )

    await outputOf(pool, chatty, { host: { log: (level, text) => lines.push(`${level} ${text}`) } })

    expect(lines).toHaveLength(101)
    expect(lines[0]?.length).toBeLessThan(4_200)
    expect(lines[100]).toBe('warn more than 100 log lines in one call; the rest is dropped')
  })

  it('logs with the name of its module where its host takes no log', async () => {
    const lines: unknown[] = []
    const note = (message: string, fields?: Record<string, unknown>) => lines.push([message, fields])
    const pool = await open({ logger: { debug: note, info: note, warn: note, error: note } })

    await outputOf(pool, guestModule('quiet', "host.log('info', 'only this')"))

    expect(lines).toEqual([['only this', { module: 'quiet' }]])
  })
})

describe('a host call', () => {
  it('reaches what the caller handed in and gives its answer to the guest', async () => {
    const pool = await open()
    const call = async (intent: JsonValue) => ({ did: intent })

    expect(await outputOf(pool, asks, { input: 'this', host: { call } })).toEqual({ did: 'this' })
  })

  it('may be one of several at once', async () => {
    const pool = await open({ workers: 1 })
    const several = guestModule('several', 'return Promise.all([3, 1, 2].map((n) => host.call(n)))')
    const call = async (intent: JsonValue) => Number(intent) * 10

    expect(await outputOf(pool, several, { host: { call } })).toEqual([30, 10, 20])
  })

  it('is refused where nothing was handed in', async () => {
    const pool = await open()
    const tries = guestModule(
      'tries',
      `const codes = []
      for (const what of input) try { await host.ask(what) } catch (error) { codes.push(error.told.code) }
      return codes`,
    )
    const input = [
      { kind: 'call', intent: '{}' },
      { kind: 'kv.get', key: 'a' },
    ]

    expect(await outputOf(pool, tries, { input })).toEqual(['IF_ERR_CREDENTIAL_DENIED', 'IF_ERR_CREDENTIAL_DENIED'])
  })

  it('keeps records, as the JSON they were set to', async () => {
    const pool = await open()
    const records = new Map<string, string>()
    const kv = {
      get: async (key: string) => records.get(key),
      set: async (key: string, value: string) => void records.set(key, value),
      delete: async (key: string) => void records.delete(key),
      list: async (prefix: string) => [...records.keys()].filter((key) => key.startsWith(prefix)),
    }
    const keeps = guestModule(
      'keeps',
      `await host.ask({ kind: 'kv.set', key: 'a/1', value: '{"n":1}' })
      await host.ask({ kind: 'kv.set', key: 'a/2', value: '2' })
      await host.ask({ kind: 'kv.delete', key: 'a/2' })
      return [await host.ask({ kind: 'kv.get', key: 'a/1' }), await host.ask({ kind: 'kv.get', key: 'a/2' }),
        await host.ask({ kind: 'kv.list', prefix: 'a/' })]`,
    )

    expect(await outputOf(pool, keeps, { host: { kv } })).toEqual([{ n: 1 }, null, ['a/1']])
  })

  it('tells the guest code, message and hint of an error, without what must not be seen', async () => {
    const pool = await open({ redact: (text) => text.replaceAll('s3cret', '<redacted>') })
    const tells = guestModule('tells', 'try { await host.call(1) } catch (error) { return error.told }')
    const call = async () => {
      throw new FabricError('IF_ERR_POLICY_DENIED', 'denied for s3cret', { hint: 'Not s3cret.', details: { key: 1 } })
    }

    expect(await outputOf(pool, tells, { host: { call } })).toEqual({
      code: 'IF_ERR_POLICY_DENIED',
      message: 'denied for <redacted>',
      hint: 'Not <redacted>.',
      retryable: false,
    })
  })

  it('hides the words of a fault that is ours', async () => {
    const pool = await open()
    const tells = guestModule('tells', 'try { await host.call(1) } catch (error) { return error.told }')
    const call = () => {
      throw new Error('/srv/home/keys: EACCES')
    }

    expect(await outputOf(pool, tells, { host: { call } })).toEqual({
      code: 'IF_ERR_INTERNAL',
      message: 'the host failed to carry this out',
    })
  })

  it('refuses an intent that is no JSON, and an answer that is too large', async () => {
    const pool = await open()
    const tells = guestModule(
      'tells',
      `const codes = []
      for (const intent of ['{', '1']) try { await host.ask({ kind: 'call', intent }) } catch (error) { codes.push(error.told.code) }
      return codes`,
    )
    const call = async () => 'x'.repeat(2_000_000)

    expect(await outputOf(pool, tells, { host: { call } })).toEqual(['IF_ERR_INVALID_INPUT', 'IF_ERR_BAD_RESPONSE'])
  })

  it('takes its place in the rate of its module before it goes', async () => {
    const taken: unknown[] = []
    const pool = await open({
      rate: async (moduleId, limit, { timeoutMs }) => void taken.push([moduleId, limit, timeoutMs <= 300_000]),
    })
    const paced = guestModule('paced', 'return host.call(1)', { max_api_calls_per_second: 3.5 })

    await outputOf(pool, paced, { host: { call: async () => 1 } })

    expect(taken).toEqual([['paced', { rps: 3.5, burst: 3 }, true]])
  })

  it('does not go where its call was aborted while it waited for its rate', async () => {
    const gate = closedGate()
    const pool = await open({ rate: () => gate.pass() })
    const aborting = new AbortController()
    let calls = 0
    const call = async () => ++calls
    const failing = faultOf(outputOf(pool, asks, { host: { call }, signal: aborting.signal }))
    await gate.reached

    aborting.abort()
    gate.open()

    expect(await failing).toBe('IF_ERR_CANCELLED')
    expect(await outputOf(pool, echo, { input: 1 })).toBe(1)
    expect(calls).toBe(0)
  })

  it('is one too many beyond its limit, and ends the call', async () => {
    const pool = await open()
    const floods = guestModule('floods', 'await Promise.all(Array(50).fill(1).map((n) => host.call(n)))', {
      max_host_calls: 4,
      max_api_calls_per_second: 100,
    })
    let calls = 0
    const call = async () => ++calls

    expect(await faultOf(outputOf(pool, floods, { host: { call } }))).toBe('IF_ERR_MODULE_LIMIT host-calls')
    expect(calls).toBeLessThanOrEqual(4)
  })

  it('is not carried out while many others of its call are', async () => {
    const pool = await open({ workers: 1 })
    const many = guestModule('many', 'return (await Promise.all(Array(100).fill(1).map((n) => host.call(n)))).length', {
      max_api_calls_per_second: 1_000,
    })
    let inside = 0
    let most = 0
    const call = async () => {
      most = Math.max(most, ++inside)
      await new Promise((resolve) => setImmediate(resolve))
      inside -= 1
      return null
    }

    expect(await outputOf(pool, many, { host: { call } })).toBe(100)
    expect(most).toBeLessThanOrEqual(16)
  })

  it('ends with its call where its host never answers', async () => {
    const pool = await open({ workers: 1 })
    let signal: AbortSignal | undefined
    const call = (_: JsonValue, given: AbortSignal) => {
      signal = given
      return new Promise<JsonValue>(() => {})
    }

    const fault = await faultOf(outputOf(pool, asks, { host: { call }, timeoutMs: 100 }))

    expect(fault).toBe('IF_ERR_MODULE_LIMIT time')
    expect(signal?.aborted).toBe(true)
    expect(await outputOf(pool, echo, { input: 1 })).toBe(1)
  })

  it('holds no worker while it waits', async () => {
    const pool = await open({ workers: 1 })
    const gate = closedGate()
    const call = async () => {
      await gate.pass()
      return 'late'
    }
    const waiting = outputOf(pool, asks, { host: { call } })
    await gate.reached

    const meanwhile = await outputOf(pool, echo, { input: 'now' })
    gate.open()

    expect([meanwhile, await waiting]).toEqual(['now', 'late'])
  })
})

describe('the figures', () => {
  it('count calls, failures, limits and use of each module', async () => {
    const pool = await open()
    const moody = guestModule(
      'moody',
      `if (input === 'fail') throw new Error('no')
      if (input === 'limit') throw Object.assign(new Error('no'), { limit: 'fuel' })`,
    )

    for (const input of ['fine', 'fail', 'limit', 'fine']) await faultOf(outputOf(pool, moody, { input }))

    expect(pool.resources()).toEqual([
      expect.objectContaining({
        id: 'moody',
        version: '1.0.0',
        digest: moody.digest,
        calls: 4,
        failures: 1,
        limits: 1,
        active: 0,
        fuel: 28,
        memoryBytes: 1024,
      }),
    ])
  })

  it('count instances that wait, less those that the worker dropped', async () => {
    const pool = await open({ workers: 1 })
    await outputOf(pool, echo)
    const before = pool.resources()[0]?.instances

    const drops = guestModule('drops', `host.post({ type: 'dropped', module: '${echo.digest}' })`)
    await outputOf(pool, drops, { fresh: true })

    expect([before, ...pool.resources().map(({ instances }) => instances)]).toEqual([1, 0, 0])
  })

  it('are gone with a forgotten module, whose source is sent again when it comes back', async () => {
    const pool = await open({ workers: 1 })
    await outputOf(pool, echo)

    pool.forget(echo.digest)
    pool.forget('a digest that nobody knows')

    expect(pool.resources()).toEqual([])
    expect(await outputOf(pool, echo, { input: 'again' })).toBe('again')
  })

  it('are not touched where a worker gives up sources that it has no room for', async () => {
    const pool = await open({ workers: 1 })
    const large = [1, 2, 3].map((n) => guestModule(`m${n}`, `return input /*${' '.repeat(30 * 1_048_576)}*/`))

    const answers = []
    for (const module of [...large, ...large]) answers.push(await outputOf(pool, module, { input: module.id }))

    expect(answers).toEqual(['m1', 'm2', 'm3', 'm1', 'm2', 'm3'])
    expect(pool.resources().map(({ id, calls, instances }) => [id, calls, instances])).toEqual([
      ['m1', 2, 0],
      ['m2', 2, 1],
      ['m3', 2, 1],
    ])
  })

  it('stay until the last call of a forgotten module has been answered', async () => {
    const pool = await open({ workers: 1 })
    const gate = closedGate()
    const call = async () => {
      await gate.pass()
      return 'late'
    }
    const waiting = outputOf(pool, asks, { host: { call } })
    await gate.reached

    pool.forget(asks.digest)
    const during = pool.resources().length
    gate.open()

    expect([during, await waiting, pool.resources().length]).toEqual([1, 'late', 0])
  })
})
