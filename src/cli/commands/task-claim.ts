// ifab task claim: takes a task, for scripts. What it prints is what the holder needs to go on: payload, token, commands.
import type { Claim, ClaimFilter, CoordinatorPort, Holder } from '../../coordinator/index.ts'
import { FabricError, ulid } from '../../foundation/index.ts'
import { taskId } from '../input/task-reference.ts'
import { listenForInterrupt } from '../interrupt.ts'
import type { CommandHandler, Invocation } from '../invocation.ts'
import type { Colours } from '../output/colours.ts'
import { spanText } from '../output/phrases.ts'
import { holderText, taskName } from '../output/task-text.ts'

/** Nobody beats for a script, so its lease must outlast the work. */
const LEASE_MS = 10 * 60_000
const WAIT_MS = 5_000

export const taskClaimCommand: CommandHandler = async (invocation) => {
  const { args, flags, io, console } = invocation
  const [reference] = args
  const holder: Holder = {
    swarm: flags.text('swarm') ?? 'default',
    worker: flags.text('worker') ?? (io.env.IFAB_WORKER || ulid()),
  }
  const leaseMs = flags.duration('lease') ?? LEASE_MS
  const filter = filterOf(invocation)
  if (reference !== undefined && (Object.keys(filter).length > 0 || flags.text('wait') !== undefined)) {
    throw new FabricError('IF_ERR_USAGE', '--kind, --from, --capability and --wait choose a task, and TASK names one')
  }
  const waitMs = flags.duration('wait') ?? WAIT_MS
  const coordinator = await (await invocation.fabric()).coordinator()
  const claim =
    reference === undefined
      ? await nextClaim(invocation, coordinator, { holder, filter, leaseMs, waitMs })
      : await coordinator.claim(holder, await taskId(coordinator, reference), { leaseMs })
  if (!claim) {
    const waited = waitMs === 0 ? 'is ready' : `came within ${spanText(waitMs)}`
    console.result(null, `no task for swarm ${holder.swarm} ${waited}`)
    console.note('Next: ifab coordinator status')
    return
  }
  const under = `${claim.task.id}:${claim.token}`
  console.result({ ...claim, claim: under }, claimText(claim, console.out))
  showNext(invocation, claim)
}

function filterOf({ flags }: Invocation): ClaimFilter {
  const kinds = flags.all('kind')
  const swarms = flags.all('from')
  const capabilities = flags.all('capability')
  return {
    ...(kinds.length > 0 ? { kinds } : {}),
    ...(swarms.length > 0 ? { swarms } : {}),
    ...(capabilities.length > 0 ? { capabilities } : {}),
  }
}

/** Whose turn it is; Ctrl-C ends the waiting, and what is granted in that moment goes back. */
async function nextClaim(
  { io }: Invocation,
  coordinator: CoordinatorPort,
  { holder, filter, leaseMs, waitMs }: { holder: Holder; filter: ClaimFilter; leaseMs: number; waitMs: number },
): Promise<Claim | undefined> {
  const interruption = listenForInterrupt(io)
  try {
    return await coordinator.claim(holder, filter, { leaseMs, waitMs, signal: interruption.stop })
  } catch (thrown) {
    const { exitCode } = interruption
    if (exitCode === undefined) throw thrown
    throw new FabricError('IF_ERR_CANCELLED', 'stopped while waiting for a task; none was taken', {
      details: { exitCode },
      cause: thrown,
    })
  } finally {
    interruption.end()
  }
}

function claimText({ task, token, holder, leaseMs, payload }: Claim, paint: Colours): string {
  const head = [
    `${paint.good('✓')} ${paint.strong(taskName(task.id))} ${task.kind}`,
    `token ${token}`,
    `lease ${spanText(leaseMs)}`,
    `attempt ${task.attempt} of ${task.attempts}`,
    `held by ${holderText(holder)}`,
  ].join(' · ')
  return [
    head,
    ...(payload === null ? [] : [`  payload   ${JSON.stringify(payload)}`]),
    ...(task.context === null ? [] : [`  handover  ${JSON.stringify(task.context)}`]),
    ...(task.deadline === null ? [] : [`  deadline  ${task.deadline}`]),
  ].join('\n')
}

function showNext({ console }: Invocation, { task, token }: Claim): void {
  const held = `${taskName(task.id)} --token ${token}`
  console.note(
    [
      `Next: ifab task complete ${held} --result key=value    Failed: ifab task fail ${held} --error '…'`,
      `Longer: ifab task extend ${held}    Back: ifab task release ${held}    Stuck: ifab task block ${held} --description '…'`,
      `Or once: export IFAB_CLAIM=${task.id}:${token}    then \`ifab task complete\` and \`ifab apply …\` know it`,
    ].join('\n'),
  )
}
