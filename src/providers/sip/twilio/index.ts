// Twilio: calls, text messages, numbers and SIP trunks. The account stands in the path of the 2010 API; requests are forms
// with names in capitals, answers JSON with names in small letters.
import {
  allOf,
  basic,
  type Cost,
  defineProvider,
  del,
  get,
  type HttpRequestSpec,
  inPath,
  knownExtras,
  post,
  readAs,
  secret,
  unsupported,
  z,
} from '../../../adapter/index.ts'
import { twilioFault } from './errors.ts'
import * as sample from './examples.ts'
import { webhooks } from './hooks.ts'
import { natives } from './native.ts'
import {
  availableAnswer,
  callAnswer,
  callsAnswer,
  messageAnswer,
  nextPage,
  nextTrunks,
  numberAnswer,
  numbersAnswer,
  toCall,
  toNumber,
  toRecord,
  toSms,
  toTrunk,
  trunkAnswer,
  trunksAnswer,
} from './shapes.ts'
import { twin } from './twin.ts'

export const ACCOUNT = '/2010-04-01/Accounts/{AccountSid}'

/** The largest page of every list. */
const LARGEST_PAGE = 1000

const SMS_EXTRAS = ['MediaUrl', 'MessagingServiceSid', 'SendAt', 'ScheduleType', 'StatusCallback', 'ValidityPeriod']
const CALL_EXTRAS = [
  'MachineDetection',
  'Record',
  'SendDigits',
  'StatusCallback',
  'StatusCallbackEvent',
  'TimeLimit',
  'Timeout',
]
const NUMBER_EXTRAS = ['AddressSid', 'BundleSid', 'SmsUrl', 'StatusCallback', 'TrunkSid', 'VoiceUrl']
const TRUNK_EXTRAS = ['CnamLookupEnabled', 'DisasterRecoveryUrl', 'TransferMode']

/** Prices are by country, network and account (pricing.twilio.com): a plan reads nothing. */
const metered = (): Cost => ({
  kind: 'unknown',
  why: 'the price depends on destination and account; the answer tells it later',
})

/** What is read out is text, never markup. */
const twiml = (words: string): string =>
  `<Response><Say>${words.replace(/[<>&'"]/g, (char) => `&#${char.charCodeAt(0)};`)}</Say></Response>`

const date = (time: string | undefined): string | undefined => time?.slice(0, 10)

const SEARCHED = { local: 'Local', mobile: 'Mobile', tollfree: 'TollFree', national: 'National' } as const

const search = (kind: keyof typeof SEARCHED, country: string, query: HttpRequestSpec['query']): HttpRequestSpec =>
  get(`${ACCOUNT}/AvailablePhoneNumbers/{CountryCode}/${SEARCHED[kind]}.json`, {
    path: { CountryCode: country },
    query,
  })

const readCall = (id: string, holds: (read: { status?: unknown }) => boolean) => ({
  operation: 'call.get',
  input: { id },
  holds,
  consistency: 'eventual' as const,
})

const ENDED = new Set<unknown>(['completed', 'busy', 'failed', 'no-answer', 'canceled'])

const definition = defineProvider({
  id: 'twilio',
  name: 'Twilio',
  category: 'sip',
  version: '1.0.0',
  docs: 'https://www.twilio.com/docs/usage/api',
  sources: [
    'https://github.com/twilio/twilio-oai (spec/json, 2026-04-14, commit d50069b)',
    'npm twilio 6.2.0',
    'https://www.twilio.com/docs/voice/api/sip-making-calls',
  ],
  checkedAt: '2026-11-25',
  confidence: 'high',
  standing: 'active',
  baseUrls: { main: 'https://api.twilio.com', trunking: 'https://trunking.twilio.com' },
  secrets: {
    TWILIO_ACCOUNT_SID: {
      label: 'account SID (AC…)',
      get: 'https://console.twilio.com → Account info',
      pattern: /^AC[0-9a-fA-F]{32}$/,
      testPrefix: 'AC',
      testDigits: 32,
    },
    TWILIO_API_KEY: {
      label: 'API key SID (SK…), or the account SID again',
      get: 'https://console.twilio.com → API keys & tokens',
      pattern: /^(SK|AC)[0-9a-fA-F]{32}$/,
      testPrefix: 'SK',
      testDigits: 32,
    },
    TWILIO_API_SECRET: {
      label: 'secret of that key, or the auth token of the account',
      get: 'shown once when the key is made',
    },
    TWILIO_AUTH_TOKEN: {
      label: 'auth token, with which Twilio signs what it sends',
      get: 'https://console.twilio.com → Account info',
      required: false,
    },
    TWILIO_SIP_PASSWORD: {
      label: 'password for SIP credentials that are made (12 or more characters, mixed case and digits)',
      get: 'choose one',
      required: false,
    },
  },
  auth: allOf(
    basic(secret('TWILIO_API_KEY'), secret('TWILIO_API_SECRET')),
    inPath('AccountSid', secret('TWILIO_ACCOUNT_SID')),
  ),
  limits: { rps: 10, burst: 20, backoffSeconds: [1, 2, 5, 10, 30] },
  errors: twilioFault,
  health: {
    operation: 'balance.get',
    input: {},
    tell: (result) => {
      const { available } = z.object({ available: z.array(z.object({ currency: z.string() })) }).parse(result)
      return `balance in ${available.map(({ currency }) => currency).join(', ')}`
    },
  },
  notes: [
    'Twilio has no idempotency keys: a call or message whose answer was lost is an unknown outcome until a person settles it.',
    'Lists of calls are by day in UTC: times of cdr.list are cut to their date.',
    'The vendor publishes no rate limits; the house limits hold until it answers 429.',
    'An inbound call is answered by TwiML at an address, not by a request; see call.create url.',
    'Regional addresses (api.EDGE.REGION.twilio.com) are not reached.',
  ],
  webhooks,
  operations: {
    'sms.send': {
      summary: 'Send a text message.',
      effect: 'send',
      scope: 'messages write',
      request: ({ to, from, text, native: extras }) =>
        post(`${ACCOUNT}/Messages.json`, {
          form: { To: to, From: from, Body: text, ...asForm(knownExtras(extras, SMS_EXTRAS)) },
          lists: 'repeated',
        }),
      result: (body) => toSms(readAs(messageAnswer, body)),
      cost: metered,
      undo: { none: 'A message that was sent stays; one that is scheduled can be cancelled: twilio:message.cancel.' },
      verify: ({ result }) =>
        result && {
          operation: 'sms.get',
          input: { id: result.id },
          holds: (read) => read.id === result.id && read.status !== 'failed' && read.status !== 'undelivered',
          consistency: 'eventual',
        },
      examples: [
        {
          input: { to: '+12066505813', from: '+18557087423', text: 'The show starts at eight.' },
          status: 201,
          response: sample.message(),
        },
        {
          input: {
            to: '+12066505813',
            from: '+18557087423',
            text: 'Two pictures.',
            native: { MediaUrl: ['https://files.example/a.png', 'https://files.example/b.png'] },
          },
          status: 201,
          response: sample.message({ body: 'Two pictures.', num_media: '2' }),
        },
      ],
    },
    'sms.get': {
      summary: 'Read a text message and its status.',
      effect: 'read',
      labels: { reads: 'private', returns: 'untrusted', sends: 'none' },
      scope: 'messages read',
      request: ({ id }) => get(`${ACCOUNT}/Messages/{Sid}.json`, { path: { Sid: id } }),
      result: (body) => toSms(readAs(messageAnswer, body)),
      cost: 'free',
      examples: [{ input: { id: sample.MESSAGE }, response: sample.message({ status: 'delivered' }) }],
    },
    'call.create': {
      summary: 'Place a call.',
      effect: 'send',
      scope: 'calls write',
      request: ({ to, from, say, url, application, native: extras }) =>
        post(`${ACCOUNT}/Calls.json`, {
          form: {
            To: to,
            From: from,
            Twiml: say === undefined ? undefined : twiml(say),
            Url: url,
            ApplicationSid: application,
            ...asForm(knownExtras(extras, CALL_EXTRAS)),
          },
          lists: 'repeated',
        }),
      result: (body) => toCall(readAs(callAnswer, body)),
      cost: metered,
      undo: ({ result }) => ({ operation: 'call.hangup', input: { id: result.id } }),
      undoLabel: 'call.hangup, while it lasts',
      verify: ({ result }) =>
        result && readCall(result.id, (read) => read.status !== 'failed' && read.status !== 'canceled'),
      examples: [
        {
          input: { to: '+15558675310', from: '+15017122661', say: 'On air in 5 minutes & counting.' },
          status: 201,
          response: sample.call({ status: 'queued', duration: null, start_time: null, end_time: null, price: null }),
        },
        {
          input: {
            to: '+15558675310',
            from: '+15017122661',
            url: 'https://studio.example/voice',
            native: { StatusCallback: 'https://studio.example/calls', StatusCallbackEvent: ['initiated', 'completed'] },
          },
          status: 201,
          response: sample.call({ status: 'queued', duration: null, start_time: null, end_time: null, price: null }),
        },
        {
          input: {
            to: 'sip:desk@studio.example',
            from: '+15017122661',
            application: 'APaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa',
          },
          status: 201,
          response: sample.call({ to: 'sip:desk@studio.example', status: 'queued', duration: null }),
        },
      ],
    },
    'call.get': {
      summary: 'Read a call and its status.',
      effect: 'read',
      labels: { reads: 'private', returns: 'trusted', sends: 'none' },
      scope: 'calls read',
      request: ({ id }) => get(`${ACCOUNT}/Calls/{Sid}.json`, { path: { Sid: id } }),
      result: (body) => toCall(readAs(callAnswer, body)),
      cost: 'free',
      examples: [{ input: { id: sample.CALL }, response: sample.call() }],
    },
    'call.hangup': {
      summary: 'End a call, whether it rings or lasts.',
      effect: 'update',
      scope: 'calls write',
      request: ({ id }) => post(`${ACCOUNT}/Calls/{Sid}.json`, { path: { Sid: id }, form: { Status: 'completed' } }),
      result: (body) => toCall(readAs(callAnswer, body)),
      cost: 'free',
      idempotent: true,
      undo: { none: 'An ended call cannot go on; placed again it is another one.' },
      verify: ({ input }) => readCall(input.id, (read) => ENDED.has(read.status)),
      examples: [{ input: { id: sample.CALL }, response: sample.call({ status: 'completed' }) }],
    },
    'number.search': {
      summary: 'Find phone numbers that can be bought.',
      effect: 'read',
      labels: { reads: 'public', returns: 'trusted', sends: 'none' },
      request: ({ country, kind, areaCode, contains, limit }) =>
        search(kind, country, {
          AreaCode: areaCode,
          Contains: contains,
          PageSize: Math.min(limit, LARGEST_PAGE),
        }),
      result: (body) => ({
        numbers: readAs(availableAnswer, body).available_phone_numbers.map((number) => ({
          ...toNumber({ ...number, sid: null }),
          monthlyMicroUsd: null,
        })),
      }),
      cost: 'free',
      pages: { field: 'numbers', next: nextPage },
      examples: [
        {
          input: { country: 'US', kind: 'local', areaCode: '808', limit: 5 },
          response: sample.available('Local'),
        },
        { input: { country: 'GB', kind: 'mobile', contains: '44', limit: 5 }, response: sample.available('Mobile') },
        { input: { country: 'US', kind: 'tollfree', limit: 5 }, response: sample.available('TollFree') },
        { input: { country: 'GB', kind: 'national', limit: 5 }, response: sample.available('National') },
      ],
    },
    'number.buy': {
      summary: 'Buy a phone number; it costs every month until it is released.',
      effect: 'charge',
      scope: 'phone numbers write',
      request: ({ number, name, native: extras }) =>
        post(`${ACCOUNT}/IncomingPhoneNumbers.json`, {
          form: { PhoneNumber: number, FriendlyName: name, ...asForm(knownExtras(extras, NUMBER_EXTRAS)) },
        }),
      result: (body) => bought(readAs(numberAnswer, body)),
      cost: () => ({ kind: 'unknown', why: 'the monthly price depends on country and kind of number' }),
      undo: ({ result }) => ({ operation: 'number.release', input: { id: result.id } }),
      undoLabel: 'number.release; the first month stays paid',
      verify: ({ input }) => ({
        operation: 'twilio:number.find',
        input: { number: input.number },
        holds: (read) => z.object({ numbers: z.array(z.unknown()).min(1) }).safeParse(read).success,
        consistency: 'eventual',
      }),
      examples: [
        {
          input: { number: '+18089251571', name: 'Studio desk', native: { VoiceUrl: 'https://studio.example/voice' } },
          status: 201,
          response: sample.number({ friendly_name: 'Studio desk', voice_url: 'https://studio.example/voice' }),
        },
      ],
    },
    'number.list': {
      summary: 'List the numbers of the account.',
      effect: 'read',
      labels: { reads: 'private', returns: 'trusted', sends: 'none' },
      scope: 'phone numbers read',
      request: ({ limit }) =>
        get(`${ACCOUNT}/IncomingPhoneNumbers.json`, { query: { PageSize: Math.min(limit, LARGEST_PAGE) } }),
      result: (body) => ({ numbers: readAs(numbersAnswer, body).incoming_phone_numbers.map(toNumber) }),
      cost: 'free',
      pages: { field: 'numbers', next: nextPage },
      examples: [{ input: { limit: 20 }, response: sample.page('incoming_phone_numbers', [sample.number()]) }],
    },
    'number.release': {
      summary: 'Give a number back. It may not be had again.',
      effect: 'delete',
      scope: 'phone numbers write',
      request: ({ id }) => del(`${ACCOUNT}/IncomingPhoneNumbers/{Sid}.json`, { path: { Sid: id }, answer: 'empty' }),
      result: (_body, { input }) => ({ id: input.id }),
      cost: 'free',
      undo: { none: 'Somebody else may take the number; buying it again is another purchase.' },
      examples: [{ input: { id: sample.NUMBER }, status: 204, response: null }],
    },
    'trunk.create': {
      summary: 'Make an Elastic SIP trunk.',
      effect: 'create',
      scope: 'trunks write',
      request: ({ name, domain, secure, native: extras }) => {
        if (domain !== undefined && !/^[a-z0-9-]+\.pstn\.twilio\.com$/.test(domain)) {
          throw unsupported(
            `${domain} is no domain for a trunk`,
            'It ends in .pstn.twilio.com, as in studio.pstn.twilio.com.',
          )
        }
        return post('/v1/Trunks', {
          base: 'trunking',
          form: {
            FriendlyName: name,
            DomainName: domain,
            Secure: secure,
            ...asForm(knownExtras(extras, TRUNK_EXTRAS)),
          },
        })
      },
      result: (body) => toTrunk(readAs(trunkAnswer, body)),
      cost: 'free',
      undo: ({ result }) => ({ operation: 'trunk.delete', input: { id: result.id } }),
      undoLabel: 'trunk.delete',
      verify: ({ result }) =>
        result && {
          operation: 'trunk.list',
          input: { limit: 10_000 },
          holds: (read) => hasTrunk(read, result.id),
          consistency: 'eventual',
        },
      examples: [
        {
          input: {
            name: 'Studio',
            domain: 'studio.pstn.twilio.com',
            secure: true,
            native: { TransferMode: 'sip-only' },
          },
          status: 201,
          response: sample.trunk({ friendly_name: 'Studio', domain_name: 'studio.pstn.twilio.com', secure: true }),
        },
      ],
    },
    'trunk.list': {
      summary: 'List Elastic SIP trunks.',
      effect: 'read',
      labels: { reads: 'private', returns: 'trusted', sends: 'none' },
      scope: 'trunks read',
      request: ({ limit }) =>
        get('/v1/Trunks', { base: 'trunking', query: { PageSize: Math.min(limit, LARGEST_PAGE) } }),
      result: (body) => ({ trunks: readAs(trunksAnswer, body).trunks.map(toTrunk) }),
      cost: 'free',
      pages: { field: 'trunks', next: nextTrunks },
      examples: [{ input: { limit: 20 }, response: sample.trunks([sample.trunk()]) }],
    },
    'trunk.delete': {
      summary: 'Delete an Elastic SIP trunk.',
      effect: 'delete',
      scope: 'trunks write',
      request: ({ id }) => del('/v1/Trunks/{Sid}', { base: 'trunking', path: { Sid: id }, answer: 'empty' }),
      result: (_body, { input }) => ({ id: input.id }),
      cost: 'free',
      undo: { none: 'Made again it is another trunk; its lists and numbers have to be attached anew.' },
      verify: ({ input }) => ({
        operation: 'trunk.list',
        input: { limit: 10_000 },
        holds: (read) => !hasTrunk(read, input.id),
        consistency: 'eventual',
      }),
      examples: [{ input: { id: sample.TRUNK }, status: 204, response: null }],
    },
    'cdr.list': {
      summary: 'List calls with duration and price, newest first.',
      effect: 'read',
      labels: { reads: 'private', returns: 'trusted', sends: 'none' },
      scope: 'calls read',
      request: ({ limit, from, until }) =>
        get(`${ACCOUNT}/Calls.json`, {
          query: {
            'StartTime>': date(from),
            'StartTime<': date(until),
            PageSize: Math.min(limit, LARGEST_PAGE),
          },
        }),
      result: (body) => ({ records: readAs(callsAnswer, body).calls.map(toRecord) }),
      cost: 'free',
      pages: { field: 'records', next: nextPage },
      examples: [
        { input: { limit: 2 }, response: sample.page('calls', [sample.call()]) },
        {
          input: { limit: 2, from: '2026-11-01T00:00:00Z', until: '2026-11-20T00:00:00Z' },
          response: sample.page('calls', [sample.call()]),
        },
      ],
    },
    'balance.get': {
      summary: 'Read what is left on the account.',
      effect: 'read',
      labels: { reads: 'private', returns: 'trusted', sends: 'none' },
      scope: 'account read',
      request: () => get(`${ACCOUNT}/Balance.json`),
      result: (body) => balanceOf(readAs(z.object({ balance: z.string(), currency: z.string() }), body)),
      cost: 'free',
      examples: [{ input: {}, response: { account_sid: sample.ACCOUNT, balance: '14.0562', currency: 'USD' } }],
    },
  },
  native: natives,
  twin,
})

type Extras = ReturnType<typeof knownExtras>

/** Parameters of a form are texts, numbers, booleans, and lists of them. */
function asForm(extras: Extras): Record<string, string | number | boolean | string[]> {
  const parsed = z
    .record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.array(z.string())]))
    .safeParse(extras)
  if (parsed.success) return parsed.data
  throw unsupported('native parameters of Twilio are texts, numbers, booleans or lists of texts', 'Nothing is nested.')
}

function bought(answer: Parameters<typeof toNumber>[0]) {
  const number = toNumber(answer)
  return { ...number, id: number.id ?? '' }
}

const hasTrunk = (read: unknown, id: string): boolean =>
  z
    .object({ trunks: z.array(z.object({ id: z.string() })) })
    .parse(read)
    .trunks.some((trunk) => trunk.id === id)

/** Twilio counts fractions of a cent; what is here is the whole cents of it. */
function balanceOf({ balance, currency }: { balance: string; currency: string }) {
  const [, sign = '', whole = '0', cents = ''] = /^(-?)(\d+)(?:\.(\d+))?$/.exec(balance) ?? []
  const amount = Number(`${sign}${whole}${cents.padEnd(2, '0').slice(0, 2)}`)
  return { available: [{ amount, currency: currency.toUpperCase() }], pending: [] }
}

export default definition
