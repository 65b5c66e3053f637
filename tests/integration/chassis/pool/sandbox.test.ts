// The pool with the workers that the product has: guests in QuickJS, metered.
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { quickJsModule } from '../../../../src/chassis/guest/quickjs-module.ts'
import { openChassis } from '../../../../src/chassis/pool/open-chassis.ts'
import type { Chassis } from '../../../../src/chassis/port.ts'
import { silentLogger, systemClock } from '../../../../src/foundation/index.ts'
import { closedGate } from '../../../support/gate.ts'
import { guestModule } from '../../../support/guest-module.ts'
import { buildWorkerFile, type WorkerFile } from '../../../support/guest-worker.ts'
import { buildChild } from '../../child-process.ts'
import { faultOf, outputOf } from './unmetered-pool.ts'

let worker: WorkerFile
const opened: Chassis[] = []
beforeAll(async () => {
  worker = await buildWorkerFile()
})
afterAll(() => worker.remove())
afterEach(async () => {
  await Promise.all(opened.splice(0).map((chassis) => chassis.close()))
})

async function open(workers: number): Promise<Chassis> {
  const chassis = await openChassis({
    clock: systemClock,
    logger: silentLogger,
    quickJs: quickJsModule,
    workerFile: worker.path,
    workers,
  })
  opened.push(chassis)
  return chassis
}

/** A share that no test uses up. */
const ample = { max_cpu_percent: 400 }
const echo = guestModule('echo', 'export const execute = (input) => input', ample)

describe('a pool of sandboxes', () => {
  it('answers a thousand calls of fifty modules, each from its own instance', async () => {
    const pool = await open(2)
    const modules = Array.from({ length: 50 }, (_, n) =>
      guestModule(`m${n}`, `const me = ${n}; export const execute = (input) => [me, input]`, ample),
    )

    const answers = await Promise.all(
      Array.from({ length: 1_000 }, (_, input) => outputOf(pool, modules[input % 50] ?? echo, { input })),
    )

    expect(answers).toEqual(Array.from({ length: 1_000 }, (_, input) => [input % 50, input]))
    expect(pool.resources().every(({ calls, failures }) => calls === 20 && failures === 0)).toBe(true)
  })

  it.each([
    ['a plain loop', 'for (;;);'],
    ['a loop inside the engine', "new Array(5e8).join('x')"],
    ['a regular expression', "/^(a+)+$/.test('a'.repeat(40) + 'b')"],
  ])('ends %s at its time, and answers others in the same worker', async (_, body) => {
    const pool = await open(1)
    const endless = guestModule('endless', `export const execute = () => { ${body} }`)

    const failing = faultOf(outputOf(pool, endless, { timeoutMs: 200 }))

    expect(await failing).toBe('IF_ERR_MODULE_LIMIT time')
    expect(await outputOf(pool, echo, { input: 'alive' })).toBe('alive')
  })

  it('answers neighbours while a guest loops in the other worker', async () => {
    const pool = await open(2)
    await outputOf(pool, echo)
    const began = closedGate()
    const hog = guestModule(
      'hog',
      "import { log } from 'infrafabric:host'; export const execute = () => { log('info', 'on'); for (;;); }",
    )
    const looping = faultOf(outputOf(pool, hog, { timeoutMs: 4_000, host: { log: () => began.open() } }))
    await began.pass()

    const answers = await Promise.all(Array.from({ length: 200 }, (_, input) => outputOf(pool, echo, { input })))

    expect(answers).toEqual(Array.from({ length: 200 }, (_, input) => input))
    expect(await looping).toMatch(/^IF_ERR_MODULE_LIMIT (time|cpu)$/)
  })

  it('stops a guest that loops when another module waits for its only worker', async () => {
    const pool = await open(1)
    const hog = faultOf(outputOf(pool, guestModule('hog', 'export const execute = () => { for (;;); }')))

    expect(await outputOf(pool, echo, { input: 'served' })).toBe('served')
    expect(await hog).toBe('IF_ERR_MODULE_LIMIT cpu')
  })

  it('parks a guest that asks its host several things at once', async () => {
    const pool = await open(1)
    const asks = guestModule(
      'asks',
      `import { call, kv } from 'infrafabric:host'
      export async function execute(input) {
        const [a, b, kept] = await Promise.all([call({ n: 1 }), call({ n: 2 }), kv.get('key')])
        await kv.set('key', [a, b])
        return { a, b, kept, again: await kv.get('key') }
      }`,
    )
    const records = new Map<string, string>()
    const host = {
      call: async (intent: unknown) => ({ did: JSON.stringify(intent) }),
      kv: {
        get: async (key: string) => records.get(key),
        set: async (key: string, value: string) => void records.set(key, value),
        delete: async (key: string) => void records.delete(key),
        list: async () => [...records.keys()],
      },
    }

    const output = await outputOf(pool, asks, { host })

    const did = [{ did: '{"n":1}' }, { did: '{"n":2}' }]
    expect(output).toEqual({ a: did[0], b: did[1], kept: null, again: did })
  })

  it('stops a running guest when its caller aborts', async () => {
    const pool = await open(1)
    const aborting = new AbortController()
    const loops = guestModule(
      'loops',
      "import { log } from 'infrafabric:host'; export const execute = () => { log('info', 'on'); for (;;); }",
    )
    const host = { log: () => aborting.abort() }

    expect(await faultOf(outputOf(pool, loops, { signal: aborting.signal, host }))).toBe('IF_ERR_CANCELLED')
    expect(await outputOf(pool, echo, { input: 'alive' })).toBe('alive')
  })

  it('gives a seeded call the same clock and chance in every instance', async () => {
    const pool = await open(2)
    const draws = guestModule('draws', 'export const execute = () => [Date.now(), Math.random(), Math.random()]', ample)

    const answers = await Promise.all(
      Array.from({ length: 8 }, (_, n) => outputOf(pool, draws, { seed: 'ab'.repeat(32), fresh: n % 2 === 0 })),
    )

    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1)
  })

  it('frees a module that is forgotten, and runs it again', async () => {
    const pool = await open(1)
    const counts = guestModule('counts', 'let n = 0; export const execute = () => ++n', ample)
    const before = [await outputOf(pool, counts), await outputOf(pool, counts)]

    pool.forget(counts.digest)

    expect([...before, await outputOf(pool, counts)]).toEqual([1, 2, 1])
  })

  it('lets its process end without being closed, but not before its calls are answered', async () => {
    const program = await buildChild(new URL('./unclosed.ts', import.meta.url))
    const child = program.start(worker.path)

    const lines = await child.rest()

    await child.kill() // it has ended
    program.remove()
    expect(lines).toEqual(['"answered"'])
    expect(child.process.exitCode).toBe(0)
  })
})
