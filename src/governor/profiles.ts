// What a swarm says of itself when it registers: what it can do, what an hour of it costs, how it is doing. Parsed here
// once; a wrong figure or a misspelt capability is refused by name before anything is written.
import { z } from 'zod'
import {
  checkCapability,
  checkName,
  describeIssue,
  FabricError,
  formatPath,
  isFabricError,
  type MicroUsd,
  microUsd,
  optional,
  timestamp,
} from '../foundation/index.ts'

export type SwarmLoad = {
  /** Tasks it works on. */
  running: number
  /** Tasks it takes on at once; left out: as many as come. */
  limit?: number
}

/** `swarm-profile/<swarm>` in the store. */
export type SwarmProfile = {
  swarm: string
  /** Sorted, each once. */
  capabilities: string[]
  costPerHourMicroUsd: MicroUsd
  /** 0–1; counts as long as nothing was measured. */
  reputation: number
  /** What it may still cost; null: no limit of its own. */
  budgetMicroUsd: MicroUsd | null
  /** What it thinks with, in words. */
  model?: string
  load: SwarmLoad
  /** When it was last seen working. */
  lastBusyAt?: string
  registeredAt: string
  registeredBy: string
  /** Of the last change of what it said. */
  updatedAt: string
}

const MOST_CAPABILITIES = 256
const MOST_USD = 1_000_000

const capability = z.string().superRefine((text, context) => {
  try {
    checkCapability(text, { owned: true })
  } catch (thrown) {
    if (!isFabricError(thrown)) throw thrown
    context.addIssue({ code: 'custom', message: [thrown.message, thrown.hint].filter(Boolean).join('. ') })
  }
})

const usd = z.number().min(0, 'expected USD, 0 or more').max(MOST_USD)

const loadSchema = z
  .strictObject({ running: z.int().min(0), limit: z.int().min(1).exactOptional() })
  .describe('Tasks it works on, and how many it takes on at once.')

const profileSchema = z.strictObject({
  swarm: z.string(),
  capabilities: z.array(capability).min(1, 'expected at least one capability').max(MOST_CAPABILITIES),
  costPerHourUsd: usd,
  reputation: z.number().min(0).max(1).exactOptional(),
  budgetUsd: usd.nullable().exactOptional(),
  model: z.string().min(1).max(128).exactOptional(),
  load: loadSchema.exactOptional(),
})

/** What is left out stays as it was; at first reputation 1, no budget of its own, no load. */
export type ProfileInput = z.infer<typeof profileSchema>

/** IF_ERR_INVALID_INPUT, naming the field, for what is not of the schema. */
export function parseProfile(input: unknown): ProfileInput {
  const parsed = profileSchema.safeParse(input)
  if (!parsed.success) throw wrongField('a swarm profile', parsed.error.issues)
  checkName('swarm', parsed.data.swarm)
  return { ...parsed.data, capabilities: [...new Set(parsed.data.capabilities)].sort() }
}

export function parseLoad(input: unknown): SwarmLoad {
  const parsed = loadSchema.safeParse(input)
  if (!parsed.success) throw wrongField('the load of a swarm', parsed.error.issues)
  return parsed.data
}

/** The profile after a swarm was registered, for the first time or again. */
export function profileOf(
  input: ProfileInput,
  { current, by, nowMs }: { current: SwarmProfile | undefined; by: string; nowMs: number },
): SwarmProfile {
  const at = timestamp(nowMs)
  return {
    swarm: input.swarm,
    capabilities: input.capabilities,
    costPerHourMicroUsd: microUsd(input.costPerHourUsd),
    reputation: input.reputation ?? current?.reputation ?? 1,
    budgetMicroUsd: budgetOf(input.budgetUsd, current),
    ...optional('model', input.model ?? current?.model),
    load: input.load ?? current?.load ?? { running: 0 },
    ...optional('lastBusyAt', current?.lastBusyAt),
    registeredAt: current?.registeredAt ?? at,
    registeredBy: by,
    updatedAt: at,
  }
}

/** Null takes the limit away; left out keeps it. */
function budgetOf(budgetUsd: number | null | undefined, current: SwarmProfile | undefined): MicroUsd | null {
  if (budgetUsd === undefined) return current?.budgetMicroUsd ?? null
  return budgetUsd === null ? null : microUsd(budgetUsd)
}

function wrongField(what: string, issues: readonly z.core.$ZodIssue[]): FabricError {
  const [issue] = issues
  const field = issue ? formatPath(issue.path) : ''
  const problem = issue ? describeIssue(issue) : 'is wrong'
  return new FabricError('IF_ERR_INVALID_INPUT', `${what}: ${field ? `${field}: ` : ''}${problem}`, {
    details: { field },
  })
}
