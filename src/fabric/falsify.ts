// The pre-mortem: tries to refute what a plan takes for granted. It reads, it never changes anything.
import { type LoadedProvider, originsOf } from '../adapter/index.ts'
import { isFabricError, microUsd, optional, parseAddress, toFabricError } from '../foundation/index.ts'
import { budgetsFor, rulesIn } from '../governor/index.ts'
import { budgetsOfRun } from '../pipeline/index.ts'
import type { Plan, PlanStep } from '../runs/index.ts'
import type { Composition } from './acting.ts'
import { missingConsentOf } from './consents.ts'
import { testInstance } from './instances.ts'
import type { Finding } from './port.ts'

export async function falsifyPlan(
  parts: Composition,
  plan: Plan,
  replan: (plan: Plan) => Promise<Plan>,
  signal?: AbortSignal,
): Promise<Finding[]> {
  const findings: Finding[] = [await schemaFinding(plan, replan), ...referenceFindings(plan), policyFinding(plan)]
  findings.push(await budgetFinding(parts, plan))
  for (const name of instancesOf(plan)) findings.push(breakerFinding(parts, name))
  for (const name of instancesOf(plan)) findings.push(...(await instanceFindings(parts, name, signal)))
  findings.push(...(await historyFindings(parts, plan)))
  return findings
}

async function schemaFinding(plan: Plan, replan: (plan: Plan) => Promise<Plan>): Promise<Finding> {
  const base = { assumption: 'schema', step: null, instance: null } as const
  try {
    const again = await replan(plan)
    const unset = again.steps.flatMap((step) => step.unset.map((name) => `${step.instance} has no value for ${name}`))
    if (unset.length > 0)
      return {
        ...base,
        holds: false,
        text: [...new Set(unset)].join('; '),
        next: 'ifab provider add … --set NAME=VALUE',
      }
    return {
      ...base,
      holds: true,
      text: `${again.steps.length} step${again.steps.length === 1 ? '' : 's'} fit the schemas and the signed manifests`,
    }
  } catch (thrown) {
    const error = toFabricError(thrown)
    return { ...base, holds: false, text: error.message, ...(error.next ? { next: error.next } : {}) }
  }
}

function referenceFindings(plan: Plan): Finding[] {
  const skippable = new Set(plan.steps.filter((step) => step.when !== undefined).map((step) => step.id))
  return plan.steps
    .filter((step) => step.knownAfter.length > 0)
    .map((step) => {
      const loose = step.knownAfter.filter((name) => skippable.has(name))
      return {
        assumption: 'references',
        step: step.id,
        instance: step.instance,
        holds: loose.length === 0,
        text:
          loose.length === 0
            ? `needs results of ${step.knownAfter.join(', ')}`
            : `needs a result of ${loose.join(', ')}, which may be skipped`,
      }
    })
}

function policyFinding(plan: Plan): Finding {
  const { decision, reasons } = plan.verdict
  const text = reasons.map((reason) => `${reason.rule}: ${reason.text}`).join('; ') || 'nothing forbids it'
  const isPerson = parseAddress(plan.actor).kind === 'person'
  const next = decision === 'ask' && !isPerson ? { next: `ifab approval grant ${plan.digest.slice(0, 8)}` } : {}
  return {
    assumption: 'policy',
    step: null,
    instance: null,
    holds: decision !== 'deny',
    text: `${decision} · ${text}`,
    ...next,
  }
}

async function budgetFinding(parts: Composition, plan: Plan): Promise<Finding> {
  const base = { assumption: 'budget', step: null, instance: null } as const
  const { ledger, budgets: book, acting } = parts
  const rules = rulesIn(book, acting.swarm)
  const most = plan.budgetUsd ?? plan.maxUsd
  const facts = { actor: acting.actor, session: acting.session, ...optional('swarm', acting.swarm) }
  if (most === null) {
    const isLimited = rules.some(({ kind, limit, hard }) => kind === 'cost' && limit !== null && hard)
    const text = isLimited ? 'a hard budget holds' : 'no budget limits it'
    return { ...base, holds: !isLimited, text: `the greatest cost is unknown; ${text}` }
  }
  if (plan.budgetUsd !== null && plan.maxUsd !== null && plan.maxUsd > plan.budgetUsd) {
    return { ...base, holds: false, text: `its steps may cost $${plan.maxUsd}, its own budget is $${plan.budgetUsd}` }
  }
  let refusal = await ledger.check(microUsd(most), budgetsOfRun(book, facts))
  for (const { provider, instance, operation, maxUsd, moves } of plan.steps) {
    const budgets = budgetsFor(rules, { ...facts, provider, instance, operation })
    const out = moves?.direction === 'out' && moves.amount !== null ? moves : undefined
    const outflow = out && { currency: out.currency, amountMinor: out.amount ?? 0 }
    refusal ??= await ledger.check(microUsd(maxUsd ?? 0), budgets, outflow)
  }
  return refusal
    ? { ...base, holds: false, text: refusal.message }
    : { ...base, holds: true, text: `at most $${most} fits` }
}

/** All that a step may act at. */
const instancesOf = ({ steps }: Plan): Set<string> =>
  new Set(steps.flatMap(({ instance, routed }) => [instance, ...(routed?.alternatives ?? []).map((at) => at.instance)]))

/** Whether a call may go out there at all: the breaker, and the kill switch. */
function breakerFinding({ breakers, freezes, acting }: Composition, instance: string): Finding {
  const base = { assumption: 'breaker', step: null, instance } as const
  const { actor, swarm } = acting
  try {
    freezes.check({ instance, actor, ...optional('swarm', swarm) })
    if (swarm) breakers.check('swarm', swarm)
    breakers.check('instance', instance)
    return { ...base, holds: true, text: `its breaker is ${breakers.state('instance', instance)}, nothing is frozen` }
  } catch (thrown) {
    const { message, next } = toFabricError(thrown)
    return { ...base, holds: false, text: message, ...optional('next', next) }
  }
}

/** Credential present, host reachable, credential accepted: each only where the one before holds. */
async function instanceFindings(parts: Composition, name: string, signal?: AbortSignal): Promise<Finding[]> {
  const base = { step: null, instance: name }
  const instance = await parts.instanceOf(name).catch(() => undefined)
  if (!instance) return [] // gone or broken: planning again has said so
  const provider = await parts.providerOf(instance.provider)
  const absent = (await absentSecret(parts, name, provider)) ?? (await absentConsent(parts, name))
  if (absent) return [{ ...base, assumption: 'credential', holds: false, text: absent.text, next: absent.next }]
  const present: Finding = { ...base, assumption: 'credential', holds: true, text: 'its secrets can be read' }
  try {
    const health = await testInstance(parts, name, signal)
    return [
      present,
      {
        ...base,
        assumption: 'reachable',
        holds: true,
        text: `${originsOf(provider.definition, instance)[0] ?? name} answered in ${health.durationMs} ms`,
      },
      { ...base, assumption: 'accepted', holds: true, text: health.told },
    ]
  } catch (thrown) {
    const error = toFabricError(thrown)
    const refused = error.code === 'IF_ERR_AUTH_FAILED'
    return [
      present,
      {
        ...base,
        assumption: refused ? 'accepted' : 'reachable',
        holds: false,
        text: error.message,
        next: error.next ?? `ifab provider test ${name}`,
      },
    ]
  }
}

async function absentSecret(
  parts: Composition,
  name: string,
  provider: LoadedProvider,
): Promise<{ text: string; next: string } | undefined> {
  const instance = await parts.instanceOf(name)
  const [origin] = originsOf(provider.definition, instance)
  const source = parts.secretsOf(instance, provider)
  for (const [key, spec] of Object.entries(provider.definition.secrets)) {
    if (!(spec.required ?? true) || origin === undefined) continue
    try {
      await source.open(key, origin)
    } catch (thrown) {
      if (!isFabricError(thrown)) throw thrown
      return { text: thrown.message, next: thrown.next ?? `ifab secret set ${name} ${key}` }
    }
  }
  return undefined
}

async function absentConsent(parts: Composition, name: string): Promise<{ text: string; next: string } | undefined> {
  const missing = await missingConsentOf(parts, name)
  return missing && { text: missing.message, next: missing.next ?? `ifab provider connect ${name}` }
}

/** What the log says of like actions: the same operation at the same instance. */
async function historyFindings(parts: Composition, plan: Plan): Promise<Finding[]> {
  const wanted = new Map(plan.steps.map((step) => [likeness(step.instance, step.operation), step]))
  const seen = new Map<string, Tally>()
  for await (const entry of parts.witness.entries(parts.store, { reverse: true, limit: 5_000 })) {
    if ((entry.kind !== 'step.end' && entry.kind !== 'step.denied') || !entry.instance || !entry.operation) continue
    const key = likeness(entry.instance, entry.operation)
    if (!wanted.has(key)) continue
    const tally = seen.get(key) ?? { ended: 0, failed: 0, codes: new Map() }
    tally.ended += 1
    if (entry.outcome !== 'done') {
      tally.failed += 1
      const code = String(entry.detail?.code ?? entry.outcome)
      tally.codes.set(code, (tally.codes.get(code) ?? 0) + 1)
    }
    seen.set(key, tally)
  }
  return [...seen.entries()].map(([key, tally]) => historyFinding(wanted.get(key), tally))
}

interface Tally {
  ended: number
  failed: number
  /** What they failed of, the last one first. */
  codes: Map<string, number>
}

function historyFinding(step: PlanStep | undefined, tally: Tally): Finding {
  const mostly = tally.failed * 2 > tally.ended
  const text =
    tally.failed === 0
      ? `all ${tally.ended} like actions before succeeded`
      : `${tally.failed} of ${tally.ended} like actions before failed: ${[...tally.codes].map(([code, times]) => `${code} × ${times}`).join(', ')}`
  return { assumption: 'history', step: step?.id ?? null, instance: step?.instance ?? null, holds: !mostly, text }
}

const likeness = (instance: string, operation: string): string => `${instance} ${operation}`
