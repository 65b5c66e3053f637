// A worker thread as the pool sees it: which call runs in it, which are parked there with answers for them, and which
// modules it knows.
import type { GuestAnswer } from '../guest-protocol.ts'
import type { ActiveCall } from './active-call.ts'
import { GuestThread, type ThreadOptions } from './guest-thread.ts'

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
  /** Modules whose source was sent, with the number of instances that wait for a call. */
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

  knows(digest: string): boolean {
    return this.#warm.has(digest)
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
    this.thread.post(call.message(this.knows(digest)))
    this.count(digest, call.request.fresh ? 0 : -1)
    this.calls.set(call.id, call)
    call.record.begun += 1
    this.#startTurn(call, now)
  }

  /** Gives a parked call an answer, which goes on with it. */
  goOn({ call, want, answer }: WaitingAnswer, now: number): void {
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
    if (this.#warm.delete(digest)) this.thread.post({ type: 'forget', module: digest })
  }

  #startTurn(call: ActiveCall, now: number): void {
    this.turn = call
    call.beginTurn(now)
    call.record.running.add(call)
  }
}
