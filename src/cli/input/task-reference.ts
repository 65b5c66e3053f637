// Which task a command line means: an id, a unique piece of it, or `last`; and which claim its holder speaks for.
import type { CoordinatorPort, Task } from '../../coordinator/index.ts'
import type { TaskClaim } from '../../fabric/index.ts'
import { didYouMean, FabricError, isFabricError } from '../../foundation/index.ts'
import type { Invocation } from '../invocation.ts'
import { taskName } from '../output/task-text.ts'

/** The task; IF_ERR_NOT_FOUND suggests names that are near. */
export async function findTask(coordinator: CoordinatorPort, reference: string): Promise<Task> {
  if (reference === 'last') {
    const [newest] = await coordinator.list({ newestFirst: true, limit: 1 })
    if (newest) return newest
    throw new FabricError('IF_ERR_NOT_FOUND', 'there are no tasks yet', { next: 'ifab task add KIND' })
  }
  const exact = await coordinator.get(reference).catch((thrown: unknown) => {
    if (isFabricError(thrown) && thrown.code === 'IF_ERR_NOT_FOUND') return undefined
    throw thrown
  })
  return exact ?? byPiece(coordinator, reference)
}

async function byPiece(coordinator: CoordinatorPort, piece: string): Promise<Task> {
  const [only, second] = await coordinator.list({ idPart: piece, limit: 2, newestFirst: true })
  if (only && !second && piece !== '') return only
  if (only && second && piece !== '') {
    throw new FabricError('IF_ERR_NOT_FOUND', `${piece} names more than one task`, {
      hint: `${only.id} and ${second.id} are two of them: write more of the id.`,
    })
  }
  const names = (await coordinator.list({ newestFirst: true, limit: 200 })).map(({ id }) => taskName(id))
  throw new FabricError('IF_ERR_NOT_FOUND', `there is no task ${JSON.stringify(piece)}`, {
    hint: didYouMean(piece, names) ?? 'See what there is with `ifab task list`.',
    next: 'ifab task list',
  })
}

/** The full id, without asking for what is one already. */
export const taskId = async (coordinator: CoordinatorPort, reference: string): Promise<string> =>
  isFullId(reference) ? reference : (await findTask(coordinator, reference)).id

const isFullId = (text: string): boolean => /^[0-7][0-9A-HJKMNP-TV-Z]{25}$/.test(text)

/** The claim that a holder speaks for: TASK and --token, each by default that of IFAB_CLAIM. */
export async function heldClaim(invocation: Invocation, coordinator: CoordinatorPort): Promise<TaskClaim> {
  const { args, flags, io } = invocation
  const [reference] = args
  const token = flags.count('token')
  const known = io.env.IFAB_CLAIM ? claimIn(io.env.IFAB_CLAIM, 'IFAB_CLAIM') : undefined
  const named = reference ?? known?.task
  if (named === undefined) {
    throw new FabricError('IF_ERR_USAGE', `\`ifab ${invocation.command.path.join(' ')}\` needs TASK`, {
      hint: 'Give the task and --token N of your claim, or set IFAB_CLAIM=TASK:TOKEN.',
      next: 'ifab task list --state claimed',
    })
  }
  const task = await taskId(coordinator, named)
  if (token !== undefined) return { task, token }
  if (known && (reference === undefined || (await taskId(coordinator, known.task)) === task)) {
    return { task, token: known.token }
  }
  throw new FabricError('IF_ERR_USAGE', '--token N is needed: the token that the claim gave you', {
    hint: '`ifab task claim` printed it. With it nobody who comes too late changes anything.',
    next: `ifab task show ${taskName(task)}`,
  })
}

/** The claim of --claim or IFAB_CLAIM that a run is done under; nothing without one. */
export async function actingClaim({ flags, io, fabric }: Invocation): Promise<{ claim?: TaskClaim }> {
  const flag = flags.text('claim')
  const text = flag ?? io.env.IFAB_CLAIM
  if (text === undefined || text === '') return {}
  const { task, token } = claimIn(text, flag === undefined ? 'IFAB_CLAIM' : '--claim')
  return { claim: { task: isFullId(task) ? task : await taskId(await (await fabric()).coordinator(), task), token } }
}

function claimIn(text: string, source: string): TaskClaim {
  const match = /^([A-Za-z0-9][A-Za-z0-9._-]{0,127}):(\d{1,15})$/.exec(text)
  if (match?.[1] !== undefined) return { task: match[1], token: Number(match[2]) }
  throw new FabricError('IF_ERR_USAGE', `${source} expects TASK:TOKEN, got ${JSON.stringify(text)}`, {
    hint: '`ifab task claim` prints it.',
  })
}
