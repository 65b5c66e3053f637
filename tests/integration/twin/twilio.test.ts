// The official client `twilio` against the twin: it must be content with every answer, and raise its own error class.
import twilio from 'twilio'
import RequestClient from 'twilio/lib/base/RequestClient.js'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import definition from '../../../src/providers/sip/twilio/index.ts'
import { openTwin, openVendorDescription, type Twin, vendorDescriptionsFolder } from '../../../src/twin/index.ts'
import { clientProof } from '../../support/proof.ts'

const folder = vendorDescriptionsFolder()
const specs = folder ? await openVendorDescription(folder, definition) : undefined
const held = specs ? "held against Twilio's description" : 'SKIPPED: no description at hand, the client alone judges'

/** The client knows hosts by product and edge only: the request client sends all of them to the twin. */
class ToTwin extends RequestClient {
  readonly #twin: string

  constructor(twin: string) {
    super()
    this.#twin = twin
  }

  override request<TData>(options: RequestClient.RequestOptions<TData>) {
    const { pathname, search } = new URL(options.uri)
    return super.request<TData>({ ...options, uri: this.#twin + pathname + search })
  }
}

const clientOf = (twin: Twin, key = twin.secrets.TWILIO_API_KEY) =>
  twilio(key, twin.secrets.TWILIO_API_SECRET, {
    accountSid: twin.secrets.TWILIO_ACCOUNT_SID ?? '',
    httpClient: new ToTwin(twin.url),
    autoRetry: false,
  })

const FROM = '+15005550006'
const proof = clientProof(definition, 'twilio')

describe(`the client twilio with the twin (${held})`, () => {
  let twin: Twin
  let client: ReturnType<typeof clientOf>

  beforeEach(async () => {
    twin = await openTwin({ provider: definition, ...(specs ? { specs } : {}) })
    client = clientOf(twin)
  })
  afterEach(async () => {
    proof.watch(twin)
    await twin.close()
    expect(twin.problems).toEqual([])
  })

  it('sends a message with pictures, and sees it delivered', async () => {
    const sent = await client.messages.create({
      to: '+14155552671',
      from: FROM,
      body: 'Zwei Bücher & ein Heft',
      mediaUrl: ['https://files.example/a.png', 'https://files.example/b.png'],
    })

    expect(sent).toMatchObject({ status: 'queued', body: 'Zwei Bücher & ein Heft', numMedia: '2', to: '+14155552671' })
    await client.messages(sent.sid).fetch()
    await client.messages(sent.sid).fetch()
    expect((await client.messages(sent.sid).fetch()).status).toBe('delivered')
  })

  it('cancels a message that is scheduled, and no other', async () => {
    const scheduled = await client.messages.create({
      to: '+14155552671',
      messagingServiceSid: 'MGaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa',
      body: 'Later',
      scheduleType: 'fixed',
      sendAt: new Date('2026-12-01T10:00:00Z'),
    })
    const sent = await client.messages.create({ to: '+14155552671', from: FROM, body: 'Now' })

    expect((await client.messages(scheduled.sid).update({ status: 'canceled' })).status).toBe('canceled')
    await expect(client.messages(sent.sid).update({ status: 'canceled' })).rejects.toMatchObject({
      status: 400,
      code: 30409,
    })
  })

  it('places a call, ends it, and finds it among the records', async () => {
    const placed = await client.calls.create({
      to: '+14155552671',
      from: FROM,
      twiml: new twilio.twiml.VoiceResponse()
        .say('On air')
        .toString()
        .replace(/^<\?xml[^>]*>/, ''),
      statusCallbackEvent: ['initiated', 'completed'],
      statusCallback: 'https://studio.example/calls',
    })
    expect(placed).toMatchObject({ status: 'queued', to: '+14155552671' })

    expect((await client.calls(placed.sid).update({ status: 'completed' })).status).toBe('completed')
    const records = await client.calls.list({ startTimeAfter: new Date('2026-01-01'), limit: 5 })
    expect(records.map(({ sid, status }) => [sid, status])).toEqual([[placed.sid, 'completed']])
    expect((await client.calls(placed.sid).fetch()).duration).toBe('0')
  })

  it('goes through pages of calls', async () => {
    for (const [at] of Array.from({ length: 5 }).entries()) {
      await client.calls.create({ to: `+1415555260${at}`, from: FROM, url: 'https://studio.example/voice' })
    }

    const all = await client.calls.list({ pageSize: 2 })

    expect(all.map(({ to }) => to)).toEqual(['4', '3', '2', '1', '0'].map((at) => `+1415555260${at}`))
  })

  it('searches, buys, lists and releases a number', async () => {
    const [offered] = await client.availablePhoneNumbers('US').local.list({ areaCode: 808, limit: 1 })
    await client.availablePhoneNumbers('US').tollFree.list({ limit: 1 })
    await client.availablePhoneNumbers('GB').mobile.list({ limit: 1 })

    const bought = await client.incomingPhoneNumbers.create({ phoneNumber: offered?.phoneNumber ?? '' })
    await expect(client.incomingPhoneNumbers.create({ phoneNumber: bought.phoneNumber })).rejects.toMatchObject({
      code: 21422,
    })
    expect((await client.incomingPhoneNumbers.list({ phoneNumber: bought.phoneNumber })).length).toBe(1)
    expect(await client.availablePhoneNumbers('US').local.list({ limit: 1 })).toEqual([])
    expect(await client.incomingPhoneNumbers(bought.sid).remove()).toBe(true)
    expect(await client.incomingPhoneNumbers.list()).toEqual([])
  })

  it('makes trunks with an origination, lists them by pages, and deletes them', async () => {
    const trunk = await client.trunking.v1.trunks.create({
      friendlyName: 'Studio',
      domainName: 'studio.pstn.twilio.com',
      secure: true,
    })
    await client.trunking.v1.trunks.create({ friendlyName: 'Spare' })
    const origination = await client.trunking.v1
      .trunks(trunk.sid)
      .originationUrls.create({ weight: 1, priority: 2, enabled: true, friendlyName: 'pbx', sipUrl: 'sip:pbx.example' })

    expect((await client.trunking.v1.trunks.list({ pageSize: 1 })).map(({ friendlyName }) => friendlyName)).toEqual([
      'Studio',
      'Spare',
    ])
    expect(await client.trunking.v1.trunks(trunk.sid).originationUrls(origination.sid).remove()).toBe(true)
    expect(await client.trunking.v1.trunks(trunk.sid).remove()).toBe(true)
    await expect(client.trunking.v1.trunks(trunk.sid).remove()).rejects.toMatchObject({ status: 404 })
  })

  it('keeps SIP credentials', async () => {
    const list = await client.sip.credentialLists.create({ friendlyName: 'Phones' })
    const credential = await client.sip
      .credentialLists(list.sid)
      .credentials.create({ username: 'desk', password: twin.secrets.TWILIO_SIP_PASSWORD ?? '' })

    expect(credential).toMatchObject({ username: 'desk', credentialListSid: list.sid })
    expect(await client.sip.credentialLists(list.sid).credentials(credential.sid).remove()).toBe(true)
    expect(await client.sip.credentialLists(list.sid).remove()).toBe(true)
  })

  it('reads balance and usage', async () => {
    expect(await client.api.v2010.account.balance.fetch()).toMatchObject({ balance: '14.0562', currency: 'USD' })
    expect(await client.usage.records.list({ category: 'sms', limit: 3 })).toEqual([])
  })

  it('raises the errors of the client', async () => {
    await expect(client.messages.create({ to: '+15005550001', from: FROM, body: 'x' })).rejects.toMatchObject({
      status: 400,
      code: 21211,
      moreInfo: 'https://www.twilio.com/docs/errors/21211',
    })
    await expect(client.calls('CAffffffffffffffffffffffffffffffff').fetch()).rejects.toMatchObject({ code: 20404 })
    await expect(clientOf(twin, 'SK00000000000000000000000000000000').calls.list()).rejects.toMatchObject({
      status: 401,
      code: 20003,
    })
  })

  it(proof.title, () => proof.check())
})
