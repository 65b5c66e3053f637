import { describe, expect, it } from 'vitest'
import type { CompletionInput, Cost, JsonObject } from '../../../src/adapter/index.ts'
import definition from '../../../src/providers/ai/anthropic/index.ts'
import { answer, bodyOf, rehearse } from './answers.ts'

const complete = definition.operations['completion.create']
if (!complete) throw new Error('anthropic has no completion.create')
const native = (id: string) => {
  const found = definition.native?.[id]
  if (!found) throw new Error(`anthropic has no ${id}`)
  return found
}

const asked = (changes: Partial<CompletionInput> = {}): CompletionInput => ({
  model: 'claude-sonnet-5',
  messages: [{ role: 'user', content: 'Are we on air?' }],
  stream: false,
  ...changes,
})
const jsonOf = (spec: unknown) => (spec as { body?: { value?: JsonObject } }).body?.value ?? {}
const bodyFor = (changes: Partial<CompletionInput>) => jsonOf(complete.request(asked(changes)))
const costOf = (changes: Partial<CompletionInput>) =>
  (complete.cost as (input: CompletionInput) => Cost)(asked(changes))

describe('a message', () => {
  it('takes instructions at the head apart, and leaves later ones where they are', () => {
    expect(
      bodyFor({
        messages: [
          { role: 'system', content: 'Be brief.' },
          { role: 'system', content: 'Be kind.' },
          { role: 'user', content: 'Hello' },
          { role: 'system', content: 'Now in German.' },
          { role: 'user', content: 'And again' },
        ],
      }),
    ).toEqual({
      model: 'claude-sonnet-5',
      max_tokens: 4096,
      system: 'Be brief.\n\nBe kind.',
      messages: [
        { role: 'user', content: 'Hello' },
        { role: 'system', content: 'Now in German.' },
        { role: 'user', content: 'And again' },
      ],
    })
    expect(() => bodyFor({ messages: [{ role: 'system', content: 'Be brief.' }] })).toThrow(/instructions alone/)
  })

  it('has calls as blocks, and the results of calls made together in one turn', () => {
    const call = (id: string) => ({ id, name: 'mute', arguments: { input: id } })
    const { messages } = bodyFor({
      messages: [
        { role: 'user', content: [{ type: 'image', base64: 'aGk=', contentType: 'image/webp' }] },
        { role: 'assistant', content: 'Yes.', toolCalls: [call('a'), call('b')] },
        { role: 'tool', toolCallId: 'a', content: '1' },
        { role: 'tool', toolCallId: 'b', content: '2' },
        { role: 'assistant', content: '', toolCalls: [call('c')] },
        { role: 'tool', toolCallId: 'c', content: '3' },
      ],
    })

    expect(messages).toEqual([
      {
        role: 'user',
        content: [{ type: 'image', source: { type: 'base64', media_type: 'image/webp', data: 'aGk=' } }],
      },
      {
        role: 'assistant',
        content: [
          { type: 'text', text: 'Yes.' },
          { type: 'tool_use', id: 'a', name: 'mute', input: { input: 'a' } },
          { type: 'tool_use', id: 'b', name: 'mute', input: { input: 'b' } },
        ],
      },
      {
        role: 'user',
        content: [
          { type: 'tool_result', tool_use_id: 'a', content: '1' },
          { type: 'tool_result', tool_use_id: 'b', content: '2' },
        ],
      },
      { role: 'assistant', content: [{ type: 'tool_use', id: 'c', name: 'mute', input: { input: 'c' } }] },
      { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'c', content: '3' }] },
    ])
    expect(() =>
      bodyFor({
        messages: [
          { role: 'user', content: 'x' },
          { role: 'assistant', content: '' },
        ],
      }),
    ).toThrow(/no empty turn/)
  })

  it('cannot take a temperature, and passes on nothing that is priced otherwise', () => {
    expect(complete.without).toEqual(['temperature'])
    for (const name of [
      'temperature',
      'top_p',
      'top_k',
      'speed',
      'inference_geo',
      'max_tokens',
      'system',
      'container',
    ]) {
      expect(() => bodyFor({ native: { [name]: 1 } }), name).toThrow(`native.${name}`)
    }
    expect(() => bodyFor({ native: { cache_control: { type: 'ephemeral', ttl: '1h' } } })).toThrow(/another price/)
    expect(bodyFor({ native: { cache_control: { type: 'ephemeral', ttl: '5m' } } })).toMatchObject({
      cache_control: { type: 'ephemeral', ttl: '5m' },
    })
  })

  it('says its API version with every request', () => {
    expect(definition.headers).toEqual({ 'anthropic-version': '2026-10-21' })
  })

  it('is read in standard terms, its input with what the cache had and got', () => {
    const resultOf = (stop_reason: string | null, content: JsonObject[] = [{ type: 'text', text: 'a' }]) =>
      complete.result(
        {
          content,
          stop_reason,
          usage: {
            input_tokens: 10,
            output_tokens: 5,
            cache_creation_input_tokens: 200,
            cache_read_input_tokens: 3000,
          },
        },
        { input: asked(), headers: {} },
      )

    expect(
      resultOf('end_turn', [
        { type: 'thinking', thinking: 'hm' },
        { type: 'text', text: 'a' },
        { type: 'text', text: 'b' },
      ]),
    ).toEqual({
      text: 'ab',
      finishReason: 'stop',
      usage: { inputTokens: 3210, outputTokens: 5, cachedTokens: 3000, cacheWriteTokens: 200 },
    })
    expect(resultOf('stop_sequence')).toMatchObject({ finishReason: 'stop' })
    expect(resultOf('max_tokens')).toMatchObject({ finishReason: 'length' })
    expect(resultOf('model_context_window_exceeded')).toMatchObject({ finishReason: 'length' })
    expect(resultOf('refusal')).toMatchObject({ finishReason: 'refused' })
    expect(resultOf('pause_turn')).toMatchObject({ finishReason: 'other' })
    expect(resultOf('tool_use', [{ type: 'tool_use', id: 't', name: 'mute', input: { a: 1 } }])).toMatchObject({
      finishReason: 'tool_calls',
      toolCalls: [{ id: 't', name: 'mute', arguments: { a: 1 } }],
    })
    expect(() => complete.result({ content: [] }, { input: asked(), headers: {} })).toThrow(/not as documented/)
  })
})

describe('a streamed message', () => {
  const event = (json: JsonObject) => ({ event: String(json.type), data: JSON.stringify(json), json })
  const start = event({
    type: 'message_start',
    message: { usage: { input_tokens: 40, output_tokens: 1, cache_read_input_tokens: 60 } },
  })
  const delta = (index: number, change: JsonObject) => event({ type: 'content_block_delta', index, delta: change })
  const readerOf = () => {
    const reader = complete.events?.(asked({ stream: true }))
    if (!reader) throw new Error('no reader')
    return reader
  }

  it('hands out words as they come and calls when they are whole', () => {
    const reader = readerOf()
    const pieces = [
      start,
      event({ type: 'ping' }),
      event({ type: 'content_block_start', index: 0, content_block: { type: 'thinking', thinking: '' } }),
      delta(0, { type: 'thinking_delta', thinking: 'hm' }),
      event({ type: 'content_block_stop', index: 0 }),
      event({ type: 'content_block_start', index: 1, content_block: { type: 'text', text: '' } }),
      delta(1, { type: 'text_delta', text: 'One ' }),
      delta(1, { type: 'text_delta', text: 'moment' }),
      event({ type: 'content_block_stop', index: 1 }),
      event({
        type: 'content_block_start',
        index: 2,
        content_block: { type: 'tool_use', id: 't', name: 'mute', input: {} },
      }),
      delta(2, { type: 'input_json_delta', partial_json: '' }),
      delta(2, { type: 'input_json_delta', partial_json: '{"a"' }),
      delta(2, { type: 'input_json_delta', partial_json: ':1}' }),
      event({ type: 'content_block_stop', index: 2 }),
      event({
        type: 'content_block_start',
        index: 3,
        content_block: { type: 'tool_use', id: 'u', name: 'unmute', input: {} },
      }),
      event({ type: 'content_block_stop', index: 3 }),
      event({ type: 'something_new', what: 1 }),
      event({ type: 'message_delta', delta: { stop_reason: 'tool_use' }, usage: { output_tokens: 9 } }),
      event({ type: 'message_delta', delta: {}, usage: { output_tokens: 20, input_tokens: null } }),
    ].flatMap((one) => {
      const told = reader.event(one)
      return Array.isArray(told) ? told : []
    })

    expect(pieces).toEqual([
      { text: 'One ' },
      { text: 'moment' },
      { toolCall: { id: 't', name: 'mute', arguments: { a: 1 } } },
      { toolCall: { id: 'u', name: 'unmute', arguments: {} } },
    ])
    expect(reader.end(true)).toBeUndefined()
    expect(reader.event(event({ type: 'message_stop' }))).toBe('end')
    expect(reader.end(true)).toEqual({
      text: 'One moment',
      toolCalls: [
        { id: 't', name: 'mute', arguments: { a: 1 } },
        { id: 'u', name: 'unmute', arguments: {} },
      ],
      finishReason: 'tool_calls',
      usage: { inputTokens: 100, outputTokens: 20, cachedTokens: 60 },
    })
  })

  it('ends with an error among the events, and has what came by then', () => {
    const reader = readerOf()
    expect(reader.end(false)).toBeUndefined()
    reader.event(start)
    reader.event(delta(0, { type: 'text_delta', text: 'Half' }))

    expect(reader.event(event({ type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } }))).toEqual({
      fault: {
        code: 'IF_ERR_PROVIDER_UNAVAILABLE',
        outcome: 'unknown',
        message: 'Overloaded',
        vendorCode: 'overloaded_error',
      },
    })
    expect(reader.event({ event: 'x', data: 'text' })).toEqual([])
    const result = reader.end(false)
    expect(result).toMatchObject({ text: 'Half', finishReason: 'aborted', usage: { inputTokens: 100 } })
    // Of what was written nobody knows more than the limit: 40 at 2, 60 at 0.2, 500 at 10 dollars a million.
    expect(result && complete.actual?.({ input: asked({ maxTokens: 500 }), result, headers: {} })).toMatchObject({
      maxMicroUsd: 80 + 12 + 5000,
    })
  })
})

describe('what a message costs', () => {
  it('is bounded by its bytes and the limit, and says where the limit is ours', () => {
    const bytes = Buffer.byteLength(JSON.stringify(bodyFor({ maxTokens: 100 })))

    // claude-sonnet-5: 2 in (2.5 where the cache is written), 10 out a million.
    expect(costOf({ maxTokens: 100 })).toMatchObject({
      kind: 'priced',
      maxMicroUsd: Math.ceil((bytes + 1024) * 2.5 + 1000),
    })
    expect(costOf({})).toMatchObject({ kind: 'priced', basis: expect.stringContaining('so 4096 are asked for') })
    expect(costOf({ model: 'claude-9' })).toMatchObject({ kind: 'unknown' })
  })

  it('is reckoned from what was read, cached and written', () => {
    const usage = { inputTokens: 1000, outputTokens: 100, cachedTokens: 500, cacheWriteTokens: 100 }

    expect(
      complete.actual?.({ input: asked(), result: { text: '', finishReason: 'stop', usage }, headers: {} }),
    ).toMatchObject({ maxMicroUsd: 400 * 2 + 500 * 0.2 + 100 * 2.5 + 1000 })
  })
})

describe('errors of Anthropic', () => {
  const fault = (status: number, error: JsonObject, headers: Record<string, string> = {}) =>
    definition.errors(answer(status, { type: 'error', error: { message: 'why', ...error }, request_id: 'r' }, headers))

  it('have codes by type and status', () => {
    expect(definition.errors(answer(200, {}))).toBeUndefined()
    expect(fault(400, { type: 'invalid_request_error' })).toMatchObject({ code: 'IF_ERR_ACTION_FAILED' })
    expect(fault(401, { type: 'authentication_error' })).toMatchObject({ code: 'IF_ERR_AUTH_FAILED' })
    expect(fault(402, { type: 'billing_error' })).toMatchObject({ code: 'IF_ERR_ACTION_FAILED', retryable: false })
    expect(fault(403, { type: 'permission_error' })).toMatchObject({ code: 'IF_ERR_AUTH_FAILED' })
    expect(fault(404, { type: 'not_found_error' })).toMatchObject({ code: 'IF_ERR_NOT_FOUND' })
    expect(fault(429, { type: 'rate_limit_error' }, { 'retry-after': '3' })).toMatchObject({
      code: 'IF_ERR_RATE_LIMIT_EXCEEDED',
      retryAfterMs: 3000,
    })
    expect(
      fault(429, { type: 'rate_limit_error', details: { error_code: 'enforced_spend_limit_reached' } }),
    ).toMatchObject({ retryable: false, vendorCode: 'enforced_spend_limit_reached' })
    expect(fault(529, { type: 'overloaded_error' }, { 'retry-after-ms': '80' })).toMatchObject({
      code: 'IF_ERR_PROVIDER_UNAVAILABLE',
      outcome: 'not-done',
      retryable: true,
      retryAfterMs: 80,
    })
    expect(fault(529, { type: 'overloaded_error', details: { error_code: 'new' } })).toMatchObject({
      outcome: 'not-done',
    })
    expect(definition.errors(answer(502, '<html>'))).toMatchObject({ code: 'IF_ERR_PROVIDER_UNAVAILABLE' })
    expect(fault(500, { type: 'api_error' }, { 'x-should-retry': 'false' })).toMatchObject({ retryable: false })
  })

  it('come with limits, told by the vendor’s own clock', () => {
    const headers = {
      date: 'Wed, 25 Nov 2026 10:00:00 GMT',
      'anthropic-ratelimit-requests-remaining': '49',
      'anthropic-ratelimit-requests-reset': '2026-11-25T10:00:30Z',
    }
    const rate = (more: Record<string, string>) => definition.rate?.(answer(200, {}, { ...headers, ...more }))

    expect(rate({})).toEqual({ remaining: 49, resetMs: 30_000 })
    expect(
      rate({
        'anthropic-ratelimit-output-tokens-remaining': '0',
        'anthropic-ratelimit-output-tokens-reset': '2026-11-25T09:59:59Z',
      }),
    ).toEqual({ remaining: 0, resetMs: 0 })
    expect(rate({ date: '' })).toBeUndefined()
    expect(definition.requestId?.(answer(200, {}, { 'request-id': 'req_1' }))).toBe('req_1')
  })
})

describe('lists', () => {
  it('go on as the vendor says', () => {
    const facts = { headers: {}, input: {}, count: 1, pages: 1 }
    const models = definition.operations['model.list']?.pages?.next
    const files = native('file.list').pages?.next

    expect(models?.({ data: [], has_more: true, last_id: 'a' }, facts)).toEqual({ query: { after_id: 'a' } })
    expect(models?.({ data: [], has_more: false, last_id: 'a' }, facts)).toBeUndefined()
    expect(files?.({ data: [], next_page: 'p2' }, facts)).toEqual({ query: { page: 'p2' } })
    expect(files?.({ data: [], next_page: null }, facts)).toBeUndefined()
  })
})

describe('batches and files', () => {
  it('carry whole conversations, and none that may not be asked', () => {
    const create = native('batch.create')
    const one = (completion: JsonObject) =>
      create.request(
        create.input.parse({
          requests: [
            { customId: 'a', completion: { model: 'm', messages: [{ role: 'user', content: 'x' }], ...completion } },
          ],
        }),
      )

    expect(jsonOf(one({ maxTokens: 9 }))).toEqual({
      requests: [{ custom_id: 'a', params: { model: 'm', messages: [{ role: 'user', content: 'x' }], max_tokens: 9 } }],
    })
    expect(() => one({ native: { speed: 'fast' } })).toThrow(/native\.speed/)
    expect(() => one({ stream: true })).toThrow(/stream/)
    expect(() => one({ temperature: 1 })).toThrow(/temperature/)
  })

  it('are taken back by cancelling and deleting', () => {
    const undo = (id: string) => {
      const { undo: take } = native(id)
      return typeof take === 'function' && take({ input: {}, result: { id: 'x' }, before: undefined })
    }
    const cancelled = native('batch.cancel').verify?.({ input: { id: 'x' }, result: undefined })

    expect(undo('batch.create')).toEqual({ operation: 'anthropic:batch.cancel', input: { id: 'x' } })
    expect(undo('file.upload')).toEqual({ operation: 'anthropic:file.delete', input: { id: 'x' } })
    expect(
      native('batch.create')
        .verify?.({ input: {}, result: { id: 'x' } })
        ?.holds({ id: 'x' }),
    ).toBe(true)
    expect(cancelled?.holds({ status: 'canceling' })).toBe(true)
    expect(cancelled?.holds({ status: 'in_progress' })).toBe(false)
    expect((native('batch.create').cost as (input: JsonObject) => Cost)({})).toMatchObject({ kind: 'unknown' })
  })

  it('upload text and bytes', () => {
    const upload = native('file.upload')
    const parts = (file: JsonObject) =>
      (upload.request(upload.input.parse({ file, expiresInSeconds: 60 })) as { body?: { parts?: unknown } }).body?.parts

    expect(parts({ name: 'a.txt', text: 'x' })).toEqual([
      { name: 'file', value: 'x', filename: 'a.txt', contentType: 'text/plain' },
      { name: 'expires_in_seconds', value: '60' },
    ])
    expect(parts({ name: 'a', base64: 'AAE=' })).toMatchObject([{ contentType: 'application/octet-stream' }, {}])
    expect(() => parts({ name: 'a' })).toThrow(/either text or base64/)
  })
})

it('answers in rehearsal with the vendor’s faults', () => {
  const { call } = rehearse(definition)

  for (const [kind, status] of [
    ['unauthorized', 401],
    ['not-found', 404],
    ['invalid', 400],
    ['rate-limited', 429],
    ['unavailable', 529],
  ] as const) {
    expect(definition.twin.fault(kind, 'why').status).toBe(status)
  }
  expect(bodyOf(call('completion.create', { body: { model: 'claude-x', messages: [] } }))).toMatchObject({
    type: 'error',
  })
  expect(call('batch.create', { body: { requests: [] } }).status).toBe(400)
  expect(call('batch.get', { path: { message_batch_id: 'none' } }).status).toBe(404)
  expect(call('file.upload').status).toBe(400)
})
