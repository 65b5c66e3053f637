// Swarms by what they can do: of ten thousand only those are looked at that have one of the needed capabilities. A need is
// found under each way of writing that covers it: itself, what it is a detail of, and the wildcards above it.
import type { MicroUsd } from '../foundation/index.ts'
import type { SwarmProfile } from './profiles.ts'

/**
 * A registered swarm with its figures for the present question, which fall to the next one: thousands are measured for
 * each question, and making an object for each would cost more than the measuring.
 */
export interface IndexedSwarm {
  profile: SwarmProfile
  /** Longest idle is lowest. */
  idleSinceMs: number
  question: number
  /** Which needs it covers, one bit each. */
  mask: number
  covered: number
  reputation: number
  costMicroUsd: MicroUsd
  /** Its place among all, higher is better: match × reputation / cost, or match × reputation of a free one. */
  value: number
  /** Why it may not help. */
  refusal: Refusal | undefined
  /** 0: may do it alone; 1: covers too little for that; 2: may not help. */
  group: 0 | 1 | 2
}

export type Refusal = 'blocked' | 'excluded' | 'refused' | 'busy' | 'too-dear' | 'no-budget'

export class CapabilityIndex {
  readonly #swarms = new Map<string, IndexedSwarm>()
  readonly #owners = new Map<string, Set<IndexedSwarm>>()
  #questions = 0

  get size(): number {
    return this.#swarms.size
  }

  set(profile: SwarmProfile): void {
    const known = this.#swarms.get(profile.swarm)
    if (known && sameCapabilities(known.profile, profile)) {
      known.profile = profile
      known.idleSinceMs = idleSince(profile)
      return
    }
    if (known) this.delete(profile.swarm)
    const swarm = unmeasured(profile)
    this.#swarms.set(profile.swarm, swarm)
    for (const capability of profile.capabilities) {
      const owners = this.#owners.get(capability)
      if (owners) owners.add(swarm)
      else this.#owners.set(capability, new Set([swarm]))
    }
  }

  delete(name: string): void {
    const swarm = this.#swarms.get(name)
    if (!swarm) return
    this.#swarms.delete(name)
    for (const capability of swarm.profile.capabilities) {
      const owners = this.#owners.get(capability)
      owners?.delete(swarm)
      if (owners?.size === 0) this.#owners.delete(capability)
    }
  }

  get(name: string): SwarmProfile | undefined {
    return this.#swarms.get(name)?.profile
  }

  profiles(): SwarmProfile[] {
    return [...this.#swarms.values()].map(({ profile }) => profile)
  }

  /** Everything that some swarm can do, as it was registered. */
  capabilities(): Iterable<string> {
    return this.#owners.keys()
  }

  /** Who covers any of the needs, each with its `mask`. */
  coverersOf(needs: readonly string[]): IndexedSwarm[] {
    const question = ++this.#questions
    const found: IndexedSwarm[] = []
    let bit = 1
    for (const need of needs) {
      for (const written of coveringNames(need)) {
        const owners = this.#owners.get(written)
        if (owners) note(owners, bit, question, found)
      }
      bit <<= 1
    }
    return found
  }
}

/** A loop over one kind of thing only, as it takes most of the time of a question. */
function note(owners: ReadonlySet<IndexedSwarm>, bit: number, question: number, found: IndexedSwarm[]): void {
  for (const swarm of owners) {
    if (swarm.question !== question) {
      swarm.question = question
      swarm.mask = 0
      found.push(swarm)
    }
    swarm.mask |= bit
  }
}

/** `a:b:c` is covered by `a:b:c`, `a:b`, `a:b:*` and `a:*`. */
function coveringNames(need: string): string[] {
  const names = [need]
  for (let colon = need.lastIndexOf(':'); colon > 0; colon = need.lastIndexOf(':', colon - 1)) {
    const above = need.slice(0, colon)
    names.push(above, `${above}:*`)
  }
  return names
}

const unmeasured = (profile: SwarmProfile): IndexedSwarm => ({
  profile,
  idleSinceMs: idleSince(profile),
  question: 0,
  mask: 0,
  covered: 0,
  reputation: 0,
  costMicroUsd: 0,
  value: 0,
  refusal: undefined,
  group: 2,
})

const idleSince = ({ lastBusyAt, registeredAt }: SwarmProfile): number => Date.parse(lastBusyAt ?? registeredAt)

const sameCapabilities = (a: SwarmProfile, b: SwarmProfile): boolean =>
  a.capabilities.length === b.capabilities.length && a.capabilities.every((name, at) => name === b.capabilities[at])
