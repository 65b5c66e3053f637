// Which runs were made for a task. A worker that starts over after another one fell applies the same plans again: each goes
// on with the run that the earlier attempt made of it, so that nothing is sent twice.
import { commitUnder, type Fence, type TaskClaim } from '../pipeline/index.ts'
import { type Entry, keyOf, prefixOf, type Store, segmentsOf, type Write } from '../store/index.ts'
import type { Plan } from './plan.ts'
import { appliedKey } from './plan-store.ts'
import { isOver, type RunRecord, runKey } from './records.ts'

const TASK_RUNS = 'task-run'
export const taskRunsPrefix = prefixOf(TASK_RUNS)

/** Notes a run with its plan's digest. */
export const taskRunWrite = ({ task }: TaskClaim, run: string, digest: string): Write => ({
  key: keyOf(TASK_RUNS, task, run),
  value: digest,
  expect: 'absent',
})

/**
 * The run that this plan goes on with: what it was applied by, else the first one of the same actor and digest, if an
 * earlier attempt at the task made it, nobody called it off, and this attempt hasn't gone on with it yet.
 */
export async function findEarlierRun(
  store: Store,
  { task, token }: TaskClaim,
  { id, digest }: Plan,
  actor: string,
): Promise<Entry<RunRecord> | undefined> {
  const isEarlier = ({ value: { claim, state, actor: who } }: Entry<RunRecord>): boolean =>
    claim?.task === task && claim.token < token && who === actor && (state === 'done' || !isOver(state))
  const applied = await store.get<string>(appliedKey(id))
  const made = applied ? [applied.value] : await runsOf(store, task, digest)
  for (const name of made) {
    const run = await store.get<RunRecord>(runKey(name))
    if (run && isEarlier(run)) return run
  }
  return undefined
}

async function runsOf(store: Store, task: string, digest: string): Promise<string[]> {
  const noted = await store.range<string>(prefixOf(TASK_RUNS, task))
  return noted.filter(({ value }) => value === digest).map(({ key }) => segmentsOf(key).at(-1) ?? '')
}

/** Makes an earlier run what this plan was applied by; one that is done passes to the new claim as it is. */
export async function adoptRun(store: Store, fence: Fence, plan: Plan, run: Entry<RunRecord>): Promise<void> {
  const writes: Write[] = [{ key: appliedKey(plan.id), value: run.value.id, expect: 'any' }]
  if (run.value.state === 'done')
    writes.push({ key: run.key, value: { ...run.value, claim: fence.claim }, expect: run.revision })
  await commitUnder(fence, (conditions) => store.commit([...conditions, ...writes]))
}
