import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type TemporaryFolder, temporaryFolder } from '../../support/temporary.ts'
import { runRace } from './race.ts'

describe('64 workers in 8 processes on one file', () => {
  let folder: TemporaryFolder

  beforeEach(async () => {
    folder = await temporaryFolder('race')
  })
  afterEach(() => folder.remove())

  it('do every task once and lose none while they are killed, stopped past their leases and slowed', async () => {
    const report = await runRace({
      folder: folder.path,
      seed: 7,
      processes: 8,
      workers: 8,
      tasks: 300,
      kills: 12,
      stops: 6,
      leaseMs: 400,
    })

    expect(report.violations).toEqual([])
    expect(report.tasks).toBeGreaterThanOrEqual(300)
    expect(report.takeOvers).toBeGreaterThan(0)
  }, 120_000)
})
