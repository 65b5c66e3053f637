// Whether a call may go out now: nothing that it belongs to is frozen, the breakers of its swarm and its instance let it
// pass, and the instance's rate allows it. Who was let pass tells in the end how it went.
import { type FabricError, optional } from '../foundation/index.ts'
import { breakerOutcomeOf } from '../governor/index.ts'
import type { Passage, PipelineParts } from './passage.ts'

/** Refuses with IF_ERR_FROZEN, IF_ERR_BREAKER_OPEN or IF_ERR_RATE_LIMIT_EXCEEDED. A rehearsal only looks. */
export async function admitStage(parts: PipelineParts, passage: Passage): Promise<void> {
  const { breakers, freezes } = parts
  const { instance, timeoutMs } = passage
  const { swarm } = callerOf(passage)
  freezes.check(subjectOf(passage))
  if (passage.dryRun) {
    if (swarm) breakers.check('swarm', swarm)
    breakers.check('instance', instance.name)
    return
  }
  const admissions: Passage['admissions'] = {}
  passage.admissions = admissions
  if (swarm) admissions.swarm = await breakers.admit('swarm', swarm, { forMs: timeoutMs })
  admissions.instance = await breakers.admit('instance', instance.name, { forMs: timeoutMs })
  await takeTurn(parts, passage)
}

/** Waits for the swarm's turn and the instance's. A twin stands in for the provider and has no limits. */
async function takeTurn({ rateLimits, swarmRate }: PipelineParts, passage: Passage): Promise<void> {
  const { instance, provider, timeoutMs, signal } = passage
  if (instance.twin !== undefined) return
  const { swarm } = callerOf(passage)
  const how = { timeoutMs, ...optional('signal', signal) }
  const ofSwarm = swarm === undefined ? undefined : swarmRate(swarm)
  if (swarm !== undefined && ofSwarm) await rateLimits.take({ kind: 'swarm', name: swarm }, ofSwarm, how)
  await rateLimits.take({ kind: 'instance', name: instance.name }, provider.manifest.limits, how)
}

/** Tells the breakers and the reputation how it went, if it went out at all. */
export async function dismiss(parts: PipelineParts, passage: Passage): Promise<void> {
  const { admissions, outcome, instance, tookMs: latencyMs = 0 } = passage
  const { swarm } = callerOf(passage)
  if (!admissions) return
  const wentOut = passage.performed !== undefined || passage.failure !== undefined
  const error = passage.failure ?? outcome?.error
  const toInstance = wentOut ? breakerOutcomeOf(error) : 'none'
  if (toInstance !== 'none') {
    const available = toInstance === 'ok'
    parts.reputations.record('instance', instance.name, { ok: available, latencyMs })
    parts.slo.record('instance', instance.name, { ok: outcome?.state === 'done', available, latencyMs })
  }
  await heedRefusal(parts, passage)
  await admissions.instance?.ended(toInstance, error?.message)
  if (!admissions.swarm) return
  const failed = outcome?.state !== 'done'
  if (wentOut && swarm) parts.reputations.record('swarm', swarm, { ok: !failed, latencyMs })
  await admissions.swarm.ended(!wentOut ? 'none' : failed ? 'fault' : 'ok', error?.message)
}

/** Called too often, says the provider, or as often as it takes for now: then everybody pauses. */
async function heedRefusal({ rateLimits }: PipelineParts, { failure, performed, instance }: Passage): Promise<void> {
  if (instance.twin !== undefined) return
  if (performed?.rate && performed.rate.remaining <= 0) {
    await rateLimits.told(
      { kind: 'instance', name: instance.name },
      {
        retryAfterMs: performed.rate.resetMs,
        served: true,
      },
    )
    return
  }
  if (failure?.code !== 'IF_ERR_RATE_LIMIT_EXCEEDED') return
  const { retryAfterMs } = failure.details
  const answer = optional('retryAfterMs', typeof retryAfterMs === 'number' ? retryAfterMs : undefined)
  await rateLimits.told({ kind: 'instance', name: instance.name }, answer)
}

/** A swarm that has used up a budget of its own stands still until a person gives it a new one. */
export async function noteExhausted({ breakers }: PipelineParts, passage: Passage, error: FabricError): Promise<void> {
  const { swarm } = callerOf(passage)
  const { budget, leftMicroUsd, heldMicroUsd } = error.details
  const isOwn = typeof budget === 'string' && swarm !== undefined && budget.includes(`[swarm=${swarm}]`)
  if (isOwn && leftMicroUsd === 0 && heldMicroUsd === 0) await breakers.exhausted(swarm, error.message)
}

/** Who calls, as the kill switch asks; a claim's holder acts for its swarm. */
export function callerOf({ acting, fence }: Pick<Passage, 'acting' | 'fence'>): { actor: string; swarm?: string } {
  return { actor: acting.actor, ...optional('swarm', acting.swarm ?? fence?.swarm) }
}

export const subjectOf = (passage: Pick<Passage, 'instance' | 'acting' | 'fence'>) => ({
  instance: passage.instance.name,
  ...callerOf(passage),
})
