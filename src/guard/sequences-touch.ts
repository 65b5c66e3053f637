// Puts on record what an action brought: into the swarm's record where it was done for one, which the session's record
// then names, else into the session's own. Most actions tell nothing new and cost no write.
import { type Clock, type JsonObject, optional, timestamp, ulid } from '../foundation/index.ts'
import { retryConflict, type Store, type Write } from '../store/index.ts'
import { originsOf } from './sequences-conversation.ts'
import {
  LEGS,
  mergedTaint,
  sessionKey,
  swarmKey,
  type Taint,
  type Touched,
  taintWrite,
  withPlace,
  withTouched,
} from './sequences-taint.ts'
import type { Action } from './verdict.ts'

/** Whose sequence it is. */
export interface SequenceOwner {
  session: string
  /** The swarm that the session works for, where it is known. */
  swarm?: string
}

/** An action that has ended, as far as it touched something. */
export interface EndedAction extends SequenceOwner, Pick<Action, 'instance' | 'operation' | 'labels' | 'input'> {
  actor?: string
  run?: string
  step?: string
  result?: JsonObject
}

/** A touch that is on record. */
export interface Touch {
  /** Notes the sequence number of the action's entry in the log, for denials to name; best after that commit. */
  placed(seq: number): Promise<void>
}

const DAY_MS = 24 * 60 * 60 * 1000
/** A session of more swarms takes over what the first of them have touched. */
const MOST_SWARMS = 32

interface Parts {
  store: Store
  clock: Clock
}

export async function recordTouch({ store, clock }: Parts, ended: EndedAction): Promise<Touch | undefined> {
  const { session, swarm, labels } = ended
  const isTouching = { private: labels.reads === 'private', untrusted: labels.returns === 'untrusted' }
  if (!isTouching.private && !isTouching.untrusted) return undefined
  const key = swarm === undefined ? sessionKey(session) : swarmKey(swarm)
  const touched = touchedBy(ended, timestamp(clock.now()))
  const isNew = await retryConflict(async () => {
    const entry = await store.get<Taint>(key)
    const before: Taint = entry?.value ?? { at: touched.at }
    const after: Taint = { ...before, at: touched.at }
    for (const leg of LEGS) if (isTouching[leg]) after[leg] = withTouched(before[leg], touched)
    const isChanged = LEGS.some((leg) => after[leg] !== before[leg])
    const writes = isChanged || isStale(before, clock) ? [taintWrite(key, after, entry)] : []
    if (swarm !== undefined) writes.push(...(await memberWrites({ store, clock }, session, swarm)))
    if (writes.length > 0) await store.commit(writes)
    return isChanged
  })
  if (!isNew) return undefined
  return {
    placed: (seq) =>
      retryConflict(async () => {
        const entry = await store.get<Taint>(key)
        const taint = entry && withPlace(entry.value, touched.id, seq)
        if (taint && taint !== entry.value) await store.commit([taintWrite(key, taint, entry)])
      }),
  }
}

const touchedBy = (ended: EndedAction, at: string): Touched => ({
  id: ulid(),
  session: ended.session,
  instance: ended.instance,
  operation: ended.operation,
  at,
  seq: -1,
  origins: originsOf(ended),
  ...optional('actor', ended.actor),
  ...optional('run', ended.run),
  ...optional('step', ended.step),
})

/** Notes in the session's record that it works for the swarm; nothing where that stands there. */
async function memberWrites({ store, clock }: Parts, session: string, swarm: string): Promise<Write[]> {
  const entry = await store.get<Taint>(sessionKey(session))
  const at = timestamp(clock.now())
  const own: Taint = entry?.value ?? { at }
  const { swarms = [] } = own
  if (swarms.includes(swarm) && !isStale(own, clock)) return []
  const all = [...swarms.filter((name) => name !== swarm), swarm]
  let taint: Taint = { ...own, at, swarms: all.slice(-MOST_SWARMS) }
  for (const left of all.slice(0, -MOST_SWARMS)) {
    taint = mergedTaint(taint, (await store.get<Taint>(swarmKey(left)))?.value)
  }
  return [taintWrite(sessionKey(session), taint, entry)]
}

/** Touched for a day without a word of it in the record, which would then look idle. */
const isStale = (taint: Taint, clock: Clock): boolean => clock.now() - Date.parse(taint.at) > DAY_MS
