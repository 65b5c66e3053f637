// One budget, several real processes: it is never overspent, and no hold is lost when one of them dies.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { systemClock } from '../../../src/foundation/index.ts'
import { costBudget, openBudgetLedger } from '../../../src/governor/index.ts'
import { openEmbeddedStore } from '../../../src/store/index.ts'
import { buildChild, type ChildProgram } from '../child-process.ts'

const CALLS = costBudget({ name: 'calls', limitMicroUsd: 1_000, per: 'total' })

let program: ChildProgram
let folder: string
let path: string
let files = 0

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'ifab-governor-'))
  program = await buildChild(new URL('./ledger-child.ts', import.meta.url))
})
beforeEach(() => {
  path = join(folder, `${++files}.db`)
})
afterAll(() => {
  program.remove()
  rmSync(folder, { recursive: true, force: true })
})

it('three processes that pay at once spend what the budget has and not a millionth more', async () => {
  const children = ['a', 'b', 'c'].map((name) => program.start(path, name, '25'))
  const lines = (await Promise.all(children.map((child) => child.rest()))).flat()

  const store = await openEmbeddedStore({ path })
  const view = await openBudgetLedger({ store, clock: systemClock }).view(CALLS)
  const settled = lines.filter((line) => line.startsWith('settled')).length
  expect(view).toEqual({ settled: settled * 20, holds: {} })
  expect(view.settled).toBeLessThanOrEqual(1_000)
  expect(new Set(lines.filter((line) => !/^(held|settled|ready)/.test(line)))).toEqual(
    new Set(settled < 75 ? ['IF_ERR_BUDGET_EXCEEDED'] : []),
  )
  expect(await store.range('begin/')).toHaveLength(settled)
  await store.close()
})

it('what a killed process held stays held while its step may have happened, and is freed where it never began', async () => {
  const child = program.start(path, 'a', '25')
  while ((await child.line())?.startsWith('held') === false);
  await child.kill()
  await child.rest()

  const store = await openEmbeddedStore({ path })
  const ledger = openBudgetLedger({ store, clock: systemClock })
  const before = await ledger.view(CALLS)
  const begun = new Set((await store.range('begin/')).map((entry) => entry.key.slice('begin/'.length)))
  await ledger.recover(async (owner) => begun.has(owner))
  const kept = await ledger.view(CALLS)
  const freed = await ledger.recover(async () => false)

  // The hold and the begin are one commit: there is none without the other.
  expect(Object.keys(before.holds).every((id) => begun.has(id))).toBe(true)
  expect(kept).toEqual(before)
  expect(freed.sort()).toEqual(Object.keys(before.holds).sort())
  expect(await ledger.view(CALLS)).toEqual({ settled: before.settled, holds: {} })
  await store.close()
})
