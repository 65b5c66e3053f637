// One HTTP request of an operation, out through the door and back as decoded JSON. Faults become coded errors here;
// what the JSON means for the operation is decided by the caller.
import type { Attempt, Door, IncomingResponse, OutgoingRequest, RetryDecision, Subject } from '../egress/index.ts'
import { ERRORS, type JsonObject, type JsonValue } from '../foundation/index.ts'
import type { SecretSource } from '../vault/index.ts'
import type { Fault } from './definition.ts'
import { type FailureContext, faultError, transportError, unreadableError } from './failure.ts'
import type { Instance } from './instance.ts'
import { jsonBody } from './json.ts'
import type { BuiltRequest, LoadedProvider, OperationEntry } from './planned.ts'

export interface PerformOptions {
  provider: LoadedProvider
  instance: Instance
  entry: OperationEntry
  /** As `parseInput` returned it, without holes. */
  input: JsonObject
  /** What the plan built from the same input; built here where it is left out. */
  built?: BuiltRequest
  door: Door
  /** Who calls, for the gate of the door. */
  caller?: Omit<Subject, 'instance'>
  /** Opens the instance's secrets. */
  secrets: SecretSource
  /** Value of the vendor's idempotency header; without one an effectful call is not repeated. */
  idempotencyKey?: string
  /** Whole call, all tries and pages included. */
  timeoutMs: number
  signal?: AbortSignal
  /** Told of each try. */
  onAttempt?: (attempt: Attempt) => void
}

export interface Answer {
  body: JsonValue
  response: IncomingResponse
  requestId: string | undefined
}

const ATTEMPTS = 3

/** Sends a built request and decodes the answer. `attempts` is the call's list and grows. */
export async function exchange(
  options: PerformOptions,
  built: BuiltRequest,
  { timeoutMs, attempts }: { timeoutMs: number; attempts: Attempt[] },
): Promise<Answer> {
  const { provider, instance, entry, door, secrets, idempotencyKey, signal } = options
  const { definition, manifest } = provider
  const repeatable = isRepeatable(options, built)
  const context: FailureContext = { instance: instance.name, entry, attempts, repeatable }
  const judged = faultReader(definition.errors)
  const sent = await door
    .send(withKey(built, idempotencyKey), {
      route: built.route,
      secrets,
      subject: subjectOf(options),
      allowPrivate: allowsPrivate(instance),
      retry: { attempts: ATTEMPTS, backoffSeconds: manifest.limits.backoff, repeatable },
      timeoutMs,
      shouldRetry: (response) => retryDecision(judged(response)),
      onAttempt: (attempt) => {
        attempts.push(attempt)
        options.onAttempt?.(attempt)
      },
      ...(signal ? { signal } : {}),
    })
    .catch((thrown: unknown) => {
      throw transportError(context, thrown)
    })
  const { response } = sent
  const requestId = definition.requestId?.(response)
  const fault = judged(response)
  if (fault) throw faultError(context, fault, { status: response.status, requestId })
  const body = jsonBody(response)
  if (body === undefined) {
    throw unreadableError(context, `the answer (${response.status}) is not JSON: ${startOf(response.text)}`, {
      response,
      requestId,
    })
  }
  return { body, response, requestId }
}

/** Whose call it is, as the door's gate is asked. */
export const subjectOf = ({ instance, caller }: PerformOptions): Subject => ({ ...caller, instance: instance.name })

/** A twin lives on loopback, so an instance that has one may reach it. */
export const allowsPrivate = (instance: Instance): boolean => instance.privateNetwork || instance.twin !== undefined

export const isRepeatable = ({ entry, idempotencyKey }: PerformOptions, built: BuiltRequest): boolean =>
  entry.effect === 'read' ||
  entry.operation.idempotent === true ||
  (built.idempotencyHeader !== undefined && idempotencyKey !== undefined)

function withKey({ outgoing, idempotencyHeader }: BuiltRequest, key: string | undefined): OutgoingRequest {
  if (idempotencyHeader === undefined || key === undefined) return outgoing
  return { ...outgoing, headers: { ...outgoing.headers, [idempotencyHeader]: key } }
}

/** The door asks about an answer and then we do: the definition reads each answer once. */
function faultReader(read: (response: IncomingResponse) => Fault | undefined) {
  let last: { response: IncomingResponse; fault: Fault | undefined } | undefined
  return (response: IncomingResponse): Fault | undefined => {
    if (last?.response !== response) last = { response, fault: read(response) }
    return last.fault
  }
}

// Other codes are retryable for a person, who can look first.
const RETRIED = new Set<string>(['IF_ERR_RATE_LIMIT_EXCEEDED', 'IF_ERR_PROVIDER_UNAVAILABLE', 'IF_ERR_TIMEOUT'])

function retryDecision(fault: Fault | undefined): RetryDecision {
  if (!fault) return { retry: false }
  const wanted = fault.retryable ?? (RETRIED.has(fault.code) && ERRORS[fault.code].retryable)
  if (!wanted) return { retry: false }
  const afterMs = fault.retryAfterMs === undefined ? {} : { afterMs: fault.retryAfterMs }
  return { retry: true, reason: fault.vendorCode ?? fault.code, ...afterMs }
}

const startOf = (text: string): string => JSON.stringify(text.length > 80 ? `${text.slice(0, 79)}…` : text)
