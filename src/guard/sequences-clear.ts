// How a session or a swarm gets rid of what it has touched: a person says so, with a reason that the log keeps, or so much
// time has passed that the session is over.
import { type Clock, FabricError, type JsonObject, optional, parseAddress, timestamp } from '../foundation/index.ts'
import { forgetUnmoved, retryConflict, type Store } from '../store/index.ts'
import type { WitnessEntry } from '../witness/index.ts'
import { LEGS, sessionKey, sessionsPrefix, swarmKey, type Taint, touchesOf } from './sequences-taint.ts'

/** What starts afresh. */
export type Cleared = { session: string } | { swarm: string }

/** Who says so, and why. */
export interface Clearer {
  actor: string
  session: string
  why: string
}

export async function clearTaint(
  { store, clock }: { store: Store; clock: Clock },
  which: Cleared,
  by: Clearer,
): Promise<void> {
  const name = 'session' in which ? `session ${which.session}` : `swarm ${which.swarm}`
  const log = (kind: string, detail: JsonObject): WitnessEntry => ({
    kind,
    at: timestamp(clock.now()),
    actor: by.actor,
    session: by.session,
    ...optional('why', by.why || undefined),
    detail: { ...which, ...detail },
  })
  const fault = faultOf(by, name)
  if (fault) {
    await store.commit([], [log('session.refused', { code: fault.code, message: fault.message })])
    throw fault
  }
  const key = 'session' in which ? sessionKey(which.session) : swarmKey(which.swarm)
  await retryConflict(async () => {
    const entry = await store.get<Taint>(key)
    if (!entry) {
      throw new FabricError('IF_ERR_NOT_FOUND', `${name} has touched nothing that could be cleared`, {
        hint: 'A session that works for a swarm is clear when the swarm is.',
      })
    }
    const legs = LEGS.map((leg) => [leg, seqsOf(entry.value, leg)] as const)
    await store.commit(
      [{ key, value: undefined, expect: entry.revision }],
      [log('session.clear', Object.fromEntries(legs))],
    )
  })
}

/** Forgets what sessions have touched that have touched nothing since `beforeMs`; tells how many. */
export async function sweepTaints(store: Store, beforeMs: number): Promise<number> {
  let forgotten = 0
  for (const entry of await store.range<Taint>(sessionsPrefix)) {
    if (Date.parse(entry.value.at) < beforeMs && (await forgetUnmoved(store, entry))) forgotten++
  }
  return forgotten
}

const seqsOf = (taint: Taint, name: (typeof LEGS)[number]): number[] => {
  const leg = taint[name]
  return leg ? touchesOf(leg).map(({ seq }) => seq) : []
}

function faultOf(by: Clearer, name: string): FabricError | undefined {
  if (parseAddress(by.actor).kind !== 'person') {
    return new FabricError('IF_ERR_APPROVAL_FORBIDDEN', `${by.actor} may not clear ${name}`, {
      hint: 'Only a person decides that.',
    })
  }
  if (by.why.trim() === '') {
    return new FabricError('IF_ERR_INVALID_INPUT', `clearing ${name} needs a reason`, { hint: "Say it: --why '…'." })
  }
  return undefined
}
