// How the coordinator does, in words: a page, a line, a table of swarms.
import type { CoordinatorStats, SwarmStats, TaskState } from '../../coordinator/index.ts'
import type { Way } from '../../fabric/index.ts'
import type { Colours } from './colours.ts'
import { counted, spanText } from './phrases.ts'
import { table } from './table.ts'
import { stateText } from './task-text.ts'
import { wayText } from './way-text.ts'

const STATES: readonly TaskState[] = ['open', 'claimed', 'blocked', 'done', 'failed', 'dead']

export function statsText(stats: CoordinatorStats, way: Way, paint: Colours): string {
  const { ready, waiting, delayed, oldestReadyMs, swarms } = stats
  const oldest = oldestReadyMs === null ? '' : `, the oldest for ${spanText(oldestReadyMs)}`
  const rows = [
    ['tasks', countsText(stats, paint)],
    ['open', [`${ready} ready${oldest}`, `${waiting} waiting for others`, `${delayed} for their time`].join(' · ')],
    ['workers', workersText(stats, way)],
    ['swarms', String(swarms.length)],
    ['way', wayText(way)],
  ]
  return table(rows.map(([name = '', text = '']) => [paint.faint(name), text]))
}

/** Without a daemon each process knows its own workers only. */
const workersText = ({ workers, running }: CoordinatorStats, way: Way): string =>
  way.kind === 'home'
    ? 'those of other processes show only with a daemon'
    : `${workers}, working on ${counted(running, 'task')}`

/** `open 3 · claimed 1 · blocked 0 · done 12 · failed 0 · dead 0`; colours only where there are any. */
export const countsText = ({ tasks }: CoordinatorStats, paint: Colours): string =>
  STATES.map((state) => `${tasks[state] > 0 ? stateText(state, paint) : state} ${tasks[state]}`).join(' · ')

/** One line of a watch that is no terminal. */
export const statsLine = (stats: CoordinatorStats, paint: Colours): string =>
  `${countsText(stats, paint)} · ready ${stats.ready} · waiting ${stats.waiting} · delayed ${stats.delayed} · workers ${stats.workers}`

export function swarmsTable(swarms: readonly SwarmStats[], paint: Colours): string {
  if (swarms.length === 0) return 'no swarm has unfinished tasks or workers'
  const head = ['swarm', 'unfinished', 'held', 'workers'].map(paint.faint)
  return table([
    head,
    ...swarms.map(({ swarm, unfinished, held, workers }) => [swarm, String(unfinished), String(held), String(workers)]),
  ])
}

export const swarmsLine = (swarms: readonly SwarmStats[]): string =>
  swarms.length === 0
    ? 'no swarms'
    : swarms.map(({ swarm, unfinished, held }) => `${swarm} ${unfinished} unfinished, ${held} held`).join(' · ')
