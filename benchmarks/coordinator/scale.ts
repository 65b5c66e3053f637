// What grows: claims among many swarms, memory, and the start with many records.
import { join } from 'node:path'
import { openCoordinator, type TaskInput } from '../../src/coordinator/index.ts'
import { openEmbeddedStore } from '../../src/store/index.ts'
import { inLoops, payloadOf, type Spread, spreadOf } from './figures.ts'

const KINDS = 20

/** Claims of workers of so many swarms, each registered and asking in turn, among open tasks of all of them. */
export async function claimsAmongSwarms(
  folder: string,
  options: { swarms: number; tasks: number; claims: number },
): Promise<Spread> {
  const { swarms, tasks, claims } = options
  const store = await openEmbeddedStore({ path: join(folder, `swarms-${swarms}.db`), durability: 'relaxed' })
  const coordinator = await openCoordinator({ store, witness: 'none', maxUnfinished: 2 * tasks })
  try {
    // Registered: each swarm has a worker, which waits for a kind of task that doesn't come.
    for (let at = 0; at < swarms; at++) {
      coordinator.worker(
        { swarm: `swarm-${at}`, kinds: ['never'], capabilities: [`skill:s${at % 100}`] },
        () => undefined,
      )
    }
    await addTasks(coordinator, tasks, (at) => ({ kind: `kind-${at % KINDS}`, swarm: `swarm-${at % swarms}` }))
    const times: number[] = []
    await inLoops(claims, 16, async (at) => {
      const holder = { swarm: `swarm-${(at * 7) % swarms}`, worker: `worker-${at}` }
      const start = performance.now()
      const claim = await coordinator.claim(holder, { capabilities: [`skill:s${at % 100}`] }, { waitMs: 0 })
      times.push(performance.now() - start)
      if (claim) await coordinator.complete(claim.task.id, claim.token)
    })
    return spreadOf(times)
  } finally {
    await coordinator.close()
    await store.close()
  }
}

export interface Footprint {
  /** Bytes of heap for the open tasks, store and coordinator together. */
  heapBytes: number
  /** Milliseconds from nothing to ready, the file's pages warm. */
  startMs: number
}

/** Memory of so many open tasks with payloads, and how long a start with them takes. */
export async function footprintOf(folder: string, tasks: number): Promise<Footprint> {
  const path = join(folder, `many-${tasks}.db`)
  await fill(path, tasks)
  const before = heapNow()
  const start = performance.now()
  const store = await openEmbeddedStore({ path })
  const coordinator = await openCoordinator({ store, witness: 'none', maxUnfinished: 2 * tasks })
  const startMs = performance.now() - start
  const heapBytes = heapNow() - before
  await coordinator.close()
  await store.close()
  return { heapBytes, startMs }
}

async function fill(path: string, tasks: number): Promise<void> {
  const store = await openEmbeddedStore({ path, durability: 'relaxed' })
  const coordinator = await openCoordinator({ store, witness: 'none', maxUnfinished: 2 * tasks })
  await addTasks(coordinator, tasks, (at) => ({ kind: 'job', payload: payloadOf(at) }))
  await coordinator.close()
  await store.close()
}

async function addTasks(
  coordinator: Awaited<ReturnType<typeof openCoordinator>>,
  count: number,
  taskOf: (at: number) => TaskInput,
): Promise<void> {
  for (let at = 0; at < count; at += 1_000) {
    await coordinator.add(Array.from({ length: Math.min(1_000, count - at) }, (_, offset) => taskOf(at + offset)))
  }
}

function heapNow(): number {
  globalThis.gc?.()
  return process.memoryUsage().heapUsed
}
