// Makes a plan from drafts of steps: every request that would leave, its effect, cost, undo and verdict. Nothing is sent,
// no credential is needed. The same drafts, instances, manifests and policy give the same digest.
import {
  exampleOf,
  findSentinels,
  type Instance,
  type LoadedProvider,
  type OperationEntry,
  operationOf,
  type PlannedRequest,
  parseInput,
  schemaKindAt,
  sentinelFor,
  sentinelNumber,
} from '../adapter/index.ts'
import {
  type Clock,
  digestOf,
  FabricError,
  formatPath,
  type JsonObject,
  type JsonValue,
  timestamp,
  ulid,
  usdOf,
} from '../foundation/index.ts'
import { combine, type Guard, type Reason } from '../guard/index.ts'
import { type Acting, describeAction, planAction } from '../pipeline/index.ts'
import type { Store } from '../store/index.ts'
import type { StepDraft } from './draft.ts'
import { orderSteps } from './order.ts'
import type { Plan, PlanSource, PlanStep } from './plan.ts'
import { fillReferences, findReferences } from './references.ts'

export const PLAN_VALID_MS = 24 * 60 * 60 * 1000

export interface PlannerParts {
  store: Store
  guard: Guard
  clock: Clock
  /** Of InfraFabric: definitions and prices are a part of it. */
  version: string
  /** The instance of this name; a bare provider id is one without settings. */
  instanceOf: (name: string) => Promise<Instance>
  providerOf: (id: string) => Promise<LoadedProvider>
}

export interface PlanRequest {
  acting: Acting
  source: PlanSource
  drafts: StepDraft[]
  onFailure: Plan['onFailure']
  budgetUsd: number | null
}

export async function makePlan(parts: PlannerParts, request: PlanRequest): Promise<Plan> {
  const drafts = orderSteps(request.drafts)
  const steps: PlanStep[] = []
  const reasons: Reason[] = []
  const manifests: Record<string, string> = {}
  const instances: Record<string, string> = {}
  const known = new Map<string, { instance: Instance; provider: LoadedProvider }>()
  for (const draft of drafts) {
    const place = known.get(draft.instance) ?? (await findPlace(parts, draft))
    known.set(draft.instance, place)
    manifests[place.provider.definition.id] = place.provider.digest
    instances[draft.instance] = digestOf(place.instance)
    const { step, verdictReasons } = await planStep(parts, request.acting, draft, place.instance, place.provider)
    steps.push(step)
    reasons.push(...verdictReasons)
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
    if (provider.digest !== plan.basis.manifests[provider.definition.id]) return false
  }
  return true
}

/** Over everything but ids, times, session and reason. */
export function planDigest(plan: Omit<Plan, 'digest'>): string {
  const { id: _id, createdAt: _created, expiresAt: _expires, session: _session, why: _why, ...bound } = plan
  const { digest: _digest, ...rest } = bound as typeof bound & { digest?: string }
  return digestOf(rest)
}

async function findPlace(
  parts: PlannerParts,
  draft: StepDraft,
): Promise<{ instance: Instance; provider: LoadedProvider }> {
  try {
    const instance = await parts.instanceOf(draft.instance)
    return { instance, provider: await parts.providerOf(instance.provider) }
  } catch (thrown) {
    throw located(thrown, draft)
  }
}

async function planStep(
  parts: PlannerParts,
  acting: Acting,
  draft: StepDraft,
  instance: Instance,
  provider: LoadedProvider,
): Promise<{ step: PlanStep; verdictReasons: Reason[] }> {
  try {
    const entry = operationOf(provider, draft.operation)
    const placed = placeHoles(entry, draft.input)
    const input = parseInput(entry, placed.input, placed.holes.size > 0 ? { holes: placed.holes } : {})
    const { built, cost: known, moves } = planAction({ provider, instance, entry, input })
    const cost =
      known.kind === 'priced' && placed.hasNumber
        ? ({ kind: 'unknown', why: 'depends on an earlier step' } as const)
        : known
    const action = await describeAction(parts.store, {
      acting,
      step: draft.id,
      instance,
      provider,
      entry,
      input,
      cost,
      moves,
    })
    const verdict = parts.guard.judge(action)
    const step: PlanStep = {
      id: draft.id,
      instance: draft.instance,
      provider: provider.definition.id,
      operation: entry.id,
      effect: entry.effect,
      input: placed.texts.length > 0 ? draft.input : input,
      request: showHoles(built.planned, placed.texts),
      around: aroundOf(entry, input, provider, instance, placed.texts),
      estimateUsd: cost.kind === 'unknown' ? null : cost.kind === 'free' ? 0 : usdOf(cost.estimateMicroUsd),
      maxUsd: cost.kind === 'unknown' ? null : cost.kind === 'free' ? 0 : usdOf(cost.maxMicroUsd),
      costBasis: cost.kind === 'priced' ? cost.basis : cost.kind === 'free' ? 'free' : cost.why,
      ...(moves
        ? {
            moves: {
              amount: isKnown(moves.amountMinor) && isKnown(moves.currency) ? moves.amountMinor : null,
              currency: showInText(moves.currency, placed.texts),
              direction: moves.direction,
            },
          }
        : {}),
      undo: undoOf(entry),
      after: draft.after,
      ...(draft.when === undefined ? {} : { when: draft.when }),
      knownAfter: [...new Set(findReferences(draft.input).flatMap((reference) => reference.step ?? []))],
      unset: built.unset,
    }
    return { step, verdictReasons: verdict.reasons }
  } catch (thrown) {
    throw located(thrown, draft)
  }
}

interface Placed {
  input: JsonObject
  /** Paths whose value is not known yet. */
  holes: Set<string>
  /** Text of each reference, by number. */
  texts: string[]
  /** A number is among them, so a price can't be reckoned. */
  hasNumber: boolean
}

/** Puts a sentinel of the field's kind where the result of an earlier step will be. */
function placeHoles(entry: OperationEntry, input: JsonObject): Placed {
  const placed: Placed = { input, holes: new Set(), texts: [], hasNumber: false }
  placed.input = fillReferences(input, (reference, { whole, path }) => {
    if (reference.root !== 'steps') {
      throw new FabricError('IF_ERR_REFERENCE', `${formatPath(path)}: ${reference.text} belongs into a playbook`, {
        hint: 'A literal ${ is written $${.',
      })
    }
    const kind = whole && schemaKindAt(entry, path) === 'number' ? 'number' : 'string'
    placed.holes.add(formatPath(path))
    placed.hasNumber ||= kind === 'number'
    return sentinelFor(kind, placed.texts.push(reference.text) - 1)
  }) as JsonObject
  return placed
}

const isKnown = (value: number | string): boolean => sentinelNumber(value) === undefined

/** The planned request with references where the sentinels stand. */
function showHoles(planned: PlannedRequest, texts: string[]): PlannedRequest {
  return texts.length === 0 ? planned : (showIn(planned as unknown as JsonValue, texts) as unknown as PlannedRequest)
}

function showIn(value: JsonValue, texts: string[]): JsonValue {
  if (typeof value === 'number') {
    const n = sentinelNumber(value)
    return n === undefined ? value : (texts[n] ?? value)
  }
  if (typeof value === 'string') return showInText(value, texts)
  if (Array.isArray(value)) return value.map((item) => showIn(item, texts))
  if (value === null) return null
  if (typeof value !== 'object') return value
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [showInText(name, texts), showIn(member, texts)]),
  )
}

function showInText(text: string, texts: string[]): string {
  let shown = ''
  let from = 0
  for (const found of findSentinels(text)) {
    shown += text.slice(from, found.at) + (texts[found.n] ?? found.text)
    from = found.at + found.text.length
  }
  return shown + text.slice(from)
}

/** Reads that go with the step. */
function aroundOf(
  entry: OperationEntry,
  input: JsonObject,
  provider: LoadedProvider,
  instance: Instance,
  texts: string[],
): PlanStep['around'] {
  const calls = [
    { purpose: 'before' as const, call: entry.operation.before?.(input) },
    { purpose: 'verify' as const, call: entry.operation.verify?.({ input, result: undefined }) },
  ]
  return calls.flatMap(({ purpose, call }) => {
    if (!call) return []
    const around = operationOf(provider, call.operation)
    // A read-back may depend on what came back: its input is only as good as what is known now.
    const { built } = planAction({
      provider,
      instance,
      entry: around,
      input: parseInput(around, call.input, { holes: new Set(Object.keys(call.input)) }),
    })
    return [{ purpose, operation: around.id, method: built.planned.method, url: showInText(built.planned.url, texts) }]
  })
}

/** Which operation takes it back; found by undoing the example. */
function undoOf(entry: OperationEntry): PlanStep['undo'] {
  const { undo, undoLabel, result, examples } = entry.operation
  if (!undo) return null
  if (typeof undo !== 'function') return { operation: null, note: undo.none }
  if (undoLabel) return { operation: undoLabel }
  const input = exampleOf(entry)
  const done = result(examples[0].response, { input, headers: {} })
  const call = done && undo({ input, result: done, before: {} })
  return { operation: call?.operation ?? entry.id }
}

function sum(amounts: (number | null)[]): number | null {
  let total = 0
  for (const amount of amounts) {
    if (amount === null) return null
    total += amount
  }
  return Math.round(total * 1e6) / 1e6
}

/** The error with the place of the step in front, where the step has one. */
function located(thrown: unknown, draft: StepDraft): unknown {
  if (!(thrown instanceof FabricError) || !draft.where) return thrown
  return new FabricError(thrown.code, `${draft.where}: ${thrown.message}`, {
    ...(thrown.hint ? { hint: thrown.hint } : {}),
    ...(thrown.next ? { next: thrown.next } : {}),
    details: { ...thrown.details, step: draft.id },
    cause: thrown,
  })
}
