// What the planner needs of the rooms below.
import type { Instance, LoadedProvider } from '../adapter/index.ts'
import type { Clock } from '../foundation/index.ts'
import type { Guard, Sequences } from '../guard/index.ts'
import type { Store } from '../store/index.ts'

/** An instance as the governor ranks it. */
export interface Candidate {
  instance: Instance
  provider: LoadedProvider
  operation: string
  /** USD, null when unknown. */
  estimateUsd: number | null
  maxUsd: number | null
}

export interface Ranked {
  instance: string
  /** Why it stands there, in words. */
  note: string
  /** It can't act now. */
  isOut?: boolean
}

export interface RoutingParts {
  /** Configured instances. */
  instancesList: () => Promise<Instance[]>
  /** Best first. */
  rank: (candidates: readonly Candidate[]) => Promise<Ranked[]>
}

export interface PlannerParts extends RoutingParts {
  store: Store
  guard: Guard
  sequences: Sequences
  clock: Clock
  /** Of InfraFabric: definitions and prices are a part of it. */
  version: string
  /** The instance of this name; a bare provider id is one without settings. */
  instanceOf: (name: string) => Promise<Instance>
  providerOf: (id: string) => Promise<LoadedProvider>
}
