// Many workers in several processes race for the tasks of one file while they are killed, stopped past their leases and
// slowed at random. What each of them was answered goes to the history checker.
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { openCoordinator, type Task } from '../../../src/coordinator/index.ts'
import { openEmbeddedStore } from '../../../src/store/index.ts'
import { type Chance, seededChance } from '../../support/chance.ts'
import { buildChild, type Child, type ChildProgram } from '../child-process.ts'
import { type EndState, type Observation, violationsOf } from './history-checker.ts'

/** Tests and soaks run in the root of the repository, a soak as a bundle that lies elsewhere. */
const CHILD = pathToFileURL(resolve('tests/integration/coordinator/race-child.ts'))

export interface RaceOptions {
  folder: string
  seed: number
  processes: number
  /** In each process. */
  workers: number
  tasks: number
  /** Processes that are killed, and such that are stopped for longer than a lease. */
  kills: number
  stops: number
  /** Milliseconds. */
  leaseMs: number
}

export interface RaceReport {
  violations: string[]
  tasks: number
  observations: number
  /** Claims that took a task over from another. */
  takeOvers: number
  kills: number
  stops: number
}

export async function runRace(options: RaceOptions): Promise<RaceReport> {
  const { folder, seed, tasks, kills, stops } = options
  const path = join(folder, 'race.db')
  const chance = seededChance(seed)
  const program = await buildChild(CHILD)
  const observations: Observation[] = []
  const runners: Runner[] = []
  try {
    await addTasks(path, tasks, observations)
    for (let at = 0; at < options.processes; at++) runners.push(new Runner(program, options, path, at, observations))
    const disturbances = disturbancesOf(options, chance)
    for (const what of disturbances) {
      const runner = runners[chance.between(0, runners.length - 1)] as Runner // one of them
      await runner.atWork()
      await pause(chance.between(0, 60))
      if (what === 'kill') await runner.killAndRestart()
      else await runner.stopFor(Math.round(options.leaseMs * (1 + chance.next())))
    }
    await Promise.all(runners.map((runner) => runner.end()))
    const end = await drain(path)
    return {
      violations: violationsOf(observations, end),
      tasks: end.size,
      observations: observations.length,
      takeOvers: observations.filter((seen) => seen.kind === 'claimed' && seen.token > 1).length,
      kills,
      stops,
    }
  } finally {
    for (const runner of runners) runner.child.process.kill('SIGKILL')
    program.remove()
  }
}

/** Kills and stops in random order. */
function disturbancesOf({ kills, stops }: RaceOptions, chance: Chance): ('kill' | 'stop')[] {
  let left = kills
  return Array.from({ length: kills + stops }, (_, at) => {
    const isKill = chance.next() < left / (kills + stops - at)
    if (isKill) left--
    return isKill ? 'kill' : 'stop'
  })
}

async function addTasks(path: string, count: number, observations: Observation[]): Promise<void> {
  const store = await openEmbeddedStore({ path })
  const coordinator = await openCoordinator({ store, witness: 'none' })
  for (let at = 0; at < count; at++) {
    const after = at % 10 === 9 ? [`task-${at - 1}`] : []
    await coordinator.add({ id: `task-${at}`, kind: 'race', swarm: `swarm-${at % 3}`, attempts: 1000, after })
    observations.push({ kind: 'added', task: `task-${at}` })
  }
  await coordinator.close()
  await store.close()
}

/** In peace, everything that is left gets done. */
async function drain(path: string): Promise<Map<string, EndState>> {
  const store = await openEmbeddedStore({ path })
  const coordinator = await openCoordinator({ store, witness: 'none' })
  const worker = coordinator.worker({ swarm: 'last', concurrency: 50 }, ({ token }) => ({ token }))
  const left = async () => {
    const { open, claimed } = (await coordinator.stats()).tasks
    return open + claimed
  }
  while ((await left()) > 0) await pause(20)
  const all = await coordinator.list({ limit: 1_000_000 })
  await worker.close()
  await coordinator.close()
  await store.close()
  return new Map(all.map((task) => [task.id, endOf(task)]))
}

const endOf = ({ state, token, result }: Task): EndState => ({
  state,
  token,
  completedBy: (result as { token?: number } | null)?.token,
})

/** One place in the race, with the process that fills it now. */
class Runner {
  child: Child
  readonly #start: () => Child
  readonly #observations: Observation[]
  #reading: Promise<void>
  #isAtWork = false
  #round = 0

  constructor(program: ChildProgram, options: RaceOptions, path: string, place: number, observations: Observation[]) {
    this.#observations = observations
    this.#start = () => {
      const seed = options.seed * 1_000_003 + place * 1_009 + this.#round++
      return program.start(path, `p${place}`, `${seed}`, `${options.workers}`, `${options.leaseMs}`)
    }
    this.child = this.#start()
    this.#reading = this.#read(this.child)
  }

  /** Waits until the process has claimed something, or for a while: all may be done. */
  async atWork(): Promise<void> {
    const until = performance.now() + 2_000
    while (!this.#isAtWork && performance.now() < until) await pause(5)
  }

  async killAndRestart(): Promise<void> {
    await this.child.kill()
    await this.#reading
    this.#isAtWork = false
    this.child = this.#start()
    this.#reading = this.#read(this.child)
  }

  async stopFor(ms: number): Promise<void> {
    this.child.process.kill('SIGSTOP')
    await pause(ms)
    this.child.process.kill('SIGCONT')
  }

  async end(): Promise<void> {
    const ended = exitOf(this.child.process)
    this.child.process.kill('SIGTERM')
    await ended
    await this.#reading
  }

  async #read(child: Child): Promise<void> {
    for (let line = await child.line(); line !== undefined; line = await child.line()) {
      const observation = JSON.parse(line) as Observation
      this.#observations.push(observation)
      this.#isAtWork ||= observation.kind === 'claimed'
    }
  }
}

const exitOf = async (child: ChildProcess): Promise<void> => {
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))
