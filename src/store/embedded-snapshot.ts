// Snapshots keep a start fast: the records are written in slices, each a short transaction between two batches, so that
// nobody waits for long. Writes go on meanwhile, hence slices are of different moments; as the journal is kept from the
// row at which the snapshot began, replaying it makes them one state. The last step makes the generation valid and
// prunes; a snapshot that is interrupted leaves only slices that the next one removes.
import { ulid } from '../foundation/index.ts'
import type { Connection } from './embedded-connection.ts'
import type { EmbeddedState, SnapshotMark } from './embedded-state.ts'
import { sliceText } from './journal-text.ts'
import type { RecordChange } from './records.ts'

const KEYS_AT_ONCE = 64
/** Small slices and short prunings: whoever commits meanwhile waits for one of them. */
const SLICE_SIZE = 96 * 1024
const ROWS_PRUNED_AT_ONCE = 20

/**
 * Writes a snapshot; each step of the iteration is one transaction. Ends early, without harm, when another process
 * was faster. The caller keeps steps from running inside other transactions.
 */
export async function* writeSnapshot(connection: Connection, state: EmbeddedState): AsyncGenerator<void> {
  const { seq } = state
  const generation = ulid()
  const put = connection.prepare('INSERT INTO snapshot VALUES (?, ?, ?)')
  let after: string | undefined
  let size = 0
  let slices = 0
  for (;;) {
    const records = nextSlice(state, after)
    const last = records.at(-1)
    if (!last) break
    after = last.key
    const text = sliceText(records)
    size += text.length
    await inTransaction(connection, () => put.run(generation, slices, text))
    slices++
    yield
  }
  const mark = { generation, seq, size }
  if (!(await inTransaction(connection, () => makeValid(connection, state, mark, slices)))) return
  state.snapshot = mark
  state.journalSize = 0
  yield
  const rows = `SELECT seq FROM journal WHERE seq < ${seq} ORDER BY seq LIMIT ${ROWS_PRUNED_AT_ONCE}`
  const isLeft = connection.prepare('SELECT 1 FROM journal WHERE seq < ? LIMIT 1')
  while (isLeft.rows(seq).length > 0) {
    await inTransaction(connection, () => undefined, `DELETE FROM journal WHERE seq IN (${rows})`)
    yield
  }
}

function nextSlice(state: EmbeddedState, after: string | undefined): RecordChange[] {
  const slice: RecordChange[] = []
  let cursor = after
  let size = 0
  while (size < SLICE_SIZE) {
    const records = state.records.after(cursor, KEYS_AT_ONCE)
    for (const record of records) {
      slice.push(record)
      size += record.key.length + record.text.length
    }
    cursor = records.at(-1)?.key
    if (cursor === undefined) break
  }
  return slice
}

/** False where another process was faster. */
function makeValid(connection: Connection, state: EmbeddedState, mark: SnapshotMark, slices: number): boolean {
  state.refreshMark()
  if (state.snapshot && state.snapshot.seq >= mark.seq) return false
  // The last step of another process's snapshot may have taken our slices for leftovers.
  const left = connection.prepare('SELECT count(*) FROM snapshot WHERE generation = ?').rows(mark.generation)
  if (Number(left[0]?.[0]) !== slices) return false
  connection.prepare("INSERT OR REPLACE INTO meta VALUES ('snapshot', ?)").run(JSON.stringify(mark))
  connection.prepare('DELETE FROM snapshot WHERE generation <> ?').run(mark.generation)
  return true
}

/** @param last what takes long, and therefore runs with the commit */
async function inTransaction<T>(connection: Connection, work: () => T, last = ''): Promise<T> {
  await connection.begin()
  try {
    const result = work()
    await connection.commitLater(last)
    return result
  } catch (thrown) {
    connection.rollback()
    throw thrown
  }
}
