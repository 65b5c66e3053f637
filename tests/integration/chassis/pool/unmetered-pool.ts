// A pool whose workers don't meter their guests, and short ways to call it.
import { afterAll, afterEach, beforeAll } from 'vitest'
import { type ChassisOptions, openChassis } from '../../../../src/chassis/pool/open-chassis.ts'
import type { Chassis, GuestCall } from '../../../../src/chassis/port.ts'
import { isFabricError, type JsonValue, silentLogger, systemClock } from '../../../../src/foundation/index.ts'
import { buildWorkerFile, type WorkerFile } from '../../../support/guest-worker.ts'

/** The smallest module: these workers have no use for an engine. */
const NO_ENGINE = new WebAssembly.Module(new Uint8Array([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]))

/** Opens pools that are closed after the test. */
export function unmeteredPools(): (options?: Partial<ChassisOptions>) => Promise<Chassis> {
  const opened: Chassis[] = []
  let worker: WorkerFile
  beforeAll(async () => {
    worker = await buildWorkerFile(new URL('./unmetered-worker.ts', import.meta.url))
  })
  afterEach(async () => {
    await Promise.all(opened.splice(0).map((chassis) => chassis.close()))
  })
  afterAll(() => worker.remove())
  return async (options) => {
    const chassis = await openChassis({
      clock: systemClock,
      logger: silentLogger,
      quickJs: async () => NO_ENGINE,
      workerFile: worker.path,
      ...options,
    })
    opened.push(chassis)
    return chassis
  }
}

export type Asked = Omit<GuestCall, 'module' | 'export' | 'input'> & { input?: JsonValue }

/** The output of `execute`. */
export async function outputOf(chassis: Chassis, module: GuestCall['module'], asked: Asked = {}): Promise<JsonValue> {
  return (await chassis.run({ input: null, ...asked, module, export: 'execute' })).output
}

/** What a caller is told of a call that fails: code, or code and limit. */
export async function faultOf(outcome: Promise<unknown>): Promise<string> {
  try {
    return `answered ${JSON.stringify(await outcome)}`
  } catch (thrown) {
    if (!isFabricError(thrown)) throw thrown
    return thrown.details.limit === undefined ? thrown.code : `${thrown.code} ${thrown.details.limit}`
  }
}
