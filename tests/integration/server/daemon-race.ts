// Workers in several processes go on while their daemon is killed and started again, and some of them are killed too. What each
// was answered goes to the history checker; besides, no handler may have begun twice with one token.
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { openCoordinator } from '../../../src/coordinator/index.ts'
import { openEmbeddedStore } from '../../../src/store/index.ts'
import { type Chance, seededChance } from '../../support/chance.ts'
import { buildChild, type Child } from '../child-process.ts'
import { type EndState, type Observation, violationsOf } from '../coordinator/history-checker.ts'

export interface DaemonRaceOptions {
  /** Of the home. */
  folder: string
  seed: number
  processes: number
  /** In each process. */
  workers: number
  tasks: number
  /** Of the daemon, and of a process with workers. */
  daemonKills: number
  workerKills: number
  leaseMs: number
}

export interface DaemonRaceReport {
  violations: string[]
  tasks: number
  observations: number
  /** Claims that took a task over from another. */
  takeOvers: number
}

const childOf = (file: string) => buildChild(pathToFileURL(resolve('tests/integration/server', file)))

export async function runDaemonRace(options: DaemonRaceOptions): Promise<DaemonRaceReport> {
  const { folder, seed, leaseMs } = options
  await writeFile(join(folder, 'config.yaml'), `version: 1\ncoordinator: { lease: ${leaseMs}ms, witness: none }\n`)
  const chance = seededChance(seed)
  const programs = await Promise.all([childOf('daemon-child.ts'), childOf('worker-child.ts')])
  const [daemonProgram, workerProgram] = programs
  const observations: Observation[] = []
  const children = new Set<Child>()
  const start = async (): Promise<Child> => {
    const daemon = daemonProgram.start(folder)
    children.add(daemon)
    const said = await daemon.line()
    if (!said?.startsWith('ready')) throw new Error(`the daemon did not start: ${said}`)
    return daemon
  }
  try {
    await addTasks(folder, options.tasks, observations)
    let daemon = await start()
    let round = 0
    const startWorkers = (place: number): Runner => {
      const child = workerProgram.start(
        join(folder, 'ifab.sock'),
        `p${place}`,
        `${seed * 1_009 + round++}`,
        `${options.workers}`,
        `${leaseMs}`,
      )
      children.add(child)
      return { child, reading: read(child, observations) }
    }
    const runners = Array.from({ length: options.processes }, (_, place) => startWorkers(place))
    for (const what of disturbances(options, chance)) {
      await claimedMore(observations)
      await pause(chance.between(0, 80))
      if (what === 'daemon') {
        await daemon.kill()
        daemon = await start()
      } else {
        const place = chance.between(0, runners.length - 1)
        const { child, reading } = runners[place] as Runner // one of them
        await child.kill()
        await reading
        runners[place] = startWorkers(place)
      }
    }
    for (const { child } of runners) child.process.kill('SIGTERM')
    await Promise.all(runners.map(({ reading }) => reading))
    await ended(daemon)
    const end = await drain(folder)
    return {
      violations: [...violationsOf(observations, end), ...begunTwice(observations)],
      tasks: end.size,
      observations: observations.length,
      takeOvers: observations.filter((seen) => seen.kind === 'claimed' && seen.token > 1).length,
    }
  } finally {
    for (const child of children) child.process.kill('SIGKILL')
    for (const program of programs) program.remove()
  }
}

interface Runner {
  child: Child
  reading: Promise<void>
}

function disturbances({ daemonKills, workerKills }: DaemonRaceOptions, chance: Chance): ('daemon' | 'worker')[] {
  let left = daemonKills
  return Array.from({ length: daemonKills + workerKills }, (_, at) => {
    const isDaemon = chance.next() < left / (daemonKills + workerKills - at)
    if (isDaemon) left--
    return isDaemon ? 'daemon' : 'worker'
  })
}

async function addTasks(folder: string, count: number, observations: Observation[]): Promise<void> {
  const store = await openEmbeddedStore({ path: join(folder, 'fabric.db') })
  const coordinator = await openCoordinator({ store, witness: 'none' })
  for (let at = 0; at < count; at++) {
    await coordinator.add({ id: `task-${at}`, kind: 'race', swarm: `swarm-${at % 3}`, attempts: 1000, payload: { at } })
    observations.push({ kind: 'added', task: `task-${at}` })
  }
  await coordinator.close()
  await store.close()
}

/** In peace, everything that is left gets done. */
async function drain(folder: string): Promise<Map<string, EndState>> {
  const store = await openEmbeddedStore({ path: join(folder, 'fabric.db') })
  const coordinator = await openCoordinator({ store, witness: 'none' })
  const worker = coordinator.worker({ swarm: 'last', concurrency: 50 }, ({ token }) => ({ token }))
  for (;;) {
    const { tasks } = await coordinator.stats()
    if (tasks.open + tasks.claimed === 0) break
    await pause(20)
  }
  const all = await coordinator.list({ limit: 1_000_000 })
  await worker.close()
  await coordinator.close()
  await store.close()
  return new Map(
    all.map(({ id, state, token, result }) => [
      id,
      { state, token, completedBy: (result as { token?: number } | null)?.token },
    ]),
  )
}

/** A claim that was handed over again had not been begun. */
function begunTwice(observations: readonly Observation[]): string[] {
  const begun = new Set<string>()
  return observations.flatMap((seen) => {
    if (seen.kind !== 'claimed') return []
    const key = `${seen.task} ${seen.token}`
    if (!begun.has(key)) {
      begun.add(key)
      return []
    }
    return [`${seen.task}: was begun twice with token ${seen.token} by ${seen.holder}`]
  })
}

async function read(child: Child, observations: Observation[]): Promise<void> {
  for (let line = await child.line(); line !== undefined; line = await child.line()) {
    observations.push(JSON.parse(line) as Observation)
  }
}

/** Waits until work goes on, or for a while: all may be done. */
async function claimedMore(observations: readonly Observation[]): Promise<void> {
  const before = observations.length
  const until = performance.now() + 3_000
  while (observations.length === before && performance.now() < until) await pause(5)
}

async function ended({ process: child }: Child): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exit = once(child, 'exit')
  child.kill('SIGTERM')
  await exit
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))
