// Every error that a person or program outside can see. The table is the contract: docs/errors.md is generated from it,
// a code never changes its meaning, and a new code is added here or nowhere.

/** Process exit codes of `ifab`. */
export const EXIT = {
  ok: 0,
  failed: 1,
  usage: 2,
  denied: 3,
  notFound: 4,
  unauthenticated: 5,
  conflict: 6,
  unavailable: 7,
  outcomeUnknown: 8,
  waitsForApproval: 9,
} as const

export type ExitCode = (typeof EXIT)[keyof typeof EXIT]

interface ErrorKind {
  exit: ExitCode
  /** When it happens, in one sentence. */
  when: string
  /** Whether the same call may succeed later with nothing changed by the caller. */
  retryable: boolean
}

export const ERRORS = {
  IF_ERR_INTERNAL: {
    exit: EXIT.failed,
    retryable: false,
    when: 'InfraFabric itself is at fault; please report it with the trace id.',
  },
  IF_ERR_ACTION_FAILED: { exit: EXIT.failed, retryable: false, when: 'The provider answered that the action failed.' },
  IF_ERR_RUN_FAILED: { exit: EXIT.failed, retryable: false, when: 'A run ended with failed steps.' },
  IF_ERR_UNDO_IMPOSSIBLE: {
    exit: EXIT.failed,
    retryable: false,
    when: 'The step has no undo, or what it needs was never received.',
  },
  IF_ERR_FALSIFIED: {
    exit: EXIT.failed,
    retryable: false,
    when: 'A pre-mortem (`--mode=falsify`) refuted an assumption of the plan.',
  },
  IF_ERR_VERIFY_FAILED: {
    exit: EXIT.failed,
    retryable: false,
    when: 'The witness log, a checkpoint or a manifest does not verify.',
  },
  IF_ERR_CANCELLED: { exit: EXIT.failed, retryable: false, when: 'The run was cancelled or the caller aborted.' },
  IF_ERR_MODULE_FAILED: {
    exit: EXIT.failed,
    retryable: false,
    when: 'A sandboxed module threw, trapped or returned what is no answer.',
  },
  IF_ERR_MODULE_LIMIT: {
    exit: EXIT.failed,
    retryable: false,
    when: 'A sandboxed module ran into a limit of its contract: memory, fuel, time, recursion, output, calls.',
  },
  IF_ERR_USAGE: { exit: EXIT.usage, retryable: false, when: 'The command line is wrong.' },
  IF_ERR_INVALID_INPUT: {
    exit: EXIT.usage,
    retryable: false,
    when: 'A value given to an operation is missing, unknown or of the wrong type.',
  },
  IF_ERR_INVALID_FILE: {
    exit: EXIT.usage,
    retryable: false,
    when: 'A file (config, playbook, instance, manifest, plan) has a wrong line or field.',
  },
  IF_ERR_MODULE_INVALID: {
    exit: EXIT.usage,
    retryable: false,
    when: 'A module file is no module, is cut off, or imports or exports what it must not.',
  },
  IF_ERR_UNSUPPORTED: {
    exit: EXIT.usage,
    retryable: false,
    when: 'The provider cannot do what was asked, or cannot represent a value.',
  },
  IF_ERR_REFERENCE: {
    exit: EXIT.usage,
    retryable: false,
    when: 'A reference between steps or to an input points at nothing.',
  },
  IF_ERR_POLICY_DENIED: { exit: EXIT.denied, retryable: false, when: 'A policy forbids the action.' },
  IF_ERR_BUDGET_EXCEEDED: {
    exit: EXIT.denied,
    retryable: false,
    when: 'A hard budget has no room for the greatest cost of the action.',
  },
  IF_ERR_APPROVAL_DENIED: {
    exit: EXIT.denied,
    retryable: false,
    when: 'A person denied the approval that a rule asks for.',
  },
  IF_ERR_APPROVAL_FORBIDDEN: {
    exit: EXIT.denied,
    retryable: false,
    when: 'This actor may not approve (swarms, sessions and agents never may).',
  },
  IF_ERR_BREAKER_OPEN: {
    exit: EXIT.denied,
    retryable: true,
    when: 'The circuit breaker of the instance or of the swarm is open.',
  },
  IF_ERR_FROZEN: {
    exit: EXIT.denied,
    retryable: false,
    when: 'A person stopped everything, the swarm or the instance (`ifab freeze`); nothing leaves until it is thawed.',
  },
  IF_ERR_SCOPE_MISSING: {
    exit: EXIT.denied,
    retryable: false,
    when: 'The token does not hold the scope, or not the swarm, that the call needs.',
  },
  IF_ERR_EGRESS_DENIED: {
    exit: EXIT.denied,
    retryable: false,
    when: 'The request would leave to a host, method or path that the signed manifest does not name, or to a private address.',
  },
  IF_ERR_CREDENTIAL_DENIED: {
    exit: EXIT.denied,
    retryable: false,
    when: 'A scoped credential does not cover the call, has expired, or was revoked with its claim.',
  },
  IF_ERR_NOT_FOUND: {
    exit: EXIT.notFound,
    retryable: false,
    when: 'The named thing does not exist, here or at the provider.',
  },
  IF_ERR_UNKNOWN_PROVIDER: { exit: EXIT.notFound, retryable: false, when: 'No provider or instance has this name.' },
  IF_ERR_UNKNOWN_OPERATION: { exit: EXIT.notFound, retryable: false, when: 'The provider has no such operation.' },
  IF_ERR_AUTH_FAILED: {
    exit: EXIT.unauthenticated,
    retryable: false,
    when: 'The provider did not accept the credential.',
  },
  IF_ERR_INVALID_TOKEN: {
    exit: EXIT.unauthenticated,
    retryable: false,
    when: 'A token is malformed, expired or revoked.',
  },
  IF_ERR_SECRET_MISSING: {
    exit: EXIT.unauthenticated,
    retryable: false,
    when: 'The instance has no value for a secret that its provider requires.',
  },
  IF_ERR_SECRET_UNREADABLE: {
    exit: EXIT.unauthenticated,
    retryable: false,
    when: 'A stored secret cannot be decrypted, or was stored for another address.',
  },
  IF_ERR_WRONG_ENVIRONMENT: {
    exit: EXIT.unauthenticated,
    retryable: false,
    when: 'A key is not of the environment that the `env` tag of its instance says: a live key in sandbox, a test key in production.',
  },
  IF_ERR_MANIFEST_UNTRUSTED: {
    exit: EXIT.unauthenticated,
    retryable: false,
    when: 'A manifest is missing, altered, stale or signed by a key that is not trusted.',
  },
  IF_ERR_MODULE_UNTRUSTED: {
    exit: EXIT.unauthenticated,
    retryable: false,
    when: 'A module is not signed, was altered, or is signed by a key that is not trusted.',
  },
  IF_ERR_CLAIM_LOST: {
    exit: EXIT.conflict,
    retryable: false,
    when: 'Another process holds the claim, or took it over with a newer token.',
  },
  IF_ERR_CONFLICT: {
    exit: EXIT.conflict,
    retryable: true,
    when: 'The record was changed by somebody else in between.',
  },
  IF_ERR_ALREADY_EXISTS: { exit: EXIT.conflict, retryable: false, when: 'A thing of this name exists.' },
  IF_ERR_PLAN_MOVED: {
    exit: EXIT.conflict,
    retryable: false,
    when: 'Since planning, the request, its verdict or its greatest cost became worse.',
  },
  IF_ERR_PLAN_EXPIRED: { exit: EXIT.conflict, retryable: false, when: 'The plan is older than 24 hours.' },
  IF_ERR_RUN_ACTIVE: { exit: EXIT.conflict, retryable: true, when: 'The run of this plan is still going on.' },
  IF_ERR_PROVIDER_UNAVAILABLE: {
    exit: EXIT.unavailable,
    retryable: true,
    when: 'The provider cannot be reached or answers that it is out of service.',
  },
  IF_ERR_RATE_LIMIT_EXCEEDED: {
    exit: EXIT.unavailable,
    retryable: true,
    when: 'The provider answers that there were too many requests, or the wait for its rate limit would be too long.',
  },
  IF_ERR_TIMEOUT: { exit: EXIT.unavailable, retryable: true, when: 'No answer came in time.' },
  IF_ERR_BAD_RESPONSE: {
    exit: EXIT.unavailable,
    retryable: true,
    when: 'The answer of the provider cannot be read: not the promised format, too large or cut off.',
  },
  IF_ERR_STORE_UNAVAILABLE: {
    exit: EXIT.unavailable,
    retryable: true,
    when: 'The store cannot be read or written: disk full, read-only, locked or damaged.',
  },
  IF_ERR_DAEMON_UNAVAILABLE: {
    exit: EXIT.unavailable,
    retryable: true,
    when: 'The daemon cannot be reached, is starting or ending, or the connection to it was lost.',
  },
  IF_ERR_VERSION_MISMATCH: {
    exit: EXIT.unavailable,
    retryable: false,
    when: 'Daemon and client are of versions that do not work together.',
  },
  IF_ERR_STORE_TOO_NEW: {
    exit: EXIT.unavailable,
    retryable: false,
    when: 'The database was written by a newer InfraFabric.',
  },
  IF_ERR_HOME_UNUSABLE: {
    exit: EXIT.unavailable,
    retryable: false,
    when: 'IFAB_HOME cannot be created, read or written.',
  },
  IF_ERR_OUTCOME_UNKNOWN: {
    exit: EXIT.outcomeUnknown,
    retryable: false,
    when: 'A step began and nobody can tell whether it happened; a person settles it with `ifab run settle`.',
  },
  IF_ERR_APPROVAL_REQUIRED: {
    exit: EXIT.waitsForApproval,
    retryable: false,
    when: 'A rule asks for an approval that nobody has given.',
  },
} as const satisfies Record<string, ErrorKind>

export type ErrorCode = keyof typeof ERRORS

export interface FabricErrorOptions {
  /** What to do about it, one sentence. */
  hint?: string
  /** The next command to type. */
  next?: string
  /** Machine-readable facts. Never a secret. */
  details?: Record<string, unknown>
  cause?: unknown
  /** Overrides the table, when this very case differs from the rule. */
  retryable?: boolean
}

/** The one error class of InfraFabric; everything thrown on purpose is one. */
export class FabricError extends Error {
  override readonly name = 'FabricError'
  readonly code: ErrorCode
  readonly hint: string | undefined
  readonly next: string | undefined
  readonly details: Record<string, unknown>
  readonly retryable: boolean

  constructor(code: ErrorCode, message: string, options: FabricErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.code = code
    this.hint = options.hint
    this.next = options.next
    this.details = options.details ?? {}
    this.retryable = options.retryable ?? ERRORS[code].retryable
  }

  get exitCode(): ExitCode {
    return ERRORS[this.code].exit
  }

  /** The `error` object of the command's `--json` contract. */
  toJSON(): Record<string, unknown> {
    return {
      code: this.code,
      message: this.message,
      hint: this.hint ?? null,
      retryable: this.retryable,
      next: this.next ?? null,
      details: this.details,
    }
  }
}

export const isFabricError = (value: unknown): value is FabricError => value instanceof FabricError

/** Turns anything thrown into a FabricError, keeping the original as cause; for the outermost edge only. */
export function toFabricError(thrown: unknown): FabricError {
  if (isFabricError(thrown)) return thrown
  const message = thrown instanceof Error ? thrown.message : String(thrown)
  return new FabricError('IF_ERR_INTERNAL', message, {
    cause: thrown,
    hint: 'This is a fault of InfraFabric: please report it.',
  })
}

/** Ends a switch over a union: compiles only when every member was handled. */
export function assertNever(value: never): never {
  throw new FabricError('IF_ERR_INTERNAL', `unhandled case: ${JSON.stringify(value)}`)
}
