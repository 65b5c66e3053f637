// A provider that exists in the benchmark alone, so that the engine is measured and no vendor's definition.
import {
  bearer,
  defineProvider,
  generateManifest,
  type Instance,
  instanceSchema,
  type LoadedProvider,
  manifestDigest,
  native,
  operationOf,
  type PerformOptions,
  post,
  secret,
  z,
} from '../../src/adapter/index.ts'
import { type Door, openDoor } from '../../src/egress/index.ts'
import { Redactor, Secret, systemClock } from '../../src/foundation/index.ts'

export const REQUEST = { model: 'bench-1', messages: [{ role: 'user', content: 'Say good evening.' }] }

const delta = z.object({ choices: z.array(z.object({ delta: z.object({ content: z.string() }) })) })
const answer = z.object({ choices: z.array(z.object({ message: z.object({ content: z.string() }) })) })
const input = z.strictObject({})
const output = z.object({ text: z.string() })

const common = { effect: 'send' as const, input, output, cost: 'free' as const, result: () => ({ text: '' }) }

/** Reads a stream of completions. */
const events = () => {
  let text = ''
  return {
    event: ({ data, json }: { data: string; json?: unknown }) => {
      if (data === '[DONE]') return 'end' as const
      const piece = delta.parse(json).choices[0]?.delta.content ?? ''
      text += piece
      return [{ text: piece }]
    },
    end: () => ({ text }),
  }
}

const definition = defineProvider({
  id: 'bench',
  name: 'Bench',
  category: 'ai',
  version: '1.0.0',
  docs: 'https://bench.example',
  sources: [],
  checkedAt: 'never',
  confidence: 'high',
  standing: 'active',
  baseUrls: { main: 'https://bench.example' },
  secrets: { BENCH_KEY: { label: 'key', get: 'https://bench.example' } },
  auth: bearer(secret('BENCH_KEY')),
  limits: { rps: 1_000, burst: 1_000, backoffSeconds: [1] },
  errors: ({ status }) => (status < 400 ? undefined : { code: 'IF_ERR_ACTION_FAILED', message: `status ${status}` }),
  health: { operation: 'bench:complete', input: {}, tell: () => 'works' },
  operations: {},
  native: {
    complete: native({
      ...common,
      summary: 'Complete.',
      request: () => post('/v1/chat/completions', { json: REQUEST }),
      result: (body) => ({ text: answer.parse(body).choices[0]?.message.content ?? '' }),
      examples: [{ input: {}, response: {} }],
    }),
    stream: native({
      ...common,
      summary: 'Complete, as a stream.',
      request: () => post('/v1/chat/completions', { json: { ...REQUEST, stream: true }, stream: 'sse' }),
      events,
      examples: [{ input: {}, response: {} }],
    }),
    hold: native({
      ...common,
      summary: 'A stream without end.',
      request: () => post('/hold', { json: { stream: true }, stream: 'sse' }),
      events,
      examples: [{ input: {}, response: {} }],
    }),
  },
  twin: { fault: () => ({ body: null }), operations: {} },
})

const manifest = generateManifest(definition, 'benchmarks/engine')
const provider: LoadedProvider = { definition, manifest, digest: manifestDigest(manifest), signedBy: 'benchmark' }

export const openBenchDoor = (): Door => openDoor({ redactor: new Redactor(), clock: systemClock })

/** What `perform` takes for an operation of the benchmark's provider. */
export function callOptions(door: Door, origin: string, operation: string): PerformOptions {
  const instance: Instance = instanceSchema.parse({ version: 1, name: 'bench', provider: 'bench', twin: origin })
  return {
    provider,
    instance,
    entry: operationOf(provider, operation),
    input: {},
    door,
    secrets: { open: async () => new Secret('bench-key-of-nobody') },
    timeoutMs: 30_000,
  }
}
