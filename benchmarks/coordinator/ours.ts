// The coordinator under the loads of the comparison, on the embedded store in a folder of its own.
import { join } from 'node:path'
import { type Coordinator, openCoordinator, type WitnessLevel } from '../../src/coordinator/index.ts'
import { openEmbeddedStore } from '../../src/store/index.ts'
import { openWitness } from '../../src/witness/index.ts'
import { inLoops, pause, payloadOf, type Spread, spreadOf } from './figures.ts'

export type Durability = 'fsync' | 'relaxed'

export interface Load {
  jobs: number
  workers: number
}

export interface OursOptions {
  folder: string
  durability: Durability
  witness?: WitnessLevel
}

let opened = 0

/** Ended tasks go as soon as may be, as with the peer's removeOnComplete. */
async function withCoordinator<T>(options: OursOptions, work: (coordinator: Coordinator) => Promise<T>): Promise<T> {
  const { folder, durability, witness = 'none' } = options
  const path = join(folder, `ours-${opened++}.db`)
  const log = witness === 'none' ? undefined : await openWitness({ home: folder })
  const store = await openEmbeddedStore({ path, durability, ...(log ? { sequencer: log.sequencer } : {}) })
  const coordinator = await openCoordinator({ store, witness, keepEnded: 0 })
  try {
    return await work(coordinator)
  } finally {
    await coordinator.close()
    await store.close()
    await log?.close()
  }
}

/** Jobs a second from the first enqueued to the last completed: as many producers as workers, each in a closed loop. */
export function jobsPerSecond(options: OursOptions, { jobs, workers }: Load): Promise<number> {
  return withCoordinator(options, async (coordinator) => {
    await runJobs(coordinator, jobs / 5, workers)
    const start = performance.now()
    await runJobs(coordinator, jobs, workers)
    return jobs / ((performance.now() - start) / 1000)
  })
}

async function runJobs(coordinator: Coordinator, jobs: number, workers: number): Promise<void> {
  let left = jobs
  let finished = () => {}
  const done = new Promise<void>((resolve) => {
    finished = resolve
  })
  // An event tells of each completion once it is durable, as the peer's does.
  const worker = coordinator.worker({ swarm: 'bench', concurrency: workers }, () => undefined)
  const events = coordinator.watch()
  const counting = (async () => {
    for await (const event of events) {
      if (event.move === 'complete' && --left === 0) return finished()
    }
  })()
  await inLoops(jobs, workers, (at) => coordinator.add({ kind: 'job', swarm: 'bench', payload: payloadOf(at) }))
  await done
  await counting
  await worker.close()
}

/** Time of `claim` for each of so many workers in closed loops over tasks that are there; completions in between. */
export function claimSpread(options: OursOptions, { jobs, workers }: Load): Promise<Spread> {
  return withCoordinator(options, async (coordinator) => {
    await coordinator.add(Array.from({ length: jobs }, (_, at) => ({ kind: 'job', payload: payloadOf(at) })))
    const times: number[] = []
    let loop = 0
    await inLoops(jobs, workers, async () => {
      const holder = { swarm: 'bench', worker: `w${loop++}` }
      const start = performance.now()
      const claim = await coordinator.claim(holder, {}, { waitMs: 0 })
      times.push(performance.now() - start)
      if (claim) await coordinator.complete(claim.task.id, claim.token)
    })
    return spreadOf(times)
  })
}

/** From the call that enqueues to the handler of a worker that waits. */
export function pushSpread(options: OursOptions, count: number): Promise<Spread> {
  return withCoordinator(options, async (coordinator) => {
    const times: number[] = []
    let arrived = () => {}
    let start = 0
    const worker = coordinator.worker({ swarm: 'bench' }, () => {
      times.push(performance.now() - start)
      arrived()
    })
    for (let at = 0; at < count; at++) {
      const arrival = new Promise<void>((resolve) => {
        arrived = resolve
      })
      start = performance.now()
      void coordinator.add({ kind: 'job', payload: payloadOf(at) })
      await arrival
      await pause(5)
    }
    await worker.close()
    return spreadOf(times.slice(Math.floor(count / 10)))
  })
}
