// A worker thread as the pool sees it: which call runs in it, which are parked there with answers for them, and which
// modules it knows.
import type { GuestAnswer } from '../guest-protocol.ts'
import type { ActiveCall } from './active-call.ts'
import { GuestThread, type ThreadOptions } from './guest-thread.ts'
import type { ModuleRecord } from './module-record.ts'

/** Characters of all sources that a worker holds. */
const SOURCES_MAX = 64 * 1_048_576

export interface WaitingAnswer {
  call: ActiveCall
  want: number
  answer: GuestAnswer
}

export class Workplace {
  readonly thread: GuestThread
  readonly startedAt: number
  isReady = false
  /** The call that runs. */
  turn: ActiveCall | undefined
  /** Calls that were begun here, by id: the running one and the parked ones. */
  readonly calls = new Map<number, ActiveCall>()
  /** Answers for parked calls, oldest first. */
  answers: WaitingAnswer[] = []
  /** When nothing was left to do here. */
  idleSince: number
  /** Characters of each source that was sent, the one that was used longest ago first. */
  readonly #sources = new Map<string, number>()
  #sourcesLength = 0
  /** Instances that wait for a call, by module. */
  readonly #warm = new Map<string, number>()
  #warmOfAll = 0

  constructor(options: ThreadOptions, now: number) {
    this.thread = new GuestThread(options)
    this.startedAt = now
    this.idleSince = now
  }

  get isFree(): boolean {
    return this.isReady && this.turn === undefined
  }

  warm(digest: string): number {
    return this.#warm.get(digest) ?? 0
  }

  /** Those of all modules that wait for a call, and those of the calls here. */
  get instances(): number {
    return this.#warmOfAll + this.calls.size
  }

  begin(call: ActiveCall, now: number): void {
    const { digest } = call.record
    this.thread.post(call.message(this.#sources.has(digest)))
    this.#noteSource(call.record)
    this.count(digest, call.request.fresh ? 0 : -1)
    this.calls.set(call.id, call)
    call.record.begun += 1
    this.#startTurn(call, now)
  }

  /** Gives a parked call an answer, which goes on with it. */
  goOn({ call, want, answer }: WaitingAnswer, now: number): void {
    call.open -= 1
    this.thread.post({ type: 'answer', id: call.id, want, answer, wallMs: call.endsAt - now })
    this.#startTurn(call, now)
  }

  /** The running call is parked, or has left. */
  endTurn(): void {
    if (!this.turn) return
    this.turn.record.running.delete(this.turn)
    this.turn = undefined
    this.thread.stop(0)
  }

  /** Nothing of the call is left here. */
  leave(call: ActiveCall, now: number): void {
    if (!this.calls.delete(call.id)) return
    call.record.begun -= 1
    this.answers = this.answers.filter((waiting) => waiting.call !== call)
    this.idleSince = now
  }

  /** More or fewer instances wait. */
  count(digest: string, change: number): void {
    const before = this.warm(digest)
    const after = Math.max(0, before + change)
    this.#warm.set(digest, after)
    this.#warmOfAll += after - before
  }

  forget(digest: string): void {
    this.#warmOfAll -= this.warm(digest)
    this.#warm.delete(digest)
    const characters = this.#sources.get(digest)
    if (characters === undefined) return
    this.#sources.delete(digest)
    this.#sourcesLength -= characters
    this.thread.post({ type: 'forget', module: digest })
  }

  /** The worker holds the sources in its heap, which is bounded: those that nobody has used for long go. */
  #noteSource({ digest, source }: ModuleRecord): void {
    const characters = source?.kind === 'script' ? source.script.length : 0
    if (this.#sources.delete(digest)) this.#sourcesLength -= characters
    this.#sources.set(digest, characters)
    this.#sourcesLength += characters
    if (this.#sourcesLength <= SOURCES_MAX) return
    const inUse = new Set([digest, ...[...this.calls.values()].map((call) => call.record.digest)])
    for (const other of this.#sources.keys()) {
      if (this.#sourcesLength <= SOURCES_MAX) return
      if (!inUse.has(other)) this.forget(other)
    }
  }

  #startTurn(call: ActiveCall, now: number): void {
    this.turn = call
    call.beginTurn(now)
    call.record.running.add(call)
  }
}
