// The life of guest calls: each is begun, goes on with the answers of its host, and is answered exactly once, whatever
// becomes of its guest, its worker or its caller.
import { type Clock, FabricError, type JsonValue, type Logger } from '../../foundation/index.ts'
import type { FromWorker, GuestUsage, GuestWant } from '../guest-protocol.ts'
import type { LoadedModule } from '../module/loaded-module.ts'
import type { Chassis, GuestCall, GuestResult, ModuleResources } from '../port.ts'
import { ActiveCall } from './active-call.ts'
import { Alarm } from './alarm.ts'
import { Crew } from './crew.ts'
import { Dispatch } from './dispatch.ts'
import {
  cancelled,
  guestFailed,
  limitReached,
  neighbourFailed,
  noAnswer,
  waitedTooLong,
  workerLost,
} from './guest-errors.ts'
import { boundedLog } from './guest-log.ts'
import type { ThreadEnd } from './guest-thread.ts'
import { acts, answerWant } from './host-calls.ts'
import type { TakeRate } from './local-rate.ts'
import { ModuleRecord } from './module-record.ts'
import { WaitingLine } from './waiting-line.ts'
import type { Workplace } from './workplace.ts'

/** How long a guest that was asked to stop may take, before its worker ends: many times what it needs on a busy machine. */
const STOP_WITHIN_MS = 500
const LAST_WORD_MS = 20
/** Of one call. */
const WANTS_AT_ONCE = 16
const LAST_ID = 0x7fffffff

export interface PoolParts {
  readonly clock: Clock
  readonly logger: Logger
  readonly workers: number
  readonly queueLimit: number
  readonly file: () => string | URL
  readonly quickJs: () => Promise<WebAssembly.Module>
  readonly rate: TakeRate
  readonly redact: (text: string) => string
}

export class Pool implements Chassis {
  readonly #parts: PoolParts
  readonly #records = new Map<string, ModuleRecord>()
  readonly #line: WaitingLine
  readonly #alarm: Alarm
  readonly #crew: Crew
  readonly #dispatch: Dispatch
  #active = 0
  #lastId = 0
  #isClosed = false

  constructor(parts: PoolParts) {
    const { clock, workers, queueLimit, file, quickJs } = parts
    this.#parts = parts
    this.#line = new WaitingLine(queueLimit)
    this.#alarm = new Alarm(clock, () => this.#ring())
    this.#crew = new Crew({
      clock,
      alarm: this.#alarm,
      size: workers,
      file,
      quickJs,
      onMessage: (place, message) => this.#hear(place, message),
      onRoom: () => this.#hasRoom(),
      onLost: (place, end) => this.#lost(place, end),
      onNoStart: (error) => this.#noStart(error),
    })
    this.#dispatch = new Dispatch({
      clock,
      alarm: this.#alarm,
      crew: this.#crew,
      line: this.#line,
      stop: (place, call) => this.#stop(place, call, limitReached(call.named(), 'cpu')),
    })
  }

  async run(request: GuestCall): Promise<GuestResult> {
    const { module } = request
    const source = this.#records.get(module.digest)?.source ?? (await module.source())
    const record = this.#recordOf(module)
    record.source = source
    this.#lastId = (this.#lastId % LAST_ID) + 1
    const now = this.#parts.clock.monotonic()
    const call = new ActiveCall(this.#lastId, record, request, this.#logOf(request), now)
    if (this.#isClosed) throw cancelled(call.named())
    if (request.signal?.aborted) throw cancelled(call.named(), request.signal.reason)
    this.#line.add(call)
    this.#count(call, 1)
    this.#alarm.at(call.waitsUntil)
    this.#next()
    return request.signal ? this.#untilAborted(call, request.signal) : call.result
  }

  resources(): ModuleResources[] {
    const now = this.#parts.clock.monotonic()
    return [...this.#records.values()].map((record) => {
      const warm = this.#crew.places.reduce((sum, place) => sum + place.warm(record.digest), 0)
      return record.resources(warm + record.begun, now)
    })
  }

  forget(digest: string): void {
    const record = this.#records.get(digest)
    if (!record) return
    record.isForgotten = true
    this.#release(record)
  }

  async close(): Promise<void> {
    this.#isClosed = true
    this.#alarm.close()
    const calls = [...this.#line.all(), ...this.#crew.places.flatMap((place) => [...place.calls.values()])]
    for (const call of calls) this.#answer(call, cancelled(call.named()))
    await this.#crew.close()
  }

  #next(): void {
    if (!this.#isClosed) this.#dispatch.run()
  }

  async #untilAborted(call: ActiveCall, signal: AbortSignal): Promise<GuestResult> {
    const abort = () => {
      this.#end(call, cancelled(call.named(), signal.reason))
      this.#next()
    }
    signal.addEventListener('abort', abort, { once: true })
    try {
      return await call.result
    } finally {
      signal.removeEventListener('abort', abort)
    }
  }

  #hasRoom(): void {
    const now = this.#parts.clock.monotonic()
    if (this.#crew.ready === 1)
      for (const call of this.#line.all()) {
        call.waitsUntil = now + call.limits.wallMs
        this.#alarm.at(call.waitsUntil)
      }
    this.#next()
  }

  #hear(place: Workplace, message: FromWorker): void {
    if (message.type === 'dropped') place.count(message.module, -1)
    if (message.type === 'ready' || message.type === 'dropped' || message.type === 'pong') return
    const call = place.calls.get(message.id)
    if (!call) return // it was abandoned while this was under way
    if (message.type === 'log') {
      if (!call.isSettled) call.log(message.level, this.#parts.redact(message.text))
    } else if (message.type === 'want') this.#want(place, call, message.want, message.what)
    else {
      this.#turnEnded(place, call, message)
      this.#next()
    }
  }

  #turnEnded(
    place: Workplace,
    call: ActiveCall,
    message: Extract<FromWorker, { type: 'parked' | 'done' | 'failed' }>,
  ): void {
    this.#endTurn(place, call, message.usage)
    if (message.type === 'parked') {
      if (call.stopping) this.#answer(call, call.stopping)
      if (call.isSettled) this.#abandon(place, call)
      else {
        this.#alarm.at(call.endsAt)
        this.#ask(place, call)
      }
      return
    }
    place.leave(call, this.#parts.clock.monotonic())
    if (message.type === 'failed') this.#answer(call, call.stopping ?? guestFailed(call.named(), message.failure))
    else {
      if (!call.request.fresh) place.count(call.record.digest, 1)
      this.#answer(call, outputOf(call, message.output))
    }
  }

  #want(place: Workplace, call: ActiveCall, want: number, what: GuestWant): void {
    if (call.isSettled || call.stopping) return
    call.hostCalls += 1
    if (call.hostCalls > call.limits.hostCalls) this.#end(call, limitReached(call.named(), 'host-calls'))
    else {
      call.later.push({ want, what })
      this.#ask(place, call)
    }
  }

  /** Carries out what the guest wants, not everything at once: each answer takes memory until the guest has it. */
  #ask(place: Workplace, call: ActiveCall): void {
    const { clock, logger, rate, redact } = this.#parts
    const { record, request, signal } = call
    const rps = record.requirements.max_api_calls_per_second
    for (const { want, what } of call.later.splice(0, WANTS_AT_ONCE - call.open)) {
      call.open += 1
      call.hasActed ||= acts(what)
      void answerWant(what, {
        moduleId: record.id,
        host: request.host,
        limit: { rps, burst: Math.max(1, Math.floor(rps)) },
        rate,
        redact,
        logger,
        signal,
        timeoutMs: call.endsAt - clock.monotonic(),
      }).then((answer) => {
        if (call.isSettled || !this.#isAt(place, call)) return
        place.answers.push({ call, want, answer })
        this.#next()
      })
    }
  }

  /** Answers a call before its guest does, and takes the guest off its worker. */
  #end(call: ActiveCall, error: FabricError): void {
    if (!this.#answer(call, error)) return
    this.#line.remove(call)
    const place = this.#crew.places.find((other) => this.#isAt(other, call))
    if (!place) return
    if (place.turn === call) this.#stop(place, call, error)
    else this.#abandon(place, call)
  }

  #isAt(place: Workplace, call: ActiveCall): boolean {
    return place.calls.get(call.id) === call && this.#crew.places.includes(place)
  }

  #abandon(place: Workplace, call: ActiveCall): void {
    place.leave(call, this.#parts.clock.monotonic())
    place.thread.post({ type: 'abandon', id: call.id })
    this.#release(call.record)
  }

  #stop(place: Workplace, call: ActiveCall, because: FabricError): void {
    call.stopping ??= because
    call.killsAt = Math.min(call.killsAt, this.#parts.clock.monotonic() + STOP_WITHIN_MS)
    place.thread.stop(call.id)
    this.#alarm.at(call.killsAt)
  }

  #endTurn(place: Workplace, call: ActiveCall, usage: GuestUsage | undefined): void {
    if (place.turn !== call) return
    const now = this.#parts.clock.monotonic()
    place.endTurn()
    call.record.ranFor(call.endTurn(now, usage), now)
  }

  /** Whether this was the call's answer. */
  #answer(call: ActiveCall, output: JsonValue | FabricError): boolean {
    const isAnswer = call.answer(output, this.#parts.clock.monotonic())
    if (isAnswer) {
      call.record.count(call.usage, output instanceof FabricError ? output.code : undefined)
      this.#count(call, -1)
    }
    this.#release(call.record)
    return isAnswer
  }

  #count(call: ActiveCall, change: 1 | -1): void {
    call.record.active += change
    this.#active += change
    this.#alarm.hold(this.#active > 0)
  }

  /** The worker is gone with all that was in it. */
  #lost(place: Workplace, { reason, isMemory }: ThreadEnd): void {
    const now = this.#parts.clock.monotonic()
    const { turn } = place
    this.#parts.logger.warn('a worker of the sandbox ended', { reason, module: turn?.record.id ?? null })
    for (const call of [...place.calls.values()]) {
      this.#endTurn(place, call, undefined)
      place.leave(call, now)
      if (call.isSettled) this.#release(call.record)
      else if (call === turn) this.#answer(call, call.stopping ?? lossOf(call, reason, isMemory))
      else if (call.mayBeginAgain()) {
        call.rewind(now)
        this.#line.putFirst(call)
      } else this.#answer(call, neighbourFailed(call.named()))
    }
    this.#next()
  }

  #noStart(error: FabricError): void {
    this.#parts.logger.error(error.message)
    if (this.#crew.places.length > 0) return
    for (const call of this.#line.all()) this.#end(call, error)
  }

  /** Something is due. */
  #ring(): void {
    const now = this.#parts.clock.monotonic()
    this.#crew.check(now)
    for (const place of [...this.#crew.places])
      for (const call of place.calls.values())
        if (place.turn === call) this.#watch(place, call, now)
        else this.#due(call, call.endsAt, now, () => limitReached(call.named(), 'time'))
    // What a first worker takes to start is no wait of theirs; it has a bound of its own.
    if (this.#crew.ready > 0)
      for (const call of this.#line.all()) this.#due(call, call.waitsUntil, now, () => waitedTooLong(call.named()))
    this.#next()
  }

  #due(call: ActiveCall, at: number, now: number, error: () => FabricError): void {
    if (now < at) this.#alarm.at(at)
    else this.#end(call, error())
  }

  /** A running guest stops by itself at its limit; this is for one that does not. */
  #watch(place: Workplace, call: ActiveCall, now: number): void {
    if (!call.stopping) {
      if (now < call.asksAt) this.#alarm.at(call.asksAt)
      else this.#stop(place, call, limitReached(call.named(), 'time'))
    } else if (now < call.killsAt) this.#alarm.at(call.killsAt)
    else if (call.isDoomed) this.#crew.lose(place, { reason: 'its guest did not stop', isMemory: false })
    else {
      // Where this thread itself was held up, what the worker said meanwhile has not been heard yet.
      call.isDoomed = true
      call.killsAt = now + LAST_WORD_MS
      this.#alarm.at(call.killsAt)
    }
  }

  #recordOf(module: LoadedModule): ModuleRecord {
    const record = this.#records.get(module.digest) ?? new ModuleRecord(module)
    record.isForgotten = false
    this.#records.set(module.digest, record)
    return record
  }

  #logOf({ module, host }: GuestCall): ActiveCall['log'] {
    const own: ActiveCall['log'] = (level, text) => this.#parts.logger[level](text, { module: module.id })
    return boundedLog(host?.log ?? own)
  }

  /** Frees what belongs to a forgotten module, once nothing of it is left. */
  #release(record: ModuleRecord): void {
    if (!record.isForgotten || record.active > 0 || record.begun > 0) return
    this.#records.delete(record.digest)
    for (const place of this.#crew.places) place.forget(record.digest)
  }
}

const lossOf = (call: ActiveCall, reason: string, isMemory: boolean): FabricError =>
  isMemory ? limitReached(call.named(), 'memory', reason) : workerLost(call.named(), reason)

function outputOf(call: ActiveCall, text: string): JsonValue | FabricError {
  try {
    return JSON.parse(text)
  } catch (thrown) {
    return noAnswer(call.named(), thrown)
  }
}
