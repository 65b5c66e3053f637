// What the soak does at length: many at once pay from one budget and from those nested in it, and some are killed.
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type TemporaryFolder, temporaryFolder } from '../../support/temporary.ts'
import { runSpree } from './spree.ts'

let folder: TemporaryFolder

beforeAll(async () => {
  folder = await temporaryFolder('spree')
})
afterAll(() => folder.remove())

it('four processes that spend at once never pass a limit, and a killed one leaves no hold of a step that never began', async () => {
  const report = await runSpree({ folder: folder.path, seed: 7, processes: 4, actions: 200, kills: 4 })

  expect(report.violations).toEqual([])
  expect(report.settled).toBeGreaterThan(0)
  expect(report.refused).toBeGreaterThan(0)
})
