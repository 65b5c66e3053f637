// A question for help and its answer, as data: who could, with the figures that decided, who should alone, who should
// together, and why everybody else should not.
import { checkCapability, FabricError, type MicroUsd } from '../foundation/index.ts'
import type { SwarmLoad } from './profiles.ts'
import type { ResourcePolicy } from './resource-policy.ts'

export interface HelpRequest {
  /** Capabilities, 1 to 32. */
  needs: readonly string[]
  /** Who asks for help gives none. */
  blockedSwarm?: string
  /** Swarms that are left out, such as those that were asked before. */
  exclude?: readonly string[]
  /** How long each helper works, by estimate; above 0, a year at most. */
  hours: number
  policy: ResourcePolicy
  /** The task's own limit for the hours of all helpers, where it is lower than the policy's. */
  maxCostMicroUsd?: MicroUsd
  /** Candidates in the answer at most. Default 10; all with `explain`. */
  max?: number
  explain?: boolean
}

/** What the matcher asks other rooms about a swarm; each is asked for every candidate, so it must answer at once. */
export interface HelpSources {
  /** 0–1 as measured; undefined: what the profile says counts. */
  reputationOf?: (swarm: string) => number | undefined
  /** Why it can't help now (breaker open, frozen), in words. */
  refusalOf?: (swarm: string) => string | undefined
}

export interface HelpCandidate {
  swarm: string
  /** Of what is needed. */
  covers: string[]
  /** Share of what is needed, 0–1. */
  match: number
  reputation: number
  costPerHourMicroUsd: MicroUsd
  /** For the hours asked for. */
  costMicroUsd: MicroUsd
  /** match × reputation / USD an hour; null: free, which ranks first, by match × reputation. */
  score: number | null
  load: SwarmLoad
  idleSince: string
  standing:
    | 'assignee'
    | 'outscored'
    | 'below-match'
    | 'too-dear'
    | 'no-budget'
    | 'busy'
    | 'refused'
    | 'excluded'
    | 'blocked'
  inTeam: boolean
  /** Why it stands there, in words. */
  why: string
}

export interface HelpTeamMember {
  swarm: string
  /** What it does of what is needed: each need is one member's. */
  takes: string[]
  costMicroUsd: MicroUsd
}

export interface HelpTeam {
  members: HelpTeamMember[]
  match: number
  missing: string[]
  costMicroUsd: MicroUsd
  /** Whether it is known that no team covers as much for less. */
  isProven: boolean
}

export interface Help {
  needs: string[]
  /** What the answer had to keep to. */
  limits: { minMatch: number; maxMembers: number; maxCostMicroUsd: MicroUsd | null; hours: number }
  /** Who does it best alone; undefined where nobody matches well enough. */
  assignee: HelpCandidate | undefined
  /** Who cover the most together, for the least; undefined where no team matches well enough. */
  team: HelpTeam | undefined
  /** Best first. */
  candidates: HelpCandidate[]
  /** Those with any of the needed capabilities, and the registered swarms without. */
  counted: { candidates: number; others: number }
  /** What no registered swarm can do, with what may have been meant. */
  unknown: { need: string; near: string[] }[]
}

export const MOST_NEEDS = 32
const MOST_HOURS = 8_760

/** The needs, each once; IF_ERR_INVALID_INPUT for a question that can't be answered. */
export function checkHelpRequest({ needs, hours, max, maxCostMicroUsd }: HelpRequest): string[] {
  const each = [...new Set(needs)]
  if (each.length === 0 || each.length > MOST_NEEDS) {
    throw new FabricError('IF_ERR_INVALID_INPUT', `help is asked for with ${each.length} capabilities`, {
      hint: `Name at least one capability, ${MOST_NEEDS} at most.`,
    })
  }
  for (const need of each) checkCapability(need)
  if (!(hours > 0 && hours <= MOST_HOURS)) {
    throw new FabricError('IF_ERR_INVALID_INPUT', `${hours} is not a number of hours`, {
      hint: `Hours are a number above 0, ${MOST_HOURS} at most.`,
    })
  }
  if (max !== undefined && !(Number.isInteger(max) && max >= 1))
    throw new FabricError('IF_ERR_INVALID_INPUT', `${max} is not a number of candidates`)
  if (maxCostMicroUsd !== undefined && !(Number.isSafeInteger(maxCostMicroUsd) && maxCostMicroUsd >= 0))
    throw new FabricError('IF_ERR_INVALID_INPUT', `${maxCostMicroUsd} is not a cost limit in whole micro-USD`)
  return each
}

/** What a caller is told who got neither an assignee nor a team. */
export function noHelp({ needs, unknown, counted, limits, candidates }: Help): FabricError {
  const [missing] = unknown
  const [best] = candidates
  const near = missing?.near.map((name) => `\`${name}\``).join(' or ')
  const hint = missing
    ? `No registered swarm has ${missing.need}.${near ? ` Did you mean ${near}?` : ''}`
    : best
      ? `Nearest is ${best.swarm}: ${best.why}.`
      : 'Register a swarm that can do it.'
  return new FabricError('IF_ERR_NOT_FOUND', `nobody can help with ${needs.join(', ')}`, {
    hint,
    next: 'ifab governor find-help … --explain',
    details: { needs, unknown, counted, limits },
  })
}
