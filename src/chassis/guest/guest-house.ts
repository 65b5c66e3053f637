// All guests of one worker, driven by the messages of the pool and answering by messages. Every stretch of running ends in
// exactly one of `done`, `failed`, `parked`; nothing that a guest does reaches beyond its own instance.
import type { FromWorker, GuestSource, ToWorker } from '../guest-protocol.ts'
import type { Guest, Turn } from './guest.ts'
import { GuestRun } from './guest-run.ts'
import { openSpareScripts, type SpareScripts } from './spare-scripts.ts'
import { openWarmGuests } from './warm-guests.ts'
import { WasmGuest } from './wasm-guest.ts'

/** Idle instances in a worker; one of a small script has half a megabyte resident. */
const WARM_INSTANCES = 160
const WARM_GROWN_BYTES = 256 * 1_048_576

export interface GuestHouseOptions {
  quickJs: WebAssembly.Module
  post: (message: FromWorker) => void
  /** Holds the id of the call to stop; a guest that runs reads no messages. */
  stop?: Int32Array | undefined
  /** Instances kept for the next call, of all modules together. Default 48. */
  warmInstances?: number
}

/** A script as bytes, which lie outside of the worker's heap: that is bounded, and modules are many. */
type Code = WebAssembly.Module | Buffer

/** A call that has begun: being prepared, or parked in an instance. */
interface Active {
  run: GuestRun
  module: string
  isFresh: boolean
  guest: Guest | undefined
}

export class GuestHouse {
  readonly #post: (message: FromWorker) => void
  readonly #stop: Int32Array | undefined
  readonly #spares: SpareScripts
  readonly #warm
  readonly #codes = new Map<string, Code>()
  readonly #active = new Map<number, Active>()

  constructor({ quickJs, post, stop, warmInstances = WARM_INSTANCES }: GuestHouseOptions) {
    this.#post = post
    this.#stop = stop
    this.#spares = openSpareScripts({ quickJs, stop })
    this.#warm = openWarmGuests({ instances: warmInstances, grownBytes: WARM_GROWN_BYTES })
  }

  /** Takes one message; never rejects. */
  async receive(message: ToWorker): Promise<void> {
    switch (message.type) {
      case 'call':
        return this.#begin(message)
      case 'answer':
        return this.#goOn(message)
      case 'abandon':
        this.#active.delete(message.id)
        return
      case 'forget':
        this.#codes.delete(message.module)
        this.#warm.forget(message.module)
        return
      case 'ping':
        this.#post({ type: 'pong', id: message.id })
        return
    }
  }

  async #begin(message: Extract<ToWorker, { type: 'call' }>): Promise<void> {
    const { id, module, limits, time } = message
    if (message.source) this.#codes.set(module, codeOf(message.source))
    const run = new GuestRun({ id, limits, time, post: this.#post })
    const active: Active = { run, module, isFresh: message.fresh, guest: undefined }
    this.#active.set(id, active)
    const guest =
      (message.fresh ? undefined : this.#warm.take(module)) ?? (await this.#make(module, limits.memoryBytes))
    if (typeof guest === 'string') {
      this.#end(active, { kind: 'failed', failure: { kind: 'failed', message: guest } })
      return
    }
    active.guest = guest
    // Abandoned while its instance was made.
    if (this.#active.get(id) !== active) return
    this.#run(active, guest, () => guest.call(run, message.export, message.input))
  }

  #goOn({ id, want, answer, wallMs }: Extract<ToWorker, { type: 'answer' }>): void {
    const active = this.#active.get(id)
    const guest = active?.guest
    if (!active || !guest || !active.run.open.delete(want)) return
    this.#run(active, guest, () => guest.answer(active.run, { want, answer, wallMs }))
  }

  #run(active: Active, guest: Guest, work: () => Turn): void {
    const { run } = active
    const startedAt = performance.now()
    const turn = work()
    run.cpuMs += performance.now() - startedAt - guest.pausedMs
    if (turn.kind !== 'waits') {
      this.#end(active, turn)
      return
    }
    for (const { want, what } of run.takeUnsent())
      this.#post({ type: 'want', id: run.id, want, what, usage: usageOf(run, guest) })
    this.#post({ type: 'parked', id: run.id, usage: usageOf(run, guest) })
  }

  #end({ run, guest, module, isFresh }: Active, turn: Exclude<Turn, { kind: 'waits' }>): void {
    this.#active.delete(run.id)
    const usage = usageOf(run, guest)
    if (turn.kind === 'done') this.#post({ type: 'done', id: run.id, output: turn.output, usage })
    else this.#post({ type: 'failed', id: run.id, failure: turn.failure, usage })
    if (!guest?.isReusable || isFresh || !this.#codes.has(module)) return
    for (const dropped of this.#warm.put(module, guest)) this.#post({ type: 'dropped', module: dropped })
  }

  /** A new instance, or why there is none. */
  async #make(module: string, memoryBytes: number): Promise<Guest | string> {
    const code = this.#codes.get(module)
    if (!code) return 'its code was not given to this worker'
    if (code instanceof WebAssembly.Module) return new WasmGuest({ module: code, stop: this.#stop })
    try {
      return (await this.#spares.take(memoryBytes)).become(code.toString())
    } catch (error) {
      return `no instance could be made: ${error instanceof Error ? error.message : 'an unknown fault'}`
    }
  }
}

const codeOf = (source: GuestSource): Code => (source.kind === 'wasm' ? source.module : Buffer.from(source.script))

const usageOf = (run: GuestRun, guest: Guest | undefined) => ({
  fuel: guest?.fuelUsed ?? 0,
  cpuMs: run.cpuMs,
  memoryBytes: guest?.memoryBytes ?? 0,
  hostCalls: run.hostCalls,
})
