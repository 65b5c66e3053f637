// What the witness is told of tasks, in the commit of the move itself: by default what ends or stops a task.
import type { LogEntry } from '../store/index.ts'
import type { HistoryMove, TaskRecord } from './record.ts'
import type { Move } from './states.ts'

/** `ends`: every end, block, unblock and retry; `all`: every move but the extending of a lease. */
export type WitnessLevel = 'none' | 'ends' | 'all'

const ENDS: ReadonlySet<Move> = new Set(['complete', 'fail', 'die', 'cancel', 'block', 'park', 'unblock', 'retry'])

/** Entries for the last moves of a record, `count` of them. */
export function witnessEntries(record: TaskRecord, count: number, level: WitnessLevel, why?: string): LogEntry[] {
  if (level === 'none' || count === 0) return []
  const entries: LogEntry[] = []
  for (const move of record.history.slice(-count)) {
    if (level === 'all' || ENDS.has(move.move)) entries.push(entryOf(record, move, why))
  }
  return entries
}

function entryOf({ spec, standing }: TaskRecord, { at, move, by, token, note }: HistoryMove, why?: string): LogEntry {
  return {
    kind: `task.${move}`,
    at,
    // A holder is `swarm/worker`; whatever else acts has an address.
    actor:
      move === 'add'
        ? `if://swarm/${spec.swarm}`
        : by === undefined
          ? 'if://service/coordinator'
          : by.includes('://')
            ? by
            : `if://swarm/${by}`,
    outcome: standing.state,
    ...(why === undefined ? {} : { why }),
    detail: { task: spec.id, kind: spec.kind, token, ...(note === undefined ? {} : { note }) },
  }
}
