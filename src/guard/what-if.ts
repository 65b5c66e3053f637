// What other policies would have decided: the log is gone through, each decision is judged again on the facts of its own
// time, and those that come out otherwise are listed. Where the facts are no longer kept, what the log says has to do:
// such a decision is counted as partial. Nothing is changed, and no provider is asked.
import { optional } from '../foundation/index.ts'
import type { SealedEntry } from '../witness/index.ts'
import { actionOf, type Judged, type JudgedRecord } from './judged.ts'
import type { Action, Decision, Verdict } from './verdict.ts'

/** A decision that would be another. */
export interface Flip {
  /** Of the entry in the log. */
  seq: number
  at: string
  actor: string
  operation: string
  instance: string
  before: Decision
  after: Decision
  /** The rules that would decide now. */
  rules: string[]
  /** Judged on what the log says alone. */
  partial: boolean
}

export interface WhatIfReport {
  /** Decisions that were judged again. */
  replayed: number
  /** Those of them that the log alone told of. */
  partial: number
  flips: Flip[]
}

export interface WhatIfOptions {
  /** The log from its beginning or from any number on, oldest first. */
  entries: AsyncIterable<SealedEntry>
  judged: Pick<Judged, 'get' | 'list'>
  /** The policies to try. */
  judge: (action: Action) => Promise<Verdict>
  /** What is known today of an entry whose facts are gone: tags of its instance, labels of its operation. */
  known?: (entry: SealedEntry) => Promise<Partial<Action>>
  /** Stops with the signal's reason. */
  signal?: AbortSignal
}

interface PastDecision {
  before: Decision
  action: Action
  partial: boolean
}

export async function whatIf({ entries, judged, judge, known, signal }: WhatIfOptions): Promise<WhatIfReport> {
  const report: WhatIfReport = { replayed: 0, partial: 0, flips: [] }
  /** Plans that a person said yes to: what they let begin had been asked for. */
  const granted = new Set<string>()
  for await (const entry of entries) {
    signal?.throwIfAborted()
    if (entry.kind === 'approval.grant' && entry.plan) granted.add(entry.plan)
    for (const { before, action, partial } of await decisionsIn(entry, { judged, known, granted })) {
      const { decision: after, reasons } = await judge(action)
      report.replayed += 1
      if (partial) report.partial += 1
      if (after !== before) {
        const { seq, at } = entry
        const { actor, operation, instance } = action
        const rules = reasons.map(({ rule }) => rule)
        report.flips.push({ seq, at, actor, operation, instance, before, after, rules, partial })
      }
    }
  }
  return report
}

async function decisionsIn(
  entry: SealedEntry,
  {
    judged,
    known,
    granted,
  }: Pick<WhatIfOptions, 'judged'> & {
    known: WhatIfOptions['known']
    granted: ReadonlySet<string>
  },
): Promise<PastDecision[]> {
  if (entry.kind === 'plan.denied' && entry.plan) return (await judged.list(entry.plan)).map(fromRecord)
  if (!wasJudged(entry) || entry.step === undefined) return []
  const record = await judged.get({ run: entry.run, step: entry.step })
  if (record) return [fromRecord(record)]
  const before = decisionTold(entry, granted)
  const action = before && actionTold(entry, await known?.(entry))
  return before && action ? [{ before, action, partial: true }] : []
}

const fromRecord = (record: JudgedRecord): PastDecision => ({
  before: record.decision,
  action: actionOf(record),
  partial: false,
})

/** The one entry of an action that shows what the guard had said of it. */
const wasJudged = ({ kind, effect }: SealedEntry): boolean =>
  kind === 'step.begin' ||
  kind === 'step.denied' ||
  kind === 'stream.open' ||
  (kind === 'step.end' && effect === 'read')

/** What was decided, as far as the log shows it; undefined where something else than the guard refused. */
function decisionTold({ kind, plan, detail }: SealedEntry, granted: ReadonlySet<string>): Decision | undefined {
  if (kind !== 'step.denied') return plan !== undefined && granted.has(plan) ? 'ask' : 'allow'
  if (detail?.code === 'IF_ERR_POLICY_DENIED') return 'deny'
  return detail?.code === 'IF_ERR_APPROVAL_REQUIRED' ? 'ask' : undefined
}

/** The action as the log tells of it; what it does not tell is taken for the worst label, and for an untouched session. */
function actionTold(entry: SealedEntry, known: Partial<Action> = {}): Action | undefined {
  const { actor, session = '', step, instance, provider, operation, effect, moves, why, onBehalfOf } = entry
  if (!step || !instance || !provider || !operation || !effect) return undefined
  const direction = moves?.direction === 'in' ? 'in' : 'out'
  return {
    step,
    actor,
    session,
    ...optional('onBehalfOf', onBehalfOf),
    instance,
    provider,
    tags: {},
    operation,
    effect,
    labels: { reads: 'private', returns: 'untrusted', sends: 'external' },
    moves: moves && { amountMinor: moves.amount, currency: moves.currency, direction },
    why,
    madeHere: false,
    costUnknown: false,
    maxMicroUsd: entry.costMicroUsd ?? null,
    planSize: 1,
    nowMs: Date.parse(entry.at),
    sessionFacts: { private: false, untrusted: false, outwardAnswers: false, spentMicroUsd: 0, legs: [] },
    ...known,
    input: {},
  }
}
