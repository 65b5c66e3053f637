// Guests that would run for ever: how exactly they are stopped, and what a well-behaved neighbour notices of them.
import type { Chassis, LoadedModule } from '../../src/chassis/index.ts'
import { median, ms, msOf, ratio, spreadOf, tell, timesOf, us } from './figures.ts'
import {
  BOMB,
  CORE_LOOP,
  coreModule,
  ECHO,
  FLOOD,
  GARBAGE,
  INPUT,
  LOOP,
  NATIVE_LOOP,
  openPool,
  scriptModule,
} from './modules.ts'

const LIMIT_MS = 200
const STOPS = 7
const CALLS = 1_500
const ROUNDS = 3

const HOGS: readonly [what: string, module: LoadedModule][] = [
  ['a script that loops', scriptModule('loop', LOOP, {})],
  ['a script in a native loop', scriptModule('native-loop', NATIVE_LOOP, {})],
  ['a core module that loops', coreModule('core-loop', CORE_LOOP, {})],
  ['a script that fills its memory', scriptModule('bomb', BOMB, { max_memory_mb: 64 })],
  ['a script that makes garbage', scriptModule('garbage', GARBAGE, {})],
  [
    'a script that floods its host',
    scriptModule('flood', FLOOD, { max_api_calls_per_second: 10_000, max_host_calls: 1_000_000 }),
  ],
]

export async function benchStops(): Promise<void> {
  console.log(`stopped at a limit of ${LIMIT_MS} ms`)
  const pool = await openPool()
  try {
    for (const [what, { id, source, ...module }] of HOGS.slice(0, 3)) {
      // Nobody else runs, and no share is to end it first.
      const contract = {
        ...module.contract,
        resource_requirements: { ...module.contract.resource_requirements, max_cpu_percent: 400 },
      }
      const hog = { ...module, id, source, contract, digest: `${module.digest.slice(0, 60)}stop` }
      const times = await timesOf(STOPS, 1, () => endOf(pool, hog, LIMIT_MS))
      const worst = Math.max(...times)
      tell(what, `${ms(median(times))}, worst ${ratio(worst / LIMIT_MS)}`, '≤ 1.2 ×', worst <= 1.2 * LIMIT_MS)
    }
  } finally {
    await pool.close()
  }
}

/** Hogs are called again as soon as they end, four calls at once. */
export async function benchNeighbours(): Promise<void> {
  console.log(
    `a neighbour that echoes ${JSON.stringify(INPUT).length} bytes while another module does its worst, by default contracts`,
  )
  const pool = await openPool()
  const neighbour = scriptModule('neighbour', ECHO)
  const p95 = async () =>
    spreadOf(await timesOf(CALLS, 200, () => pool.run({ module: neighbour, export: 'execute', input: INPUT }))).p95
  try {
    await p95()
    for (const [what, hog] of HOGS) {
      const rounds: { alone: number; beside: number }[] = []
      for (let round = 0; round < ROUNDS; round++) {
        const alone = await p95()
        const stop = keepsBusy(pool, hog)
        const beside = await p95()
        await stop()
        rounds.push({ alone, beside })
      }
      const found = median(rounds.map(({ alone, beside }) => beside / alone))
      const figures = `${us(median(rounds.map(({ alone }) => alone)))} → ${us(median(rounds.map(({ beside }) => beside)))}`
      tell(what, `p95 ${figures}, ${ratio(found)}`, '≤ 1.5 ×', found <= 1.5)
    }
  } finally {
    await pool.close()
  }
}

function keepsBusy(pool: Chassis, hog: LoadedModule): () => Promise<void> {
  let isOver = false
  const aborting = new AbortController()
  const loops = Array.from({ length: 4 }, async () => {
    while (!isOver) await endOf(pool, hog, 2_000, aborting.signal)
  })
  return async () => {
    isOver = true
    aborting.abort()
    await Promise.all(loops)
  }
}

async function endOf(pool: Chassis, module: LoadedModule, timeoutMs: number, signal?: AbortSignal): Promise<void> {
  const host = { call: async () => 1 }
  const asked = { module, export: 'execute', input: null, timeoutMs, host, ...(signal ? { signal } : {}) } as const
  const took = await msOf(() => pool.run(asked).catch(() => undefined))
  // One that is refused at once must not become a loop of this thread.
  if (took < 1) await new Promise((resolve) => setTimeout(resolve, 1))
}
