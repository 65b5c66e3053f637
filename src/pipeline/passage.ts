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
import type { Budget, BudgetLedger } from '../governor/index.ts'
import type { Guard } from '../guard/index.ts'
import type { Store, Write } from '../store/index.ts'
import type { SecretSource } from '../vault/index.ts'
import type { Fence } from './fence.ts'

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
  /** The claim that an effect is done under, where it is done for a task. */
  fence?: Fence
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
  /** Monotonic milliseconds, of the claim: from then on nothing leaves. */
  heldUntil?: number
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
