// The client co-wechat-api against the twin: it must be content with every answer, and raise its own errors. WeChat
// publishes no description and no client of its own for Node; this is the one of the community.
// @ts-expect-error: the package brings no types; `Wechat` says what is used of it
import WechatApi from 'co-wechat-api'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import wechat from '../../../src/providers/chat/wechat/index.ts'
import { TWIN_PEOPLE, TWIN_TEMPLATE } from '../../../src/providers/chat/wechat/twin-shapes.ts'
import { openTwin, parseFault, type Twin } from '../../../src/twin/index.ts'
import { clientProof } from '../../support/proof.ts'

interface Request {
  method?: string
  data?: string
  headers?: Record<string, string>
}

interface Wechat {
  prefix: string
  customservicePrefix: string
  saveToken: (token: { accessToken: string; expireTime: number }) => Promise<void>
  getAccessToken: () => Promise<{ accessToken: string }>
  ensureAccessToken: () => Promise<{ accessToken: string }>
  request: (url: string, options?: Request) => Promise<Record<string, unknown>>
  sendText: (openid: string, text: string) => Promise<unknown>
  sendImage: (openid: string, mediaId: string) => Promise<unknown>
  sendVideo: (openid: string, mediaId: string, thumbMediaId: string) => Promise<unknown>
  sendTemplate: (
    openid: string,
    template: string,
    url: string,
    color: string | undefined,
    data: object,
  ) => Promise<{ msgid: unknown }>
  massSendText: (text: string, to: boolean | number, clientId?: string) => Promise<{ msg_id: number }>
  massSendImage: (mediaId: string, to: boolean | number) => Promise<{ msg_id: number }>
  massSendNews: (mediaId: string, to: boolean | number) => Promise<{ msg_id: number }>
  deleteMass: (id: number) => Promise<unknown>
  getAllPrivateTemplate: () => Promise<{ template_list: { template_id: string }[] }>
  uploadMedia: (
    bytes: Buffer,
    type: string,
    name: string,
    contentType?: string,
  ) => Promise<{ media_id?: string; thumb_media_id?: string }>
  getMedia: (id: string) => Promise<unknown>
  getFollowers: (next?: string) => Promise<{ total: number; data: { openid: string[] } }>
  getUser: (openid: string) => Promise<{ subscribe: number; openid: string }>
  createMenu: (menu: object) => Promise<unknown>
  getMenu: () => Promise<{ menu: { button: object[] } }>
  removeMenu: () => Promise<unknown>
}

const { ada, grace, gone } = TWIN_PEOPLE
const posted = (data: object): Request => ({
  method: 'POST',
  data: JSON.stringify(data),
  headers: { 'Content-Type': 'application/json' },
})

describe('the client co-wechat-api with the twin', () => {
  const proof = clientProof(wechat, 'co-wechat-api')
  let twin: Twin
  let api: Wechat

  const clientOf = (appSecret = twin.secrets.WECHAT_APP_SECRET ?? ''): Wechat => {
    const client = new WechatApi(twin.secrets.WECHAT_APP_ID ?? '', appSecret) as Wechat
    client.prefix = `${twin.url}/cgi-bin/`
    client.customservicePrefix = `${twin.url}/customservice/`
    return client
  }

  /** Paths that the client has no method for, under its token and through its own reading of answers. */
  const ask = async (prefix: string, path: string, body?: object) => {
    const { accessToken } = await api.ensureAccessToken()
    return api.request(`${prefix}${path}?access_token=${accessToken}`, body ? posted(body) : {})
  }

  beforeEach(async () => {
    twin = await openTwin({ provider: wechat })
    api = clientOf()
  })
  afterEach(async () => {
    proof.watch(twin)
    await twin.close()
    expect(twin.problems).toEqual([])
  })

  it('writes to a person who has written, five times', async () => {
    for (let count = 1; count <= 5; count += 1) {
      expect(await api.sendText(ada, `第${count}条 "消息" \\ 好`)).toMatchObject({ errcode: 0 })
    }

    await expect(api.sendText(ada, '第六条')).rejects.toMatchObject({ name: 'WeChatAPIError', code: 45047 })
    expect(twin.effects).toHaveLength(5)
  })

  it('gets another token once where WeChat refuses the one it has', async () => {
    await api.saveToken({ accessToken: 'no-longer', expireTime: Date.now() + 60_000 })

    expect(await api.sendText(ada, '你好')).toMatchObject({ errcode: 0 })
  })

  it('gives the same stable token to all, until it is told to make another', async () => {
    const token = (force_refresh: boolean) =>
      api.request(
        `${api.prefix}stable_token`,
        posted({
          grant_type: 'client_credential',
          appid: twin.secrets.WECHAT_APP_ID,
          secret: twin.secrets.WECHAT_APP_SECRET,
          force_refresh,
        }),
      )
    const first = await token(false)

    expect(first).toMatchObject({ access_token: expect.any(String), expires_in: 7200 })
    expect(await token(false)).toEqual(first)
    expect((await token(true)).access_token).not.toBe(first.access_token)
  })

  it.each<[string, (openid: string) => Promise<unknown>]>([
    ['words', (openid) => api.sendText(openid, '你好')],
    ['a template', (openid) => api.sendTemplate(openid, TWIN_TEMPLATE, '', undefined, { thing1: { value: '今晚' } })],
  ])('refuses %s to who no longer follows, and to nobody', async (_, send) => {
    await expect(send(gone)).rejects.toMatchObject({ code: 43004 })
    await expect(send('nobody')).rejects.toMatchObject({ code: 40003 })
    expect(twin.effects).toEqual([])
  })

  it('sends a template to who has not written, and only one of the account', async () => {
    await expect(api.sendText(grace, '你好')).rejects.toMatchObject({ code: 45015 })
    const data = { thing1: { value: '今晚' }, time2: { value: '20:00' } }

    const { msgid } = await api.sendTemplate(grace, TWIN_TEMPLATE, 'https://example.com/', undefined, data)

    expect(String(msgid)).toMatch(/^\d{16}$/)
    await expect(api.sendTemplate(grace, 'none', '', undefined, data)).rejects.toMatchObject({ code: 40037 })
    expect((await api.getAllPrivateTemplate()).template_list).toMatchObject([{ template_id: TWIN_TEMPLATE }])
  })

  it('uploads files, reads them back and sends them', async () => {
    const content = Buffer.from([137, 80, 78, 71, 0, 255])
    const { media_id: picture = '' } = await api.uploadMedia(content, 'image', 'poster.png', 'image/png')
    const { media_id: film = '' } = await api.uploadMedia(content, 'video', 'film.mp4', 'video/mp4')
    const { thumb_media_id: thumb = '' } = await api.uploadMedia(content, 'thumb', 'film.jpg', 'image/jpeg')

    expect(await api.getMedia(picture)).toEqual(content)
    expect(await api.getMedia(film)).toMatchObject({ video_url: expect.stringContaining(film) })
    expect(await api.sendImage(ada, picture)).toMatchObject({ errcode: 0 })
    expect(await api.sendVideo(ada, film, thumb)).toMatchObject({ errcode: 0 })

    await expect(api.getMedia('none')).rejects.toMatchObject({ code: 40007 })
    await expect(api.sendImage(ada, 'none')).rejects.toMatchObject({ code: 40007 })
    await expect(api.uploadMedia(content, 'poem', 'poem.txt')).rejects.toMatchObject({ code: 40004 })
  })

  it('broadcasts once under a key, and deletes articles alone', async () => {
    const { msg_id: words } = await api.massSendText('演出八点开始。', 2, 'step-1')
    await expect(api.massSendText('演出八点开始。', 2, 'step-1')).rejects.toMatchObject({ code: 45065 })
    const { msg_id: article } = await api.massSendNews('article-1', true)
    await api.massSendImage('picture-1', true)

    expect(await api.deleteMass(article)).toMatchObject({ errcode: 0 })
    await expect(api.deleteMass(words)).rejects.toMatchObject({ code: 40008 })
    await expect(api.deleteMass(1)).rejects.toMatchObject({ code: 40059 })
  })

  it('lists followers and tells what is known of one', async () => {
    expect(await api.getFollowers()).toMatchObject({ total: 2, data: { openid: [ada, grace] } })
    expect(await api.getFollowers(ada)).toMatchObject({ total: 2, data: { openid: [grace] } })
    expect(await api.getUser(ada)).toMatchObject({ subscribe: 1, openid: ada })
    expect(await api.getUser(gone)).toMatchObject({ subscribe: 0 })
    await expect(api.getUser('nobody')).rejects.toMatchObject({ code: 40003 })
  })

  it('sets a menu, reads it and deletes it', async () => {
    await expect(api.getMenu()).rejects.toMatchObject({ code: 46003 })
    await api.createMenu({ button: [{ type: 'click', name: '今晚', key: 'TONIGHT' }] })

    expect((await api.getMenu()).menu.button).toMatchObject([{ name: '今晚', key: 'TONIGHT' }])
    expect(await api.removeMenu()).toMatchObject({ errcode: 0 })
    await expect(api.createMenu({ button: [] })).rejects.toMatchObject({ code: 40016 })
    expect(twin.effects.map(({ operation }) => operation)).toEqual(['wechat:menu.set', 'wechat:menu.delete'])
  })

  it('reads what was written, page after page, and lists its addresses', async () => {
    await api.sendText(ada, '一')
    await api.sendText(ada, '二')
    const now = Math.floor(Date.now() / 1000)
    const page = (msgid: number) =>
      ask(api.customservicePrefix, 'msgrecord/getmsglist', {
        starttime: now - 600,
        endtime: now + 600,
        msgid,
        number: 1,
      })

    const first = await page(1)
    expect(first).toMatchObject({ number: 1, recordlist: [{ openid: ada, text: '一' }] })
    expect(await page(Number(first.msgid))).toMatchObject({ recordlist: [{ text: '二' }] })
    expect(await ask(api.prefix, 'get_api_domain_ip')).toMatchObject({
      ip_list: [expect.any(String), expect.any(String)],
    })
  })

  it.each<[string, string, number]>([
    ['a wrong secret', '0'.repeat(32), 40125],
    ['no secret', '', 40125],
  ])('raises WeChatAPIError for %s', async (_, appSecret, code) => {
    await expect(clientOf(appSecret).getAccessToken()).rejects.toMatchObject({ name: 'WeChatAPIError', code })
  })

  it('raises WeChatAPIError for a limit and while WeChat is busy', async () => {
    await api.ensureAccessToken()
    twin.setFaults([parseFault('message.send:429')])
    await expect(api.sendText(ada, '你好')).rejects.toMatchObject({ name: 'WeChatAPIError' })
    twin.setFaults([parseFault('message.send:503')])
    await expect(api.sendText(ada, '你好')).rejects.toMatchObject({ name: 'WeChatAPIError' })
    expect(twin.effects).toEqual([])
  })

  it(proof.title, () => proof.check())
})
