// Which fault strikes a call. Seeded, so that a rehearsal that went wrong can be repeated draw by draw.
import { FabricError } from '../foundation/index.ts'
import type { FaultKind, InjectedFault } from './faults.ts'

/** What strikes one call: a wait first, then at most one fault. */
export interface Strike {
  latencyMs: number
  fault: Exclude<FaultKind, { kind: 'latency' }> | undefined
}

const NOTHING: Strike = { latencyMs: 0, fault: undefined }

export class FaultDice {
  readonly #known: ReadonlySet<string>
  readonly #random: () => number
  #faults: readonly InjectedFault[] = []

  /** `known`: the operations that a fault may name. */
  constructor(options: { known: Iterable<string>; seed: number }) {
    this.#known = new Set(options.known)
    this.#random = seededRandom(options.seed)
  }

  /** Replaces all faults; one that names an operation that the twin does not have is refused. */
  load(faults: readonly InjectedFault[]): void {
    for (const { operation } of faults) {
      if (operation === '*' || this.#known.has(operation)) continue
      throw new FabricError('IF_ERR_UNKNOWN_OPERATION', `a fault names ${JSON.stringify(operation)}`, {
        hint: `This twin knows ${[...this.#known].join(', ')} and * for all.`,
      })
    }
    this.#faults = [...faults]
  }

  /** Rolls for one call. Waits add up; of the other faults the first that hits strikes. */
  roll(operation: string | undefined): Strike {
    if (this.#faults.length === 0) return NOTHING
    let latencyMs = 0
    for (const fault of this.#faults) {
      if (fault.operation !== '*' && fault.operation !== operation) continue
      if (fault.probability < 1 && this.#random() >= fault.probability) continue
      if (fault.kind !== 'latency') return { latencyMs, fault }
      latencyMs += fault.minMs + this.#random() * (fault.maxMs - fault.minMs)
    }
    return { latencyMs, fault: undefined }
  }
}

/** mulberry32: small, fast, the same numbers on every machine. Nothing secret depends on it. */
function seededRandom(seed: number): () => number {
  let state = seed | 0
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 0x100000000
  }
}
