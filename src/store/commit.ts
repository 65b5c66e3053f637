// A commit on its way: checked and turned into text when it is handed in (so that the caller may go on using its
// objects), then judged against the records together with the others of its batch.
import { FabricError, type JsonValue } from '../foundation/index.ts'
import { JsonText, type LogEntry, type Sequencer, type Write } from './port.ts'
import type { RecordChange, Records } from './records.ts'

export interface PreparedCommit {
  readonly writes: readonly PreparedWrite[]
  readonly log: readonly LogEntry[]
  /** Whose it is. */
  readonly by: object | undefined
  /** Rough size of what it puts into the batch. */
  readonly size: number
}

/**
 * A write, and the change it makes once it is judged. A class and not a literal: once many were handed in at a time, the
 * engine takes it that what such a literal makes lives long, and puts it where only a collection of the whole heap finds it.
 */
class PreparedWrite implements RecordChange {
  readonly key: string
  readonly text: string | undefined
  readonly expect: Write['expect']
  /** Given when it is judged. */
  revision = 0

  constructor(key: string, text: string | undefined, expect: Write['expect']) {
    this.key = key
    this.text = text
    this.expect = expect
  }
}

/** Refuses what no engine could store: a bad key, a value without JSON form, log entries that nobody would seal. */
export function prepareCommit(
  writes: Write[],
  log: LogEntry[],
  sequencer: Sequencer | undefined,
  by: object | undefined,
): PreparedCommit {
  if (log.length > 0) {
    if (!sequencer) {
      throw new FabricError('IF_ERR_INTERNAL', 'a commit carries log entries, but the store was opened without a log')
    }
    sequencer.check(log)
  }
  let size = 0
  const prepared: PreparedWrite[] = []
  for (const { key, value, expect } of writes) {
    checkKey(key)
    const text = value === undefined ? undefined : jsonText(key, value)
    size += key.length + (text === undefined ? 0 : text.length)
    prepared.push(new PreparedWrite(key, text, expect))
  }
  return { writes: prepared, log, by, size }
}

// The engines keep one record a line, key and value apart by a tab.
const FORBIDDEN = /[\p{Cc}\p{Cs}]/u
/** Nearly every key, told apart in a third of the time. */
const PLAIN = /^[ -~]+$/

function checkKey(key: string): void {
  if (PLAIN.test(key) || (key !== '' && !FORBIDDEN.test(key))) return
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
  const batch: Batch = { records, staged: new Map(), changes: [], revision }
  const outcomes = commits.map((commit) => judgeCommit(batch, commit))
  return { outcomes, changes: batch.changes, revision: batch.revision }
}

interface Batch {
  readonly records: Records
  /** The last accepted change of each key. */
  readonly staged: Map<string, RecordChange>
  readonly changes: RecordChange[]
  revision: number
}

function judgeCommit(batch: Batch, { writes }: PreparedCommit): readonly RecordChange[] | FabricError {
  const { records, staged, changes } = batch
  const before = batch.revision
  let made = 0
  for (const write of writes) {
    const { key } = write
    const known = staged.get(key)
    const current = known ?? records.get(key)
    const isOwn = known !== undefined && known.revision > before
    const refusal = refusalOf(write, current?.text === undefined ? 0 : current.revision, isOwn)
    if (refusal) {
      takeBack(batch, before, made)
      return refusal
    }
    write.revision = ++batch.revision
    staged.set(key, write)
    changes.push(write)
    made++
  }
  return writes
}

/** A commit that is refused in the middle leaves nothing. */
function takeBack(batch: Batch, revision: number, made: number): void {
  batch.revision = revision
  if (made === 0) return
  const { staged, changes } = batch
  const keys = new Set(changes.splice(-made).map(({ key }) => key))
  for (const key of keys) staged.delete(key)
  for (const change of changes) if (keys.has(change.key)) staged.set(change.key, change)
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
