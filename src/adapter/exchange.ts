// One HTTP request of an operation, out through the door and back as decoded JSON. Faults become coded errors here;
// what the JSON means for the operation is decided by the caller.
import { randomBytes } from 'node:crypto'
import type {
  Attempt,
  Door,
  IncomingResponse,
  OutgoingRequest,
  RetryDecision,
  SendOptions,
  Subject,
} from '../egress/index.ts'
import { ERRORS, isFabricError, type JsonObject, type JsonValue } from '../foundation/index.ts'
import type { SecretSource } from '../vault/index.ts'
import { decodeAnswer } from './decode-answer.ts'
import type { Fault } from './definition.ts'
import { type FailureContext, faultError, refusedError, transportError, unreadableError } from './failure.ts'
import type { Instance } from './instance.ts'
import type { BuiltRequest, LoadedProvider, OperationEntry } from './planned.ts'
import { callSecrets } from './tokens/call-secrets.ts'

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
  /** Whole call, all tries and pages included. Of an answer that streams: the way to its first byte, and each silence. */
  timeoutMs: number
  /** Of an answer that streams: breaks it off, its reason being the error. */
  over?: AbortSignal
  /** Of an answer that streams: leaves it, with what there is by then as its result. */
  signal?: AbortSignal
  /** Told of each try. */
  onAttempt?: (attempt: Attempt) => void
  /** Gets an answer that streams piece by piece; the next one is read when it resolves. A rejection leaves the stream. */
  onPiece?: (piece: JsonObject) => void | Promise<void>
  /** Told of each time that a watch was cut and has been opened again: events in between may be missing. */
  onReopen?: (reopened: { afterMs: number; reason: string }) => void
}

export interface Answer {
  body: JsonValue
  response: IncomingResponse
  requestId: string | undefined
}

const ATTEMPTS = 3

/** One call of the door, as far as it is the same for a whole answer and for one that streams. */
export interface Call {
  /** With the idempotency key where it goes. */
  outgoing: OutgoingRequest
  send: SendOptions
  context: FailureContext
  /**
   * Whether the answer refuses the access token and another one has been got: then it is sent once more, whatever it does,
   * as the refusal did nothing. True at most once a call.
   */
  renewed: (response: IncomingResponse) => Promise<boolean>
  /** The answer decoded, or the vendor's fault thrown. */
  read: (response: IncomingResponse) => Answer
}

/** Sends a built request and decodes the answer. `attempts` is the call's list and grows. */
export async function exchange(
  options: PerformOptions,
  built: BuiltRequest,
  limits: { timeoutMs: number; attempts: Attempt[] },
): Promise<Answer> {
  const { outgoing, send, context, renewed, read } = callOf(options, built, limits)
  const endsAt = performance.now() + limits.timeoutMs
  const sent = async (timeoutMs: number) =>
    options.door.send(outgoing, { ...send, timeoutMs }).catch((thrown: unknown) => {
      throw transportError(context, thrown)
    })
  const { response } = await sent(limits.timeoutMs)
  if (!(await renewed(response))) return read(response)
  return read((await sent(Math.max(1, endsAt - performance.now()))).response)
}

/** How a built request goes through the door, and how its answer is read. */
export function callOf(
  options: PerformOptions,
  built: BuiltRequest,
  { timeoutMs, attempts }: { timeoutMs: number; attempts: Attempt[] },
): Call {
  const { provider, instance, entry, secrets, idempotencyKey, signal } = options
  const { definition, manifest } = provider
  const repeatable = isRepeatable(options, built)
  const context: FailureContext = { instance: instance.name, entry, attempts, repeatable }
  const judged = faultReader(definition.errors)
  const call = callSecrets({ definition, spec: built.spec, secrets })
  return {
    outgoing: withKey(built, idempotencyKey),
    context,
    send: {
      route: built.route,
      secrets: call.source,
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
    },
    async renewed(response) {
      const fault = judged(response)
      if (!fault) return false
      return call.renewed(fault, response.status).catch((thrown: unknown) => {
        // Where only a person can help, that is what to say; else the refusal itself is.
        if (!isFabricError(thrown) || thrown.retryable) return false
        throw refusedError(context, thrown)
      })
    },
    read(response) {
      const requestId = definition.requestId?.(response)
      const fault = judged(response)
      if (fault) throw faultError(context, fault, { status: response.status, requestId })
      const kind = (built.spec.transport === 'http' && built.spec.answer) || 'json'
      const body = decodeAnswer(response, kind)
      if (body === undefined) {
        const problem = `the answer (${response.status}) is not ${kind.toUpperCase()}: ${startOf(response.text)}`
        throw unreadableError(context, problem, { response, requestId })
      }
      return { body, response, requestId }
    },
  }
}

/** Whose call it is, as the door's gate is asked. */
export const subjectOf = ({ instance, caller }: PerformOptions): Subject => ({ ...caller, instance: instance.name })

/** A twin lives on loopback, so an instance that has one may reach it. */
export const allowsPrivate = (instance: Instance): boolean => instance.privateNetwork || instance.twin !== undefined

export const isRepeatable = ({ entry, idempotencyKey }: PerformOptions, built: BuiltRequest): boolean =>
  entry.effect === 'read' || entry.operation.idempotent === true || (built.takesKey && idempotencyKey !== undefined)

/** The request with the idempotency key where it goes. In a body that asks for one, an unasked-for key is made up. */
function withKey(built: BuiltRequest, key: string | undefined): OutgoingRequest {
  const { outgoing, idempotencyHeader, bodyPieces } = built
  const headers =
    idempotencyHeader === undefined || key === undefined
      ? outgoing.headers
      : { ...outgoing.headers, [idempotencyHeader]: key }
  if (!bodyPieces) return headers === outgoing.headers ? outgoing : { ...outgoing, headers }
  const keyText = key ?? randomBytes(32).toString('hex')
  const body = bodyPieces.map((piece) =>
    typeof piece !== 'string' && 'key' in piece ? keyText.slice(0, piece.key) : piece,
  )
  return { ...outgoing, headers, body }
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
