// Holds a run while it is worked on: beats, sees who else writes its record, and lets it go at the end with how it stands.
import { FabricError, isFabricError, timestamp } from '../foundation/index.ts'
import type { Entry, LogEntry } from '../store/index.ts'
import { LEASE_MS } from './claim.ts'
import { type Conclusion, conclude } from './conclusion.ts'
import type { ExecutorParts } from './executor.ts'
import { stepErrorOf } from './journal.ts'
import { type RunRecord, type StepRecord, stepsPrefix } from './records.ts'

export interface Holding {
  /** Another process took over, or the store can't be written any more. */
  lost: AbortSignal
  /** Somebody asked to cancel. */
  stop: AbortSignal
  witness: Record<string, number>
  record(): RunRecord
  /** Why a write lost: the claim, where another process has it by now. */
  explain(conflict: FabricError): Promise<unknown>
  /** Writes how the run stands and lets it go. */
  release(conclude: (run: RunRecord) => Conclusion): Promise<void>
  /** Work broke off: lets the run go if it is still ours, so that it can be resumed at once. */
  letGo(error: FabricError): Promise<void>
  end(): void
}

/** Beats while the run is worked on, and sees who else writes its record. */
export function holdRun(parts: ExecutorParts, entry: Entry<RunRecord>): Holding {
  const { store, clock } = parts
  const lost = new AbortController()
  const stop = new AbortController()
  const ended = new AbortController()
  const witness: Record<string, number> = {}
  let current = entry

  const adopt = (seen: Entry<RunRecord> | undefined): void => {
    if (!seen || seen.value.token !== current.value.token) {
      lost.abort(new FabricError('IF_ERR_CLAIM_LOST', `another process took over run ${current.value.id}`))
      return
    }
    current = seen
    if (seen.value.cancelRequested) stop.abort(new FabricError('IF_ERR_CANCELLED', 'the run was cancelled'))
  }

  const write = async (commit: (entry: Entry<RunRecord>) => Promise<Entry<RunRecord>>): Promise<void> => {
    for (;;) {
      if (lost.signal.aborted) throw lost.signal.reason
      try {
        current = await commit(current)
        return
      } catch (thrown) {
        if (!isFabricError(thrown) || thrown.code !== 'IF_ERR_CONFLICT') throw thrown
        adopt(await store.get<RunRecord>(entry.key))
      }
    }
  }

  const beat = async (): Promise<void> => {
    for (;;) {
      await clock.sleep((parts.leaseMs ?? LEASE_MS) / 3, ended.signal)
      await write(async ({ key, value: run, revision }) => {
        const value: RunRecord = { ...run, beat: run.beat + 1, beatAt: timestamp(clock.now()) }
        const committed = await store.commit([{ key, value, expect: revision }])
        return { key, value, revision: committed.revisions[0] ?? 0 }
      })
    }
  }
  const watch = async (): Promise<void> => {
    for await (const change of store.watch(entry.key, { signal: ended.signal })) {
      if (change.key === entry.key) adopt(await store.get<RunRecord>(entry.key))
    }
  }
  const untilEnd = (work: Promise<void>) =>
    work.catch((thrown: unknown) => {
      if (!ended.signal.aborted) lost.abort(thrown)
    })
  adopt(entry) // it may have been cancelled while nobody worked on it
  void untilEnd(beat())
  void untilEnd(watch())

  return {
    lost: lost.signal,
    stop: stop.signal,
    witness,
    record: () => current.value,
    end: () => ended.abort(),
    async explain(conflict) {
      adopt(await store.get<RunRecord>(entry.key))
      return lost.signal.aborted ? lost.signal.reason : conflict
    },
    release: (conclude) => write((entry) => commitEnd(parts, entry, conclude(entry.value), witness)),
    async letGo(error) {
      ended.abort() // no more beats between the reading and the writing
      try {
        await letGoOf(parts, current, { error, witness })
      } catch (thrown) {
        if (!isFabricError(thrown)) throw thrown // else nobody beats for it any more, so that it is free a lease later
      }
    },
  }
}

/** How the run stands goes into its record, which nobody holds then; its budget is settled where nothing may cost more. */
async function commitEnd(
  { store, ledger, clock }: ExecutorParts,
  { key, value: run, revision }: Entry<RunRecord>,
  { record, ownMicroUsd, mayCostMore }: Conclusion,
  witness: Record<string, number>,
): Promise<Entry<RunRecord>> {
  const { reservation, ...rest } = record
  const settles = reservation !== undefined && !mayCostMore
  const at = timestamp(clock.now())
  const next: RunRecord = {
    ...(settles ? { ...rest, paidMicroUsd: ownMicroUsd } : record),
    holder: null,
    endedAt: at,
    witness: { ...run.witness, ...witness },
  }
  const writes = [{ key, value: next, expect: revision }]
  const log = [endEntry(next, at)]
  const committed = settles
    ? await ledger.settle({ id: reservation, actualMicroUsd: ownMicroUsd - (run.paidMicroUsd ?? 0), writes, log })
    : await store.commit(writes, log)
  return { key, value: next, revision: committed.revisions[0] ?? 0 }
}

/** After work that broke off: a beat of before may still land in between. */
async function letGoOf(
  parts: ExecutorParts,
  { key, value: { token } }: Entry<RunRecord>,
  { error, witness }: { error: FabricError; witness: Record<string, number> },
): Promise<void> {
  for (let tries = 1; ; tries++) {
    const seen = await parts.store.get<RunRecord>(key)
    if (!seen?.value.holder || seen.value.token !== token) return
    const steps = (await parts.store.range<StepRecord>(stepsPrefix(seen.value.id))).map(({ value }) => value)
    const conclusion = conclude(seen.value, steps, { undoError: undefined, stopped: true })
    if (conclusion.record.state !== 'done') conclusion.record.error = stepErrorOf(error)
    try {
      await commitEnd(parts, seen, conclusion, witness)
      return
    } catch (thrown) {
      if (!isFabricError(thrown) || thrown.code !== 'IF_ERR_CONFLICT' || tries === 3) throw thrown
    }
  }
}

const endEntry = (run: RunRecord, at: string): LogEntry => ({
  kind: 'run.end',
  at,
  actor: run.actor,
  session: run.session,
  run: run.id,
  plan: run.plan,
  outcome: run.state,
  costMicroUsd: run.costMicroUsd,
  ...(run.claim ? { detail: run.claim } : {}),
})
