// Service levels are of the home, not of a process: what several of them count stands in one record.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest'
import { systemClock } from '../../../src/foundation/index.ts'
import { openSlo, type Slo } from '../../../src/governor/index.ts'
import { openEmbeddedStore, type Store } from '../../../src/store/index.ts'
import { buildChild, type Child, type ChildProgram } from '../child-process.ts'

let program: ChildProgram
let folder: string
let store: Store
let slo: Slo
const children: Child[] = []

beforeAll(async () => {
  program = await buildChild(new URL('./slo-child.ts', import.meta.url))
})
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'ifab-slo-'))
  store = await openEmbeddedStore({ path: join(folder, 'fabric.db') })
  slo = openSlo({ store, clock: systemClock })
})
afterEach(async () => {
  await Promise.all(children.splice(0).map((child) => child.kill()))
  await slo.close()
  await store.close()
  rmSync(folder, { recursive: true, force: true })
})
afterAll(() => program.remove())

function start(calls: number): Child {
  const child = program.start(join(folder, 'fabric.db'), String(calls))
  children.push(child)
  return child
}

async function untilDone(child: Child): Promise<string[]> {
  const said: string[] = []
  for (let line = await child.line(); line !== undefined && line !== 'done'; line = await child.line()) said.push(line)
  return said
}

const calls = async () => (await slo.report('instance', 'stripe')).windows.map((window) => window.calls)

it('calls that three processes count at once are all there, and their alarm was told once', async () => {
  const said = (await Promise.all([start(150), start(150), start(150)].map(untilDone))).flat()

  expect(await calls()).toEqual([450, 450, 450, 450])
  expect(said.filter((line) => line.startsWith('began'))).toEqual(['began successRate'])
  expect((await slo.report('instance', 'stripe')).burning).toMatchObject([
    { objective: 'successRate', severity: 'page' },
  ])
}, 120_000)

it('a process that is killed loses no call that it had written, and leaves a record that others go on with', async () => {
  const child = start(100_000)
  let written = 0
  for (let line = await child.line(); written < 20; line = await child.line()) if (line === 'written') written++
  await child.kill()

  const kept = (await calls())[0] ?? 0
  slo.record('instance', 'stripe', { ok: true, available: true, latencyMs: 1 })
  await slo.flush()

  expect(kept).toBeGreaterThanOrEqual(200)
  expect(kept % 10).toBe(0)
  expect((await calls())[0]).toBe(kept + 1)
})
