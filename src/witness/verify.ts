// The whole log, batch by batch, never all in memory: entries against their chain, batches against their signed
// checkpoints, the end of the log against the checkpoint outside the database.

import type { KeyObject } from 'node:crypto'
import type { LogBatch } from '../store/index.ts'
import { readCheckpoint, type TreeHead } from './checkpoint.ts'
import { type LogIdentity, logIdentity } from './log-identity.ts'
import { Frontier } from './merkle.ts'
import { type BatchContext, type LogProblem, type ReadLine, readLine, verifyBatch } from './verify-batch.ts'

export interface VerifyOptions {
  publicKey: KeyObject
  /** Text of the checkpoint that is kept outside the database. */
  outside?: string | undefined
  /** Entries that the store believes to have. */
  expectedSize?: number | undefined
}

export interface VerifyReport {
  ok: boolean
  /** Entries read. */
  size: number
  /** Hex root of the tree over them, null when an entry is lost. */
  root: string | null
  /** Size of the checkpoint outside; null: there is none, so a cut tail could not be noticed. */
  outside: number | null
  /** What was found, at most 100. */
  problems: LogProblem[]
}

const MOST_PROBLEMS = 100

/** Checks every entry, every checkpoint and the end of the log; names what is wrong instead of throwing. */
export async function verifyLog(batches: AsyncIterable<LogBatch>, options: VerifyOptions): Promise<VerifyReport> {
  const identity = logIdentity(options.publicKey)
  const outside = options.outside === undefined ? undefined : readCheckpoint(options.outside, identity)
  const log = new LogWalk(identity, typeof outside === 'string' ? undefined : outside)
  for await (const batch of batches) log.add(batch)
  log.end()
  const problems = log.problems
  if (typeof outside === 'string') {
    problems.push({
      kind: 'outside-invalid',
      message: `the checkpoint outside the database was changed or forged: ${outside}`,
    })
  }
  const known = typeof outside === 'object' ? outside.size : 0
  const expected = Math.max(known, options.expectedSize ?? 0)
  if (expected > log.expected) {
    problems.push({
      kind: 'tail-cut',
      seq: log.expected,
      message: `the log ends after ${log.expected} entries, but ${expected} were written: its tail was cut off`,
    })
  }
  return {
    ok: problems.length === 0,
    size: log.size,
    root: log.frontier?.root().toString('hex') ?? null,
    outside: typeof outside === 'object' ? outside.size : null,
    problems: problems.slice(0, MOST_PROBLEMS),
  }
}

/** Holds one batch back, as a batch's last entry is named by the next batch's first. */
class LogWalk {
  readonly problems: LogProblem[] = []
  frontier: Frontier | undefined = new Frontier()
  size = 0
  /** Entries that there should be, by the checkpoints so far. */
  expected = 0
  readonly #identity: LogIdentity
  readonly #outside: TreeHead | undefined
  #held: { batch: LogBatch; lines: ReadLine[] } | undefined
  #prev: string | undefined

  constructor(identity: LogIdentity, outside: TreeHead | undefined) {
    this.#identity = identity
    this.#outside = outside
  }

  add(batch: LogBatch): void {
    const lines = batch.lines.map(readLine)
    this.#verifyHeld(lines[0])
    this.#held = { batch, lines }
  }

  end(): void {
    this.#verifyHeld(undefined)
  }

  #verifyHeld(following: ReadLine | undefined): void {
    if (!this.#held) return
    const { batch, lines } = this.#held
    const context: BatchContext = {
      identity: this.#identity,
      start: this.expected,
      frontier: this.frontier,
      prev: this.#prev,
      following,
    }
    const verdict = verifyBatch(batch, lines, context)
    this.#compareOutside(verdict.leaves)
    if (this.problems.length <= MOST_PROBLEMS) this.problems.push(...verdict.problems)
    this.size += lines.length
    this.frontier = verdict.frontier
    this.expected = verdict.end
    this.#prev = verdict.frontier ? verdict.leaves.at(-1)?.toString('hex') : undefined
  }

  /** The outside checkpoint is of the end of some batch; what it signs must be a prefix of the log. */
  #compareOutside(leaves: Buffer[]): void {
    const count = (this.#outside?.size ?? 0) - this.expected
    if (!this.#outside || !this.frontier || count <= 0 || count > leaves.length) return
    if (this.frontier.append(leaves.slice(0, count)).root().equals(this.#outside.root)) return
    this.problems.push({
      kind: 'outside-mismatch',
      seq: this.#outside.size - 1,
      message: `the first ${this.#outside.size} entries are not those that the checkpoint outside the database signs`,
    })
  }
}
