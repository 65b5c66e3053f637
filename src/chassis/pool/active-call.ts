// One guest call on its way: it waits for a worker, runs in turns, is parked between them, and is answered once. Its time
// runs from the first turn on, host calls included; the wait before that has the same bound of its own.
import { FabricError, type JsonValue, optional } from '../../foundation/index.ts'
import type { GuestLimits, GuestTime, GuestUsage, GuestWant, ToWorker } from '../guest-protocol.ts'
import type { GuestCall, GuestResult } from '../port.ts'
import type { NamedCall } from './guest-errors.ts'
import type { LogLine } from './guest-log.ts'
import type { ModuleRecord, Turn } from './module-record.ts'

/** How long beyond its time a guest is asked to stop that did not stop by itself. */
const ASKED_AFTER = { part: 0.1, leastMs: 50 }

/** Clock of a seeded guest: 2000-01-01T00:00:00Z. */
const SEEDED_NOW_MS = 946_684_800_000

export class ActiveCall implements Turn {
  readonly id: number
  readonly record: ModuleRecord
  readonly request: GuestCall
  readonly limits: GuestLimits
  readonly result: Promise<GuestResult>
  readonly log: LogLine
  /** Until when it may wait for its first turn. */
  waitsUntil: number
  /** When its time is over; before its first turn, never. */
  endsAt = Number.POSITIVE_INFINITY
  /** When its running turn is asked to stop. */
  asksAt = Number.POSITIVE_INFINITY
  /** When its worker ends, because it was asked and did not stop. */
  killsAt = Number.POSITIVE_INFINITY
  /** Whatever its worker had to say was heard since then. */
  isDoomed = false
  /** Why it is being stopped; what its caller is told. */
  stopping: FabricError | undefined
  usage: GuestUsage | undefined
  hostCalls = 0
  /** Wants that are being carried out, or whose answers wait for the guest. */
  open = 0
  /** Wants that wait until fewer are open. */
  later: { want: number; what: GuestWant }[] = []
  /** It asked its host for something that must not be done twice. */
  hasActed = false
  #isAgain = false
  readonly #input: string
  #startedAt = 0
  #turnAt: number | undefined
  #over: AbortController | undefined
  #settle: { resolve(result: GuestResult): void; reject(error: FabricError): void } | undefined

  constructor(id: number, record: ModuleRecord, request: GuestCall, log: LogLine, now: number) {
    const { timeoutMs } = request
    if (timeoutMs !== undefined && !(timeoutMs > 0))
      throw new FabricError('IF_ERR_INVALID_INPUT', `timeoutMs: expected a number above 0, got ${timeoutMs}`)
    this.id = id
    this.record = record
    this.request = request
    this.log = log
    this.limits = { ...record.limits, wallMs: Math.min(record.limits.wallMs, timeoutMs ?? Number.POSITIVE_INFINITY) }
    this.waitsUntil = now + this.limits.wallMs
    this.#input = JSON.stringify(request.input)
    this.result = new Promise((resolve, reject) => {
      this.#settle = { resolve, reject }
    })
  }

  get isSettled(): boolean {
    return this.#settle === undefined
  }

  /** Aborted when the call was answered, by whatever. */
  get signal(): AbortSignal {
    this.#over ??= new AbortController()
    return this.#over.signal
  }

  /** The message that begins it. */
  message(isKnown: boolean): ToWorker {
    const { record, request, limits } = this
    return {
      type: 'call',
      id: this.id,
      module: record.digest,
      ...optional('source', isKnown ? undefined : record.source),
      export: request.export,
      input: this.#input,
      limits,
      time: timeOf(request.seed),
      fresh: request.fresh ?? false,
    }
  }

  beginTurn(now: number): void {
    const { wallMs } = this.limits
    if (this.endsAt === Number.POSITIVE_INFINITY) {
      this.#startedAt = now
      this.endsAt = now + wallMs
    }
    this.#turnAt = now
    this.asksAt = this.endsAt + Math.max(ASKED_AFTER.leastMs, wallMs * ASKED_AFTER.part)
  }

  /** Milliseconds of the worker that the turn took: as the worker measured, or as seen from here where it died. */
  endTurn(now: number, usage: GuestUsage | undefined): number {
    const cpuMs = usage ? usage.cpuMs - (this.usage?.cpuMs ?? 0) : this.turnMs(now)
    this.usage = usage ?? this.usage
    this.#turnAt = undefined
    return Math.max(0, cpuMs)
  }

  turnMs(now: number): number {
    return this.#turnAt === undefined ? 0 : now - this.#turnAt
  }

  /** Whether to begin it again is the same as if it had not been begun; true once. */
  mayBeginAgain(): boolean {
    const may = this.request.seed !== undefined && !this.hasActed && !this.#isAgain
    this.#isAgain = true
    return may
  }

  /** As before its first turn. */
  rewind(now: number): void {
    this.endsAt = Number.POSITIVE_INFINITY
    this.waitsUntil = now + this.limits.wallMs
    this.usage = undefined
    this.hostCalls = 0
    this.open = 0
    this.later = []
  }

  /** Whether this was the answer: false where there was one before. */
  answer(output: JsonValue | FabricError, now: number): boolean {
    const settle = this.#settle
    if (!settle) return false
    this.#settle = undefined
    this.#over?.abort()
    if (output instanceof FabricError) settle.reject(output)
    else settle.resolve({ output, usage: this.usage ?? NOTHING_USED, wallMs: now - this.#startedAt })
    return true
  }

  /** As its errors name it. */
  named(): NamedCall {
    const { record, request, limits, usage } = this
    const timeoutMs = limits.wallMs < record.limits.wallMs ? limits.wallMs : undefined
    const { id, version, requirements } = record
    return { id, version, export: request.export, limits, timeoutMs, requirements, usage }
  }
}

const NOTHING_USED: GuestUsage = { fuel: 0, cpuMs: 0, memoryBytes: 0, hostCalls: 0 }

const timeOf = (seed: string | undefined): GuestTime =>
  seed === undefined ? { kind: 'live' } : { kind: 'seeded', seed, nowMs: SEEDED_NOW_MS }
