// Moves of tasks, made true: a decision on the record as known, one compare-and-swap, and the board told what happened.
// Whatever another process did in between makes the swap fail; then the record is read again and the decision made anew.
import { FabricError, isFabricError, type JsonValue } from '../foundation/index.ts'
import { JsonText, type LogEntry, type Store, type Write } from '../store/index.ts'
import type { Board } from './board.ts'
import { CommitGroup } from './commit-group.ts'
import type { Entry } from './entry.ts'
import { payloadKey, TASKS, type TaskRecord, taskKey } from './record.ts'

/** Others are faster now and then, never so often; a store that was put back behind our back is another matter. */
const MOST_TRIES = 100

/** The record after the move, or the same one where nothing is to be done. Pure; throws to refuse. */
export type Decision = (record: TaskRecord) => TaskRecord

/** What the witness is told with the commit of a record: of its last `count` moves. */
export type LogOf = (record: TaskRecord, count: number, why?: string) => LogEntry[]

export class Ledger {
  readonly #store: Store
  readonly #board: Board
  readonly #logOf: LogOf
  readonly #commits: CommitGroup
  readonly #watching = new AbortController()
  #pump: Promise<void> | undefined

  constructor(store: Store, board: Board, logOf: LogOf) {
    this.#store = store
    this.#board = board
    this.#logOf = logOf
    this.#commits = new CommitGroup(store)
  }

  /** Reads everything there is and follows the store from then on. `failed` hears when that is no longer possible. */
  async open(failed: (thrown: unknown) => void): Promise<void> {
    // Watching begins before the reading, so that nothing falls between them.
    const changes = this.#store.watch(TASKS, { signal: this.#watching.signal })
    this.#board.load(await this.#store.range<TaskRecord>(TASKS))
    this.#pump = this.#follow(changes).catch(failed)
  }

  async close(): Promise<void> {
    this.#watching.abort()
    await this.#pump
  }

  /** What is known of a task, after a look into the store where nothing is; IF_ERR_NOT_FOUND. */
  async find(id: string): Promise<Entry> {
    const known = this.#board.entries.get(id)
    if (known) return known
    const found = await this.#store.get<TaskRecord>(taskKey(id))
    const entry = found && this.#board.apply(id, found.value, found.revision)
    if (entry) return entry
    throw new FabricError('IF_ERR_NOT_FOUND', `there is no task ${id}`, {
      next: 'ifab task list',
      details: { task: id },
    })
  }

  /** Whether the store has a task of this id. */
  async exists(id: string): Promise<boolean> {
    return (await this.#store.get(taskKey(id))) !== undefined
  }

  /** The full record, of an ended task too. */
  async read(entry: Entry): Promise<TaskRecord> {
    if (entry.record) return entry.record
    const found = await this.#store.get<TaskRecord>(taskKey(entry.id))
    if (found) return found.value
    throw new FabricError('IF_ERR_NOT_FOUND', `task ${entry.id} was removed`, { details: { task: entry.id } })
  }

  /** A large payload isn't kept in memory by the board, and never changes. */
  async payload({ spec }: TaskRecord): Promise<JsonValue | undefined> {
    if (spec.payloadKey === undefined) return spec.payload
    return (await this.#store.get(payloadKey(spec.payloadKey)))?.value
  }

  /** Puts a new task into the store: a payload with a key of its own first, so that no record is ever without. */
  async add(record: TaskRecord, payload: string): Promise<Entry> {
    const { id, payloadKey: name } = record.spec
    const writes: Write[] = [{ key: taskKey(id), value: asJson(record), expect: 'absent' }]
    if (name !== undefined) writes.unshift({ key: payloadKey(name), value: new JsonText(payload), expect: 'absent' })
    try {
      const revision = await this.#commits.commit(writes, this.#logOf(record, record.moves))
      return this.#board.apply(id, record, revision) as Entry // there is a record
    } catch (thrown) {
      if (!isConflict(thrown)) throw thrown
      throw new FabricError('IF_ERR_ALREADY_EXISTS', `a task ${id} exists`, {
        hint: 'Choose another id, or leave it out to get a new one.',
        next: `ifab task show ${id}`,
        details: { task: id },
        cause: thrown,
      })
    }
  }

  /** Makes a move true; resolves when it is durable, with the record after it. */
  async change(entry: Entry, decide: Decision, why?: string): Promise<TaskRecord> {
    let found: { value: TaskRecord; revision: number } | undefined
    for (let tries = 0; tries < MOST_TRIES; tries++) {
      const isFresh = tries > 0
      while (entry.inFlight) await entry.inFlight
      if (isFresh && !found) throw gone(entry)
      // Of an ended task only the store has the record.
      const record = entry.record ?? (found?.revision === entry.revision ? found.value : undefined)
      let next: TaskRecord | undefined
      try {
        next = record && decide(record)
      } catch (refusal) {
        // What is known may be a moment old; only what the store says is reason to refuse.
        if (isFresh) throw refusal
      }
      if (next && next === record) return next
      if (next && record && (await this.#swap(entry, record, next, why))) return next
      found = await this.refresh(entry)
    }
    throw new FabricError('IF_ERR_CONFLICT', `task ${entry.id} was changed by others ${MOST_TRIES} times in a row`, {
      hint: 'Try again; if it stays so, restart this process: what it knows and what the store has do not agree.',
      details: { task: entry.id, revision: entry.revision },
    })
  }

  /** Reads one record again; undefined when it was removed. */
  async refresh(entry: Entry): Promise<{ value: TaskRecord; revision: number } | undefined> {
    const found = await this.#store.get<TaskRecord>(taskKey(entry.id))
    if (found) this.#board.apply(entry.id, found.value, found.revision)
    else if (this.#board.entries.get(entry.id) === entry) {
      this.#board.apply(entry.id, undefined, Number.POSITIVE_INFINITY)
    }
    return found
  }

  /** False when another process was faster. */
  async #swap(entry: Entry, record: TaskRecord, next: TaskRecord, why: string | undefined): Promise<boolean> {
    const write: Write = { key: taskKey(entry.id), value: asJson(next), expect: entry.revision }
    const settled = this.#commits.commit([write], this.#logOf(next, next.moves - record.moves, why)).then(
      (revision) => this.#landed(entry, next, revision),
      (thrown: unknown) => this.#landed(entry, undefined, 0, thrown),
    )
    entry.inFlight = settled
    const thrown = await settled
    if (thrown === undefined) return true
    if (isConflict(thrown)) return false
    throw thrown
  }

  /** The commit of a task is known: that first, then what the store said of others meanwhile. */
  #landed(entry: Entry, next: TaskRecord | undefined, revision: number, thrown?: unknown): unknown {
    entry.inFlight = undefined
    const { meanwhile } = entry
    entry.meanwhile = undefined
    if (next) this.#board.apply(entry.id, next, revision)
    if (meanwhile) this.#board.apply(entry.id, meanwhile.record, meanwhile.revision)
    return thrown
  }

  async #follow(
    changes: AsyncIterable<{ key: string; value: JsonValue | undefined; revision: number }>,
  ): Promise<void> {
    for await (const change of changes) {
      const id = change.key.slice(TASKS.length)
      const entry = this.#board.entries.get(id)
      // One's own commits come back as well; their value needn't be looked at.
      if (entry && change.revision <= entry.revision) continue
      const record = change.value as TaskRecord | undefined
      if (entry?.inFlight) entry.meanwhile = { record, revision: change.revision }
      else this.#board.apply(id, record, change.revision)
    }
  }
}

export const isConflict = (thrown: unknown): boolean => isFabricError(thrown) && thrown.code === 'IF_ERR_CONFLICT'

// A record is JSON all through; its interface has no index signature, which is all that the compiler misses.
const asJson = (record: TaskRecord): JsonValue => record as unknown as JsonValue

const gone = ({ id }: Entry): FabricError =>
  new FabricError('IF_ERR_NOT_FOUND', `task ${id} was removed`, { details: { task: id } })
