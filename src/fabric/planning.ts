// Plans of one actor's fabric: made from their source, under the actor, and stored.
import { readFile } from 'node:fs/promises'
import { expandPlaybook } from '../bus/index.ts'
import { FabricError, optional } from '../foundation/index.ts'
import type { Action, Verdict } from '../guard/index.ts'
import { makePlan, type Plan, type PlanSource, storePlan } from '../runs/index.ts'
import type { Composition } from './acting.ts'
import type { PlanOptions } from './port.ts'
import { requireLocked } from './project-lock.ts'

type OnJudged = (action: Action, verdict: Verdict) => void

export async function readPlaybook(file: string): Promise<string> {
  return readFile(file, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT') throw new FabricError('IF_ERR_NOT_FOUND', `${file}: there is no such file`, { cause })
    throw new FabricError('IF_ERR_INVALID_FILE', `${file}: cannot be read (${cause.code})`, { cause })
  })
}

/** A plan from its source, under the actor of this fabric, with the manifests that its project is locked to. */
export const planFrom = async (
  parts: Composition,
  source: PlanSource,
  how: PlanOptions,
  onJudged?: OnJudged,
): Promise<Plan> =>
  requireLocked(
    parts.project?.lock,
    await planAnew(parts, source, how, onJudged),
    async (provider) => (await parts.providerOf(provider)).manifest,
  )

async function planAnew(
  parts: Composition,
  source: PlanSource,
  how: PlanOptions,
  onJudged: OnJudged | undefined,
): Promise<Plan> {
  const acting = actingWith(parts, how)
  if (source.kind === 'playbook') {
    const expanded = expandPlaybook(source.text, source.file, source.inputs)
    return makePlan(parts, { acting, ...expanded, ...optional('onJudged', onJudged) })
  }
  const draft = { id: 'step', instance: source.instance, operation: source.operation, input: source.input, after: [] }
  return makePlan(parts, {
    acting,
    source,
    drafts: [draft],
    onFailure: 'stop',
    budgetUsd: null,
    ...optional('onJudged', onJudged),
  })
}

export async function makeAndStore(parts: Composition, source: PlanSource, how: PlanOptions): Promise<Plan> {
  const judged: [Action, Verdict][] = []
  const note = (action: Action, verdict: Verdict) => void judged.push([action, verdict])
  const plan = await parts.trace.span('plan', {}, () => planFrom(parts, source, how, note))
  // What is denied begins nowhere, so what it was judged on is kept with the plan.
  if (plan.verdict.decision === 'deny') {
    const { digest: run, basis } = plan
    const keep = judged.map(([action, verdict]) =>
      parts.judged.write({ run, step: action.step }, action, verdict, basis.policy),
    )
    await parts.store.commit(keep)
  }
  await storePlan(parts.store, plan)
  return plan
}

export function actingWith({ acting }: Composition, how: PlanOptions) {
  const why = how.why ?? acting.why
  return {
    actor: acting.actor,
    session: acting.session,
    ...(why ? { why } : {}),
    ...(how.onBehalfOf ? { onBehalfOf: how.onBehalfOf } : {}),
  }
}
