// What a sandbox costs: calls and instances of both guests, host calls, guests that are stopped, neighbours of hogs, a
// thousand modules, metering; beside Extism in its worker mode. Environment: CHASSIS_PARTS
// (calls,starts,stops,neighbours,many,metering). The ratios carry over to other machines, the figures don't.
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { benchCalls, benchStarts } from './chassis/calls.ts'
import { benchNeighbours, benchStops } from './chassis/hogs.ts'
import { benchMany, benchMetering } from './chassis/many.ts'

export const name = 'chassis'

const PARTS = {
  calls: benchCalls,
  starts: benchStarts,
  stops: benchStops,
  neighbours: benchNeighbours,
  many: benchMany,
  metering: benchMetering,
}
const asked = process.env.CHASSIS_PARTS?.split(',')

/** Measures and prints. */
export async function run(): Promise<void> {
  setFlagsFromString('--expose-gc')
  globalThis.gc = runInNewContext('gc')
  for (const [part, bench] of Object.entries(PARTS)) {
    if (asked && !asked.includes(part)) continue
    await bench()
    console.log()
  }
}
