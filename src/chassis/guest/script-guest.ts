// A script guest: the bundled ES module of an adapter or agent in a QuickJS of its own. The module is evaluated once, before
// its first call and within that call's limits, under a clock and chance that are the same everywhere. Calls and answers
// are strings handed to the prelude; promise jobs are run here until the call has settled or waits for its host.
import type { QuickJSHandle } from 'quickjs-emscripten-core'
import type { GuestAnswer, GuestExport, GuestFailure } from '../guest-protocol.ts'
import { failed, type Guest, type Turn } from './guest.ts'
import type { GuestRun } from './guest-run.ts'
import { failureOf, limitReached } from './guest-stopped.ts'
import { Meter } from './meter.ts'
import { makeQuickJs, type QuickJs } from './quickjs-instance.ts'
import { ScriptRealm, type Surroundings } from './script-realm.ts'
import { openTimeAndChance } from './time-and-chance.ts'

/** Promise jobs between two looks at the clock. */
const JOBS_A_STEP = 64
/** What a settled call left behind may end, but not go on for long. */
const JOBS_AFTER_THE_END = 1_024
/** Names the guest's code in traces. */
const FILE = 'module.js'

const whileLoading = () => openTimeAndChance({ kind: 'seeded', seed: 'load', nowMs: Date.UTC(2000, 0, 1) })

export interface ScriptGuestOptions {
  quickJs: WebAssembly.Module
  /** Maximum of the linear memory, bytes. */
  maximumBytes: number
  /** Shared with the pool: the id of the call to stop. */
  stop?: Int32Array | undefined
}

export class ScriptGuest implements Guest {
  readonly #meter: Meter
  readonly #js: QuickJs
  readonly #around: Surroundings
  readonly #realm: ScriptRealm
  #script = ''
  #state: 'empty' | 'loaded' | 'dead' = 'empty'

  /** An interpreter with its prelude and no guest yet: the same for every script, so it can be made beforehand. */
  static async make({ quickJs, maximumBytes, stop }: ScriptGuestOptions): Promise<ScriptGuest> {
    const meter = new Meter(stop)
    const around: Surroundings = { chance: whileLoading(), run: undefined, isInCall: false, settled: undefined }
    const nowMs = () => around.chance.nowMs()
    return new ScriptGuest(meter, await makeQuickJs({ module: quickJs, meter, nowMs, maximumBytes }), around)
  }

  private constructor(meter: Meter, js: QuickJs, around: Surroundings) {
    this.#meter = meter
    this.#js = js
    this.#around = around
    this.#realm = new ScriptRealm(js, meter, around)
  }

  /** Gives it the code that it will be, once. */
  become(script: string): this {
    this.#script = script
    return this
  }

  get memoryBytes(): number {
    return this.#js.memory.buffer.byteLength
  }

  get pausedMs(): number {
    return this.#meter.pausedMs
  }

  get fuelUsed(): number {
    return this.#meter.used
  }

  get isReusable(): boolean {
    return this.#state === 'loaded'
  }

  call(run: GuestRun, name: GuestExport, input: string): Turn {
    this.#meter.begin({ id: run.id, ...run.limits })
    const begun = this.#turn(run, () => {
      this.#js.limit(run.limits)
      if (this.#state === 'empty') this.#load()
      if (this.#around.settled) return
      this.#around.chance = run.chance
      this.#around.isInCall = true
      this.#realm.hand('invoke', name, input)
      this.#runJobs()
    })
    return begun ?? failed(`exports no function ${name}`)
  }

  answer(run: GuestRun, { want, answer, wallMs }: { want: number; answer: GuestAnswer; wallMs: number }): Turn {
    this.#meter.restart(wallMs)
    const gone = this.#turn(run, () => {
      if ('ok' in answer) this.#realm.hand('answered', want, 1, answer.ok)
      else this.#realm.hand('answered', want, 0, JSON.stringify(answer.error))
      this.#runJobs()
    })
    return gone ?? failed('settled as nothing can settle')
  }

  /** Undefined where the export is not there. */
  #turn(run: GuestRun, work: () => void): Turn | undefined {
    this.#around.run = run
    try {
      work()
    } catch (thrown) {
      return this.#die(this.#meter.failure() ?? failureOf(thrown, this.#js.isFull()))
    } finally {
      this.#around.run = undefined
    }
    const { settled } = this.#around
    const stopped = this.#meter.ended ?? (settled?.kind === 'done' ? undefined : this.#meter.failure())
    if (stopped) return this.#die(stopped)
    if (!settled) return run.open.size > 0 ? { kind: 'waits' } : this.#die(this.#whyNothingComes())
    this.#around.settled = undefined
    this.#around.isInCall = false
    if (settled.kind === 'missing') return undefined
    if (settled.kind === 'failed' && settled.failure.kind === 'limit') return this.#die(settled.failure)
    // What still waits or runs would act in the next call.
    if (run.open.size > 0 || this.#js.runtime.hasPendingJob()) this.#state = 'dead'
    return settled
  }

  #load(): void {
    const { context } = this.#js
    const result = context.evalCode(this.#script, FILE, { type: 'module' })
    this.#script = ''
    if (result.error) {
      this.#refuse(result.error)
      return
    }
    this.#runJobs()
    const state = context.getPromiseState(result.value)
    if (state.type === 'rejected') {
      this.#refuse(state.error)
      return
    }
    if (state.type === 'pending') {
      const message = 'its top level waits for something that never comes'
      this.#around.settled = { kind: 'failed', failure: this.#meter.failure() ?? { kind: 'failed', message } }
      this.#state = 'dead'
      return
    }
    this.#realm.hand('adopt', state.value)
    this.#state = 'loaded'
  }

  /** A module whose top level failed; it is not evaluated again. */
  #refuse(error: QuickJSHandle): void {
    this.#realm.hand('fail', error)
    this.#state = 'dead'
  }

  #runJobs(): void {
    const { runtime } = this.#js
    let afterTheEnd = 0
    for (;;) {
      const result = runtime.executePendingJobs(JOBS_A_STEP)
      // A job that throws outside of every promise was stopped: the meter says why.
      const executed = result.error ? JOBS_A_STEP : result.value
      result.dispose()
      if (executed < JOBS_A_STEP || this.#meter.failure()) return
      if (this.#around.settled) afterTheEnd += executed
      if (afterTheEnd >= JOBS_AFTER_THE_END) return
    }
  }

  #die(failure: GuestFailure): Turn {
    this.#state = 'dead'
    return { kind: 'failed', failure }
  }

  #whyNothingComes(): GuestFailure {
    if (this.#js.isFull()) return limitReached('memory', 'used all of its memory')
    return { kind: 'failed', message: 'waits for something that never comes: no host call is open' }
  }
}
