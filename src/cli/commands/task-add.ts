// ifab task add: asks for work. One task from words and flags, or many from JSON Lines.
import { type CoordinatorPort, type Task, type TaskInput, taskInputSchema } from '../../coordinator/index.ts'
import { describeIssue, FabricError, type JsonValue } from '../../foundation/index.ts'
import { parseAssignments } from '../input/assignments.ts'
import { parseJsonLines, readJsonText } from '../input/json-text.ts'
import { taskId } from '../input/task-reference.ts'
import type { CommandHandler, Invocation } from '../invocation.ts'
import { counted } from '../output/phrases.ts'
import { taskLine, taskName } from '../output/task-text.ts'

export const taskAddCommand: CommandHandler = async (invocation) => {
  const { console, io } = invocation
  const [kind, ...words] = invocation.args
  const source = invocation.flags.text('input')
  const given = source === undefined ? undefined : parseJsonLines(await readJsonText('--input', source, io))
  if (kind === undefined && given === undefined) {
    throw new FabricError('IF_ERR_USAGE', '`ifab task add` needs KIND, or --input with whole tasks', {
      next: 'ifab help task add',
    })
  }
  const coordinator = await (await invocation.fabric()).coordinator()
  if (kind === undefined) return addWhole(invocation, coordinator, given ?? [])

  const asked = await askedBy(invocation, coordinator, kind)
  if (given && given.length > 1) {
    if (words.length > 0 || asked.id !== undefined) {
      throw new FabricError('IF_ERR_USAGE', `${given.length} payloads leave no room for key=value or --id`)
    }
    const tasks = given.map(({ value }) => ({ ...asked, payload: value }))
    return showMany(invocation, await addAll(coordinator, tasks))
  }
  const payload = await payloadOf(words, given?.[0]?.value)
  const task = await coordinator.add({ ...asked, ...(payload === undefined ? {} : { payload }) })
  console.result(task, `${console.out.good('✓')} ${taskLine(task, console.out, io.now())}`)
  const name = taskName(task.id)
  console.note(`Next: ifab task show ${name} --watch    Take it: ifab task claim ${name}`)
}

/** What the flags say, for every task of this command. */
async function askedBy({ flags, io }: Invocation, coordinator: CoordinatorPort, kind: string): Promise<TaskInput> {
  const id = flags.text('id')
  const swarm = flags.text('swarm')
  const priority = flags.integer('priority', -1000, 1000)
  const notBefore = flags.moment('not-before', io.now())
  const deadline = flags.moment('deadline', io.now())
  const attempts = flags.count('attempts')
  const after = await Promise.all(flags.all('after').map((reference) => taskId(coordinator, reference)))
  return {
    kind,
    ...(id === undefined ? {} : { id }),
    ...(swarm === undefined ? {} : { swarm }),
    ...(priority === undefined ? {} : { priority }),
    ...(notBefore === undefined ? {} : { notBefore }),
    ...(deadline === undefined ? {} : { deadline }),
    ...(attempts === undefined ? {} : { attempts }),
    ...(after.length === 0 ? {} : { after }),
    capabilities: flags.all('needs'),
  }
}

/** key=value goes on top of an object from --input. */
async function payloadOf(words: readonly string[], base: JsonValue | undefined): Promise<JsonValue | undefined> {
  if (words.length === 0) return base
  if (base === undefined) return parseAssignments(words, ANYTHING)
  if (base !== null && typeof base === 'object' && !Array.isArray(base)) return parseAssignments(words, ANYTHING, base)
  throw new FabricError('IF_ERR_USAGE', 'key=value goes on top of an object, and --input is none')
}

const ANYTHING = { type: 'object', additionalProperties: true }

/** Flags say something of one task, so they don't go with whole ones. */
const FLAGS_OF_ONE = ['id', 'swarm', 'priority', 'not-before', 'deadline', 'attempts', 'after', 'needs'] as const

async function addWhole(
  invocation: Invocation,
  coordinator: CoordinatorPort,
  given: { name: string; value: JsonValue }[],
): Promise<void> {
  const { flags } = invocation
  const flag = FLAGS_OF_ONE.find((name) => flags.text(name) !== undefined || flags.all(name).length > 0)
  if (flag) throw new FabricError('IF_ERR_USAGE', `--${flag} needs KIND; whole tasks say it themselves`)
  const tasks = given.flatMap(({ name, value }) =>
    Array.isArray(value) ? value.map((item, at) => checkedTask(`${name}[${at}]`, item)) : [checkedTask(name, value)],
  )
  showMany(invocation, await addAll(coordinator, tasks))
}

/** Checked here too, so that the error names the line. */
function checkedTask(name: string, value: JsonValue): TaskInput {
  const parsed = taskInputSchema.safeParse(value)
  if (parsed.success) return value as TaskInput // the schema said so; defaults are filled in where it is added
  const [issue] = parsed.error.issues
  const field = issue?.path.length ? `${issue.path.join('.')}: ` : ''
  throw new FabricError('IF_ERR_INVALID_INPUT', `${name}: ${field}${issue ? describeIssue(issue) : 'is no task'}`, {
    hint: 'A whole task is {"kind":"resize","payload":{…}}; `ifab help task add` lists its fields.',
  })
}

/** Few enough for one message of a daemon; whatever waits for each other stays in one. */
const MOST_AT_ONCE = 1_000

async function addAll(coordinator: CoordinatorPort, tasks: readonly TaskInput[]): Promise<Task[]> {
  const added: Task[] = []
  for (let at = 0; at < tasks.length; at += MOST_AT_ONCE) {
    try {
      added.push(...(await coordinator.add(tasks.slice(at, at + MOST_AT_ONCE))))
    } catch (thrown) {
      if (added.length === 0 || !(thrown instanceof FabricError)) throw thrown
      throw new FabricError(thrown.code, `${thrown.message}; the first ${added.length} tasks are added, no others`, {
        ...(thrown.hint ? { hint: thrown.hint } : {}),
        details: { ...thrown.details, added: added.length },
      })
    }
  }
  return added
}

function showMany({ console }: Invocation, tasks: Task[]): void {
  const shown = tasks.slice(0, 3).map(({ id }) => taskName(id))
  const more = tasks.length > shown.length ? ', …' : ''
  console.result(
    tasks,
    `${console.out.good('✓')} ${counted(tasks.length, 'task')} added${shown.length > 0 ? `: ${shown.join(', ')}${more}` : ''}`,
  )
  console.note('Next: ifab task list    Follow: ifab coordinator status --watch')
}
