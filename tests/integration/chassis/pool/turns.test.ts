import { describe, expect, it } from 'vitest'
import type { Chassis } from '../../../../src/chassis/port.ts'
import type { JsonValue } from '../../../../src/foundation/index.ts'
import { closedGate } from '../../../support/gate.ts'
import { guestModule } from '../../../support/guest-module.ts'
import { type Asked, faultOf, outputOf, unmeteredPools } from './unmetered-pool.ts'

const open = unmeteredPools()

const echo = guestModule('echo', 'return input')
const spins = guestModule('spins', 'host.spin()')

/** A guest that runs until it is stopped. */
async function runs(pool: Chassis, asked: Asked = {}): Promise<{ fault: Promise<string> }> {
  const gate = closedGate()
  const module = guestModule('hog', "host.log('info', 'on'); host.spin()")
  const fault = faultOf(outputOf(pool, module, { ...asked, host: { log: () => gate.open() } }))
  await gate.pass()
  return { fault }
}

/** Of a module with a share that no test uses up. */
const ample = { max_cpu_percent: 400 }

describe('the line', () => {
  it('is bounded for each module and for all', async () => {
    const pool = await open({ workers: 1, queueLimit: 8 })
    const gate = closedGate()
    const started = outputOf(pool, guestModule('first', "host.log('info', 'on'); host.spin(200)", ample), {
      host: { log: () => gate.open() },
    })
    await gate.pass()
    const modules = [1, 2, 3, 4, 5].map((n) => guestModule(`m${n}`, 'return input'))

    const outcomes = modules.flatMap((module) => [1, 2, 3].map((input) => faultOf(outputOf(pool, module, { input }))))
    const full = (await Promise.all(outcomes)).map((outcome) => outcome === 'IF_ERR_RATE_LIMIT_EXCEEDED')
    await started

    // Two of each module, until the line holds eight.
    expect(full.map(Number).join('')).toBe('001001001001111')
  })

  it('lets no call wait longer than it may take', async () => {
    const pool = await open({ workers: 1 })
    await outputOf(pool, echo)
    const running = await runs(pool, { timeoutMs: 600 })

    const waited = faultOf(outputOf(pool, echo, { timeoutMs: 50 }))

    expect(await waited).toBe('IF_ERR_RATE_LIMIT_EXCEEDED')
    expect(await running.fault).toBe('IF_ERR_MODULE_LIMIT time')
  })

  it('gives modules turns, and keeps the order within one', async () => {
    const pool = await open({ workers: 1 })
    const order: string[] = []
    const note = (name: string) => async (input: JsonValue) => void order.push(`${name}${input}`)
    const [a, b] = [guestModule('a', 'return input'), guestModule('b', 'return input')]

    await Promise.all([
      ...[1, 2, 3, 4].map((input) => outputOf(pool, a, { input }).then(note('a'))),
      ...[1, 2].map((input) => outputOf(pool, b, { input }).then(note('b'))),
    ])

    expect(order).toEqual(['a1', 'b1', 'a2', 'b2', 'a3', 'a4'])
  })

  it('lets a parked call go on before another begins', async () => {
    const pool = await open({ workers: 1 })
    const order: string[] = []
    const reached = closedGate()
    const gate = closedGate()
    const call = async () => {
      void reached.pass()
      await gate.pass()
      return 'late'
    }
    const parked = outputOf(pool, guestModule('asks', 'return host.call(1)'), { host: { call } })
    await reached.reached

    const holds = outputOf(pool, guestModule('holds', "host.log('info', 'on'); host.spin(100)", ample), {
      host: { log: () => gate.open() },
    })
    const waiting = outputOf(pool, echo, { input: 'new' })
    await Promise.all([
      parked.then(() => order.push('parked')),
      holds.then(() => order.push('holds')),
      waiting.then(() => order.push('new')),
    ])

    expect(order).toEqual(['holds', 'parked', 'new'])
  })

  it('holds no more calls of a module in workers than it may have instances', async () => {
    const pool = await open({ workers: 2 })
    const two = guestModule('two', 'return host.call(1)', { max_instances: 2, max_api_calls_per_second: 1000 })
    let inside = 0
    let most = 0
    const call = async () => {
      most = Math.max(most, ++inside)
      await new Promise((resolve) => setImmediate(resolve))
      inside -= 1
      return null
    }

    await Promise.all(Array.from({ length: 40 }, () => outputOf(pool, two, { host: { call } })))

    expect(most).toBe(2)
  })

  it('answers a thousand calls of fifty modules', async () => {
    const pool = await open()
    const modules = Array.from({ length: 50 }, (_, n) => guestModule(`m${n}`, 'return [host.time.kind, input]', ample))

    const answers = await Promise.all(
      Array.from({ length: 1_000 }, (_, input) => outputOf(pool, modules[input % 50] ?? echo, { input })),
    )

    expect(answers).toEqual(Array.from({ length: 1_000 }, (_, input) => ['live', input]))
    expect(pool.resources().map(({ calls }) => calls)).toEqual(Array(50).fill(20))
  })
})

describe('the share of a core', () => {
  it('stops the guest that is most over it when another module waits', async () => {
    const pool = await open({ workers: 1 })
    const hog = pool.run({ module: spins, export: 'execute', input: null })
    const told = expect(hog).rejects.toMatchObject({
      code: 'IF_ERR_MODULE_LIMIT',
      message: 'spins execute: it went over its CPU limit of 25 % of a core while others waited for a sandbox',
      details: { limit: 'cpu' },
    })

    expect(await outputOf(pool, echo, { input: 'served' })).toBe('served')
    await told
  })

  it('ends the worker of a deaf one', async () => {
    const pool = await open({ workers: 1 })
    const hog = faultOf(outputOf(pool, guestModule('deaf', 'host.spin(null, true)')))

    expect(await outputOf(pool, echo, { input: 'served' })).toBe('served')
    expect(await hog).toBe('IF_ERR_MODULE_LIMIT cpu')
  })

  it('lets a guest run on while nobody waits', async () => {
    const pool = await open({ workers: 1 })

    expect(await outputOf(pool, guestModule('long', 'host.spin(700); return "done"'))).toBe('done')
  })

  it('stops it for a parked call in its worker too, whose answer has come', async () => {
    const pool = await open({ workers: 1 })
    const reached = closedGate()
    const gate = closedGate()
    const call = async () => {
      void reached.pass()
      await gate.pass()
      return 'late'
    }
    const parked = outputOf(pool, guestModule('asks', 'return host.call(1)'), { host: { call } })
    await reached.reached
    const hog = await runs(pool)

    gate.open()

    expect(await parked).toBe('late')
    expect(await hog.fault).toBe('IF_ERR_MODULE_LIMIT cpu')
  })

  it('makes a module that is over it wait until the window lets it', async () => {
    const pool = await open({ workers: 1 })
    const long = guestModule('long', 'if (input) host.spin(input); return performance.timeOrigin + performance.now()')
    const endedAt = Number(await outputOf(pool, long, { input: 500 }))

    const begunAt = Number(await outputOf(pool, long, { input: 0 }))

    // 500 ms were spent, 250 ms a second are its own: the first half must have left the window.
    expect(begunAt - endedAt).toBeGreaterThan(600)
  })

  it('keeps a worker free for short turns while modules with long ones wait', async () => {
    const pool = await open({ workers: 2 })
    const slow = [1, 2, 3].map((n) => guestModule(`slow${n}`, 'host.spin(200); return "slow"', ample))
    await Promise.all(slow.map((module) => outputOf(pool, module)))
    for (let n = 0; n < 30; n++) await outputOf(pool, echo)
    const order: string[] = []

    await Promise.all([
      ...slow.map((module) => outputOf(pool, module).then(() => order.push('slow'))),
      outputOf(pool, echo).then(() => order.push('echo')),
    ])

    expect(order[0]).toBe('echo')
    expect(order).toHaveLength(4)
  })
})
