// A plan: everything that would happen, exact but for holes that are shown, bound to a digest.
// JSON grows only by adding; ids and times are outside the digest.
import { z } from 'zod'
import { EFFECTS } from '../adapter/index.ts'

const json = z.json()

const plannedRequest = z.object({
  transport: z.enum(['http', 'websocket']),
  method: z.string(),
  url: z.string(),
  headers: z.record(z.string(), z.string()),
  body: json,
  bodyText: z.string().exactOptional(),
  streams: z.literal(true).exactOptional(),
  later: z.array(z.string()).exactOptional(),
})

const around = z.array(
  z.object({ purpose: z.enum(['before', 'verify']), operation: z.string(), method: z.string(), url: z.string() }),
)
const undo = z.object({ operation: z.string().nullable(), note: z.string().exactOptional() }).nullable()

const moves = z.object({ amount: z.int().nullable(), currency: z.string(), direction: z.enum(['in', 'out']) })

export const planStepSchema = z.object({
  id: z.string(),
  instance: z.string(),
  provider: z.string(),
  operation: z.string(),
  effect: z.enum(EFFECTS),
  /** As given; references to earlier steps stay `${steps.x.result.y}`. */
  input: z.record(z.string(), json),
  /** References in it show as `${steps.x.result.y}`; null where it is known only after an earlier step. */
  request: plannedRequest,
  /** Method, host and path of reads around it: before, read-back. */
  around,
  /** USD, null when unknown. */
  estimateUsd: z.number().nullable(),
  maxUsd: z.number().nullable(),
  /** How the cost was reckoned. */
  costBasis: z.string(),
  moves: moves.exactOptional(),
  /** The operation that takes it back, or why nothing can; null for reads. */
  undo,
  after: z.array(z.string()),
  /** CEL over `inputs` and `steps`; the step is skipped where it is false. */
  when: z.string().exactOptional(),
  /** Steps whose results it needs. */
  knownAfter: z.array(z.string()),
  /** Settings of the instance that have no value yet; apply refuses. */
  unset: z.array(z.string()),
  /** The fabric chose the instance: what it would do at the next ones, best first, and why others can't do it. */
  routed: z
    .object({
      selector: z.string(),
      alternatives: z.array(
        z.object({
          instance: z.string(),
          provider: z.string(),
          request: plannedRequest,
          around,
          estimateUsd: z.number().nullable(),
          maxUsd: z.number().nullable(),
          costBasis: z.string(),
          undo,
        }),
      ),
      left: z.array(z.object({ instance: z.string(), why: z.string() })),
    })
    .exactOptional(),
})
export type PlanStep = z.output<typeof planStepSchema>

export const ON_FAILURE = ['stop', 'continue', 'undo'] as const

/** What was asked for, enough to plan it again. */
export const planSourceSchema = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('intent'),
    instance: z.string(),
    operation: z.string(),
    input: z.record(z.string(), json),
  }),
  z.object({
    kind: z.literal('playbook'),
    name: z.string(),
    file: z.string(),
    text: z.string(),
    inputs: z.record(z.string(), json),
  }),
])
export type PlanSource = z.output<typeof planSourceSchema>

export const planSchema = z.object({
  id: z.string(),
  digest: z.string().regex(/^[0-9a-f]{64}$/),
  createdAt: z.string(),
  expiresAt: z.string(),
  actor: z.string(),
  session: z.string(),
  onBehalfOf: z.string().exactOptional(),
  why: z.string().exactOptional(),
  source: planSourceSchema,
  onFailure: z.enum(ON_FAILURE),
  /** USD of calls for the whole run, where the playbook sets it. */
  budgetUsd: z.number().nullable(),
  steps: z.array(planStepSchema),
  /** Sums over the steps; null when one of them is unknown. */
  estimateUsd: z.number().nullable(),
  maxUsd: z.number().nullable(),
  verdict: z.object({
    decision: z.enum(['allow', 'ask', 'deny']),
    reasons: z.array(
      z.object({
        rule: z.string(),
        decision: z.enum(['allow', 'ask', 'deny']),
        text: z.string(),
        step: z.string().nullable(),
        file: z.string().exactOptional(),
        line: z.int().exactOptional(),
        overruled: z.array(z.string()).exactOptional(),
        approvers: z.string().exactOptional(),
        needed: z.int().exactOptional(),
      }),
    ),
  }),
  /** Digests of what the plan rests on, to say what moved. */
  basis: z.object({
    /** Of InfraFabric. */
    version: z.string(),
    manifests: z.record(z.string(), z.string()),
    instances: z.record(z.string(), z.string()),
    policy: z.string(),
  }),
})
export type Plan = z.output<typeof planSchema>
