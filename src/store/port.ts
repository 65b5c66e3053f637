// The store port: what the rooms above need of a database, small enough for an embedded file, NATS or etcd.
// Compare-and-swap of ONE key is all that an engine must make atomic. A commit of several writes is ordered: an engine
// that is `atomic` applies all or none, any other applies a prefix, so callers order their writes such that every prefix
// is safe (see the reservation protocol of the governor).
import type { JsonValue } from '../foundation/index.ts'

/** Revision of one key: opaque, equal only to itself; grows with each write of the key. */
export type Revision = number

export interface Entry<T = JsonValue> {
  key: string
  value: T
  revision: Revision
}

/** A value that is JSON text already; whoever makes one promises that it is valid, and on one line. */
export class JsonText {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }
}

/** One write of a commit. `value: undefined` deletes. */
export interface Write {
  key: string
  value: JsonValue | JsonText | undefined
  /**
   * What must be there now: a revision, `'absent'`, or `'any'` (blind). `'mine'` is the revision that an
   * earlier write of this same commit gave the key.
   */
  expect: Revision | 'absent' | 'any' | 'mine'
}

/** What a commit puts into the witness log in the same moment; the sequence number is given inside the commit. */
export type LogEntry = { readonly [field: string]: JsonValue | undefined }

export interface CommitResult {
  /** Revisions of the written keys, in the order of the writes; 0 for a deletion. */
  revisions: Revision[]
  /** Sequence numbers given to the log entries, in order. */
  sequences: number[]
}

/** Latest value per key, at least once, never an older after a newer. `value` undefined: deleted. */
export interface Change {
  key: string
  value: JsonValue | undefined
  revision: Revision
}

export interface LogBatch {
  /** Sequence number of the first line. */
  first: number
  /** The sealed entries as canonical JSON, one a line. */
  lines: string[]
  /** What the sequencer sealed the batch with: the signed checkpoint after its last line. */
  seal: string
}

/**
 * Gives log entries their place inside the commit that carries them. The witness implements it, the store calls it
 * synchronously while it holds the write lock; it must be pure apart from its key.
 */
export interface Sequencer {
  /**
   * Refuses an entry that cannot be sealed, by throwing. Called when a commit is handed in, so that a bad entry
   * rejects its own commit and never the batch.
   */
  check(entries: LogEntry[]): void
  /**
   * @param head what the previous seal returned, undefined for an empty log
   * @returns the lines to append, the new head (kept by the store with the commit), the seal of the batch
   */
  seal(head: JsonValue | undefined, entries: LogEntry[]): { lines: string[]; head: JsonValue; seal: string }
  /** Called after the batch is durable, with its seal and the log's size after it. Must not throw or block. */
  sealed(seal: string, size: number): void
}

/** Said by the engine, shown by `ifab doctor`. */
export interface StoreCapabilities {
  engine: string
  /** Whether a commit of several writes is all-or-nothing. */
  atomic: boolean
  /**
   * `fsync`: a resolved commit survives power loss; `relaxed`: it survives the process, and power loss once `windowMs`
   * have passed; `memory`: nothing survives the process.
   */
  durability: 'fsync' | 'relaxed' | 'memory'
  /** Milliseconds of commits that a power failure may take; only where durability is `relaxed`. */
  windowMs?: number
}

export interface RangeOptions {
  /** At most so many entries. Default: all. */
  limit?: number
  /** Newest key first. Default false. */
  reverse?: boolean
}

export interface CommitOptions {
  /** Whose commit it is, for watches that needn't hear of it; compared by identity, within this process. */
  by?: object
}

export interface WatchOptions {
  signal?: AbortSignal
  /** Commits by this one may be left out: it knows what it did. */
  notBy?: object
}

export interface Store {
  readonly capabilities: StoreCapabilities
  /** The latest value this process knows; synchronous engines answer from memory. */
  get<T = JsonValue>(key: string): Promise<Entry<T> | undefined>
  /** All entries whose key starts with `prefix`, in key order. */
  range<T = JsonValue>(prefix: string, options?: RangeOptions): Promise<Entry<T>[]>
  /**
   * Applies the writes in order and appends the log entries. Resolves after the commit is durable.
   * Rejects with IF_ERR_CONFLICT when an expectation does not hold (`details.key`, `details.revision`),
   * with IF_ERR_STORE_UNAVAILABLE when it cannot be written.
   */
  commit(writes: Write[], log?: LogEntry[], options?: CommitOptions): Promise<CommitResult>
  /** Changes under a prefix from now on; ends when the signal aborts or the store closes. */
  watch(prefix: string, options?: WatchOptions): AsyncIterable<Change>
  /** Sealed log batches holding sequence numbers ≥ `from`, in order. */
  readLog(from?: number): AsyncIterable<LogBatch>
  /** The head that the sequencer last returned. */
  logHead(): Promise<JsonValue | undefined>
  /** Waits for what is under way, then frees everything. Nothing runs afterwards. */
  close(): Promise<void>
}

/** Joins segments into a key; each is encoded, so a name may hold anything. */
export const keyOf = (...segments: string[]): string => segments.map(encodeURIComponent).join('/')

/** Prefix of all keys below the segments. */
export const prefixOf = (...segments: string[]): string => `${keyOf(...segments)}/`

/** The segments of a key. */
export const segmentsOf = (key: string): string[] => key.split('/').map(decodeURIComponent)
