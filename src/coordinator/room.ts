// Back-pressure: so many unfinished tasks and no more. Who comes when it is full waits its turn, for a while.
import { type Clock, FabricError } from '../foundation/index.ts'
import type { Board } from './board.ts'

export class Room {
  readonly #board: Board
  readonly #clock: Clock
  readonly #most: number
  readonly #waitMs: number
  /** Tasks that are being added. */
  #entering = 0
  readonly #queue: { count: number; enter(): void }[] = []
  readonly #over = new AbortController()

  constructor(board: Board, clock: Clock, most: number, waitMs: number) {
    this.#board = board
    this.#clock = clock
    this.#most = most
    this.#waitMs = waitMs
  }

  /** One task enters at once, or not. */
  tryEnter(): boolean {
    if (this.#queue.length > 0 || !this.#fits(1)) return false
    this.#entering++
    return true
  }

  /** IF_ERR_TIMEOUT when there was no room in time. */
  async enter(count: number, signal: AbortSignal | undefined): Promise<void> {
    if (this.#queue.length === 0 && this.#fits(count)) {
      this.#entering += count
      return
    }
    const turn = new AbortController()
    const place = { count, enter: () => turn.abort() }
    this.#queue.push(place)
    const ends = [turn.signal, this.#over.signal, ...(signal ? [signal] : [])]
    await this.#clock.sleep(this.#waitMs, AbortSignal.any(ends)).catch(() => undefined) // whichever came first
    if (turn.signal.aborted) return
    this.#queue.splice(this.#queue.indexOf(place), 1)
    this.changed()
    if (signal?.aborted) throw new FabricError('IF_ERR_CANCELLED', 'adding was aborted while it waited for room')
    if (this.#over.signal.aborted) {
      throw new FabricError('IF_ERR_STORE_UNAVAILABLE', 'the coordinator was closed while adding waited for room')
    }
    throw new FabricError('IF_ERR_TIMEOUT', `there are ${this.#unfinished()} unfinished tasks, ${this.#most} at most`, {
      hint: 'Start more workers, or add less at once.',
      details: { limit: this.#most },
    })
  }

  /** The tasks are on the board now, or were refused. */
  entered(count: number): void {
    this.#entering -= count
    this.changed()
  }

  changed(): void {
    for (let next = this.#queue[0]; next && this.#fits(next.count); next = this.#queue[0]) {
      this.#queue.shift()
      this.#entering += next.count
      next.enter()
    }
  }

  close(): void {
    this.#over.abort()
  }

  #unfinished(): number {
    const { open, claimed, blocked } = this.#board.counts
    return open + claimed + blocked
  }

  /** More at once than there can be enter when nothing else is there. */
  #fits(count: number): boolean {
    const others = this.#unfinished() + this.#entering
    return others + count <= this.#most || others === 0
  }
}
