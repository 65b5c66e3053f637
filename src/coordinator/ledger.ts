// Moves of tasks, made true: a decision on the record as known, one compare-and-swap, and the board told what happened.
// Whatever another process did in between makes the swap fail; then the record is read again and the decision made anew.
import { FabricError, isFabricError, type JsonValue } from '../foundation/index.ts'
import { JsonText, type LogEntry, type Revision, type Store, type Write } from '../store/index.ts'
import type { Board } from './board.ts'
import { CommitGroup, type Grouped } from './commit-group.ts'
import type { Entry } from './entry.ts'
import { payloadKey, TASKS, type TaskRecord, taskKey } from './record.ts'
import { headText, nextHead, recordText } from './record-text.ts'

/** Others are faster now and then, never so often; a store that was put back behind our back is another matter. */
const MOST_TRIES = 100

/** The record after the move, or the same one where nothing is to be done. Pure; throws to refuse. */
export type Decision = (record: TaskRecord) => TaskRecord

/** What the witness is told with the commit of a record: of its last `count` moves. */
export type LogOf = (record: TaskRecord, count: number, why?: string) => LogEntry[]

/** Hears of the task that was added, once that is durable, or why it wasn't. Must not throw. */
export type Added = (entry: Entry | undefined, thrown?: unknown) => void

/** Hears of the record after the move, once that is durable, or why it can't be made. Must not throw. */
export type Moved = (record: TaskRecord | undefined, thrown?: unknown) => void

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
    this.#commits = new CommitGroup(store, board)
  }

  /** Reads everything there is and follows the store from then on. `failed` hears when that is no longer possible. */
  async open(failed: (thrown: unknown) => void): Promise<void> {
    // Watching begins before the reading, so that nothing falls between them.
    const changes = this.#store.watch(TASKS, { signal: this.#watching.signal, notBy: this.#board })
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
  add(record: TaskRecord, payload: string, added: Added): void {
    const { id, payloadKey: name } = record.spec
    const head = headText(record, payload)
    const first = name === undefined ? undefined : new TextWrite(payloadKey(name), payload, 'absent')
    const write = new TextWrite(taskKey(id), recordText(head, record), 'absent')
    const log = this.#logOf(record, record.moves)
    this.#commits.commit(new Addition({ board: this.#board, record, head, first, write, log, added }))
  }

  /** Makes a move true; resolves when it is durable, with the record after it. */
  change(entry: Entry, decide: Decision, why?: string): Promise<TaskRecord> {
    return new Promise((resolve, reject) => {
      this.move(entry, decide, (record, thrown) => (record ? resolve(record) : reject(thrown)), why)
    })
  }

  /** The same for those who make so many moves that they'd rather be called back. */
  move(entry: Entry, decide: Decision, moved: Moved, why?: string): void {
    const { record } = entry
    const again = () =>
      void this.#changeFresh(entry, decide, why).then(
        (changed) => moved(changed),
        (thrown: unknown) => moved(undefined, thrown),
      )
    if (!record || entry.isMoving) {
      again()
      return
    }
    let next: TaskRecord
    try {
      next = decide(record)
    } catch {
      // What is known may be a moment old; only what the store says is reason to refuse.
      again()
      return
    }
    if (next === record) {
      queueMicrotask(() => moved(next))
      return
    }
    this.#swap(entry, record, next, why, (thrown) => {
      if (thrown === undefined) moved(next)
      else if (isConflict(thrown)) again()
      else moved(undefined, thrown)
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
    const head = (entry.head && nextHead(entry.head, record, next)) ?? headText(next)
    const write = new TextWrite(taskKey(entry.id), recordText(head, next), entry.revision)
    const log = this.#logOf(next, next.moves - record.moves, why)
    this.#commits.commit(new Swap({ board: this.#board, entry, next, head, write, log, swapped }))
  }

  async #follow(
    changes: AsyncIterable<{ key: string; value: JsonValue | undefined; revision: number }>,
  ): Promise<void> {
    for await (const change of changes) {
      const id = change.key.slice(TASKS.length)
      const entry = this.#board.entries.get(id)
      // What is known already.
      if (entry && change.revision <= entry.revision) continue
      const record = change.value as TaskRecord | undefined
      if (entry?.isMoving) entry.meanwhile = { record, revision: change.revision }
      else this.#board.apply(id, record, change.revision)
    }
  }
}

// Classes and not literals, here and below: once many tasks were added at a time, the engine takes it that what such a
// literal makes lives long, and puts it where only a collection of the whole heap finds it, with all that it refers to.
class TextWrite implements Write {
  readonly key: string
  readonly value: JsonText
  readonly expect: Write['expect']

  constructor(key: string, text: string, expect: Write['expect']) {
    this.key = key
    this.value = new JsonText(text)
    this.expect = expect
  }
}

/** A new task on its way into the store. */
class Addition implements Grouped {
  readonly first: Write | undefined
  readonly write: Write
  readonly log: readonly LogEntry[]
  readonly #board: Board
  readonly #record: TaskRecord
  readonly #head: string
  readonly #added: Added

  constructor(parts: Omit<Grouped, 'settle'> & { board: Board; record: TaskRecord; head: string; added: Added }) {
    this.first = parts.first
    this.write = parts.write
    this.log = parts.log
    this.#board = parts.board
    this.#record = parts.record
    this.#head = parts.head
    this.#added = parts.added
  }

  settle(revision: Revision, thrown?: unknown): void {
    const record = this.#record
    const { id } = record.spec
    if (thrown !== undefined) {
      this.#added(undefined, isConflict(thrown) ? isThere(id, thrown) : thrown)
      return
    }
    const entry = this.#board.apply(id, record, revision)
    if (entry?.record === record && entry.state === 'claimed') entry.head = this.#head
    this.#added(entry)
  }
}

/** A record on its way to its next one. */
class Swap implements Grouped {
  readonly first = undefined
  readonly write: Write
  readonly log: readonly LogEntry[]
  readonly #board: Board
  readonly #entry: Entry
  readonly #next: TaskRecord
  readonly #head: string
  readonly #swapped: (thrown: unknown) => void

  constructor(
    parts: Omit<Grouped, 'settle' | 'first'> & {
      board: Board
      entry: Entry
      next: TaskRecord
      head: string
      swapped(thrown: unknown): void
    },
  ) {
    this.write = parts.write
    this.log = parts.log
    this.#board = parts.board
    this.#entry = parts.entry
    this.#next = parts.next
    this.#head = parts.head
    this.#swapped = parts.swapped
  }

  /** That first, then what the store said of others meanwhile. */
  settle(revision: Revision, thrown?: unknown): void {
    const entry = this.#entry
    const next = this.#next
    entry.stand()
    const { meanwhile } = entry
    entry.meanwhile = undefined
    if (thrown === undefined) {
      this.#board.apply(entry.id, next, revision)
      if (entry.record === next && entry.state === 'claimed') entry.head = this.#head
    }
    if (meanwhile) this.#board.apply(entry.id, meanwhile.record, meanwhile.revision)
    this.#swapped(thrown)
  }
}

export const isConflict = (thrown: unknown): boolean => isFabricError(thrown) && thrown.code === 'IF_ERR_CONFLICT'

const isThere = (id: string, cause: unknown): FabricError =>
  new FabricError('IF_ERR_ALREADY_EXISTS', `a task ${id} exists`, {
    hint: 'Choose another id, or leave it out to get a new one.',
    next: `ifab task show ${id}`,
    details: { task: id },
    cause,
  })

const gone = ({ id }: Entry): FabricError =>
  new FabricError('IF_ERR_NOT_FOUND', `task ${id} was removed`, { details: { task: id } })
