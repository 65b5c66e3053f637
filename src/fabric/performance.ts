// How modules and instances keep what they promise, and what they are worth by their last runs.

import type { LoadedModule } from '../chassis/index.ts'
import { isFabricError } from '../foundation/index.ts'
import type { SloTargets } from '../governor/index.ts'
import type { Composition } from './acting.ts'
import type { PerformanceView, ReputationView } from './modules-port.ts'

/** What the contract of a module promises. */
export const promisedBy = ({ contract: { slos } }: LoadedModule): SloTargets => ({
  p99LatencyMs: slos.p99_latency_ms,
  successRate: slos.success_rate,
  availability: slos.availability,
})

/** Of those that were called within the time that is kept. */
export async function performanceOf(parts: Composition, filter: { name?: string }): Promise<PerformanceView[]> {
  const { slo } = parts
  const subjects = (await slo.names()).filter(({ name }) => filter.name === undefined || name === filter.name)
  return Promise.all(
    subjects.map(async ({ kind, name }) => {
      const targets = kind === 'module' ? await promiseOf(parts, name) : undefined
      return { kind, name, report: await slo.report(kind, name, targets) }
    }),
  )
}

export async function reputationsOf(parts: Composition, filter: { name?: string }): Promise<ReputationView[]> {
  const { reputations } = parts
  const subjects = reputations.names().filter(({ name }) => filter.name === undefined || name === filter.name)
  return Promise.all(
    subjects.map(async ({ kind, name }) => {
      const targets = kind === 'module' ? await promiseOf(parts, name) : undefined
      return { kind, name, reputation: reputations.of(kind, name, targets) }
    }),
  )
}

async function promiseOf({ modules }: Composition, id: string): Promise<SloTargets | undefined> {
  try {
    return promisedBy(await modules.get(id))
  } catch (thrown) {
    if (isFabricError(thrown)) return undefined // unloaded or broken by now: the defaults
    throw thrown
  }
}
