// The coordinator beside BullMQ at equal durability, in one run on one machine: jobs enqueued, claimed and completed per
// second, the time of a claim, the time from enqueueing to a waiting worker; with fsync also through a daemon. Then what
// grows: claims among 10,000 swarms, memory and start. The ratios carry over to other machines, the figures don't.
// Environment: COORDINATOR_JOBS (20,000), COORDINATOR_RECORDS (1,000,000), COORDINATOR_PARTS (peer,witness,scale,start).
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import type { CoordinatorPort } from '../src/coordinator/index.ts'
import { withDaemon } from './coordinator/daemon.ts'
import { number, type Spread } from './coordinator/figures.ts'
import { claimSpreadOn, jobsPerSecondOn, pushSpreadOn } from './coordinator/loads.ts'
import { type Durability, withCoordinator } from './coordinator/ours.ts'
import { peerClaimSpread, peerJobsPerSecond, peerPushSpread } from './coordinator/peer.ts'
import { type AppendFsync, missingRedis, startRedis } from './coordinator/redis.ts'
import { claimsAmongSwarms, footprintOf } from './coordinator/scale.ts'

export const name = 'coordinator'

const JOBS = Number(process.env.COORDINATOR_JOBS ?? 20_000)
const RECORDS = Number(process.env.COORDINATOR_RECORDS ?? 1_000_000)
const PARTS = (process.env.COORDINATOR_PARTS ?? 'peer,witness,scale,start').split(',')
const WORKERS = [16, 100]
const PUSHES = 300
/** A process that is killed loses nothing in either pair; a power failure what the window says. */
const PAIRS: [ours: Durability, peer: AppendFsync][] = [
  ['fsync', 'always'],
  ['relaxed', 'everysec'],
]

/** Measures and prints. */
export async function run(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'ifab-bench-coordinator-'))
  setFlagsFromString('--expose-gc')
  globalThis.gc = runInNewContext('gc')
  try {
    if (PARTS.includes('peer')) for (const [ours, peer] of PAIRS) await compare(folder, ours, peer)
    if (PARTS.includes('witness')) await measureWitness(folder)
    if (PARTS.includes('scale')) await measureScale(folder)
    if (PARTS.includes('start')) await measureStart(folder)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

interface Way {
  readonly name: string
  /** Does something with a coordinator that is opened for it. */
  on<T>(work: (coordinator: CoordinatorPort) => Promise<T>): Promise<T>
}

async function each<T>(ways: readonly Way[], measure: (coordinator: CoordinatorPort) => Promise<T>): Promise<T[]> {
  const figures: T[] = []
  for (const way of ways) figures.push(await way.on(measure))
  return figures
}

async function compare(folder: string, durability: Durability, appendfsync: AppendFsync): Promise<void> {
  const missing = missingRedis()
  const redis = missing ? undefined : await startRedis(appendfsync)
  const peerName = redis ? `BullMQ on Redis ${redis.version}, appendfsync ${appendfsync}` : `no peer: ${missing}`
  console.log(`\n${durability}   beside   ${peerName}`)
  const ways: Way[] = [
    { name: 'in process', on: (work) => withCoordinator({ folder, durability }, work) },
    ...(durability === 'fsync' ? [{ name: 'daemon', on: (work) => withDaemon({ folder }, work) } satisfies Way] : []),
  ]
  header([...ways.flatMap(({ name }) => [name, 'ratio']), 'peer'])
  try {
    const port = redis?.port
    for (const workers of WORKERS) {
      const load = { jobs: JOBS, workers }
      const peer = port === undefined ? undefined : await peerJobsPerSecond(port, load)
      row(
        `jobs per second, ${workers} workers`,
        await each(ways, (coordinator) => jobsPerSecondOn(coordinator, load)),
        peer,
        'more',
      )
    }
    for (const workers of WORKERS) {
      const load = { jobs: JOBS / 2, workers }
      const peer = port === undefined ? undefined : await peerClaimSpread(port, load)
      spreadRows(
        `claim µs, ${workers} workers`,
        await each(ways, (coordinator) => claimSpreadOn(coordinator, load)),
        peer,
      )
    }
    const peer = port === undefined ? undefined : await peerPushSpread(port, PUSHES)
    spreadRows(
      'enqueue → waiting worker µs',
      await each(ways, (coordinator) => pushSpreadOn(coordinator, PUSHES)),
      peer,
    )
  } finally {
    await redis?.stop()
  }
}

async function measureWitness(folder: string): Promise<void> {
  console.log('\nwhat the witness costs, fsync, 100 workers (jobs per second)')
  const rates = new Map<string, number>()
  for (const witness of ['none', 'ends', 'all'] as const) {
    rates.set(
      witness,
      await withCoordinator({ folder, durability: 'fsync', witness }, (coordinator) =>
        jobsPerSecondOn(coordinator, { jobs: JOBS, workers: 100 }),
      ),
    )
  }
  const none = rates.get('none') ?? 1
  for (const [witness, rate] of rates)
    console.log(`  ${witness.padEnd(6)}${number(rate).padStart(10)}${(rate / none).toFixed(2).padStart(8)}×`)
}

async function measureScale(folder: string): Promise<void> {
  console.log('\nclaims among 100,000 open tasks, 16 in flight (µs)')
  const claims = JOBS / 2
  const few = await claimsAmongSwarms(folder, { swarms: 100, tasks: 100_000, claims })
  const many = await claimsAmongSwarms(folder, { swarms: 10_000, tasks: 100_000, claims })
  console.log(`  100 swarms      p50 ${number(few.p50)}  p95 ${number(few.p95)}`)
  console.log(
    `  10,000 swarms   p50 ${number(many.p50)}  p95 ${number(many.p95)}   p95 ratio ${(many.p95 / few.p95).toFixed(2)}`,
  )
}

async function measureStart(folder: string): Promise<void> {
  const { heapBytes } = await footprintOf(folder, 100_000)
  console.log(`\nmemory per 100,000 open tasks with payload: ${number(heapBytes / 1e6)} MB`)
  const { startMs } = await footprintOf(folder, RECORDS)
  console.log(`start with ${number(RECORDS)} open tasks: ${(startMs / 1000).toFixed(1)} s`)
}

function header(columns: string[]): void {
  console.log(`${''.padEnd(38)}${columns.map((column) => column.padStart(12)).join('')}`)
}

function row(what: string, ours: readonly number[], peer: number | undefined, better: 'more' | 'less'): void {
  const cells = ours.flatMap((figure) => [
    number(figure),
    peer === undefined ? '' : `${(better === 'more' ? figure / peer : peer / figure).toFixed(1)}×`,
  ])
  console.log(
    `${what.padEnd(38)}${[...cells, peer === undefined ? '–' : number(peer)].map((cell) => cell.padStart(12)).join('')}`,
  )
}

function spreadRows(what: string, ours: readonly Spread[], peer: Spread | undefined): void {
  for (const at of ['p50', 'p99'] as const) {
    row(
      `${what} ${at}`,
      ours.map((spread) => spread[at]),
      peer?.[at],
      'less',
    )
  }
}
