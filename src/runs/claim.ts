// Who works on a run. A run has one holder at a time; its token grows with each take-over and every unfinished step is
// rewritten with it, so that whatever an older holder still wants to begin loses its compare-and-swap. A run that is worked
// on for a task is taken over under the task's claim, and from whoever works on it under an older one.
import { readFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { type Clock, FabricError, optional, shortId, timestamp, ulid } from '../foundation/index.ts'
import { commitUnder, type Fence } from '../pipeline/index.ts'
import type { Entry, Store, Write } from '../store/index.ts'
import { isOver, type RunHolder, type RunRecord, runKey, type StepRecord, stepsPrefix } from './records.ts'

/** A holder that hasn't beaten for so long is taken for dead; it beats three times as often. */
export const LEASE_MS = 30_000

export interface ClaimedRun {
  run: Entry<RunRecord>
  steps: Entry<StepRecord>[]
}

/** This process as a holder. */
export const thisHolder = (): RunHolder => ({
  process: PROCESS,
  host: hostname(),
  pid: process.pid,
  startedAt: startOf(process.pid) ?? '',
})

const PROCESS = ulid()

export interface ClaimRunOptions {
  evenOver?: boolean
  leaseMs?: number | undefined
  /** The claim of the task that it is worked on for. */
  fence?: Fence | undefined
}

/**
 * Claims a run that nobody works on, with the next token; IF_ERR_RUN_ACTIVE while its holder lives, IF_ERR_CLAIM_LOST when
 * another is faster. One that is over can be claimed only to be taken back or settled.
 */
export async function claimRun(
  store: Store,
  clock: Clock,
  id: string,
  { evenOver = false, leaseMs = LEASE_MS, fence }: ClaimRunOptions = {},
): Promise<ClaimedRun> {
  const entry = await store.get<RunRecord>(runKey(id))
  if (!entry) throw new FabricError('IF_ERR_NOT_FOUND', `there is no run ${shortId(id)}`)
  const { holder, state } = entry.value
  if (isOver(state) && !evenOver)
    throw new FabricError('IF_ERR_CONFLICT', `run ${shortId(id)} is ${state}; nothing is left to do`, {
      retryable: false,
    })
  if (holder && !isOutrun(entry.value, fence) && (await isAlive({ store, clock, leaseMs }, entry, holder))) {
    throw new FabricError(
      'IF_ERR_RUN_ACTIVE',
      `run ${shortId(id)} is going on in process ${holder.pid} on ${holder.host}`,
      {
        next: `ifab run show ${shortId(id)}`,
      },
    )
  }
  const token = entry.value.token + 1
  const claimed: RunRecord = {
    ...entry.value,
    token,
    state: 'running',
    ...optional('claim', fence?.claim),
    holder: thisHolder(),
    beat: entry.value.beat + 1,
    beatAt: timestamp(clock.now()),
  }
  const revision = await swapRun(store, entry, claimed, fence)
  return { run: { key: entry.key, value: claimed, revision }, steps: await fenceSteps(store, id, token) }
}

/** Whether its holder works under an older claim of the same task: nothing of it can begin any more. */
const isOutrun = ({ claim }: RunRecord, fence: Fence | undefined): boolean =>
  claim !== undefined && claim.task === fence?.claim.task && claim.token < fence.claim.token

async function swapRun(
  store: Store,
  entry: Entry<RunRecord>,
  next: RunRecord,
  fence: Fence | undefined,
): Promise<number> {
  const write: Write = { key: entry.key, value: next, expect: entry.revision }
  try {
    const { committed } = await commitUnder(fence, (conditions) => store.commit([...conditions, write]))
    return committed.revisions.at(-1) ?? 0
  } catch (thrown) {
    if (!(thrown instanceof FabricError) || thrown.code !== 'IF_ERR_CONFLICT') throw thrown
    throw new FabricError('IF_ERR_CLAIM_LOST', `another process took run ${shortId(next.id)} at the same moment`, {
      cause: thrown,
    })
  }
}

/** Puts the token into every step; an older holder's begin no longer fits. */
async function fenceSteps(store: Store, run: string, token: number): Promise<Entry<StepRecord>[]> {
  for (;;) {
    const steps = await store.range<StepRecord>(stepsPrefix(run))
    const writes = steps.map((step) => ({ key: step.key, value: { ...step.value, token }, expect: step.revision }))
    try {
      const committed = await store.commit(writes)
      return writes.map((write, at) => ({ key: write.key, value: write.value, revision: committed.revisions[at] ?? 0 }))
    } catch (thrown) {
      // The older holder moved a step in between: read again, its outcome counts.
      if (!(thrown instanceof FabricError) || thrown.code !== 'IF_ERR_CONFLICT') throw thrown
    }
  }
}

/**
 * On the same host the process table tells, and the heartbeat: a process lives on where the store failed it. Elsewhere only
 * a heartbeat that moves does, by our own monotonic clock.
 */
async function isAlive(
  { store, clock, leaseMs }: { store: Store; clock: Clock; leaseMs: number },
  entry: Entry<RunRecord>,
  holder: RunHolder,
): Promise<boolean> {
  if (holder.host === hostname()) {
    const start = startOf(holder.pid)
    if (start === undefined || (holder.startedAt !== '' && start !== holder.startedAt)) return false
    return clock.now() - Date.parse(entry.value.beatAt) < leaseMs
  }
  const until = clock.monotonic() + leaseMs
  while (clock.monotonic() < until) {
    await clock.sleep(Math.min(1_000, until - clock.monotonic()))
    const now = await store.get<RunRecord>(entry.key)
    if (now?.revision !== entry.revision) return true
  }
  return false
}

/** When a process started, in its system's reckoning; undefined when there is none; '' where the system doesn't tell. */
function startOf(pid: number): string | undefined {
  try {
    process.kill(pid, 0)
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === 'ESRCH') return undefined
  }
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    // A zombie has ended; only its parent hasn't looked yet.
    return fields[0] === 'Z' ? undefined : (fields[19] ?? '')
  } catch {
    return '' // no /proc here: the pid alone has to do
  }
}
