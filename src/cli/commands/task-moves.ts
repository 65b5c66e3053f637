// ifab task extend, complete, fail, release, block by the token of a claim; unblock, retry, cancel by whoever may.
import type { BlockInput, CoordinatorPort, Severity, Task } from '../../coordinator/index.ts'
import type { TaskClaim } from '../../fabric/index.ts'
import { FabricError, type JsonValue } from '../../foundation/index.ts'
import { parseAssignments } from '../input/assignments.ts'
import { parseJson, readJsonText } from '../input/json-text.ts'
import { findTask, heldClaim } from '../input/task-reference.ts'
import type { CommandHandler, Invocation } from '../invocation.ts'
import { spanText } from '../output/phrases.ts'
import { taskLine, taskName } from '../output/task-text.ts'
import { nextFor } from './task.ts'

export const taskExtendCommand = byHolder(
  ({ flags }) => {
    const leaseMs = flags.duration('lease')
    return (coordinator, { task, token }) => coordinator.extend(task, token, leaseMs === undefined ? {} : { leaseMs })
  },
  ({ leaseMs }) => (leaseMs === null ? '' : ` · for another ${spanText(leaseMs)}`),
)

export const taskCompleteCommand = byHolder(async (invocation) => {
  const result = await resultOf(invocation)
  return (coordinator, { task, token }) => coordinator.complete(task, token, result)
})

/** JSON or standard input by itself, else key=value of an object. */
async function resultOf({ flags, io }: Invocation): Promise<JsonValue> {
  const words = flags.all('result')
  const [only, second] = words
  if (only === undefined) return null
  if (second === undefined && only === '-') return parseJson(await readJsonText('--result', only, io))
  const isJson = /^\s*([[{"]|-?\d|(true|false|null)\s*$)/.test(only) && !/^[\w.]+[:@]?=/.test(only)
  return second === undefined && isJson
    ? parseJson({ name: '--result', text: only })
    : parseAssignments(words, { type: 'object', additionalProperties: true })
}

export const taskFailCommand = byHolder(({ flags }) => {
  const error = needed(flags.text('error'), '--error', 'what went wrong')
  return (coordinator, { task, token }) =>
    coordinator.fail(task, token, error, flags.has('final') ? { mayRetry: false } : {})
})

export const taskReleaseCommand = byHolder(
  ({ why }) =>
    (coordinator, { task, token }) =>
      coordinator.release(task, token, why === undefined ? {} : { note: why }),
)

export const taskBlockCommand = byHolder((invocation) => {
  const { flags } = invocation
  const requiredCapabilities = flags.all('needs')
  const handover = handoverOf(invocation)
  const severity = flags.text('severity') as Severity | undefined // one of the choices in the command tree
  const blocker: BlockInput = {
    type: flags.text('type') ?? (requiredCapabilities.length > 0 ? 'needs-capability' : 'needs-answer'),
    description: needed(flags.text('description'), '--description', 'what stops it'),
    requiredCapabilities,
    ...(severity === undefined ? {} : { severity }),
    ...(handover === undefined ? {} : { context: handover }),
  }
  return (coordinator, { task, token }) => coordinator.block(task, token, blocker)
})

export const taskUnblockCommand = byAnybody((coordinator, task, options, invocation) => {
  const handover = handoverOf(invocation)
  return coordinator.unblock(task, { ...options, ...(handover === undefined ? {} : { context: handover }) })
})

export const taskRetryCommand = byAnybody((coordinator, task, options) => coordinator.retry(task, options))

export const taskCancelCommand = byAnybody((coordinator, task, options) => coordinator.cancel(task, options))

const handoverOf = ({ flags }: Invocation): JsonValue | undefined => {
  const text = flags.text('handover')
  return text === undefined ? undefined : parseJson({ name: '--handover', text })
}

function needed(text: string | undefined, flag: string, what: string): string {
  if (text !== undefined && text.trim() !== '') return text
  throw new FabricError('IF_ERR_USAGE', `${flag} is needed: say ${what}`)
}

type HolderMove = (coordinator: CoordinatorPort, claim: TaskClaim) => Promise<Task>

/** A command that speaks with the token of a claim; the words are checked before the fabric is opened. */
function byHolder(
  read: (invocation: Invocation) => HolderMove | Promise<HolderMove>,
  more: (task: Task) => string = () => '',
): CommandHandler {
  return async (invocation) => {
    const move = await read(invocation)
    const coordinator = await (await invocation.fabric()).coordinator()
    const task = await move(coordinator, await heldClaim(invocation, coordinator))
    showMoved(invocation, task, more(task))
  }
}

type FreeMove = (
  coordinator: CoordinatorPort,
  task: string,
  options: { actor: string; why?: string },
  invocation: Invocation,
) => Promise<Task>

/** A command that needs no claim; --token only makes sure that nobody has claimed it since. */
function byAnybody(move: FreeMove): CommandHandler {
  return async (invocation) => {
    const [reference = ''] = invocation.args // required by the command tree
    const fabric = await invocation.fabric()
    const coordinator = await fabric.coordinator()
    const before = await findTask(coordinator, reference)
    const token = invocation.flags.count('token', 0)
    if (token !== undefined && token !== before.token) {
      const name = taskName(before.id)
      throw new FabricError(
        'IF_ERR_CONFLICT',
        `task ${name} was claimed since: its token is ${before.token}, not ${token}`,
        {
          next: `ifab task show ${name}`,
          details: { task: before.id, token: before.token },
        },
      )
    }
    const { why } = invocation
    const options = { actor: fabric.actor, ...(why === undefined ? {} : { why }) }
    showMoved(invocation, await move(coordinator, before.id, options, invocation))
  }
}

function showMoved({ console, io }: Invocation, task: Task, more = ''): void {
  console.result(task, `${console.out.good('✓')} ${taskLine(task, console.out, io.now())}${more}`)
  console.note(`Next: ${nextFor(task)}`)
}
