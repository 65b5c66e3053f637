import { describe, expect, it } from 'vitest'
import { type CompletionInput, type Cost, type JsonObject, parseInput } from '../../../src/adapter/index.ts'
import definition from '../../../src/providers/ai/openai/index.ts'
import { answer, bodyOf, rehearse } from './answers.ts'

const operation = <K extends keyof typeof definition.operations>(id: K) => {
  const found = definition.operations[id]
  if (!found) throw new Error(`openai has no ${id}`)
  return found
}
const native = (id: string) => {
  const found = definition.native?.[id]
  if (!found) throw new Error(`openai has no ${id}`)
  return found
}

const complete = operation('completion.create')
const asked = (changes: Partial<CompletionInput> = {}): CompletionInput => ({
  model: 'gpt-5-mini',
  messages: [{ role: 'user', content: 'Are we on air?' }],
  stream: false,
  ...changes,
})
const jsonOf = (spec: unknown) => (spec as { body?: { value?: JsonObject } }).body?.value ?? {}
const costOf = (cost: unknown, input: unknown) => (cost as (input: unknown) => Cost)(input)

describe('a completion', () => {
  it('sends the turns, the tools and the limit as OpenAI has them', () => {
    const json = jsonOf(
      complete.request(
        asked({
          messages: [
            { role: 'system', content: 'Be brief.' },
            {
              role: 'user',
              content: [
                { type: 'text', text: 'Who is it?' },
                { type: 'image', base64: 'iVBORw0KGgo=', contentType: 'image/png' },
              ],
            },
            { role: 'assistant', content: '', toolCalls: [{ id: 'call_1', name: 'look', arguments: { at: 1 } }] },
            { role: 'tool', toolCallId: 'call_1', content: 'a guest' },
          ],
          maxTokens: 50,
          tools: [{ name: 'look', parameters: { type: 'object' } }],
        }),
      ),
    )

    expect(json).toEqual({
      model: 'gpt-5-mini',
      messages: [
        { role: 'system', content: 'Be brief.' },
        {
          role: 'user',
          content: [
            { type: 'text', text: 'Who is it?' },
            { type: 'image_url', image_url: { url: 'data:image/png;base64,iVBORw0KGgo=' } },
          ],
        },
        {
          role: 'assistant',
          content: null,
          tool_calls: [{ id: 'call_1', type: 'function', function: { name: 'look', arguments: '{"at":1}' } }],
        },
        { role: 'tool', tool_call_id: 'call_1', content: 'a guest' },
      ],
      max_completion_tokens: 50,
      tools: [{ type: 'function', function: { name: 'look', parameters: { type: 'object' } } }],
      service_tier: 'default',
    })
  })

  it('refuses an image that is both, neither or of an unknown kind', () => {
    const withImage = (image: object) =>
      complete.request(asked({ messages: [{ role: 'user', content: [{ type: 'image', ...image }] }] }))

    expect(() => withImage({})).toThrow(/either url or base64/)
    expect(() => withImage({ url: 'https://a.example/x.png', base64: 'aGk=' })).toThrow(/either url or base64/)
    expect(() => withImage({ base64: 'aGk=' })).toThrow(/contentType/)
    expect(() => withImage({ base64: 'aGk=', contentType: 'image/png;base64,x' })).toThrow(/contentType/)
  })

  it('passes on no parameter that changes the price, the caller’s own fields or what is reached', () => {
    for (const name of [
      'service_tier',
      'n',
      'model',
      'messages',
      'max_completion_tokens',
      'web_search_options',
      'stream',
    ]) {
      expect(() => complete.request(asked({ native: { [name]: 2 } })), name).toThrow(`native.${name}`)
    }
    expect(jsonOf(complete.request(asked({ native: { verbosity: 'low' } })))).toMatchObject({ verbosity: 'low' })
  })

  it('tells a refusal, a cut answer and a tool call that is no JSON', () => {
    const resultOf = (message: JsonObject, finish_reason: string) =>
      complete.result(
        { choices: [{ index: 0, finish_reason, message }], usage: { prompt_tokens: 3, completion_tokens: 2 } },
        { input: asked(), headers: {} },
      )
    const call = (args: string) => ({
      tool_calls: [{ id: 'c', type: 'function', function: { name: 'x', arguments: args } }],
    })

    expect(resultOf({ content: null, refusal: 'I won’t.' }, 'stop')).toMatchObject({
      text: 'I won’t.',
      finishReason: 'refused',
    })
    expect(resultOf({ content: null }, 'content_filter')).toMatchObject({ text: '', finishReason: 'refused' })
    expect(resultOf({ content: 'a' }, 'length')).toMatchObject({ finishReason: 'length' })
    expect(resultOf(call('{"id":9007199254740993}'), 'tool_calls')).toMatchObject({
      finishReason: 'tool_calls',
      toolCalls: [{ arguments: { id: '9007199254740993' } }],
    })
    expect(resultOf(call(''), 'tool_calls')?.toolCalls).toEqual([{ id: 'c', name: 'x', arguments: {} }])
    expect(resultOf(call('{"a":'), 'length')).toEqual({
      text: '',
      finishReason: 'length',
      usage: { inputTokens: 3, outputTokens: 2 },
    })
    expect(resultOf(call('[1]'), 'tool_calls')).toMatchObject({ finishReason: 'other' })
    expect(() => complete.result({ choices: [] }, { input: asked(), headers: {} })).toThrow(/not as documented/)
  })
})

describe('a streamed completion', () => {
  const event = (json: JsonObject) => ({ event: '', data: JSON.stringify(json), json })
  const delta = (change: JsonObject, finish: string | null = null) =>
    event({ choices: [{ index: 0, delta: change, finish_reason: finish }] })
  const readerOf = () => {
    const reader = complete.events?.(asked({ stream: true }))
    if (!reader) throw new Error('no reader')
    return reader
  }

  it('asks for its usage', () => {
    expect(complete.request(asked({ stream: true }))).toMatchObject({
      stream: 'sse',
      body: { value: { stream: true, stream_options: { include_usage: true } } },
    })
  })

  it('hands out words as they come and calls when they are whole, in the order of their index', () => {
    const reader = readerOf()
    const call = (index: number, id: string | undefined, name: string | undefined, args: string) =>
      delta({
        tool_calls: [{ index, ...(id ? { id } : {}), function: { ...(name ? { name } : {}), arguments: args } }],
      })

    expect(reader.event(delta({ role: 'assistant', content: '' }))).toEqual([])
    expect(reader.event(delta({ content: 'One ' }))).toEqual([{ text: 'One ' }])
    for (const piece of [
      call(0, 'c0', 'mute', '{"a"'),
      call(1, 'c1', 'mute', ''),
      call(0, undefined, undefined, ':1}'),
    ]) {
      expect(reader.event(piece)).toEqual([])
    }
    expect(reader.event(delta({}, 'tool_calls'))).toEqual([
      { toolCall: { id: 'c0', name: 'mute', arguments: { a: 1 } } },
      { toolCall: { id: 'c1', name: 'mute', arguments: {} } },
    ])
    expect(reader.event(event({ choices: [], usage: { prompt_tokens: 9, completion_tokens: 4 } }))).toEqual([])
    expect(reader.end(true)).toBeUndefined()
    expect(reader.event({ event: '', data: '[DONE]' })).toBe('end')
    expect(reader.end(true)).toMatchObject({
      text: 'One ',
      finishReason: 'tool_calls',
      usage: { inputTokens: 9, outputTokens: 4 },
    })
  })

  it('leaves out what it does not know, and ends with an error that comes among the events', () => {
    const reader = readerOf()

    expect(reader.event({ event: '', data: 'keep-alive' })).toEqual([])
    expect(reader.event(event({ choices: 'none' }))).toEqual([])
    expect(reader.end(false)).toBeUndefined()
    expect(reader.event(event({ error: { message: 'Overloaded', type: 'server_error', code: null } }))).toEqual({
      fault: {
        code: 'IF_ERR_PROVIDER_UNAVAILABLE',
        outcome: 'unknown',
        message: 'Overloaded',
        vendorCode: 'server_error',
      },
    })
    expect(reader.event(event({ error: 'gone' }))).toMatchObject({
      fault: { code: 'IF_ERR_ACTION_FAILED', message: 'gone', outcome: 'unknown' },
    })
  })

  it('has what came by then when it is left, and says that its cost is not known', () => {
    const reader = readerOf()
    reader.event(delta({ content: 'Half' }))
    const result = reader.end(false)

    expect(result).toMatchObject({ text: 'Half', finishReason: 'aborted' })
    expect(result && complete.actual?.({ input: asked(), result, headers: {} })).toBeUndefined()
  })
})

describe('what a call costs', () => {
  it('is bounded by the bytes of the request and the limit', () => {
    const input = asked({ maxTokens: 1000 })
    const cost = costOf(complete.cost, input)
    const bytes = Buffer.byteLength(JSON.stringify(jsonOf(complete.request(input))))

    // gpt-5-mini: 0.25 in, 2 out a million.
    expect(cost).toMatchObject({
      kind: 'priced',
      estimateMicroUsd: Math.ceil(Math.ceil(bytes / 4) * 0.25 + 2000),
      maxMicroUsd: Math.ceil((bytes + 1024) * 0.25 + 2000),
    })
    expect(cost.kind === 'priced' && cost.basis).toMatch(/one a byte.*1000 written.*2026-09-23/)
  })

  it('is bounded by the context window where bytes say nothing', () => {
    const image = { type: 'image' as const, url: 'https://a.example/x.png' }
    const seen = costOf(complete.cost, asked({ maxTokens: 10, messages: [{ role: 'user', content: [image] }] }))
    const referred = costOf(
      complete.cost,
      asked({ maxTokens: 10, messages: [{ role: 'user', content: 'ifab-ref-00003' }] }),
    )

    expect(seen).toMatchObject({ maxMicroUsd: 400_000 * 0.25 + 20 })
    expect(referred).toMatchObject({ maxMicroUsd: 400_000 * 0.25 + 20 })
  })

  it('is unknown without a limit, with one that a step will tell, and of a model without a price', () => {
    expect(costOf(complete.cost, asked())).toMatchObject({ kind: 'unknown', why: expect.stringContaining('maxTokens') })
    expect(costOf(complete.cost, asked({ maxTokens: 9_007_199_254_700_001 }))).toMatchObject({ kind: 'unknown' })
    expect(costOf(complete.cost, asked({ model: 'ft:gpt-4o:me', maxTokens: 9 }))).toMatchObject({ kind: 'unknown' })
    expect(costOf(complete.cost, asked({ model: 'constructor', maxTokens: 9 }))).toMatchObject({ kind: 'unknown' })
  })

  it('is reckoned from the usage: cached input is part of the input and costs less', () => {
    const actual = (
      model: string,
      usage: { inputTokens: number; outputTokens: number; cachedTokens?: number; cacheWriteTokens?: number },
    ) => complete.actual?.({ input: asked({ model }), result: { text: '', finishReason: 'stop', usage }, headers: {} })

    expect(
      actual('gpt-5-mini', { inputTokens: 1_000_000, outputTokens: 1_000_000, cachedTokens: 400_000 }),
    ).toMatchObject({
      maxMicroUsd: 150_000 + 10_000 + 2_000_000,
    })
    expect(actual('gpt-5-mini-2025-08-07', { inputTokens: 1, outputTokens: 0 })).toMatchObject({ maxMicroUsd: 1 })
    expect(actual('gpt-4o-2024-05-13', { inputTokens: 100, outputTokens: 0 })).toMatchObject({ maxMicroUsd: 500 })
    expect(actual('gpt-6-sol', { inputTokens: 100, outputTokens: 0, cacheWriteTokens: 100 })).toMatchObject({
      maxMicroUsd: 250,
    })
    // Above 272 000 tokens the whole request costs more.
    expect(actual('gpt-6-sol', { inputTokens: 272_000, outputTokens: 100 })).toMatchObject({ maxMicroUsd: 545_000 })
    expect(actual('gpt-6-sol', { inputTokens: 272_001, outputTokens: 100 })).toMatchObject({ maxMicroUsd: 1_089_504 })
    expect(actual('unknown', { inputTokens: 1, outputTokens: 1 })).toBeUndefined()
  })

  it('of embeddings is that of their input', () => {
    const embed = operation('embedding.create')
    const input = { model: 'text-embedding-3-small', input: 'x'.repeat(4000) }

    expect(costOf(embed.cost, input)).toMatchObject({ kind: 'priced', estimateMicroUsd: 21 })
    expect(
      embed.actual?.({ input, result: { embeddings: [], usage: { inputTokens: 1000 } }, headers: {} }),
    ).toMatchObject({ maxMicroUsd: 20 })
  })
})

it('asks for embeddings as numbers, and puts them into the order of their texts', () => {
  const embed = operation('embedding.create')
  const body = {
    data: [
      { index: 1, embedding: [2] },
      { index: 0, embedding: [1] },
    ],
    usage: { prompt_tokens: 2 },
  }

  expect(jsonOf(embed.request({ model: 'm', input: ['a', 'b'], native: { user: 'u' } }))).toMatchObject({
    encoding_format: 'float',
    user: 'u',
  })
  expect(() => embed.request({ model: 'm', input: 'a', native: { encoding_format: 'base64' } })).toThrow(
    /encoding_format/,
  )
  expect(embed.result(body, { input: {} as never, headers: {} })?.embeddings).toEqual([[1], [2]])
})

it('cuts the list of models to the limit', () => {
  const list = operation('model.list')
  const body = { data: [{ id: 'a' }, { id: 'b' }] }

  expect(list.result(body, { input: { limit: 1 }, headers: {} })?.models).toEqual([{ id: 'a', name: null }])
})

describe('a response', () => {
  const create = native('response.create')
  const parse = (input: JsonObject): JsonObject => create.input.parse(input)

  it('is stored unless it says otherwise, and can be deleted only then', () => {
    const stored = parse({ model: 'gpt-5-mini', input: 'x' })
    const passing = parse({ model: 'gpt-5-mini', input: 'x', store: false })
    const undo = (input: JsonObject) =>
      typeof create.undo === 'function' && create.undo({ input, result: { id: 'resp_1' }, before: undefined })

    expect(jsonOf(create.request(stored))).toMatchObject({ store: true, service_tier: 'default' })
    expect(undo(stored)).toEqual({ operation: 'openai:response.delete', input: { id: 'resp_1' } })
    expect(undo(passing)).toBeUndefined()
    expect(create.verify?.({ input: passing, result: { id: 'resp_1' } })).toBeUndefined()
    expect(create.verify?.({ input: stored, result: { id: 'resp_1' } })?.holds({ id: 'resp_1' })).toBe(true)
    expect(() => create.request(parse({ model: 'm', input: 'x', store: false, background: true }))).toThrow(
      /background/,
    )
    expect(() => create.request(parse({ model: 'm', input: 'x', native: { tools: [] } }))).toThrow(/native\.tools/)
  })

  it('costs at most the context window where it goes on from another, or refers to files', () => {
    const most = (input: JsonObject) => costOf(create.cost, parse({ model: 'gpt-5-mini', maxTokens: 100, ...input }))

    expect(most({ input: 'x', previous: 'resp_1' })).toMatchObject({ maxMicroUsd: 100_200 })
    expect(most({ input: [{ type: 'item_reference', id: 'msg_1' }] })).toMatchObject({ maxMicroUsd: 100_200 })
    expect(most({ input: [{ role: 'user', content: 'x' }] })).not.toMatchObject({ maxMicroUsd: 100_200 })
    expect(
      create.actual?.({ input: parse({ model: 'gpt-5-mini', input: 'x' }), result: { usage: null }, headers: {} }),
    ).toBeUndefined()
  })

  it('that fails among its events is a fault; one that breaks off has what came', () => {
    const event = (json: JsonObject) => ({ event: String(json.type), data: JSON.stringify(json), json })
    const whole = { id: 'resp_1', status: 'in_progress', output: [] }
    const readerOf = () => {
      const reader = create.events?.({})
      if (!reader) throw new Error('no reader')
      reader.event(event({ type: 'response.created', response: whole }))
      reader.event(event({ type: 'response.output_text.delta', delta: 'Half' }))
      return reader
    }

    expect(
      readerOf().event(
        event({ type: 'response.failed', response: { ...whole, error: { code: 'server_error', message: 'Broken' } } }),
      ),
    ).toMatchObject({ fault: { code: 'IF_ERR_PROVIDER_UNAVAILABLE', message: 'Broken', outcome: 'unknown' } })
    expect(readerOf().event(event({ type: 'error', code: 'rate_limit_exceeded', message: 'Slow' }))).toMatchObject({
      fault: { code: 'IF_ERR_RATE_LIMIT_EXCEEDED' },
    })
    expect(readerOf().event(event({ type: 'response.audio.delta', delta: 'x' }))).toEqual([])
    expect(readerOf().event({ event: '', data: 'x' })).toEqual([])
    expect(readerOf().end(true)).toBeUndefined()
    expect(readerOf().end(false)).toMatchObject({ id: 'resp_1', text: 'Half', status: 'incomplete', usage: null })
  })
})

describe('files and batches', () => {
  it('upload text and bytes as a form, and take one of both', () => {
    const upload = native('file.upload')
    const parts = (file: JsonObject) => {
      const input = upload.input.parse({ file, purpose: 'user_data', expiresAfterSeconds: 3600 })
      return (upload.request(input) as { body?: { parts?: unknown[] } }).body?.parts
    }

    expect(parts({ name: 'a.bin', base64: 'AAE=' })).toEqual([
      { name: 'purpose', value: 'user_data' },
      { name: 'expires_after[anchor]', value: 'created_at' },
      { name: 'expires_after[seconds]', value: '3600' },
      { name: 'file', value: Buffer.from([0, 1]), filename: 'a.bin', contentType: 'application/octet-stream' },
    ])
    expect(() => parts({ name: 'a' })).toThrow(/either text or base64/)
  })

  it('read text as text and anything else as base64', () => {
    const { result } = native('file.content')
    const context = { input: {}, headers: {} }

    expect(result(Buffer.from('{"a":"ü"}\n').toString('base64'), context)).toEqual({
      text: '{"a":"ü"}\n',
      base64: null,
    })
    expect(result('/wD/', context)).toEqual({ text: null, base64: '/wD/' })
  })

  it('are taken back by deleting and cancelling', () => {
    const undo = (id: string) => {
      const { undo: take } = native(id)
      return typeof take === 'function' && take({ input: {}, result: { id: 'x' }, before: undefined })
    }

    expect(undo('file.upload')).toEqual({ operation: 'openai:file.delete', input: { id: 'x' } })
    expect(undo('batch.create')).toEqual({ operation: 'openai:batch.cancel', input: { id: 'x' } })
    expect(costOf(native('batch.create').cost, {})).toMatchObject({ kind: 'unknown' })
  })
})

describe('errors of OpenAI', () => {
  const fault = (status: number, error: JsonObject = {}, headers: Record<string, string> = {}) =>
    definition.errors(
      answer(status, { error: { message: 'why', type: 'x', param: null, code: null, ...error } }, headers),
    )

  it('have codes by status, and by their own where it says more', () => {
    expect(fault(200)).toBeUndefined()
    expect(fault(400, { param: 'messages' })).toMatchObject({
      code: 'IF_ERR_ACTION_FAILED',
      hint: 'OpenAI names the parameter messages.',
    })
    expect(fault(400, { code: 'context_length_exceeded' })).toMatchObject({ hint: expect.stringContaining('shorten') })
    expect(fault(401, { code: 'invalid_api_key' })).toMatchObject({ code: 'IF_ERR_AUTH_FAILED' })
    expect(fault(403)).toMatchObject({ code: 'IF_ERR_AUTH_FAILED' })
    expect(fault(404, { code: 'model_not_found' })).toMatchObject({ code: 'IF_ERR_NOT_FOUND' })
    expect(fault(429, { code: 'insufficient_quota' })).toMatchObject({
      code: 'IF_ERR_RATE_LIMIT_EXCEEDED',
      retryable: false,
    })
    expect(fault(429, { type: 'insufficient_quota', code: 'project_spend_limit_exceeded' })).toMatchObject({
      retryable: false,
      vendorCode: 'project_spend_limit_exceeded',
    })
    expect(fault(503)).toMatchObject({ code: 'IF_ERR_PROVIDER_UNAVAILABLE' })
    expect(definition.errors(answer(502, '<html>'))).toMatchObject({ code: 'IF_ERR_PROVIDER_UNAVAILABLE' })
  })

  it('say how long to wait, to the millisecond', () => {
    expect(fault(429, {}, { 'retry-after': '2' })).toMatchObject({ retryAfterMs: 2000 })
    expect(fault(429, {}, { 'retry-after': '2', 'retry-after-ms': '120.5' })).toMatchObject({ retryAfterMs: 121 })
    expect(fault(429, {}, { 'x-should-retry': 'false' })).toMatchObject({ retryable: false })
  })
})

it('tells the limits of requests, and of tokens where none are left', () => {
  const rate = (headers: Record<string, string>) => definition.rate?.(answer(200, {}, headers))
  const requests = { 'x-ratelimit-remaining-requests': '59', 'x-ratelimit-reset-requests': '1m0.5s' }

  expect(rate(requests)).toEqual({ remaining: 59, resetMs: 60_500 })
  expect(rate({ ...requests, 'x-ratelimit-remaining-tokens': '0', 'x-ratelimit-reset-tokens': '20ms' })).toEqual({
    remaining: 0,
    resetMs: 20,
  })
  expect(rate({ ...requests, 'x-ratelimit-reset-requests': 'soon' })).toBeUndefined()
  expect(rate({})).toBeUndefined()
  expect(definition.requestId?.(answer(200, {}, { 'x-request-id': 'req_1' }))).toBe('req_1')
})

it('takes no unknown field of an input', () => {
  const create = definition.native?.['batch.create']
  const entry = { id: 'openai:batch.create', operation: create, inputSchema: create?.input } as never

  expect(() => parseInput(entry, { file: 'f', endpoint: '/v1/other' })).toThrow(/endpoint/)
})

describe('the twin', () => {
  it('answers in the background at first, and refuses to go on from what it has not', () => {
    const { call } = rehearse(definition)
    const begun = bodyOf(call('response.create', { body: { model: 'gpt-5', input: 'x', background: true } }))

    expect(begun.status).toBe('queued')
    expect(bodyOf(call('response.get', { path: { response_id: String(begun.id) } })).status).toBe('completed')
    expect(
      call('response.create', { body: { model: 'gpt-5', input: 'x', previous_response_id: 'resp_0' } }).status,
    ).toBe(400)
    expect(call('response.create', { body: { model: 'llama', input: 'x' } }).status).toBe(404)
  })

  it('has its faults in the vendor’s shape', () => {
    for (const [kind, status] of [
      ['unauthorized', 401],
      ['not-found', 404],
      ['invalid', 400],
      ['rate-limited', 429],
      ['unavailable', 503],
    ] as const) {
      const told = definition.twin.fault(kind, 'why')
      expect(told.status).toBe(status)
      expect(bodyOf(told).error).toMatchObject({ type: expect.any(String) })
    }
  })
})
