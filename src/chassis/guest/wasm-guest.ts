// A core module as a guest. It exports
//   memory
//   alloc(len: i32) → i32                  room for len bytes, good until the call that it was asked for has ended
//   plan, … (ptr: i32, len: i32) → i64     JSON text in UTF-8 in; high 32 bits pointer, low 32 bits length of JSON text out
// and may import, from module `infrafabric`, log(level, ptr, len: i32), now() → f64 (ms), random(ptr, len: i32), and nothing
// else. What it asks of its host it returns (wasm-pending.ts). It was metered when it was loaded.
import type { GuestAnswer, GuestExport, GuestFailure, GuestLimits } from '../guest-protocol.ts'
import { failed, type Guest, type Turn } from './guest.ts'
import type { GuestRun } from './guest-run.ts'
import { failureOf, GuestStopped, limitReached } from './guest-stopped.ts'
import { shapeFault } from './json-shape.ts'
import { Meter } from './meter.ts'
import { WasmMemory } from './wasm-memory.ts'
import { pendingOf, resumeWith } from './wasm-pending.ts'

const LEVELS = ['debug', 'info', 'warn', 'error'] as const
const LOG_BYTES = 8_192
/** It lies in the worker's heap while the call waits; the module's own memory has room for more. */
const STATE_CHARACTERS = 65_536
const RANDOM_BYTES = 65_536
/** Units of fuel for each call of a function of the host, and for each byte that it works on. */
const HOST_FUNCTION_FUEL = 500
const BYTE_FUEL = 10
const PAGE_BYTES = 65_536

type Exported = (...parameters: number[]) => unknown

export interface WasmGuestOptions {
  /** Metered. */
  module: WebAssembly.Module
  /** Shared with the pool: the id of the call to stop. */
  stop?: Int32Array | undefined
}

export class WasmGuest implements Guest {
  readonly #module: WebAssembly.Module
  readonly #meter: Meter
  #exports: WebAssembly.Exports | undefined
  #memory: WasmMemory | undefined
  #run: GuestRun | undefined
  /** The export of the call, and its state while it waits. */
  #waiting: { name: GuestExport; state: string } | undefined
  #isReusable = true

  constructor({ module, stop }: WasmGuestOptions) {
    this.#module = module
    this.#meter = new Meter(stop)
  }

  get memoryBytes(): number {
    return this.#memory?.bytes ?? 0
  }

  get pausedMs(): number {
    return this.#meter.pausedMs
  }

  get fuelUsed(): number {
    return this.#meter.used
  }

  get isReusable(): boolean {
    return this.#isReusable
  }

  call(run: GuestRun, name: GuestExport, input: string): Turn {
    this.#meter.begin({ id: run.id, ...run.limits })
    return this.#turn(run, () => this.#enter(run, name, input))
  }

  answer(run: GuestRun, { answer, wallMs }: { want: number; answer: GuestAnswer; wallMs: number }): Turn {
    const waiting = this.#waiting
    if (!waiting) return failed('does not wait for an answer')
    this.#waiting = undefined
    this.#meter.restart(wallMs)
    return this.#turn(run, () => this.#enter(run, waiting.name, resumeWith(waiting.state, answer)))
  }

  #turn(run: GuestRun, work: () => Turn): Turn {
    this.#run = run
    let turn: Turn
    try {
      turn = work()
    } catch (thrown) {
      turn = { kind: 'failed', failure: this.#meter.ended ?? this.#whyItEnded(thrown, run.limits) }
      this.#isReusable = false
    } finally {
      this.#run = undefined
    }
    return turn
  }

  #enter(run: GuestRun, name: GuestExport, input: string): Turn {
    const exports = this.#exports ?? this.#instantiate(run.limits)
    const memory = this.#memory ?? refuse('exports no memory')
    const called = exports[name]
    if (typeof called !== 'function') return failed(`exports no function ${name}`)

    const text = Buffer.from(input)
    const pointer = Number(this.#invoke(exports.alloc as Exported, run.limits, text.length))
    memory.view(pointer, text.length, 'what alloc returned').set(text)
    const result = this.#invoke(called as Exported, run.limits, pointer, text.length)
    if (typeof result !== 'bigint') return refuse(`${name} must return an i64`)
    const output = memory.read(Number(BigInt.asIntN(32, result >> 32n)), Number(BigInt.asIntN(32, result)), {
      what: `the answer of ${name}`,
      limitBytes: run.limits.outputBytes,
    })
    return this.#turnOf(run, name, output)
  }

  #turnOf(run: GuestRun, name: GuestExport, output: string): Turn {
    const fault = shapeFault(output)
    if (fault) return failed(`the answer of ${name} ${fault}`)
    let answer: unknown
    try {
      answer = JSON.parse(output)
    } catch {
      return failed(`the answer of ${name} is not JSON`)
    }
    const pending = pendingOf(answer)
    if (pending === undefined) return { kind: 'done', output }
    if (typeof pending === 'string') return failed(pending)
    if (pending.state.length > STATE_CHARACTERS) return failed(`its state has more than ${STATE_CHARACTERS} characters`)
    const want = run.want(pending.what)
    if (typeof want !== 'number') return refuse(want)
    this.#waiting = { name, state: pending.state }
    return { kind: 'waits' }
  }

  #instantiate(limits: GuestLimits): WebAssembly.Exports {
    const { exports } = new WebAssembly.Instance(this.#module, {
      infrafabric: { log: this.#log, now: () => this.#now(), random: this.#random },
      'infrafabric:meter': { tick: this.#meter.tick },
    })
    if (!(exports.__fuel instanceof WebAssembly.Global)) return refuse('was not metered')
    if (!(exports.memory instanceof WebAssembly.Memory)) return refuse('exports no memory')
    if (typeof exports.alloc !== 'function') return refuse('exports no function alloc')
    this.#exports = exports
    this.#memory = new WasmMemory(exports.memory)
    this.#meter.attach(exports.__fuel)
    if (typeof exports.__start === 'function') this.#invoke(exports.__start as Exported, limits)
    return exports
  }

  #invoke(exported: Exported, limits: GuestLimits, ...parameters: number[]): unknown {
    const depth = this.#exports?.__depth
    if (depth instanceof WebAssembly.Global) depth.value = limits.callDepth
    return exported(...parameters)
  }

  readonly #log = (level: number, pointer: number, length: number): void => {
    this.#charge(Math.min(length >>> 0, LOG_BYTES))
    const bytes = this.#memory?.view(pointer, length, 'a log line')
    if (bytes && this.#run?.isHeard)
      this.#run.log(LEVELS[level] ?? 'info', Buffer.from(bytes.subarray(0, LOG_BYTES)).toString('utf8'))
  }

  #now(): number {
    this.#charge(0)
    return this.#run?.chance.nowMs() ?? 0
  }

  readonly #random = (pointer: number, length: number): void => {
    if (length >>> 0 > RANDOM_BYTES) refuse(`random fills at most ${RANDOM_BYTES} bytes at once`)
    this.#charge(length)
    const bytes = this.#memory?.view(pointer, length, 'room for random')
    if (bytes) this.#run?.chance.fill(bytes)
  }

  #charge(bytes: number): void {
    this.#meter.charge(HOST_FUNCTION_FUEL + bytes * BYTE_FUEL)
  }

  #whyItEnded(thrown: unknown, limits: GuestLimits): GuestFailure {
    const depth = this.#exports?.__depth
    if (thrown instanceof WebAssembly.RuntimeError && depth instanceof WebAssembly.Global && Number(depth.value) < 0)
      return limitReached('recursion', `calls are nested more than ${limits.callDepth} deep`)
    // A module learns from memory.grow that there is no more, and mostly traps then.
    return failureOf(thrown, this.memoryBytes + PAGE_BYTES > limits.memoryBytes)
  }
}

function refuse(reason: string | GuestFailure): never {
  throw new GuestStopped(typeof reason === 'string' ? { kind: 'failed', message: reason } : reason)
}
