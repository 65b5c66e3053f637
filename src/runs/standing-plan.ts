// The plan that is applied: what the store holds, made again where something that it rests on has moved.
import { FabricError, shortId } from '../foundation/index.ts'
import { whatGotWorse } from './difference.ts'
import type { Plan } from './plan.ts'
import { findPlan } from './plan-store.ts'
import type { RunsParts } from './runs-parts.ts'

/** The plan as it was made: what is applied is what the store holds under its digest, not what the caller hands in. */
export async function storedPlan(parts: RunsParts, plan: Plan): Promise<Plan> {
  return { ...(await findPlan(parts.store, plan.digest, plan.actor)), id: plan.id }
}

/** The plan as it would be made now; refused when it expired, is somebody else's, or got worse. */
export async function checkPlan(parts: RunsParts, plan: Plan): Promise<Plan> {
  const again = 'Plan again and look at the difference.'
  if (Date.parse(plan.expiresAt) <= parts.clock.now()) {
    throw new FabricError('IF_ERR_PLAN_EXPIRED', `plan ${shortId(plan.digest)} expired at ${plan.expiresAt}`, {
      hint: again,
    })
  }
  if (plan.actor !== parts.acting.actor) {
    throw new FabricError(
      'IF_ERR_PLAN_MOVED',
      `plan ${shortId(plan.digest)} was made for ${plan.actor}, not for ${parts.acting.actor}`,
      {
        hint: 'Who acts is part of what was judged: plan it again.',
      },
    )
  }
  if (await parts.isCurrent(plan)) return plan
  const current = await parts.replan(plan)
  if (current.digest === plan.digest) return { ...plan, verdict: current.verdict }
  const worse = whatGotWorse(plan, current)
  if (worse.length === 0)
    return { ...current, id: plan.id, digest: plan.digest, createdAt: plan.createdAt, expiresAt: plan.expiresAt }
  throw new FabricError(
    'IF_ERR_PLAN_MOVED',
    `since plan ${shortId(plan.digest)} was made, ${worse.slice(0, 5).join('; ')}`,
    {
      hint: again,
      details: { worse },
    },
  )
}
