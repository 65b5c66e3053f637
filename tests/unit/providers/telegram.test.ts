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
import telegram from '../../../src/providers/chat/telegram/index.ts'
import { TWIN_CHATS } from '../../../src/providers/chat/telegram/twin-updates.ts'
import { answer, bodyOf, rehearse } from './answers.ts'

const {
  'message.send': send,
  'message.edit': edit,
  'message.delete': remove,
  'message.react': react,
  'file.upload': upload,
  'webhook.set': setWebhook,
} = telegram.operations
if (!send || !edit || !remove || !react || !upload || !setWebhook) throw new Error('telegram lacks an operation')

const native = (name: string): NativeOperation => {
  const operation = telegram.native?.[name]
  if (!operation) throw new Error(`telegram lacks ${name}`)
  return operation
}

const CHAT = '-1001234567890'

const http = (spec: RequestSpec): HttpRequestSpec => {
  if (spec.transport !== 'http') throw new Error('not http')
  return spec
}

const formOf = (spec: RequestSpec): Record<string, string> => {
  const { body } = http(spec)
  return Object.fromEntries(new URLSearchParams(body ? (encodeBody(body).text ?? '') : ''))
}

const partsOf = (spec: RequestSpec) => {
  const { body } = http(spec)
  return body?.encoding === 'multipart' ? body.parts : []
}

const undoOf = (operation: { undo?: unknown }) =>
  typeof operation.undo === 'function' ? (operation.undo as (context: object) => unknown) : undefined

const failure = (status: number, description: string, parameters?: JsonObject): JsonObject => ({
  ok: false,
  error_code: status,
  description,
  ...(parameters ? { parameters } : {}),
})

describe('Telegram: requests', () => {
  it('has the token in the path of every request, and nowhere else', () => {
    expect(telegram.auth.slots).toEqual([{ in: 'path', name: 'token', parts: [{ secret: 'TELEGRAM_BOT_TOKEN' }] }])
    expect(http(send.request({ to: CHAT, text: 'x' })).template).toBe('/bot{token}/sendMessage')
  })

  it('keeps ids as the digits that were given', () => {
    const form = formOf(send.request({ to: '-4503599627370495', text: 'yes', replyTo: '9007199254740993' }))

    expect(form).toEqual({
      chat_id: '-4503599627370495',
      text: 'yes',
      reply_parameters: '{"message_id":9007199254740993}',
    })
  })

  it('passes objects of native on as their JSON text', () => {
    const native = { parse_mode: 'HTML', link_preview_options: { is_disabled: true }, disable_notification: true }

    expect(formOf(send.request({ to: CHAT, text: 'x', native }))).toMatchObject({
      parse_mode: 'HTML',
      link_preview_options: '{"is_disabled":true}',
      disable_notification: 'true',
    })
  })

  it.each([
    { chat_id: '1' },
    { text: 'other words' },
    { reply_parameters: { message_id: 1, chat_id: 2 } },
    { allow_paid_broadcast: true },
    { business_connection_id: 'x' },
    { suggested_post_parameters: {} },
  ])('refuses an extra that would change what was judged, or spend Stars: %j', (extra) => {
    expect(() => send.request({ to: CHAT, text: 'x', native: extra })).toThrow(/native\./)
    expect(() => send.request({ to: CHAT, text: 'x', native: extra, attachments: [{ name: 'a', text: 'b' }] })).toThrow(
      /native\./,
    )
  })

  it('refuses more characters than Telegram takes, counted as people count them', () => {
    const file = { name: 'a.txt', text: 'b' }
    expect(() => send.request({ to: CHAT, text: '🎉'.repeat(4096) })).not.toThrow()
    expect(() => send.request({ to: CHAT, text: 'x'.repeat(4097) })).toThrow(/4096 characters/)
    expect(() => edit.request({ to: CHAT, id: '1', text: 'x'.repeat(4097) })).toThrow(/4096 characters/)
    expect(() => send.request({ to: CHAT, text: 'x'.repeat(1025), attachments: [file] })).toThrow(/1024 characters/)
    expect(() => send.request({ to: CHAT, text: 'x'.repeat(5000), native: { parse_mode: 'HTML' } })).not.toThrow()
  })

  it('refuses what is no chat and no number of a message, but takes what a plan does not know yet', () => {
    expect(() => send.request({ to: 'general', text: 'x' })).toThrow(/"general" is not a chat/)
    expect(() => send.request({ to: CHAT, text: 'x', replyTo: '1}' })).toThrow(/replyTo/)
    expect(() => remove.request({ to: CHAT, id: 'x' })).toThrow(/"x" is not a number/)
    expect(() => remove.request({ to: '@showtime', id: sentinelFor('string', 0) })).not.toThrow()
  })

  it('sends a file with its words and what it answers, as parts', () => {
    const spec = send.request({
      to: CHAT,
      text: 'look',
      replyTo: '7',
      attachments: [{ name: 'a.bin', base64: 'AAE=', contentType: 'image/png' }],
      native: { reply_markup: { force_reply: true } },
    })

    expect(http(spec).template).toBe('/bot{token}/sendDocument')
    expect(partsOf(spec)).toEqual([
      { name: 'chat_id', value: CHAT },
      { name: 'caption', value: 'look' },
      { name: 'reply_parameters', value: '{"message_id":7}' },
      { name: 'reply_markup', value: '{"force_reply":true}' },
      { name: 'document', filename: 'a.bin', value: Buffer.from([0, 1]), contentType: 'image/png' },
    ])
  })

  it('takes one file with a message and says where further ones go', () => {
    const file = { name: 'a', text: 'b' }
    expect(() => send.request({ to: CHAT, text: 'x', attachments: [file, file] })).toThrow(
      expect.objectContaining({ code: 'IF_ERR_UNSUPPORTED', hint: expect.stringContaining('file.upload') }),
    )
  })

  it('uploads a file only into a chat, with words or without', () => {
    expect(() => upload.request({ file: { name: 'a', text: 'b' } })).toThrow(/chat/)
    expect(partsOf(upload.request({ file: { name: 'a', text: 'b' }, to: CHAT }))).toEqual([
      { name: 'chat_id', value: CHAT },
      { name: 'document', filename: 'a', value: 'b', contentType: 'text/plain; charset=utf-8' },
    ])
    const bytes = partsOf(upload.request({ file: { name: 'a', base64: 'AA==' }, to: CHAT, text: 'Rider' }))
    expect(bytes.at(-1)).toMatchObject({ contentType: 'application/octet-stream' })
    expect(bytes).toContainEqual({ name: 'caption', value: 'Rider' })
  })

  it('tells an emoji of everybody from the id of one of somebody’s own', () => {
    expect(formOf(react.request({ to: CHAT, id: '1', emoji: '🎉' })).reaction).toBe('[{"type":"emoji","emoji":"🎉"}]')
    expect(formOf(react.request({ to: CHAT, id: '1', emoji: '5368324170671202286' })).reaction).toBe(
      '[{"type":"custom_emoji","custom_emoji_id":"5368324170671202286"}]',
    )
    expect(formOf(react.request({ to: CHAT, id: '1', emoji: '","type":"paid' })).reaction).toBe(
      JSON.stringify([{ type: 'emoji', emoji: '","type":"paid' }]),
    )
    expect(formOf(native('reaction.remove').request({ to: CHAT, id: '1' })).reaction).toBe('[]')
  })

  it('sets a webhook with the secret that deliveries will show, filled in at the door', () => {
    const spec = http(setWebhook.request({ url: 'https://fabric.example:8443/hooks/t', events: ['message'] }))

    expect(spec.body && encodeBody(spec.body).pieces).toEqual([
      'url=https%3A%2F%2Ffabric.example%3A8443%2Fhooks%2Ft',
      '&secret_token=',
      { secret: 'TELEGRAM_WEBHOOK_SECRET', escape: 'form' },
      '&allowed_updates=%5B%22message%22%5D',
    ])
  })

  it.each(['http://fabric.example/', 'https://fabric.example:7420/'])('refuses the webhook %s at once', (url) => {
    expect(() => setWebhook.request({ url })).toThrow(/443, 80, 88|cannot be a webhook/)
  })

  it('passes nothing on with a webhook that would send updates elsewhere or drop them', () => {
    for (const extra of [{ ip_address: '203.0.113.1' }, { drop_pending_updates: true }, { url: '' }]) {
      expect(() => setWebhook.request({ url: 'https://a.example/', native: extra })).toThrow(/native\./)
    }
  })

  it('takes a picture from exactly one place', () => {
    const { input } = native('photo.send')
    expect(input.safeParse({ to: CHAT }).success).toBe(false)
    expect(input.safeParse({ to: CHAT, fileId: 'a', url: 'https://a.example/b.jpg' }).success).toBe(false)
    expect(formOf(native('photo.send').request({ to: CHAT, fileId: 'AgAC' }))).toEqual({ chat_id: CHAT, photo: 'AgAC' })
  })

  it('asks for updates without changing which kinds the bot gets', () => {
    expect(formOf(native('update.list').request({ limit: 5, waitSeconds: 10, offset: 7 }))).toEqual({
      offset: '7',
      limit: '5',
      timeout: '10',
    })
    expect(native('update.list').input.safeParse({ offset: -1 }).success).toBe(false)
  })
})

describe('Telegram: results', () => {
  const sent = (chat: JsonValue, more: JsonObject = {}): JsonObject => ({
    ok: true,
    result: { message_id: 7, date: 1764079200, chat: { id: chat, type: 'group' }, ...more },
  })

  it('gives ids as text, exact beyond what a number holds', () => {
    expect(send.result(sent('-9007199254740993'), { input: { to: CHAT, text: 'x' }, headers: {} })).toEqual({
      id: '7',
      to: '-9007199254740993',
      sentAt: '2025-11-25T14:00:00.000Z',
    })
  })

  it('gives the largest of the sizes of a picture', () => {
    const photo = [{ file_id: 'small' }, { file_id: 'large' }]
    const result = native('photo.send').result(sent(-5, { photo }), { input: { to: CHAT, fileId: 'a' }, headers: {} })

    expect(result).toMatchObject({ id: '7', to: '-5', fileId: 'large' })
  })

  it('takes an edit that changes nothing for done', () => {
    const body = failure(400, 'Bad Request: message is not modified: specified new message content …')
    const input = { to: CHAT, id: '7', text: 'same' }

    expect(telegram.errors(answer(400, body))).toBeUndefined()
    expect(edit.result(body, { input, headers: {} })).toEqual({ id: '7', to: CHAT })
    expect(edit.result(sent(-5), { input, headers: {} })).toEqual({ id: '7', to: '-5' })
  })

  it('reads a file where Telegram says that it lies, and refuses a path that climbs', () => {
    const steps = native('file.get').more?.({
      input: { id: 'BQAC' },
      answer: { body: { ok: true, result: { file_path: 'documents/file_7.txt' } } },
    })
    const asked = steps?.next()
    const last = steps?.next({ body: Buffer.from([0, 255]).toString('base64') })

    expect(asked?.value).toMatchObject({
      reads: true,
      request: { base: 'files', answer: 'bytes', path: { file_path: 'documents/file_7.txt' } },
    })
    expect(last).toEqual({
      done: true,
      value: { id: 'BQAC', path: 'documents/file_7.txt', size: 2, base64: 'AP8=' },
    })
    const without = native('file.get').more?.({ input: { id: 'x' }, answer: { body: { ok: true, result: {} } } })
    expect(() => without?.next()).toThrow(expect.objectContaining({ code: 'IF_ERR_BAD_RESPONSE' }))
  })

  it('names each update by its kind, and what confirms all of them', () => {
    const list = native('update.list')
    const context = { input: { limit: 5, waitSeconds: 0 }, headers: {} }
    const body = {
      ok: true,
      result: [
        { update_id: 8, edited_message: { message_id: 1, date: 1764079200, edit_date: 1764079260, text: 'x' } },
        { update_id: 9, callback_query: { id: '4382bfdwdsb323b2d9', data: 'yes' } },
      ],
    }

    expect(list.result(body, context)).toEqual({
      updates: [
        {
          id: '8',
          type: 'edited_message',
          at: '2025-11-25T14:01:00.000Z',
          data: { message_id: 1, date: 1764079200, edit_date: 1764079260, text: 'x' },
        },
        { id: '9', type: 'callback_query', data: { id: '4382bfdwdsb323b2d9', data: 'yes' } },
      ],
      next: 10,
    })
    expect(list.result({ ok: true, result: [] }, context)).toEqual({ updates: [], next: null })
  })

  it('tells whose token it is', () => {
    expect(telegram.health.tell({ id: '1', name: 'Stage', username: 'stage_bot' })).toBe('bot @stage_bot')
    expect(telegram.health.tell({ id: '1', name: 'Stage', username: null })).toBe('bot @Stage')
  })
})

describe('Telegram: undo and read-back', () => {
  it('takes back what was sent by deleting it in the chat where it is', () => {
    const result = { id: '7', to: '-5', sentAt: '2025-11-25T14:00:00.000Z' }
    const call = { operation: 'message.delete', input: { to: '-5', id: '7' } }

    expect(undoOf(send)?.({ input: { to: '@showtime', text: 'x' }, result })).toEqual(call)
    expect(undoOf(native('photo.send'))?.({ input: { to: '@showtime' }, result })).toEqual(call)
    expect(undoOf(upload)?.({ input: { to: '-5', file: {} }, result: { id: '7', url: null } })).toEqual(call)
    expect(undoOf(upload)?.({ input: { file: {} }, result: { id: '7', url: null } })).toBeUndefined()
  })

  it('takes a reaction off and deletes a topic', () => {
    expect(undoOf(react)?.({ input: { to: '1', id: '2', emoji: '🎉' } })).toEqual({
      operation: 'telegram:reaction.remove',
      input: { to: '1', id: '2' },
    })
    expect(undoOf(native('thread.create'))?.({ input: {}, result: { id: '9', to: '-5' } })).toEqual({
      operation: 'telegram:thread.delete',
      input: { to: '-5', id: '9' },
    })
  })

  it('puts an earlier webhook back as it was read, or removes the new one', () => {
    const read = { url: 'https://old.example/', pending: 0, lastError: null, events: ['message'], maxConnections: 10 }
    const back = {
      operation: 'webhook.set',
      input: { url: 'https://old.example/', events: ['message'], native: { max_connections: 10 } },
    }
    const input = { url: 'https://new.example/' }

    expect(setWebhook.before?.(input)).toEqual({ operation: 'telegram:webhook.get', input: {} })
    expect(undoOf(setWebhook)?.({ input, before: read })).toEqual(back)
    expect(undoOf(native('webhook.unset'))?.({ input: {}, before: read })).toEqual(back)
    expect(undoOf(setWebhook)?.({ input, before: { ...read, url: '' } })).toEqual({
      operation: 'telegram:webhook.unset',
      input: {},
    })
    expect(undoOf(setWebhook)?.({ input, before: undefined })).toBeUndefined()
    expect(undoOf(native('webhook.unset'))?.({ input: {}, before: undefined })).toBeUndefined()
  })

  it('reads a webhook back by its address', () => {
    const set = setWebhook.verify?.({ input: { url: 'https://new.example/' }, result: undefined })
    const unset = native('webhook.unset').verify?.({ input: {}, result: undefined })

    expect([set?.holds({ url: 'https://new.example/' }), set?.holds({ url: '' })]).toEqual([true, false])
    expect([unset?.holds({ url: '' }), unset?.holds({ url: 'https://new.example/' })]).toEqual([true, false])
  })
})

describe('Telegram: faults', () => {
  it.each<[number, JsonValue, string]>([
    [401, failure(401, 'Unauthorized'), 'IF_ERR_AUTH_FAILED'],
    [404, failure(404, 'Not Found'), 'IF_ERR_AUTH_FAILED'],
    [403, failure(403, 'Forbidden: bot was blocked by the user'), 'IF_ERR_ACTION_FAILED'],
    [400, failure(400, 'Bad Request: chat not found'), 'IF_ERR_NOT_FOUND'],
    [400, failure(400, 'Bad Request: message to delete not found'), 'IF_ERR_NOT_FOUND'],
    [400, failure(400, "Bad Request: message can't be deleted"), 'IF_ERR_ACTION_FAILED'],
    [409, failure(409, 'Conflict: terminated by other getUpdates request'), 'IF_ERR_CONFLICT'],
    [413, '<html>413 Request Entity Too Large</html>', 'IF_ERR_ACTION_FAILED'],
    [500, failure(500, 'Internal Server Error'), 'IF_ERR_PROVIDER_UNAVAILABLE'],
    [502, '<html>', 'IF_ERR_PROVIDER_UNAVAILABLE'],
    [400, { ok: false }, 'IF_ERR_ACTION_FAILED'],
  ])('reads %i %j as %s', (status, body, code) => {
    expect(telegram.errors(answer(status, body))).toMatchObject({ code })
  })

  it('finds no fault in a success, or in a file that somebody sent', () => {
    expect(telegram.errors(answer(200, { ok: true, result: true }))).toBeUndefined()
    expect(telegram.errors(answer(200, 'Doors, show, encore'))).toBeUndefined()
    const lure = failure(400, 'Bad Request', { migrate_to_chat_id: -666 })
    expect(telegram.errors(answer(200, lure))).toBeUndefined()
    expect(() => remove.result(lure, { input: { to: CHAT, id: '1' }, headers: {} })).toThrow(
      expect.objectContaining({ code: 'IF_ERR_BAD_RESPONSE' }),
    )
  })

  it('waits as long as Telegram says, and sends nothing twice where the outcome is open', () => {
    const limited = failure(429, 'Too Many Requests: retry after 35', { retry_after: 35 })
    expect(telegram.errors(answer(429, limited))).toMatchObject({ retryAfterMs: 35_000, outcome: 'not-done' })
    expect(telegram.errors(answer(429, failure(429, 'x'), { 'retry-after': '5' }))?.retryAfterMs).toBe(5000)
    expect(telegram.errors(answer(429, failure(429, 'x', { retry_after: -1 })))).not.toHaveProperty('retryAfterMs')
    expect(telegram.errors(answer(500, failure(500, 'x')))).toMatchObject({ outcome: 'unknown' })
  })

  it('names the chat that a group has become', () => {
    const moved = failure(400, 'Bad Request: group chat was upgraded to a supergroup chat', {
      migrate_to_chat_id: -1001234567890,
    })
    expect(telegram.errors(answer(400, moved))?.hint).toContain('-1001234567890')
  })
})

describe('Telegram: webhooks', () => {
  const delivery = (body: JsonValue) =>
    readDelivery({
      method: 'POST',
      url: 'https://fabric.example/hooks/telegram',
      headers: { 'content-type': 'application/json' },
      bytes: Buffer.from(JSON.stringify(body)),
    })

  it('names an update alike in each delivery, by its number', () => {
    const update = { update_id: 10000, message: { date: 1764079200, text: '/start' } }

    expect(telegram.webhooks?.events(delivery(update))).toEqual([
      { id: '10000', type: 'message', at: '2025-11-25T14:00:00.000Z', data: { date: 1764079200, text: '/start' } },
    ])
    expect(telegram.webhooks?.events(delivery({ update_id: 1 }))).toEqual([{ id: '1', type: 'unknown', data: {} }])
    expect(() => telegram.webhooks?.events(delivery([]))).toThrow(
      expect.objectContaining({ code: 'IF_ERR_BAD_RESPONSE' }),
    )
  })
})

describe('Telegram: the twin', () => {
  const { group, person } = TWIN_CHATS

  it('takes parameters from the query as well as from the body', () => {
    const twin = rehearse(telegram)

    expect(bodyOf(twin.call('message.send', { query: { chat_id: group, text: 'x' } }))).toMatchObject({ ok: true })
  })

  it.each<[string, string, JsonObject, string]>([
    ['no chat', 'message.send', { text: 'x' }, 'chat_id is empty'],
    [
      'too long a caption',
      'file.upload',
      { chat_id: group, document: 'https://a.example/b', caption: 'x'.repeat(1025) },
      'caption is too long',
    ],
    ['no file', 'file.upload', { chat_id: group }, 'no document'],
    ['a file of nobody', 'photo.send', { chat_id: group, photo: 'none' }, 'wrong remote file identifier'],
    ['no words in an edit', 'message.edit', { chat_id: person, message_id: '1', text: '' }, "can't be edited"],
    ['an edit of nothing', 'message.edit', { chat_id: person, message_id: '99', text: 'x' }, 'to edit not found'],
    ['reactions that are none', 'message.react', { chat_id: person, message_id: '1', reaction: '{' }, 'reaction types'],
    ['two reactions', 'message.react', { chat_id: person, message_id: '1', reaction: '[{},{}]' }, 'TOO_MANY'],
    ['a topic without a name', 'thread.create', { chat_id: group, name: '' }, 'TOPIC_TITLE_INVALID'],
    ['a topic that is not there', 'thread.delete', { chat_id: group, message_thread_id: '9' }, 'thread not found'],
    ['an odd secret', 'webhook.set', { url: 'https://a.example', secret_token: '!' }, 'unallowed characters'],
  ])('refuses %s', (_, operation, body, description) => {
    const answered = rehearse(telegram).call(operation, { body })

    expect(answered.status).toBe(400)
    expect(bodyOf(answered).description).toContain(description)
  })

  it('knows nothing of chats that are not there', () => {
    const twin = rehearse(telegram)
    const body = { chat_id: '@nobody', message_id: '1', message_thread_id: '1', name: 'x', text: 'x' }

    for (const operation of [
      'message.send',
      'message.edit',
      'message.delete',
      'message.react',
      'chat.get',
      'thread.create',
      'thread.delete',
    ])
      expect(bodyOf(twin.call(operation, { body })).description, operation).toBe('Bad Request: chat not found')
  })

  it('edits no text into a message that is a file', () => {
    const twin = rehearse(telegram)
    const document = { filename: 'a.txt', contentType: 'text/plain', size: 1, base64: 'YQ==' }
    const { result } = bodyOf(twin.call('file.upload', { body: { chat_id: group, document } }))
    const body = { chat_id: group, message_id: String((result as JsonObject).message_id), text: 'x' }

    expect(bodyOf(twin.call('message.edit', { body })).description).toContain('no text in the message')
  })

  it('forgets updates that were confirmed, counted from the end too, and drops them where it is told to', () => {
    const twin = rehearse(telegram)
    const idsOf = (body: JsonObject) =>
      (bodyOf(twin.call('update.list', { body })).result as JsonObject[]).map(({ update_id }) => update_id)

    expect(idsOf({ limit: '1' })).toEqual([10_001])
    expect(idsOf({ offset: '-1' })).toEqual([10_002])
    twin.call('webhook.unset', { body: { drop_pending_updates: true } })
    expect(idsOf({})).toEqual([])
  })

  it('removes a webhook by an empty address', () => {
    const twin = rehearse(telegram)
    twin.call('webhook.set', { body: { url: 'https://a.example', drop_pending_updates: 'true' } })
    const answered = twin.call('webhook.set', { body: { url: '' } })

    expect(bodyOf(answered).description).toBe('Webhook was deleted')
    expect(bodyOf(twin.call('webhook.get')).result).toMatchObject({ url: '', pending_update_count: 0 })
  })

  it('has no file where none is', () => {
    expect(rehearse(telegram).call('GET /file/bot{token}/{file_path+}', { path: { file_path: 'x' } }).status).toBe(404)
  })
})
