// Pieces on their way from who makes them to who reads them, one at a time: the maker goes on when a piece was taken.
import { FabricError, type JsonObject } from '../foundation/index.ts'

export class Handover {
  #waiting: { piece: JsonObject; taken: () => void; refused: (error: FabricError) => void } | undefined
  #reader: ((piece: JsonObject | undefined) => void) | undefined
  #isOver = false

  /** Resolves when the piece was taken; rejects once the reader has left. */
  give(piece: JsonObject): Promise<void> {
    if (this.#isOver) return Promise.reject(left())
    const reader = this.#reader
    if (reader) {
      this.#reader = undefined
      reader(piece)
      return Promise.resolve()
    }
    return new Promise((taken, refused) => {
      this.#waiting = { piece, taken, refused }
    })
  }

  /** The next piece; undefined at the end. */
  take(): Promise<JsonObject | undefined> {
    const waiting = this.#waiting
    if (waiting) {
      this.#waiting = undefined
      waiting.taken()
      return Promise.resolve(waiting.piece)
    }
    if (this.#isOver) return Promise.resolve(undefined)
    return new Promise((reader) => {
      this.#reader = reader
    })
  }

  /** No more is given, or taken. */
  end(): void {
    this.#isOver = true
    this.#waiting?.refused(left())
    this.#waiting = undefined
    this.#reader?.(undefined)
  }
}

const left = (): FabricError => new FabricError('IF_ERR_CANCELLED', 'nobody reads the answer any more')
