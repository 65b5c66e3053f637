// A commit on its way: checked and turned into text when it is handed in (so that the caller may go on using its
// objects), then judged against the records together with the others of its batch.
import { FabricError, type JsonValue } from '../foundation/index.ts'
import { JsonText, type LogEntry, type Sequencer, type Write } from './port.ts'
import type { RecordChange, Records } from './records.ts'

export interface PreparedCommit {
  readonly writes: readonly PreparedWrite[]
  readonly log: readonly LogEntry[]
  /** Rough size of what it puts into the batch. */
  readonly size: number
}

interface PreparedWrite {
  readonly key: string
  readonly text: string | undefined
  readonly expect: Write['expect']
}

/** Refuses what no engine could store: a bad key, a value without JSON form, log entries that nobody would seal. */
export function prepareCommit(writes: Write[], log: LogEntry[], sequencer: Sequencer | undefined): PreparedCommit {
  if (log.length > 0) {
    if (!sequencer) {
      throw new FabricError('IF_ERR_INTERNAL', 'a commit carries log entries, but the store was opened without a log')
    }
    sequencer.check(log)
  }
  let size = 0
  const prepared = writes.map(({ key, value, expect }) => {
    checkKey(key)
    const text = value === undefined ? undefined : jsonText(key, value)
    size += key.length + (text?.length ?? 0)
    return { key, text, expect }
  })
  return { writes: prepared, log, size }
}

// The engines keep one record a line, key and value apart by a tab.
const FORBIDDEN = /[\p{Cc}\p{Cs}]/u

function checkKey(key: string): void {
  if (key !== '' && !FORBIDDEN.test(key)) return
  throw new FabricError(
    'IF_ERR_INTERNAL',
    `${JSON.stringify(key)} is not a key: a key is not empty and holds no control characters or lone surrogates`,
  )
}

function jsonText(key: string, value: JsonValue | JsonText): string {
  if (value instanceof JsonText) return value.text
  const text: string | undefined = JSON.stringify(value)
  if (text !== undefined) return text
  throw new FabricError('IF_ERR_INTERNAL', `the value for ${key} has no JSON form`)
}

export interface Judged {
  /** For each commit its changes, or why it is refused. */
  readonly outcomes: readonly (readonly RecordChange[] | FabricError)[]
  /** All changes of the accepted commits, in order. */
  readonly changes: readonly RecordChange[]
  /** The last revision given. */
  readonly revision: number
}

/** Judges the commits of a batch in order, each on top of the accepted ones before it. Changes nothing. */
export function judgeBatch(records: Records, commits: readonly PreparedCommit[], revision: number): Judged {
  const staged = new Map<string, RecordChange>()
  const changes: RecordChange[] = []
  let given = revision
  const isAlone = commits.length === 1
  const outcomes = commits.map(({ writes }) => {
    const own = new Map<string, RecordChange>()
    const made: RecordChange[] = []
    for (const write of writes) {
      const current = own.get(write.key) ?? staged.get(write.key) ?? records.get(write.key)
      const refusal = refusalOf(write, current?.text === undefined ? 0 : current.revision, own.has(write.key))
      if (refusal) return refusal
      const change = { key: write.key, text: write.text, revision: given + made.length + 1 }
      own.set(write.key, change)
      made.push(change)
    }
    given += made.length
    // Only a later commit of the batch needs to know.
    if (!isAlone) for (const [key, change] of own) staged.set(key, change)
    for (const change of made) changes.push(change)
    return made
  })
  return { outcomes, changes, revision: given }
}

/** `revision` 0: the key is absent. */
function refusalOf({ key, expect }: PreparedWrite, revision: number, isOwn: boolean): FabricError | undefined {
  if (expect === 'any') return undefined
  if (expect === 'mine') {
    if (isOwn) return undefined
    return new FabricError('IF_ERR_INTERNAL', `no earlier write of this commit gave ${key} a revision`)
  }
  if (revision === (expect === 'absent' ? 0 : expect)) return undefined
  const expected = expect === 'absent' ? 'to be absent' : `at revision ${expect}`
  const found = revision === 0 ? 'it is absent' : `it is at ${revision}`
  return new FabricError('IF_ERR_CONFLICT', `${key} was expected ${expected}, but ${found}`, {
    hint: 'Somebody else changed it: read it again and decide anew.',
    details: { key, revision },
  })
}
