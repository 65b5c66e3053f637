// The way of one HTTP call through the door: check, fill, exchange, unpack, scrub, follow or try again.
import { type Clock, FabricError, type Logger } from '../foundation/index.ts'
import type { CallLimit } from './call-limit.ts'
import { ACCEPT_ENCODING, decodeBody } from './decode.ts'
import { exchange } from './exchange.ts'
import { egressDenied, faultOf, withCallDetails } from './faults.ts'
import { fillRequest, leavingFor } from './fill.ts'
import type { Pools } from './pools.ts'
import type { Attempt, Departure, IncomingResponse, OutgoingRequest, SendOptions, SendResult } from './port.ts'
import { nextHop } from './redirect.ts'
import { decideRetry, type Outcome } from './retry.ts'
import { matchRoute } from './route.ts'
import type { Scrubber } from './scrub.ts'
import type { Target } from './target.ts'

export interface SendParts {
  pools: Pools
  scrubber: Scrubber
  clock: Clock
  /** 0 ≤ random() < 1. */
  random: () => number
  logger: Logger
}

const DEFAULT_MAX_BODY_BYTES = 16 * 1024 * 1024

export async function sendRequest(
  parts: SendParts,
  request: OutgoingRequest,
  options: SendOptions,
  limit: CallLimit,
): Promise<SendResult> {
  const { clock, scrubber } = parts
  const deadline = clock.monotonic() + options.timeoutMs
  const target = allowedTarget(request, options)
  const attempts: Attempt[] = []
  let departure: Departure = 'nothing-left'
  for (;;) {
    const startedAt = clock.now()
    const start = clock.monotonic()
    const tried = await tryOnce(parts, { request, options, target, signal: limit.signal })
    if (hasLeft(tried)) departure = 'may-have-left'
    const now = clock.monotonic()
    const decision = decideRetry({
      outcome: outcomeOf(tried),
      tries: attempts.length + 1,
      policy: options.retry,
      shouldRetry: options.shouldRetry,
      remainingMs: deadline - now,
      nowMs: clock.now(),
      random: parts.random(),
    })
    const attempt: Attempt = {
      number: attempts.length + 1,
      startedAt,
      durationMs: now - start,
      ...(tried.ok ? { status: tried.response.status } : { error: scrubber.text(tried.error.message) }),
      retry: decision,
    }
    attempts.push(attempt)
    parts.logger.debug('a try went out', { method: request.method, origin: target.origin, ...attempt })
    options.onAttempt?.(attempt)
    if (decision.retry) {
      await waitFor(decision.afterMs ?? 0, parts, limit).catch((reason: FabricError) => {
        throw withCallDetails(reason, { departure, attempts })
      })
    } else if (tried.ok) {
      return { response: tried.response, attempts }
    } else {
      throw withCallDetails(scrubber.error(tried.error), { departure, attempts })
    }
  }
}

type Tried =
  | { ok: true; response: IncomingResponse }
  | { ok: false; error: FabricError; transient: boolean; departure: Departure }

interface Try {
  request: OutgoingRequest
  options: SendOptions
  target: Target
  signal: AbortSignal
}

/** One try, the redirects of a read included. */
async function tryOnce(parts: SendParts, { request, options, target: first, signal }: Try): Promise<Tried> {
  const method = request.method.toUpperCase()
  const host = hostOf(first)
  let departure: Departure = 'nothing-left'
  try {
    let target = first
    for (let hops = 0; ; hops++) {
      const carried = target.origin === first.origin ? request : withoutCredentials(request)
      const context = { secrets: options.secrets, scrubber: parts.scrubber, ...leavingFor(target, method) }
      const filled = await fillRequest(carried, target, context)
      filled.headers['accept-encoding'] ??= ACCEPT_ENCODING
      const maxBodyBytes = options.maxBodyBytes ?? DEFAULT_MAX_BODY_BYTES
      const outgoing = { host: hostOf(target), method, body: request.body, maxBodyBytes, ...filled }
      const result = await exchange(parts.pools.of(target, options.allowPrivate), outgoing, signal, options.beforeSend)
      if (!result.ok) {
        if (result.departure === 'may-have-left') departure = 'may-have-left'
        return { ok: false, departure, ...faultOf(result.thrown, hostOf(target)) }
      }
      departure = 'may-have-left'
      const hop = nextHop({ response: result.response, method, route: options.route, from: target, hops })
      if (hop.kind === 'refused') return { ok: false, departure, error: hop.error, transient: false }
      if (hop.kind === 'arrived') {
        return { ok: true, response: await readAnswer(result.response, parts.scrubber, { host, maxBodyBytes }) }
      }
      target = hop.target
    }
  } catch (thrown) {
    if (!(thrown instanceof FabricError)) throw thrown
    return { ok: false, departure, error: thrown, transient: false }
  }
}

async function readAnswer(
  raw: { status: number; headers: Record<string, string>; body: Buffer },
  scrubber: Scrubber,
  limits: { host: string; maxBodyBytes: number },
): Promise<IncomingResponse> {
  const { 'content-encoding': encoding, ...headers } = raw.headers
  if (encoding === undefined) return scrubber.response(raw)
  // The length that was announced is that of the packed body.
  delete headers['content-length']
  return scrubber.response({ status: raw.status, headers, body: await decodeBody(raw.body, { encoding, ...limits }) })
}

function allowedTarget(request: OutgoingRequest, options: SendOptions): Target {
  const match = matchRoute(options.route, request)
  if (!match.matches) throw egressDenied(`the request may not leave: ${match.reason}`)
  if (request.slots.some((slot) => slot.in === 'message')) {
    throw egressDenied('a slot for a websocket message has no place in an HTTP request')
  }
  return match.target
}

/** An answered 429 leaves nothing behind: the vendor refused to act. */
const hasLeft = (tried: Tried): boolean =>
  tried.ok ? tried.response.status !== 429 : tried.departure === 'may-have-left'

const outcomeOf = (tried: Tried): Outcome =>
  tried.ok
    ? { kind: 'answered', response: tried.response }
    : { kind: 'failed', transient: tried.transient, departure: tried.departure, reason: tried.error.message }

async function waitFor(ms: number, { clock }: SendParts, limit: CallLimit): Promise<void> {
  limit.signal.throwIfAborted()
  await clock.sleep(ms, limit.signal)
  limit.signal.throwIfAborted()
}

/** What may follow a redirect to another origin. */
const withoutCredentials = (request: OutgoingRequest): Pick<OutgoingRequest, 'headers' | 'slots'> => ({
  slots: [],
  headers: Object.fromEntries(
    Object.entries(request.headers).filter(([name]) => !/^(authorization|cookie)$/i.test(name)),
  ),
})

const hostOf = ({ origin }: Target): string => origin.slice(origin.indexOf('//') + 2)
