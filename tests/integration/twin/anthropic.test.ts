// The official client `@anthropic-ai/sdk` against the twin: it must be content with every answer, read every stream, and
// raise its own error classes.
import Anthropic, { toFile } from '@anthropic-ai/sdk'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import definition from '../../../src/providers/ai/anthropic/index.ts'
import { openTwin, openVendorDescription, type Twin, vendorDescriptionsFolder } from '../../../src/twin/index.ts'
import { clientProof } from '../../support/proof.ts'

const folder = vendorDescriptionsFolder()
const specs = folder ? await openVendorDescription(folder, definition) : undefined
const held = specs ? "held against Anthropic's description" : 'SKIPPED: no description at hand, the client alone judges'

const clientOf = (twin: Twin, apiKey = twin.secrets.ANTHROPIC_API_KEY ?? '') =>
  new Anthropic({ apiKey, baseURL: twin.url, maxRetries: 0 })

const MODEL = 'claude-sonnet-5'
const MUTE: Anthropic.Tool = {
  name: 'mute',
  input_schema: {
    type: 'object',
    properties: { input: { type: 'string' }, level: { type: 'number' } },
    required: ['input', 'level'],
  },
}
const person = (content: string): Anthropic.MessageParam => ({ role: 'user', content })

const proof = clientProof(definition, '@anthropic-ai/sdk')

describe(`the client @anthropic-ai/sdk with the twin (${held})`, () => {
  let twin: Twin
  let client: Anthropic

  beforeEach(async () => {
    twin = await openTwin({ provider: definition, ...(specs ? { specs } : {}) })
    client = clientOf(twin)
  })
  afterEach(async () => {
    proof.watch(twin)
    await twin.close()
    expect(twin.problems).toEqual([])
  })

  it('has an answer, cut where it may write no more', async () => {
    const whole = await client.messages.create({ model: MODEL, max_tokens: 100, messages: [person('Are we on air?')] })
    const cut = await client.messages.create({ model: MODEL, max_tokens: 3, messages: [person('Are we on air?')] })

    expect(whole).toMatchObject({
      stop_reason: 'end_turn',
      content: [{ type: 'text', text: 'Rehearsed: Are we on air?' }],
    })
    expect(cut).toMatchObject({ stop_reason: 'max_tokens', content: [{ text: 'Rehearsed: A' }] })
  })

  it('calls a tool that the words name, and goes on from its result', async () => {
    const asked = person('Please mute the guest')
    const called = await client.messages.create({ model: MODEL, max_tokens: 100, messages: [asked], tools: [MUTE] })
    const [use] = called.content

    expect(called.stop_reason).toBe('tool_use')
    expect(use).toMatchObject({ type: 'tool_use', name: 'mute', input: { input: 'text', level: 1 } })
    const id = use?.type === 'tool_use' ? use.id : ''
    const after = await client.messages.create({
      model: MODEL,
      max_tokens: 100,
      tools: [MUTE],
      messages: [
        asked,
        { role: 'assistant', content: [{ type: 'tool_use', id, name: 'mute', input: {} }] },
        { role: 'user', content: [{ type: 'tool_result', tool_use_id: id, content: 'mute is on' }] },
      ],
    })
    expect(after.content).toMatchObject([{ type: 'text', text: 'Rehearsed: mute is on' }])
  })

  it('streams words and calls, and tells the usage at the end', async () => {
    const words: string[] = []
    const said = client.messages.stream({ model: MODEL, max_tokens: 100, messages: [person('Are we on air?')] })
    said.on('text', (delta) => words.push(delta))
    const whole = await said.finalMessage()
    const called = await client.messages
      .stream({ model: MODEL, max_tokens: 100, messages: [person('mute')], tools: [MUTE] })
      .finalMessage()

    expect(words.join('')).toBe('Rehearsed: Are we on air?')
    expect(words.length).toBeGreaterThan(2)
    expect(whole.usage.output_tokens).toBeGreaterThan(1)
    expect(called.content).toMatchObject([{ type: 'tool_use', input: { input: 'text', level: 1 } }])
  })

  it('counts tokens before', async () => {
    const { input_tokens } = await client.messages.countTokens({ model: MODEL, messages: [person('Are we on air?')] })

    expect(input_tokens).toBeGreaterThan(0)
  })

  it('goes through the pages of models, and reads one', async () => {
    const ids: string[] = []
    for await (const { id } of client.models.list({ limit: 1 })) ids.push(id)

    expect(ids).toEqual(['claude-opus-5-5', 'claude-sonnet-5', 'claude-haiku-4-5'])
    expect((await client.models.retrieve(MODEL)).display_name).toBe('Claude Sonnet 5')
    await expect(client.models.retrieve('claude-0')).rejects.toBeInstanceOf(Anthropic.NotFoundError)
  })

  it('has a batch answered, each request for itself, and deletes it', async () => {
    const params = { model: MODEL, max_tokens: 50, messages: [person('Greet the listeners.')] }
    const created = await client.messages.batches.create({
      requests: [
        { custom_id: 'good', params },
        { custom_id: 'bad', params: { ...params, model: 'llama' } },
      ],
    })
    expect(created.processing_status).toBe('in_progress')
    await expect(client.messages.batches.delete(created.id)).rejects.toBeInstanceOf(Anthropic.BadRequestError)

    const ended = await client.messages.batches.retrieve(created.id)
    const results = []
    for await (const result of await client.messages.batches.results(created.id)) results.push(result)

    expect(ended).toMatchObject({ processing_status: 'ended', request_counts: { succeeded: 1, errored: 1 } })
    expect(results).toMatchObject([
      { custom_id: 'good', result: { type: 'succeeded', message: { stop_reason: 'end_turn' } } },
      { custom_id: 'bad', result: { type: 'errored', error: { error: { type: 'not_found_error' } } } },
    ])
    expect((await client.messages.batches.delete(created.id)).id).toBe(created.id)
  })

  it('cancels a batch that is under way', async () => {
    const params = { model: MODEL, max_tokens: 50, messages: [person('Greet the listeners.')] }
    const { id } = await client.messages.batches.create({ requests: [{ custom_id: 'a', params }] })

    expect((await client.messages.batches.cancel(id)).processing_status).toBe('canceling')
    expect(await client.messages.batches.retrieve(id)).toMatchObject({ request_counts: { canceled: 1 } })
  })

  it('keeps files and goes through their pages', async () => {
    const upload = async (name: string) =>
      client.files.upload({
        file: await toFile(Buffer.from('news'), name, { type: 'text/plain' }),
        expires_in_seconds: 7200,
      })
    const first = await upload('a.txt')
    await upload('b.txt')
    await upload('c.txt')

    const names: string[] = []
    for await (const { filename } of client.files.list({ limit: 2 })) names.push(filename)

    expect(names).toEqual(['c.txt', 'b.txt', 'a.txt'])
    expect(first).toMatchObject({ size_bytes: 4, mime_type: 'text/plain' })
    expect((await client.files.delete(first.id)).id).toBe(first.id)
    await expect(client.files.delete(first.id)).rejects.toBeInstanceOf(Anthropic.NotFoundError)
  })

  it('raises the errors of the client, and refuses what the API version has given up', async () => {
    const asked = { model: MODEL, max_tokens: 10, messages: [person('x')] }

    await expect(clientOf(twin, 'sk-ant-test-00000000000000000000').messages.create(asked)).rejects.toMatchObject({
      constructor: Anthropic.AuthenticationError,
      type: 'authentication_error',
    })
    const sampled = { ...asked, temperature: 1 } as Anthropic.MessageCreateParamsNonStreaming
    await expect(client.messages.create(sampled)).rejects.toMatchObject({
      constructor: Anthropic.BadRequestError,
      apiMessage: 'temperature: is not supported on API version 2026-10-21',
    })
    await expect(client.messages.create({ ...asked, model: 'llama' })).rejects.toBeInstanceOf(Anthropic.NotFoundError)
  })

  it(proof.title, () => proof.check())
})
