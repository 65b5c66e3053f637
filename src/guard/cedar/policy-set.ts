// Policies that judge. An action is held against the slice of them that it fits; what the conditions rule out without
// being evaluated never reaches the engine. A policy that can't be evaluated opens nothing: a forbid then denies, a permit
// doesn't count, and an action that the engine can't read is denied.
import type { PolicyFindings, PolicyJudge } from '../guard.ts'
import type { Action, Reason } from '../verdict.ts'
import type { CompiledPolicy } from './compile.ts'
import { isRuledOut, type Mentions, mentioned, mentionsOf } from './conditions.ts'
import { evaluate } from './evaluate.ts'
import { type ContextRecord, contextOf, type Subject, subjectOf } from './request.ts'
import { openSlices } from './slices.ts'

export interface PolicySet extends PolicyJudge {
  readonly policies: readonly CompiledPolicy[]
  /** Every policy with whether it applies to the action, and why not. */
  explain(action: Action): PolicyTrace[]
}

export interface PolicyTrace {
  rule: string
  file: string
  line: number
  effect: 'permit' | 'forbid'
  /** `elsewhere`: its principal, action or resource is another; `unmet`: its conditions are; `failed`: it has no answer. */
  state: 'applies' | 'unmet' | 'elsewhere' | 'failed'
  text?: string
  problem?: string
}

/** What applies, by position; a forbid that failed with its problem. */
interface Found {
  forbids: { at: number; problem?: string }[]
  permits: number[]
}

const KEPT_DECISIONS = 2_000

/** So many policies are asked one by one. */
const ASKED_ALONE = 3

/** The policies of a digest, ready to judge. */
export function createPolicySet(policies: readonly CompiledPolicy[], digest: string): PolicySet {
  const slicesOf = openSlices(policies)
  const decisions = new Map<string, Found>()
  const mentions = new Map<string, Mentions>()

  const mentionsIn = (slice: number[], key: string): Mentions => {
    const known = mentions.get(key)
    if (known) return known
    const found = mentionsOf(at(policies, slice).map(({ json }) => json))
    if (mentions.size >= KEPT_DECISIONS) mentions.clear()
    mentions.set(key, found)
    return found
  }

  const ask = (subject: Subject, slice: number[], context: ContextRecord): Found | string => {
    const sliceKey = slice.join()
    const asked = mentioned(context, mentionsIn(slice, sliceKey))
    const key = JSON.stringify([sliceKey, subject, asked])
    const known = decisions.get(key)
    if (known) return known
    const run = (of: number[]) => evaluate({ policies, digest, slice: of, subject, context: asked })
    const answer = run(slice)
    if (typeof answer === 'string') return answer
    const found = read(policies, answer)
    const permits = slice.filter((index) => policyAt(policies, index).json.effect === 'permit')
    if (found.forbids.length > 0 && permits.length > 0) {
      const overruled = run(permits)
      found.permits = typeof overruled === 'string' ? [] : overruled.applies
    }
    if (decisions.size >= KEPT_DECISIONS) decisions.delete(decisions.keys().next().value ?? '')
    decisions.set(key, found)
    return found
  }

  const find = (subject: Subject, context: ContextRecord): Found | string => {
    const slice = slicesOf(subject)
    const open = slice.filter((index) => !isRuledOut(policyAt(policies, index).json, context))
    // What is ruled out differs with every context, and the engine parses each set that it is given: so a few are asked one
    // by one, and many as the whole slice.
    const sets = open.length <= ASKED_ALONE ? open.map((index) => [index]) : [slice]
    const all: Found = { forbids: [], permits: [] }
    for (const set of sets) {
      const found = ask(subject, set, context)
      if (typeof found === 'string') return found
      all.forbids.push(...found.forbids)
      all.permits.push(...found.permits)
    }
    return all
  }

  return {
    policies,
    digest,
    async findings(action) {
      const found = find(subjectOf(action), contextOf(action))
      return typeof found === 'string' ? unreadable(found, action.step) : reasonsOf(policies, found, action.step)
    },
    explain(action) {
      const subject = subjectOf(action)
      const context = contextOf(action)
      const slice = new Set(slicesOf(subject))
      return policies.map((policy, index) => {
        const { rule, file, line, annotated, json } = policy
        const named = { rule, file, line, effect: json.effect, ...(annotated.text ? { text: annotated.text } : {}) }
        if (!slice.has(index)) return { ...named, state: 'elsewhere' }
        const answer = evaluate({ policies, digest, slice: [index], subject, context })
        const problem = typeof answer === 'string' ? answer : answer.failed[0]?.problem
        if (typeof answer === 'string' || problem !== undefined)
          return { ...named, state: 'failed', ...(problem === undefined ? {} : { problem }) }
        return { ...named, state: answer.applies.length > 0 ? 'applies' : 'unmet' }
      })
    },
  }
}

function read(
  policies: readonly CompiledPolicy[],
  { applies, failed }: { applies: number[]; failed: { at: number; problem: string }[] },
): Found {
  const isForbid = (index: number): boolean => policyAt(policies, index).json.effect === 'forbid'
  return {
    forbids: [...applies.filter(isForbid).map((index) => ({ at: index })), ...failed.filter((one) => isForbid(one.at))],
    permits: applies.filter((index) => !isForbid(index)),
  }
}

function reasonsOf(policies: readonly CompiledPolicy[], { forbids, permits }: Found, step: string): PolicyFindings {
  const overruled = permits.map((index) => policyAt(policies, index).rule)
  return {
    forbids: forbids.map((forbid) => forbidReason(policyAt(policies, forbid.at), forbid.problem, overruled, step)),
    permits: permits.map((index) => {
      const { rule, file, line, annotated } = policyAt(policies, index)
      return { rule, decision: 'allow', text: annotated.text ?? 'a policy permits it', step, file, line }
    }),
  }
}

function forbidReason(policy: CompiledPolicy, problem: string | undefined, overruled: string[], step: string): Reason {
  const { rule, file, line, annotated } = policy
  const { text, ask } = annotated
  const place = { rule, step, file, line, ...(overruled.length > 0 ? { overruled } : {}) }
  if (problem !== undefined) return { ...place, decision: 'deny', text: `it can't be evaluated: ${problem}` }
  if (!ask) return { ...place, decision: 'deny', text: text ?? 'a policy forbids it' }
  const { needed, approvers } = ask
  const who = `${needed} approver${needed === 1 ? '' : 's'}${approvers ? ` of ${approvers}` : ''}`
  return {
    ...place,
    decision: 'ask',
    text: text ?? `a policy asks for ${who}`,
    needed,
    ...(approvers ? { approvers } : {}),
  }
}

const unreadable = (problem: string, step: string): PolicyFindings => ({
  forbids: [{ rule: 'policy/unreadable', decision: 'deny', text: `policies can't judge it: ${problem}`, step }],
  permits: [],
})

const at = (policies: readonly CompiledPolicy[], slice: number[]): CompiledPolicy[] =>
  slice.map((index) => policyAt(policies, index))

function policyAt(policies: readonly CompiledPolicy[], index: number): CompiledPolicy {
  const policy = policies[index]
  if (!policy) throw new RangeError(`there is no policy ${index}`)
  return policy
}
