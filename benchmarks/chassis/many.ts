// A thousand TypeScript modules in one process: what they take when they are loaded, and when each has been called.
import { generateKeyPairSync } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { transform } from 'esbuild'
import { rawPublicKey } from '../../src/adapter/index.ts'
import { loadModule } from '../../src/chassis/index.ts'
import { meterModule } from '../../src/chassis/metering/meter-module.ts'
import { sealModule } from '../../src/chassis/module/module-file.ts'
import { serviceContractSchema } from '../../src/chassis/module/service-contract.ts'
import { median, ms, msOf, ratio, residentBytes, spreadOf, tell, timesOf } from './figures.ts'
import { binary, INPUT, openPool } from './modules.ts'

const MODULES = 1_000
const KB = 1_024
const MB = 1_024 * KB

/** Loaded from files of about 10 KB, as a small adapter with a package or two has. */
export async function benchMany(): Promise<void> {
  const { code: template } = await transform(await readFile('templates/chassis/ts/agent/agent.ts', 'utf8'), {
    loader: 'ts',
  })
  const script = `${template.replaceAll(/^import .*$/gm, '')}\nexport const plan = (input) => [input, ${JSON.stringify('x'.repeat(8 * KB))}.length]`
  console.log(`${MODULES} TypeScript modules of ${Math.round(script.length / KB)} KB`)
  const { privateKey } = generateKeyPairSync('ed25519')
  const key = privateKey.export({ format: 'pem', type: 'pkcs8' }).toString()
  const trustedKeys = [{ name: 'bench', algorithm: 'ed25519' as const, publicKey: rawPublicKey(privateKey) }]
  const files = Array.from({ length: MODULES }, (_, n) => {
    const facts = {
      contract: serviceContractSchema.parse({
        swarm_id: `m${n}`,
        version: '1.0.0',
        resource_requirements: { max_cpu_percent: 400 },
      }),
      description: { kind: 'agent', id: `module-${n}`, name: `m${n}`, version: '1.0.0' },
    }
    return sealModule({ kind: 'script', script: `${script}\n// ${n}` }, facts, key)
  })
  const pool = await openPool()
  try {
    const before = residentBytes()
    const startedAt = performance.now()
    const modules = files.map((bytes) => loadModule(bytes, { file: 'bench', trustedKeys }))
    tell('loading one: signature, contract, description', ms((performance.now() - startedAt) / MODULES))
    const loaded = residentBytes()
    tell(
      'resident memory of a loaded one',
      `${((loaded - before) / MODULES / MB).toFixed(3)} MB`,
      '≤ 2 MB',
      loaded - before <= 2 * MB * MODULES,
    )
    const run = async (n: number) => {
      const module = modules[n % MODULES]
      if (module) await pool.run({ module, export: 'plan', input: INPUT })
    }
    await run(0)
    const started = residentBytes()
    const first = spreadOf(await timesOf(MODULES, 0, run))
    const after = residentBytes()
    const kept = pool.resources().reduce((sum, { instances }) => sum + instances, 0)
    const grown = after - started
    tell('  the first call of each, one after the other', `p50 ${ms(first.p50)}, p99 ${ms(first.p99)}`)
    tell(
      'resident memory of one that has run',
      `${((after - before) / MODULES / MB).toFixed(2)} MB`,
      '≤ 2 MB',
      after - before <= 2 * MB * MODULES,
    )
    tell(`  instances kept: ${kept}; of each`, `${(grown / Math.max(1, kept) / MB).toFixed(2)} MB`)
    const again = spreadOf(await timesOf(MODULES, 0, run))
    tell('  the second call of each', `p50 ${ms(again.p50)}, p99 ${ms(again.p99)}`)
    tell('resident memory after that', `${((residentBytes() - before) / MODULES / MB).toFixed(2)} MB a module`)
  } finally {
    await pool.close()
  }
}

const SIEVE = `(module (memory (export "memory") 16) (func (export "f") (param $n i32) (result i32)
  (local $i i32) (local $j i32) (local $found i32)
  (memory.fill (i32.const 0) (i32.const 0) (local.get $n))
  (local.set $i (i32.const 2))
  (loop $next
    (if (i32.eqz (i32.load8_u (local.get $i))) (then
      (local.set $found (i32.add (local.get $found) (i32.const 1)))
      (local.set $j (i32.mul (local.get $i) (local.get $i)))
      (block $done (loop $mark
        (br_if $done (i32.ge_u (local.get $j) (local.get $n)))
        (i32.store8 (local.get $j) (i32.const 1))
        (local.set $j (i32.add (local.get $j) (local.get $i)))
        (br $mark)))))
    (local.set $i (i32.add (local.get $i) (i32.const 1)))
    (br_if $next (i32.lt_u (i32.mul (local.get $i) (local.get $i)) (local.get $n))))
  (local.get $found)))`

/** What metering costs code that does nothing but small loops. */
export async function benchMetering(): Promise<void> {
  console.log('what metering costs a sieve of a million, compiled')
  const plain = binary(SIEVE)
  const timeOf = async (bytes: Uint8Array) => {
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes), {
      'infrafabric:meter': { tick: () => undefined },
    })
    const { __fuel: fuel, f } = exports
    const times = await timesOf(15, 5, async () => {
      if (fuel instanceof WebAssembly.Global) fuel.value = 1_000_000_000_000n
      ;(f as (n: number) => number)(1_000_000)
    })
    return median(times)
  }
  const bare = await timeOf(plain)
  for (const charge of ['exact', 'loops'] as const) {
    const metered = meterModule(plain, { charge }).bytes
    tell(`charge: ${charge}`, `${ms(await timeOf(metered))}, ${ratio((await timeOf(metered)) / bare)}`)
  }
  tell('metering itself', ms(median(await timesOf(20, 5, async () => void meterModule(plain, { charge: 'exact' })))))
  const engine = await readFile('dist/worker/quickjs-metered.wasm').catch(() => undefined)
  if (engine)
    tell('compiling the engine of scripts, metered by the build', ms(await msOf(() => WebAssembly.compile(engine))))
}
