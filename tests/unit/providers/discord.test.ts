import { describe, expect, it } from 'vitest'
import {
  encodeBody,
  type HttpRequestSpec,
  type JsonObject,
  type JsonValue,
  type NativeOperation,
  type RequestSpec,
  readDelivery,
  sentinelFor,
} from '../../../src/adapter/index.ts'
import discord from '../../../src/providers/chat/discord/index.ts'
import { answer, bodyOf, rehearse } from './answers.ts'

const {
  'message.send': send,
  'message.edit': edit,
  'message.list': list,
  'message.delete': remove,
  'message.react': react,
  'channel.list': channels,
  'file.upload': upload,
  'webhook.set': setWebhook,
} = discord.operations
if (!send || !edit || !list || !remove || !react || !channels || !upload || !setWebhook)
  throw new Error('discord lacks an operation')

const native = (name: string): NativeOperation => {
  const operation = discord.native?.[name]
  if (!operation) throw new Error(`discord lacks ${name}`)
  return operation
}

const CHANNEL = '1170000000000000010'
const ID = '1191800000000000000'

const http = (spec: RequestSpec): HttpRequestSpec => {
  if (spec.transport !== 'http') throw new Error('not http')
  return spec
}

const bodyText = (spec: RequestSpec): string => {
  const { body } = http(spec)
  return body ? (encodeBody(body).text ?? '') : ''
}

const message = (id: string, content = 'x'): JsonObject => ({
  id,
  channel_id: CHANNEL,
  content,
  author: { id: '1', username: 'ada' },
  timestamp: '2024-01-02T16:10:13.623000+00:00',
  edited_timestamp: null,
})

describe('Discord: requests', () => {
  it('sends under a nonce of 25 characters that Discord is to enforce', () => {
    const { body } = http(send.request({ to: CHANNEL, text: 'hi' }))

    expect(body && encodeBody(body).pieces).toEqual([
      '{"content":"hi","nonce":"',
      { key: 25 },
      '","enforce_nonce":true}',
    ])
  })

  it('answers a message by its reference', () => {
    const text = bodyText(send.request({ to: CHANNEL, text: 'yes', replyTo: ID }))

    expect(JSON.parse(text)).toMatchObject({ content: 'yes', message_reference: { message_id: ID } })
  })

  it.each([{ content: 'other words' }, { message_reference: {} }, { nonce: 'mine' }, { enforce_nonce: false }])(
    'refuses an extra that would change what was judged: %j',
    (extra) => {
      expect(() => send.request({ to: CHANNEL, text: 'x', native: extra })).toThrow(/native\./)
    },
  )

  it('refuses more characters than Discord takes, counted as people count them', () => {
    expect(() => send.request({ to: CHANNEL, text: '🎉'.repeat(2000) })).not.toThrow()
    expect(() => send.request({ to: CHANNEL, text: 'x'.repeat(2001) })).toThrow(/2000 characters/)
    expect(() => edit.request({ to: CHANNEL, id: ID, text: 'x'.repeat(2001) })).toThrow(/2000 characters/)
  })

  it('refuses a name where Discord wants an id, but takes what a plan does not know yet', () => {
    expect(() => send.request({ to: '#general', text: 'x' })).toThrow(/#general/)
    expect(() => send.request({ to: sentinelFor('string', 0), text: 'x' })).not.toThrow()
  })

  it('puts files beside the JSON of the message, each under its number', () => {
    const files = [
      { name: 'a.txt', text: 'words' },
      { name: 'b.bin', base64: 'AAE=', contentType: 'image/png' },
    ]
    const { body } = http(send.request({ to: CHANNEL, text: 'look', attachments: files }))
    const parts = body?.encoding === 'multipart' ? body.parts : []

    expect(JSON.parse(String(parts[0]?.value))).toEqual({
      content: 'look',
      attachments: [
        { id: '0', filename: 'a.txt' },
        { id: '1', filename: 'b.bin' },
      ],
    })
    expect(parts.slice(1)).toMatchObject([
      { name: 'files[0]', filename: 'a.txt', value: 'words', contentType: 'text/plain; charset=utf-8' },
      { name: 'files[1]', filename: 'b.bin', value: Buffer.from([0, 1]), contentType: 'image/png' },
    ])
  })

  it('uploads a file only into a channel', () => {
    expect(() => upload.request({ file: { name: 'a', text: 'b' } })).toThrow(/channel/)
    expect(bodyText(upload.request({ file: { name: 'a', text: 'b' }, to: CHANNEL }))).toContain('name="files[0]"')
  })

  it('keeps a reaction in one segment of the path', () => {
    expect(react.request({ to: CHANNEL, id: ID, emoji: 'onair:5' })).toMatchObject({
      method: 'PUT',
      path: { emoji_name: 'onair:5' },
      template: expect.stringMatching(/\/reactions\/\{emoji_name\}\/@me$/),
    })
  })

  it('posts through a webhook under the token of the webhook alone, and waits for the message', () => {
    const spec = native('webhook.post').request({ webhook: '5', text: 'x', thread: '7' })

    expect(spec).toMatchObject({ auth: 'webhook', query: { wait: true, thread_id: '7' }, path: { webhook_id: '5' } })
    expect(discord.auths?.webhook?.slots).toEqual([
      { in: 'path', name: 'webhook_token', parts: [{ secret: 'DISCORD_WEBHOOK_TOKEN' }] },
    ])
  })

  it('writes a reason for the audit log as the header takes it', () => {
    const { headers } = native('channel.delete').request({ id: '5', reason: 'für die Show\r\nX: y' })

    expect(headers).toEqual({ 'X-Audit-Log-Reason': 'f%C3%BCr%20die%20Show%0D%0AX%3A%20y' })
  })
})

describe('Discord: lists', () => {
  it('reads up to and including one message, which Discord itself would leave out', () => {
    expect(list.request({ to: CHANNEL, limit: 5, before: '18446744073709551614' }).query).toEqual({
      before: '18446744073709551615',
      limit: 5,
    })
    expect(() => list.request({ to: CHANNEL, limit: 5, before: 'ifab-ref-00000' })).toThrow(
      /is not the id of a message/,
    )
  })

  it('takes only what is later than after, and asks for nothing more once it is past it', () => {
    const input = { to: CHANNEL, limit: 500, after: '1000' }
    const page = Array.from({ length: 100 }, (_, at) => message(String(1050 - at)))
    const next = (body: JsonValue) => list.pages?.next(body, { headers: {}, input, count: 50, pages: 1 })

    expect(list.result(page, { input, headers: {} })?.messages).toHaveLength(50)
    expect(next(page)).toBeUndefined()
    expect(next(page.map(({ id }) => message(`9${id}`)))).toEqual({ query: { before: '9951' } })
    expect(next(page.slice(0, 99).map(({ id }) => message(`9${id}`)))).toBeUndefined()
    expect(next(null)).toBeUndefined()
  })

  it('compares ids as numbers, not as texts', () => {
    const input = { to: CHANNEL, limit: 5, after: '999' }
    expect(list.result([message('1000')], { input, headers: {} })?.messages).toMatchObject([{ id: '1000' }])
  })

  it('asks every server for its channels until there are enough', () => {
    const guilds = [
      { id: '1', name: 'a' },
      { id: '2', name: 'b' },
      { id: '3', name: 'c' },
    ]
    const steps = channels.more?.({ input: { limit: 2 }, answer: { body: guilds } })
    const asked = steps?.next()
    const second = steps?.next({
      body: [
        { id: '10', type: 0, name: 'general' },
        { id: '9', type: 4, name: 'Studio' },
      ],
    })
    const last = steps?.next({
      body: [
        { id: '20', type: 0, name: null },
        { id: '21', type: 0, name: 'more' },
      ],
    })

    expect(asked?.value).toMatchObject({ reads: true, request: { path: { guild_id: '1' } } })
    expect(second?.value).toMatchObject({ request: { path: { guild_id: '2' } } })
    expect(last).toEqual({
      done: true,
      value: {
        channels: [
          { id: '10', name: 'general' },
          { id: '20', name: '20' },
        ],
      },
    })
  })

  it('goes on with further servers after a full page of them', () => {
    const page = Array.from({ length: 200 }, (_, at) => ({ id: String(at + 1), name: 'x' }))
    const steps = channels.more?.({ input: { limit: 10_000 }, answer: { body: page } })
    let step = steps?.next()
    for (let count = 0; count < 200; count += 1) step = steps?.next({ body: [] })

    expect(step?.value).toMatchObject({
      request: { template: '/users/@me/guilds', query: { after: '200', limit: 200 } },
    })
    expect(steps?.next({ body: null })).toEqual({ done: true, value: { channels: [] } })
  })
})

describe('Discord: undo and read-back', () => {
  const undoOf = (operation: { undo?: unknown }) =>
    typeof operation.undo === 'function' ? (operation.undo as (context: object) => unknown) : undefined

  it('takes a sent message and an uploaded file back by deleting the message', () => {
    const result = { id: ID, to: CHANNEL, sentAt: '2024-01-02T16:10:13.623Z' }
    const call = { operation: 'message.delete', input: { to: CHANNEL, id: ID } }

    expect(undoOf(send)?.({ input: { to: CHANNEL, text: 'x' }, result })).toEqual(call)
    expect(undoOf(upload)?.({ input: { to: CHANNEL, file: {} }, result: { id: ID, url: null } })).toEqual(call)
  })

  it('confirms a sent message by its id, and nothing without an answer', () => {
    const result = { id: ID, to: CHANNEL, sentAt: '2024-01-02T16:10:13.623Z' }
    const check = send.verify?.({ input: { to: CHANNEL, text: 'x' }, result })

    expect(check).toMatchObject({ operation: 'discord:message.get', input: { to: CHANNEL, id: ID } })
    expect([check?.holds({ id: ID }), check?.holds({ id: '5' })]).toEqual([true, false])
    expect(send.verify?.({ input: { to: CHANNEL, text: 'x' }, result: undefined })).toBeUndefined()
    expect(
      upload.verify?.({ input: { to: CHANNEL, file: { name: 'a', text: 'b' } }, result: undefined }),
    ).toBeUndefined()
  })

  it('takes an empty list for no proof that a message is gone', () => {
    const check = remove.verify?.({ input: { to: CHANNEL, id: ID }, result: undefined })

    expect(check?.holds({ messages: [{ id: '5' }] })).toBe(true)
    expect(check?.holds({ messages: [{ id: ID }] })).toBe(false)
    expect(check?.holds({ messages: [] })).toBe(false)
  })

  it('restores the text that an edit replaced, where it was read', () => {
    const input = { to: CHANNEL, id: ID, text: 'new' }

    expect(edit.before?.(input)).toEqual({ operation: 'discord:message.get', input: { to: CHANNEL, id: ID } })
    expect(undoOf(edit)?.({ input, before: { text: 'old' } })).toEqual({
      operation: 'message.edit',
      input: { to: CHANNEL, id: ID, text: 'old' },
    })
    expect(undoOf(edit)?.({ input, before: undefined })).toBeUndefined()
    expect(edit.verify?.({ input, result: undefined })?.holds({ text: 'new ' })).toBe(true)
    expect(edit.verify?.({ input, result: undefined })?.holds({ text: 'old' })).toBe(false)
  })

  it('puts the addresses of the application back as they were read', () => {
    const read = {
      id: '1',
      name: 'infra',
      interactionsUrl: null,
      eventsUrl: 'https://old.example',
      eventsOn: true,
      events: ['A'],
    }
    const { id: _id, name: _name, ...addresses } = read
    const call = { operation: 'discord:application.update', input: addresses }
    const input = { url: 'https://new.example' }

    expect(setWebhook.before?.(input)).toEqual({ operation: 'discord:application.get', input: {} })
    expect(undoOf(setWebhook)?.({ input, before: read })).toEqual(call)
    expect(undoOf(setWebhook)?.({ input, before: undefined })).toBeUndefined()
    expect(undoOf(native('application.update'))?.({ input: {}, before: read })).toEqual(call)
    expect(JSON.parse(bodyText(native('application.update').request(addresses)))).toEqual({
      interactions_endpoint_url: null,
      event_webhooks_url: 'https://old.example',
      event_webhooks_status: 2,
      event_webhooks_types: ['A'],
    })
    expect(setWebhook.verify?.({ input, result: undefined })?.holds({ eventsUrl: 'https://new.example' })).toBe(true)
  })

  it.each([
    ['thread.create', { to: '1', id: '2', name: 'x' }, { id: '2' }, 'discord:channel.delete', { id: '2' }],
    ['webhook.create', { to: '1', name: 'x' }, { id: '5', name: 'x' }, 'discord:webhook.delete', { webhook: '5' }],
    [
      'webhook.post',
      { webhook: '5', text: 'x', thread: '7' },
      { id: '9', to: '7', sentAt: '' },
      'discord:webhook.deletePost',
      { webhook: '5', id: '9', thread: '7' },
    ],
    ['reaction.remove', { to: '1', id: '2', emoji: '🎉' }, {}, 'message.react', { to: '1', id: '2', emoji: '🎉' }],
  ])('undoes %s', (name, input, result, operation, undone) => {
    expect(undoOf(native(name))?.({ input, result })).toEqual({ operation, input: undone })
  })

  it('leaves the token of a new webhook out of the result', () => {
    const body = {
      id: '5',
      name: 'x',
      token: 'not-for-results',
      url: 'https://discord.com/api/webhooks/5/not-for-results',
    }
    const result = native('webhook.create').result(body, { input: { to: '1', name: 'x' }, headers: {} })

    expect(JSON.stringify(result)).not.toContain('not-for-results')
  })
})

describe('Discord: faults and limits', () => {
  it.each<[number, JsonValue, string]>([
    [401, { message: '401: Unauthorized', code: 0 }, 'IF_ERR_AUTH_FAILED'],
    [403, { message: 'Missing Access', code: 50001 }, 'IF_ERR_AUTH_FAILED'],
    [403, { message: 'Cannot send messages to this user', code: 50007 }, 'IF_ERR_ACTION_FAILED'],
    [403, { message: 'Cannot edit a message authored by another user', code: 50005 }, 'IF_ERR_ACTION_FAILED'],
    [403, '<html>error code: 1015</html>', 'IF_ERR_AUTH_FAILED'],
    [404, { message: 'Unknown Message', code: 10008 }, 'IF_ERR_NOT_FOUND'],
    [400, { message: 'A thread has already been created', code: 160004 }, 'IF_ERR_ALREADY_EXISTS'],
    [400, { message: 'slowmode', code: 20016 }, 'IF_ERR_RATE_LIMIT_EXCEEDED'],
    [400, { message: 'Invalid Form Body', code: 50035 }, 'IF_ERR_ACTION_FAILED'],
    [500, { message: '500: Internal Server Error', code: 0 }, 'IF_ERR_PROVIDER_UNAVAILABLE'],
    [502, '<html>', 'IF_ERR_PROVIDER_UNAVAILABLE'],
    [400, { message: 'x', code: 'toString' }, 'IF_ERR_ACTION_FAILED'],
  ])('reads %i %j as %s', (status, body, code) => {
    expect(discord.errors(answer(status, body))).toMatchObject({ code })
  })

  it('finds no fault in a success, whatever it says', () => {
    expect(discord.errors(answer(200, { message: 'x', code: 50035 }))).toBeUndefined()
    expect(discord.errors(answer(204, ''))).toBeUndefined()
  })

  it('names the fields that were wrong, however deep', () => {
    const errors = {
      content: { _errors: [{ code: 'BASE_TYPE_MAX_LENGTH', message: 'Must be 2000 or fewer in length.' }] },
      embeds: { 0: { title: { _errors: [{ code: 'X', message: 'Too long.' }, null, 5] } } },
      odd: { _errors: 'none' },
    }
    const fault = discord.errors(answer(400, { message: 'Invalid Form Body', code: 50035, errors }))

    expect(fault?.message).toBe(
      'Invalid Form Body: content: Must be 2000 or fewer in length.; embeds.0.title: Too long.',
    )
    expect(fault?.vendorCode).toBe('50035')
  })

  it('waits as long as Discord says, to the millisecond, or as Cloudflare says in its header', () => {
    const limited = { message: 'You are being rate limited.', retry_after: 64.5701, global: false }
    expect(discord.errors(answer(429, limited, { 'retry-after': '65' }))?.retryAfterMs).toBe(64_571)
    expect(discord.errors(answer(429, '<html>', { 'retry-after': '65' }))?.retryAfterMs).toBe(65_000)
    expect(discord.errors(answer(429, {}))).not.toHaveProperty('retryAfterMs')
  })

  it('leaves the outcome open where Discord failed', () => {
    expect(discord.errors(answer(503, { message: 'x', code: 130000 }))).toMatchObject({ outcome: 'unknown' })
  })

  it('tells what is left of a bucket, and nothing where the headers do not', () => {
    const headers = { 'x-ratelimit-remaining': '3', 'x-ratelimit-reset-after': '1.2345' }
    expect(discord.rate?.(answer(200, {}, headers))).toEqual({ remaining: 3, resetMs: 1235 })
    expect(discord.rate?.(answer(200, {}))).toBeUndefined()
    expect(discord.rate?.(answer(200, {}, { ...headers, 'x-ratelimit-remaining': 'many' }))).toBeUndefined()
    expect(discord.rate?.(answer(200, {}, { ...headers, 'x-ratelimit-reset-after': '-1' }))).toBeUndefined()
  })

  it('tells whose token it is', () => {
    expect(discord.health.tell({ id: '1', username: 'infra', bot: true })).toBe('bot @infra')
    expect(discord.health.tell({ id: '1', username: 'ada', bot: false })).toBe('@ada')
  })
})

describe('Discord: webhooks', () => {
  const delivery = (body: JsonValue) =>
    readDelivery({
      method: 'POST',
      url: 'https://fabric.example/hooks/discord',
      headers: { 'content-type': 'application/json' },
      bytes: Buffer.from(JSON.stringify(body)),
    })
  const { handshake, events, reply } = discord.webhooks ?? {}
  const interaction = { id: '77', application_id: '1', type: 2, token: 'continuation', data: { name: 'refund' } }

  it('answers the ping of interactions and the ping of events, each as it wants', () => {
    expect(handshake?.(delivery({ ...interaction, type: 1 }))).toEqual({ reply: { json: { type: 1 } } })
    expect(handshake?.(delivery({ version: 1, application_id: '1', type: 0 }))).toEqual({ reply: { status: 204 } })
    expect(handshake?.(delivery(interaction))).toBeUndefined()
    expect(handshake?.(delivery({ version: 1, application_id: '1', type: 1, event: {} }))).toBeUndefined()
    expect(handshake?.(delivery([]))).toBeUndefined()
  })

  it('names an event alike in each delivery, and tells its time in UTC', () => {
    const event = (data: JsonObject) => ({
      version: 1,
      application_id: '1',
      type: 1,
      event: { type: 'ENTITLEMENT_CREATE', timestamp: '2024-10-18T18:41:21.109604', data },
    })

    expect(events?.(delivery(event({ id: '9' })))).toEqual([
      {
        id: '1/ENTITLEMENT_CREATE/2024-10-18T18:41:21.109604/9',
        type: 'ENTITLEMENT_CREATE',
        at: '2024-10-18T18:41:21.109Z',
        data: { id: '9' },
      },
    ])
    expect(events?.(delivery(event({ user: { id: '5' } })))[0]?.id).toMatch(/\/5$/)
    expect(events?.(delivery(event({})))[0]?.id).toMatch(/\/$/)
    expect(() => events?.(delivery({ type: 1 }))).toThrow(expect.objectContaining({ code: 'IF_ERR_BAD_RESPONSE' }))
  })

  it('keeps an interaction without the token that could go on answering it', () => {
    const [kept] = events?.(delivery(interaction)) ?? []

    expect(kept).toMatchObject({ id: '77', type: 'interaction.command', data: { data: { name: 'refund' } } })
    expect(JSON.stringify(kept)).not.toContain('continuation')
    expect(events?.(delivery({ ...interaction, type: 4 }))).toEqual([])
    expect(events?.(delivery({ ...interaction, type: 9 }))[0]?.type).toBe('interaction.9')
  })

  it.each([
    [2, { type: 4, data: { content: 'Received.', flags: 64 } }],
    [3, { type: 6 }],
    [4, { type: 8, data: { choices: [] } }],
    [5, { type: 6 }],
  ])('answers an interaction of type %i at once', (type, json) => {
    expect(reply?.(delivery({ ...interaction, type }))).toEqual({ json })
  })

  it('acknowledges an event without a body', () => {
    expect(reply?.(delivery({ version: 1, type: 1, event: {} }))).toEqual({ status: 204 })
  })
})

describe('Discord: the twin', () => {
  it('gives the first message back for a nonce within minutes, and forgets it then', () => {
    const path = { channel_id: '1100000000000000011' }
    const body = { content: 'once', nonce: 'n', enforce_nonce: true }
    const twin = rehearse(discord)
    const first = bodyOf(twin.call('message.send', { path, body }))

    expect(bodyOf(twin.call('message.send', { path, body: { ...body, content: 'other' } })).content).toBe('once')
    expect(bodyOf(twin.call('message.send', { path, body: { ...body, enforce_nonce: false } })).id).not.toBe(first.id)
  })

  it('says which parameter was wrong', () => {
    const twin = rehearse(discord)
    const path = { channel_id: '1100000000000000011' }
    const codeOf = (query: Record<string, string>) => bodyOf(twin.call('message.list', { path, query })).code

    expect(codeOf({ limit: '101' })).toBe(50035)
    expect(codeOf({ before: 'x' })).toBe(50035)
    expect(twin.call('message.send', { path, body: { payload_json: '[]' } }).status).toBe(400)
    expect(twin.call('message.send', { path, body: { payload_json: '{' } }).status).toBe(400)
    expect(twin.call('message.send', { path, body: { content: 'x', nonce: '0'.repeat(26) } }).status).toBe(400)
    expect(twin.call('thread.create', { path: { ...path, message_id: '1100000000000000100' } }).status).toBe(400)
    expect(twin.call('webhook.create', { path, body: { name: ' ' } }).status).toBe(400)
    expect(twin.call('guild.list', { query: { limit: '0' } }).status).toBe(400)
    expect(twin.call('dm.open', { body: { recipient_id: 'ada' } }).status).toBe(400)
    expect(twin.call('dm.open').status).toBe(400)
    expect(twin.call('dm.open', { body: { recipient_id: '1100000000000000002' } }).status).toBe(400)
  })

  it('knows nothing of what is not there', () => {
    const twin = rehearse(discord)
    const path = { channel_id: '9', message_id: '9', webhook_id: '9', webhook_token: 'x', emoji_name: '🎉' }

    for (const operation of [
      'message.list',
      'message.edit',
      'message.delete',
      'message.react',
      'reaction.remove',
      'thread.create',
      'channel.delete',
      'webhook.create',
      'webhook.delete',
      'webhook.post',
      'webhook.deletePost',
    ])
      expect(twin.call(operation, { path }).status, operation).toBe(404)
  })

  it('tells when everybody was meant', () => {
    const twin = rehearse(discord)
    const path = { channel_id: '1100000000000000011' }
    const heard = (body: JsonObject) => bodyOf(twin.call('message.send', { path, body })).mention_everyone

    expect(heard({ content: 'hi @everyone' })).toBe(true)
    expect(heard({ content: 'hi @everyone', allowed_mentions: { parse: [] } })).toBe(false)
    expect(heard({ content: 'hi @here', allowed_mentions: { parse: ['everyone'] } })).toBe(true)
    expect(heard({ content: 'hi' })).toBe(false)
  })
})
