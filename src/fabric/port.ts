// The face of the fabric: what the command, the library and later the daemon call. `fabric.ts` composes it.
import type { Instance } from '../adapter/index.ts'
import type { CoordinatorPort } from '../coordinator/index.ts'
import type { JsonObject, JsonValue, LogLevel, Span } from '../foundation/index.ts'
import type { BudgetPer, MoneyMode } from '../governor/index.ts'
import type { TaskClaim } from '../pipeline/index.ts'
import type { OnRunEvent, OnStepPiece, Plan, RunRecord, StepRecord } from '../runs/index.ts'
import type { Governing } from './governing-port.ts'
import type { Hooks } from './hooks-port.ts'
import type { Intent } from './intent.ts'
import type { Modules, VaultKeys } from './modules-port.ts'
import type {
  AddInstance,
  ConnectedInstance,
  ConnectInstance,
  HealthReport,
  ProviderDetail,
  ProviderSummary,
  SecretInput,
} from './providers-port.ts'

export type {
  AddInstance,
  ConnectedInstance,
  ConnectInstance,
  HealthReport,
  OperationDetail,
  ProviderDetail,
  ProviderSummary,
  SecretInput,
} from './providers-port.ts'
export type { Intent }

export interface PlanOptions {
  /** The actor's justification, in every witness entry of the action. */
  why?: string
  onBehalfOf?: string
}

export interface ApplyOptions {
  why?: string
  /**
   * The task this is done for, and the token of its claim: once that has ended or its lease may have, nothing begins and
   * nothing leaves any more (IF_ERR_CLAIM_LOST).
   */
  claim?: TaskClaim
  /** Gives up at once; what is under way ends with an unknown outcome. */
  signal?: AbortSignal
  /** Starts nothing more and waits for what is under way; the run can be resumed. */
  stop?: AbortSignal
  /** Of each call, instead of the instance's own. */
  timeoutMs?: number
  /** Steps at the same time. Default 10. */
  parallelism?: number
  onEvent?: OnRunEvent
  /**
   * Gets the answer of a step that streams piece by piece; the next one waits for what it returns. Where it rejects the
   * answer is left, and its step ends with what had come.
   */
  onPiece?: OnStepPiece
  /**
   * Called when the verdict asks: true approves as this actor (persons only), false denies, undefined leaves it waiting
   * (IF_ERR_APPROVAL_REQUIRED).
   */
  approve?: (plan: Plan) => Promise<boolean | undefined>
  /**
   * Waits until somebody has granted or denied what the verdict asks for, instead of IF_ERR_APPROVAL_REQUIRED at once;
   * with a limit that long at most. `stop` and `signal` end the waiting.
   */
  waitForApproval?: boolean | { timeoutMs: number }
  /** All but the send: judge, reserve, then release. Nothing leaves. */
  dryRun?: boolean
}

export type StreamOptions = PlanOptions & Omit<ApplyOptions, 'onPiece' | 'dryRun'>

/** The pieces of an answer. Who stops reading leaves it: the run then ends with what had come. */
export interface FabricStream extends AsyncIterable<JsonObject> {
  /** What became of it: resolves when it has ended, in whatever state. */
  readonly run: Promise<Run>
}

export interface Receipt {
  run: string | null
  step: string
  instance: string
  operation: string
  state: StepRecord['state']
  result: JsonObject | null
  verified: 'confirmed' | 'refuted' | 'unknown' | null
  costUsd: number
  durationMs: number
  vendorRequestId: string | null
  /** Sequence number in the witness log. */
  witness: number
}

export interface Run {
  id: string
  plan: string
  state: RunRecord['state']
  actor: string
  startedAt: string
  endedAt: string | null
  costUsd: number
  /** What is left for whoever ran it. */
  money: MoneyView
  receipts: Receipt[]
  /** The whole records, for `run show`. */
  record: RunRecord
  steps: StepRecord[]
}

export interface Finding {
  assumption:
    | 'schema'
    | 'references'
    | 'policy'
    | 'budget'
    | 'breaker'
    | 'credential'
    | 'accepted'
    | 'reachable'
    | 'history'
  step: string | null
  instance: string | null
  holds: boolean
  /** What was found, and what to do where it does not hold. */
  text: string
  next?: string
}

export interface ApprovalView {
  plan: string
  state: 'waiting' | 'granted' | 'denied' | 'used' | 'expired'
  requestedBy: string
  requestedAt: string
  expiresAt: string
  decidedBy: string | null
  decidedAt: string | null
  why: string | null
  summary: string
  /** So many of each group have to say yes. */
  needs: { of: string; count: number }[]
  /** Who has said yes so far. */
  yes: { by: string; at: string }[]
}

export interface BudgetView {
  /** With the group that it counts for: `support[swarm=desk]`. */
  name: string
  /** cost: what calls cost us, in USD. outflow: what payments carry out. */
  kind: 'cost' | 'outflow'
  currency: string
  per: BudgetPer
  timeZone: string
  /** A soft one warns and refuses nothing. */
  hard: boolean
  /** Null without a limit, and of an outflow. */
  limitUsd: number | null
  settledUsd: number | null
  heldUsd: number | null
  /** Micro-USD of a cost, minor units of an outflow. */
  limit: number | null
  settled: number
  held: number
  /** How to go about with what is left of a hard cost budget; null of an outflow. */
  mode: MoneyMode | null
  resetsAt: string | null
}

/** How an agent should go about with the money that its tightest budget has left. */
export interface MoneyView {
  /** normal → focus (half is left) → consolidate (a fifth) → stop (nothing). */
  mode: MoneyMode
  budget: string | null
  leftUsd: number | null
  limitUsd: number | null
}

export interface DoctorCheck {
  name: string
  ok: boolean
  text: string
  next?: string
}

export interface ServeTwins {
  providers: string[]
  /** Of the first twin, the next ones follow. Default: free ones. */
  port?: number
  /** Folder of vendors' API descriptions; requests and answers that they refuse are refused. */
  specs?: string
  /** `payment.create:503@0.3`, optionally behind a provider: `stripe/payment.create:503@0.3`. */
  faults?: string[]
  /** Of the faults' chance. */
  seed?: number
}

export interface ServedTwins {
  twins: {
    provider: string
    url: string
    secrets: Record<string, string>
    effects: () => readonly { operation: string; key: string | null; id: string | null }[]
  }[]
  close(): Promise<void>
}

/** What a token may do: read, work on tasks, plan and perform actions, decide approvals, change the home. */
export const TOKEN_SCOPES = ['read', 'tasks', 'actions', 'approval:grant', 'admin'] as const
export type TokenScope = (typeof TOKEN_SCOPES)[number]

export interface CreateToken {
  /** Who acts with it: `if://agent/refunds`. */
  actor: string
  /** Default read, tasks, actions. An agent, swarm or session never gets `approval:grant` or `admin`. */
  scopes?: readonly TokenScope[]
  /** Swarms whose tasks it may add and claim. Default: all. */
  swarms?: readonly string[]
  /** Milliseconds. Default 24 h. */
  ttlMs?: number
  /** What it is for, shown in lists. */
  note?: string
}

export interface TokenView {
  id: string
  actor: string
  scopes: readonly TokenScope[]
  /** Null: all. */
  swarms: readonly string[] | null
  note: string | null
  createdAt: string
  createdBy: string
  expiresAt: string
  revokedAt: string | null
}

/** The project (`ifab.yaml`) that a home was opened in. */
export interface ProjectView {
  file: string
  name: string
  /** Those that only the project has can be planned, and act once they are added to the home. */
  instances: { name: string; provider: string; tags: Record<string, string>; settings: Record<string, string> }[]
}

/** Which fabric it is: the home itself, or a daemon that has it open. */
export type Way =
  | { kind: 'home'; home: string }
  | {
      kind: 'daemon'
      /** `unix:/…/ifab.sock` or `http://127.0.0.1:7420`. */
      address: string
      version: string
      /** Name of the context, where one was used. */
      context: string | null
      /** On this machine. */
      isLocal: boolean
    }

export interface WitnessReport {
  ok: boolean
  size: number
  /** Base64 root of the tree; null where the log can't be read that far. */
  root: string | null
  origin: string
  problems: { kind: string; seq?: number; message: string }[]
}

export interface Fabric extends Governing, Hooks, Modules, VaultKeys {
  /** The home it works on; of a daemon, the daemon's. */
  readonly home: string
  readonly way: Way
  /** Undefined where there is none, and for a daemon, which was opened in its own. */
  readonly project?: ProjectView
  readonly actor: string
  readonly session: string
  /** Spans so far, when opened with `trace`. */
  readonly trace: { traceId: string; spans: readonly Span[] }

  providers(): Promise<ProviderSummary[]>
  provider(id: string): Promise<ProviderDetail>

  instances(): Promise<Instance[]>
  instance(name: string): Promise<Instance>
  addInstance(options: AddInstance): Promise<Instance>
  removeInstance(name: string): Promise<void>
  /** The provider's cheapest read that proves the credential. */
  testInstance(name: string, options?: { signal?: AbortSignal }): Promise<HealthReport>
  /**
   * Has a person let the instance in at its provider, and keeps what comes of it. IF_ERR_UNSUPPORTED where the provider takes
   * no consent, IF_ERR_AUTH_FAILED where it is refused, IF_ERR_TIMEOUT where nobody consents in time.
   */
  connectInstance(name: string, options: ConnectInstance): Promise<ConnectedInstance>

  setSecret(instance: string, name: string, secret: SecretInput): Promise<void>
  /** The health read with a new value in place of the one in use, which stays. */
  testSecret(
    instance: string,
    name: string,
    secret: SecretInput,
    options?: { signal?: AbortSignal },
  ): Promise<HealthReport>
  secrets(instance?: string): Promise<{ instance: string; name: string; kind: string; setAt: string | null }[]>

  /** With `stream` the answer is to come in pieces: IF_ERR_UNSUPPORTED where it does not. */
  plan(intent: Intent, options?: PlanOptions & { stream?: boolean }): Promise<Plan>
  /** Plans the steps of a playbook. With `text` no file is read: `file` only names it. */
  planPlaybook(
    file: string,
    inputs: Record<string, JsonValue>,
    options?: PlanOptions & { text?: string },
  ): Promise<Plan>
  /** A stored plan by digest, a unique piece of it, or `last`. */
  readPlan(reference: string): Promise<Plan>
  /** Checks and stores a plan that came from a file. */
  importPlan(plan: unknown): Promise<Plan>
  /** Why a plan is decided as it is: the plan judged again now. */
  falsify(plan: Plan, options?: { signal?: AbortSignal }): Promise<Finding[]>

  apply(plan: Plan, options?: ApplyOptions): Promise<Run>
  /**
   * Plans one operation and applies it, its answer handed out as it comes. Nothing begins before somebody reads; what a rule
   * asks for is asked for as `apply` does. IF_ERR_UNSUPPORTED, with nothing sent, where the answer does not stream.
   */
  stream(intent: Intent, options?: StreamOptions): FabricStream
  resume(run: string, options?: ApplyOptions): Promise<Run>
  /** Undoes a run, or one step (`RUN/STEP`). */
  undo(reference: string, options?: ApplyOptions): Promise<Run>
  settle(
    run: string,
    step: string,
    as: 'done' | 'not-done',
    options: { why: string; result?: JsonObject },
  ): Promise<Run>
  cancel(run: string, options?: { why?: string }): Promise<Run>
  runs(options?: { state?: RunRecord['state']; sinceMs?: number; limit?: number }): Promise<RunRecord[]>
  /** A run by id, a unique piece of it, or `last`. */
  run(reference: string): Promise<Run>

  /** Each try of a step, redacted: the planned request and how every try ended. Undefined where none is kept. */
  attempts(run: string, step: string): Promise<JsonObject | undefined>

  /** Performs a read; anything else is refused with the command that plans it. */
  call(intent: Intent, options?: PlanOptions & { signal?: AbortSignal }): Promise<Receipt>
  /** Follows a stream until the signal aborts. */
  watch(intent: Intent, options?: PlanOptions & { signal?: AbortSignal }): AsyncIterable<JsonObject>

  approvals(): Promise<ApprovalView[]>
  approval(reference: string): Promise<ApprovalView>
  decideApproval(reference: string, decision: 'grant' | 'deny', options: { why?: string }): Promise<ApprovalView>
  budgets(): Promise<BudgetView[]>
  /** What is left for this actor, session and swarm, and for a task. */
  money(options?: { task?: string }): Promise<MoneyView>

  witnessEntries(options?: {
    from?: number
    limit?: number
    reverse?: boolean
    run?: string
  }): AsyncIterable<JsonObject>
  verifyWitness(): Promise<WitnessReport>

  /** Tasks of swarms. Opened at the first call: on a home that reads all tasks. */
  coordinator(): Promise<CoordinatorPort>

  /** Makes a bearer token for a daemon of this home; its text is told once and never stored. */
  createToken(options: CreateToken): Promise<TokenView & { token: string }>
  tokens(): Promise<TokenView[]>
  /** By id or a unique piece of it; connections that use it are closed. */
  revokeToken(reference: string): Promise<TokenView>

  /** Serves twins on loopback until closed; `addInstance({ twin: true })` on this home finds them meanwhile. */
  serveTwins(options: ServeTwins): Promise<ServedTwins>

  doctor(): Promise<DoctorCheck[]>
  close(): Promise<void>
}

export interface OpenFabricOptions {
  /** Default IFAB_HOME, else ~/.ifab. Made when absent. */
  home?: string
  /** Default `if://person/<os user>`. */
  actor?: string
  /** Default IFAB_SESSION, else one per actor and day. */
  session?: string
  why?: string
  /** Collects spans; a string is the trace id to use. */
  trace?: boolean | string
  /** How long the process that works on a run may be silent before another may take the run over. Default 30,000. */
  leaseMs?: number
  /** Of log lines on stderr. Default: the home's config, else `warn`. */
  logLevel?: LogLevel
  env?: Record<string, string | undefined>
  /** An `ifab.yaml`, its folder, or `none`. Default IFAB_PROJECT, else the working folder and those above it are searched. */
  project?: string
}
