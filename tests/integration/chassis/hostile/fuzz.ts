// Mutants of modules, loaded and, where they load, run through the pool with small limits. Whatever they are: refused with
// the codes of modules, stopped by a limit, failed or answered; nothing else is thrown, nothing hangs, the process lives.
import { ok } from 'node:assert/strict'
import { createPrivateKey, type KeyObject, sign } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { rawPublicKey } from '../../../../src/adapter/index.ts'
import { quickJsModule } from '../../../../src/chassis/guest/quickjs-module.ts'
import { meterModule } from '../../../../src/chassis/metering/meter-module.ts'
import { loadModule } from '../../../../src/chassis/module/load-module.ts'
import type { LoadedModule } from '../../../../src/chassis/module/loaded-module.ts'
import { customSection, readSections } from '../../../../src/chassis/module/sections.ts'
import { openChassis } from '../../../../src/chassis/pool/open-chassis.ts'
import type { Chassis, GuestHost } from '../../../../src/chassis/port.ts'
import { canonicalJson, isFabricError, sha256Hex, silentLogger, systemClock } from '../../../../src/foundation/index.ts'
import { type Chance, seededChance } from '../../../support/chance.ts'
import { guestModule } from '../../../support/guest-module.ts'
import { PARCEL, PARCEL_PLANS, sealedAdapter, sealedAgent } from '../../../support/module-files.ts'
import { signingKey } from '../../../support/signing-key.ts'
import { assemblyScript, PRIMES, wat } from '../../../unit/chassis/metering/rig.ts'
import { answerText, coreModule, coreText, type Requirements } from './core-module.ts'
import { mutated, mutatedText } from './mutations.ts'
import { askNeighbours } from './neighbours.ts'

export interface FuzzOptions {
  seed: number
  cases: number
  workerFile?: string
}

export interface FuzzReport {
  /** How the mutants ended, and how many did. */
  ends: Record<string, number>
  slowestMs: number
}

const LIMITS: Requirements = {
  max_memory_mb: 4,
  max_fuel: 200_000,
  max_execution_time_seconds: 1,
  max_output_kb: 4,
  max_call_depth: 100,
  max_table_elements: 100,
  max_host_calls: 5,
  max_api_calls_per_second: 10_000,
  max_cpu_percent: 400,
}
/** A multiple of their limits, for a machine that has others to serve. */
const HANGS_AFTER_MS = 30_000
const LOOK_EVERY = 500
const OF_QUICKJS = 0.001
/** What a load may end with, and what a run may. */
const REFUSALS = /^IF_ERR_(MODULE_INVALID|MODULE_UNTRUSTED|MANIFEST_UNTRUSTED)$/
const FAILURES = /^IF_ERR_MODULE_(FAILED|LIMIT)$/

const HOST: GuestHost = {
  call: async (intent) => ({ intent }),
  kv: { get: async () => '1', set: async () => undefined, delete: async () => undefined, list: async () => ['k'] },
  log: () => undefined,
}

const SCRIPT = `import { call, kv, log, now, random } from 'infrafabric:host'
const kept = new Map(), text = [1, 2, 3].join('-')
export const describe = () => ({ kind: 'agent', id: 'echo', name: text, version: '1.0.0' })
export const execute = async (input) => {
  for (let i = 0; i < 3; i++) { kept.set(i, { i, text: text.replace(/(\\d)-/g, '$1') }); log('info', i, now(), random()) }
  const { intent } = await call({ input, when: Date.now() })
  try { await kv.set('k', [...kept.values()]) } catch (error) { throw new TypeError(error.message, { cause: intent }) }
  return JSON.parse(JSON.stringify({ intent, all: new Uint8Array(8).map((_, at) => at * 2) }))
}`

type Make = (chance: Chance) => LoadedModule

/** Fuzzes with a pool of its own; throws with the number of the case where something else happens. */
export async function fuzzModules({ seed, cases, workerFile }: FuzzOptions): Promise<FuzzReport> {
  const pool = await openChassis({
    clock: systemClock,
    logger: silentLogger,
    quickJs: quickJsModule,
    workers: 2,
    ...(workerFile === undefined ? {} : { workerFile }),
  })
  const report: FuzzReport = { ends: {}, slowestMs: 0 }
  try {
    const makers = await makersOf()
    await askNeighbours(pool, 0)
    for (let at = 0; at < cases; at++) {
      const startedAt = performance.now()
      const chance = seededChance(seed * 1_000_003 + at)
      const maker = chance.next() < OF_QUICKJS ? makers.quickJs : chance.pick(makers.usual)
      const end = await endOf(pool, maker, chance).catch((thrown: unknown) => {
        throw new Error(`seed ${seed}, case ${at}: ${thrown instanceof Error ? thrown.stack : String(thrown)}`)
      })
      report.ends[end] = (report.ends[end] ?? 0) + 1
      report.slowestMs = Math.max(report.slowestMs, performance.now() - startedAt)
      if (at % LOOK_EVERY === 0) await askNeighbours(pool, at)
    }
    await askNeighbours(pool, cases)
    return report
  } finally {
    await pool.close()
  }
}

async function endOf(pool: Chassis, make: Make, chance: Chance): Promise<string> {
  let module: LoadedModule
  try {
    module = make(chance)
  } catch (thrown) {
    return codeOf(thrown, REFUSALS)
  }
  // Each mutant is a module of its own, with small limits whatever it says.
  const bounded = { ...module, contract: guestModule('mutant', '', LIMITS).contract }
  const asked = chance.pick(['execute', 'execute', 'execute', 'execute', 'describe', 'plan'])
  try {
    await endsInTime(pool.run({ module: bounded, export: asked, input: { n: 12 }, host: HOST }))
    return 'answered'
  } catch (thrown) {
    return codeOf(thrown, FAILURES)
  } finally {
    pool.forget(module.digest)
  }
}

function codeOf(thrown: unknown, expected: RegExp): string {
  if (!isFabricError(thrown) || !expected.test(thrown.code)) throw thrown
  // A worker that died took its neighbours along: no guest may do that.
  ok(!thrown.message.includes('the worker that ran it ended'), thrown.message)
  const { limit } = thrown.details
  return limit === undefined ? thrown.code : `${thrown.code} ${limit}`
}

async function endsInTime<T>(run: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const hangs = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('it hangs')), HANGS_AFTER_MS)
  })
  try {
    return await Promise.race([run, hangs])
  } finally {
    clearTimeout(timer)
  }
}

async function makersOf(): Promise<{ usual: [Make, ...Make[]]; quickJs: Make }> {
  const key = signingKey()
  const pem = createPrivateKey(key.pem)
  const trustedKeys = [key.trusted]
  const binary = new Uint8Array(
    await readFile(createRequire(import.meta.url).resolve('@jitl/quickjs-wasmfile-release-sync/wasm')),
  )
  const cores = await coreSeeds()
  const files = [
    sealedAgent(key, { script: SCRIPT }),
    sealedAgent(key, { code: { kind: 'wasm', wasm: wat(coreText('(call $answer (local.get 0) (local.get 1))')) } }),
    sealedAdapter(key),
    sealedAdapter(key, { description: PARCEL, examples: PARCEL_PLANS }),
  ] as const
  const core = (chance: Chance) => coreModule('mutant', mutated(chance.pick(cores), chance), LIMITS)
  const script = (chance: Chance) => guestModule('mutant', mutatedText(SCRIPT, chance), LIMITS)
  const load = (bytes: Uint8Array) => loadModule(bytes, { file: 'mutant.ifwasm', trustedKeys })
  return {
    usual: [
      core,
      core,
      core,
      core,
      core,
      script,
      // As it comes, and signed again, so that the mutation lies behind the signature.
      (chance) => load(mutated(chance.pick(files), chance)),
      (chance) => load(signedAgain(mutated(unsigned(chance.pick(files)), chance), pem)),
      (chance) => load(signedAgain(mutatedPart(chance.pick(files), chance), pem)),
    ],
    quickJs: (chance) => coreModule('mutant', mutated(binary, chance), LIMITS),
  }
}

/** From text, from AssemblyScript, and metered already, as if the host had done it. */
async function coreSeeds(): Promise<[Uint8Array, ...Uint8Array[]]> {
  const pending = answerText('{"pending":{"call":{"n":1}},"state":[1]}')
  const echo = wat(coreText('(call $answer (local.get 0) (local.get 1))'))
  const busy = wat(
    coreText(
      `(local $n i32) (call $log (i32.const 1) (i32.const 0) (i32.const 9)) (call $random (i32.const 64) (i32.const 32))
       (memory.fill (i32.const 128) (local.get 1) (i32.const 64)) (memory.copy (i32.const 256) (i32.const 128) (i32.const 64))
       (drop (memory.grow (i32.const 1))) (drop (table.grow $t (ref.null func) (i32.const 2)))
       (table.set $t (i32.const 1) (ref.func $twice))
       (drop (call_indirect $t (param i32) (result i32) (local.get 1) (i32.const 1)))
       (global.set $g (f64.add (global.get $g) (call $now)))
       (block $out (loop $again (br_table $out $again $out (i32.sub (local.get 1) (i32.const 9)))))
       (loop $down (local.set $n (i32.sub (local.get $n) (i32.const 3))) (br_if $down (i32.gt_s (local.get $n) (i32.const 7))))
       (loop $up (local.set $n (i32.add (local.get $n) (i32.const 1))) (br_if $up (i32.ne (local.get $n) (i32.const 50))))
       (if (result i64) (local.get 1) (then (call $answer (local.get 0) (local.get 1))) (else (i64.const 0)))`,
      {
        imports: `(import "infrafabric" "now" (func $now (result f64)))
          (import "infrafabric" "random" (func $random (param i32 i32)))`,
        rest: `(table $t 2 8 funcref) (elem declare func $twice) (global $g (mut f64) (f64.const 0)) (start $begin)
          (func $begin (global.set $g (f64.const 1))) (data $d "some data")
          (func $twice (param i32) (result i32) (local $v v128) (i32.mul (local.get 0) (i32.const 2)))`,
      },
    ),
  )
  // Little but loops that end, each by a number that a mutant may have another of.
  const loops = wat(
    coreText(
      `(local $n i32) ${[3, 7, 11, 13, 17, 19]
        .map(
          (end, at) => `(loop $l${at} (local.set $n (i32.add (local.get $n) (i32.const ${end})))
            (br_if $l${at} (i32.lt_s (i32.rem_u (local.get $n) (i32.const ${end + 2})) (i32.const ${end - 2}))))`,
        )
        .join('')} (call $answer (local.get 0) (local.get 1))`,
    ),
  )
  const waits = wat(coreText(pending.code, { rest: `${pending.rest} ${PRIMES}` }))
  const compiled = await assemblyScript(
    `export function alloc(length: i32): usize { return heap.alloc(length) }
     function told(text: string): i64 { const b = String.UTF8.encode(text); return (changetype<usize>(b) as i64) << 32 | (b.byteLength as i64) }
     export function describe(at: usize, length: i32): i64 { return told('{"kind":"agent"}') }
     export function execute(at: usize, length: i32): i64 {
       const asked = String.UTF8.decodeUnsafe(at, length)
       const seen = new Map<string, i32>(); const all = new Array<string>()
       for (let i = 0; i < asked.length; i++) { const c = asked.charAt(i); seen.set(c, (seen.has(c) ? seen.get(c) : 0) + 1); all.push(c) }
       all.sort((a, b) => a < b ? -1 : a > b ? 1 : 0)
       return told('[' + seen.size.toString() + ',' + all.length.toString() + ']')
     }`,
  )
  const metered = meterModule(echo, { charge: 'exact', callDepth: 50, memory: { maxPages: 64 } }).bytes
  return [echo, busy, busy, loops, loops, loops, waits, compiled, compiled, metered]
}

/** What a signature is over. */
function unsigned(file: Uint8Array): Uint8Array {
  return file.subarray(0, readSections(file, 'seed').at(-1)?.start)
}

function signedAgain(bytes: Uint8Array, pem: KeyObject): Buffer {
  const sig = sign(null, Buffer.from(sha256Hex(bytes), 'hex'), pem).toString('base64')
  const signature = canonicalJson({ algorithm: 'ed25519', pubkey: rawPublicKey(pem), sig })
  return Buffer.concat([bytes, customSection('infrafabric.signature', signature)])
}

/** One part's text changed, all sizes right. */
function mutatedPart(file: Uint8Array, chance: Chance): Buffer {
  const sections = readSections(file, 'seed').slice(0, -1)
  const chosen = chance.between(0, sections.length - 1)
  return Buffer.concat([
    file.subarray(0, 8),
    ...sections.map(({ name, start, contentStart, end }, at) => {
      if (at !== chosen || name === undefined) return file.subarray(start, end)
      return customSection(name, mutatedText(Buffer.from(file.subarray(contentStart, end)).toString('utf8'), chance))
    }),
  ])
}
