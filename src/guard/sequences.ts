// Sequences: what a session has touched, kept so that the guard sees the action which would complete private + untrusted
// + outward. What one session of a swarm has touched, all of them have, also after a session has left the swarm.
// A touch is on record before the result of the action is: no kill lets anybody have the data without the mark.
import { type Clock, optional } from '../foundation/index.ts'
import type { Store } from '../store/index.ts'
import { type Cleared, type Clearer, clearTaint, sweepTaints } from './sequences-clear.ts'
import { isAnswer } from './sequences-conversation.ts'
import { type Leg, mergedTaint, sessionKey, swarmKey, type Taint, type Touched, touchesOf } from './sequences-taint.ts'
import { type EndedAction, recordTouch, type SequenceOwner, type Touch } from './sequences-touch.ts'
import type { Action, SessionFacts } from './verdict.ts'

/** What somebody has touched, for people. */
export interface TouchedView {
  private: Touched[]
  untrusted: Touched[]
  swarms: string[]
}

export interface Sequences {
  /** What the guard is told of the session when it judges the action. */
  facts(of: SequenceOwner & Pick<Action, 'instance' | 'operation' | 'input'>): Promise<SessionFacts>
  /**
   * Puts on record what an action brought: to be awaited before its result is stored or handed out. Undefined, and
   * without a write, where it tells nothing new.
   */
  touch(ended: EndedAction): Promise<Touch | undefined>
  /** Everything that counts for the session, its swarms included. */
  show(of: SequenceOwner): Promise<TouchedView>
  /**
   * A person says that a session, or a whole swarm, may start afresh. IF_ERR_APPROVAL_FORBIDDEN for anybody else,
   * IF_ERR_INVALID_INPUT without a reason, IF_ERR_NOT_FOUND where nothing was touched. Witnessed either way.
   */
  clear(which: Cleared, by: Clearer): Promise<void>
  /** Forgets sessions that have touched nothing since then; tells how many. Swarms are never forgotten. */
  sweep(beforeMs: number): Promise<number>
}

export interface SequencesOptions {
  store: Store
  clock: Clock
  /** What a session's actions have cost so far, micro-USD. */
  spentOf: (session: string) => Promise<number>
}

export function openSequences({ store, clock, spentOf }: SequencesOptions): Sequences {
  const read = (key: string) => store.get<Taint>(key)

  /** Its own record and those of the swarms it works or has worked for. */
  async function recordsOf({ session, swarm }: SequenceOwner): Promise<{ taints: Taint[]; swarms: string[] }> {
    const own = (await read(sessionKey(session)))?.value
    const swarms = [...new Set([...(own?.swarms ?? []), ...(swarm === undefined ? [] : [swarm])])]
    const theirs = await Promise.all(swarms.map(async (name) => (await read(swarmKey(name)))?.value))
    return { taints: [own, ...theirs].filter((taint) => taint !== undefined), swarms }
  }

  return {
    async facts({ session, swarm, ...action }) {
      const [{ taints }, spentMicroUsd] = await Promise.all([
        recordsOf({ session, ...optional('swarm', swarm) }),
        spentOf(session),
      ])
      const { private: inside, untrusted } = taints.reduce<Partial<Taint>>(mergedTaint, {})
      const source = inside ?? untrusted
      return {
        private: inside !== undefined,
        untrusted: untrusted !== undefined,
        outwardAnswers: source !== undefined && isAnswer(action, source.origins),
        spentMicroUsd,
        legs: [...legsOf('private', inside), ...legsOf('untrusted', untrusted)],
      }
    },
    touch: (ended) => recordTouch({ store, clock }, ended),
    async show(of) {
      const { taints, swarms } = await recordsOf(of)
      const all = taints.reduce<Partial<Taint>>(mergedTaint, {})
      return {
        private: all.private ? touchesOf(all.private) : [],
        untrusted: all.untrusted ? touchesOf(all.untrusted) : [],
        swarms,
      }
    },
    clear: (which, by) => clearTaint({ store, clock }, which, by),
    sweep: (beforeMs) => sweepTaints(store, beforeMs),
  }
}

/** The first and the last entry of a leg. */
function legsOf(leg: 'private' | 'untrusted', of: Leg | undefined): SessionFacts['legs'] {
  const touches = of ? touchesOf(of) : []
  const ends = touches.length > 1 ? [touches[0], touches.at(-1)] : touches
  return ends.flatMap((touched) =>
    touched ? [{ leg, seq: touched.seq, instance: touched.instance, operation: touched.operation }] : [],
  )
}
