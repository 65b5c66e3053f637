// One batch of the log against its checkpoint. Beyond yes or no it finds WHICH entry was tampered with: each entry holds
// the leaf hash of the one before, so for a changed entry the original hash is still known, and the signed root tells
// whether putting it back explains everything.
import { canonicalJson } from '../foundation/index.ts'
import type { LogBatch } from '../store/index.ts'
import { readCheckpoint, type TreeHead } from './checkpoint.ts'
import type { LogIdentity } from './log-identity.ts'
import { type Frontier, leafHash } from './merkle.ts'

export interface LogProblem {
  kind:
    | 'entry-changed'
    | 'entry-missing'
    | 'entry-order'
    | 'entry-unexpected'
    | 'entry-not-canonical'
    | 'checkpoint-invalid'
    | 'checkpoint-mismatch'
    | 'tail-cut'
    | 'outside-invalid'
    | 'outside-mismatch'
  /** Sequence number of the entry, or of the first entry concerned. */
  seq?: number
  message: string
}

/** A line of the log, read without trust. */
export interface ReadLine {
  text: string
  hash: Buffer
  /** Undefined where the line doesn't say. */
  seq: number | undefined
  prev: string | undefined
  isCanonical: boolean
}

export interface BatchVerdict {
  problems: LogProblem[]
  /** The frontier after the batch, of the original entries as far as they are known; undefined when they are not. */
  frontier: Frontier | undefined
  /** Entries that the log should have after this batch. */
  end: number
  /** Leaf hashes by which the frontier grew. */
  leaves: Buffer[]
}

export interface BatchContext {
  identity: LogIdentity
  /** Where the batch should begin. */
  start: number
  /** Undefined after a loss that no later checkpoint can see past. */
  frontier: Frontier | undefined
  /** Leaf hash of the entry before, as far as it is known. */
  prev: string | undefined
  /** The next batch's first line, which holds the hash of this one's last. */
  following: ReadLine | undefined
}

export function readLine(text: string): ReadLine {
  const line: ReadLine = { text, hash: leafHash(text), seq: undefined, prev: undefined, isCanonical: false }
  try {
    const value: unknown = JSON.parse(text)
    if (value === null || typeof value !== 'object') return line
    if ('seq' in value && Number.isSafeInteger(value.seq)) line.seq = value.seq as number
    if ('prev' in value && typeof value.prev === 'string') line.prev = value.prev
    line.isCanonical = canonicalJson(value) === text
  } catch {
    // Not JSON: the line says nothing of itself, which its place and its hash will name.
  }
  return line
}

export function verifyBatch(batch: LogBatch, lines: readonly ReadLine[], context: BatchContext): BatchVerdict {
  const { identity, start } = context
  const head = readCheckpoint(batch.seal, identity)
  const problems: LogProblem[] = []
  const { end, misplaced } = extentOf(head, lines, context)
  if (typeof head === 'string' || misplaced) {
    problems.push({
      kind: misplaced ? 'checkpoint-mismatch' : 'checkpoint-invalid',
      seq: start,
      message: `the checkpoint after entries ${span(start, end)} was changed or forged: ${misplaced ?? head}`,
    })
  }
  const slots = placeLines(lines, { start, end }, problems)
  const claims = slots.map((_, at) =>
    claimedHash(slots[at + 1] ?? (at + 1 === slots.length ? context.following : undefined)),
  )
  const verdict = (leaves: (Buffer | undefined)[], isKnown: boolean): BatchVerdict => {
    const known = leaves.filter((leaf) => leaf !== undefined)
    const frontier = isKnown && known.length === leaves.length ? context.frontier?.append(known) : undefined
    return { problems, frontier, end, leaves: frontier ? known : [] }
  }

  const root = typeof head !== 'string' && !misplaced && context.frontier ? head.root : undefined
  const suspects = brokenLinks(slots, claims)
  if (!root || !context.frontier) {
    problems.push(...suspects.map((at) => changed(start + at, 'its bytes are not those that the next entry names')))
    const leaves = slots.map((line, at) => line?.hash ?? claims[at])
    return verdict(leaves, suspects.length === 0)
  }

  for (const replaced of explanations(suspects)) {
    const leaves = slots.map((line, at) => (line && !replaced.has(at) ? line.hash : claims[at]))
    const known = leaves.filter((leaf) => leaf !== undefined)
    if (known.length < leaves.length || !context.frontier.append(known).root().equals(root)) continue
    for (const at of replaced) problems.push(changed(start + at, 'its bytes are not those that the checkpoint signs'))
    slots.forEach((line, at) => {
      if (line && !replaced.has(at) && !line.isCanonical) {
        problems.push({
          kind: 'entry-not-canonical',
          seq: start + at,
          message: `entry ${start + at} is not canonical JSON`,
        })
      }
    })
    return verdict(leaves, true)
  }

  problems.push(...unexplained(slots, suspects, context))
  return verdict(
    slots.map(() => undefined),
    false,
  )
}

/** Where the batch should end: where its checkpoint says, unless everything around shows that it is another batch's. */
function extentOf(
  head: TreeHead | string,
  lines: readonly ReadLine[],
  { start, following }: BatchContext,
): { end: number; misplaced?: string } {
  const counted = start + lines.length
  if (typeof head === 'string' || head.size === counted) return { end: counted }
  const misplaced = `it is of a log of ${head.size} entries, not ${counted}`
  // A whole batch that stands too late agrees with its own checkpoint; its lines are named as out of order.
  if (head.size <= start) return lines.at(-1)?.seq === head.size - 1 ? { end: start } : { end: counted, misplaced }
  return following?.seq === counted ? { end: counted, misplaced } : { end: head.size }
}

/** Puts each line at the place it claims, naming what is missing, out of order or too much. */
function placeLines(
  lines: readonly ReadLine[],
  { start, end }: { start: number; end: number },
  problems: LogProblem[],
): (ReadLine | undefined)[] {
  const slots = new Array<ReadLine | undefined>(end - start).fill(undefined)
  const rest: [line: ReadLine, at: number][] = []
  // A line at its own place comes first: another one that claims the place has a changed number.
  lines.forEach((line, at) => {
    if (line.seq === start + at && at < slots.length) slots[at] = line
    else rest.push([line, at])
  })
  let greatest = -1
  const isMoved = new Set<ReadLine>()
  for (const line of lines) {
    if (line.seq === undefined) continue
    if (line.seq < greatest) isMoved.add(line)
    greatest = Math.max(greatest, line.seq)
  }
  for (const [line, at] of rest) {
    const own = line.seq === undefined ? -1 : line.seq - start
    const isFree = own >= 0 && own < slots.length && !slots[own]
    if (isFree) slots[own] = line
    else if (at < slots.length && !slots[at]) slots[at] = line
    else if (own < 0 && line.seq !== undefined) problems.push(moved(line.seq, start + at))
    else
      problems.push({
        kind: 'entry-unexpected',
        seq: start + at,
        message: `an entry too many stands at place ${start + at}`,
      })
    if (isFree && isMoved.has(line)) problems.push(moved(start + own, start + at))
  }
  slots.forEach((line, at) => {
    if (!line && (at === 0 || slots[at - 1])) {
      const next = slots.findIndex((other, place) => place > at && other)
      const message = `missing: entries ${span(start + at, next < 0 ? end : start + next)}`
      problems.push({ kind: 'entry-missing', seq: start + at, message })
    }
  })
  return slots
}

/** Entries whose bytes are not those that the entry after them names. */
function brokenLinks(slots: readonly (ReadLine | undefined)[], claims: readonly (Buffer | undefined)[]): number[] {
  return slots.flatMap((line, at) => {
    const claim = claims[at]
    return line && claim && !claim.equals(line.hash) ? [at] : []
  })
}

const MOST_SUSPECTS = 8

/** Sets of entries that may have been changed, likeliest (fewest but all links explained) first; none changed first. */
function* explanations(suspects: readonly number[]): Generator<Set<number>> {
  yield new Set()
  yield new Set(suspects)
  if (suspects.length > MOST_SUSPECTS) return
  // An entry with a changed `prev` breaks two links, though the one before it is as it was.
  for (let mask = 1; mask < 2 ** suspects.length - 1; mask++) {
    yield new Set(suspects.filter((_, bit) => mask & (1 << bit)))
  }
}

/** No set of changed entries leads to the signed root: what is left is the log's last entry, or several at once. */
function unexplained(
  slots: readonly (ReadLine | undefined)[],
  suspects: readonly number[],
  { start, prev, following }: BatchContext,
): LogProblem[] {
  const signed = 'its bytes are not those that the checkpoint signs'
  const last = slots.length - 1
  const first = slots[0]
  // Only the last entry of the log has no successor that names it; its own link may be what makes the one before suspect.
  const named = following ? suspects : [...suspects.filter((at) => at !== last - 1), last]
  const present = named.filter((at) => slots[at])
  if (!following || suspects.length > 0) return present.map((at) => changed(start + at, signed))
  if (first && prev !== undefined && first.prev !== prev)
    return [changed(start, 'it does not follow from the entry before')]
  if (slots.includes(undefined)) return []
  const message = `entries ${span(start, start + slots.length)} are not those that their checkpoint signs`
  return [{ kind: 'checkpoint-mismatch', seq: start, message }]
}

const claimedHash = (next: ReadLine | undefined): Buffer | undefined =>
  next?.prev !== undefined && /^[0-9a-f]{64}$/.test(next.prev) ? Buffer.from(next.prev, 'hex') : undefined

const changed = (seq: number, how: string): LogProblem => ({
  kind: 'entry-changed',
  seq,
  message: `entry ${seq} was changed: ${how}`,
})

const moved = (seq: number, place: number): LogProblem => ({
  kind: 'entry-order',
  seq,
  message: `entry ${seq} is out of order: it stands at place ${place}`,
})

const span = (start: number, end: number): string => (end - start <= 1 ? `${start}` : `${start}–${end - 1}`)
