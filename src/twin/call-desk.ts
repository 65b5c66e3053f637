// The way of one call through a twin: route (arrival.ts) → injected fault → credential → body → required parameters → the
// vendor's description → idempotency key → the definition's handler → the description again, for the twin's own answer.
// Knows nothing of sockets. What the description refuses in an answer is a fault of the twin: 500, a log line, a problem.
import type { ProviderDefinition, TwinAnswer, TwinCall } from '../adapter/index.ts'
import type { Clock, JsonObject, Logger } from '../foundation/index.ts'
import { type EncodedAnswer, encodeAnswer, faultWithStatus } from './answer.ts'
import { type Arrival, askedOf, receiveArrival } from './arrival.ts'
import type { CallLog, CallRecord, TwinEffect } from './call-log.ts'
import type { Credentials } from './credential.ts'
import { checkAnswered, checkAsked } from './described.ts'
import type { FaultDice, Strike } from './fault-dice.ts'
import { formatKind } from './faults.ts'
import { fingerprintOf, type KeyMemory } from './idempotency.ts'
import type { IssuedTokens } from './issued-tokens.ts'
import { loggedTarget } from './logged-target.ts'
import type { Change, TwinMemory } from './memory.ts'
import { pathOf, type ReceivedRequest } from './received.ts'
import { Refusal } from './refusal.ts'
import { checkRequired } from './required.ts'
import type { Route, RouteMatch, RouteTable } from './routes.ts'
import type { VendorDescription } from './vendor/index.ts'

/** `cut`: the connection is closed without an answer; `cutAfter`: of a stream, after so many of its pieces. */
export type Reply = (EncodedAnswer & { cutAfter?: number }) | 'cut'

/** A fault of the twin itself: a handler that failed, or an answer that the vendor's description refuses. */
export interface TwinProblem {
  operation: string
  message: string
}

export interface DeskParts {
  definition: ProviderDefinition
  routes: RouteTable
  memory: TwinMemory
  dice: FaultDice
  credentials: Credentials
  tokens: IssuedTokens
  /** Undefined where the vendor has no idempotency keys. */
  keys: KeyMemory | undefined
  description: VendorDescription | undefined
  log: CallLog
  clock: Clock
  logger: Logger
  /** Ends waits when the twin closes. */
  signal: AbortSignal
  /** Told after a call changed something. */
  changed: (changes: readonly Change[]) => void
}

/** A call whose route, credential and body are good. */
interface AcceptedCall {
  route: Route
  call: TwinCall
  request: ReceivedRequest
  key: string | undefined
  record: CallRecord
}

const GARBAGE: EncodedAnswer = {
  status: 200,
  headers: { 'content-type': 'text/html; charset=utf-8' },
  text: '<html><body>It works!</body></html>',
}

export class CallDesk {
  readonly effects: TwinEffect[] = []
  readonly problems: TwinProblem[] = []
  readonly #parts: DeskParts

  constructor(parts: DeskParts) {
    this.#parts = parts
  }

  /** Answers one request; never rejects. */
  async receive(request: ReceivedRequest): Promise<Reply> {
    const { dice, keys, log } = this.#parts
    const arrival = await receiveArrival(request, this.#parts)
    const { found, key } = arrival
    const strike = dice.roll(found?.route.operation)
    const record = this.#record(request, found)
    if (strike.fault) record.fault = formatKind(strike.fault)
    const alone = key === undefined || keys?.enter(key) !== false
    try {
      const reply = alone ? await this.#underStrike(strike, { ...arrival, record }) : this.#stillServing(key)
      record.status = reply === 'cut' ? undefined : reply.status
      return reply
    } catch {
      return 'cut' // only the closing twin ends a wait
    } finally {
      if (alone && key !== undefined) keys?.leave(key)
      log.add(record)
    }
  }

  /** The answer to a body beyond the limit, of which nothing was kept. */
  refuseBody(request: ReceivedRequest, limitBytes: number): EncodedAnswer {
    const [found] = this.#parts.routes.find(request.method, pathOf(request.target))
    const message = `the body is larger than ${limitBytes} bytes`
    this.#parts.log.add({ ...this.#record(request, found), status: 413 })
    return faultWithStatus(this.#parts.definition.twin, { status: 413, message })
  }

  /** Notes a fault of the twin itself. */
  report(operation: string, message: string): void {
    this.problems.push({ operation, message })
    this.#parts.logger.error('a twin is at fault', { provider: this.#parts.definition.id, operation, problem: message })
  }

  async #underStrike(strike: Strike, arrived: Arrived): Promise<Reply> {
    const { clock, signal, definition } = this.#parts
    // The request has arrived whole: it is acted on even if the client is gone after the wait, as a vendor would.
    if (strike.latencyMs > 0) await clock.sleep(strike.latencyMs, signal)
    const fault = strike.fault
    if (fault?.kind === 'drop') return 'cut'
    if (fault?.kind === 'status') return faultWithStatus(definition.twin, { ...fault, message: 'an injected fault' })
    const answer = this.#answer(arrived)
    if (fault?.kind === 'drop-after') {
      return answer.stream ? { ...answer, cutAfter: Math.ceil(answer.stream.length / 2) } : 'cut'
    }
    return fault?.kind === 'garbage' ? GARBAGE : answer
  }

  #answer(arrived: Arrived): EncodedAnswer {
    try {
      return this.#once(this.#accept(arrived))
    } catch (thrown) {
      return thrown instanceof Refusal ? this.#refuse(arrived, thrown) : this.#atFault(arrived, thrown)
    }
  }

  #refuse(arrived: Arrived, { kind, status, message }: Refusal): EncodedAnswer {
    const { twin } = this.#parts.definition
    if (status) return faultWithStatus(twin, { status, message })
    const fault = twin.fault(kind, message)
    try {
      return this.#checked(arrived.request, fault)
    } catch (thrown) {
      return this.#atFault(arrived, thrown)
    }
  }

  #accept(arrived: Arrived): AcceptedCall {
    const { definition, credentials, tokens, memory, description, clock } = this.#parts
    const { request, found, key, record, value, bytes, trouble } = arrived
    const { method, target, headers } = request
    if (!found) throw new Refusal('not-found', `there is no ${method} ${pathOf(target)}`)
    const { route, path } = found
    const wrong = credentials.wrongIn(route.requirements, { method, target, headers, path, value, bytes })
    if (wrong !== undefined) throw new Refusal('unauthorized', wrong)
    if (trouble !== undefined) throw trouble
    const asked = askedOf(found, arrived)
    record.body = asked.body
    const call: TwinCall = {
      ...asked,
      operation: route.operation,
      bytes,
      state: memory.state,
      nextId: memory.nextId,
      now: clock.now(),
      accepts: credentials.accepts,
      issue: tokens.issue,
      issued: tokens.issued,
    }
    checkRequired(call, definition.twin.required?.[call.operation] ?? [])
    if (description) checkAsked(description, { request, body: value })
    return { route, call, request, key, record }
  }

  /** Acts, unless the key was acted on before: then the first answer is the answer. */
  #once(accepted: AcceptedCall): EncodedAnswer {
    const { definition, keys } = this.#parts
    const { key, request, call, record } = accepted
    if (key === undefined || !keys) return this.#act(accepted)
    const fingerprint = fingerprintOf(request, call.value)
    const earlier = keys.recall(key, fingerprint)
    if (earlier === 'other') {
      const message = 'this idempotency key was used before with other parameters'
      return encodeAnswer(definition.twin.keyReused?.(message) ?? definition.twin.fault('invalid', message))
    }
    if (earlier) {
      record.replayed = true
      return { ...earlier, headers: { ...earlier.headers, 'idempotent-replayed': 'true' } }
    }
    const answer = this.#act(accepted)
    keys.remember(key, fingerprint, answer)
    return answer
  }

  #act({ route, call, request, key }: AcceptedCall): EncodedAnswer {
    const { memory, changed } = this.#parts
    const { result, changes } = memory.observe(() => route.handle(call))
    const answer = this.#checked(request, result)
    const counts = route.counts === 'success' || (route.counts === 'change' && changes.length > 0)
    if (counts && this.#succeeded(answer)) {
      this.effects.push({ operation: route.operation, key, at: call.now, id: idOf(result.body) ?? changes[0]?.id })
    }
    if (changes.length > 0) changed(changes)
    return answer
  }

  /** The answer in bytes, after the vendor's description has seen it. */
  #checked({ method, target }: ReceivedRequest, answer: TwinAnswer): EncodedAnswer {
    const encoded = encodeAnswer(answer)
    const { description } = this.#parts
    if (description) checkAnswered(description, { method, target, answer, encoded })
    return encoded
  }

  /** As the provider itself reads its answers: Slack fails inside HTTP 200. */
  #succeeded({ status, headers, text, bytes }: EncodedAnswer): boolean {
    const body = bytes ?? Buffer.from(text)
    return status < 400 && !this.#parts.definition.errors({ status, headers, text, body })
  }

  #atFault({ request, found }: Arrived, thrown: unknown): EncodedAnswer {
    const message = thrown instanceof Error ? thrown.message : String(thrown)
    this.report(found?.route.operation ?? `${request.method} ${pathOf(request.target)}`, message)
    return faultWithStatus(this.#parts.definition.twin, { status: 500, message: `the twin is at fault: ${message}` })
  }

  #stillServing(key: string): EncodedAnswer {
    const message = `a request with the idempotency key ${key} is still being served`
    return faultWithStatus(this.#parts.definition.twin, { status: 409, message })
  }

  #record({ method, target }: ReceivedRequest, found: RouteMatch | undefined): CallRecord {
    const at = this.#parts.clock.now()
    return {
      at,
      operation: found?.route.operation,
      method,
      target: loggedTarget(target, found),
      body: {},
      status: undefined,
    }
  }
}

/** A whole request, before anything was checked. */
interface Arrived extends Arrival {
  record: CallRecord
}

const idOf = (body: unknown): string | undefined => {
  const id = body !== null && typeof body === 'object' ? (body as JsonObject).id : undefined
  return typeof id === 'string' ? id : undefined
}
