// Drives a house of guests without a thread: sends it calls, answers what guests want, and hands back how each call ended.
import { GuestHouse } from '../../../../src/chassis/guest/guest-house.ts'
import { quickJsModule } from '../../../../src/chassis/guest/quickjs-module.ts'
import type {
  FromWorker,
  GuestAnswer,
  GuestExport,
  GuestFailure,
  GuestLimits,
  GuestSource,
  GuestTime,
  GuestUsage,
  GuestWant,
} from '../../../../src/chassis/guest-protocol.ts'

export const LIMITS: GuestLimits = {
  memoryBytes: 32 * 1_048_576,
  fuel: 1e9,
  wallMs: 5_000,
  outputBytes: 65_536,
  callDepth: 500,
  stackBytes: 262_144,
  tableElements: 1_000,
  hostCalls: 20,
}

export const SEEDED: GuestTime = { kind: 'seeded', seed: 'a seed', nowMs: Date.UTC(2000, 0, 1) }

export interface DeskCall {
  source: GuestSource
  /** Default: one name for each source text. */
  module?: string
  export?: GuestExport
  input?: unknown
  limits?: Partial<GuestLimits>
  time?: GuestTime
  fresh?: boolean
  /** What the host answers; default: the intent or key itself. */
  host?: (what: GuestWant) => GuestAnswer
}

export interface Ended {
  output: unknown
  failure: GuestFailure | undefined
  usage: GuestUsage
  wants: GuestWant[]
  log: string[]
}

const echo = (what: GuestWant): GuestAnswer => ({
  ok: what.kind === 'call' ? what.intent : JSON.stringify('key' in what ? what.key : [what.prefix]),
})

export class GuestDesk {
  readonly house: GuestHouse
  readonly sent: FromWorker[] = []
  readonly stop = new Int32Array(new SharedArrayBuffer(4))
  readonly #names = new Map<unknown, string>()
  #ids = 0

  static async open(options: { warmInstances?: number } = {}): Promise<GuestDesk> {
    return new GuestDesk(await quickJsModule(), options)
  }

  private constructor(quickJs: WebAssembly.Module, options: { warmInstances?: number }) {
    this.house = new GuestHouse({ quickJs, post: (message) => this.sent.push(message), stop: this.stop, ...options })
  }

  nextId(): number {
    return this.#ids + 1
  }

  /** Until it has ended, every want answered in turn. */
  async run(call: DeskCall): Promise<Ended> {
    const id = await this.begin(call)
    const host = call.host ?? echo
    for (let at = 0; at < this.sent.length; at += 1) {
      const message = this.sent[at]
      if (message?.type === 'want' && message.id === id)
        await this.house.receive({ type: 'answer', id, want: message.want, answer: host(message.what), wallMs: 5_000 })
    }
    return this.endOf(id)
  }

  /** Until its first stretch has ended. */
  async begin(call: DeskCall): Promise<number> {
    this.#ids += 1
    const id = this.#ids
    const key = call.source.kind === 'script' ? call.source.script : call.source.module
    const module = call.module ?? this.#names.get(key) ?? `module-${this.#names.size}`
    this.#names.set(key, module)
    await this.house.receive({
      type: 'call',
      id,
      module,
      source: call.source,
      export: call.export ?? 'execute',
      input: JSON.stringify(call.input ?? null),
      limits: { ...LIMITS, ...call.limits },
      time: call.time ?? { kind: 'live' },
      fresh: call.fresh ?? false,
    })
    return id
  }

  endOf(id: number): Ended {
    const mine = this.sent.filter((message) => 'id' in message && message.id === id)
    const end = mine.find((message) => message.type === 'done' || message.type === 'failed')
    if (!end) throw new Error(`call ${id} has not ended: ${JSON.stringify(mine.at(-1))}`)
    return {
      output: end.type === 'done' ? JSON.parse(end.output) : undefined,
      failure: end.type === 'failed' ? end.failure : undefined,
      usage: end.usage,
      wants: mine.flatMap((message) => (message.type === 'want' ? [message.what] : [])),
      log: mine.flatMap((message) => (message.type === 'log' ? [`${message.level} ${message.text}`] : [])),
    }
  }
}

/** A script whose `execute` has this body, given `input`. */
export const script = (body: string): GuestSource => ({
  kind: 'script',
  script: `import { call, kv, log, now, random } from 'infrafabric:host'\nexport async function execute(input) { ${body} }`,
})
