import { digestOf, timestamp, ulid } from '../foundation/index.ts'
import { type Action, combine, type Reason, type Verdict } from '../guard/index.ts'
import type { Acting } from '../pipeline/index.ts'
import type { StepDraft } from './draft.ts'
import { orderSteps } from './order.ts'
import type { Plan, PlanSource, PlanStep } from './plan.ts'
import { planRouted } from './plan-routed.ts'
import { located, type Place, type Planning, planStep } from './plan-step.ts'
import type { PlannerParts } from './planner-parts.ts'
import { selectorOf } from './selector.ts'

export const PLAN_VALID_MS = 24 * 60 * 60 * 1000

export interface PlanRequest {
  acting: Acting
  source: PlanSource
  drafts: StepDraft[]
  onFailure: Plan['onFailure']
  budgetUsd: number | null
  /** Told of each step's judgement; of a step at any instance that of the first one. */
  onJudged?: (action: Action, verdict: Verdict) => void
}

export async function makePlan(parts: PlannerParts, request: PlanRequest): Promise<Plan> {
  const drafts = orderSteps(request.drafts)
  const steps: PlanStep[] = []
  const reasons: Reason[] = []
  const manifests: Record<string, string> = {}
  const instances: Record<string, string> = {}
  const touched = new Set<string>()
  const planning: Planning = { acting: request.acting, planSize: drafts.length, earlier: [] }
  const known = new Map<string, Promise<Place>>()
  for (const draft of drafts) {
    const selector = selectorOf(draft.instance)
    const planned = selector
      ? await planRouted(parts, planning, draft, selector)
      : await planAt(parts, planning, draft, known)
    for (const { instance, provider } of planned.places) {
      manifests[instance.provider] = provider.digest
      instances[instance.name] = digestOf(instance)
    }
    steps.push(planned.step)
    if (isNewTouch(planned.action, touched)) planning.earlier.push(planned.action)
    request.onJudged?.(planned.action, planned.verdict)
    reasons.push(...planned.verdict.reasons)
  }
  const now = parts.clock.now()
  const plan: Omit<Plan, 'digest'> = {
    id: ulid(),
    createdAt: timestamp(now),
    expiresAt: timestamp(now + PLAN_VALID_MS),
    actor: request.acting.actor,
    session: request.acting.session,
    ...(request.acting.onBehalfOf ? { onBehalfOf: request.acting.onBehalfOf } : {}),
    ...(request.acting.why ? { why: request.acting.why } : {}),
    source: request.source,
    onFailure: request.onFailure,
    budgetUsd: request.budgetUsd,
    steps,
    estimateUsd: sum(steps.map((step) => step.estimateUsd)),
    maxUsd: sum(steps.map((step) => step.maxUsd)),
    verdict: combine(reasons),
    basis: { version: parts.version, manifests, instances, policy: parts.guard.digest },
  }
  return { ...plan, digest: planDigest(plan) }
}

/**
 * Whether version, manifests, instances and policy are what the plan was made with. A plan depends on nothing else but on
 * what its session has made, which each step is judged by again when it acts.
 */
export async function isPlanCurrent(parts: PlannerParts, plan: Plan): Promise<boolean> {
  const { version, policy, instances } = plan.basis
  if (version !== parts.version || policy !== parts.guard.digest) return false
  for (const [name, digest] of Object.entries(instances)) {
    const instance = await parts.instanceOf(name)
    if (digestOf(instance) !== digest) return false
    const provider = await parts.providerOf(instance.provider)
    if (provider.digest !== plan.basis.manifests[instance.provider]) return false
  }
  return true
}

/** Over everything but ids, times, session and reason. */
export function planDigest(plan: Omit<Plan, 'digest'>): string {
  const { id: _id, createdAt: _created, expiresAt: _expires, session: _session, why: _why, ...bound } = plan
  const { digest: _digest, ...rest } = bound as typeof bound & { digest?: string }
  return digestOf(rest)
}

/** Whether later steps are to know of it: it touches something, and nothing before did so at the same place. */
function isNewTouch({ instance, operation, labels, input }: Action, touched: Set<string>): boolean {
  if (labels.reads !== 'private' && labels.returns !== 'untrusted') return false
  const place = JSON.stringify([instance, operation, input.to ?? null, input.channel ?? null])
  return touched.size !== touched.add(place).size
}

async function planAt(parts: PlannerParts, planning: Planning, draft: StepDraft, known: Map<string, Promise<Place>>) {
  const finding = known.get(draft.instance) ?? findPlace(parts, draft)
  known.set(draft.instance, finding)
  const place = await finding
  return { ...(await planStep(parts, planning, draft, place)), places: [place] }
}

async function findPlace(parts: PlannerParts, draft: StepDraft): Promise<Place> {
  try {
    const instance = await parts.instanceOf(draft.instance)
    return { instance, provider: await parts.providerOf(instance.provider) }
  } catch (thrown) {
    throw located(thrown, draft)
  }
}

function sum(amounts: (number | null)[]): number | null {
  let total = 0
  for (const amount of amounts) {
    if (amount === null) return null
    total += amount
  }
  return Math.round(total * 1e6) / 1e6
}
