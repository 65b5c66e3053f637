// A QuickJS with its prelude: the border between host and script guests. Inward go strings and numbers by `hand`; outward the
// prelude calls the four functions below, which take strings and numbers, throw nothing and are paid for in fuel.
import type { QuickJSHandle } from 'quickjs-emscripten-core'
import type { GuestFailure, GuestWant } from '../guest-protocol.ts'
import type { GuestRun } from './guest-run.ts'
import { GuestStopped, limitReached } from './guest-stopped.ts'
import { shapeFault } from './json-shape.ts'
import type { Meter } from './meter.ts'
import { HANDOVER, HOST_MODULE, PRELUDE, SETTLED, WANTS } from './prelude.ts'
import type { QuickJs } from './quickjs-instance.ts'
import type { TimeAndChance } from './time-and-chance.ts'

const LEVELS = ['debug', 'info', 'warn', 'error'] as const
/** Units of fuel for each call of a function of the host. */
const HOST_FUNCTION_FUEL = 200

export type Settled = { kind: 'done'; output: string } | { kind: 'failed'; failure: GuestFailure } | { kind: 'missing' }

/** What is around the guest at this moment; the realm's functions read it, whoever drives the guest writes it. */
export interface Surroundings {
  chance: TimeAndChance
  /** The call that runs. */
  run: GuestRun | undefined
  /** Whether the host can be asked. */
  isInCall: boolean
  settled: Settled | undefined
}

type Inward = 'invoke' | 'answered' | 'adopt' | 'fail'

export class ScriptRealm {
  readonly #js: QuickJs
  readonly #meter: Meter
  readonly #around: Surroundings
  readonly #inward: Record<Inward, QuickJSHandle>

  constructor(js: QuickJs, meter: Meter, around: Surroundings) {
    this.#js = js
    this.#meter = meter
    this.#around = around
    this.#inward = this.#runPrelude()
  }

  /** Calls a function of the prelude. */
  hand(name: Inward, ...given: (string | number | QuickJSHandle)[]): void {
    const { context } = this.#js
    const handles = given.map((value) =>
      typeof value === 'string'
        ? context.newString(value)
        : typeof value === 'number'
          ? context.newNumber(value)
          : value,
    )
    const result = context.callFunction(this.#inward[name], context.undefined, ...handles)
    for (const handle of handles) handle.dispose()
    result.dispose()
    if (!result.error) return
    // The prelude catches what the guest throws; what comes this way is the interpreter short of memory, or stopped.
    throw new GuestStopped(this.#meter.failure() ?? limitReached('memory', 'has no memory left for what it was given'))
  }

  #runPrelude(): Record<Inward, QuickJSHandle> {
    const { context } = this.#js
    const host = context.newObject()
    this.#offer(host, 'settle', (how, length, text): undefined => {
      this.#around.settled ??= this.#settledAs(this.#number(how), this.#number(length), text)
    })
    this.#offer(host, 'want', (kind, length, first, second) =>
      context.newNumber(this.#want(this.#number(kind), this.#number(length), first, second)),
    )
    this.#offer(host, 'say', (level, text): undefined => {
      const { run } = this.#around
      if (run?.isHeard) run.log(LEVELS[this.#number(level)] ?? 'info', this.#string(text))
    })
    this.#offer(host, 'chance', () => context.newNumber(this.#around.chance.random()))
    context.setProp(context.global, HANDOVER, host)
    context.unwrapResult(context.evalCode(PRELUDE, HOST_MODULE, { type: 'module' })).dispose()
    return {
      invoke: context.getProp(host, 'invoke'),
      answered: context.getProp(host, 'answered'),
      adopt: context.getProp(host, 'adopt'),
      fail: context.getProp(host, 'fail'),
    }
  }

  #offer(
    host: QuickJSHandle,
    name: string,
    work: (...given: (QuickJSHandle | undefined)[]) => QuickJSHandle | undefined,
  ): void {
    const { context } = this.#js
    const offered = context.newFunction(name, (...given) => {
      this.#meter.charge(HOST_FUNCTION_FUEL)
      return work(...given)
    })
    context.setProp(host, name, offered)
    offered.dispose()
  }

  #want(kind: number, length: number, first: QuickJSHandle | undefined, second: QuickJSHandle | undefined): number {
    const { run, isInCall } = this.#around
    if (!run || !isInCall) return 0
    const fault = length > run.limits.outputBytes && tooLong('asked its host with', run.limits.outputBytes)
    if (fault) return this.#end(fault)
    const what = wantOf(kind, this.#string(first), this.#string(second))
    const shape = what.kind === 'call' && shapeFault(what.intent)
    if (shape) return this.#end({ kind: 'failed', message: `asked its host with an intent that ${shape}` })
    const want = run.want(what)
    return typeof want === 'number' ? want : this.#end(want)
  }

  /** The call is over where metered code next looks; the number reaches nobody. */
  #end(failure: GuestFailure): number {
    this.#meter.end(failure)
    return 0
  }

  #settledAs(how: number, length: number, text: QuickJSHandle | undefined): Settled {
    const outputBytes = this.#around.run?.limits.outputBytes ?? 0
    switch (how) {
      case SETTLED.missing:
        return { kind: 'missing' }
      case SETTLED.noJson:
        return { kind: 'failed', failure: { kind: 'failed', message: 'answered with nothing that JSON can express' } }
      case SETTLED.failed:
        return { kind: 'failed', failure: errorOf(this.#string(text), this.#js.isFull()) }
      default:
        break
    }
    // Before it is copied, by its characters; after that by its bytes.
    if (length > outputBytes) return { kind: 'failed', failure: tooLong('answered with', outputBytes) }
    const output = this.#string(text)
    if (Buffer.byteLength(output) > outputBytes)
      return { kind: 'failed', failure: tooLong('answered with', outputBytes) }
    const fault = shapeFault(output)
    if (fault) return { kind: 'failed', failure: { kind: 'failed', message: `its answer ${fault}` } }
    return { kind: 'done', output }
  }

  #number(handle: QuickJSHandle | undefined): number {
    return handle ? this.#js.context.getNumber(handle) : 0
  }

  #string(handle: QuickJSHandle | undefined): string {
    return handle ? this.#js.context.getString(handle) : ''
  }
}

function wantOf(index: number, first: string, second: string): GuestWant {
  const kind = WANTS[index] ?? 'call'
  switch (kind) {
    case 'call':
      return { kind, intent: first }
    case 'kv.set':
      return { kind, key: first, value: second }
    case 'kv.list':
      return { kind, prefix: first }
    default:
      return { kind, key: first }
  }
}

const tooLong = (did: string, bytes: number): GuestFailure => limitReached('output', `${did} more than ${bytes} bytes`)

/** What the prelude tells of an error: `{name, message, stack}`, each cut. */
function errorOf(told: string, memoryIsFull: boolean): GuestFailure {
  const { name = '', message = '', stack = '' } = JSON.parse(told || '{}') as Record<string, string>
  // `null` is what the interpreter throws where not even an error has room.
  if (message === 'out of memory' || (message === 'null' && name === '') || (told === '{}' && memoryIsFull))
    return limitReached('memory', 'used all of its memory')
  if (message === 'stack overflow') return limitReached('recursion', 'calls are nested too deeply for the stack')
  const whole = [name, message].filter(Boolean).join(': ') || 'threw an error that says nothing'
  return { kind: 'failed', message: whole, ...(stack && { trace: stack }) }
}
