// Every answer that the definitions give as an example, damaged in many ways: an operation either gives a result that its
// schema holds for true, or throws one coded error. Seeded, so that what fails fails again.
import { describe, expect, it } from 'vitest'
import {
  definedOperations,
  generateManifest,
  type Instance,
  instanceSchema,
  type JsonObject,
  type JsonValue,
  type LoadedProvider,
  manifestDigest,
  type OperationEntry,
  operationOf,
  perform,
} from '../../../src/adapter/index.ts'
import type { Door, IncomingResponse } from '../../../src/egress/index.ts'
import { FabricError, Secret } from '../../../src/foundation/index.ts'
import { PROVIDERS } from '../../../src/providers/index.ts'

const SEED = 20_260_101
const MUTATIONS = 25
const TEXTS = [
  '',
  ' ',
  '{',
  '[]',
  'null',
  '"',
  '<html>',
  '<?xml version="1.0"?><Error/>',
  '\u0000',
  '{"error":',
  '0',
  '[[[[[[',
]

/** Mulberry32: small, and the same everywhere. */
function randomFrom(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below
  }
}

type Random = ReturnType<typeof randomFrom>

const STRANGERS: readonly JsonValue[] = [
  null,
  true,
  0,
  -1,
  1.5,
  9_007_199_254_740_991,
  '',
  'x',
  [],
  {},
  [[]],
  [null],
  { id: null },
]

/** The value with one place changed: gone, of another type, or wrapped. */
function mutated(value: JsonValue, random: Random): JsonValue {
  const inside = value !== null && typeof value === 'object' ? Object.keys(value) : []
  const name = inside[random(inside.length + 1)]
  if (name === undefined) return STRANGERS[random(STRANGERS.length)] ?? null
  const copy = structuredClone(value) as Record<string, JsonValue>
  if (random(4) === 0) {
    if (Array.isArray(copy)) copy.splice(Number(name), 1)
    else delete copy[name]
  } else copy[name] = mutated(copy[name] ?? null, random)
  return copy as JsonValue
}

const respond = (
  text: string,
  { status = 200, headers = {} }: { status?: number; headers?: Record<string, string> },
): IncomingResponse => ({
  status,
  headers: { 'content-type': 'application/json', ...headers },
  body: Buffer.from(text),
  text,
})

/** Gives the answers in order, the last one again and again. */
function doorWith(answers: readonly IncomingResponse[]): Door {
  let at = 0
  return {
    async send(_request, { shouldRetry }) {
      const response = answers[Math.min(at, answers.length - 1)]
      at += 1
      if (!response) throw new Error('there is no answer')
      shouldRetry?.(response)
      const attempt = {
        number: 1,
        startedAt: 0,
        durationMs: 0,
        status: response.status,
        retry: { retry: false as const },
      }
      return { response, attempts: [attempt] }
    },
    stream: () => Promise.reject(new Error('nothing streams here')),
    connect: () => Promise.reject(new Error('nothing connects here')),
    close: async () => {},
  }
}

/** The answers of an example, one of them damaged. */
function damaged(example: OperationEntry['operation']['examples'][number], random: Random): IncomingResponse[] {
  const answers = [
    { body: example.response, status: example.status, headers: example.headers },
    ...(example.more ?? []),
  ]
  const victim = random(answers.length)
  return answers.map(({ body, status, headers }, at) => {
    const facts = { ...(status === undefined ? {} : { status }), headers: { ...headers } }
    if (at !== victim) return respond(textOf(body), facts)
    const way = random(6)
    if (way === 0) return respond(TEXTS[random(TEXTS.length)] ?? '', facts)
    if (way === 1) {
      const text = textOf(body)
      return respond(text.slice(0, random(text.length + 1)), facts)
    }
    if (way === 2)
      return respond(textOf(mutated(body, random)), {
        ...facts,
        status: [400, 404, 409, 429, 500, 503][random(6)] ?? 500,
      })
    if (way === 3) return respond(textOf(body), { ...facts, headers: {} })
    return respond(textOf(mutated(body, random)), facts)
  })
}

const textOf = (body: JsonValue): string => (typeof body === 'string' ? body : JSON.stringify(body))

type Known = (typeof PROVIDERS)[number]

const load = async ({ id, category, load: definitionOf }: Known): Promise<LoadedProvider> => {
  const definition = await definitionOf()
  const manifest = generateManifest(definition, `providers/${category}/${id}`)
  return { definition, manifest, digest: manifestDigest(manifest), signedBy: 'test' }
}

describe.each([...PROVIDERS])('damaged answers of $id', (known) => {
  it('give a true result or one coded error', async () => {
    const provider = await load(known)
    const { id } = known
    const random = randomFrom(SEED)
    const instance: Instance = instanceSchema.parse({ version: 1, name: id, provider: id, twin: 'http://127.0.0.1:9' })
    for (const { id: operation } of definedOperations(provider.definition)) {
      const entry = operationOf(provider, operation)
      for (const [number, example] of entry.operation.examples.entries()) {
        const input = entry.inputSchema.parse(example.input) as JsonObject
        const spec = entry.operation.request(input)
        if (spec.transport !== 'http' || spec.stream) continue
        for (let round = 0; round < MUTATIONS; round += 1) {
          const answers = damaged(example, random)
          const where = `${operation}, example ${number + 1}: ${answers.map(({ status, text }) => `${status} ${text}`).join(' | ')}`
          const options = { provider, instance, entry, input, door: doorWith(answers), timeoutMs: 50 }
          const secrets = { open: async () => new Secret('test-secret') }
          const ended = await perform({ ...options, secrets }).catch((thrown: unknown) => thrown)

          if (ended instanceof FabricError) {
            expect(ended.code, where).not.toBe('IF_ERR_INTERNAL')
            expect(['not-done', 'unknown'], where).toContain(ended.details.outcome)
          } else {
            const { result } = ended as { result: JsonObject }
            expect(entry.resultSchema.safeParse(result).success, where).toBe(true)
          }
        }
      }
    }
  })
})
