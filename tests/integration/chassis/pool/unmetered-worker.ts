// A worker whose guests run as plain JavaScript, without a meter: nothing inside stops them, they may bring their thread
// down, and they heed the stop flag only where they look at it. What a pool must survive when a sandbox fails.
// A guest's source is the body of a function of (host, input).
import { parentPort, workerData } from 'node:worker_threads'
import type {
  FromWorker,
  GuestFailure,
  GuestLimit,
  GuestUsage,
  GuestWant,
  ToWorker,
} from '../../../../src/chassis/guest-protocol.ts'

type Message<K, T extends string> = Extract<K, { type: T }>

interface Want {
  resolve(value: unknown): void
  reject(error: Error): void
}

interface Call {
  wants: Map<number, Want>
  cpuMs: number
  outcome: { output: string } | { failure: GuestFailure } | undefined
}

const NO_JSON = Symbol('no JSON')

const stop = new Int32Array(workerData.stop as SharedArrayBuffer)
const sources = new Map<string, string>()
const calls = new Map<number, Call>()
const post = (message: FromWorker) => parentPort?.postMessage(message)

parentPort?.on('message', (message: ToWorker) => {
  if (message.type === 'forget') sources.delete(message.module)
  else if (message.type === 'abandon') calls.delete(message.id)
  else if (message.type === 'call') void turn(message.id, () => begin(message))
  else if (message.type === 'answer') void turn(message.id, () => goOn(message))
})
post({ type: 'ready' })

function begin({ id, module, source, input, time }: Message<ToWorker, 'call'>): void {
  if (source?.kind === 'script') sources.set(module, source.script)
  const call: Call = { wants: new Map(), cpuMs: 0, outcome: undefined }
  calls.set(id, call)
  const script = sources.get(module) ?? 'throw new Error("no source was sent")'
  const guest = new Function('host', 'input', `return (async () => {${script}})()`)
  guest({ ...hostOf(id, call), time }, JSON.parse(input)).then(
    (output: unknown) => {
      call.outcome = { output: output === NO_JSON ? '{' : JSON.stringify(output ?? null) }
    },
    (error: Error & { limit?: GuestLimit }) => {
      const { limit, message, stack = '' } = error
      call.outcome = {
        failure: limit ? { kind: 'limit', limit, message } : { kind: 'failed', message, trace: stack },
      }
    },
  )
}

function goOn({ id, want, answer }: Message<ToWorker, 'answer'>): void {
  const asked = calls.get(id)?.wants.get(want)
  if ('error' in answer) asked?.reject(Object.assign(new Error(), { told: answer.error }))
  else asked?.resolve(JSON.parse(answer.ok))
}

async function turn(id: number, start: () => void): Promise<void> {
  const startedAt = performance.now()
  start()
  await new Promise((resolve) => setImmediate(resolve))
  const call = calls.get(id)
  if (!call) return
  call.cpuMs += performance.now() - startedAt
  const usage = usageOf(call)
  if (!call.outcome) return post({ type: 'parked', id, usage })
  calls.delete(id)
  if ('output' in call.outcome) post({ type: 'done', id, ...call.outcome, usage })
  else post({ type: 'failed', id, ...call.outcome, usage })
}

const usageOf = ({ cpuMs, wants }: Call): GuestUsage => ({ fuel: 7, cpuMs, memoryBytes: 1024, hostCalls: wants.size })

/** What a guest gets; an error of its host stands in `told`. */
function hostOf(id: number, call: Call) {
  const ask = (what: GuestWant) =>
    new Promise<unknown>((resolve, reject) => {
      const want = call.wants.size + 1
      call.wants.set(want, { resolve, reject })
      post({ type: 'want', id, want, what, usage: usageOf(call) })
    })
  return {
    call: (intent: unknown) => ask({ kind: 'call', intent: JSON.stringify(intent) }),
    ask,
    post,
    log: (level: Message<FromWorker, 'log'>['level'], text: string) => post({ type: 'log', id, level, text }),
    /** Runs on until it is told to stop; where `isDeaf`, for ever. */
    spin(ms: number | null = null, isDeaf = false) {
      const until = performance.now() + (ms ?? Number.POSITIVE_INFINITY)
      while (performance.now() < until) {
        if (!isDeaf && Atomics.load(stop, 0) === id) throw Object.assign(new Error('stopped'), { limit: 'time' })
      }
    },
    exit: (code: number) => process.exit(code),
    NO_JSON,
  }
}
