// The official client `@discordjs/rest` against the twin: it must be content with every answer, and raise its own errors.
import { DiscordAPIError, HTTPError, RateLimitError, REST, type RESTOptions } from '@discordjs/rest'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import discordProvider from '../../../src/providers/chat/discord/index.ts'
import { TWIN_WEBHOOK } from '../../../src/providers/chat/discord/twin-places.ts'
import {
  openTwin,
  openVendorDescription,
  parseFault,
  type Twin,
  vendorDescriptionsFolder,
} from '../../../src/twin/index.ts'
import { clientProof } from '../../support/proof.ts'

const folder = vendorDescriptionsFolder()
const specs = folder ? await openVendorDescription(folder, discordProvider) : undefined
const held = specs ? "held against Discord's description" : 'SKIPPED: no description at hand, the client alone judges'

interface Thing {
  id: string
  name?: string
  content?: string
  type?: number
}

describe(`the client @discordjs/rest with the twin (${held})`, () => {
  const proof = clientProof(discordProvider, '@discordjs/rest')
  let twin: Twin
  let rest: REST

  const clientOf = (options: Partial<RESTOptions> = {}, token = twin.secrets.DISCORD_BOT_TOKEN ?? ''): REST =>
    new REST({
      api: `${twin.url}/api`,
      version: '10',
      retries: 0,
      rejectOnRateLimit: () => true,
      hashSweepInterval: 0,
      handlerSweepInterval: 0,
      ...options,
    }).setToken(token)

  beforeEach(async () => {
    twin = await openTwin({ provider: discordProvider, ...(specs ? { specs } : {}) })
    rest = clientOf()
  })
  afterEach(async () => {
    proof.watch(twin)
    await twin.close()
    expect(twin.problems).toEqual([])
  })

  const guild = async (): Promise<string> => ((await rest.get('/users/@me/guilds')) as Thing[])[0]?.id ?? ''

  const channelNamed = async (name: string): Promise<string> => {
    const channels = (await rest.get(`/guilds/${await guild()}/channels`)) as Thing[]
    return channels.find((channel) => channel.name === name)?.id ?? ''
  }

  const send = async (channel: string, body: object): Promise<Thing> =>
    (await rest.post(`/channels/${channel}/messages`, { body })) as Thing

  it('knows who it is, and where its gateway is', async () => {
    expect(await rest.get('/users/@me')).toMatchObject({ username: 'infra', bot: true })
    expect(await rest.get('/gateway/bot')).toMatchObject({ url: 'wss://gateway.discord.gg', shards: 1 })
  })

  it('sends, reads, edits and deletes a message', async () => {
    const channel = await channelNamed('launch')

    const sent = await send(channel, { content: 'Grüße & <ok>', embeds: [{ title: 'Doors at seven' }] })
    expect(sent).toMatchObject({ channel_id: channel, content: 'Grüße & <ok>', embeds: [{ title: 'Doors at seven' }] })
    const path = `/channels/${channel}/messages/${sent.id}` as const
    expect(await rest.patch(path, { body: { content: 'later' } })).toMatchObject({ content: 'later' })
    expect(await rest.get(path)).toMatchObject({ id: sent.id, edited_timestamp: expect.stringMatching(/\+00:00$/) })
    await rest.delete(path)

    await expect(rest.get(path)).rejects.toMatchObject({ code: 10008, status: 404 })
    expect(twin.effects.map(({ operation }) => operation)).toEqual(['message.send', 'message.edit', 'message.delete'])
  })

  it('gives the first message back for a nonce that comes again', async () => {
    const channel = await channelNamed('general')
    const body = { content: 'once', nonce: '0123456789012345678901234', enforce_nonce: true }

    const first = await send(channel, body)
    const second = await send(channel, body)

    expect(second.id).toBe(first.id)
  })

  it('answers a message, and refuses to answer one that is not there', async () => {
    const channel = await channelNamed('general')
    const { id } = await send(channel, { content: 'root' })

    expect(await send(channel, { content: 'yes', message_reference: { message_id: id } })).toMatchObject({ type: 19 })
    await expect(send(channel, { content: 'no', message_reference: { message_id: '99' } })).rejects.toMatchObject({
      code: 50035,
    })
  })

  it('lists a channel by before, after and around, newest first', async () => {
    const channel = await channelNamed('studio')
    const ids: string[] = []
    for (let count = 1; count <= 5; count += 1) ids.push((await send(channel, { content: `${count}` })).id)
    const list = async (query: Record<string, string>) =>
      ((await rest.get(`/channels/${channel}/messages`, { query: new URLSearchParams(query) })) as Thing[]).map(
        ({ content }) => content,
      )

    expect(await list({ limit: '2' })).toEqual(['5', '4'])
    expect(await list({ before: ids[2] ?? '', limit: '2' })).toEqual(['2', '1'])
    expect(await list({ after: ids[1] ?? '', limit: '2' })).toEqual(['4', '3'])
    expect(await list({ around: ids[2] ?? '', limit: '3' })).toEqual(['4', '3', '2'])
    await expect(list({ before: '1', after: '1' })).rejects.toMatchObject({ code: 50035 })
  })

  it('uploads files beside the words', async () => {
    const channel = await channelNamed('launch')

    const sent = await rest.post(`/channels/${channel}/messages`, {
      body: { content: 'Tonight:', attachments: [{ id: '0', filename: 'order.txt' }] },
      files: [{ name: 'order.txt', data: Buffer.from('Doors, show'), contentType: 'text/plain' }],
    })

    expect(sent).toMatchObject({
      content: 'Tonight:',
      attachments: [{ filename: 'order.txt', size: 11, content_type: 'text/plain' }],
    })
    expect(
      await rest.post(`/channels/${channel}/messages`, { files: [{ name: 'a.bin', data: Buffer.from([0, 1]) }] }),
    ).toMatchObject({ content: '', attachments: [{ filename: 'a.bin', size: 2 }] })
  })

  it('reacts with an emoji of everybody and with one of the server, and takes them back', async () => {
    const channel = await channelNamed('general')
    const { id } = await send(channel, { content: 'look' })
    const reaction = (emoji: string) =>
      `/channels/${channel}/messages/${id}/reactions/${encodeURIComponent(emoji)}/@me` as const

    await rest.put(reaction('🎉'))
    await rest.put(reaction('🎉'))
    await rest.put(reaction('onair:1175000000000000000'))
    expect(await rest.get(`/channels/${channel}/messages/${id}`)).toMatchObject({
      reactions: [
        { emoji: { id: null, name: '🎉' }, count: 1, me: true },
        { emoji: { id: '1175000000000000000', name: 'onair' }, count: 1, me: true },
      ],
    })
    await rest.delete(reaction('🎉'))

    expect((await rest.get(`/channels/${channel}/messages/${id}`)) as object).toMatchObject({
      reactions: [{ emoji: { name: 'onair' } }],
    })
    await expect(rest.put(reaction('tada'))).rejects.toMatchObject({ code: 10014 })
  })

  it('starts a thread from a message once, writes into it and deletes it', async () => {
    const channel = await channelNamed('general')
    const { id } = await send(channel, { content: 'tonight' })
    const threads = `/channels/${channel}/messages/${id}/threads` as const

    const thread = (await rest.post(threads, { body: { name: 'Tonight', auto_archive_duration: 60 } })) as Thing
    expect(thread).toMatchObject({ id, type: 11, name: 'Tonight' })
    await expect(rest.post(threads, { body: { name: 'Again' } })).rejects.toMatchObject({ code: 160004 })
    expect(await send(thread.id, { content: 'in it' })).toMatchObject({ channel_id: thread.id })
    expect(await rest.delete(`/channels/${thread.id}`)).toMatchObject({ id, type: 11 })

    await expect(send(thread.id, { content: 'gone' })).rejects.toMatchObject({ code: 10003 })
  })

  it('opens one conversation with a person, however often', async () => {
    const open = async () =>
      (await rest.post('/users/@me/channels', { body: { recipient_id: '1160000000000000001' } })) as Thing

    const first = await open()
    await send(first.id, { content: 'hello' })
    expect(await rest.delete(`/channels/${first.id}`)).toMatchObject({ type: 1 })

    expect((await open()).id).toBe(first.id)
    expect(await rest.get(`/channels/${first.id}/messages`)).toMatchObject([{ content: 'hello' }])
  })

  it('makes a webhook, posts through it without a bot, and deletes both', async () => {
    const channel = await channelNamed('studio')
    const made = (await rest.post(`/channels/${channel}/webhooks`, {
      body: { name: 'Stage manager' },
      reason: 'für die Show',
    })) as Thing & { token: string }
    const address = `/webhooks/${made.id}/${made.token}` as const
    const post = (body: object, query = 'wait=true') =>
      rest.post(address, { body, auth: false, query: new URLSearchParams(query) })

    const sent = (await post({ content: 'Five minutes.', username: 'Inspizienz' })) as Thing
    expect(sent).toMatchObject({ webhook_id: made.id, channel_id: channel, author: { username: 'Inspizienz' } })
    expect(new Uint8Array((await post({ content: 'Four.' }, '')) as ArrayBuffer)).toHaveLength(0)
    await rest.delete(`${address}/messages/${sent.id}`, { auth: false })
    await rest.delete(`/webhooks/${made.id}`)

    await expect(post({ content: 'late' })).rejects.toMatchObject({ code: 10015, status: 404 })
  })

  it('takes its own secret for the webhook that is there, and no other token', async () => {
    const post = (token: string) =>
      rest.post(`/webhooks/${TWIN_WEBHOOK}/${token}`, {
        body: { content: 'x' },
        auth: false,
        query: new URLSearchParams('wait=true'),
      })

    expect(await post(twin.secrets.DISCORD_WEBHOOK_TOKEN ?? '')).toMatchObject({ webhook_id: TWIN_WEBHOOK })
    await expect(post('wrong-token')).rejects.toMatchObject({ code: 50027, status: 401 })
  })

  it('sets the addresses of the application, https alone', async () => {
    const address = 'https://fabric.example/hooks/discord'
    const body = { event_webhooks_url: address, event_webhooks_status: 2, event_webhooks_types: ['ENTITLEMENT_CREATE'] }

    expect(await rest.patch('/applications/@me', { body })).toMatchObject(body)
    await rest.patch('/applications/@me', { body: { interactions_endpoint_url: address } })

    expect(await rest.get('/applications/@me')).toMatchObject({ ...body, interactions_endpoint_url: address })
    await expect(
      rest.patch('/applications/@me', { body: { interactions_endpoint_url: 'http://fabric.example' } }),
    ).rejects.toMatchObject({ code: 50035 })
  })

  it.each<[string, (channel: string) => Promise<unknown>, number]>([
    ['an unknown channel', () => send('99', { content: 'x' }), 10003],
    ['no words', (channel) => send(channel, { content: ' ' }), 50006],
    ['too many words', (channel) => send(channel, { content: 'x'.repeat(2001) }), 50035],
    ['an unknown server', () => rest.get('/guilds/99/channels'), 10004],
    [
      'a message of somebody else',
      (channel) => rest.patch(`/channels/${channel}/messages/1100000000000000100`, { body: { content: 'x' } }),
      50005,
    ],
  ])('raises DiscordAPIError for %s', async (_, ask, code) => {
    const asked = ask(await channelNamed('general'))

    await expect(asked).rejects.toBeInstanceOf(DiscordAPIError)
    await expect(asked).rejects.toMatchObject({ code })
    expect(twin.effects).toEqual([])
  })

  it('reads which field was wrong', async () => {
    const asked = send(await channelNamed('general'), { content: 'x'.repeat(2001) })

    await expect(asked).rejects.toThrow(/content\[BASE_TYPE_MAX_LENGTH\]: Must be 2000 or fewer in length/)
  })

  it('raises DiscordAPIError for a wrong token', async () => {
    await expect(clientOf({}, 'wrong').get('/users/@me')).rejects.toMatchObject({ status: 401 })
  })

  it('raises RateLimitError with the time to wait', async () => {
    const channel = await channelNamed('general')
    twin.setFaults([parseFault('message.send:429;retry-after=7')])
    const asked = send(channel, { content: 'x' })

    await expect(asked).rejects.toBeInstanceOf(RateLimitError)
    await expect(asked).rejects.toMatchObject({ retryAfter: expect.any(Number), global: false })
    expect(twin.effects).toEqual([])
  })

  it('raises HTTPError while Discord is down', async () => {
    twin.setFaults([parseFault('*:503')])

    await expect(rest.get('/users/@me')).rejects.toBeInstanceOf(HTTPError)
  })

  it(proof.title, () => proof.check())
})
