// What a process knows of the file: the records, how far it has read the journal, the head of the log. `catchUp` reads
// what other processes committed since; where they have pruned the rows it needs, it starts again from the snapshot.
import type { FabricError, JsonValue } from '../foundation/index.ts'
import type { Connection, Statement } from './embedded-connection.ts'
import { damaged } from './embedded-errors.ts'
import { schemaVersion } from './embedded-schema.ts'
import { parseJournal, parseSlice } from './journal-text.ts'
import { type RecordChange, Records } from './records.ts'
import type { LogState } from './seal-batch.ts'

/** The snapshot that `meta` names: all records as of `seq`, or later where the journal says so again. */
export interface SnapshotMark {
  readonly generation: string
  /** The journal has every row from this one on. */
  readonly seq: number
  /** Characters in all slices. */
  readonly size: number
}

export class EmbeddedState {
  records = new Records()
  /** The last journal row that `records` holds. */
  seq = 0
  revision = 0
  snapshot: SnapshotMark | undefined
  /** Characters in the journal rows after the snapshot, which is what a start has to replay. */
  journalSize = 0
  readonly #connection: Connection
  readonly #newerRows: Statement
  readonly #meta: Statement
  readonly #logSize: Statement
  #log: LogState | undefined

  constructor(connection: Connection) {
    this.#connection = connection
    this.#newerRows = connection.prepare('SELECT seq, ops FROM journal WHERE seq > ? ORDER BY seq')
    this.#meta = connection.prepare('SELECT value FROM meta WHERE name = ?')
    this.#logSize = connection.prepare('SELECT first + count FROM log ORDER BY first DESC LIMIT 1')
  }

  /** The log as of `seq`. */
  get log(): LogState {
    if (!this.#log) {
      const head = this.#metaValue('log.head')
      const size = Number(this.#logSize.rows()[0]?.[0] ?? 0)
      this.#log = { head: head === undefined ? undefined : (JSON.parse(head) as JsonValue), size }
    }
    return this.#log
  }

  set log(state: LogState) {
    this.#log = state
  }

  /** Reads everything; inside a read transaction. Changes nothing when it fails. */
  load(): void {
    const snapshot = this.#readMark()
    const records = snapshot ? this.#readSnapshot(snapshot) : new Records()
    const before = (snapshot?.seq ?? 1) - 1
    const rows = this.#newerRows.rows(before)
    if (snapshot && rows.length === 0) throw this.#damagedRow(snapshot.seq)
    this.snapshot = snapshot
    this.records = records
    this.seq = before
    this.journalSize = 0
    this.#log = undefined
    this.#replay(rows)
  }

  /** Takes over what others committed; returns their changes. One statement where nothing happened. */
  catchUp(): readonly RecordChange[] {
    const rows = this.#newerRows.rows(this.seq)
    if (rows.length === 0) return []
    // Whoever wrote these rows may be of another version than the program that opened the file.
    schemaVersion(this.#connection)
    this.#log = undefined
    if (rows[0]?.[0] === this.seq + 1) return this.#replay(rows)
    const known = this.records
    this.load()
    return this.records.changesSince(known, this.revision)
  }

  /** Re-reads which snapshot is valid, as another process may have written one. */
  refreshMark(): void {
    const snapshot = this.#readMark()
    if (snapshot?.generation !== this.snapshot?.generation) this.journalSize = 0
    this.snapshot = snapshot
  }

  #replay(rows: unknown[][]): RecordChange[] {
    const all: RecordChange[] = []
    for (const [seq, ops] of rows) {
      const parsed = seq === this.seq + 1 && typeof ops === 'string' ? parseJournal(ops) : undefined
      if (!parsed) throw this.#damagedRow(this.seq + 1)
      this.records.apply(parsed.changes)
      this.seq = Number(seq)
      this.revision = parsed.revision
      this.journalSize += (ops as string).length // parsed above
      for (const change of parsed.changes) all.push(change)
    }
    return all
  }

  #readMark(): SnapshotMark | undefined {
    const mark = this.#metaValue('snapshot')
    return mark === undefined ? undefined : (JSON.parse(mark) as SnapshotMark)
  }

  #readSnapshot({ generation, size }: SnapshotMark): Records {
    const slices = this.#connection
      .prepare('SELECT records FROM snapshot WHERE generation = ? ORDER BY slice')
      .rows(generation)
    const all: (RecordChange & { text: string })[] = []
    let read = 0
    for (const [text] of slices) {
      const records = typeof text === 'string' ? parseSlice(text) : undefined
      if (!records) break
      read += (text as string).length // parsed above
      for (const record of records) all.push(record)
    }
    if (read !== size) throw damaged(this.#connection.path, 'the snapshot of the records is damaged')
    return Records.ofSorted(all)
  }

  #metaValue(name: string): string | undefined {
    const value = this.#meta.rows(name)[0]?.[0]
    return typeof value === 'string' ? value : undefined
  }

  #damagedRow(seq: number): FabricError {
    return damaged(this.#connection.path, `row ${seq} of the journal is missing or damaged`)
  }
}
