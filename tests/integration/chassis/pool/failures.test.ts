import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { type Clock, type JsonValue, systemClock } from '../../../../src/foundation/index.ts'
import { closedGate } from '../../../support/gate.ts'
import { guestModule } from '../../../support/guest-module.ts'
import { temporaryFolder } from '../../../support/temporary.ts'
import { faultOf, outputOf, unmeteredPools } from './unmetered-pool.ts'

const open = unmeteredPools()

/** The system's clock, which a test may set forward. */
function leapingClock(): Clock & { leap(ms: number): void } {
  let leaptMs = 0
  return {
    ...systemClock,
    monotonic: () => systemClock.monotonic() + leaptMs,
    leap: (ms) => {
      leaptMs += ms
    },
  }
}

const echo = guestModule('echo', 'return input')
const asks = guestModule('asks', 'return host.call(input)')
const spins = guestModule('spins', 'host.spin()')
const deaf = guestModule('deaf', 'host.spin(null, true)')
const exits = guestModule('exits', 'host.exit(3)')

describe('a guest that does not end', () => {
  it('is asked to stop when its time is over', async () => {
    const pool = await open({ workers: 1 })

    const failing = pool.run({ module: spins, export: 'execute', input: null, timeoutMs: 100 })

    await expect(failing).rejects.toMatchObject({
      code: 'IF_ERR_MODULE_LIMIT',
      message: 'spins execute: it went over its time limit of 100 ms',
      details: { limit: 'time' },
    })
  })

  it('loses its worker where it does not hear, and others go on in a new one', async () => {
    const pool = await open({ workers: 1 })

    const failing = faultOf(outputOf(pool, deaf, { timeoutMs: 100 }))
    const other = outputOf(pool, echo, { input: 'alive' })

    expect(await failing).toBe('IF_ERR_MODULE_LIMIT time')
    expect(await other).toBe('alive')
  })

  it('is limited by its contract where the caller gives more time', async () => {
    const pool = await open()
    const brief = guestModule('brief', 'host.spin()', { max_execution_time_seconds: 0.05 })

    const failing = pool.run({ module: brief, export: 'execute', input: null, timeoutMs: 600_000 })

    await expect(failing).rejects.toMatchObject({
      message: 'brief execute: it went over its time limit of 0.05 s',
      hint: "The limit is resource_requirements.max_execution_time_seconds of brief's contract.",
    })
  })
})

describe('a worker that ends', () => {
  it('fails the call that ran in it, and is replaced', async () => {
    const pool = await open({ workers: 1 })

    const failing = pool.run({ module: exits, export: 'execute', input: null })

    await expect(failing).rejects.toMatchObject({
      code: 'IF_ERR_MODULE_FAILED',
      message: 'exits execute: the worker that ran it ended: it exited with code 3',
      retryable: false,
    })
    expect(await outputOf(pool, echo, { input: 'alive' })).toBe('alive')
  })

  it('says that memory was the limit where its heap was full', async () => {
    const pool = await open({ workers: 1 })
    const hoards = guestModule('hoards', 'const all = []; for (;;) all.push(Array(2_000).fill(all.length + 0.5))')

    expect(await faultOf(outputOf(pool, hoards))).toBe('IF_ERR_MODULE_LIMIT memory')
    expect(await outputOf(pool, echo, { input: 'alive' })).toBe('alive')
  }, 90_000)

  it('fails parked calls that have acted, says who was at fault, and lets them be called again', async () => {
    const pool = await open({ workers: 1 })
    const gate = closedGate()
    const call = async () => {
      await gate.pass()
      return null
    }
    const parked = pool.run({ module: asks, export: 'execute', input: null, host: { call }, seed: 'same' })
    const told = expect(parked).rejects.toMatchObject({
      code: 'IF_ERR_MODULE_FAILED',
      message: 'asks execute: it waited for its host when another module took their worker down',
      retryable: true,
    })
    await gate.reached

    await faultOf(outputOf(pool, exits))
    gate.open()

    await told
  })

  it('begins parked calls again that are seeded and have not acted', async () => {
    const pool = await open({ workers: 1 })
    const gate = closedGate()
    const asked: string[] = []
    const kv = {
      get: async (key: string) => {
        asked.push(key)
        await gate.pass()
        return '"kept"'
      },
      set: async () => {},
      delete: async () => {},
      list: async () => [],
    }
    const reads = guestModule('reads', "return [await host.ask({ kind: 'kv.get', key: 'a' }), host.time]")
    const parked = outputOf(pool, reads, { host: { kv }, seed: 'same' })
    await gate.reached

    await faultOf(outputOf(pool, exits))
    gate.open()

    expect(await parked).toEqual(['kept', { kind: 'seeded', seed: 'same', nowMs: Date.parse('2000-01-01T00:00:00Z') }])
    expect(asked).toEqual(['a', 'a'])
  })

  it('takes nobody down who was in another worker', async () => {
    const pool = await open({ workers: 2 })
    const busy = guestModule('busy', 'host.spin(300); return "done"', { max_cpu_percent: 400 })
    await outputOf(pool, echo)

    const [spun, exited] = await Promise.all([outputOf(pool, busy), faultOf(outputOf(pool, exits))])

    expect([spun, exited]).toEqual(['done', 'IF_ERR_MODULE_FAILED'])
  })
})

describe('a worker that does not start', () => {
  it('fails the calls that wait for it, each time', async () => {
    const pool = await open({ workerFile: '/nowhere/guest-worker.cjs' })

    const first = await Promise.all([faultOf(outputOf(pool, echo)), faultOf(outputOf(pool, echo))])

    expect(first).toEqual(['IF_ERR_INTERNAL', 'IF_ERR_INTERNAL'])
    expect(await faultOf(outputOf(pool, echo))).toBe('IF_ERR_INTERNAL')
  })

  it('is given up where it says nothing', async () => {
    const folder = await temporaryFolder('mute')
    const workerFile = join(folder.path, 'mute.cjs')
    await writeFile(workerFile, 'setInterval(() => {}, 1000)')
    const clock = leapingClock()
    const pool = await open({ workerFile, clock })
    const waiting = outputOf(pool, echo, { timeoutMs: 50 })
    const told = expect(waiting).rejects.toThrow('a worker of the sandbox does not start: not ready after 10000 ms')

    await new Promise((resolve) => setImmediate(resolve))
    clock.leap(10_000)

    await told
    await folder.remove()
  })

  it('fails the calls where the engine cannot be loaded', async () => {
    const pool = await open({
      quickJs: async () => {
        throw new Error('no such file')
      },
    })

    await expect(outputOf(pool, echo)).rejects.toThrow("the sandbox's engine cannot be loaded: no such file")
  })
})

describe('a worker without work', () => {
  it('ends after a while, unless it is the only one', async () => {
    const clock = leapingClock()
    const pool = await open({ workers: 2, clock })
    const aborting = new AbortController()
    await outputOf(pool, echo)
    const holds = faultOf(outputOf(pool, spins, { signal: aborting.signal }))
    const second = guestModule('second', 'return input')
    await outputOf(pool, second)
    aborting.abort()
    await holds
    const instances = () => pool.resources().map(({ id, instances }) => [id, instances])
    await expect.poll(instances).toContainEqual(['spins', 0])
    const before = instances()

    const parked = closedGate()
    const never = () => {
      void parked.pass()
      return new Promise<JsonValue>(() => {})
    }
    const late = faultOf(outputOf(pool, asks, { timeoutMs: 500, host: { call: never } }))
    await parked.reached
    clock.leap(61_000)
    await late

    expect(before).toContainEqual(['second', 1])
    await expect.poll(instances).toContainEqual(['second', 0])
    expect(instances()).toContainEqual(['echo', 1])
    expect(await outputOf(pool, echo, { input: 'alive' })).toBe('alive')
  })
})

describe('a caller that aborts', () => {
  it('gets its answer at once where the call waits', async () => {
    const pool = await open({ workers: 1 })
    const aborting = new AbortController()
    const running = faultOf(outputOf(pool, spins, { timeoutMs: 300 }))
    const waiting = faultOf(outputOf(pool, echo, { signal: aborting.signal }))

    aborting.abort()

    expect(await waiting).toBe('IF_ERR_CANCELLED')
    expect(await running).toBe('IF_ERR_MODULE_LIMIT time')
  })

  it('stops a guest that runs, and one that is deaf', async () => {
    const pool = await open({ workers: 1 })
    for (const module of [
      guestModule('hears', "host.log('info', 'on'); host.spin()"),
      guestModule('deaf', "host.log('info', 'on'); host.spin(null, true)"),
    ]) {
      const aborting = new AbortController()
      const log = () => aborting.abort()

      const stopped = await faultOf(outputOf(pool, module, { signal: aborting.signal, host: { log } }))

      expect(stopped).toBe('IF_ERR_CANCELLED')
      expect(await outputOf(pool, echo, { input: module.id })).toBe(module.id)
    }
  })

  it('ends the host calls of a guest that is parked', async () => {
    const pool = await open({ workers: 1 })
    const aborting = new AbortController()
    const aborted = closedGate()
    const call = (_: JsonValue, signal: AbortSignal) => {
      signal.addEventListener('abort', () => aborted.open())
      setImmediate(() => aborting.abort())
      return new Promise<JsonValue>(() => {})
    }

    const fault = await faultOf(outputOf(pool, asks, { host: { call }, signal: aborting.signal }))
    await aborted.pass()

    expect(fault).toBe('IF_ERR_CANCELLED')
    await expect
      .poll(() => pool.resources())
      .toEqual([expect.objectContaining({ id: 'asks', active: 0, instances: 0 })])
  })

  it('is not even begun where it had aborted before', async () => {
    const pool = await open()

    expect(await faultOf(outputOf(pool, exits, { signal: AbortSignal.abort() }))).toBe('IF_ERR_CANCELLED')
  })
})

describe('closing', () => {
  it('answers every call, whatever it is doing', async () => {
    const pool = await open({ workers: 2 })
    const reached = closedGate()
    const call = () => {
      void reached.pass()
      return new Promise<JsonValue>(() => {})
    }
    const calls = [
      outputOf(pool, asks, { host: { call } }),
      outputOf(pool, deaf),
      ...Array.from({ length: 20 }, () => outputOf(pool, deaf)),
    ].map(faultOf)
    await reached.reached

    await pool.close()

    expect(new Set(await Promise.all(calls))).toEqual(new Set(['IF_ERR_CANCELLED']))
    expect(await faultOf(outputOf(pool, echo))).toBe('IF_ERR_CANCELLED')
  })

  it('does so while the first worker starts, and twice', async () => {
    const pool = await open()
    const starting = faultOf(outputOf(pool, echo))

    await Promise.all([pool.close(), pool.close()])

    expect(await starting).toBe('IF_ERR_CANCELLED')
  })
})
