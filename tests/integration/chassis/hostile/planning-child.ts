// A process that asks modules of both guests for plans, on fresh instances, and says what they answered and what fuel that
// took. Two of them must say the same. argv: the worker's file, the core module in base64, the seed.
import { quickJsModule } from '../../../../src/chassis/guest/quickjs-module.ts'
import { wasmSource } from '../../../../src/chassis/module/load-module.ts'
import { openChassis } from '../../../../src/chassis/pool/open-chassis.ts'
import { silentLogger, systemClock } from '../../../../src/foundation/index.ts'
import { guestModule } from '../../../support/guest-module.ts'

const RUNS = 3
const PROBING = `
const seen = { loaded: [Date.now(), Math.random()] }
export const plan = async () => {
  const before = Date.now(), times = new Set()
  for (let i = 0; i < 20000; i++) times.add(Date.now())
  return {
    ...seen, times: times.size, passed: Date.now() - before, date: new Date().toISOString(), local: String(new Date(0)),
    random: [Math.random(), crypto.randomUUID(), [...crypto.getRandomValues(new Uint8Array(8))]],
    sorted: [5, 1, 4].sort(() => Math.random() - 0.5), names: Object.getOwnPropertyNames(globalThis).length,
  }
}`

const [, , workerFile = '', core = '', seed = ''] = process.argv
const pool = await openChassis({
  clock: systemClock,
  logger: silentLogger,
  quickJs: quickJsModule,
  workerFile,
  workers: 2,
})
const script = guestModule('probe-script', PROBING)
const coreGuest = guestModule('probe-core', core)
const wasm = {
  ...coreGuest,
  source: wasmSource(Buffer.from(core, 'base64'), coreGuest.contract, undefined, 'probe.wasm'),
}
for (const module of [script, wasm]) {
  for (let run = 0; run < RUNS; run++) {
    const { output, usage } = await pool.run({ module, export: 'plan', input: { n: 7 }, seed, fresh: true })
    console.log(JSON.stringify({ module: module.id, output, fuel: usage.fuel, memoryBytes: usage.memoryBytes }))
  }
}
await pool.close()
