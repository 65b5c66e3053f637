// How the coordinator does, counted when somebody asks: what `ifab coordinator status` and `health` show.
import type { Board } from './board.ts'
import type { TaskState } from './states.ts'
import type { CoordinatorWorker } from './worker.ts'

export interface SwarmStats {
  readonly swarm: string
  /** Unfinished tasks that it asked for. */
  readonly unfinished: number
  /** Tasks that its workers hold, in any process. */
  readonly held: number
  /** Its workers in this process. */
  readonly workers: number
}

export interface CoordinatorStats {
  readonly tasks: Readonly<Record<TaskState, number>>
  /** Open tasks that could be claimed now, that wait for others, and that wait for their time. */
  readonly ready: number
  readonly waiting: number
  readonly delayed: number
  /** Milliseconds since the oldest ready task was enqueued; null when none is ready. */
  readonly oldestReadyMs: number | null
  /** Workers in this process, and tasks that they are working on. */
  readonly workers: number
  readonly running: number
  readonly swarms: readonly SwarmStats[]
}

export function statsOf(board: Board, workers: Iterable<CoordinatorWorker>, now: number): CoordinatorStats {
  const swarms = new Map<string, { unfinished: number; held: number; workers: number }>()
  const of = (swarm: string) => {
    const known = swarms.get(swarm) ?? { unfinished: 0, held: 0, workers: 0 }
    swarms.set(swarm, known)
    return known
  }
  let ready = 0
  let waiting = 0
  let delayed = 0
  let oldest: string | undefined
  for (const entry of board.entries.values()) {
    const standing = entry.record?.standing
    if (!standing) continue
    of(entry.swarm).unfinished++
    if (standing.state === 'claimed') of(standing.holder.swarm).held++
    if (standing.state !== 'open') continue
    if (entry.waitsFor > 0) waiting++
    else if (entry.delay) delayed++
    else {
      ready++
      if (oldest === undefined || entry.enqueuedAt < oldest) oldest = entry.enqueuedAt
    }
  }
  let count = 0
  let running = 0
  for (const worker of workers) {
    count++
    running += worker.running
    of(worker.holder.swarm).workers++
  }
  return {
    tasks: { ...board.counts },
    ready,
    waiting,
    delayed,
    oldestReadyMs: oldest === undefined ? null : Math.max(0, now - Date.parse(oldest)),
    workers: count,
    running,
    swarms: [...swarms].map(([swarm, counts]) => ({ swarm, ...counts })).sort((a, b) => (a.swarm < b.swarm ? -1 : 1)),
  }
}
