// Our requests and stream readers in front of a mock of OpenAI and Anthropic that others wrote (@copilotkit/aimock): it has
// its own idea of both wire forms, so that what it takes and sends shows more than our own twins can.
import { LLMock } from '@copilotkit/aimock'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  generateManifest,
  instanceSchema,
  type JsonObject,
  manifestDigest,
  operationOf,
  type ProviderDefinition,
  parseInput,
  perform,
} from '../../../src/adapter/index.ts'
import { openDoor } from '../../../src/egress/index.ts'
import { Redactor, Secret, systemClock } from '../../../src/foundation/index.ts'
import anthropic from '../../../src/providers/ai/anthropic/index.ts'
import openai from '../../../src/providers/ai/openai/index.ts'
import { peerProof } from '../../support/proof.ts'

const SIDES = [
  {
    definition: openai,
    model: 'gpt-5-mini',
    usage: { prompt_tokens: 8, completion_tokens: 7, total_tokens: 15 },
    // At 0.25 and 2 dollars a million.
    costMicroUsd: 16,
    proof: peerProof(openai, '@copilotkit/aimock'),
  },
  {
    definition: anthropic,
    model: 'claude-sonnet-5',
    usage: { input_tokens: 8, output_tokens: 7 },
    // At 2 and 10.
    costMicroUsd: 86,
    proof: peerProof(anthropic, '@copilotkit/aimock'),
  },
]

const MUTE = {
  name: 'mute',
  parameters: { type: 'object', properties: { input: { type: 'string' } }, required: ['input'] },
}

describe.each(SIDES)(
  'the engine with aimock as $definition.name',
  ({ definition, model, proof, usage, costMicroUsd }) => {
    let mock: LLMock
    let door: ReturnType<typeof openDoor>

    beforeEach(async () => {
      mock = new LLMock({ port: 0, host: '127.0.0.1' })
      mock.onMessage('on air', { content: 'Yes, since nine o’clock. 🎙', usage })
      mock.onMessage('mute', { toolCalls: [{ name: 'mute', arguments: '{"input":"guest"}' }] })
      mock.onEmbedding('Good evening', { embedding: [0.25, -0.5, 1] })
      await mock.start()
      door = openDoor({ redactor: new Redactor(), clock: systemClock, random: () => 0 })
    })
    afterEach(async () => {
      await door.close()
      await mock.stop()
    })

    /** What came, in pieces and as the result. */
    async function call(operation: string, raw: JsonObject) {
      const provider = withManifest(definition)
      const entry = operationOf(provider, operation)
      const pieces: JsonObject[] = []
      const performed = await perform({
        provider,
        instance: instanceSchema.parse({ version: 1, name: 'mocked', provider: definition.id, twin: mock.url }),
        entry,
        input: parseInput(entry, raw),
        door,
        secrets: { open: async () => new Secret('sk-mocked-0123456789abcdef') },
        timeoutMs: 10_000,
        onPiece: async (piece) => void pieces.push(piece),
      })
      return { ...performed, pieces }
    }

    const ask = (content: string, more: JsonObject = {}) =>
      call('completion.create', { model, maxTokens: 200, messages: [{ role: 'user', content }], ...more })

    it('reads a whole answer, and what it cost', async () => {
      const { result, cost } = await ask('Are we on air?')

      expect(result).toMatchObject({ text: 'Yes, since nine o’clock. 🎙', finishReason: 'stop' })
      expect(cost).toMatchObject({ kind: 'priced', maxMicroUsd: costMicroUsd })
      proof.saw('completion.create')
    })

    it('reads the call of a tool', async () => {
      const { result } = await ask('Please mute the guest', { tools: [MUTE] })

      expect(result).toMatchObject({
        finishReason: 'tool_calls',
        toolCalls: [{ id: expect.any(String), name: 'mute', arguments: { input: 'guest' } }],
      })
    })

    it('puts a streamed answer together from its pieces', async () => {
      const { result, pieces, cost } = await ask('Are we on air?', { stream: true })

      expect(cost).toMatchObject({ kind: 'priced', maxMicroUsd: costMicroUsd })
      expect(pieces.length).toBeGreaterThan(1)
      expect(pieces.map(({ text }) => text).join('')).toBe('Yes, since nine o’clock. 🎙')
      expect(result).toMatchObject({ text: 'Yes, since nine o’clock. 🎙', finishReason: 'stop' })
    })

    it('puts a streamed call of a tool together', async () => {
      const { result, pieces } = await ask('Please mute the guest', { stream: true, tools: [MUTE] })

      expect(pieces).toEqual([{ toolCall: { id: expect.any(String), name: 'mute', arguments: { input: 'guest' } } }])
      expect(result).toMatchObject({ finishReason: 'tool_calls' })
    })

    it('hands a tool’s result back in the vendor’s form', async () => {
      mock.prependFixture({ match: { toolCallId: 'call_7' }, response: { content: 'Muted.' } })
      const { result } = await call('completion.create', {
        model,
        maxTokens: 200,
        tools: [MUTE],
        messages: [
          { role: 'user', content: 'Please mute the guest' },
          { role: 'assistant', toolCalls: [{ id: 'call_7', name: 'mute', arguments: { input: 'guest' } }] },
          { role: 'tool', toolCallId: 'call_7', content: 'done' },
        ],
      })

      expect(result).toMatchObject({ text: 'Muted.' })
    })

    it('says what had come when a stream breaks off', async () => {
      mock.prependFixture({
        match: { userMessage: 'breaks' },
        response: { content: 'word '.repeat(200) },
        truncateAfterChunks: 6,
        // Time for what was sent to arrive before the connection is reset.
        latency: 25,
      })

      await expect(ask('This breaks', { stream: true })).rejects.toMatchObject({
        details: {
          outcome: 'unknown',
          partial: { result: { finishReason: 'aborted', text: expect.stringMatching(/^word/) } },
        },
      })
    })

    it('asks again after a rate limit, streaming or not', async () => {
      mock.nextRequestError(429, { message: 'Slow down', type: 'rate_limit_error' })
      const { result, attempts } = await ask('Are we on air?', { stream: true })

      expect(attempts.map(({ status }) => status)).toEqual([429, 200])
      expect(result).toMatchObject({ finishReason: 'stop' })
    })

    it('has a coded error where the answer to a stream is an error', async () => {
      mock.nextRequestError(401, { message: 'No such key', type: 'authentication_error' })

      await expect(ask('Are we on air?', { stream: true })).rejects.toMatchObject({ code: 'IF_ERR_AUTH_FAILED' })
    })

    it.skipIf(definition.id !== 'openai')('has embeddings as numbers', async () => {
      const { result } = await call('embedding.create', { model: 'text-embedding-3-small', input: 'Good evening' })

      expect(result.embeddings).toEqual([[0.25, -0.5, 1]])
      proof.saw('embedding.create')
    })

    it.skipIf(definition.id !== 'openai')('streams a response with its calls', async () => {
      const { result, pieces } = await call('openai:response.create', {
        model,
        input: 'Are we on air?',
        maxTokens: 200,
        stream: true,
      })

      expect(pieces.map(({ text }) => text).join('')).toBe('Yes, since nine o’clock. 🎙')
      expect(result).toMatchObject({ status: 'completed', text: 'Yes, since nine o’clock. 🎙' })
      proof.saw('openai:response.create')
    })

    it(`${proof.title}, as ${definition.name}`, () => proof.check())
  },
)

function withManifest(definition: ProviderDefinition) {
  const manifest = generateManifest(definition, 'tests')
  return { definition, manifest, digest: manifestDigest(manifest), signedBy: 'test' }
}
