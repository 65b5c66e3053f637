// The client grammY against the twin: it must be content with every answer, and raise its own errors.
import { Api, GrammyError, HttpError, InputFile } from 'grammy'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import telegram from '../../../src/providers/chat/telegram/index.ts'
import { TWIN_CHATS } from '../../../src/providers/chat/telegram/twin-updates.ts'
import {
  openTwin,
  openVendorDescription,
  parseFault,
  type Twin,
  vendorDescriptionsFolder,
} from '../../../src/twin/index.ts'
import { clientProof } from '../../support/proof.ts'

const folder = vendorDescriptionsFolder()
const specs = folder ? await openVendorDescription(folder, telegram) : undefined
const held = specs
  ? "held against the Bot API's description"
  : 'SKIPPED: no description at hand, the client alone judges'

describe(`the client grammY with the twin (${held})`, () => {
  const proof = clientProof(telegram, 'grammy')
  let twin: Twin
  let api: Api

  const clientOf = (token = twin.secrets.TELEGRAM_BOT_TOKEN ?? '') => new Api(token, { apiRoot: twin.url })
  const secret = () => twin.secrets.TELEGRAM_WEBHOOK_SECRET ?? ''

  beforeEach(async () => {
    twin = await openTwin({ provider: telegram, ...(specs ? { specs } : {}) })
    api = clientOf()
  })
  afterEach(async () => {
    proof.watch(twin)
    await twin.close()
    expect(twin.problems).toEqual([])
  })

  it('tells whose token it is', async () => {
    expect(await api.getMe()).toMatchObject({ is_bot: true, username: 'stage_twin_bot' })
  })

  it('sends, edits and deletes a message', async () => {
    const sent = await api.sendMessage(TWIN_CHATS.group, 'The show starts at eight.', {
      link_preview_options: { is_disabled: true },
    })
    expect(sent).toMatchObject({ chat: { id: Number(TWIN_CHATS.group) }, text: 'The show starts at eight.' })

    const edited = await api.editMessageText(TWIN_CHATS.group, sent.message_id, 'At nine.')
    expect(edited).toMatchObject({ text: 'At nine.', edit_date: expect.any(Number) })
    await expect(api.editMessageText(TWIN_CHATS.group, sent.message_id, 'At nine.')).rejects.toMatchObject({
      error_code: 400,
      description: expect.stringContaining('message is not modified'),
    })
    expect(await api.deleteMessage(TWIN_CHATS.group, sent.message_id)).toBe(true)

    await expect(api.deleteMessage(TWIN_CHATS.group, sent.message_id)).rejects.toMatchObject({ error_code: 400 })
    expect(twin.effects.map(({ operation }) => operation)).toEqual(['message.send', 'message.edit', 'message.delete'])
  })

  it('writes into a channel by its name, and counts messages in each chat by themselves', async () => {
    const inChannel = await api.sendMessage('@Showtime_twin', 'Tonight')
    const inGroup = await api.sendMessage(TWIN_CHATS.group, 'Tonight')

    expect(inChannel).toMatchObject({ sender_chat: { username: 'showtime_twin' }, chat: { type: 'channel' } })
    expect(inChannel.message_id).toBe(inGroup.message_id)
  })

  it('answers a message, and refuses to answer one that is not there', async () => {
    const { message_id } = await api.sendMessage(TWIN_CHATS.group, 'root')

    expect(await api.sendMessage(TWIN_CHATS.group, 'yes', { reply_parameters: { message_id } })).toMatchObject({
      reply_to_message: { message_id },
    })
    await expect(
      api.sendMessage(TWIN_CHATS.group, 'no', { reply_parameters: { message_id: 9999 } }),
    ).rejects.toMatchObject({ description: expect.stringContaining('replied not found') })
  })

  it('sends a file, reads it back, and sends it again by its id', async () => {
    const content = Buffer.from([0, 1, 2, 255])
    const sent = await api.sendDocument(TWIN_CHATS.person, new InputFile(content, 'rider.bin'), { caption: 'Rider' })
    expect(sent).toMatchObject({ caption: 'Rider', document: { file_name: 'rider.bin', file_size: 4 } })
    const bare = await api.sendDocument(TWIN_CHATS.person, sent.document.file_id)
    expect(bare.document.file_id).toBe(sent.document.file_id)

    const { file_path } = await api.getFile(sent.document.file_id)
    const downloaded = await fetch(`${twin.url}/file/bot${twin.secrets.TELEGRAM_BOT_TOKEN}/${file_path}`)

    expect(Buffer.from(await downloaded.arrayBuffer())).toEqual(content)
    await expect(api.getFile('none')).rejects.toMatchObject({ error_code: 400 })
  })

  it('lets nobody download without the token', async () => {
    const { file_path } = await api.getFile('BQACAgIAAx_seed')

    expect((await fetch(`${twin.url}/file/bot1:wrong/${file_path}`)).status).toBe(401)
  })

  it('sends a picture by upload, by address and by its id', async () => {
    const uploaded = await api.sendPhoto(TWIN_CHATS.group, new InputFile(Buffer.from('png'), 'poster.png'))
    const fetched = await api.sendPhoto(TWIN_CHATS.group, 'https://example.com/poster.jpg', { caption: 'Tonight' })
    const id = uploaded.photo.at(-1)?.file_id ?? ''

    expect((await api.sendPhoto(TWIN_CHATS.group, id)).photo.at(-1)?.file_id).toBe(id)
    expect(fetched).toMatchObject({ caption: 'Tonight' })
    await expect(api.sendPhoto(TWIN_CHATS.group, 'nonsense')).rejects.toMatchObject({ error_code: 400 })
  })

  it('reacts to a message and takes the reaction off again', async () => {
    const { message_id } = await api.sendMessage(TWIN_CHATS.group, 'look')

    expect(await api.setMessageReaction(TWIN_CHATS.group, message_id, [{ type: 'emoji', emoji: '🎉' }])).toBe(true)
    expect(await api.setMessageReaction(TWIN_CHATS.group, message_id, [])).toBe(true)

    await expect(api.setMessageReaction(TWIN_CHATS.group, 9999, [])).rejects.toMatchObject({ error_code: 400 })
    await expect(
      api.setMessageReaction(TWIN_CHATS.group, message_id, [{ type: 'emoji', emoji: 'x' as '🎉' }]),
    ).rejects.toMatchObject({ description: 'Bad Request: REACTION_INVALID' })
    expect(twin.effects.map(({ operation }) => operation)).toEqual([
      'message.send',
      'message.react',
      'telegram:reaction.remove',
    ])
  })

  it('opens a topic, writes into it and deletes it', async () => {
    const { message_thread_id } = await api.createForumTopic(TWIN_CHATS.group, 'Questions')
    const inTopic = () => api.sendMessage(TWIN_CHATS.group, 'in it', { message_thread_id })
    expect(await inTopic()).toMatchObject({ message_thread_id, is_topic_message: true })
    expect(await api.deleteForumTopic(TWIN_CHATS.group, message_thread_id)).toBe(true)

    await expect(inTopic()).rejects.toMatchObject({ error_code: 400 })
    await expect(api.createForumTopic(TWIN_CHATS.person, 'Questions')).rejects.toMatchObject({ error_code: 400 })
  })

  it('tells what a chat is', async () => {
    expect(await api.getChat(TWIN_CHATS.group)).toMatchObject({ type: 'supergroup', title: 'Studio', is_forum: true })
  })

  it('hands updates over until they are confirmed, and none while a webhook is set', async () => {
    const [first, second] = await api.getUpdates({ limit: 10 })
    expect([first?.message?.text, second?.message?.document?.file_name]).toEqual(['When does it start?', 'rider.txt'])
    expect(await api.getUpdates({ offset: (first?.update_id ?? 0) + 1 })).toMatchObject([second ?? {}])

    await api.setWebhook('https://fabric.example.com/hooks/telegram', {
      secret_token: secret(),
      allowed_updates: ['message'],
      max_connections: 10,
    })
    expect(await api.getWebhookInfo()).toMatchObject({
      url: 'https://fabric.example.com/hooks/telegram',
      max_connections: 10,
      allowed_updates: ['message'],
      pending_update_count: 1,
    })
    await expect(api.getUpdates()).rejects.toMatchObject({ error_code: 409 })
    expect(await api.deleteWebhook()).toBe(true)

    expect(await api.getUpdates()).toHaveLength(1)
  })

  it.each(['http://fabric.example.com/', 'https://fabric.example.com:7420/'])(
    'sets no webhook at %s',
    async (address) => {
      await expect(api.setWebhook(address, { secret_token: secret() })).rejects.toMatchObject({
        description: expect.stringMatching(/^Bad Request: bad webhook/),
      })
    },
  )

  it.each<[string, () => Promise<unknown>, number]>([
    ['an unknown chat', () => api.sendMessage(-1, 'x'), 400],
    ['no words', () => api.sendMessage(TWIN_CHATS.group, ' '), 400],
    ['too many words', () => api.sendMessage(TWIN_CHATS.group, 'x'.repeat(4097)), 400],
    ['a person who blocked the bot', () => api.sendMessage(TWIN_CHATS.blocker, 'x'), 403],
    ['a message of somebody else', () => api.editMessageText(TWIN_CHATS.person, 1, 'x'), 400],
  ])('raises GrammyError for %s', async (_, ask, error_code) => {
    const asked = ask()

    await expect(asked).rejects.toBeInstanceOf(GrammyError)
    await expect(asked).rejects.toMatchObject({ error_code })
    expect(twin.effects).toEqual([])
  })

  it('names the new chat of a group that has become a supergroup', async () => {
    await expect(api.sendMessage(TWIN_CHATS.moved, 'x')).rejects.toMatchObject({
      parameters: { migrate_to_chat_id: Number(TWIN_CHATS.group) },
    })
  })

  it('raises GrammyError for a wrong token, and with the time to wait for a limit', async () => {
    await expect(clientOf('110201543:wrong').getMe()).rejects.toMatchObject({ error_code: 401 })
    twin.setFaults([parseFault('message.send:429')])

    await expect(api.sendMessage(TWIN_CHATS.group, 'x')).rejects.toMatchObject({
      error_code: 429,
      parameters: { retry_after: 1 },
    })
  })

  it('raises its own errors while Telegram is down', async () => {
    twin.setFaults([parseFault('*:502')])
    await expect(api.getMe()).rejects.toMatchObject({ error_code: 502 })
    await twin.close()

    await expect(api.getMe()).rejects.toBeInstanceOf(HttpError)
  })

  it(proof.title, () => proof.check())
})
