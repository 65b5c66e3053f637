// What a module could learn of time, chance and its machine while it plans, and what it uses: the same on every fresh
// instance, in every process.
import { afterAll, beforeAll, expect, it } from 'vitest'
import { sha256Hex } from '../../../src/foundation/index.ts'
import { buildWorkerFile, type WorkerFile } from '../../support/guest-worker.ts'
import { wat } from '../../unit/chassis/metering/rig.ts'
import { buildChild, type ChildProgram } from '../child-process.ts'

/** Answers with the clock and chance that it sees as digits, after work whose length depends on them. */
const PROBE = wat(`
  (import "infrafabric" "now" (func $now (result f64)))
  (import "infrafabric" "random" (func $random (param i32 i32)))
  (memory (export "memory") 1)
  (func (export "alloc") (param i32) (result i32) (i32.const 4096))
  (func (export "describe") (param i32 i32) (result i64) (i64.const 0))
  (func $digits (param $value i64) (param $at i32) (local $i i32)
    (loop $next
      (i32.store8 (i32.add (local.get $at) (local.get $i))
        (i32.add (i32.const 49) (i32.wrap_i64 (i64.rem_u (local.get $value) (i64.const 9)))))
      (local.set $value (i64.div_u (local.get $value) (i64.const 9)))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br_if $next (i32.lt_u (local.get $i) (i32.const 20)))))
  (func (export "plan") (param i32 i32) (result i64) (local $left i32)
    (call $random (i32.const 512) (i32.const 8))
    (local.set $left (i32.load16_u (i32.const 512)))
    (loop $work (local.set $left (i32.sub (local.get $left) (i32.const 1)))
      (br_if $work (i32.gt_s (local.get $left) (i32.const 0))))
    (drop (memory.grow (i32.and (i32.load8_u (i32.const 515)) (i32.const 3))))
    (i32.store8 (i32.const 1024) (i32.const 0x22))
    (call $digits (i64.load (i32.const 512)) (i32.const 1025))
    (call $digits (i64.trunc_f64_u (call $now)) (i32.const 1045))
    (i32.store8 (i32.const 1065) (i32.const 0x22))
    (i64.or (i64.shl (i64.const 1024) (i64.const 32)) (i64.const 42)))`)

let worker: WorkerFile
let child: ChildProgram
beforeAll(async () => {
  worker = await buildWorkerFile()
  child = await buildChild(new URL('./hostile/planning-child.ts', import.meta.url))
})
afterAll(async () => {
  child.remove()
  await worker.remove()
})

const plansOf = async (seed: string): Promise<string[]> =>
  child.start(worker.path, Buffer.from(PROBE).toString('base64'), sha256Hex(seed)).rest()

it('is the same answer for the same fuel in three runs and two processes, in both guests', async () => {
  const [one, other] = [await plansOf('seed'), await plansOf('seed')]

  expect(one).toHaveLength(6)
  expect(other).toEqual(one)
  expect(new Set(one).size).toBe(2)
  const [script] = one
  expect(JSON.parse(script ?? '')).toMatchObject({ output: { times: 1, passed: 0, date: '2000-01-01T00:00:00.000Z' } })
}, 60_000)

it('is another for another seed', async () => {
  const [one, other] = [await plansOf('seed'), await plansOf('another seed')]

  for (const [at, line] of one.entries()) expect(other[at]).not.toBe(line)
}, 60_000)
