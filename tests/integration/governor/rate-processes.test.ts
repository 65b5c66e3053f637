// One bucket for all processes of a home: what several of them take together was paid for in one record.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest'
import { systemClock } from '../../../src/foundation/index.ts'
import { openRateLimits, type RateLimits, type RateSubject } from '../../../src/governor/index.ts'
import type { RateRecord } from '../../../src/governor/rate-limit-record.ts'
import { openEmbeddedStore, type Store } from '../../../src/store/index.ts'
import { buildChild, type Child, type ChildProgram } from '../child-process.ts'

const STRIPE: RateSubject = { kind: 'instance', name: 'stripe' }

let program: ChildProgram
let folder: string
let store: Store
let limits: RateLimits
const children: Child[] = []

beforeAll(async () => {
  program = await buildChild(new URL('./rate-child.ts', import.meta.url))
})
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'ifab-rate-'))
  store = await openEmbeddedStore({ path: join(folder, 'fabric.db') })
  limits = await openRateLimits({ store, clock: systemClock })
})
afterEach(async () => {
  await Promise.all(children.splice(0).map((child) => child.kill()))
  await limits.close()
  await store.close()
  rmSync(folder, { recursive: true, force: true })
})
afterAll(() => program.remove())

async function start(args: { rps: number; burst: number; calls: number; lanes: number }): Promise<Child> {
  const child = program.start(join(folder, 'fabric.db'), ...Object.values(args).map(String))
  children.push(child)
  expect(await child.line()).toBe('ready')
  return child
}

async function outs(child: Child): Promise<number> {
  let count = 0
  for (let line = await child.line(); line === 'out'; line = await child.line()) count++
  return count
}

const paidAt = async () => (await store.get<RateRecord>('rate/instance/stripe'))?.value.paidAtMs ?? 0

/** Calls that may go out at once. */
async function takeAll(limit: { rps: number; burst: number }): Promise<number> {
  for (let count = 0; ; count++) {
    try {
      await limits.take(STRIPE, limit, { timeoutMs: 0 })
    } catch {
      return count
    }
  }
}

it('four processes at one bucket pay for each call, and all of them come through', async () => {
  const startedAt = Date.now()
  const args = { rps: 400, burst: 40, calls: 100, lanes: 8 }

  const started = await Promise.all([start(args), start(args), start(args), start(args)])
  const counts = await Promise.all(started.map(outs))
  const endedAt = Date.now()

  expect(counts).toEqual([100, 100, 100, 100])
  // 400 calls at 400 a second: all of them and no less; the last may go out 40 before it is paid for.
  expect((await paidAt()) - startedAt).toBeGreaterThanOrEqual(1_000 - 1)
  expect(endedAt - startedAt).toBeGreaterThanOrEqual(900 - 1)
}, 120_000)

it('what a killed process had taken ahead lapses: it is lost to the others, and never used twice', async () => {
  const limit = { rps: 0.001, burst: 80 }
  const child = await start({ ...limit, calls: 10, lanes: 1 })
  const used = await outs(child)
  await child.kill()

  const left = await takeAll(limit)

  expect(used).toBe(10)
  expect(left).toBeLessThanOrEqual(70)
  expect(left).toBeGreaterThanOrEqual(50)
})

it('a process that is killed while it waits holds up nobody for longer than its places last', async () => {
  const limit = { rps: 20, burst: 1 }
  const dead = await start({ ...limit, calls: 10, lanes: 10 })
  expect(await dead.line()).toBe('out')
  await dead.kill()

  const before = await paidAt()
  await limits.take(STRIPE, limit, { timeoutMs: 10_000 })

  // Ten places of 50 ms at most were in front of it.
  expect(before - Date.now()).toBeLessThanOrEqual(500)
  expect(await paidAt()).toBeGreaterThanOrEqual(before + 50 - 0.01)
})

it('a refusal that one process was told of holds up the others', async () => {
  const child = await start({ rps: 5, burst: 1, calls: 1_000, lanes: 2 })
  expect(await child.line()).toBe('out')

  await limits.told(STRIPE, { retryAfterMs: 3_600_000 })
  const said: (string | undefined)[] = []
  while (said.at(-1) !== 'done' && said.length < 500) said.push(await child.line())

  // Both of its waits would now take an hour, which is longer than they may.
  expect(said.slice(-3)).toEqual(['IF_ERR_RATE_LIMIT_EXCEEDED', 'IF_ERR_RATE_LIMIT_EXCEEDED', 'done'])
  expect(said.length).toBeLessThan(500)
})
