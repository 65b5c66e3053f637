// Instances that have answered and can answer again, by module. There is room for so many in a worker, and for so much
// memory that they have grown by; where it is full those that were used longest ago go.
import type { Guest } from './guest.ts'

/** A module in this worker: whoever holds the object knows that it was not forgotten meanwhile. */
export interface WarmGuests {
  take(module: string): Guest | undefined
  /** Returns the modules of the instances that had to go, one for each. */
  put(module: string, guest: Guest): string[]
  forget(module: string): void
}

export interface WarmRoom {
  instances: number
  /** Beyond what every instance begins with, bytes; of all together. */
  grownBytes: number
}

/** What the memory of a script begins with; hardly any of it is resident. */
const BEGINS_WITH = 16 * 1_048_576

export function openWarmGuests(room: WarmRoom): WarmGuests {
  // In the order of their last use.
  const modules = new Map<Guest, { module: string; grown: number }>()
  const byModule = new Map<string, Guest[]>()
  let grownBytes = 0

  function remove(guest: Guest): string | undefined {
    const known = modules.get(guest)
    if (!known) return undefined
    modules.delete(guest)
    grownBytes -= known.grown
    const rest = (byModule.get(known.module) ?? []).filter((other) => other !== guest)
    if (rest.length === 0) byModule.delete(known.module)
    else byModule.set(known.module, rest)
    return known.module
  }

  return {
    take(module) {
      const guest = byModule.get(module)?.at(-1)
      if (guest) remove(guest)
      return guest
    },
    put(module, guest) {
      const grown = Math.max(0, guest.memoryBytes - BEGINS_WITH)
      modules.set(guest, { module, grown })
      grownBytes += grown
      byModule.set(module, [...(byModule.get(module) ?? []), guest])
      const gone: string[] = []
      while (modules.size > room.instances || grownBytes > room.grownBytes) {
        const [oldest] = modules.keys()
        const of = oldest && remove(oldest)
        if (of === undefined) break
        gone.push(of)
      }
      return gone
    },
    forget(module) {
      for (const guest of byModule.get(module) ?? []) remove(guest)
    },
  }
}
