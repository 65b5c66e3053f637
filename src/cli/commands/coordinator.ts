// ifab coordinator status, swarms: how the work goes on, once or until Ctrl-C.
import type { CoordinatorStats } from '../../coordinator/index.ts'
import type { Fabric } from '../../fabric/index.ts'
import { listenForInterrupt } from '../interrupt.ts'
import type { CommandHandler, Invocation } from '../invocation.ts'
import { clockText } from '../output/phrases.ts'
import { openScreen } from '../output/screen.ts'
import { statsLine, statsText, swarmsLine, swarmsTable } from '../output/stats-text.ts'
import { movedTasks } from './moved-tasks.ts'

/** What a command shows of the figures: for programs, as a page, as a line. */
interface View {
  value: (stats: CoordinatorStats) => unknown
  page: (stats: CoordinatorStats) => string
  line: (stats: CoordinatorStats) => string
}

export const coordinatorStatusCommand: CommandHandler = async (invocation) => {
  const { console } = invocation
  const fabric = await invocation.fabric()
  const stats = await show(invocation, fabric, {
    value: (figures) => ({ ...figures, way: fabric.way }),
    page: (figures) => statsText(figures, fabric.way, console.out),
    line: (figures) => statsLine(figures, console.out),
  })
  if (typeof stats === 'number') return stats
  console.note(`Next: ${nextFor(stats)}`)
}

const nextFor = ({ tasks, ready, workers }: CoordinatorStats): string => {
  if (tasks.blocked > 0) return 'ifab task list --state blocked'
  if (tasks.dead > 0) return 'ifab task list --state dead'
  if (ready > 0 && workers === 0) return 'ifab task claim'
  return tasks.open + tasks.claimed > 0 ? 'ifab coordinator status --watch' : 'ifab task add KIND'
}

export const coordinatorSwarmsCommand: CommandHandler = async (invocation) => {
  const { console } = invocation
  const stats = await show(invocation, await invocation.fabric(), {
    value: ({ swarms }) => swarms,
    page: ({ swarms }) => swarmsTable(swarms, console.out),
    line: ({ swarms }) => swarmsLine(swarms),
  })
  if (typeof stats === 'number') return stats
  console.note('Next: ifab task list --swarm NAME')
}

/** The figures that were shown, or the exit code of a watch. */
async function show(invocation: Invocation, fabric: Fabric, view: View): Promise<CoordinatorStats | number> {
  const { flags, console } = invocation
  const coordinator = await fabric.coordinator()
  if (!flags.has('watch')) {
    const stats = await coordinator.stats()
    console.result(view.value(stats), view.page(stats))
    return stats
  }
  const interruption = listenForInterrupt(invocation.io)
  const screen = openScreen(invocation)
  let shown = ''
  try {
    for await (const _ of movedTasks(coordinator, interruption.stop)) {
      const stats = await coordinator.stats()
      screen?.draw(`${view.page(stats)}\n\nCtrl-C ends`)
      // An age grows by itself: that alone is no news.
      const news = JSON.stringify(view.value({ ...stats, oldestReadyMs: null }))
      if (!screen && news !== shown) {
        console.event(view.value(stats), `${console.out.faint(clockText(invocation.io.now()))} ${view.line(stats)}`)
      }
      shown = news
    }
    return interruption.exitCode ?? 0
  } finally {
    interruption.end()
  }
}
