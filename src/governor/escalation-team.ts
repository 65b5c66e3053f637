// Finds helpers of a stuck task in the registry: the team that does it for least, each paid for what it takes on.
import type { FindHelpers } from './escalation-ports.ts'
import { MOST_NEEDS } from './help.ts'
import type { Registry } from './registry.ts'
import type { ResourcePolicy } from './resource-policy.ts'

export interface TeamOptions {
  registry: Pick<Registry, 'findHelp'>
  /** As it stands when it is asked. */
  policy: () => ResourcePolicy
  /** How long a helper works, by estimate. Default 1. */
  hours?: number
}

/** By the policy's limits: what helpers cost who are at it already counts against the task. */
export const helpersFrom =
  ({ registry, policy, hours = 1 }: TeamOptions): FindHelpers =>
  async ({ blockedSwarm, needs, exclude, heldMicroUsd }) => {
    const limits = policy()
    const { team } = registry.findHelp({
      needs: needs.slice(0, MOST_NEEDS),
      blockedSwarm,
      exclude,
      hours,
      policy: limits,
      maxCostMicroUsd: Math.max(0, limits.maxCostPerTaskMicroUsd - heldMicroUsd),
      max: 1,
    })
    return (team?.members ?? []).map(({ swarm, takes, costMicroUsd }) => ({
      swarm,
      covers: takes,
      shareMicroUsd: costMicroUsd,
    }))
  }
