// Instances that have answered and can answer again, by module. There is room for so many in a worker; where it is full the
// one that was used longest ago goes.
import type { Guest } from './guest.ts'

/** A module in this worker: whoever holds the object knows that it was not forgotten meanwhile. */
export interface WarmGuests {
  take(module: string): Guest | undefined
  /** Returns the module of the instance that had to go. */
  put(module: string, guest: Guest): string | undefined
  forget(module: string): void
}

export function openWarmGuests(most: number): WarmGuests {
  // In the order of their last use.
  const modules = new Map<Guest, string>()
  const byModule = new Map<string, Guest[]>()

  const remove = (module: string, guest: Guest): void => {
    modules.delete(guest)
    const rest = (byModule.get(module) ?? []).filter((other) => other !== guest)
    if (rest.length === 0) byModule.delete(module)
    else byModule.set(module, rest)
  }

  return {
    take(module) {
      const guest = byModule.get(module)?.at(-1)
      if (guest) remove(module, guest)
      return guest
    },
    put(module, guest) {
      modules.set(guest, module)
      byModule.set(module, [...(byModule.get(module) ?? []), guest])
      if (modules.size <= most) return undefined
      const [oldest] = modules
      if (!oldest) return undefined
      remove(oldest[1], oldest[0])
      return oldest[1]
    },
    forget(module) {
      for (const guest of byModule.get(module) ?? []) modules.delete(guest)
      byModule.delete(module)
    },
  }
}
