// A step that names no instance: every instance that has the operation is planned exactly, those that can't do it or may
// not are left out with the reason, the governor ranks the rest. The first one acts; the next one only where nothing can
// have happened at the one before.
import { operationsOf } from '../adapter/index.ts'
import { FabricError, isFabricError } from '../foundation/index.ts'
import { isStricter, type Verdict } from '../guard/index.ts'
import type { StepDraft } from './draft.ts'
import type { PlanStep } from './plan.ts'
import { located, type Place, type PlannedStep, type Planning, planStep } from './plan-step.ts'
import type { Candidate, PlannerParts, RoutingParts } from './planner-parts.ts'
import { type Selector, selects } from './selector.ts'

type PlacesParts = RoutingParts & Pick<PlannerParts, 'providerOf'>

/** Instances for a read, best first; what it costs is not asked. */
export async function instancesFor(parts: PlacesParts, selector: Selector, operation: string): Promise<string[]> {
  const places = await placesOf(parts, { operation }, selector)
  const ranked = await parts.rank(places.map((place) => ({ ...place, operation, estimateUsd: 0, maxUsd: 0 })))
  const able = ranked.filter(({ isOut }) => !isOut).map(({ instance }) => instance)
  if (able.length > 0) return able
  const left = ranked.map(({ instance, note }) => ({ instance, why: note }))
  throw nobodyCan({ operation }, selector, left)
}

interface Option extends Place, PlannedStep {}

export async function planRouted(
  parts: PlannerParts,
  planning: Planning,
  draft: StepDraft,
  selector: Selector,
): Promise<PlannedStep & { places: Place[] }> {
  const left: { instance: string; why: string }[] = []
  const options: Option[] = []
  for (const place of await placesOf(parts, draft, selector)) {
    const leave = (why: string): void => void left.push({ instance: place.instance.name, why })
    try {
      const { where: _where, ...unlocated } = draft
      const planned = await planStep(parts, planning, unlocated, place)
      if (planned.step.unset.length > 0) leave(`has no value for ${planned.step.unset.join(', ')}`)
      else options.push({ ...place, ...planned })
    } catch (thrown) {
      if (!isFabricError(thrown)) throw thrown
      leave(thrown.message)
    }
  }
  const ranked = await parts.rank(options.map(candidateOf))
  // Where nobody can act now the plan is made all the same: it holds for a day, and apply is refused meanwhile.
  const able = ranked.some(({ isOut }) => !isOut) ? ranked.filter(({ isOut }) => !isOut) : ranked
  for (const { instance, note } of ranked.filter((one) => !able.includes(one))) left.push({ instance, why: note })
  const ordered = able.flatMap(({ instance }) => options.find((option) => option.instance.name === instance) ?? [])
  const [kept, strictest] = keepMildest(ordered, left)
  const [first] = kept
  if (!first) throw located(nobodyCan(draft, selector, left), draft)
  return { ...first, step: routedStep(kept, first, selector, left), verdict: strictest, places: kept }
}

/** Instances with the tags whose provider has the operation. */
async function placesOf(
  parts: PlacesParts,
  { operation }: Pick<StepDraft, 'operation'>,
  selector: Selector,
): Promise<Place[]> {
  const places: Place[] = []
  for (const instance of await parts.instancesList()) {
    if (!selects(selector, instance.tags)) continue
    const provider = await parts.providerOf(instance.provider)
    if (operationsOf(provider).some(({ id }) => id === operation)) places.push({ instance, provider })
  }
  return places
}

const candidateOf = ({ instance, provider, step }: Option): Candidate => ({
  instance,
  provider,
  operation: step.operation,
  estimateUsd: step.estimateUsd,
  maxUsd: step.maxUsd,
})

/** Those that need no approval where there are such; a denied one is never an alternative to one that isn't. */
function keepMildest(options: Option[], left: { instance: string; why: string }[]): [Option[], Verdict] {
  const mildest = options.reduce<Option | undefined>(
    (best, option) => (!best || isStricter(best.verdict.decision, option.verdict.decision) ? option : best),
    undefined,
  )
  if (!mildest) return [[], { decision: 'allow', reasons: [] }]
  const { decision } = mildest.verdict
  const kept = options.filter((option) => option.verdict.decision === decision)
  for (const { instance, verdict } of options) {
    if (verdict.decision !== decision)
      left.push({
        instance: instance.name,
        why: verdict.reasons.map(({ rule, text }) => `${rule}: ${text}`).join('; '),
      })
  }
  const reasons = new Map(kept.flatMap(({ verdict }) => verdict.reasons.map((reason) => [reason.rule, reason])))
  return [kept, { decision, reasons: [...reasons.values()] }]
}

function routedStep(
  kept: readonly Option[],
  { step }: Option,
  selector: Selector,
  left: { instance: string; why: string }[],
): PlanStep {
  const alternatives = kept.slice(1).map(({ step: other }) => ({
    instance: other.instance,
    provider: other.provider,
    request: other.request,
    around: other.around,
    estimateUsd: other.estimateUsd,
    maxUsd: other.maxUsd,
    costBasis: other.costBasis,
    undo: other.undo,
  }))
  const most = kept.map((option) => option.step.maxUsd)
  return {
    ...step,
    maxUsd: most.includes(null) ? null : Math.max(...most.map(Number)), // the dearest is what is held
    routed: { selector: selector.text, alternatives, left },
  }
}

function nobodyCan(
  { operation }: Pick<StepDraft, 'operation'>,
  selector: Selector,
  left: { instance: string; why: string }[],
): FabricError {
  const why = left.map(({ instance, why }) => `${instance}: ${why}`).join('; ')
  const message =
    left.length === 0
      ? `no instance has ${operation}${selector.text === 'any' ? '' : ` and the tags of ${selector.text}`}`
      : `no instance can do ${operation} now: ${why}`
  return new FabricError('IF_ERR_NOT_FOUND', message, {
    hint: 'Add an instance, or name one that is there.',
    next: 'ifab provider list',
    details: { left },
  })
}
