// ifab task list, show: looks at tasks, once or until Ctrl-C.
import type { CoordinatorPort, ListOptions, Task, TaskState } from '../../coordinator/index.ts'
import { isFabricError } from '../../foundation/index.ts'
import { findTask } from '../input/task-reference.ts'
import { listenForInterrupt } from '../interrupt.ts'
import type { CommandHandler, Invocation } from '../invocation.ts'
import { clockText } from '../output/phrases.ts'
import { openScreen } from '../output/screen.ts'
import { type TaskPage, taskLine, taskName, taskTable, taskText } from '../output/task-text.ts'
import { movedTasks } from './moved-tasks.ts'

export const taskListCommand: CommandHandler = async (invocation) => {
  const { flags, console, io } = invocation
  const coordinator = await (await invocation.fabric()).coordinator()
  const wanted = wantedBy(invocation)
  if (flags.has('watch')) return watchList(invocation, coordinator, wanted)
  const tasks = await coordinator.list(wanted)
  console.result(tasks, tasks.length === 0 ? 'no tasks' : taskTable(tasks, console.out, io.now()))
  const [first] = tasks
  console.note(first ? `Next: ifab task show ${taskName(first.id)}` : 'Next: ifab task add KIND')
}

function wantedBy({ flags }: Invocation): ListOptions & { limit: number } {
  const swarm = flags.text('swarm')
  const kind = flags.text('kind')
  const state = flags.text('state') as TaskState | undefined // one of the choices in the command tree
  return {
    newestFirst: true,
    limit: flags.count('limit') ?? 20,
    ...(state === undefined ? {} : { state }),
    ...(swarm === undefined ? {} : { swarm }),
    ...(kind === undefined ? {} : { kind }),
  }
}

async function watchList(
  invocation: Invocation,
  coordinator: CoordinatorPort,
  wanted: ListOptions & { limit: number },
): Promise<number> {
  const { console, io } = invocation
  const interruption = listenForInterrupt(io)
  const screen = openScreen(invocation)
  const fits = (task: Task) =>
    (wanted.state ?? task.state) === task.state &&
    (wanted.swarm ?? task.swarm) === task.swarm &&
    (wanted.kind ?? task.kind) === task.kind
  try {
    let isFirst = true
    for await (const moved of movedTasks(coordinator, interruption.stop)) {
      if (screen) {
        const tasks = await coordinator.list({ ...wanted, limit: Math.min(wanted.limit, Math.max(1, screen.rows - 4)) })
        screen.draw(`${tasks.length === 0 ? 'no tasks' : taskTable(tasks, console.out, io.now())}\n\nCtrl-C ends`)
      } else {
        const tasks = isFirst ? (await coordinator.list(wanted)).reverse() : await present(coordinator, moved)
        for (const task of tasks.filter(fits)) console.event(task, timedLine(task, invocation))
      }
      isFirst = false
    }
    return interruption.exitCode ?? 0
  } finally {
    interruption.end()
  }
}

const timedLine = (task: Task, { console, io }: Invocation): string =>
  `${console.out.faint(clockText(io.now()))} ${taskLine(task, console.out, io.now())}`

/** The tasks as they stand; one that was removed meanwhile is left out. */
async function present(coordinator: CoordinatorPort, ids: ReadonlySet<string>): Promise<Task[]> {
  const tasks: Task[] = []
  for (const id of ids) {
    const task = await coordinator.get(id).catch((thrown: unknown) => {
      if (!isFabricError(thrown) || thrown.code !== 'IF_ERR_NOT_FOUND') throw thrown
    })
    if (task) tasks.push(task)
  }
  return tasks
}

export const taskShowCommand: CommandHandler = async (invocation) => {
  const { args, flags, console, io } = invocation
  const [reference = ''] = args // required by the command tree
  const coordinator = await (await invocation.fabric()).coordinator()
  const task = await findTask(coordinator, reference)
  const page = { task, payload: await coordinator.payload(task.id) }
  if (flags.has('watch')) return watchTask(invocation, coordinator, page)
  console.result({ ...task, payload: page.payload }, taskText(page, console.out, io.now()))
  console.note(`Next: ${nextFor(task)}`)
}

async function watchTask(invocation: Invocation, coordinator: CoordinatorPort, page: TaskPage): Promise<number> {
  const { console, io } = invocation
  const { payload, task: first } = page
  const interruption = listenForInterrupt(io)
  const screen = openScreen(invocation)
  let shown = ''
  try {
    for await (const _ of movedTasks(coordinator, interruption.stop, { only: first.id })) {
      const task = await coordinator.get(first.id)
      screen?.draw(taskText({ task, payload }, console.out, io.now()))
      const stands = JSON.stringify(task)
      if (!screen && stands !== shown) console.event({ ...task, payload }, timedLine(task, invocation))
      shown = stands
      if (task.state === 'done') return 0
      if (task.state === 'failed' || task.state === 'dead') return 1
    }
    return interruption.exitCode ?? 0
  } finally {
    interruption.end()
  }
}

/** What can be done about a task that stands like this. */
export function nextFor({ id, state, token, blocker }: Task): string {
  const name = taskName(id)
  switch (state) {
    case 'open':
      return `ifab task claim ${name}    Give it up: ifab task cancel ${name} --why '…'`
    case 'claimed':
      return `ifab task show ${name} --watch    Its holder: ifab task complete ${name} --token ${token}`
    case 'blocked':
      return `ifab task unblock ${name} --why '…'${blocker ? ` --handover '{"answer":"…"}'` : ''}    Give it up: ifab task cancel ${name} --why '…'`
    case 'failed':
    case 'dead':
      return `ifab task retry ${name} --why '…'`
    case 'done':
      return 'ifab task list'
  }
}
