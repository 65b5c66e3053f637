// The governor's limits: `policies/resource-policy.yaml`, by which helpers are chosen and swarms are stopped. Three sets
// are built in; a file names the one it starts from and what differs. A misspelt field is refused with what was meant.
import { z } from 'zod'
import {
  describeIssue,
  didYouMean,
  formatPath,
  invalidFile,
  isFabricError,
  type MicroUsd,
  microUsd,
  parseDocumentText,
  readDocument,
} from '../foundation/index.ts'

export interface ResourcePolicy {
  /** Helpers of one task at once. */
  maxSwarmsPerTask: number
  /** What the hours of all helpers of one task may cost. */
  maxCostPerTaskMicroUsd: MicroUsd
  /** Share of what is needed that an assignee, or a team as a whole, must cover; 0–1, inclusive. */
  minCapabilityMatch: number
  /** Failures of a swarm in a row that open its breaker. */
  circuitBreakerFailureThreshold: number
  /** false: costs are shown and refuse nobody. */
  enableBudgetEnforcement: boolean
  /** false: everybody's reputation counts as 1. */
  enableReputationScoring: boolean
}

type PolicyName = 'default' | 'production' | 'development'

const policy = (swarms: number, costUsd: number, match: number, failures: number): ResourcePolicy => ({
  maxSwarmsPerTask: swarms,
  maxCostPerTaskMicroUsd: microUsd(costUsd),
  minCapabilityMatch: match,
  circuitBreakerFailureThreshold: failures,
  enableBudgetEnforcement: true,
  enableReputationScoring: true,
})

/** The sets that are built in. */
export const RESOURCE_POLICIES: Readonly<Record<PolicyName, ResourcePolicy>> = {
  default: policy(3, 10, 0.7, 3),
  production: policy(2, 5, 0.8, 2),
  development: policy(5, 25, 0.5, 5),
}

const fields = z.strictObject({
  base: z
    .enum(['default', 'production', 'development'])
    .default('default')
    .describe('Where what is left out comes from: default, production (stricter) or development (more generous).'),
  max_swarms_per_task: z.int().min(1).max(32).exactOptional().describe('Helpers of one task at once.'),
  max_cost_per_task_usd: z
    .number()
    .min(0)
    .max(1_000_000)
    .exactOptional()
    .describe('What the hours of all helpers of one task may cost.'),
  min_capability_match: z
    .number()
    .gt(0)
    .lte(1)
    .exactOptional()
    .describe('Share of the needed capabilities that must be covered; 0.7 is 70 %, inclusive.'),
  circuit_breaker_failure_threshold: z
    .int()
    .min(1)
    .max(1_000)
    .exactOptional()
    .describe('Failures of a swarm in a row that open its breaker.'),
  enable_budget_enforcement: z.boolean().exactOptional().describe('false: costs are shown and refuse nobody.'),
  enable_reputation_scoring: z.boolean().exactOptional().describe('false: every reputation counts as 1.'),
})

export const resourcePolicySchema = z.strictObject({ resource_policy: fields })

/** The policy of a file; IF_ERR_NOT_FOUND where there is none, IF_ERR_INVALID_FILE with line and field where it is wrong. */
export async function readResourcePolicy(path: string): Promise<ResourcePolicy> {
  return checked(await readDocument(path, z.unknown()), path)
}

/** The policy of a text; `name` is the file that errors name. */
export const parseResourcePolicy = (text: string, name: string): ResourcePolicy =>
  checked(parseDocumentText(text, z.unknown(), name), name)

/** The policy of a file, or the default where there is none. */
export async function resourcePolicyOf(path: string): Promise<ResourcePolicy> {
  try {
    return await readResourcePolicy(path)
  } catch (thrown) {
    if (isFabricError(thrown) && thrown.code === 'IF_ERR_NOT_FOUND') return RESOURCE_POLICIES.default
    throw thrown
  }
}

type Document = ReturnType<typeof parseDocumentText<z.ZodUnknown>>

function checked({ value, lineOf }: Document, name: string): ResourcePolicy {
  const parsed = resourcePolicySchema.safeParse(value)
  if (parsed.success) return policyOf(parsed.data.resource_policy)
  const { issues } = parsed.error
  const unknown = issues.find((issue) => issue.code === 'unrecognized_keys')
  const issue = unknown ?? issues[0]
  if (!issue) throw invalidFile(name, 1, '', 'is wrong')
  const [key] = unknown?.keys ?? []
  const place = key === undefined ? issue.path : [...issue.path, key]
  const known = issue.path.length === 0 ? ['resource_policy'] : Object.keys(fields.shape)
  const hint = key === undefined ? undefined : (didYouMean(key, known) ?? `Fields are ${known.join(', ')}.`)
  throw invalidFile(name, lineOf(place), formatPath(issue.path), describeIssue(issue), hint)
}

function policyOf(file: z.output<typeof fields>): ResourcePolicy {
  const base = RESOURCE_POLICIES[file.base]
  const cost = file.max_cost_per_task_usd
  return {
    maxSwarmsPerTask: file.max_swarms_per_task ?? base.maxSwarmsPerTask,
    maxCostPerTaskMicroUsd: cost === undefined ? base.maxCostPerTaskMicroUsd : microUsd(cost),
    minCapabilityMatch: file.min_capability_match ?? base.minCapabilityMatch,
    circuitBreakerFailureThreshold: file.circuit_breaker_failure_threshold ?? base.circuitBreakerFailureThreshold,
    enableBudgetEnforcement: file.enable_budget_enforcement ?? base.enableBudgetEnforcement,
    enableReputationScoring: file.enable_reputation_scoring ?? base.enableReputationScoring,
  }
}
