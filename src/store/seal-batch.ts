// The log's part of a batch, the same for every engine: one seal over the entries of all accepted commits, and the
// sequence numbers handed back to the commits in order.
import { FabricError, type JsonValue } from '../foundation/index.ts'
import type { Judged, PreparedCommit } from './commit.ts'
import type { CommitResult, LogBatch, Sequencer } from './port.ts'

export interface LogState {
  /** What the sequencer last returned. */
  readonly head: JsonValue | undefined
  /** Entries in the log, which is the sequence number of the next one. */
  readonly size: number
}

export interface SealedBatch extends LogState {
  readonly batch: LogBatch
}

/** Undefined when no accepted commit carries an entry. */
export function sealBatch(
  commits: readonly PreparedCommit[],
  judged: Judged,
  log: LogState,
  sequencer: Sequencer | undefined,
): SealedBatch | undefined {
  const entries = commits.flatMap((commit, at) => (judged.outcomes[at] instanceof FabricError ? [] : commit.log))
  if (entries.length === 0 || !sequencer) return undefined
  const { lines, head, seal } = sequencer.seal(log.head, entries)
  if (lines.length !== entries.length) {
    throw new FabricError('IF_ERR_INTERNAL', `the sequencer made ${lines.length} lines of ${entries.length} entries`)
  }
  return { head, size: log.size + lines.length, batch: { first: log.size, lines, seal } }
}

/** What each commit of a durable batch is answered, in order. */
export function answersOf(
  commits: readonly PreparedCommit[],
  judged: Judged,
  firstSequence: number,
): (CommitResult | FabricError)[] {
  let sequence = firstSequence
  return commits.map((commit, at) => {
    const outcome = judged.outcomes[at] ?? []
    if (outcome instanceof FabricError) return outcome
    return {
      revisions: outcome.map((change) => (change.text === undefined ? 0 : change.revision)),
      sequences: commit.log.map(() => sequence++),
    }
  })
}
