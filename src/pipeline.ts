// The way of one action, in order: plan → judge → look → begin → execute → end → read back. CLI, library, playbooks, and
// later agents and sandboxed code, all come through `act`; nothing else calls a provider.
//
// What it promises: nothing leaves unless the guard allowed it, its greatest cost is held, and one durable write says that
// it begins; what leaves is what was planned; whatever happened is written down with what it cost. What it can't know it
// says: an effect without an answer is `unknown` unless repeating it is provably harmless.
import {
  type BuiltRequest,
  buildRequest,
  type Cost,
  differsFromPlanned,
  type Instance,
  type LoadedProvider,
  type Moves,
  type OperationCall,
  type OperationEntry,
  operationOf,
  type Performed,
  type PerformFailure,
  type PlannedRequest,
  parseInput,
  perform,
  requestDigestOf,
} from './adapter/index.ts'
import type { Attempt, Door } from './egress/index.ts'
import {
  type Clock,
  FabricError,
  isFabricError,
  type JsonObject,
  type Redactor,
  type Trace,
  timestamp,
  toFabricError,
  ulid,
} from './foundation/index.ts'
import type { Budget, BudgetLedger } from './governor/index.ts'
import { type Action, type Guard, isStricter, type Verdict } from './guard/index.ts'
import { type CommitResult, keyOf, type LogEntry, type Store, type Write } from './store/index.ts'
import type { SecretSource } from './vault/index.ts'
import type { WitnessEntry } from './witness/index.ts'

/** The rooms that an action passes through. */
export interface PipelineParts {
  store: Store
  guard: Guard
  ledger: BudgetLedger
  door: Door
  secretsOf: (instance: Instance, provider: LoadedProvider) => SecretSource
  redactor: Redactor
  clock: Clock
}

/** Who acts, and on whose behalf. */
export interface Acting {
  actor: string
  session: string
  why?: string
  onBehalfOf?: string
}

/** How the step's record moves; the run that owns the record builds the writes, the pipeline commits them. */
export interface StepJournal {
  /** Compares-and-swaps the record to begun; loses against a newer token. */
  begin(facts: BeginFacts): Write
  /** The record's write first, then whatever belongs to it. */
  end(outcome: Outcome, at: string): [Write, ...Write[]]
  /** After each commit: the record's revision, and the sequence number of the witness entry that went with it. */
  wrote(revision: number, witness: number | undefined): void
}

export interface BeginFacts {
  at: string
  input: JsonObject
  before?: JsonObject
  reservation?: string
  /** What it will have cost when it turns out to be done. */
  estimateMicroUsd: number
}

/** One action on its way: what is given, and what the stages find. */
export interface Passage {
  acting: Acting
  run: string | undefined
  step: string
  plan: string | undefined
  instance: Instance
  provider: LoadedProvider
  entry: OperationEntry
  /** References filled. */
  input: JsonObject
  /** What the plan showed; what leaves must be that. */
  planned: PlannedRequest | undefined
  /** A person said yes to the plan that this belongs to. */
  approved: boolean
  /** Undo is never refused for budget. */
  free?: boolean
  /** An earlier attempt of this step may have happened. */
  begunBefore?: boolean
  budgets: readonly Budget[]
  /** Sent where the vendor takes one. */
  idempotencyKey: string
  journal: StepJournal | undefined
  timeoutMs: number
  signal: AbortSignal | undefined
  trace: Trace
  onAttempt?: (attempt: Attempt) => void
  dryRun?: boolean

  built?: BuiltRequest
  cost?: Cost
  before?: JsonObject
  reservation?: string
  performed?: Performed
  failure?: FabricError
  outcome?: Outcome
}

export interface Outcome {
  /** `unknown`: it may have happened and nobody can tell. */
  state: 'done' | 'failed' | 'unknown'
  /** Failed, and it may have happened, but sending it again is harmless. */
  uncertain: boolean
  result?: JsonObject
  before?: JsonObject
  error?: FabricError
  verified?: 'confirmed' | 'refuted' | 'unknown'
  costMicroUsd: number
  durationMs: number
  attempts: number
  vendorRequestId?: string
  /** Sequence number of the last witness entry. */
  witness: number
}

type Stage = (parts: PipelineParts, passage: Passage) => void | Promise<void>

/** The way. Until `begin` a failure leaves nothing behind but its witness entry. */
const WAY: readonly (readonly [name: string, stage: Stage])[] = [
  ['plan', planStage],
  ['judge', judgeStage],
  ['look', lookStage],
  ['begin', beginStage],
  ['execute', executeStage],
  ['end', endStage],
  ['read back', readBackStage],
]

/** Takes one action all the way. Resolves with its outcome, refusals included; rejects only when the store fails. */
export async function act(parts: PipelineParts, passage: Passage): Promise<Outcome> {
  const started = parts.clock.monotonic()
  for (const [name, stage] of WAY) {
    try {
      await passage.trace.span(name, { step: passage.step, operation: passage.entry.id }, async () =>
        stage(parts, passage),
      )
    } catch (thrown) {
      if (name === 'begin' && isFabricError(thrown) && thrown.code === 'IF_ERR_CONFLICT')
        throw claimLost(passage, thrown)
      if (passage.outcome || !isFabricError(thrown) || thrown.code === 'IF_ERR_STORE_UNAVAILABLE') throw thrown
      passage.outcome = refusal(passage, thrown)
      await witnessOutcome(parts, passage, 'step.denied')
    }
    if (passage.outcome) passage.outcome.durationMs = parts.clock.monotonic() - started
    if (passage.outcome && (passage.outcome.state !== 'done' || passage.dryRun)) break
  }
  if (!passage.outcome)
    throw new FabricError('IF_ERR_INTERNAL', `step ${passage.step} left the pipeline without an outcome`)
  return passage.outcome
}

/** What an action would send, cost and move. Pure: no credential, no clock, no network. */
export function planAction(options: {
  provider: LoadedProvider
  instance: Instance
  entry: OperationEntry
  input: JsonObject
}): {
  built: BuiltRequest
  cost: Cost
  moves: Moves | undefined
} {
  const { operation } = options.entry
  return {
    built: buildRequest(options),
    cost: operation.cost === 'free' ? { kind: 'free' } : operation.cost(options.input),
    moves: operation.moves?.(options.input),
  }
}

/** The guard's view of an action; effect and labels are those of the signed manifest. */
export async function describeAction(
  store: Store,
  of: Pick<Passage, 'acting' | 'step' | 'instance' | 'provider' | 'entry' | 'input'> & {
    cost: Cost
    moves: Moves | undefined
  },
): Promise<Action> {
  const { acting, step, instance, provider, entry, input, cost, moves } = of
  const madeId = entry.effect === 'delete' && typeof input.id === 'string' ? input.id : undefined
  return {
    step,
    actor: acting.actor,
    session: acting.session,
    instance: instance.name,
    provider: provider.definition.id,
    tags: instance.tags,
    operation: entry.id,
    effect: entry.effect,
    labels: entry.labels,
    input,
    moves,
    why: acting.why,
    costUnknown: cost.kind === 'unknown',
    madeHere: madeId !== undefined && (await store.get(madeKey(acting.session, instance.name, madeId))) !== undefined,
  }
}

function planStage(_parts: PipelineParts, passage: Passage): void {
  const { built, cost } = planAction(passage)
  if (built.unset.length > 0) {
    throw new FabricError(
      'IF_ERR_INVALID_INPUT',
      `${passage.instance.name} has no value for ${built.unset.join(', ')}`,
      {
        hint: `Add the instance again with ${built.unset.map((name) => `--set ${name}=…`).join(' ')}.`,
      },
    )
  }
  const difference = passage.planned && differsFromPlanned(passage.planned, built.planned)
  if (difference) {
    throw new FabricError(
      'IF_ERR_PLAN_MOVED',
      `step ${passage.step} would send another request than was planned: ${difference}`,
      {
        hint: 'Plan again.',
      },
    )
  }
  passage.built = built
  passage.cost = cost
}

async function judgeStage(parts: PipelineParts, passage: Passage): Promise<void> {
  const moves = passage.entry.operation.moves?.(passage.input)
  const action = await describeAction(parts.store, { ...passage, cost: passage.cost ?? { kind: 'free' }, moves })
  const verdict = parts.guard.judge(action)
  if (verdict.decision === 'deny') throw denied(verdict)
  if (isStricter(verdict.decision, 'allow') && !passage.approved) throw approvalMissing(verdict, passage.plan)
}

/**
 * What is there before the effect, for the undo. A credential that may act but not look acts without: its undo then says
 * what it lacks. Any other failure refuses the action, as it would have failed as well or could not be taken back.
 */
async function lookStage(parts: PipelineParts, passage: Passage): Promise<void> {
  const call = passage.entry.operation.before?.(passage.input)
  if (!call || passage.dryRun) return
  try {
    passage.before = await read(parts, passage, call)
  } catch (thrown) {
    if (!isFabricError(thrown) || thrown.code !== 'IF_ERR_AUTH_FAILED') throw thrown
  }
}

/** Holds the greatest cost and says durably that the step begins, in one commit; an older token loses here. */
async function beginStage(parts: PipelineParts, passage: Passage): Promise<void> {
  const { entry, cost, journal } = passage
  const at = timestamp(parts.clock.now())
  const maxMicroUsd = cost?.kind === 'priced' ? cost.maxMicroUsd : 0
  // A step that begins again keeps the hold of its earlier attempt.
  const earlier = passage.reservation
  const reservation = earlier ?? (maxMicroUsd > 0 ? ulid() : undefined)
  const effectful = entry.effect !== 'read'
  const begin =
    effectful && !passage.dryRun
      ? journal?.begin({
          at,
          input: passage.input,
          estimateMicroUsd: cost?.kind === 'priced' ? cost.estimateMicroUsd : 0,
          ...optional('before', passage.before),
          ...optional('reservation', reservation),
        })
      : undefined
  const attached = {
    writes: begin ? [begin] : [],
    log:
      effectful && !passage.dryRun
        ? [entryOf(passage, 'step.begin', at, optional('request', passage.built && requestDigestOf(passage.built)))]
        : [],
  }
  let committed: CommitResult | undefined
  if (reservation && !earlier) {
    const owner = keyOf('step', passage.run ?? 'call', passage.step)
    const budgets = passage.free
      ? passage.budgets.map((budget) => ({ ...budget, limitMicroUsd: null }))
      : passage.budgets
    committed = await parts.ledger.hold({ id: reservation, owner, maxMicroUsd, budgets, ...attached })
    passage.reservation = reservation
  } else if (attached.log.length > 0) committed = await parts.store.commit(attached.writes, attached.log)
  if (begin && committed) journal?.wrote(committed.revisions[0] ?? 0, committed.sequences[0])
  if (passage.dryRun) {
    if (reservation) await parts.ledger.settle({ id: reservation, actualMicroUsd: 0, writes: [], log: [] })
    passage.outcome = { state: 'done', uncertain: false, costMicroUsd: 0, durationMs: 0, attempts: 0, witness: -1 }
  }
}

async function executeStage(parts: PipelineParts, passage: Passage): Promise<void> {
  try {
    passage.performed = await perform({
      ...door(parts, passage),
      entry: passage.entry,
      input: passage.input,
      ...optional('built', passage.built),
      idempotencyKey: passage.idempotencyKey,
      ...optional('onAttempt', passage.onAttempt),
    })
  } catch (thrown) {
    passage.failure = toFabricError(thrown)
  }
}

/** Outcome, actual cost and the log entry in one commit. A cost stays held while the outcome is unknown. */
async function endStage(parts: PipelineParts, passage: Passage): Promise<void> {
  passage.outcome = passage.performed
    ? success(passage, passage.performed)
    : await failure(parts, passage, passage.failure)
  await witnessOutcome(parts, passage, 'step.end')
}

/** Reads the effect back where the definition can. What happened is on record already: this only adds to it. */
async function readBackStage(parts: PipelineParts, passage: Passage): Promise<void> {
  const { outcome, entry, input } = passage
  if (!outcome || entry.effect === 'read') return
  const check = entry.operation.verify?.({ input, result: outcome.result })
  if (!check) return
  outcome.verified = await read(parts, passage, check).then(
    (seen) => (check.holds(seen) ? 'confirmed' : check.consistency === 'immediate' ? 'refuted' : 'unknown'),
    () => 'unknown' as const,
  )
  await witnessOutcome(parts, passage, 'step.verify')
}

async function witnessOutcome(
  parts: PipelineParts,
  passage: Passage,
  kind: 'step.denied' | 'step.end' | 'step.verify',
): Promise<void> {
  const { outcome, journal, reservation, acting, instance } = passage
  if (!outcome) return
  const at = timestamp(parts.clock.now())
  const log: LogEntry[] = [entryOf(passage, kind, at, endFacts(passage, outcome))]
  const end = journal?.end(outcome, at) ?? []
  const madeId =
    kind === 'step.end' && outcome.state === 'done' && MAKES.has(passage.entry.effect) ? outcome.result?.id : undefined
  const made: Write[] =
    typeof madeId === 'string'
      ? [
          {
            key: madeKey(acting.session, instance.name, madeId),
            value: { at, operation: passage.entry.id },
            expect: 'any',
          },
        ]
      : []
  const writes = [...end, ...made]
  const mayHaveHappened = outcome.state === 'unknown' || outcome.uncertain
  const settles = reservation !== undefined && kind === 'step.end' && !mayHaveHappened
  const committed = settles
    ? await parts.ledger.settle({ id: reservation, actualMicroUsd: outcome.costMicroUsd, writes, log })
    : await parts.store.commit(writes, log)
  outcome.witness = committed.sequences[0] ?? outcome.witness
  if (end.length > 0) journal?.wrote(committed.revisions[0] ?? 0, committed.sequences[0])
}

const MAKES: ReadonlySet<string> = new Set(['create', 'send', 'charge'])

/** Where the store remembers what a session made, so that it may delete it. */
const madeKey = (session: string, instance: string, id: string): string => keyOf('made', session, instance, id)

function success(passage: Passage, performed: Performed): Outcome {
  return {
    state: 'done',
    uncertain: false,
    result: performed.result,
    ...optional('before', passage.before),
    costMicroUsd: passage.cost?.kind === 'priced' ? passage.cost.estimateMicroUsd : 0,
    durationMs: 0,
    attempts: performed.attempts.length,
    ...optional('vendorRequestId', performed.vendorRequestId),
    witness: -1,
  }
}

/** Certain failures free the cost; an answer that never came is repeatable, read back, or unknown. */
async function failure(parts: PipelineParts, passage: Passage, error: FabricError | undefined): Promise<Outcome> {
  const thrown = error ?? new FabricError('IF_ERR_INTERNAL', 'an action without result and without error')
  const details = thrown.details as Partial<PerformFailure>
  const base = {
    ...optional('before', passage.before),
    costMicroUsd: 0,
    durationMs: 0,
    attempts: details.attempts?.length ?? 0,
    ...optional('vendorRequestId', details.vendorRequestId),
    witness: -1,
  }
  const certain =
    passage.entry.effect === 'read' ||
    (details.outcome === 'not-done' && (!passage.begunBefore || speaksForEarlier(passage, details.status)))
  if (certain) return { state: 'failed', uncertain: false, error: thrown, ...base }
  if (isRepeatable(passage)) return { state: 'failed', uncertain: true, error: thrown, ...base }
  const seen = await lookForEffect(parts, passage)
  if (seen === 'happened') {
    const costMicroUsd = passage.cost?.kind === 'priced' ? passage.cost.estimateMicroUsd : 0
    return { ...base, state: 'done', uncertain: false, result: {}, verified: 'confirmed', costMicroUsd }
  }
  if (seen === 'did-not-happen') return { state: 'failed', uncertain: false, error: thrown, ...base }
  return { state: 'unknown', uncertain: false, error: outcomeUnknown(passage, thrown), ...base }
}

/** A refusal under the same key is the vendor's word on every attempt; one that comes before the vendor looked is not. */
const speaksForEarlier = (passage: Passage, status: number | undefined): boolean =>
  passage.built?.idempotencyHeader !== undefined && status !== undefined && JUDGED.has(status)

const JUDGED: ReadonlySet<number> = new Set([400, 402, 404, 410, 422])

/** Whether sending it again can do no harm: by the vendor's idempotency key, or by the operation's nature. */
export const isRepeatable = (passage: Pick<Passage, 'entry' | 'built'>): boolean =>
  passage.entry.effect === 'read' ||
  passage.entry.operation.idempotent === true ||
  passage.built?.idempotencyHeader !== undefined

/** An immediately consistent read-back that needs no result tells whether an unanswered effect took place. */
export async function lookForEffect(
  parts: PipelineParts,
  passage: Passage,
): Promise<'happened' | 'did-not-happen' | 'cannot-tell'> {
  const check = passage.entry.operation.verify?.({ input: passage.input, result: undefined })
  if (check?.consistency !== 'immediate') return 'cannot-tell'
  try {
    return check.holds(await read(parts, passage, check)) ? 'happened' : 'did-not-happen'
  } catch {
    return 'cannot-tell' // whatever hindered the read, it tells nothing about the effect
  }
}

/** A read of the same instance that belongs to a step: same door, same manifest, no record of its own. */
async function read(parts: PipelineParts, passage: Passage, call: OperationCall): Promise<JsonObject> {
  const entry = operationOf(passage.provider, call.operation)
  if (entry.effect !== 'read')
    throw new FabricError('IF_ERR_INTERNAL', `${call.operation} is no read and can't look around another operation`)
  const { result } = await perform({ ...door(parts, passage), entry, input: parseInput(entry, call.input) })
  return result
}

const door = (parts: PipelineParts, passage: Passage) => ({
  provider: passage.provider,
  instance: passage.instance,
  door: parts.door,
  secrets: parts.secretsOf(passage.instance, passage.provider),
  timeoutMs: passage.timeoutMs,
  ...optional('signal', passage.signal),
})

function entryOf(passage: Passage, kind: string, at: string, facts: Partial<WitnessEntry>): LogEntry {
  const { acting, run, step, plan, instance, provider, entry, trace } = passage
  return {
    kind,
    at,
    actor: acting.actor,
    session: acting.session,
    trace: trace.traceId,
    ...optional('why', acting.why),
    ...optional('onBehalfOf', acting.onBehalfOf),
    ...optional('run', run),
    ...optional('plan', plan),
    step,
    instance: instance.name,
    provider: provider.definition.id,
    operation: entry.id,
    effect: entry.effect,
    ...facts,
  } as LogEntry // optional members are left out above, never undefined
}

function endFacts(passage: Passage, outcome: Outcome): Partial<WitnessEntry> {
  const moves = outcome.state === 'done' ? passage.entry.operation.moves?.(passage.input) : undefined
  return {
    outcome: outcome.state,
    costMicroUsd: outcome.costMicroUsd,
    ...optional('request', passage.performed?.requestDigest),
    ...optional('response', passage.performed?.responseDigest),
    ...optional('vendorRequestId', outcome.vendorRequestId),
    ...optional('verified', outcome.verified),
    ...(moves ? { moves: { amount: moves.amountMinor, currency: moves.currency, direction: moves.direction } } : {}),
    ...(outcome.error ? { detail: { code: outcome.error.code, message: outcome.error.message } } : {}),
  }
}

function refusal(passage: Passage, error: FabricError): Outcome {
  return {
    state: 'failed',
    uncertain: passage.begunBefore === true,
    error,
    ...optional('before', passage.before),
    costMicroUsd: 0,
    durationMs: 0,
    attempts: 0,
    witness: -1,
  }
}

const claimLost = (passage: Passage, cause: FabricError): FabricError =>
  new FabricError(
    'IF_ERR_CLAIM_LOST',
    `another process took over run ${passage.run ?? ''}; step ${passage.step} was not sent`,
    { cause },
  )

function denied(verdict: Verdict): FabricError {
  const text = verdict.reasons.map((reason) => `${reason.rule}: ${reason.text}`).join('; ')
  return new FabricError('IF_ERR_POLICY_DENIED', text, { details: { reasons: verdict.reasons } })
}

/** What to say when a rule asks and nobody has answered. */
export function approvalMissing(verdict: Verdict, plan: string | undefined): FabricError {
  const rules = verdict.reasons.map((reason) => reason.rule).join(', ')
  return new FabricError(
    'IF_ERR_APPROVAL_REQUIRED',
    `${rules} ask${verdict.reasons.length === 1 ? 's' : ''} for an approval`,
    {
      hint: 'A person grants it; then apply the same plan again.',
      ...(plan ? { next: `ifab approval grant ${plan.slice(0, 8)}` } : {}),
      details: { reasons: verdict.reasons, ...(plan ? { plan } : {}) },
    },
  )
}

function outcomeUnknown(passage: Passage, cause: FabricError): FabricError {
  const where = passage.run
    ? `ifab run settle ${passage.run.slice(-8).toLowerCase()} ${passage.step} --as done|not-done --why '…'`
    : undefined
  return new FabricError(
    'IF_ERR_OUTCOME_UNKNOWN',
    `${passage.entry.id} left for ${passage.instance.name} and no answer came: ${cause.message}`,
    {
      hint: `Look at ${passage.provider.definition.name} whether it happened, then settle the step.`,
      ...(where ? { next: where } : {}),
      cause,
      details: { ...cause.details, cause: cause.code },
    },
  )
}

/** A member that is left out where there is no value. */
const optional = <K extends string, V>(name: K, value: V | undefined): { [P in K]?: V } =>
  (value === undefined ? {} : { [name]: value }) as { [P in K]?: V }
