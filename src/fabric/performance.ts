// How modules and instances keep what they promise, and what they are worth by their last runs.

import { isFabricError } from '../foundation/index.ts'
import type { SloTargets } from '../governor/index.ts'
import type { Composition } from './acting.ts'
import { promisedBy } from './module-promises.ts'
import type { PerformanceView, ReputationView } from './modules-port.ts'

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
  // A reputation is reckoned by what is promised, which only who has run the module knows already.
  for (const { kind, name } of subjects) if (kind === 'module') await promiseOf(parts, name)
  return subjects.map(({ kind, name }) => ({ kind, name, reputation: reputations.of(kind, name) }))
}

async function promiseOf({ modules, promised }: Composition, id: string): Promise<SloTargets | undefined> {
  try {
    const targets = promisedBy(await modules.get(id))
    promised.set(id, targets)
    return targets
  } catch (thrown) {
    if (isFabricError(thrown)) return undefined // unloaded or broken by now: the defaults
    throw thrown
  }
}
