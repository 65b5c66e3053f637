// The coordinator under the loads of the comparison through a daemon: a process of its own, one Unix socket, producers and
// workers here. A worker's end is counted once the daemon has said that it is durable.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { build } from 'esbuild'
import { openFabric } from '../../src/client/index.ts'
import type { CoordinatorPort } from '../../src/coordinator/index.ts'
import type { Fabric } from '../../src/fabric/index.ts'
import { inLoops, pause, payloadOf, type Spread, spreadOf } from './figures.ts'
import type { Load } from './ours.ts'

export interface DaemonOptions {
  /** Of the home. */
  folder: string
  /** What goes into the witness log. Default `none`. */
  witness?: 'none' | 'ends' | 'all'
}

/** Ended tasks go as soon as may be, as with the peer's removeOnComplete. */
async function withDaemon<T>(options: DaemonOptions, work: (coordinator: CoordinatorPort) => Promise<T>): Promise<T> {
  const home = await mkdtemp(join(options.folder, 'daemon-'))
  const { witness = 'none' } = options
  await writeFile(join(home, 'config.yaml'), `version: 1\ncoordinator: { keepEnded: 0, witness: ${witness} }\n`)
  const program = await buildProgram()
  let daemon: ChildProcess | undefined
  let fabric: Fabric | undefined
  try {
    daemon = spawn(process.execPath, [program, home], { stdio: ['pipe', 'pipe', 'inherit'] })
    const [socket] = (await once(createInterface({ input: daemon.stdout as NodeJS.ReadableStream }), 'line')) as [
      string,
    ]
    fabric = await openFabric({ url: `unix:${socket}`, env: {} })
    return await work(await fabric.coordinator())
  } finally {
    await fabric?.close()
    if (daemon) await endOf(daemon)
    await rm(program, { force: true })
    await rm(home, { recursive: true, force: true })
  }
}

/** Benchmarks run in the root of the repository, as bundles that lie elsewhere. */
async function buildProgram(): Promise<string> {
  const outfile = resolve('node_modules', '.cache', `ifab-bench-daemon-${process.pid}.mjs`)
  await build({
    entryPoints: [resolve('benchmarks/coordinator/daemon-child.ts')],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    packages: 'external',
    logLevel: 'error',
  })
  return outfile
}

async function endOf(daemon: ChildProcess): Promise<void> {
  if (daemon.exitCode !== null || daemon.signalCode !== null) return
  const ended = once(daemon, 'exit')
  daemon.stdin?.end()
  await ended
}

/** Jobs a second from the first enqueued to the last whose completion is durable: as many producers as workers. */
export function daemonJobsPerSecond(options: DaemonOptions, { jobs, workers }: Load): Promise<number> {
  return withDaemon(options, async (coordinator) => {
    await runJobs(coordinator, jobs / 5, workers)
    const start = performance.now()
    await runJobs(coordinator, jobs, workers)
    return jobs / ((performance.now() - start) / 1000)
  })
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
  // A worker that finishes waits until each of its ends was answered.
  await worker.close({ drain: 'finish' })
}

/** Time of `claim` for each of so many workers in closed loops over tasks that are there; completions in between. */
export function daemonClaimSpread(options: DaemonOptions, { jobs, workers }: Load): Promise<Spread> {
  return withDaemon(options, async (coordinator) => {
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

/** From the call that enqueues to the handler of a worker that waits, both through the daemon. */
export function daemonPushSpread(options: DaemonOptions, count: number): Promise<Spread> {
  return withDaemon(options, async (coordinator) => {
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
  })
}
