// Interpreters made beforehand, so that the first call of a script does not wait for one. They are made again while the
// worker is idle, one at a time.
import { ScriptGuest, type ScriptGuestOptions } from './script-guest.ts'

const SPARES = 2
/** Contracts without a memory limit of their own get this one. */
const USUAL_BYTES = 256 * 1_048_576

export interface SpareScripts {
  /** An interpreter whose memory can never pass what is asked for by more than the usual maximum. */
  take(memoryBytes: number): Promise<ScriptGuest>
}

export function openSpareScripts(of: Omit<ScriptGuestOptions, 'maximumBytes'>): SpareScripts {
  const spares: Promise<ScriptGuest>[] = []
  const make = (maximumBytes: number) => ScriptGuest.make({ ...of, maximumBytes })

  const refill = (): void => {
    if (spares.length >= SPARES) return
    const spare = make(USUAL_BYTES)
    spares.push(spare)
    spare.then(
      () => void setImmediate(refill),
      // Whoever takes it gets the error; nobody may take it ever.
      () => undefined,
    )
  }
  refill()

  return {
    take(memoryBytes) {
      if (memoryBytes > USUAL_BYTES) return make(memoryBytes)
      const spare = spares.shift() ?? make(USUAL_BYTES)
      setImmediate(refill)
      return spare
    },
  }
}
