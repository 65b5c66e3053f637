// What a session will have touched when the earlier steps of a plan are done, so that a plan which reads and then sends
// asks when it is made and not in the middle of its run. Pure, and without results: an origin that only a result would
// tell is not known yet.
import { isAnswer, originsOf } from './sequences-conversation.ts'
import type { Action, SessionFacts } from './verdict.ts'

/** A step as far as it touches something. */
export type PlannedTouch = Pick<Action, 'instance' | 'operation' | 'labels' | 'input'>

/** The facts with which the action is judged once the earlier steps are done; the entries of the log stay as they are. */
export function withPlanned(
  facts: SessionFacts,
  action: Pick<Action, 'instance' | 'operation' | 'input'>,
  earlier: readonly PlannedTouch[],
): SessionFacts {
  const inside = earlier.filter(({ labels }) => labels.reads === 'private')
  const strange = earlier.filter(({ labels }) => labels.returns === 'untrusted')
  if (inside.length === 0 && strange.length === 0) return facts
  const isPrivate = facts.private || inside.length > 0
  // What counts is where the private data came from; without any, where the strangers' words did.
  const [before, sources] = isPrivate ? [facts.private, inside] : [facts.untrusted, strange]
  return {
    ...facts,
    private: isPrivate,
    untrusted: facts.untrusted || strange.length > 0,
    outwardAnswers: (!before || facts.outwardAnswers) && sources.every((source) => isAnswer(action, originsOf(source))),
  }
}
