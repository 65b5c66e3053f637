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
  add(record: TaskRecord, payload: string, added: (entry: Entry | undefined, thrown?: unknown) => void): void {
    const { id, payloadKey: name } = record.spec
    const writes: Write[] = [{ key: taskKey(id), value: asJson(record), expect: 'absent' }]
    if (name !== undefined) writes.unshift({ key: payloadKey(name), value: new JsonText(payload), expect: 'absent' })
    this.#commits.commit(writes, this.#logOf(record, record.moves), (revision, thrown) => {
      if (thrown === undefined) added(this.#board.apply(id, record, revision))
      else added(undefined, isConflict(thrown) ? isThere(id, thrown) : thrown)
    })
  }

  /** Makes a move true; resolves when it is durable, with the record after it. */
  change(entry: Entry, decide: Decision, why?: string): Promise<TaskRecord> {
    const { record } = entry
    if (!record || entry.isMoving) return this.#changeFresh(entry, decide, why)
    let next: TaskRecord
    try {
      next = decide(record)
    } catch {
      // What is known may be a moment old; only what the store says is reason to refuse.
      return this.#changeFresh(entry, decide, why)
    }
    if (next === record) return Promise.resolve(next)
    return new Promise((resolve, reject) => {
      this.#swap(entry, record, next, why, (thrown) => {
        if (thrown === undefined) resolve(next)
        else if (isConflict(thrown)) this.#changeFresh(entry, decide, why).then(resolve, reject)
        else reject(thrown)
      })
    })
  }

  /** The same where the record isn't known, is on the move, or was changed by others: they are faster now and then. */
  async #changeFresh(entry: Entry, decide: Decision, why: string | undefined): Promise<TaskRecord> {
    for (let tries = 0; tries < MOST_TRIES; tries++) {
      while (entry.isMoving) await entry.still()
      const found = await this.refresh(entry)
      if (!found) throw gone(entry)
      if (entry.isMoving) continue
      // Of an ended task only the store has the record.
      const record = entry.record ?? (found.revision === entry.revision ? found.value : undefined)
      if (!record) continue
      const next = decide(record)
      if (next === record) return next
      const thrown = await new Promise<unknown>((resolve) => this.#swap(entry, record, next, why, resolve))
      if (thrown === undefined) return next
      if (!isConflict(thrown)) throw thrown
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

  /** One compare-and-swap; while it is on its way the entry is moving. */
  #swap(
    entry: Entry,
    record: TaskRecord,
    next: TaskRecord,
    why: string | undefined,
    swapped: (thrown: unknown) => void,
  ): void {
    entry.isMoving = true
    const write: Write = { key: taskKey(entry.id), value: asJson(next), expect: entry.revision }
    this.#commits.commit([write], this.#logOf(next, next.moves - record.moves, why), (revision, thrown) => {
      // The commit of a task is known: that first, then what the store said of others meanwhile.
      entry.stand()
      const { meanwhile } = entry
      entry.meanwhile = undefined
      if (thrown === undefined) this.#board.apply(entry.id, next, revision)
      if (meanwhile) this.#board.apply(entry.id, meanwhile.record, meanwhile.revision)
      swapped(thrown)
    })
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
      if (entry?.isMoving) entry.meanwhile = { record, revision: change.revision }
      else this.#board.apply(id, record, change.revision)
    }
  }
}

export const isConflict = (thrown: unknown): boolean => isFabricError(thrown) && thrown.code === 'IF_ERR_CONFLICT'

// A record is JSON all through; its interface has no index signature, which is all that the compiler misses.
const asJson = (record: TaskRecord): JsonValue => record as unknown as JsonValue

const isThere = (id: string, cause: unknown): FabricError =>
  new FabricError('IF_ERR_ALREADY_EXISTS', `a task ${id} exists`, {
    hint: 'Choose another id, or leave it out to get a new one.',
    next: `ifab task show ${id}`,
    details: { task: id },
    cause,
  })

const gone = ({ id }: Entry): FabricError =>
  new FabricError('IF_ERR_NOT_FOUND', `task ${id} was removed`, { details: { task: id } })
