// The loads of the comparison on any coordinator, in process or behind a daemon.
import type { CoordinatorPort } from '../../src/coordinator/index.ts'
import { inLoops, pause, payloadOf, type Spread, spreadOf } from './figures.ts'

export interface Load {
  jobs: number
  workers: number
}

/** Jobs a second from the first enqueued to the last whose completion is durable: as many producers as workers. */
export async function jobsPerSecondOn(coordinator: CoordinatorPort, { jobs, workers }: Load): Promise<number> {
  await runJobs(coordinator, jobs / 5, workers)
  const start = performance.now()
  await runJobs(coordinator, jobs, workers)
  return jobs / ((performance.now() - start) / 1000)
}

async function runJobs(coordinator: CoordinatorPort, jobs: number, workers: number): Promise<void> {
  let left = jobs
  let begun = () => {}
  const allBegun = new Promise<void>((resolve) => {
    begun = resolve
  })
  const worker = coordinator.worker({ swarm: 'bench', concurrency: workers }, () => {
    left--
    if (left === 0) begun()
  })
  await inLoops(jobs, workers, (at) => coordinator.add({ kind: 'job', swarm: 'bench', payload: payloadOf(at) }))
  await allBegun
  // A worker that finishes waits until each of its ends is durable.
  await worker.close({ drain: 'finish' })
}

/** Time of `claim` for each of so many workers in closed loops over tasks that are there; completions in between. */
export async function claimSpreadOn(coordinator: CoordinatorPort, { jobs, workers }: Load): Promise<Spread> {
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
}

/** From the call that enqueues to the handler of a worker that waits. */
export async function pushSpreadOn(coordinator: CoordinatorPort, count: number): Promise<Spread> {
  const times: number[] = []
  let arrived = () => {}
  let start = 0
  const worker = coordinator.worker({ swarm: 'bench' }, () => {
    times.push(performance.now() - start)
    arrived()
  })
  await pause(300)
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
}
