// Gives entries their place inside the commit that carries them. It runs while the store holds its write lock, so it
// does the least: canonical text and one hash an entry, a few hashes and ONE signature a batch.
import type { KeyObject } from 'node:crypto'
import { z } from 'zod'
import { FabricError, type JsonValue } from '../foundation/index.ts'
import type { LogEntry, Sequencer } from '../store/index.ts'
import { signCheckpoint } from './checkpoint.ts'
import { checkEntry, NO_ENTRY_HASH, sealEntry, type WitnessEntry } from './entry.ts'
import type { LogIdentity } from './log-identity.ts'
import { Frontier, leafHash } from './merkle.ts'

export interface SequencerOptions {
  identity: LogIdentity
  privateKey: KeyObject
  /** Hears of each durable checkpoint; must not throw or block. */
  onSealed: (checkpoint: string, size: number) => void
}

export function createSequencer({ identity, privateKey, onSealed }: SequencerOptions): Sequencer {
  return {
    check(entries) {
      for (const entry of entries) checkEntry(entry)
    },
    seal(head, entries: LogEntry[]) {
      const { frontier, prev } = parseLogHead(head)
      let last = prev
      const leaves: Buffer[] = []
      const lines = entries.map((entry, at) => {
        // `check` has seen it when the commit was handed in.
        const line = sealEntry(entry as WitnessEntry, frontier.size + at, last)
        const leaf = leafHash(line)
        leaves.push(leaf)
        last = leaf.toString('hex')
        return line
      })
      const after = frontier.append(leaves)
      const seal = signCheckpoint({ size: after.size, root: after.root() }, identity, privateKey)
      return { lines, head: formatLogHead(after, last), seal }
    },
    sealed: onSealed,
  }
}

const logHeadSchema = z.object({
  size: z.int().nonnegative(),
  frontier: z.array(z.string().regex(/^[0-9a-f]{64}$/)),
  prev: z.string().regex(/^[0-9a-f]{64}$/),
})

/** The log's state as the store keeps it: size, complete subtrees, hash of the last entry. */
export function parseLogHead(head: JsonValue | undefined): { frontier: Frontier; prev: string } {
  if (head === undefined) return { frontier: new Frontier(), prev: NO_ENTRY_HASH }
  const parsed = logHeadSchema.safeParse(head)
  if (!parsed.success) {
    throw new FabricError('IF_ERR_STORE_UNAVAILABLE', 'the head of the witness log in the store is damaged', {
      hint: 'Run `ifab witness verify`, then restore a backup.',
      retryable: false,
    })
  }
  const { size, frontier, prev } = parsed.data
  return {
    frontier: new Frontier(
      size,
      frontier.map((hash) => Buffer.from(hash, 'hex')),
    ),
    prev,
  }
}

const formatLogHead = (frontier: Frontier, prev: string): JsonValue => ({
  size: frontier.size,
  frontier: frontier.hashes.map((hash) => hash.toString('hex')),
  prev,
})
