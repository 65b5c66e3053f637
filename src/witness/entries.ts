// Reading the log: in order from any number on, or newest first in windows, so that the last few of a long log cost
// little. Reading trusts the store; `verify` doesn't.
import { FabricError } from '../foundation/index.ts'
import type { Store } from '../store/index.ts'
import type { SealedEntry } from './entry.ts'
import { parseLogHead } from './sequencer.ts'

export interface EntriesOptions {
  /** First sequence number; with `reverse` the one to go back from. Default: the first, with `reverse` the last. */
  from?: number
  /** Which entries are wanted. Default all. */
  filter?: (entry: SealedEntry) => boolean
  /** Newest first. Default false. */
  reverse?: boolean
  /** At most so many that pass the filter. Default all. */
  limit?: number
}

const WINDOW = 256

export async function* readEntries(store: Store, options: EntriesOptions = {}): AsyncGenerator<SealedEntry> {
  const { filter = () => true, limit = Number.POSITIVE_INFINITY } = options
  let left = limit
  if (left <= 0) return
  for await (const entry of options.reverse ? backwards(store, options.from) : forwards(store, options.from ?? 0)) {
    if (!filter(entry)) continue
    yield entry
    left--
    if (left <= 0) return
  }
}

async function* forwards(store: Store, from: number, end = Number.POSITIVE_INFINITY): AsyncGenerator<SealedEntry> {
  for await (const { first, lines } of store.readLog(from)) {
    if (first >= end) return
    for (const [at, line] of lines.entries())
      if (first + at >= from && first + at < end) yield parseEntry(line, first + at)
  }
}

async function* backwards(store: Store, from: number | undefined): AsyncGenerator<SealedEntry> {
  const { size } = parseLogHead(await store.logHead()).frontier
  let end = from === undefined ? size : Math.min(from + 1, size)
  while (end > 0) {
    const start = Math.max(0, end - WINDOW)
    const window: SealedEntry[] = []
    for await (const entry of forwards(store, start, end)) window.push(entry)
    yield* window.reverse()
    end = start
  }
}

function parseEntry(line: string, seq: number): SealedEntry {
  try {
    return JSON.parse(line) as SealedEntry // sealed by us; `verify` is who doubts it
  } catch (cause) {
    throw new FabricError('IF_ERR_VERIFY_FAILED', `entry ${seq} of the witness log is not JSON`, {
      hint: 'The database was tampered with or damaged.',
      next: 'ifab witness verify',
      cause,
    })
  }
}
