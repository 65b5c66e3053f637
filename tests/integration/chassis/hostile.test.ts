// Hostile modules of both guests through the pool, as the product has it. Each ends with the code that names what it did;
// two neighbours answer rightly for as long as it goes on, and after.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { quickJsModule } from '../../../src/chassis/guest/quickjs-module.ts'
import { openChassis } from '../../../src/chassis/pool/open-chassis.ts'
import type { Chassis, GuestHost } from '../../../src/chassis/port.ts'
import { silentLogger, systemClock } from '../../../src/foundation/index.ts'
import { buildWorkerFile, type WorkerFile } from '../../support/guest-worker.ts'
import { ATTACKS, type Attack } from './hostile/attacks.ts'
import { askNeighbours, besideNeighbours } from './hostile/neighbours.ts'
import { faultOf, outputOf } from './pool/unmetered-pool.ts'

/** It answers at once, but for one intent. */
const HOST: GuestHost = {
  call: (intent, signal) =>
    intent === 'never'
      ? new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
      : Promise.resolve({ done: intent }),
  kv: {
    get: async () => undefined,
    set: async () => undefined,
    delete: async () => undefined,
    list: async () => [],
  },
  log: () => undefined,
}

let worker: WorkerFile
let pool: Chassis
beforeAll(async () => {
  worker = await buildWorkerFile()
  pool = await openChassis({
    clock: systemClock,
    logger: silentLogger,
    quickJs: quickJsModule,
    workerFile: worker.path,
    workers: 2,
  })
  await askNeighbours(pool, 0)
})
afterAll(async () => {
  await pool.close()
  await worker.remove()
})

const attack = ({ module }: Attack): Promise<string> => faultOf(outputOf(pool, module, { host: HOST }))

describe('is contained, and its neighbours are not held up', () => {
  it.each(ATTACKS.map((each) => [each.name, each] as const))('%s', async (_, each) => {
    const { result, asked } = await besideNeighbours(pool, attack(each))

    expect(result).toBe(each.ends)
    expect(asked).toBeGreaterThan(0)
  })
})

it('all of them at once are, too: each ends, the neighbours answer', async () => {
  const all = Promise.all(ATTACKS.map(attack))

  const { result } = await besideNeighbours(pool, all)

  // Which limit is met first differs in a crowd: some don't get a worker in the time that they have.
  for (const fault of result) expect(fault).toMatch(/^IF_ERR_(MODULE_LIMIT \S+|MODULE_FAILED|RATE_LIMIT_EXCEEDED)$/)
  expect(pool.resources().filter(({ active }) => active > 0)).toEqual([])
})

it('a hundred calls of one hog at once take nothing from its neighbours', async () => {
  const [hog] = ATTACKS
  const { result } = await besideNeighbours(pool, Promise.all(Array.from({ length: 100 }, () => hog && attack(hog))))

  expect(new Set(result).size).toBeGreaterThan(0)
  for (const fault of result) expect(fault).toMatch(/^IF_ERR_(MODULE_LIMIT time|RATE_LIMIT_EXCEEDED)$/)
})
