// How tasks read: a row of a list, a page, one move.
import type { HistoryMove, Task, TaskState } from '../../coordinator/index.ts'
import { type JsonValue, shortId } from '../../foundation/index.ts'
import type { Colours } from './colours.ts'
import { agoText, spanText } from './phrases.ts'
import { table } from './table.ts'

/** What people see of a task's id: the end of a ULID, a chosen id as it is. */
export const taskName = (id: string): string => (/^[0-7][0-9A-HJKMNP-TV-Z]{25}$/.test(id) ? shortId(id) : id)

/** `photos/4gz8k2m1`. */
export const holderText = ({ swarm, worker }: { swarm: string; worker: string }): string =>
  `${swarm}/${taskName(worker)}`

/** `in 12 s`, `3 min ago`. */
export const whenText = (at: string, now: number): string =>
  Date.parse(at) > now ? `in ${spanText(Date.parse(at) - now)}` : agoText(at, now)

export function stateText(state: TaskState, paint: Colours): string {
  if (state === 'done') return paint.good(state)
  if (state === 'failed' || state === 'dead') return paint.bad(state)
  return state === 'blocked' ? paint.warn(state) : state === 'claimed' ? paint.strong(state) : state
}

export function taskTable(tasks: readonly Task[], paint: Colours, now: number): string {
  const head = ['task', 'state', 'kind', 'swarm', 'try', 'added', ''].map(paint.faint)
  return table([head, ...tasks.map((task) => taskRow(task, paint, now))])
}

const taskRow = (task: Task, paint: Colours, now: number): string[] => [
  paint.strong(taskName(task.id)),
  stateText(task.state, paint),
  task.kind,
  task.swarm,
  `${task.attempt}/${task.attempts}`,
  agoText(task.enqueuedAt, now),
  standingText(task, now),
]

/** `4gz8k2m1 resize done · swarm photos`: one task in one line. */
export const taskLine = (task: Task, paint: Colours, now: number): string =>
  [
    `${taskName(task.id)} ${task.kind} ${stateText(task.state, paint)}`,
    ...(task.swarm === 'default' ? [] : [`swarm ${task.swarm}`]),
    ...[standingText(task, now)].filter((text) => text !== ''),
  ].join(' · ')

/** What there is to say of where it stands, in a few words. */
function standingText(task: Task, now: number): string {
  const { state, holder, blocker, error } = task
  if (state === 'claimed' && holder) return `by ${holderText(holder)}, token ${task.token}`
  if (blocker) return `${blocker.type}: ${blocker.description}`
  if (error) return error.message
  if (state !== 'open') return ''
  if (task.waitsFor.length > 0) return `waits for ${task.waitsFor.map(taskName).join(', ')}`
  const later = [task.notBefore, task.readyAt].find((at) => at !== null && Date.parse(at) > now)
  return later ? `${whenText(later, now)}` : ''
}

export interface TaskPage {
  task: Task
  payload: JsonValue
}

export function taskText({ task, payload }: TaskPage, paint: Colours, now: number): string {
  const { holder, blocker, error } = task
  const facts: [string, string | false][] = [
    ['id', taskName(task.id) !== task.id && task.id],
    ['held by', task.state === 'claimed' && holder !== null && heldText(task)],
    ['attempt', `${task.attempt} of ${task.attempts}`],
    ['priority', task.priority !== 0 && String(task.priority)],
    ['needs', task.capabilities.join(', ')],
    ['after', afterText(task)],
    ['not before', task.notBefore !== null && `${task.notBefore} (${whenText(task.notBefore, now)})`],
    ['next try', task.readyAt !== null && `${task.readyAt} (${whenText(task.readyAt, now)})`],
    ['deadline', task.deadline !== null && `${task.deadline} (${whenText(task.deadline, now)})`],
    ['payload', payload !== null && JSON.stringify(payload)],
    ['blocked', blocker !== null && `${blocker.type}, ${blocker.severity}: ${blocker.description}`],
    ['to go on', blocker?.requiredCapabilities.join(', ') ?? ''],
    ['handover', task.context !== null && JSON.stringify(task.context)],
    ['result', task.state === 'done' && JSON.stringify(task.result)],
    ['error', error !== null && `${error.code}: ${error.message}`],
  ]
  const known = facts.flatMap(([name, text]) => (text === false || text === '' ? [] : [[paint.faint(name), text]]))
  const moves = task.history.map((move) => moveRow(move, paint))
  return [
    `${paint.strong(taskName(task.id))} ${task.kind} ${stateText(task.state, paint)} · swarm ${task.swarm} · added ${agoText(task.enqueuedAt, now)}`,
    table(known, '  '),
    table(moves, '  '),
  ].join('\n')
}

const heldText = ({ holder, token, leaseMs }: Task): string =>
  `${holder ? holderText(holder) : ''}, token ${token}${leaseMs === null ? '' : `, lease ${spanText(leaseMs)}`}`

const afterText = ({ after, waitsFor }: Task): string =>
  after.map((id) => `${taskName(id)}${waitsFor.includes(id) ? ' (not done yet)' : ''}`).join(', ')

/** One move of the history: when, what, by whom, why. */
export function moveRow({ at, move, by, token, note }: HistoryMove, paint: Colours): string[] {
  return [paint.faint(at), move, by === undefined ? '' : byText(by), token > 0 ? `token ${token}` : '', note ?? '']
}

/** `photos/01KB…` of a holder becomes `photos/4gz8k2m1`; the address of an actor stays. */
function byText(by: string): string {
  if (by.includes('://')) return by
  const at = by.lastIndexOf('/')
  return at < 0 ? by : holderText({ swarm: by.slice(0, at), worker: by.slice(at + 1) })
}
