import { describe, expect, it } from 'vitest'
import { encodeForm, type JsonValue, type RequestSpec, sentinelFor } from '../../../src/adapter/index.ts'
import { emojiName } from '../../../src/providers/chat/slack/emoji.ts'
import slack from '../../../src/providers/chat/slack/index.ts'
import { sentAtOf } from '../../../src/providers/chat/slack/shapes.ts'
import { answer, bodyOf, rehearse } from './answers.ts'

const { 'message.send': send, 'message.edit': edit, 'message.list': list, 'message.delete': remove } = slack.operations
const channels = slack.operations['channel.list']
if (!send || !edit || !list || !remove || !channels) throw new Error('slack lacks an operation')

const TS = '1503435956.000247'

const formOf = (spec: RequestSpec) =>
  spec.transport === 'http' && spec.body?.encoding === 'form' ? encodeForm(spec.body.value) : undefined

describe('Slack: requests', () => {
  it('answers in a thread by its thread_ts', () => {
    expect(formOf(send.request({ to: 'C1', text: 'hi there', replyTo: TS }))).toBe(
      `channel=C1&text=hi+there&thread_ts=${TS}`,
    )
  })

  it('sends blocks as JSON text, as a form needs it', () => {
    const form = formOf(send.request({ to: 'C1', text: 'x', native: { blocks: [{ type: 'divider' }], mrkdwn: false } }))

    expect(new URLSearchParams(form).get('blocks')).toBe('[{"type":"divider"}]')
    expect(new URLSearchParams(form).get('mrkdwn')).toBe('false')
  })

  it('refuses an extra that would change whom the message goes to', () => {
    expect(() => send.request({ to: 'C1', text: 'x', native: { channel: 'C2' } })).toThrow(/native\.channel/)
  })

  it('reads up to and including one message, and takes the other end out of the answer', () => {
    const input = { to: 'C1', limit: 5, before: TS, after: '1503435000.000100' }
    const spec = list.request(input)
    const body = {
      ok: true,
      messages: [
        { text: 'b', ts: TS, user: 'U1' },
        { text: 'a', ts: '1503435000.000100', user: 'U1' },
      ],
    }

    expect(spec.query).toMatchObject({ latest: TS, oldest: '1503435000.000100', inclusive: true, limit: 6 })
    expect(list.result(body, { input, headers: {} })?.messages.map(({ id }) => id)).toEqual([TS])
  })

  it('asks for no more on a page than Slack gives', () => {
    expect(list.request({ to: 'C1', limit: 10_000 }).query.limit).toBe(999)
    expect(channels.request({ limit: 5000 }).query.limit).toBe(999)
  })

  it('goes on by the cursor and ends at an empty one', () => {
    const next = channels.pages?.next
    const FIRST = { headers: {}, input: {}, count: 0, pages: 1 }
    expect(next?.({ response_metadata: { next_cursor: 'dGVhbTpD' } }, FIRST)).toEqual({ query: { cursor: 'dGVhbTpD' } })
    expect(next?.({ response_metadata: { next_cursor: '' } }, FIRST)).toBeUndefined()
    expect(next?.({ ok: true }, FIRST)).toBeUndefined()
  })
})

describe('Slack: results', () => {
  it('keeps a ts as text and reads its time to the millisecond', () => {
    expect(sentAtOf('1503435956.000247')).toBe('2017-08-22T21:05:56.000Z')
    expect(sentAtOf('1503435956.999999')).toBe('2017-08-22T21:05:56.999Z')
  })

  it('refuses an answer whose ts is a number', () => {
    const body = { ok: true, channel: 'C1', ts: 1503435956.000247 }
    expect(() => send.result(body, { input: { to: 'C1', text: 'x' }, headers: {} })).toThrow(
      expect.objectContaining({ code: 'IF_ERR_BAD_RESPONSE' }),
    )
  })

  it.each([
    [{ user: 'U1', bot_id: 'B1' }, 'U1'],
    [{ bot_id: 'B1' }, 'B1'],
    [{ username: 'cron' }, 'cron'],
    [{}, null],
  ])('names who sent a message: %j', (author, from) => {
    const body = { messages: [{ ts: TS, text: 'x', ...author }] } as JsonValue
    expect(list.result(body, { input: { to: 'C1', limit: 1 }, headers: {} })?.messages[0]?.from).toBe(from)
  })

  it('names a direct conversation by its id', () => {
    const body = { channels: [{ id: 'D1' }] }
    expect(channels.result(body, { input: { limit: 1 }, headers: {} })).toEqual({
      channels: [{ id: 'D1', name: 'D1' }],
    })
  })

  it('tells whose token it is', () => {
    expect(slack.health.tell({ team: 'Acme', user: 'infra', botId: 'B1' })).toBe('workspace Acme, bot @infra')
    expect(slack.health.tell({ team: 'Acme', user: 'ada', botId: null })).toBe('workspace Acme, @ada')
  })
})

describe('Slack: undo and read-back', () => {
  const sent = { id: TS, to: 'C1H9RESGL', sentAt: '2017-08-22T21:05:56.000Z' }

  it('takes a sent message back by deleting it where it went', () => {
    const undo = typeof send.undo === 'function' ? send.undo : undefined
    expect(undo?.({ input: { to: '#general', text: 'x' }, result: sent, before: undefined })).toEqual({
      operation: 'message.delete',
      input: { to: 'C1H9RESGL', id: TS },
    })
  })

  it('reads a sent message back by its id, and an answer in its thread', () => {
    const plain = send.verify?.({ input: { to: '#general', text: 'x' }, result: sent })
    const answered = send.verify?.({ input: { to: '#general', text: 'x', replyTo: '1.000001' }, result: sent })

    expect(plain).toMatchObject({ operation: 'message.list', input: { to: 'C1H9RESGL', before: TS, limit: 1 } })
    expect(plain?.consistency).toBe('eventual')
    expect(plain?.holds({ messages: [{ id: TS, text: 'x' }] })).toBe(true)
    expect(plain?.holds({ messages: [{ id: '1503435955.000001', text: 'x' }] })).toBe(false)
    expect(answered).toMatchObject({ operation: 'slack:thread.list', input: { id: '1.000001' } })
  })

  it('cannot read back a message whose id never came', () => {
    expect(send.verify?.({ input: { to: 'C1', text: 'x' }, result: undefined })).toBeUndefined()
  })

  it('restores the text that an edit replaced, unescaped', () => {
    const undo = typeof edit.undo === 'function' ? edit.undo : undefined
    const input = { to: 'C1', id: TS, text: 'new' }
    const before = { messages: [{ id: TS, text: 'old &lt;1 &amp; 2&gt;' }] }

    expect(edit.before?.(input)).toEqual({ operation: 'message.list', input: { to: 'C1', before: TS, limit: 1 } })
    expect(undo?.({ input, result: { id: TS, to: 'C1' }, before })).toEqual({
      operation: 'message.edit',
      input: { to: 'C1', id: TS, text: 'old <1 & 2>' },
    })
  })

  it('has no undo for an edit whose old text was not read', () => {
    const undo = typeof edit.undo === 'function' ? edit.undo : undefined
    const input = { to: 'C1', id: TS, text: 'new' }

    expect(undo?.({ input, result: { id: TS, to: 'C1' }, before: undefined })).toBeUndefined()
    expect(
      undo?.({ input, result: { id: TS, to: 'C1' }, before: { messages: [{ id: '1.000002', text: 'x' }] } }),
    ).toBeUndefined()
  })

  it('finds an edit and a deletion by what is there afterwards', () => {
    const edited = edit.verify?.({ input: { to: 'C1', id: TS, text: 'a < b' }, result: undefined })
    const deleted = remove.verify?.({ input: { to: 'C1', id: TS }, result: undefined })

    expect(edited?.holds({ messages: [{ id: TS, text: 'a &lt; b' }] })).toBe(true)
    expect(edited?.holds({ messages: [{ id: TS, text: 'b' }] })).toBe(false)
    expect(deleted?.holds({ messages: [] })).toBe(true)
    expect(deleted?.holds({ messages: [{ id: TS, text: 'x' }] })).toBe(false)
  })

  it('undoes reactions by each other and an opened conversation by closing it', () => {
    const { 'reaction.remove': take, 'dm.open': open } = slack.native ?? {}
    const react = slack.operations['message.react']
    const input = { to: 'C1', id: TS, emoji: 'tada' }
    const undoOf = (operation: typeof take) => (typeof operation?.undo === 'function' ? operation.undo : undefined)

    expect(
      typeof react?.undo === 'function' && react.undo({ input, result: { id: TS, to: 'C1' }, before: undefined }),
    ).toEqual({ operation: 'slack:reaction.remove', input })
    expect(undoOf(take)?.({ input, result: {}, before: undefined })).toEqual({ operation: 'message.react', input })
    expect(undoOf(open)?.({ input: { users: ['U1'] }, result: { id: 'D1' }, before: undefined })).toEqual({
      operation: 'slack:dm.close',
      input: { id: 'D1' },
    })
  })
})

describe('Slack: files, later messages, emoji and incoming webhooks', () => {
  const upload = slack.operations['file.upload']
  const natives = slack.native ?? {}
  const file = { name: 'a.txt', text: 'Grüße' }

  it('tells the number of bytes first, sends them, and completes with words in the channel', () => {
    const input = { file, to: 'C1', text: 'Tonight:', native: { title: 'Order', thread_ts: TS } }
    const asked = { body: { ok: true, upload_url: 'https://evil.example/upload/v1/Cw%2FAB/x?y=1', file_id: 'F1' } }
    const steps = upload?.more?.({ input, answer: asked })
    const sent = steps?.next(asked).value
    const done = steps?.next({ body: 'OK - 7' }).value

    expect(upload && formOf(upload.request(input))).toBe('filename=a.txt&length=7')
    // By its path alone: the bytes go to Slack, wherever the answer points.
    expect(sent).toMatchObject({
      reads: true,
      request: { base: 'upload', auth: 'upload', path: { token: 'Cw/AB/x' }, query: {} },
    })
    expect(done).toMatchObject({ request: { template: '/files.completeUploadExternal' } })
    const form = new URLSearchParams(
      done && 'request' in done && done.request.body?.encoding === 'form' ? encodeForm(done.request.body.value) : '',
    )
    expect(Object.fromEntries(form)).toEqual({
      files: '[{"id":"F1","title":"Order"}]',
      channel_id: 'C1',
      initial_comment: 'Tonight:',
      thread_ts: TS,
    })
    expect(steps?.next({ body: { ok: true, files: [{ id: 'F1' }] } }).value).toEqual({ id: 'F1', url: null })
  })

  it.each([
    [{ file: { name: 'a', text: '' } }, /empty/],
    [{ file, text: 'Tonight:' }, /channel/],
    [{ file: { name: 'a', text: `x ${sentinelFor('string', 1)}` } }, /must be known/],
    [{ file, native: { channel_id: 'C2' } }, /native\.channel_id/],
  ])('refuses the upload %j', (input, message) => {
    expect(() => upload?.request(input)).toThrow(message)
  })

  it('refuses an address for the bytes that is none of Slack’s uploads', () => {
    const asked = { body: { ok: true, upload_url: 'https://files.slack.com/api/files.delete', file_id: 'F1' } }
    expect(() => upload?.more?.({ input: { file }, answer: asked }).next(asked)).toThrow(/upload\/v1/)
  })

  it('deletes what was uploaded', () => {
    expect(
      typeof upload?.undo === 'function' &&
        upload.undo({ input: { file }, result: { id: 'F1', url: null }, before: undefined }),
    ).toEqual({ operation: 'slack:file.delete', input: { id: 'F1' } })
  })

  it.each([
    ['thumbsup', 'thumbsup'],
    [':wave::skin-tone-3:', 'wave::skin-tone-3'],
    [':+1:', '+1'],
  ])('knows the emoji %s by its name', (given, name) => {
    expect(emojiName(given)).toBe(name)
  })

  it.each(['👍', 'Thumbs Up', 'a&b', '::'])('refuses the emoji %s', (given) => {
    expect(() => emojiName(given)).toThrow(/is no name/)
  })

  it('schedules in whole seconds, and takes it back', () => {
    const { 'message.schedule': schedule } = natives
    const input = { to: 'C1', text: 'x', at: '2026-12-01T19:50:00Z' }

    expect(schedule && formOf(schedule.request(input))).toBe('channel=C1&text=x&post_at=1796154600')
    expect(() => schedule?.request({ ...input, at: '2026-12-01T19:50:00.500Z' })).toThrow(/whole second/)
    expect(() => schedule?.request({ ...input, at: sentinelFor('string', 1) })).toThrow(/must be known/)
    expect(() => schedule?.request({ ...input, native: { post_at: 1 } })).toThrow(/native\.post_at/)
    const result = { id: 'Q1', to: 'C9', at: input.at }
    expect(typeof schedule?.undo === 'function' && schedule.undo({ input, result, before: undefined })).toEqual({
      operation: 'slack:message.unschedule',
      input: { to: 'C9', id: 'Q1' },
    })
  })

  it('keeps the token of an incoming webhook out of the request', () => {
    const { 'webhook.post': post } = natives
    const spec = post?.request({ webhook: 'T0G9PQBBK/B19LU7CSY', text: 'x' })

    expect(spec).toMatchObject({
      base: 'incomingWebhook',
      auth: 'webhook',
      template: '/services/{team}/{service}/{webhook_token}',
      path: { team: 'T0G9PQBBK', service: 'B19LU7CSY' },
    })
    for (const webhook of ['T1', 'T1/B1/x', '../B123', 'https://hooks.slack.com/services/T12/B12/x']) {
      expect(() => post?.request({ webhook, text: 'x' })).toThrow(/T…\/B…/)
    }
  })

  it.each([
    [403, 'invalid_token', 'IF_ERR_AUTH_FAILED'],
    [404, 'no_service', 'IF_ERR_NOT_FOUND'],
    [400, 'invalid_payload', 'IF_ERR_ACTION_FAILED'],
  ])('reads %i %s of an incoming webhook as %s', (status, text, code) => {
    expect(slack.errors(answer(status, text))).toMatchObject({ code, vendorCode: text })
  })

  it('opens sockets under the token of the app alone', () => {
    const { 'socket.open': open } = natives
    expect(open?.request({})).toMatchObject({ auth: 'app' })
    expect(() => open?.result({ ok: true, url: 'https://evil.example' }, { input: {}, headers: {} })).toThrow(
      expect.objectContaining({ code: 'IF_ERR_BAD_RESPONSE' }),
    )
  })

  it('has twins of all of them', () => {
    const twin = rehearse(slack, { now: Date.UTC(2026, 11, 1) })
    const later = { channel: '#launch', text: 'x', post_at: String(Date.UTC(2026, 11, 2) / 1000) }
    const made = bodyOf(twin.call('message.schedule', { body: later }))
    const taken = { channel: String(made.channel), scheduled_message_id: String(made.scheduled_message_id) }

    expect(bodyOf(twin.call('message.schedule', { body: { ...later, post_at: '1' } })).error).toBe('time_in_past')
    expect(bodyOf(twin.call('message.schedule', { body: { ...later, post_at: '99999999999' } })).error).toBe(
      'time_too_far',
    )
    expect(bodyOf(twin.call('message.schedule', { body: { ...later, post_at: 'x' } })).error).toBe('invalid_time')
    expect(bodyOf(twin.call('message.schedule', { body: { ...later, text: '' } })).error).toBe('no_text')
    expect(bodyOf(twin.call('message.schedule', { body: { ...later, channel: '#no' } })).error).toBe(
      'channel_not_found',
    )
    expect(bodyOf(twin.call('message.unschedule', { body: taken }))).toEqual({ ok: true })
    expect(bodyOf(twin.call('message.unschedule', { body: taken })).error).toBe('invalid_scheduled_message_id')
    const ephemeral = { channel: 'C0TWIN00001', user: 'U061F7AUR', text: 'psst' }
    expect(bodyOf(twin.call('message.ephemeral', { body: ephemeral })).message_ts).toMatch(/^\d{10}\.\d{6}$/)
    expect(bodyOf(twin.call('message.ephemeral', { body: { ...ephemeral, user: 'U0' } })).error).toBe(
      'user_not_in_channel',
    )
    expect(bodyOf(twin.call('message.ephemeral', { body: { ...ephemeral, text: '' } })).error).toBe('no_text')
    expect(bodyOf(twin.call('message.ephemeral', { body: { ...ephemeral, channel: 'C0' } })).error).toBe(
      'channel_not_found',
    )
    expect(bodyOf(twin.call('user.byEmail', { query: { email: 'Ada@example.com' } })).user).toMatchObject({
      name: 'ada',
    })
    expect(bodyOf(twin.call('user.byEmail', { query: { email: 'x@example.com' } })).error).toBe('users_not_found')
    expect(twin.call('webhook.post', { body: { text: 'x' } }).body).toBe('ok')
    expect(twin.call('webhook.post', { body: {} })).toEqual({ status: 400, body: 'no_text' })
  })

  it('takes the bytes of a file once, and only as many as were announced', () => {
    const twin = rehearse(slack)
    const asked = bodyOf(twin.call('file.upload', { body: { filename: 'a.txt', length: '3' }, headers: { host: 'x' } }))
    const token = String(asked.upload_url).split('/').at(-1) ?? ''
    const send = (text: string) => twin.call('POST /upload/v1/{token+}', { path: { token }, bytes: Buffer.from(text) })
    const complete = (more = {}) =>
      bodyOf(
        twin.call('POST /api/files.completeUploadExternal', {
          body: { files: JSON.stringify([{ id: asked.file_id }]), ...more },
        }),
      )

    expect(complete().error).toBe('file_not_found')
    expect(send('four').status).toBe(400)
    const part = Buffer.from('--b\r\nContent-Disposition: form-data; name="body"\r\n\r\nfour\r\n--b--\r\n')
    const headers = { 'content-type': 'multipart/form-data; boundary=b' }
    expect(twin.call('POST /upload/v1/{token+}', { path: { token }, bytes: part, headers }).status).toBe(400)
    expect(send('abc').body).toBe('OK - 3')
    expect(send('abc').status).toBe(404)
    expect(complete({ files: 'x' }).error).toBe('invalid_arguments')
    expect(complete({ channel_id: 'C0' }).error).toBe('channel_not_found')
    expect(complete({ channel_id: 'C0TWIN00001', initial_comment: 'hi' })).toMatchObject({
      files: [{ title: 'a.txt' }],
    })
    expect(bodyOf(twin.call('message.list', { query: { channel: 'C0TWIN00001' } })).messages).toMatchObject([
      { text: 'hi', files: [{ id: asked.file_id }] },
    ])
    const body = { file: String(asked.file_id) }
    expect(bodyOf(twin.call('file.delete', { body }))).toEqual({ ok: true })
    expect(bodyOf(twin.call('file.delete', { body })).error).toBe('file_not_found')
    expect(bodyOf(twin.call('file.upload', { body: { filename: 'a' } })).error).toBe('invalid_arguments')
  })
})

describe('Slack: faults', () => {
  it.each([
    ['invalid_auth', 'IF_ERR_AUTH_FAILED'],
    ['token_revoked', 'IF_ERR_AUTH_FAILED'],
    ['channel_not_found', 'IF_ERR_NOT_FOUND'],
    ['message_not_found', 'IF_ERR_NOT_FOUND'],
    ['ratelimited', 'IF_ERR_RATE_LIMIT_EXCEEDED'],
    ['already_reacted', 'IF_ERR_ALREADY_EXISTS'],
    ['msg_too_long', 'IF_ERR_ACTION_FAILED'],
    ['toString', 'IF_ERR_ACTION_FAILED'],
  ])('reads %s inside HTTP 200 as %s', (error, code) => {
    expect(slack.errors(answer(200, { ok: false, error }))).toMatchObject({ code, vendorCode: error })
  })

  it.each(['internal_error', 'fatal_error', 'service_unavailable'])('leaves the outcome open after %s', (error) => {
    expect(slack.errors(answer(200, { ok: false, error }))).toMatchObject({
      code: 'IF_ERR_PROVIDER_UNAVAILABLE',
      outcome: 'unknown',
    })
  })

  it('names the scope that is missing', () => {
    const fault = slack.errors(
      answer(200, { ok: false, error: 'missing_scope', needed: 'channels:history', provided: 'chat:write' }),
    )

    expect(fault).toMatchObject({ code: 'IF_ERR_AUTH_FAILED' })
    expect(fault?.hint).toBe('The token needs the scope channels:history; it has chat:write.')
  })

  it('says which argument was wrong', () => {
    const metadata = { messages: ['[ERROR] missing required field: channel'] }
    const fault = slack.errors(answer(200, { ok: false, error: 'invalid_arguments', response_metadata: metadata }))

    expect(fault?.message).toBe('Slack answered invalid_arguments: [ERROR] missing required field: channel')
  })

  it('waits as long as Slack says, and knows that nothing was done', () => {
    const fault = slack.errors(answer(429, { ok: false, error: 'ratelimited' }, { 'retry-after': '30' }))
    expect(fault).toMatchObject({ code: 'IF_ERR_RATE_LIMIT_EXCEEDED', retryAfterMs: 30_000, outcome: 'not-done' })
    expect(slack.errors(answer(429, ''))).not.toHaveProperty('retryAfterMs')
  })

  it('reads a status alone where the body says nothing', () => {
    expect(slack.errors(answer(503, '<html>'))).toMatchObject({
      code: 'IF_ERR_PROVIDER_UNAVAILABLE',
      outcome: 'unknown',
    })
    expect(slack.errors(answer(404, '<html>'))).toMatchObject({ code: 'IF_ERR_ACTION_FAILED' })
    expect(slack.errors(answer(200, '[]'))).toBeUndefined()
    expect(slack.errors(answer(200, { ok: true }))).toBeUndefined()
  })

  it('keeps the id of the request', () => {
    expect(slack.requestId?.(answer(200, {}, { 'x-slack-req-id': 'abc' }))).toBe('abc')
  })
})

describe('Slack: the twin', () => {
  it('lists, edits and deletes what was sent, in one channel, newest first', () => {
    const twin = rehearse(slack)
    const first = bodyOf(twin.call('message.send', { body: { channel: '#general', text: 'a & b' } }))
    const second = bodyOf(twin.call('message.send', { body: { channel: 'C0TWIN00001', text: 'c' } }))
    const query = { channel: 'C0TWIN00001' }

    expect(String(second.ts) > String(first.ts)).toBe(true)
    expect(bodyOf(twin.call('message.list', { query })).messages).toMatchObject([{ text: 'c' }, { text: 'a &amp; b' }])

    const at = { channel: 'C0TWIN00001', ts: String(first.ts) }
    expect(bodyOf(twin.call('message.edit', { body: { ...at, text: 'd' } }))).toMatchObject({ ok: true, text: 'd' })
    expect(bodyOf(twin.call('message.delete', { body: at }))).toMatchObject({ ok: true, ts: first.ts })
    expect(bodyOf(twin.call('message.delete', { body: at }))).toEqual({ ok: false, error: 'message_not_found' })
    expect(bodyOf(twin.call('message.edit', { body: { ...at, text: 'e' } })).error).toBe('message_not_found')
  })

  it('reads one message back by latest, inclusive and limit', () => {
    const twin = rehearse(slack)
    const sent = ['a', 'b', 'c'].map((text) =>
      bodyOf(twin.call('message.send', { body: { channel: 'general', text } })),
    )
    const [first, second] = sent.map(({ ts }) => String(ts))
    const query = { channel: 'C0TWIN00001', latest: second ?? '', inclusive: 'true', limit: '1' }

    expect(bodyOf(twin.call('message.list', { query })).messages).toMatchObject([{ text: 'b' }])
    expect(
      bodyOf(twin.call('message.list', { query: { channel: 'C0TWIN00001', oldest: first ?? '' } })).messages,
    ).toMatchObject([{ text: 'c' }, { text: 'b' }])
  })

  it('keeps answers in their thread, unless they are broadcast', () => {
    const twin = rehearse(slack)
    const { ts, channel } = bodyOf(twin.call('message.send', { body: { channel: 'general', text: 'q' } }))
    const thread = { channel: 'general', thread_ts: String(ts) }
    twin.call('message.send', { body: { ...thread, channel: String(channel), text: 'r' } })
    twin.call('message.send', { body: { ...thread, channel: String(channel), text: 's', reply_broadcast: 'true' } })

    const history = bodyOf(twin.call('message.list', { query: { channel: String(channel) } })).messages
    const replies = bodyOf(twin.call('thread.list', { query: { channel: String(channel), ts: String(ts) } }))
    expect(history).toMatchObject([{ text: 's' }, { text: 'q' }])
    expect(replies.messages).toMatchObject([{ text: 'q', reply_count: 2 }, { text: 'r' }, { text: 's' }])
    const nowhere = { channel: String(channel), thread_ts: '1000000000.000001', text: 'x' }
    expect(bodyOf(twin.call('message.send', { body: nowhere })).error).toBe('thread_not_found')
    const lost = { channel: String(channel), ts: '1000000000.000001' }
    expect(bodyOf(twin.call('thread.list', { query: lost })).error).toBe('thread_not_found')
  })

  it('pages by a cursor until all were seen once', () => {
    const twin = rehearse(slack)
    const names: unknown[] = []
    let cursor = ''
    do {
      const { channels: page, response_metadata } = bodyOf(twin.call('channel.list', { query: { limit: '3', cursor } }))
      names.push(...(page as { name: string }[]).map(({ name }) => name))
      cursor = (response_metadata as { next_cursor: string }).next_cursor
    } while (cursor)

    expect(names).toEqual(['general', 'launch', 'refunds', 'studio'])
  })

  it('gives the cursor of a history and of a thread only where there is more', () => {
    const twin = rehearse(slack)
    const { ts } = bodyOf(twin.call('message.send', { body: { channel: 'general', text: 'q' } }))
    const thread = { channel: 'C0TWIN00001', thread_ts: String(ts) }
    for (const text of ['r', 's']) twin.call('message.send', { body: { ...thread, text, reply_broadcast: 'true' } })

    const history = bodyOf(twin.call('message.list', { query: { channel: 'C0TWIN00001', limit: '2' } }))
    const replies = bodyOf(twin.call('thread.list', { query: { channel: 'C0TWIN00001', ts: String(ts), limit: '2' } }))
    expect(history).toMatchObject({ has_more: true, response_metadata: { next_cursor: expect.any(String) } })
    expect(replies).toMatchObject({ has_more: true, response_metadata: { next_cursor: expect.any(String) } })
  })

  it('writes to a person by opening a conversation, the same one each time', () => {
    const twin = rehearse(slack)
    const sent = bodyOf(twin.call('message.send', { body: { channel: 'U061F7AUR', text: 'hello' } }))
    const opened = bodyOf(twin.call('dm.open', { body: { users: 'U061F7AUR' } }))

    expect(opened.channel).toEqual({ id: sent.channel })
    const body = { channel: String(sent.channel) }
    expect(bodyOf(twin.call('dm.close', { body }))).toEqual({ ok: true })
    expect(bodyOf(twin.call('dm.close', { body }))).toMatchObject({ ok: true, already_closed: true })
    expect(bodyOf(twin.call('dm.close', { body: { channel: 'D1' } })).error).toBe('channel_not_found')
    expect(bodyOf(twin.call('dm.open')).error).toBe('users_list_not_supplied')
  })

  it('takes a reaction once and gives it back once', () => {
    const twin = rehearse(slack)
    const { ts } = bodyOf(twin.call('message.send', { body: { channel: 'general', text: 'q' } }))
    const body = { channel: 'C0TWIN00001', timestamp: String(ts), name: 'tada' }

    expect(bodyOf(twin.call('message.react', { body }))).toEqual({ ok: true })
    expect(bodyOf(twin.call('message.react', { body })).error).toBe('already_reacted')
    expect(bodyOf(twin.call('reaction.remove', { body }))).toEqual({ ok: true })
    expect(bodyOf(twin.call('reaction.remove', { body })).error).toBe('no_reaction')
    expect(bodyOf(twin.call('message.react', { body: { ...body, name: ':tada:' } })).error).toBe('invalid_name')
    expect(bodyOf(twin.call('reaction.remove', { body: { ...body, timestamp: '1' } })).error).toBe('message_not_found')
  })

  it.each([
    ['message.send', { channel: '#nowhere', text: 'x' }, 'channel_not_found'],
    ['message.send', { channel: 'general' }, 'no_text'],
    ['message.send', { channel: 'general', text: 'x'.repeat(40_001) }, 'msg_too_long'],
    ['message.edit', { channel: 'nowhere', ts: TS, text: 'x' }, 'channel_not_found'],
    ['message.delete', { channel: 'nowhere', ts: TS }, 'channel_not_found'],
    ['message.list', { channel: 'general' }, 'channel_not_found'],
    ['thread.list', { channel: 'general', ts: TS }, 'channel_not_found'],
  ])('refuses %s of %j with %s', (operation, body, error) => {
    expect(bodyOf(rehearse(slack).call(operation, { body }))).toEqual({ ok: false, error })
  })

  it('refuses an edit to nothing', () => {
    const twin = rehearse(slack)
    const { ts } = bodyOf(twin.call('message.send', { body: { channel: 'general', text: 'q' } }))
    const body = { channel: 'C0TWIN00001', ts: String(ts) }

    expect(bodyOf(twin.call('message.edit', { body })).error).toBe('no_text')
  })

  it('shows faults as Slack does: inside 200, but for limits and outages', () => {
    expect(slack.twin.fault('unauthorized', '')).toEqual({ body: { ok: false, error: 'invalid_auth' } })
    expect(slack.twin.fault('not-found', '').status).toBeUndefined()
    expect(slack.twin.fault('invalid', '').status).toBeUndefined()
    expect(slack.twin.fault('rate-limited', '')).toMatchObject({ status: 429, headers: { 'retry-after': '1' } })
    expect(slack.twin.fault('unavailable', '')).toMatchObject({ status: 503 })
  })

  it('answers the calls that only Slack’s own client makes', () => {
    expect(bodyOf(rehearse(slack).call('POST /api/api.test'))).toEqual({ ok: true })
    expect(bodyOf(rehearse(slack).call('POST /api/auth.test'))).toMatchObject({ ok: true, user: 'infra' })
  })
})
