// Binaries that a fuzzer made of real ones. Whatever it makes is refused with a code and an offset inside of the file, or
// metered into a module that V8 takes exactly where it takes the original, that ends, and that answers the same.
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type MeterOptions, meterModule } from '../../../../src/chassis/metering/meter-module.ts'
import { FuelUsedUp, PRIMES, refusalOf, runMetered, wat } from './rig.ts'

const SEEDS = [
  wat(PRIMES),
  wat(`(import "host" "twice" (func $twice (param i32) (result i32))) (memory (export "m") 1 3) (table $t 4 9 funcref)
    (global $g (mut i32) (i32.const 5)) (global $r funcref (ref.func $twice))
    (elem (i32.const 1) $twice $f) (elem $p funcref (ref.func $f) (ref.null func)) (elem declare func $f)
    (data (i32.const 4) "abcdef") (data $d "ghi") (start $s) (func $s (global.set $g (i32.const 6)))
    (func $f (export "f") (param i32) (result i32) (local i64 f64 v128)
      (block $b (loop $l (local.set 0 (i32.sub (local.get 0) (i32.const 1)))
        (br_table $b $l $b (i32.gt_s (local.get 0) (i32.const 0)))))
      (memory.fill (i32.const 9) (local.get 0) (i32.const 20)) (table.set $t (i32.const 0) (ref.func $f))
      (memory.init $d (i32.const 0) (i32.const 0) (i32.const 2)) (local.set 3 (v128.const i32x4 1 2 3 4))
      (drop (table.grow $t (ref.null func) (i32.const 1))) (table.init $t $p (i32.const 2) (i32.const 0) (i32.const 2))
      (if (result i32) (i32.eqz (local.get 0)) (then (call_indirect (param i32) (result i32) (i32.const 3) (i32.const 1)))
        (else (i32.add (global.get $g) (memory.grow (i32.const 1))))))`),
  wat(`(type $p (func (param i32 i32) (result i32 i32))) (memory 1) (export "f" (func $f))
    (func $f (param i32) (result i32) (local.get 0) (i32.const 2) (block (type $p) (call $swap)) (drop)
      (i32.store8 offset=3 (i32.const 1) (i32.const 255)) (i64.load32_u align=1 (i32.const 0)) i32.wrap_i64 i32.add)
    (func $swap (type $p) (if (i32.lt_u (local.get 0) (local.get 1)) (then (return (local.get 1) (local.get 0))))
      (return_call $swap (i32.shr_u (local.get 0) (i32.const 1)) (local.get 1)))`),
]

/** More of them: `IFAB_MUTANTS=100000 npx vitest run tests/unit/chassis/metering/mutated.test.ts`. */
const MUTANTS = Number(process.env.IFAB_MUTANTS ?? 5_000)
const TIMEOUT_MS = 60_000 + 20 * MUTANTS

type Edit = { how: 'set' | 'flip' | 'insert' | 'remove' | 'cut' | 'repeat'; at: number; value: number }

const edit: fc.Arbitrary<Edit> = fc.record({
  how: fc.constantFrom('set', 'set', 'set', 'flip', 'flip', 'insert', 'remove', 'cut', 'repeat'),
  at: fc.nat(100_000),
  // Small numbers, and bytes that mean much: opcodes of blocks, prefixes, all ones, the bit that continues a number.
  value: fc.oneof(fc.nat(255), fc.nat(4), fc.constantFrom(0x0b, 0x02, 0x03, 0x40, 0x7f, 0x80, 0xfc, 0xfd, 0xff)),
})

function change(bytes: Uint8Array, { how, at, value }: Edit): Uint8Array {
  const place = at % Math.max(bytes.length, 1)
  const before = [...bytes.subarray(0, place)]
  const after = [...bytes.subarray(place + 1)]
  const here = bytes[place] ?? 0
  switch (how) {
    case 'set':
      return Uint8Array.from([...before, value, ...after])
    case 'flip':
      return Uint8Array.from([...before, here ^ (1 << (value % 8)), ...after])
    case 'insert':
      return Uint8Array.from([...before, value, here, ...after])
    case 'remove':
      return Uint8Array.from([...before, ...after])
    case 'cut':
      return place % 10 === 0 ? Uint8Array.from(before) : bytes
    case 'repeat':
      return Uint8Array.from([...before, here, ...bytes.subarray(place, place + (value % 16)), ...after])
  }
}

const mutant = fc
  .tuple(fc.constantFrom(...SEEDS), fc.array(edit, { minLength: 1, maxLength: 4 }))
  .map(([seed, edits]) => edits.reduce(change, seed))
const options: fc.Arbitrary<MeterOptions> = fc.record(
  {
    charge: fc.constantFrom('exact' as const, 'loops' as const),
    callDepth: fc.constant(50),
    importedMemory: fc.constant(true as const),
  },
  { requiredKeys: ['charge'] },
)

/** What can be seen of a run: the answer, or the trap, or that it did not end. */
function outcomeOf(run: () => unknown): unknown {
  try {
    return run()
  } catch (error) {
    if (error instanceof FuelUsedUp) return FuelUsedUp
    if (error instanceof RangeError) return 'stack overflow'
    return error instanceof Error ? error.constructor.name : error
  }
}

const imports = { host: { twice: (n: number) => n * 2 } }

describe('mutated binaries', () => {
  it(
    'are refused, or valid exactly where the original is',
    () => {
      fc.assert(
        fc.property(mutant, options, (bytes, metering) => {
          const refusal = refusalOf(bytes, metering)

          if (refusal !== undefined) {
            expect(refusal.offset).toBeGreaterThanOrEqual(0)
            expect(refusal.offset).toBeLessThanOrEqual(bytes.length)
            return
          }
          expect(WebAssembly.validate(meterModule(bytes, metering).bytes)).toBe(WebAssembly.validate(bytes))
        }),
        { numRuns: MUTANTS },
      )
    },
    TIMEOUT_MS,
  )

  it(
    'end, and where they end by themselves the original does the same',
    () => {
      fc.assert(
        fc.property(mutant, fc.nat(20), (bytes, argument) => {
          if (refusalOf(bytes, { callDepth: 50 }) !== undefined || !WebAssembly.validate(bytes)) return
          let depth = 50
          const metered = outcomeOf(() => {
            const running = runMetered(bytes, { callDepth: 50, fuel: 20_000, imports })
            try {
              if (running.exports.__start !== undefined) running.call('__start')
              return running.call('f', argument)
            } finally {
              depth = running.depth()
            }
          })
          if (metered === FuelUsedUp || depth < 0) return

          const plain = outcomeOf(() => {
            const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes), imports)
            return (exports.f as (argument: number) => unknown)(argument)
          })

          const hasEnded = typeof metered !== 'string'
          expect(depth === 50 || !hasEnded).toBe(true)
          expect(plain).toEqual(metered)
        }),
        { numRuns: MUTANTS / 5 },
      )
    },
    TIMEOUT_MS,
  )

  it(
    'of QuickJS are refused, or valid exactly where the original is',
    async () => {
      const file = createRequire(import.meta.url).resolve('@jitl/quickjs-wasmfile-release-sync/wasm')
      const bytes = new Uint8Array(await readFile(file))

      fc.assert(
        fc.property(fc.nat(bytes.length - 1), fc.nat(255), (at, value) => {
          const mutated = bytes.slice()
          mutated[at] = value
          if (refusalOf(mutated, { charge: 'loops', importedMemory: true }) !== undefined) return
          const { bytes: metered } = meterModule(mutated, { charge: 'loops', importedMemory: true })

          expect(WebAssembly.validate(metered)).toBe(WebAssembly.validate(mutated))
        }),
        { numRuns: 10 },
      )
    },
    TIMEOUT_MS,
  )
})
