// One evaluation by the engine: a slice of policies against a subject and the part of the context that they read.
import type { CompiledPolicy } from './compile.ts'
import { parsedSet, withCedar } from './engine.ts'
import { type ContextRecord, entitiesOf, type Subject } from './request.ts'

export interface Evaluation {
  /** Positions of the determining policies: the forbids that apply, or where none does the permits. */
  applies: number[]
  failed: { at: number; problem: string }[]
}

/** Evaluates; a string says why the engine could not take the question. */
export function evaluate(question: {
  policies: readonly CompiledPolicy[]
  /** Of the whole set, so that the engine keeps each slice of it parsed. */
  digest: string
  slice: number[]
  subject: Subject
  context: ContextRecord
}): Evaluation | string {
  const { policies, digest, slice, subject, context } = question
  const sources = () => Object.fromEntries(slice.map((at) => [String(at), policies[at]?.source ?? '']))
  try {
    const answer = withCedar((cedar, engine) =>
      cedar.statefulIsAuthorized({
        principal: subject.principal.uid,
        action: subject.action.uid,
        resource: subject.resource.uid,
        context,
        preparsedPolicySetId: parsedSet(engine, `${digest}/${slice.join()}`, sources),
        entities: entitiesOf(subject),
      }),
    )
    if (answer === 'trapped') return 'it is too deep for the engine'
    if (answer.type === 'failure') return answer.errors.map(({ message }) => message).join('; ')
    const { reason, errors } = answer.response.diagnostics
    return {
      applies: reason.map(Number).sort((a, b) => a - b),
      failed: errors.map(({ policyId, error }) => ({ at: Number(policyId), problem: plain(error.message) })),
    }
  } catch (thrown) {
    // The engine throws what it can't read (half a character, a fraction): that is the question's fault, and no answer.
    return thrown instanceof Error ? thrown.message : String(thrown)
  }
}

const plain = (message: string): string => message.replace(/^error while evaluating policy `\d+`: /, '')
