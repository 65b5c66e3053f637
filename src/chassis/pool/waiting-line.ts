// New calls that wait for a worker: in order of arrival within a module, in turn between modules, so that one module's
// thousand calls don't stand before another's first. Bounded, for all modules together and for each.
import { FabricError } from '../../foundation/index.ts'
import type { ActiveCall } from './active-call.ts'
import type { ModuleRecord } from './module-record.ts'

/** Of the whole line that one module may fill. */
const ONE_MODULES_PART = 1 / 4

export class WaitingLine {
  readonly #limit: number
  /** Calls by module, the module whose turn is next first. */
  readonly #calls = new Map<ModuleRecord, ActiveCall[]>()
  #length = 0

  constructor(limit: number) {
    this.#limit = limit
  }

  /** IF_ERR_RATE_LIMIT_EXCEEDED where the line is full. */
  add(call: ActiveCall): void {
    const own = this.#calls.get(call.record) ?? []
    const ofOne = Math.max(1, Math.floor(this.#limit * ONE_MODULES_PART))
    if (own.length >= ofOne) throw full(`${own.length} calls of ${call.record.id} wait`)
    if (this.#length >= this.#limit) throw full(`${this.#length} calls of all modules wait`)
    own.push(call)
    this.#calls.set(call.record, own)
    this.#length += 1
  }

  /** For a call that was begun and must begin again: without a bound, before the others of its module. */
  putFirst(call: ActiveCall): void {
    this.#calls.set(call.record, [call, ...(this.#calls.get(call.record) ?? [])])
    this.#length += 1
  }

  /** The oldest call of the first module that may run; that module then stands last. */
  take(may: (record: ModuleRecord) => boolean): ActiveCall | undefined {
    for (const [record, calls] of this.#calls) {
      if (!may(record)) continue
      const call = calls.shift()
      this.#calls.delete(record)
      this.#length -= 1
      if (calls.length > 0) this.#calls.set(record, calls)
      return call
    }
    return undefined
  }

  /** Whether a call waits whose module may run. */
  some(may: (record: ModuleRecord) => boolean): boolean {
    for (const record of this.#calls.keys()) if (may(record)) return true
    return false
  }

  remove(call: ActiveCall): void {
    const calls = this.#calls.get(call.record)
    const at = calls?.indexOf(call) ?? -1
    if (!calls || at < 0) return
    calls.splice(at, 1)
    this.#length -= 1
    if (calls.length === 0) this.#calls.delete(call.record)
  }

  all(): ActiveCall[] {
    return [...this.#calls.values()].flat()
  }
}

const full = (what: string): FabricError =>
  new FabricError('IF_ERR_RATE_LIMIT_EXCEEDED', `${what} for a sandbox already; no more are taken`, {
    hint: 'Call again when some of them were answered.',
  })
