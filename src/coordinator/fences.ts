// What keeps the acts of an older holder from happening: questions that only the store can answer, and a write that goes
// into the commit with which an act begins, so that either the claim stands at that moment or nothing begins.
import { type Clock, type JsonValue, timestamp } from '../foundation/index.ts'
import { keyOf, type Store, type Write } from '../store/index.ts'
import type { Beats } from './beats.ts'
import { held } from './decisions.ts'
import type { Ledger } from './ledger.ts'
import { beaten } from './moves.ts'
import { type TaskRecord, taskKey } from './record.ts'

/** Part of a commit that holds only while a claim does. */
export interface Fence {
  /**
   * Rewrites the task's record as it is, with a sign of life. IF_ERR_CONFLICT on its key means that the record has moved:
   * ask for another fence, which is refused when the claim has ended.
   */
  readonly write: Write
  /** Monotonic milliseconds: until then nobody can have taken the claim back, once the commit is durable. */
  readonly heldUntil: number
}

const PROBE_KEY = keyOf('task-probe')

export class Fences {
  readonly #store: Store
  readonly #ledger: Ledger
  readonly #beats: Beats

  constructor(store: Store, ledger: Ledger, beats: Beats) {
    this.#store = store
    this.#ledger = ledger
    this.#beats = beats
  }

  async isCurrent(task: string, token: number): Promise<boolean> {
    // A read may be as old as the last look at other processes, which in one that was stopped is long ago. A commit, even
    // of nothing, is in line with all others.
    await this.#store.commit([])
    const found = await this.#store.get<TaskRecord>(taskKey(task))
    return found?.value.standing.state === 'claimed' && found.value.token === token
  }

  /** A commit of a record of its own. */
  async probe(clock: Clock): Promise<{ commitMs: number }> {
    const start = clock.monotonic()
    await this.#store.commit([{ key: PROBE_KEY, value: { at: timestamp(clock.now()) }, expect: 'any' }])
    return { commitMs: clock.monotonic() - start }
  }

  async fence(task: string, token: number): Promise<Fence> {
    const entry = await this.#ledger.find(task)
    while (entry.isMoving) await entry.still()
    const found = await this.#ledger.refresh(entry)
    const record = found?.value ?? (await this.#ledger.read(entry)) // refuses: it was removed
    held(record, token)
    const next = beaten(record, undefined, this.#beats.stamp())
    return {
      // A record is JSON all through.
      write: { key: taskKey(task), value: next as unknown as JsonValue, expect: found?.revision ?? entry.revision },
      heldUntil: this.#beats.heldUntil(next),
    }
  }
}
