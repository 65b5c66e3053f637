// How far the journal had come, kept in a file of its own: SQLite drops what it cannot read at the end of its write-ahead
// log without a word, and a database that was put back from an older copy looks sound as well. The mark is never ahead of
// what was answered by a store that syncs, so that a journal that ends before it has lost something.
import { rm } from 'node:fs/promises'
import { type Clock, type Logger, silentLogger } from '../foundation/index.ts'
import { HighWaterFile } from './high-water-file.ts'
import { prefixOf } from './port.ts'

/** Batches that were answered once and are gone: what a store keeps under `loss/` when it finds that out. */
export type JournalLoss = {
  /** RFC 3339: when it was found out. */
  readonly at: string
  /** The last batch that is there, and the last that there was. */
  readonly found: number
  readonly expected: number
}

/** Prefix of the records of losses. */
export const LOSSES = prefixOf('loss')

const FORM = /^journal (\d{1,15})\n$/

export class JournalMark {
  readonly #file: HighWaterFile
  readonly #logger: Logger
  readonly #path: string

  constructor(database: string, { logger = silentLogger, clock }: { logger?: Logger | undefined; clock: Clock }) {
    this.#path = `${database}-mark`
    this.#logger = logger
    this.#file = new HighWaterFile({ path: this.#path, sizeOf: seqOf, sync: false, logger, clock })
  }

  /** How far the journal had come at least; 0 where nothing is known. Read it before the journal: others go on. */
  async read(): Promise<number> {
    const text = await this.#file.read().catch((thrown: unknown) => {
      this.#logger.warn('the mark of the journal cannot be read', { path: this.#path, error: String(thrown) })
      return undefined
    })
    return (text !== undefined && seqOf(text)) || 0
  }

  /** Begins anew, after a loss was found out. */
  async reset(): Promise<void> {
    await rm(this.#path, { force: true })
  }

  /** A batch is durable. */
  note(seq: number): void {
    this.#file.note(`journal ${seq}\n`, seq)
  }

  async close(): Promise<void> {
    await this.#file.close()
  }
}

const seqOf = (text: string): number | undefined => {
  const digits = FORM.exec(text)?.[1]
  return digits === undefined ? undefined : Number(digits)
}
