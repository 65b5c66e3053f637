import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Coordinator, openCoordinator } from '../../../src/coordinator/index.ts'
import { openEmbeddedStore, type Store } from '../../../src/store/index.ts'
import { type TemporaryFolder, temporaryFolder } from '../../support/temporary.ts'

describe('a coordinator on the embedded store', () => {
  let folder: TemporaryFolder
  let store: Store
  let coordinator: Coordinator

  const open = async () => {
    store = await openEmbeddedStore({ path: `${folder.path}/fabric.db` })
    coordinator = await openCoordinator({ store, witness: 'none' })
  }
  const close = async () => {
    await coordinator.close()
    await store.close()
  }

  beforeEach(async () => {
    folder = await temporaryFolder('coordinator')
    await open()
  })
  afterEach(async () => {
    await close()
    await folder.remove()
  })

  it('gives a task to one claimant, who completes it', async () => {
    const task = await coordinator.add({ kind: 'invoice', payload: { order: 7 } })

    const claim = await coordinator.claim({ swarm: 'finance', worker: 'one' })
    const second = await coordinator.claim({ swarm: 'finance', worker: 'two' }, {}, { waitMs: 0 })
    const done = await coordinator.complete(task.id, claim?.token ?? 0, { sent: true })

    expect(claim).toMatchObject({ task: { id: task.id, state: 'claimed' }, payload: { order: 7 }, token: 1 })
    expect(second).toBeUndefined()
    expect(done).toMatchObject({ state: 'done', result: { sent: true }, attempt: 1 })
  })

  it('pushes what is added to a waiting worker and remembers the results after a restart', async () => {
    const seen: unknown[] = []
    coordinator.worker({ swarm: 'finance', concurrency: 4 }, (claim) => {
      seen.push(claim.payload)
      return { doubled: Number(claim.payload) * 2 }
    })
    const events = coordinator.watch()
    const tasks = await coordinator.add(Array.from({ length: 20 }, (_, at) => ({ kind: 'double', payload: at })))
    let done = 0
    for await (const event of events) {
      if (event.move === 'complete') done++
      if (done === 20) break
    }
    await close()
    await open()

    expect(seen.sort((a, b) => Number(a) - Number(b))).toEqual(Array.from({ length: 20 }, (_, at) => at))
    expect((await coordinator.get(tasks[3]?.id ?? '')).result).toEqual({ doubled: 6 })
    expect((await coordinator.stats()).tasks).toMatchObject({ open: 0, claimed: 0, done: 20 })
  })
})
