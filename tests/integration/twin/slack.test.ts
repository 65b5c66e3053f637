// The official client `@slack/web-api` against the twin: it must be content with every answer, and raise its own errors.
import {
  type ConversationsHistoryResponse,
  type ConversationsListResponse,
  LogLevel,
  WebAPIHTTPError,
  WebAPIPlatformError,
  WebAPIRateLimitedError,
  WebAPIRequestError,
  WebClient,
  type WebClientOptions,
} from '@slack/web-api'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import slackProvider from '../../../src/providers/chat/slack/index.ts'
import {
  openTwin,
  openVendorDescription,
  parseFault,
  type Twin,
  vendorDescriptionsFolder,
} from '../../../src/twin/index.ts'
import { clientProof } from '../../support/proof.ts'

const folder = vendorDescriptionsFolder()
const specs = folder ? await openVendorDescription(folder, slackProvider) : undefined
const held = specs ? "held against Slack's description" : 'SKIPPED: no description at hand, the client alone judges'

describe(`the client @slack/web-api with the twin (${held})`, () => {
  const proof = clientProof(slackProvider, '@slack/web-api')
  let twin: Twin
  let slack: WebClient

  const clientOf = (options: WebClientOptions = {}, token = twin.secrets.SLACK_BOT_TOKEN): WebClient =>
    new WebClient(token, {
      slackApiUrl: `${twin.url}/api/`,
      retryConfig: { retries: 0 },
      rejectRateLimitedCalls: true,
      logLevel: LogLevel.ERROR,
      logger: {
        debug() {},
        info() {},
        warn() {},
        error() {},
        setLevel() {},
        getLevel: () => LogLevel.ERROR,
        setName() {},
      },
      ...options,
    })

  beforeEach(async () => {
    twin = await openTwin({ provider: slackProvider, ...(specs ? { specs } : {}) })
    slack = clientOf()
  })
  afterEach(async () => {
    proof.watch(twin)
    await twin.close()
    expect(twin.problems).toEqual([])
  })

  const channelNamed = async (name: string): Promise<string> => {
    const { channels = [] } = await slack.conversations.list()
    return channels.find((channel) => channel.name === name)?.id ?? ''
  }

  it('knows who it is', async () => {
    expect(await slack.auth.test()).toMatchObject({ ok: true, team: 'Twin', user: 'infra' })
    expect(await slack.api.test()).toMatchObject({ ok: true })
    proof.saw('slack:auth.test')
  })

  it('sends, edits, lists and deletes a message', async () => {
    const channel = await channelNamed('launch')

    const sent = await slack.chat.postMessage({ channel: '#launch', text: 'Grüße & <ok>', unfurl_links: false })
    expect(sent).toMatchObject({ ok: true, channel, message: { type: 'message', text: 'Grüße &amp; &lt;ok&gt;' } })
    const ts = sent.ts ?? ''
    expect(ts).toMatch(/^\d{10}\.\d{6}$/)
    expect(await slack.chat.update({ channel, ts, text: 'later' })).toMatchObject({ ok: true, ts, text: 'later' })
    expect((await slack.conversations.history({ channel })).messages).toMatchObject([{ ts, text: 'later' }])
    expect(await slack.chat.delete({ channel, ts })).toMatchObject({ ok: true, channel, ts })

    expect((await slack.conversations.history({ channel })).messages).toEqual([])
    expect(twin.effects.map(({ operation }) => operation)).toEqual(['message.send', 'message.edit', 'message.delete'])
  })

  it('takes blocks as the client writes them', async () => {
    const blocks = [{ type: 'section', text: { type: 'mrkdwn', text: '*Show*' } }]

    const sent = await slack.chat.postMessage({ channel: '#general', text: 'Show', blocks })

    expect(sent.ok).toBe(true)
    expect(twin.calls.log.at(-1)?.body).toMatchObject({ blocks: JSON.stringify(blocks) })
  })

  it('answers in a thread, and keeps the thread out of the channel', async () => {
    const channel = await channelNamed('general')
    const { ts = '' } = await slack.chat.postMessage({ channel, text: 'root' })
    const answer = await slack.chat.postMessage({ channel, text: 'answer', thread_ts: ts })

    const { messages = [] } = await slack.conversations.replies({ channel, ts })

    expect(messages.map((message) => message.ts)).toEqual([ts, answer.ts])
    proof.saw('slack:thread.list')
    expect((await slack.conversations.history({ channel })).messages).toHaveLength(1)
  })

  it('pages through channels and messages by itself', async () => {
    const channel = await channelNamed('general')
    for (let count = 1; count <= 5; count += 1) await slack.chat.postMessage({ channel, text: `${count}` })

    const names: string[] = []
    for await (const page of slack.paginate('conversations.list', { limit: 3 })) {
      names.push(...((page as ConversationsListResponse).channels ?? []).map(({ name = '' }) => name))
    }
    const texts: string[] = []
    for await (const page of slack.paginate('conversations.history', { channel, limit: 2 })) {
      texts.push(...((page as ConversationsHistoryResponse).messages ?? []).map(({ text = '' }) => text))
    }

    expect(names).toEqual(['general', 'launch', 'refunds', 'studio'])
    expect(texts).toEqual(['5', '4', '3', '2', '1'])
    proof.saw('channel.list')
    proof.saw('message.list')
  })

  it('reacts once, and opens and closes a direct conversation', async () => {
    const channel = await channelNamed('general')
    const { ts = '' } = await slack.chat.postMessage({ channel, text: 'look' })

    expect(await slack.reactions.add({ channel, timestamp: ts, name: 'eyes' })).toMatchObject({ ok: true })
    await expect(slack.reactions.add({ channel, timestamp: ts, name: 'eyes' })).rejects.toMatchObject({
      data: { error: 'already_reacted' },
    })
    expect(await slack.reactions.remove({ channel, timestamp: ts, name: 'eyes' })).toMatchObject({ ok: true })
    const opened = await slack.conversations.open({ users: 'U061F7AUR' })
    const dm = opened.channel?.id ?? ''
    expect(await slack.chat.postMessage({ channel: dm, text: 'hello' })).toMatchObject({ channel: dm })
    expect(await slack.conversations.close({ channel: dm })).toMatchObject({ ok: true })
  })

  it('uploads a file in three steps into a channel, and deletes it', async () => {
    const channel = await channelNamed('studio')

    const uploaded = await slack.filesUploadV2({
      channel_id: channel,
      initial_comment: 'Tonight:',
      filename: 'running-order.txt',
      content: 'Doors, show, encore – Grüße',
      title: 'Running order',
    })

    const [job] = uploaded.files as { files?: { id?: string; title?: string }[] }[]
    expect(job?.files).toMatchObject([{ title: 'Running order' }])
    expect((await slack.conversations.history({ channel })).messages).toMatchObject([{ text: 'Tonight:' }])
    const file = job?.files?.[0]?.id ?? ''
    expect(await slack.files.delete({ file })).toMatchObject({ ok: true })
    await expect(slack.files.delete({ file })).rejects.toMatchObject({ data: { error: 'file_not_found' } })
    proof.saw('file.upload')
  })

  it('schedules a message and takes it back, and whispers to one person', async () => {
    const channel = await channelNamed('launch')
    const post_at = Math.floor(Date.now() / 1000) + 3600

    const made = await slack.chat.scheduleMessage({ channel, text: 'Doors', post_at })
    const scheduled_message_id = made.scheduled_message_id ?? ''
    expect(made).toMatchObject({ ok: true, channel, post_at, message: { text: 'Doors' } })
    expect(await slack.chat.deleteScheduledMessage({ channel, scheduled_message_id })).toMatchObject({ ok: true })
    await expect(slack.chat.scheduleMessage({ channel, text: 'Doors', post_at: 1_000_000_000 })).rejects.toMatchObject({
      data: { error: 'time_in_past' },
    })
    expect(await slack.chat.postEphemeral({ channel, user: 'U061F7AUR', text: 'psst' })).toMatchObject({ ok: true })
  })

  it('finds a person by e-mail, and opens sockets with the token of the app', async () => {
    expect(await slack.users.lookupByEmail({ email: 'ada@example.com' })).toMatchObject({ user: { id: 'U061F7AUR' } })
    await expect(slack.users.lookupByEmail({ email: 'nobody@example.com' })).rejects.toMatchObject({
      data: { error: 'users_not_found' },
    })
    proof.saw('slack:user.byEmail')
    const app = clientOf({}, twin.secrets.SLACK_APP_TOKEN)
    expect((await app.apps.connections.open({})).url).toMatch(/^wss:/)
    await expect(slack.apps.connections.open({})).rejects.toMatchObject({ data: { error: 'invalid_auth' } })
  })

  it.each<[string, (slack: WebClient) => Promise<unknown>, string]>([
    ['an unknown channel', (client) => client.chat.postMessage({ channel: '#none', text: 'x' }), 'channel_not_found'],
    ['no text', (client) => client.chat.postMessage({ channel: '#general', text: '' }), 'no_text'],
    [
      'a message that is not there',
      (client) => client.apiCall('chat.update', { channel: 'C0TWIN00001', ts: '1.000001', text: 'x' }),
      'message_not_found',
    ],
    ['an unknown method', (client) => client.apiCall('chat.shout'), 'unknown_method'],
  ])('raises WebAPIPlatformError for %s', async (_, ask, error) => {
    const asked = ask(slack)

    await expect(asked).rejects.toBeInstanceOf(WebAPIPlatformError)
    await expect(asked).rejects.toMatchObject({ code: 'slack_webapi_platform_error', data: { ok: false, error } })
    expect(twin.effects).toEqual([])
  })

  it('raises WebAPIPlatformError for a wrong token', async () => {
    await expect(clientOf({}, 'xoxb-wrong').auth.test()).rejects.toMatchObject({ data: { error: 'invalid_auth' } })
  })

  it('raises WebAPIRateLimitedError with the seconds to wait', async () => {
    twin.setFaults([parseFault('message.send:429;retry-after=7')])
    const asked = slack.chat.postMessage({ channel: '#general', text: 'x' })

    await expect(asked).rejects.toBeInstanceOf(WebAPIRateLimitedError)
    await expect(asked).rejects.toMatchObject({ retryAfter: 7 })
    expect(twin.effects).toEqual([])
  })

  it.each([
    ['*:503', WebAPIHTTPError, { statusCode: 503 }],
    ['*:drop', WebAPIRequestError, {}],
    ['*:garbage', WebAPIPlatformError, {}],
  ])('raises the right error for the injected fault %s', async (fault, kind, facts) => {
    twin.setFaults([parseFault(fault)])
    const asked = slack.chat.postMessage({ channel: '#general', text: 'x' })

    await expect(asked).rejects.toBeInstanceOf(kind)
    await expect(asked).rejects.toMatchObject(facts)
  })

  it('repeats by itself after a cut connection', async () => {
    twin.setFaults([parseFault('message.send:drop@0.5')])
    const patient = clientOf({ retryConfig: { retries: 10, minTimeout: 1, maxTimeout: 2 } })

    for (let count = 1; count <= 4; count += 1)
      await patient.chat.postMessage({ channel: '#general', text: `${count}` })

    expect(twin.effects).toHaveLength(4)
    expect(twin.calls.count).toBeGreaterThan(4)
  })

  it.skipIf(!specs)("refuses what Slack's description refuses, and names it", async () => {
    const asked = slack.apiCall('chat.postMessage', { text: 'to nobody' })

    await expect(asked).rejects.toMatchObject({
      data: { error: 'invalid_arguments', response_metadata: { messages: [expect.stringContaining('channel')] } },
    })
  })

  it(proof.title, () => proof.check())
})

// Slack's client for incoming webhooks is a package of its own; it is a plain POST.
it('takes what an incoming webhook posts, under its own token alone', async () => {
  const twin = await openTwin({ provider: slackProvider, ...(specs ? { specs } : {}) })
  const post = (token = '') =>
    fetch(`${twin.url}/services/T0TWIN00001/B0TWIN00001/${token}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ text: 'hello' }),
    })

  expect(await (await post(twin.secrets.SLACK_WEBHOOK_TOKEN)).text()).toBe('ok')
  await post('wrong')
  expect(twin.effects.map(({ operation }) => operation)).toEqual(['slack:webhook.post'])
  expect(twin.problems).toEqual([])
  await twin.close()
})
