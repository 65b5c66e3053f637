// Metering changes when code stops, and nothing else: the same modules before and after, with the same answers.
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import packaged from '@jitl/quickjs-wasmfile-release-sync'
import {
  newQuickJSWASMModuleFromVariant,
  newVariant,
  type QuickJSSyncVariant,
  type QuickJSWASMModule,
} from 'quickjs-emscripten-core'
import { describe, expect, it } from 'vitest'
import { type MeterOptions, meterModule } from '../../../../src/chassis/metering/meter-module.ts'
import { assemblyScript, PRIMES, runMetered, wat } from './rig.ts'

const MODES: Partial<MeterOptions>[] = [
  { charge: 'exact' },
  { charge: 'exact', callDepth: 1_000 },
  { charge: 'loops' },
  { charge: 'loops', callDepth: 1_000, memory: { maxPages: 100 }, tableElements: 1_000 },
]

/** Modules that export `f` (i32) → something, over everything that metering knows. */
const MODULES: Record<string, string> = {
  primes: PRIMES,
  'blocks, branches and results': `(func (export "f") (param i32) (result i32)
    (block $a (result i32) (block $b (result i32) (block $c
      (br_table $c $c $c (local.get 0))) (drop (br_if $a (i32.const 10) (i32.eq (local.get 0) (i32.const 3))))
      (if (result i32) (i32.gt_s (local.get 0) (i32.const 5))
        (then (br $a (i32.const 20))) (else (i32.const 30)))) (i32.add (i32.const 1))))`,
  'several results and parameters of blocks': `(type $swap (func (param i32 i32) (result i32 i32)))
    (func $swap (type $swap) (local.get 1) (local.get 0))
    (func (export "f") (param i32) (result i32)
      (local.get 0) (i32.const 3) (loop $l (type $swap) (call $swap)) (block (type $swap) (call $swap)) i32.sub)`,
  'imported functions between its own': `(import "host" "twice" (func $twice (param i32) (result i32)))
    (func $own (param i32) (result i32) (call $twice (i32.add (local.get 0) (i32.const 1))))
    (export "own" (func $own)) (export "twice" (func $twice))
    (func (export "f") (param i32) (result i32) (i32.sub (call $own (local.get 0)) (call $twice (local.get 0))))`,
  'references to functions in globals, tables and code': `(type $t (func (param i32) (result i32)))
    (import "host" "twice" (func $twice (type $t)))
    (table $a 8 funcref) (table $b 2 4 funcref)
    (global $g (mut funcref) (ref.func $inc)) (global $n funcref (ref.null func))
    (elem (table $a) (i32.const 0) func $inc $dec)
    (elem (table $a) (i32.const 2) funcref (ref.func $twice) (ref.null func) (ref.func $dec))
    (elem $passive func $dec $inc) (elem $typed funcref (ref.func $twice) (ref.func $inc)) (elem declare func $loose)
    (func $inc (type $t) (i32.add (local.get 0) (i32.const 1)))
    (func $dec (type $t) (i32.sub (local.get 0) (i32.const 1)))
    (func $loose (type $t) (i32.mul (local.get 0) (i32.const 7)))
    (func (export "f") (param i32) (result i32)
      (table.init $a $passive (i32.const 5) (i32.const 0) (i32.const 2))
      (if (i32.eq (local.get 0) (i32.const 100)) (then (elem.drop $passive)))
      (table.init $b $typed (i32.const 0) (i32.const 0) (i32.const 2))
      (table.set $a (i32.const 3) (ref.func $loose))
      (table.copy $a $b (i32.const 7) (i32.const 0) (i32.const 1))
      (drop (table.grow $b (global.get $g) (i32.const 2)))
      (table.fill $b (i32.const 3) (table.get $a (i32.const 1)) (i32.const 1))
      (if (result i32) (ref.is_null (global.get $n)) (then
        (call_indirect $b (type $t) (call_indirect $a (type $t) (call_indirect $a (type $t) (call_indirect $a (type $t)
          (local.get 0) (i32.const 2)) (i32.const 3)) (i32.const 7)) (i32.const 3)))
        (else (table.size $a))))`,
  'memory and data': `(memory 1 3) (data (i32.const 8) "hello world") (data $late "later")
    (func (export "f") (param i32) (result i32) (local i64)
      (memory.init $late (i32.const 40) (i32.const 1) (i32.const 3))
      (if (i32.eq (local.get 0) (i32.const 100)) (then (data.drop $late)))
      (memory.copy (i32.const 100) (i32.const 8) (i32.const 11))
      (memory.fill (i32.const 104) (local.get 0) (i32.const 3))
      (i64.store offset=200 align=1 (i32.const 1) (i64.extend_i32_s (memory.grow (i32.const 1))))
      (i32.store8 (i32.const 300) (i32.load16_s (i32.const 41)))
      (local.set 1 (i64.add (i64.load (i32.const 102)) (i64.load offset=3 (i32.const 198))))
      (i32.add (memory.size) (i32.wrap_i64 (i64.rotl (local.get 1) (i64.const -9223372036854775808)))))`,
  numbers: `(func (export "f") (param i32) (result f64) (f64.add
      (f64.promote_f32 (f32.mul (f32.const 1.5) (f32.convert_i32_s (local.get 0))))
      (f64.convert_i64_u (i64.extend8_s (i64.trunc_sat_f64_s (f64.const 1e300))))))`,
  SIMD: `(memory 1) (func (export "f") (param i32) (result i32) (local v128)
      (local.set 1 (i8x16.shuffle 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 31
        (i32x4.splat (local.get 0)) (v128.const i32x4 1 2 3 4)))
      (v128.store offset=16 (i32.const 0) (i16x8.mul (local.get 1) (i16x8.replace_lane 3 (local.get 1) (i32.const 9))))
      (v128.store32_lane offset=4 2 (i32.const 0) (v128.load8_lane 5 (i32.const 17) (local.get 1)))
      (i32.add (i32x4.extract_lane 2 (v128.load32_zero (i32.const 4)))
        (i32.add (i8x16.bitmask (v128.load (i32.const 16))) (i32.load (i32.const 4)))))`,
  'tail calls': `(type $t (func (param i32 i32) (result i32))) (table 2 funcref) (elem (i32.const 0) $sum $sum)
    (func $sum (type $t) (if (i32.eqz (local.get 0)) (then (return (local.get 1))))
      (return_call_indirect (type $t) (i32.sub (local.get 0) (i32.const 1)) (i32.add (local.get 0) (local.get 1))
        (i32.and (local.get 0) (i32.const 1))))
    (func (export "f") (param i32) (result i32) (return_call $sum (local.get 0) (i32.const 0)))`,
  'select, drop, dead code': `(func (export "f") (param i32) (result i32)
      (drop (select (result funcref) (ref.null func) (ref.null func) (local.get 0)))
      (block $b (result i32) (select (i32.const 4) (i32.const 5) (local.get 0)) (br $b) (i32.add) (drop)
        (loop (br 0)) (memory.fill) (call_indirect (result i32) (i32.const 0)) unreachable))
    (memory 1) (table 1 funcref)`,
  traps: `(memory 1) (func (export "f") (param i32) (result i32)
      (i32.div_s (i32.const 100) (i32.add (i32.load (i32.mul (local.get 0) (i32.const 9000))) (local.get 0))))`,
}

/** The package's types describe its CommonJS half; an `import` gets the variant itself. */
const variant = packaged as unknown as QuickJSSyncVariant
const imports = { host: { twice: (n: number) => n * 2 } }
const ARGUMENTS = [0, 1, 2, 3, 6, 7, 8, 100]

/** What `f` answers to each argument in one instance, or the trap that it ends in. */
function answersOf(call: (argument: number) => unknown): unknown[] {
  return ARGUMENTS.map((argument) => {
    try {
      return call(argument)
    } catch (error) {
      return error instanceof WebAssembly.RuntimeError ? error.message : error
    }
  })
}

describe.each(MODES)('with %o', (mode) => {
  it.each(Object.entries(MODULES))('%s: the same answers', (_name, text) => {
    const bytes = wat(text)
    const plain = new WebAssembly.Instance(new WebAssembly.Module(bytes), imports)
    const f = plain.exports.f as (argument: number) => unknown

    const metered = runMetered(bytes, { ...mode, imports })

    expect(answersOf((argument) => metered.call('f', argument))).toEqual(answersOf(f))
  })
})

describe('real compilers', () => {
  it('AssemblyScript: the same answers of strings, sorting, recursion and memory that grows', {
    timeout: 120_000,
  }, async () => {
    const bytes = await assemblyScript(`
      const greeting: string[] = ['hello', 'world']
      function fib(n: i32): i32 { return n < 2 ? n : fib(n - 1) + fib(n - 2) }
      export function f(n: i32): f64 {
        const list: string[] = greeting.slice(0)
        for (let i = 0; i < n * 20; i++) list.push((i * 7919 % 101).toString())
        list.sort()
        const large = new Uint32Array(n * 2000)
        for (let i = 0; i < large.length; i++) large[i] = i * i
        return <f64>list.join('-').length + <f64>fib(n % 16) + Math.sqrt(large.length > 0 ? large[large.length - 1] : 0)
      }`)
    const plain = new WebAssembly.Instance(new WebAssembly.Module(bytes))
    const f = plain.exports.f as (argument: number) => unknown
    const expected = answersOf(f)

    for (const mode of MODES) {
      const metered = runMetered(bytes, { ...mode, fuel: 1_000_000_000, slice: 1_000_000 })
      if (metered.exports.__start !== undefined) metered.call('__start')

      expect(answersOf((argument) => metered.call('f', argument))).toEqual(expected)
    }
  })

  it('QuickJS: the same answers of scripts, and native loops without end stop', { timeout: 60_000 }, async () => {
    const file = createRequire(import.meta.url).resolve('@jitl/quickjs-wasmfile-release-sync/wasm')
    const bytes = new Uint8Array(await readFile(file))
    const metered = meterModule(bytes, { charge: 'loops', importedMemory: true }).bytes
    const scripts = [
      'let x = 0; for (let i = 0; i < 20000; i++) x = (x * 31 + i) & 0xffff; x',
      'JSON.stringify(JSON.parse(JSON.stringify([...Array(300)].map((_, i) => ({ i, s: String(i).repeat(3) })))))',
      '[3, 1, 2].sort((a, b) => a - b).join() + /(a+)+b/.test("a".repeat(12)) + new Date(0).toISOString()',
      'function deep(n) { return n ? deep(n - 1) + 1 : 0 }; deep(150)',
      '(10n ** 60n).toString() + Math.sin(1) + [..."𝒳y"].length + new Map([[1, 2]]).get(1)',
      'null.x',
    ]

    const plainQuickJs = await quickJs(bytes)
    const quickJsMetered = await quickJs(metered)
    const endless = await quickJs(metered, 50)

    for (const script of scripts) expect(evaluate(quickJsMetered, script)).toEqual(evaluate(plainQuickJs, script))
    expect(() => evaluate(endless, '[].indexOf.call({ length: 2 ** 53 - 1 }, 1)')).toThrow('used up')
  })
})

/** QuickJS in an instance of its own; `slices` of a million units, then an end. */
async function quickJs(bytes: Uint8Array, slices = 10_000): Promise<QuickJSWASMModule> {
  const module = new WebAssembly.Module(bytes)
  let left = slices
  const instantiateWasm = (
    imports: WebAssembly.Imports,
    ready: (instance: WebAssembly.Instance, module: WebAssembly.Module) => void,
  ): WebAssembly.Exports => {
    const tick = (): void => {
      if (left-- === 0) throw new Error('used up')
      counter.value = 1_000_000n
    }
    const instance = new WebAssembly.Instance(module, { ...imports, 'infrafabric:meter': { tick } })
    const counter = instance.exports.__fuel as WebAssembly.Global<bigint>
    ready(instance, module)
    return instance.exports
  }
  return newQuickJSWASMModuleFromVariant(newVariant(variant, { emscriptenModule: { instantiateWasm } as never }))
}

function evaluate(quickJs: QuickJSWASMModule, script: string): unknown {
  const context = quickJs.newContext()
  const result = context.evalCode(script)
  const answer = result.error ? { thrown: context.dump(result.error) } : { value: context.dump(result.value) }
  result.dispose()
  context.dispose()
  return answer
}
