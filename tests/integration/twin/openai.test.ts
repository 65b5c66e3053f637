// The official client `openai` against the twin: it must be content with every answer, read every stream, and raise its own
// error classes.
import OpenAI, { toFile } from 'openai'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import definition from '../../../src/providers/ai/openai/index.ts'
import { openTwin, openVendorDescription, type Twin, vendorDescriptionsFolder } from '../../../src/twin/index.ts'
import { clientProof } from '../../support/proof.ts'

const folder = vendorDescriptionsFolder()
const specs = folder ? await openVendorDescription(folder, definition) : undefined
const held = specs ? "held against OpenAI's description" : 'SKIPPED: no description at hand, the client alone judges'

const clientOf = (twin: Twin, apiKey = twin.secrets.OPENAI_API_KEY ?? '') =>
  new OpenAI({ apiKey, baseURL: `${twin.url}/v1`, maxRetries: 0 })

const MUTE = {
  type: 'function',
  function: {
    name: 'mute',
    parameters: {
      type: 'object',
      properties: { input: { type: 'string' }, level: { type: 'number' } },
      required: ['input', 'level'],
    },
  },
} as const

const proof = clientProof(definition, 'openai')

describe(`the client openai with the twin (${held})`, () => {
  let twin: Twin
  let client: OpenAI

  beforeEach(async () => {
    twin = await openTwin({ provider: definition, ...(specs ? { specs } : {}) })
    client = clientOf(twin)
  })
  afterEach(async () => {
    proof.watch(twin)
    await twin.close()
    expect(twin.problems).toEqual([])
  })

  it('has a completion, cut where it may write no more', async () => {
    const messages = [{ role: 'user' as const, content: 'Are we on air?' }]
    const whole = await client.chat.completions.create({ model: 'gpt-5-mini', messages })
    const cut = await client.chat.completions.create({ model: 'gpt-5-mini', messages, max_completion_tokens: 3 })

    expect(whole.choices[0]).toMatchObject({
      finish_reason: 'stop',
      message: { role: 'assistant', content: 'Rehearsed: Are we on air?' },
    })
    expect(whole.usage?.total_tokens).toBe((whole.usage?.prompt_tokens ?? 0) + (whole.usage?.completion_tokens ?? 0))
    expect(cut.choices[0]).toMatchObject({ finish_reason: 'length', message: { content: 'Rehearsed: A' } })
  })

  it('calls a tool that the words name, and goes on from its result', async () => {
    const asked = { role: 'user' as const, content: 'Please mute the guest' }
    const called = await client.chat.completions.create({ model: 'gpt-5-mini', messages: [asked], tools: [MUTE] })
    const [call] = called.choices[0]?.message.tool_calls ?? []

    expect(called.choices[0]?.finish_reason).toBe('tool_calls')
    expect(call).toMatchObject({
      type: 'function',
      function: { name: 'mute', arguments: '{"input":"text","level":1}' },
    })
    const after = await client.chat.completions.create({
      model: 'gpt-5-mini',
      tools: [MUTE],
      messages: [
        asked,
        { role: 'assistant', tool_calls: call ? [call] : [] },
        { role: 'tool', tool_call_id: call?.id ?? '', content: 'mute is on' },
      ],
    })
    expect(after.choices[0]?.message.content).toBe('Rehearsed: mute is on')
  })

  it('streams a completion with its usage at the end', async () => {
    const stream = client.chat.completions.stream({
      model: 'gpt-5-mini',
      messages: [{ role: 'user', content: 'Are we on air?' }],
      stream_options: { include_usage: true },
    })
    const deltas: string[] = []
    stream.on('content', (delta) => deltas.push(delta))

    const final = await stream.finalChatCompletion()

    expect(deltas.join('')).toBe('Rehearsed: Are we on air?')
    expect(deltas.length).toBeGreaterThan(2)
    expect(final.usage?.completion_tokens).toBeGreaterThan(0)
  })

  it('streams the call of a tool in pieces', async () => {
    const stream = client.chat.completions.stream({
      model: 'gpt-5-mini',
      messages: [{ role: 'user', content: 'mute' }],
      tools: [MUTE],
    })

    const final = await stream.finalChatCompletion()

    expect(final.choices[0]?.message.tool_calls?.[0]).toMatchObject({
      function: { name: 'mute', arguments: '{"input":"text","level":1}' },
    })
  })

  it('has embeddings, by default in base64, and the same as numbers', async () => {
    const input = ['Good evening.', 'Guten Abend.']
    const model = 'text-embedding-3-small'
    const inBase64 = await client.embeddings.create({ model, input, dimensions: 6 })
    const asNumbers = await client.embeddings.create({ model, input, dimensions: 6, encoding_format: 'float' })

    expect(inBase64.data.map(({ embedding }) => embedding.length)).toEqual([6, 6])
    expect(inBase64.data).toEqual(asNumbers.data)
    expect(Math.hypot(...(asNumbers.data[0]?.embedding ?? []))).toBeCloseTo(1)
  })

  it('lists models', async () => {
    const ids: string[] = []
    for await (const { id } of client.models.list()) ids.push(id)

    expect(ids).toContain('gpt-5-mini')
  })

  it('keeps responses, goes on from them, and deletes them', async () => {
    const first = await client.responses.create({ model: 'gpt-5-mini', input: 'Are we on air?' })
    const second = await client.responses.create({
      model: 'gpt-5-mini',
      input: [{ role: 'user', content: 'mute' }],
      tools: [{ ...MUTE.function, type: 'function', strict: false }],
      previous_response_id: first.id,
    })

    expect(first.output_text).toBe('Rehearsed: Are we on air?')
    expect(second.output[0]).toMatchObject({ type: 'function_call', name: 'mute' })
    expect((await client.responses.retrieve(first.id)).output_text).toBe(first.output_text)
    await client.responses.delete(first.id)
    await expect(client.responses.retrieve(first.id)).rejects.toBeInstanceOf(OpenAI.NotFoundError)
  })

  it('streams a response, words and calls', async () => {
    const words = client.responses.stream({ model: 'gpt-5-mini', input: 'Are we on air?' })
    const deltas: string[] = []
    words.on('response.output_text.delta', ({ delta }) => deltas.push(delta))
    const final = await words.finalResponse()
    const calls = await client.responses
      .stream({ model: 'gpt-5-mini', input: 'mute', tools: [{ ...MUTE.function, type: 'function', strict: false }] })
      .finalResponse()

    expect(deltas.join('')).toBe(final.output_text)
    expect(final.status).toBe('completed')
    expect(calls.output[0]).toMatchObject({ type: 'function_call', arguments: '{"input":"text","level":1}' })
  })

  it('has a batch answered from a file, and its results as lines', async () => {
    const line = {
      custom_id: 'a',
      method: 'POST',
      url: '/v1/chat/completions',
      body: { model: 'gpt-5-mini', messages: [] },
    }
    const file = await client.files.create({
      file: await toFile(Buffer.from(`${JSON.stringify(line)}\n`), 'requests.jsonl'),
      purpose: 'batch',
      expires_after: { anchor: 'created_at', seconds: 7200 },
    })
    expect((file.expires_at ?? 0) - file.created_at).toBe(7200)
    const created = await client.batches.create({
      input_file_id: file.id,
      endpoint: '/v1/chat/completions',
      completion_window: '24h',
    })

    expect((await client.batches.retrieve(created.id)).status).toBe('in_progress')
    const done = await client.batches.retrieve(created.id)
    expect(done).toMatchObject({ status: 'completed', request_counts: { total: 1, completed: 1 } })
    const results = await (await client.files.content(done.output_file_id ?? '')).text()
    expect(JSON.parse(results)).toMatchObject({ custom_id: 'a', response: { status_code: 200 } })
    await expect(client.batches.cancel(created.id)).rejects.toBeInstanceOf(OpenAI.ConflictError)
    expect(await client.files.delete(file.id)).toMatchObject({ deleted: true })
  })

  it('cancels a batch that is under way', async () => {
    const file = await client.files.create({ file: await toFile(Buffer.from('{}\n'), 'x.jsonl'), purpose: 'batch' })
    const batch = await client.batches.create({
      input_file_id: file.id,
      endpoint: '/v1/embeddings',
      completion_window: '24h',
    })

    expect((await client.batches.cancel(batch.id)).status).toBe('cancelling')
  })

  it('judges texts', async () => {
    const { results } = await client.moderations.create({ input: ['Good evening.', 'I will hurt you.'] })

    expect(results.map(({ flagged }) => flagged)).toEqual([false, true])
    expect(results[1]?.categories.violence).toBe(true)
  })

  it('raises the errors of the client', async () => {
    const messages = [{ role: 'user' as const, content: 'x' }]

    await expect(
      clientOf(twin, 'sk-test-00000000000000000000').chat.completions.create({ model: 'gpt-5-mini', messages }),
    ).rejects.toMatchObject({ constructor: OpenAI.AuthenticationError, code: 'invalid_api_key' })
    await expect(client.chat.completions.create({ model: 'llama', messages })).rejects.toMatchObject({
      constructor: OpenAI.NotFoundError,
      code: 'model_not_found',
    })
    await expect(
      client.chat.completions.create({
        model: 'gpt-5-mini',
        messages: [{ role: 'tool', tool_call_id: 'nobody', content: 'x' }],
      }),
    ).rejects.toBeInstanceOf(OpenAI.BadRequestError)
  })

  it(proof.title, () => proof.check())
})
