import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type TemporaryFolder, temporaryFolder } from '../../support/temporary.ts'
import { runDaemonRace } from './daemon-race.ts'

describe('8 workers in 4 processes on one daemon', () => {
  let folder: TemporaryFolder

  beforeEach(async () => {
    folder = await temporaryFolder('daemon-race')
  })
  afterEach(() => folder.remove())

  it('do every task once and begin none twice while the daemon and some of them are killed', async () => {
    const report = await runDaemonRace({
      folder: folder.path,
      seed: 11,
      processes: 4,
      workers: 2,
      tasks: 200,
      daemonKills: 5,
      workerKills: 3,
      leaseMs: 4_000,
    })

    expect(report.violations).toEqual([])
    expect(report.tasks).toBe(200)
  }, 120_000)
})
