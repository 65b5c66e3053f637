// Calls through the pool, the worker's round trip included; and the same of Extism in its worker mode, in the same run.
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import type { Chassis, LoadedModule } from '../../src/chassis/index.ts'
import { median, ms, msOf, pause, ratio, type Spread, spreadOf, tell, timesOf, us } from './figures.ts'
import {
  binary,
  CALLER,
  CORE_ECHO,
  coreModule,
  ECHO,
  EDIT,
  INPUT,
  LARGE_NUMBERS,
  openPool,
  scriptModule,
  TEXT,
} from './modules.ts'

const CALLS = 5_000
const WARM_UP = 1_000
const INSTANCES = 60

/** Its input to its output, with the functions that Extism gives. */
const EXTISM_ECHO = `(module
  (import "extism:host/env" "input_length" (func $length (result i64)))
  (import "extism:host/env" "input_load_u64" (func $load (param i64) (result i64)))
  (import "extism:host/env" "alloc" (func $alloc (param i64) (result i64)))
  (import "extism:host/env" "store_u64" (func $store (param i64 i64)))
  (import "extism:host/env" "output_set" (func $output (param i64 i64)))
  (memory (export "memory") 1)
  (func (export "execute") (result i32) (local $n i64) (local $at i64) (local $out i64)
    (local.set $n (i64.and (call $length) (i64.const -8)))
    (local.set $out (call $alloc (local.get $n)))
    (loop $next
      (call $store (i64.add (local.get $out) (local.get $at)) (call $load (local.get $at)))
      (local.set $at (i64.add (local.get $at) (i64.const 8)))
      (br_if $next (i64.lt_u (local.get $at) (local.get $n))))
    (call $output (local.get $out) (local.get $n))
    (i32.const 0)))`

export async function benchCalls(): Promise<void> {
  console.log(`calls with ${JSON.stringify(INPUT).length} bytes of JSON, one after the other`)
  const pool = await openPool()
  const call = (module: LoadedModule, input: unknown = INPUT, fresh = false) =>
    pool.run({ module, export: 'execute', input: input as typeof INPUT, fresh })
  try {
    const echo = scriptModule('echo', ECHO)
    const spread = async (module: LoadedModule, input: unknown = INPUT) =>
      spreadOf(await timesOf(CALLS, WARM_UP, () => call(module, input)))
    const edit = scriptModule('edit', EDIT)
    const ofScript = await spread(echo)
    const ofCore = await spread(coreModule('core-echo', CORE_ECHO))
    tellSpread('echo, script, a text of 2,000 characters', await spread(echo, TEXT), 0.1)
    tellSpread('JSON edit, script, the same', await spread(edit, TEXT), 0.15)
    tellSpread('echo, core, 24 records', ofCore, 0.1)
    tellSpread('echo, script, 24 records', ofScript)
    tellSpread('JSON edit, script, 24 records', await spread(edit))
    tellSpread('echo, script, 24 records with a fraction each', await spread(echo, LARGE_NUMBERS))
    tellSpread('a call that does nothing, script', await spread(echo, 1))
    await benchHostCalls(pool)
    const theirs = spreadOf((await peer()).calls)
    tellSpread('Extism 1.0.3, worker mode: echo, core', theirs)
    tell('  ours, core, to Extism', ratio(ofCore.p50 / theirs.p50))
    tell('  ours, script, to Extism', ratio(ofScript.p50 / theirs.p50))
  } finally {
    await pool.close()
  }
}

async function benchHostCalls(pool: Chassis): Promise<void> {
  const caller = scriptModule('caller', CALLER)
  const host = { call: async () => 1 }
  const asks = (n: number) => pool.run({ module: caller, export: 'execute', input: n, host })
  await asks(500)
  const rounds = await timesOf(10, 0, () => asks(500))
  tell('a host call of a script and its answer', us(median(rounds) / 500))
}

let extism: Promise<{ calls: number[]; instances: number[] }> | undefined

/** Measured once a run. */
function peer(): Promise<{ calls: number[]; instances: number[] }> {
  const given = [
    'benchmarks/chassis/extism.mjs',
    Buffer.from(binary(EXTISM_ECHO)).toString('base64'),
    JSON.stringify(INPUT),
  ]
  extism ??= promisify(execFile)(process.execPath, given, { maxBuffer: 16_777_216 }).then(({ stdout }) =>
    JSON.parse(stdout),
  )
  return extism
}

/** What a first call costs: of a process, of a module, of an instance. */
export async function benchStarts(): Promise<void> {
  console.log('first calls')
  const cold: number[] = []
  for (let round = 0; round < 5; round++) {
    const pool = await openPool()
    const module = scriptModule('first', ECHO)
    cold.push(await msOf(() => pool.run({ module, export: 'execute', input: 1 })))
    await pool.close()
  }
  tell('a script, the start of the worker included (engine compiled)', ms(median(cold)), '≤ 50 ms', median(cold) <= 50)
  const pool = await openPool()
  try {
    const first = (module: LoadedModule, fresh = false) => pool.run({ module, export: 'execute', input: 1, fresh })
    const echo = scriptModule('echo', ECHO)
    await timesOf(200, 0, () => first(echo))
    const warm = median(await timesOf(500, 0, () => first(echo)))
    const modules = Array.from({ length: INSTANCES }, (_, n) => scriptModule(`new-${n}`, `${ECHO} // ${n}`))
    const ofNew: number[] = []
    for (const module of modules) {
      await pause(10)
      ofNew.push(await msOf(() => first(module)))
    }
    tell('a script that the pool does not know yet', ms(median(ofNew)))
    const spared: number[] = []
    for (let at = 0; at < INSTANCES; at++) {
      await pause(10)
      spared.push(await msOf(() => first(echo, true)))
    }
    tell(
      '  one more instance of a script, from a spare',
      ms(median(spared) - warm),
      '≤ 1 ms',
      median(spared) - warm <= 1,
    )
    const unspared = median(await timesOf(INSTANCES, 4, () => first(echo, true)))
    tell('  the same without a pause, when there are no spares', ms(unspared - warm))
    const core = coreModule('core-echo', CORE_ECHO)
    const ofCore =
      median(await timesOf(200, 20, () => first(core, true))) - median(await timesOf(200, 20, () => first(core)))
    tell('  one more instance of a core module', ms(ofCore), '≤ 1 ms', ofCore <= 1)
    const theirs = median((await peer()).instances)
    tell('Extism 1.0.3, worker mode: a plugin and its first call', ms(theirs))
    tell('  our first call of a process to it', ratio(median(cold) / theirs))
    tell('  our new script in a running pool to it', ratio(median(ofNew) / theirs))
  } finally {
    await pool.close()
  }
}

function tellSpread(what: string, { p50, p99 }: Spread, targetMs?: number): void {
  const figure = `p50 ${us(p50)}, p99 ${us(p99)}`
  if (targetMs === undefined) tell(what, figure)
  else tell(what, figure, `≤ ${targetMs * 1_000} µs`, p50 <= targetMs)
}
