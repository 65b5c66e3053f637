// The worker as a thread of its own, as the pool starts it: messages in, messages out, and nothing of the host inside.
import { Worker } from 'node:worker_threads'
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest'
import { quickJsModule } from '../../../../src/chassis/guest/quickjs-module.ts'
import type { FromWorker, GuestLimits, ToWorker } from '../../../../src/chassis/guest-protocol.ts'
import { buildWorkerFile, type WorkerFile } from '../../../support/guest-worker.ts'

const LIMITS: GuestLimits = {
  memoryBytes: 16 * 1_048_576,
  fuel: 1e12,
  wallMs: 20_000,
  outputBytes: 65_536,
  callDepth: 500,
  stackBytes: 262_144,
  tableElements: 1_000,
  hostCalls: 10,
}

let file: WorkerFile
let worker: Worker
let heard: FromWorker[]
let waiting: ((message: FromWorker) => void)[]
let stop: Int32Array
let ids = 0

beforeAll(async () => {
  file = await buildWorkerFile()
})
afterAll(() => file.remove())

beforeEach(async () => {
  heard = []
  waiting = []
  stop = new Int32Array(new SharedArrayBuffer(4))
  worker = new Worker(file.path, {
    workerData: { quickJs: await quickJsModule(), stop: stop.buffer },
    env: {},
    execArgv: [],
    stdout: true,
    stderr: true,
  })
  worker.on('message', (message: FromWorker) => {
    heard.push(message)
    waiting.shift()?.(message)
  })
  expect(await next()).toEqual({ type: 'ready' })
})
afterEach(() => worker.terminate())

const next = () => new Promise<FromWorker>((resolve) => waiting.push(resolve))

function call(body: string, input: unknown = null, limits: Partial<GuestLimits> = {}): Promise<FromWorker> {
  ids += 1
  const message: ToWorker = {
    type: 'call',
    id: ids,
    module: body,
    source: {
      kind: 'script',
      script: `import { call } from 'infrafabric:host'; export async function execute(input) { ${body} }`,
    },
    export: 'execute',
    input: JSON.stringify(input),
    limits: { ...LIMITS, ...limits },
    time: { kind: 'live' },
    fresh: false,
  }
  const answer = next()
  worker.postMessage(message)
  return answer
}

it('answers call after call', async () => {
  for (const input of [1, 'ü', { a: [] }])
    expect(await call('return input', input)).toMatchObject({ type: 'done', output: JSON.stringify(input) })
})

it('stops a guest that runs for ever by the shared flag, and answers the next', async () => {
  const ended = call('for (;;);')
  // The thread reads no messages now; the flag reaches it.
  Atomics.store(stop, 0, ids)

  expect(await ended).toMatchObject({ type: 'failed', failure: { limit: 'time' } })
  Atomics.store(stop, 0, 0)
  expect(await call('return 1')).toMatchObject({ type: 'done', output: '1' })
})

it('survives calls that are nested to the end of its own stack, and answers the next', async () => {
  const limits = { stackBytes: 5 * 1_048_576 }

  expect(await call('const f = () => f() + 1; return f()', null, limits)).toMatchObject({
    failure: { kind: 'limit', limit: 'recursion' },
  })
  expect(await call('return JSON.parse("[".repeat(1e5) + "]".repeat(1e5))', null, limits)).toMatchObject({
    failure: { kind: 'limit', limit: 'recursion' },
  })
  expect(await call('return 1')).toMatchObject({ output: '1' })
})

it('survives a full memory, and answers the next', async () => {
  expect(await call('const kept = []; for (;;) kept.push(new Uint8Array(1 << 20))')).toMatchObject({
    failure: { kind: 'limit', limit: 'memory' },
  })
  expect(await call('return 1')).toMatchObject({ output: '1' })
})

it('goes on with others while a guest waits for its host', async () => {
  const want = await call('return (await call(input)) + 1', 41)
  expect(want).toMatchObject({ type: 'want', what: { kind: 'call', intent: '41' } })
  const parked = ids

  expect(await call('return "meanwhile"')).toMatchObject({ type: 'parked', id: parked })
  expect(await next()).toMatchObject({ type: 'done', output: '"meanwhile"' })

  worker.postMessage({ type: 'answer', id: parked, want: 1, answer: { ok: '41' }, wallMs: 5_000 } satisfies ToWorker)
  expect(await next()).toMatchObject({ type: 'done', id: parked, output: '42' })
})

it('dies of nothing that a guest throws at it', async () => {
  for (const body of [
    'throw null',
    'await new Promise(() => {})',
    'return 1n',
    'Promise.reject(1); return 1',
    'import("fs")',
  ])
    expect(['done', 'failed']).toContain((await call(body)).type)
  expect(await call('return 1')).toMatchObject({ output: '1' })
})
