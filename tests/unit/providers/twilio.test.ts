import { describe, expect, it } from 'vitest'
import { type IncomingResponse, minorUnits, parseInput } from '../../../src/adapter/index.ts'
import definition from '../../../src/providers/sip/twilio/index.ts'

const operation = <K extends keyof typeof definition.operations>(id: K) => {
  const found = definition.operations[id]
  if (!found) throw new Error(`twilio has no ${id}`)
  return found
}

const formOf = (spec: unknown) => (spec as { body?: { value?: Record<string, unknown> } }).body?.value ?? {}

const answered = (status: number, body: unknown, headers: Record<string, string> = {}): IncomingResponse => {
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  return { status, headers, text, body: Buffer.from(text) }
}

const context = { input: {} as never, headers: {} }

describe('a call', () => {
  it('reads words out, and never as markup', () => {
    const spec = operation('call.create').request({
      to: '+15558675310',
      from: '+15017122661',
      say: '</Say><Dial>+190055555</Dial><Say> & "more"',
    })

    const { Twiml } = formOf(spec)
    expect(Twiml).toBe(
      '<Response><Say>&#60;/Say&#62;&#60;Dial&#62;+190055555&#60;/Dial&#62;&#60;Say&#62; &#38; &#34;more&#34;</Say></Response>',
    )
  })

  it('is ended by completing it, and taken back so', () => {
    expect(formOf(operation('call.hangup').request({ id: 'CA1' }))).toEqual({ Status: 'completed' })
    const { undo } = operation('call.create')
    const result = { id: 'CA1', status: 'queued', to: null, from: null, durationSeconds: null }
    expect(typeof undo === 'function' && undo({ input: {} as never, result, before: undefined })).toEqual({
      operation: 'call.hangup',
      input: { id: 'CA1' },
    })
  })

  it('has its cost in the records, counted in US dollars only', () => {
    const call = { sid: 'CA1', status: 'completed', duration: '61', start_time: 'Fri, 18 Oct 2019 17:02:00 +0000' }
    const page = (price: string | null, price_unit: string) => ({ calls: [{ ...call, price, price_unit }] })
    const costOf = (price: string | null, unit: string) =>
      operation('cdr.list').result(page(price, unit), context)?.records[0]?.costMicroUsd

    expect(costOf('-0.0130', 'USD')).toBe(13_000)
    expect(costOf('-12.5', 'USD')).toBe(12_500_000)
    expect(costOf('0', 'USD')).toBe(0)
    expect(costOf('-0.0130', 'EUR')).toBeNull()
    expect(costOf(null, 'USD')).toBeNull()
    expect(operation('cdr.list').result(page(null, 'USD'), context)?.records[0]).toMatchObject({
      durationSeconds: 61,
      startedAt: '2019-10-18T17:02:00.000Z',
    })
  })

  it('is listed by day, as Twilio lists', () => {
    const spec = operation('cdr.list').request({
      limit: 5000,
      from: '2026-11-01T23:59:59Z',
      until: '2026-11-03T00:00:00Z',
    })

    expect(spec.query).toEqual({ 'StartTime>': '2026-11-01', 'StartTime<': '2026-11-03', PageSize: 1000 })
  })
})

describe('a message', () => {
  it('repeats lists of parameters, and passes on no parameter that it does not know', () => {
    const send = operation('sms.send')
    const message = { to: '+12066505813', from: '+18557087423', text: 'x' }

    expect(send.request({ ...message, native: { MediaUrl: ['a', 'b'] } })).toMatchObject({
      body: { lists: 'repeated' },
    })
    expect(() => send.request({ ...message, native: { Body: 'other' } })).toThrow(/native\.Body/)
    expect(() => send.request({ ...message, native: { MediaUrl: { a: 1 } } })).toThrow(
      /nothing is nested|texts, numbers/i,
    )
  })
})

describe('pages', () => {
  it('go on as the 2010 API and the later ones say', () => {
    const facts = { headers: {}, input: {}, count: 2, pages: 1 }
    const next = operation('cdr.list').pages?.next
    const trunks = operation('trunk.list').pages?.next

    expect(
      next?.({ next_page_uri: '/2010-04-01/Accounts/AC1/Calls.json?PageSize=2&Page=1&PageToken=PACA1' }, facts),
    ).toEqual({
      query: { PageSize: '2', Page: '1', PageToken: 'PACA1' },
    })
    expect(next?.({ next_page_uri: null }, facts)).toBeUndefined()
    expect(trunks?.({ meta: { next_page_url: 'https://trunking.twilio.com/v1/Trunks?Page=1' } }, facts)).toEqual({
      query: { Page: '1' },
    })
    expect(trunks?.({ meta: { next_page_url: null } }, facts)).toBeUndefined()
  })
})

describe('a number', () => {
  it('is searched by kind, and its capabilities are told in small letters', () => {
    const search = operation('number.search')
    const specOf = (kind: 'local' | 'mobile' | 'tollfree' | 'national') =>
      search.request({ country: 'GB', kind, limit: 1 }).template.split('/').at(-1)

    expect((['local', 'mobile', 'tollfree', 'national'] as const).map(specOf)).toEqual([
      'Local.json',
      'Mobile.json',
      'TollFree.json',
      'National.json',
    ])
    const body = {
      available_phone_numbers: [{ phone_number: '+18089251571', capabilities: { SMS: true, MMS: false } }],
    }
    expect(search.result(body, context)?.numbers).toEqual([
      { id: null, number: '+18089251571', capabilities: ['sms'], monthlyMicroUsd: null },
    ])
  })

  it('has a domain of Twilio for its trunk, or is refused', () => {
    const create = operation('trunk.create')

    expect(() => create.request({ name: 'x', domain: 'studio.example' })).toThrow(/pstn\.twilio\.com|no domain/)
    expect(formOf(create.request({ name: 'x' }))).toEqual({
      FriendlyName: 'x',
      DomainName: undefined,
      Secure: undefined,
    })
  })
})

it('reads a balance in whole cents, whatever fractions it has', () => {
  const balance = (text: string) =>
    operation('balance.get').result({ balance: text, currency: 'usd' }, context)?.available[0]

  expect(balance('14.0562')).toEqual({ amount: minorUnits(1405, 'USD'), currency: 'USD' })
  expect(balance('-0.5')).toEqual({ amount: -50, currency: 'USD' })
  expect(balance('7')).toEqual({ amount: 700, currency: 'USD' })
})

it('reads the errors of Twilio', () => {
  const fault = (status: number, code = 1) => definition.errors(answered(status, { code, message: 'why', status }))

  expect(fault(201)).toBeUndefined()
  expect(fault(400, 21211)).toEqual({ code: 'IF_ERR_ACTION_FAILED', message: 'why', vendorCode: '21211' })
  expect(fault(401, 20003)).toMatchObject({ code: 'IF_ERR_AUTH_FAILED' })
  expect(fault(403)).toMatchObject({ code: 'IF_ERR_AUTH_FAILED' })
  expect(fault(404)).toMatchObject({ code: 'IF_ERR_NOT_FOUND' })
  expect(fault(409)).toMatchObject({ code: 'IF_ERR_CONFLICT' })
  expect(definition.errors(answered(429, {}, { 'retry-after': '2' }))).toMatchObject({
    code: 'IF_ERR_RATE_LIMIT_EXCEEDED',
    retryAfterMs: 2000,
  })
  expect(definition.errors(answered(502, '<html>'))).toMatchObject({
    code: 'IF_ERR_PROVIDER_UNAVAILABLE',
    outcome: 'unknown',
    message: 'Twilio answered 502',
  })
})

it('never takes a SIP password as an input', () => {
  const create = definition.native?.['sip.credential.create']
  const entry = { id: 'twilio:sip.credential.create', operation: create, inputSchema: create?.input } as never

  expect(() => parseInput(entry, { list: 'CL1', username: 'desk', password: 'x' })).toThrow(/password/)
})
