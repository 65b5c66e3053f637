// One call of `claim` that takes what is ready, or waits for it: with an end, and to be aborted. A task that comes after
// its caller has gone is given back.
import { type Clock, FabricError, type JsonValue } from '../foundation/index.ts'
import type { Desk } from './desk.ts'
import type { Entry } from './entry.ts'
import type { Matching } from './matching.ts'
import type { Holder, TaskRecord } from './record.ts'
import type { Waiter, WorkerGroup } from './worker-group.ts'

export interface Granted {
  entry: Entry
  record: TaskRecord
  payload: JsonValue | undefined
}

interface Settle {
  resolve(granted: Granted | undefined): void
  reject(thrown: unknown): void
}

export interface ClaimWaiterParts {
  readonly desk: Desk
  readonly matching: Matching
  readonly clock: Clock
  /** Gives a claim back that nobody waits for any more. */
  giveBack(granted: Granted): void
}

export class ClaimWaiter implements Waiter {
  readonly holder: Holder
  readonly leaseMs: number
  readonly group: WorkerGroup
  wants = 1
  readonly #parts: ClaimWaiterParts
  /** Made when there is something to wait for; most find a task at once. */
  #over: AbortController | undefined
  #endsAt = 0
  #isTimed = false
  #settle: Settle | undefined

  constructor(parts: ClaimWaiterParts, holder: Holder, leaseMs: number, group: WorkerGroup) {
    this.#parts = parts
    this.holder = holder
    this.leaseMs = leaseMs
    this.group = group
  }

  /** Undefined when there was nothing in time. */
  take(waitMs: number, signal: AbortSignal | undefined): Promise<Granted | undefined> {
    const taken = new Promise<Granted | undefined>((resolve, reject) => {
      this.#settle = { resolve, reject }
    })
    this.#endsAt = this.#parts.clock.monotonic() + waitMs
    this.#seek()
    if (!signal) return taken
    const abort = () => this.abort(signal.reason)
    if (signal.aborted) abort()
    else signal.addEventListener('abort', abort, { once: true })
    return taken.finally(() => signal.removeEventListener('abort', abort))
  }

  granted(entry: Entry, record: TaskRecord, payload: JsonValue | undefined): void {
    const granted = { entry, record, payload }
    if (!this.#settle) this.#parts.giveBack(granted)
    else this.#end((settle) => settle.resolve(granted))
  }

  refused(reason: unknown): void {
    if (!this.#settle) return
    if (reason === undefined) this.#seek()
    else this.#end((settle) => settle.reject(reason))
  }

  abort(reason: unknown): void {
    const error = new FabricError('IF_ERR_CANCELLED', 'a claim was aborted while it waited for a task', {
      cause: reason,
    })
    this.#end((settle) => settle.reject(error))
  }

  #seek(): void {
    const { desk, clock } = this.#parts
    desk.seek(this)
    if (this.wants === 0 || this.#isTimed || !this.#settle) return
    this.#isTimed = true
    this.#over ??= new AbortController()
    clock.sleep(Math.max(0, this.#endsAt - clock.monotonic()), this.#over.signal).then(
      () => this.#end((settle) => settle.resolve(undefined)),
      () => undefined, // it was settled before
    )
  }

  #end(how: (settle: Settle) => void): void {
    const settle = this.#settle
    if (!settle) return
    this.#settle = undefined
    this.#parts.matching.stopWaiting(this)
    this.#over?.abort()
    how(settle)
  }
}
