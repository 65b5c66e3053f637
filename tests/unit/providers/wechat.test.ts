import { createCipheriv, createHash } from 'node:crypto'
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
import wechat from '../../../src/providers/chat/wechat/index.ts'
import { TWIN_PEOPLE, TWIN_TEMPLATE } from '../../../src/providers/chat/wechat/twin-shapes.ts'
import { openRig } from '../adapter/webhooks/rig.ts'
import { answer, bodyOf, rehearse } from './answers.ts'

const { 'message.send': send, 'file.upload': upload } = wechat.operations
if (!send || !upload) throw new Error('wechat lacks an operation')

const native = (name: string): NativeOperation => {
  const operation = wechat.native?.[name]
  if (!operation) throw new Error(`wechat lacks ${name}`)
  return operation
}

const ADA = 'o6_bmjrPTlm6_2sgVt7hMZOPfL2M'
const AT = { date: 'Tue, 25 Nov 2025 14:00:00 GMT' }

const http = (spec: RequestSpec): HttpRequestSpec => {
  if (spec.transport !== 'http') throw new Error('not http')
  return spec
}

const textOf = (spec: RequestSpec): string => {
  const { body } = http(spec)
  return body ? (encodeBody(body).text ?? '') : ''
}

const piecesOf = (spec: RequestSpec) => {
  const { body } = http(spec)
  return body && encodeBody(body).pieces
}

const undoOf = (operation: { undo?: unknown }) =>
  typeof operation.undo === 'function' ? (operation.undo as (context: object) => unknown) : undefined

describe('WeChat: the access token', () => {
  const source = wechat.auth.token

  it('asks for the stable token with the credential in the body, and puts it into the query', () => {
    const spec = source?.request('first', {})

    expect(spec && piecesOf(spec)).toEqual([
      '{"grant_type":"client_credential","appid":"',
      { secret: 'WECHAT_APP_ID', escape: 'json' },
      '","secret":"',
      { secret: 'WECHAT_APP_SECRET', escape: 'json' },
      '"}',
    ])
    expect(wechat.auth.slots).toEqual([{ in: 'query', name: 'access_token', parts: [{ secret: '$access_token' }] }])
  })

  it.each([
    [40001, true],
    [40014, true],
    [42001, true],
    [40164, false],
    [40125, false],
    [45009, false],
  ])('takes error %i for a refusal of the token: %j', (errcode, isRejected) => {
    const fault = wechat.errors(answer(200, { errcode, errmsg: 'x' }))

    expect(fault && source?.rejected?.(fault, 200)).toBe(isRejected)
  })
})

describe('WeChat: requests', () => {
  it('sends characters as they are, not escaped', () => {
    expect(textOf(send.request({ to: ADA, text: '演出 "八点" 🎉' }))).toBe(
      `{"touser":"${ADA}","msgtype":"text","text":{"content":"演出 \\"八点\\" 🎉"}}`,
    )
  })

  it('sends a template under a key, and free words under none, as WeChat takes none', () => {
    const template = { name: 'T1', values: { thing1: '今晚' } }
    const spec = send.request({ to: ADA, text: 'x', template, native: { url: 'https://a.example/' } })

    expect(http(spec).template).toBe('/cgi-bin/message/template/send')
    expect(piecesOf(spec)).toEqual([
      `{"touser":"${ADA}","template_id":"T1","url":"https://a.example/","data":{"thing1":{"value":"今晚"}},"client_msg_id":"`,
      { key: 32 },
      '"}',
    ])
    expect(piecesOf(send.request({ to: ADA, text: 'x' }))).toBeUndefined()
  })

  it.each([{ touser: 'other' }, { msgtype: 'image' }, { text: {} }, { client_msg_id: 'mine' }, { data: {} }])(
    'refuses an extra that would change what was judged: %j',
    (extra) => {
      const template = { name: 'T1', values: {} }
      expect(() => send.request({ to: ADA, text: 'x', native: extra })).toThrow(/native\./)
      expect(() => send.request({ to: ADA, text: 'x', template, native: extra })).toThrow(/native\./)
    },
  )

  it('refuses a language, as a template has one', () => {
    const template = { name: 'T1', values: {}, language: 'en' }
    expect(() => send.request({ to: ADA, text: 'x', template })).toThrow(/template\.language/)
  })

  it.each<[JsonObject, string, string]>([
    [{ name: 'a.png', base64: 'AA==' }, 'image', 'image/png'],
    [{ name: 'a.bin', base64: 'AA==', contentType: 'image/webp' }, 'image', 'image/webp'],
    [{ name: 'a.AMR', base64: 'AA==' }, 'voice', 'audio/amr'],
    [{ name: 'a', base64: 'AA==', contentType: 'audio/mpeg' }, 'voice', 'audio/mpeg'],
    [{ name: 'a.mp4', base64: 'AA==' }, 'video', 'video/mp4'],
  ])('uploads %j as %s', (file, type, contentType) => {
    const spec = http(upload.request({ file: file as { name: string } }))

    expect(spec.query).toEqual({ type })
    expect(spec.body).toMatchObject({ parts: [{ name: 'media', filename: file.name, contentType }] })
  })

  it('takes the kind of a file that is asked for, and refuses what WeChat has no kind for', () => {
    const file = { name: 'constructor.toString', text: 'x' }
    expect(http(upload.request({ file, native: { type: 'thumb' } })).query).toEqual({ type: 'thumb' })
    expect(http(upload.request({ file, native: { type: 'thumb' } })).body).toMatchObject({
      parts: [{ value: 'x', contentType: 'application/octet-stream' }],
    })
    expect(() => upload.request({ file })).toThrow(expect.objectContaining({ code: 'IF_ERR_UNSUPPORTED' }))
    expect(() => upload.request({ file, native: { type: 'poem' } })).toThrow(/no "constructor.toString" of this kind/)
  })

  it('sends an uploaded film with its picture, and a picture without', () => {
    const { request, input } = native('media.send')
    expect(textOf(request({ to: ADA, type: 'image', id: 'M' }))).toBe(
      `{"touser":"${ADA}","msgtype":"image","image":{"media_id":"M"}}`,
    )
    expect(textOf(request({ to: ADA, type: 'video', id: 'M', thumb: 'T', title: '今晚' }))).toContain(
      '"video":{"media_id":"M","thumb_media_id":"T","title":"今晚"}',
    )
    expect(input.safeParse({ to: ADA, type: 'video', id: 'M' }).success).toBe(false)
    expect(input.safeParse({ to: ADA, type: 'image', id: 'M', title: 'x' }).success).toBe(false)
  })

  it('broadcasts to all or to a tag, under a key that WeChat remembers', () => {
    const { request, input } = native('broadcast.send')
    expect(piecesOf(request({ to: { tag: 2 }, text: '今晚' }))).toEqual([
      '{"filter":{"is_to_all":false,"tag_id":2},"msgtype":"text","text":{"content":"今晚"},"clientmsgid":"',
      { key: 64 },
      '"}',
    ])
    expect(textOf(request({ to: { all: true }, media: { type: 'image', id: 'M' } }))).toContain(
      '{"is_to_all":true},"msgtype":"image","images":{"media_ids":["M"]}',
    )
    expect(input.safeParse({ to: { all: false }, text: 'x' }).success).toBe(false)
    expect(input.safeParse({ to: { all: true, tag: 2 }, text: 'x' }).success).toBe(false)
    expect(input.safeParse({ to: {}, text: 'x' }).success).toBe(false)
    expect(input.safeParse({ to: { all: true } }).success).toBe(false)
  })

  it('writes the id of a broadcast digit by digit', () => {
    const { request } = native('broadcast.delete')
    expect(textOf(request({ id: '9223372036854775807' }))).toBe('{"msg_id":9223372036854775807,"article_idx":0}')
    expect(() => request({ id: sentinelFor('string', 0) })).not.toThrow()
    expect(() => request({ id: '1,"x":2' })).toThrow(/is not an id of WeChat/)
  })

  it('deletes the menu by a GET that nothing may repeat', () => {
    const remove = native('menu.delete')
    expect(http(remove.request({}))).toMatchObject({ method: 'GET', template: '/cgi-bin/menu/delete' })
    expect([remove.effect, remove.idempotent]).toEqual(['delete', undefined])
  })

  it('asks for records of a day at most', () => {
    const { request } = native('record.list')
    const of = (until: string) => request({ from: '2025-11-25T00:00:00Z', until, limit: 20_000 })

    expect(JSON.parse(textOf(of('2025-11-26T00:00:00Z')))).toEqual({
      starttime: 1764028800,
      endtime: 1764115200,
      msgid: 1,
      number: 10_000,
    })
    expect(() => of('2025-11-26T00:00:01Z')).toThrow(/24 hours/)
    expect(() => of('2025-11-24T00:00:00Z')).toThrow(/24 hours/)
  })
})

describe('WeChat: results', () => {
  it('says that a free message has no id, and takes its time from the clock of the answer', () => {
    const input = { to: ADA, text: 'x' }
    expect(send.result({ errcode: 0, errmsg: 'ok' }, { input, headers: AT })).toEqual({
      id: 'no-id',
      to: ADA,
      sentAt: '2025-11-25T14:00:00.000Z',
    })
    expect(() => send.result({ errcode: 0 }, { input, headers: {} })).toThrow(
      expect.objectContaining({ code: 'IF_ERR_BAD_RESPONSE' }),
    )
  })

  it('gives the id of a template message, beyond what a number holds too', () => {
    const input = { to: ADA, text: 'x', template: { name: 'T1', values: {} } }
    expect(send.result({ errcode: 0, msgid: '9223372036854775807' }, { input, headers: AT })?.id).toBe(
      '9223372036854775807',
    )
    expect(() => send.result({ errcode: 0 }, { input, headers: AT })).toThrow(/msgid/)
  })

  it('takes a repeated broadcast for the first one, by the id that WeChat tells', () => {
    const body = { errcode: 45065, errmsg: 'clientmsgid exist', msg_id: 34182 }
    const input = { to: { tag: 2 }, text: 'x' }

    expect(wechat.errors(answer(200, body))).toBeUndefined()
    expect(native('broadcast.send').result(body, { input, headers: {} })).toEqual({ id: '34182', dataId: null })
    expect(wechat.errors(answer(200, { errcode: 45065, errmsg: 'x' }))?.code).toBe('IF_ERR_ACTION_FAILED')
  })

  it('gives bytes as they are, and of a film where it is', () => {
    const read = (body: Buffer, contentType?: string) =>
      native('media.get').result(body.toString('base64'), {
        input: { id: 'M' },
        headers: contentType === undefined ? {} : { 'content-type': contentType },
      })

    expect(read(Buffer.from([0, 255]), 'image/png')).toEqual({
      id: 'M',
      contentType: 'image/png',
      size: 2,
      base64: 'AP8=',
      videoUrl: null,
    })
    expect(read(Buffer.from('{"video_url":"https://v.example/1"}'), 'text/plain')).toMatchObject({
      size: 0,
      base64: '',
      videoUrl: 'https://v.example/1',
    })
    expect(read(Buffer.from('not json'), 'text/plain')).toMatchObject({ size: 8, videoUrl: null })
    expect(read(Buffer.from('{"video_url":"x"}'))).toMatchObject({ contentType: null, videoUrl: null })
  })

  it('reads an uploaded thumb by the name that WeChat gives its id', () => {
    const context = { input: { file: { name: 'a', text: 'b' } }, headers: {} }
    expect(upload.result({ type: 'thumb', thumb_media_id: 'T' }, context)).toEqual({ id: 'T', url: null })
    expect(() => upload.result({ type: 'image' }, context)).toThrow(
      expect.objectContaining({ code: 'IF_ERR_BAD_RESPONSE' }),
    )
  })

  it('knows no menu where there is none, and leaves out the empty sub-menus of WeChat', () => {
    const read = (body: JsonObject) => native('menu.get').result(body, { input: {}, headers: {} })
    const none = { errcode: 46003, errmsg: 'menu no exist' }

    expect(wechat.errors(answer(200, none))).toBeUndefined()
    expect(read(none)).toEqual({ buttons: null })
    expect(
      read({
        menu: {
          button: [
            { name: 'a', key: 'A', sub_button: [] },
            { name: 'b', sub_button: [{ name: 'c' }] },
          ],
        },
      }),
    ).toEqual({
      buttons: [
        { name: 'a', key: 'A' },
        { name: 'b', sub_button: [{ name: 'c' }] },
      ],
    })
  })

  it('tells of a person what WeChat tells, and of a stranger that they do not follow', () => {
    const read = (body: JsonObject) => native('user.get').result(body, { input: { id: ADA }, headers: {} })

    expect(read({ subscribe: 0, openid: ADA })).toEqual({
      id: ADA,
      follows: false,
      since: null,
      unionId: null,
      language: null,
      remark: null,
      tags: [],
    })
    expect(read({ subscribe: 1, openid: ADA, subscribe_time: 1764079200, unionid: 'u', remark: '' })).toMatchObject({
      follows: true,
      since: '2025-11-25T14:00:00.000Z',
      unionId: 'u',
      remark: null,
    })
  })

  it('goes on with followers behind a full page alone', () => {
    const { pages, result } = native('user.list')
    const facts = { headers: {}, input: { limit: 100_000 }, count: 0, pages: 1 }
    const page = (count: number, next_openid: string): JsonObject => ({ total: 20_000, count, next_openid })

    expect(pages?.next(page(10_000, 'o9'), facts)).toEqual({ query: { next_openid: 'o9' } })
    expect(pages?.next(page(9_999, 'o9'), facts)).toBeUndefined()
    expect(pages?.next(page(10_000, ''), facts)).toBeUndefined()
    expect(pages?.next(null, facts)).toBeUndefined()
    expect(result(page(0, ''), { input: { limit: 1 }, headers: {} })).toEqual({ users: [] })
  })

  it('goes on with records behind a full page, by the id of the last one', () => {
    const { pages, result } = native('record.list')
    const facts = { headers: {}, input: { limit: 2 }, count: 0, pages: 1 }
    const next = pages?.next({ recordlist: [], number: 2, msgid: '9007199254740993' }, facts)

    expect(JSON.stringify(next)).toBe('{"json":{"msgid":"9007199254740993"}}')
    expect(pages?.next({ recordlist: [], number: 1, msgid: 3 }, facts)).toBeUndefined()
    expect(pages?.next({}, facts)).toBeUndefined()
    expect(pages?.next({ number: 10_000, msgid: 3 }, { ...facts, input: {} })).toBeDefined()
    expect(result({}, { input: { from: '', until: '', limit: 2 }, headers: {} })).toEqual({ records: [] })
  })

  it('tells how many addresses answer', () => {
    expect(wechat.health.tell({ addresses: ['a', 'b'] })).toBe('2 addresses of WeChat answer')
    expect(wechat.health.tell({})).toBe('0 addresses of WeChat answer')
  })
})

describe('WeChat: undo', () => {
  it('puts the menu back that was there, or deletes the new one', () => {
    const before = { buttons: [{ name: 'a', key: 'A' }] }
    const back = { operation: 'wechat:menu.set', input: before }

    expect(native('menu.set').before?.({ buttons: [] })).toEqual({ operation: 'wechat:menu.get', input: {} })
    expect(undoOf(native('menu.set'))?.({ before })).toEqual(back)
    expect(undoOf(native('menu.delete'))?.({ before })).toEqual(back)
    expect(undoOf(native('menu.set'))?.({ before: { buttons: null } })).toEqual({
      operation: 'wechat:menu.delete',
      input: {},
    })
    expect(undoOf(native('menu.delete'))?.({ before: { buttons: null } })).toBeUndefined()
    expect(undoOf(native('menu.set'))?.({ before: undefined })).toBeUndefined()
  })

  it('takes back of broadcasts what WeChat takes back', () => {
    const undo = undoOf(native('broadcast.send'))
    const of = (content: JsonObject) => undo?.({ input: { to: { all: true }, ...content }, result: { id: '5' } })

    expect(of({ media: { type: 'mpnews', id: 'M' } })).toEqual({
      operation: 'wechat:broadcast.delete',
      input: { id: '5' },
    })
    expect(of({ media: { type: 'image', id: 'M' } })).toBeUndefined()
    expect(of({ text: 'x' })).toBeUndefined()
  })

  it('says in words what nothing takes back', () => {
    expect(send.undo).toEqual({ none: 'WeChat takes no message back.' })
    expect(upload.undo).toHaveProperty('none')
    expect(native('media.send').undo).toHaveProperty('none')
    expect(native('broadcast.delete').undo).toHaveProperty('none')
  })
})

describe('WeChat: faults inside HTTP 200', () => {
  it.each<[JsonValue, string]>([
    [{ errcode: 40001, errmsg: 'invalid credential' }, 'IF_ERR_AUTH_FAILED'],
    [{ errcode: 40125, errmsg: 'invalid appsecret' }, 'IF_ERR_AUTH_FAILED'],
    [{ errcode: 40164, errmsg: 'invalid ip 203.0.113.7' }, 'IF_ERR_AUTH_FAILED'],
    [{ errcode: 48001, errmsg: 'api unauthorized' }, 'IF_ERR_AUTH_FAILED'],
    [{ errcode: 40003, errmsg: 'invalid openid' }, 'IF_ERR_NOT_FOUND'],
    [{ errcode: 45015, errmsg: 'response out of time limit' }, 'IF_ERR_ACTION_FAILED'],
    [{ errcode: 45011, errmsg: 'api minute-quota reach limit' }, 'IF_ERR_RATE_LIMIT_EXCEEDED'],
    [{ errcode: 45009, errmsg: 'reach max api daily quota limit' }, 'IF_ERR_RATE_LIMIT_EXCEEDED'],
    [{ errcode: -1, errmsg: 'system error' }, 'IF_ERR_PROVIDER_UNAVAILABLE'],
    [{ errcode: 99999, errmsg: 'something new' }, 'IF_ERR_ACTION_FAILED'],
    [{ errcode: 99999 }, 'IF_ERR_ACTION_FAILED'],
  ])('reads %j as %s', (body, code) => {
    expect(wechat.errors(answer(200, body))).toMatchObject({ code, vendorCode: String((body as JsonObject).errcode) })
  })

  it('finds no fault in a success, with a code or without, or in bytes', () => {
    expect(wechat.errors(answer(200, { errcode: 0, errmsg: 'ok' }))).toBeUndefined()
    expect(wechat.errors(answer(200, { template_list: [] }))).toBeUndefined()
    expect(wechat.errors(answer(200, 'GIF89a'))).toBeUndefined()
    expect(wechat.errors(answer(200, { errcode: 40001 }, { 'content-type': 'image/png' }))).toBeUndefined()
    expect(wechat.errors(answer(200, { errcode: 40001 }, { 'content-type': 'text/plain' }))).toBeDefined()
  })

  it('repeats nothing in vain and nothing whose outcome is open', () => {
    expect(wechat.errors(answer(200, { errcode: 45009, errmsg: 'x' }))).toMatchObject({ retryable: false })
    expect(wechat.errors(answer(200, { errcode: -1, errmsg: 'x' }))).toMatchObject({ outcome: 'unknown' })
    expect(wechat.errors(answer(200, { errcode: 45066, errmsg: 'x' }))).toMatchObject({ outcome: 'unknown' })
    expect(wechat.errors(answer(502, '<html>'))).toMatchObject({ code: 'IF_ERR_PROVIDER_UNAVAILABLE' })
  })

  it('keeps the id that WeChat gives the request', () => {
    const told = answer(200, { errcode: 40003, errmsg: 'invalid openid rid: 66f3bd4d-25a283a9-73c6a452' })
    expect(wechat.requestId?.(told)).toBe('66f3bd4d-25a283a9-73c6a452')
    expect(wechat.requestId?.(answer(200, { errcode: 0, errmsg: 'ok' }))).toBeUndefined()
  })
})

describe('WeChat: webhooks', () => {
  const APP = 'wx0123456789abcdef'
  const KEY = 'abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG'
  const secrets = { WECHAT_TOKEN: 'AAAAA', WECHAT_ENCODING_AES_KEY: KEY, WECHAT_APP_ID: APP }
  const webhooks = wechat.webhooks
  if (!webhooks) throw new Error('wechat has no webhooks')

  const time = '1714036504'
  const nonce = '1514711492'
  const sha1 = (...texts: string[]) => createHash('sha1').update(texts.sort().join('')).digest('hex')
  const rigOf = () => openRig({ webhooks, secrets, now: Number(time) * 1000 })
  const url = (more: string) => `https://x.example/hooks/wechat?timestamp=${time}&nonce=${nonce}${more}`
  const open = '&signature=f464b24fc39322e44b38aa78f5edd27bd1441696'
  const message =
    '<xml><FromUserName><![CDATA[o1]]></FromUserName><CreateTime>1714036504</CreateTime><MsgType><![CDATA[text]]></MsgType><Content><![CDATA[几点？]]></Content><MsgId>23401293847561029</MsgId></xml>'
  const xml = { 'Content-Type': 'text/xml' }

  const sealed = (text: string, appId = APP): string => {
    const key = Buffer.from(`${KEY}=`, 'base64')
    const content = Buffer.from(text)
    const length = Buffer.alloc(4)
    length.writeUInt32BE(content.length)
    const plain = Buffer.concat([Buffer.alloc(16, 7), length, content, Buffer.from(appId)])
    const padding = 32 - (plain.length % 32)
    const cipher = createCipheriv('aes-256-cbc', key, key.subarray(0, 16)).setAutoPadding(false)
    return Buffer.concat([
      cipher.update(Buffer.concat([plain, Buffer.alloc(padding, padding)])),
      cipher.final(),
    ]).toString('base64')
  }
  const sealedBody = (encrypted: string) => `<xml><Encrypt><![CDATA[${encrypted}]]></Encrypt></xml>`

  it('answers the check of an address with what was asked, where the vector of the vendor proves it', async () => {
    const taken = await rigOf().receive({ method: 'GET', url: url(`${open}&echostr=hello`) })

    expect(taken).toMatchObject({ kind: 'handshake', answer: { status: 200, body: 'hello' } })
    expect(await rigOf().receive({ method: 'GET', url: url('&signature=00&echostr=hello') })).toMatchObject({
      kind: 'refused',
    })
  })

  it('keeps a message by its id and answers success', async () => {
    const taken = await rigOf().receive({ url: url(open), headers: xml, body: message })

    expect(taken).toMatchObject({
      kind: 'events',
      events: [{ id: '23401293847561029', type: 'text', at: '2024-04-25T09:15:04.000Z', data: { Content: '几点？' } }],
      answer: { body: 'success' },
    })
  })

  it('opens a sealed message, proven over its seal, and none that was meant for another app', async () => {
    const receive = (encrypted: string) =>
      rigOf().receive({
        url: url(`&msg_signature=${sha1('AAAAA', time, nonce, encrypted)}&encrypt_type=aes`),
        headers: xml,
        body: sealedBody(encrypted),
      })

    expect(await receive(sealed(message))).toMatchObject({ events: [{ id: '23401293847561029' }] })
    expect(await receive(sealed(message, 'wxother'))).toMatchObject({ kind: 'refused' })
  })

  it('tells events apart that came in one second, and alike in each delivery', () => {
    const event = (key: string) =>
      webhooks.events(
        readDelivery({
          method: 'POST',
          url: url(open),
          headers: { 'content-type': 'text/xml' },
          bytes: Buffer.from(
            `<xml><FromUserName>o1</FromUserName><CreateTime>1714036504</CreateTime><MsgType>event</MsgType><Event>CLICK</Event>${key}</xml>`,
          ),
        }),
      )[0]

    expect(event('<EventKey>A</EventKey>')).toMatchObject({ id: 'o1/1714036504/CLICK/A', type: 'event.CLICK' })
    expect(event('<EventKey></EventKey>')).toMatchObject({ id: 'o1/1714036504/CLICK/' })
    expect(event('')?.id).toBe('o1/1714036504/CLICK/')
  })

  it('refuses what is no message', () => {
    const body = readDelivery({ method: 'POST', url: url(open), headers: {}, bytes: Buffer.from('{"a":1}') })
    expect(() => webhooks.events(body)).toThrow(expect.objectContaining({ code: 'IF_ERR_BAD_RESPONSE' }))
  })
})

describe('WeChat: the twin', () => {
  const { ada } = TWIN_PEOPLE

  it('sends a template once for a person and a key', () => {
    const twin = rehearse(wechat)
    const template = '/cgi-bin/message/template/send'
    const body = (client_msg_id: string): JsonObject => ({
      touser: ada,
      template_id: TWIN_TEMPLATE,
      data: { thing1: { value: '今晚' } },
      client_msg_id,
    })
    const idOf = (key: string) => bodyOf(twin.call('message.send', { template, body: body(key) })).msgid

    expect(idOf('a')).toBe(idOf('a'))
    expect(idOf('b')).not.toBe(idOf('a'))
    expect(twin.call('message.send', { template, body: { ...body('c'), data: {} } }).body).toMatchObject({
      errcode: 47003,
    })
  })

  it.each<[string, string, JsonObject, number]>([
    ['a message of no kind', 'message.send', { touser: ada, msgtype: 'poem' }, 40008],
    ['a message without words', 'message.send', { touser: ada, msgtype: 'text', text: { content: '' } }, 44004],
    ['a broadcast to nobody', 'broadcast.send', { filter: {}, msgtype: 'text' }, 40050],
    ['a broadcast of no kind', 'broadcast.send', { filter: { is_to_all: true }, msgtype: 'poem' }, 40008],
    ['a broadcast of nothing', 'broadcast.send', { filter: { is_to_all: true }, msgtype: 'text' }, 44004],
    ['a button without a name', 'menu.set', { button: [{ key: 'A' }] }, 40018],
    ['more than a day of records', 'record.list', { starttime: 0, endtime: 86_401, number: 1 }, 65416],
    ['records without a number', 'record.list', { starttime: 0, endtime: 1, number: 0 }, 65417],
  ])('refuses %s', (_, operation, body, errcode) => {
    expect(rehearse(wechat).call(operation, { body }).body).toMatchObject({ errcode })
  })

  it('refuses an upload without a file, and followers behind a stranger', () => {
    const twin = rehearse(wechat)
    expect(twin.call('file.upload', { query: { type: 'image' } }).body).toMatchObject({ errcode: 41005 })
    expect(twin.call('user.list', { query: { next_openid: 'x' } }).body).toMatchObject({ errcode: 40003 })
    const last = twin.call('user.list', { query: { next_openid: TWIN_PEOPLE.grace } })
    expect(last.body).toEqual({ total: 2, count: 0, next_openid: '' })
  })

  it('checks the credential of the older token call itself', () => {
    const twin = rehearse(wechat)
    const token = (appid: string, secret: string) => twin.call('GET /cgi-bin/token', { query: { appid, secret } }).body

    expect(token('x', 'accepted')).toMatchObject({ errcode: 40013 })
    expect(token('accepted', 'x')).toMatchObject({ errcode: 40125 })
    expect(token('accepted', 'accepted')).toMatchObject({ expires_in: 7200 })
  })

  it('has the shape of WeChat for every fault', () => {
    const { fault } = wechat.twin
    expect(fault('unauthorized', '').body).toMatchObject({ errcode: 40001 })
    expect(fault('invalid', 'x').body).toMatchObject({ errcode: 47001 })
    expect(fault('not-found', '').status).toBe(404)
  })
})
