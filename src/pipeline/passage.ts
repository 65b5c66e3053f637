// One action on its way, as the stages see it: what is given, what they find, what it came to.
import type {
  BuiltRequest,
  Cost,
  Instance,
  LoadedProvider,
  OperationEntry,
  Performed,
  PlannedRequest,
} from '../adapter/index.ts'
import type { Attempt, Door } from '../egress/index.ts'
import type { Clock, FabricError, JsonObject, Redactor, Trace } from '../foundation/index.ts'
import type {
  Admission,
  Breakers,
  Budget,
  BudgetBook,
  BudgetLedger,
  BudgetWarning,
  Freezes,
  RateLimit,
  RateLimits,
  Reputations,
  Slo,
} from '../governor/index.ts'
import type { Guard, Judged, Sequences, Touch } from '../guard/index.ts'
import type { Store, Write } from '../store/index.ts'
import type { SecretSource } from '../vault/index.ts'
import type { Fence } from './fence.ts'

/** The rooms that an action passes through. */
export interface PipelineParts {
  store: Store
  guard: Guard
  sequences: Sequences
  judged: Judged
  ledger: BudgetLedger
  /** Budgets of the home. */
  budgets: BudgetBook
  breakers: Breakers
  rateLimits: RateLimits
  /** How often the swarm may call, where the home says so. */
  swarmRate: (swarm: string) => RateLimit | undefined
  reputations: Reputations
  slo: Slo
  freezes: Freezes
  door: Door
  secretsOf: (instance: Instance, provider: LoadedProvider) => SecretSource
  redactor: Redactor
  clock: Clock
}

/** Who acts, and on whose behalf. */
export interface Acting {
  actor: string
  session: string
  /** The swarm that the actor belongs to, where it is known. */
  swarm?: string
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
  /** What it will have paid out then, in minor units. */
  outflowMinor?: number
}

/** One action on its way: what is given, and what the stages find. */
export interface Passage {
  acting: Acting
  run: string | undefined
  step: string
  plan: string | undefined
  /** Steps of the plan. */
  planSize: number
  instance: Instance
  provider: LoadedProvider
  entry: OperationEntry
  /** References filled. */
  input: JsonObject
  /** What the plan showed; what leaves must be that. */
  planned: PlannedRequest | undefined
  /** A person said yes to the plan that this belongs to. */
  approved: boolean
  /** The rules that asked when they did. Absent: the yes covers whatever asks. */
  approvedRules?: ReadonlySet<string>
  /** Undo is never refused for budget. */
  free?: boolean
  /** An earlier attempt of this step may have happened. */
  begunBefore?: boolean
  /** Of the run, where its playbook sets one. */
  runBudget?: Budget
  /** Told of budgets that this action brings near their limit. */
  onWarning?: (warning: BudgetWarning) => void
  /** The claim that an effect is done under, where it is done for a task. */
  fence?: Fence
  /** Sent where the vendor takes one. */
  idempotencyKey: string
  journal: StepJournal | undefined
  timeoutMs: number
  signal: AbortSignal | undefined
  trace: Trace
  onAttempt?: (attempt: Attempt) => void
  /** Gets an answer that streams piece by piece; the next one waits for it. A rejection leaves the stream. */
  onPiece?: (piece: JsonObject) => void | Promise<void>
  dryRun?: boolean
  /** Its result stays inside, as that of a health check: the session has not touched it. */
  unmarked?: boolean

  /** What the guard said, to be kept with what becomes of it. */
  judgement?: Write
  /** To be told how it went. */
  admissions?: { instance?: Admission; swarm?: Admission }
  built?: BuiltRequest
  cost?: Cost
  before?: JsonObject
  reservation?: string
  /** What it pays out, in minor units, as far as a budget holds it. */
  outflowMinor?: number
  /** Monotonic milliseconds, of the claim: from then on nothing leaves. */
  heldUntil?: number
  /** Made before its first piece was handed out. */
  touch?: Touch | undefined
  /** Of the call itself. */
  tookMs?: number
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
  /** Of the call itself; 0 where nothing was called. */
  durationMs: number
  attempts: number
  vendorRequestId?: string
  /** Sequence number of the last witness entry. */
  witness: number
}
