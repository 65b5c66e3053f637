// Cancelling a run: a note in its record, which its holder sees at once.
import { isFabricError, timestamp } from '../foundation/index.ts'
import type { Acting } from '../pipeline/index.ts'
import type { LogEntry } from '../store/index.ts'
import type { ExecutorParts } from './executor.ts'
import { isOver, type RunRecord, runKey } from './records.ts'

/** Asks the holder to start nothing more; a run that nobody works on is over at once. */
export async function requestCancel(
  parts: ExecutorParts & { acting: Acting },
  id: string,
  why: string | undefined,
): Promise<void> {
  for (;;) {
    const entry = await parts.store.get<RunRecord>(runKey(id))
    if (!entry || isOver(entry.value.state)) return
    const at = timestamp(parts.clock.now())
    const asked: RunRecord = { ...entry.value, cancelRequested: true }
    // An unknown outcome has to be settled first; the run is cancelled with that.
    const next: RunRecord =
      entry.value.holder || entry.value.state === 'unknown'
        ? asked
        : { ...asked, state: 'cancelled', endedAt: entry.value.endedAt ?? at }
    const log: LogEntry = {
      kind: 'run.cancel',
      at,
      actor: parts.acting.actor,
      session: parts.acting.session,
      run: id,
      ...(why ? { why } : {}),
    }
    try {
      await parts.store.commit([{ key: entry.key, value: next, expect: entry.revision }], [log])
      return
    } catch (thrown) {
      if (!isFabricError(thrown) || thrown.code !== 'IF_ERR_CONFLICT') throw thrown
    }
  }
}
