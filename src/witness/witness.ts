// The witness of one home: seals what the store commits, reads it back, proves single entries, verifies all of it.
import type { KeyObject } from 'node:crypto'
import { join } from 'node:path'
import { FabricError, type Logger } from '../foundation/index.ts'
import { HighWaterFile, type Sequencer, type Store } from '../store/index.ts'
import { readCheckpoint } from './checkpoint.ts'
import { type EntriesOptions, readEntries } from './entries.ts'
import type { SealedEntry } from './entry.ts'
import { verifierKey } from './log-identity.ts'
import { openLogKey } from './log-key.ts'
import { leafHash } from './merkle.ts'
import { inclusionProof } from './merkle-proofs.ts'
import { createSequencer, parseLogHead } from './sequencer.ts'
import { type VerifyReport, verifyLog } from './verify.ts'

export interface WitnessOptions {
  /** The home: its `keys/` holds the log's key, its `witness.checkpoint` the last checkpoint. */
  home: string
  /** Hears when the checkpoint outside the database can't be written. Default silent. */
  logger?: Logger
}

/** That one entry is in the log: all that a verifier needs besides the log's key. */
export interface EntryProof {
  seq: number
  /** The entry's exact line, which is the leaf. */
  entry: string
  /** Base64 hashes from the leaf to the root. */
  inclusion: string[]
  /** The signed checkpoint that the proof leads to. */
  checkpoint: string
}

export interface Witness {
  /** Goes into `openEmbeddedStore`. */
  readonly sequencer: Sequencer
  readonly publicKey: KeyObject
  /** First line of each checkpoint. */
  readonly origin: string
  /** The key as other people's verifiers take it: name+id+base64. */
  readonly verifierKey: string
  verify(store: Store): Promise<VerifyReport>
  entries(store: Store, options?: EntriesOptions): AsyncIterable<SealedEntry>
  /** IF_ERR_NOT_FOUND for a sequence number that the log has not reached. */
  proof(store: Store, seq: number): Promise<EntryProof>
  /** Writes the last checkpoint outside; after the store is closed. */
  close(): Promise<void>
}

/** Opens the witness of a home, making its key at first use. */
export async function openWitness({ home, logger }: WitnessOptions): Promise<Witness> {
  const { identity, privateKey } = await openLogKey(join(home, 'keys'))
  const outside = new HighWaterFile({
    path: join(home, 'witness.checkpoint'),
    sizeOf: (checkpoint) => {
      const head = readCheckpoint(checkpoint, identity)
      return typeof head === 'string' ? undefined : head.size
    },
    ...(logger ? { logger } : {}),
  })
  return {
    sequencer: createSequencer({
      identity,
      privateKey,
      onSealed: (checkpoint, size) => outside.note(checkpoint, size),
    }),
    publicKey: identity.publicKey,
    origin: identity.origin,
    verifierKey: verifierKey(identity),
    async verify(store) {
      // Both before the log, which may grow meanwhile.
      const text = await outside.read()
      const { frontier } = parseLogHead(await store.logHead())
      return verifyLog(store.readLog(), { publicKey: identity.publicKey, outside: text, expectedSize: frontier.size })
    },
    entries: readEntries,
    proof: proveEntry,
    close: () => outside.close(),
  }
}

async function proveEntry(store: Store, seq: number): Promise<EntryProof> {
  const leaves: Buffer[] = []
  let entry: string | undefined
  let checkpoint = ''
  for await (const batch of store.readLog()) {
    entry ??= batch.lines[seq - leaves.length]
    leaves.push(...batch.lines.map(leafHash))
    checkpoint = batch.seal
  }
  if (entry === undefined) {
    throw new FabricError('IF_ERR_NOT_FOUND', `the witness has no entry ${seq}: it holds ${leaves.length}`, {
      hint: 'Entries are counted from 0.',
      next: 'ifab witness log',
    })
  }
  return { seq, entry, inclusion: inclusionProof(leaves, seq).map((hash) => hash.toString('base64')), checkpoint }
}
