// Twilio in rehearsal: calls that stay queued until somebody ends them, messages that are delivered when they are read, two
// numbers of the vendor's test set (twilio.com/docs/iam/test-credentials), trunks and SIP credentials. Of the codes of its
// errors only 20429 and 21211 were read in a source; the others stand for a kind of refusal, and no definition reads them.
import type { JsonObject, JsonValue, TwinAnswer, TwinCall, TwinDefinition } from '../../../adapter/index.ts'
import * as shape from './examples.ts'

const refuse = (status: number, code: number, message: string): TwinAnswer => ({
  status,
  body: { code, message, more_info: `https://www.twilio.com/docs/errors/${code}`, status },
})

const text = (value: JsonValue | undefined): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined

/** Sids are a prefix and 32 hex digits. */
const sidOf = ({ nextId }: TwinCall, prefix: string): string =>
  `${prefix}${(/\d+$/.exec(nextId(prefix))?.[0] ?? '1').padStart(32, '0')}`

const rfc2822 = (now: number): string => new Date(now).toUTCString().replace('GMT', '+0000')
const rfc3339 = (now: number): string => `${new Date(now).toISOString().slice(0, 19)}Z`

const isE164 = (value: string): boolean => /^\+[1-9]\d{6,14}$/.test(value)

const DELIVERED = new Map([
  ['queued', 'sent'],
  ['sent', 'delivered'],
])

/** The magic numbers of Twilio's test credentials. */
const INVALID_NUMBER = '+15005550001'
const UNAVAILABLE_NUMBER = '+15005550000'

function createMessage(call: TwinCall): TwinAnswer {
  const { body, state, now, path } = call
  const [to, from, words] = [text(body.To), text(body.From), text(body.Body)]
  if (!to) return refuse(400, 21604, "A 'To' phone number is required.")
  if (to === INVALID_NUMBER || !isE164(to))
    return refuse(400, 21211, `The 'To' number ${to} is not a valid phone number.`)
  if (!from && !text(body.MessagingServiceSid)) return refuse(400, 21603, "A 'From' phone number is required.")
  if (!words && body.MediaUrl === undefined) return refuse(400, 21602, 'Message body is required.')
  const sid = sidOf(call, 'SM')
  const scheduled = body.ScheduleType === 'fixed'
  const message = shape.message({
    sid,
    account_sid: path.AccountSid ?? '',
    body: words ?? '',
    date_created: rfc2822(now),
    date_updated: rfc2822(now),
    from: from ?? null,
    messaging_service_sid: text(body.MessagingServiceSid) ?? null,
    num_media: String(new URLSearchParams(Buffer.from(call.bytes).toString()).getAll('MediaUrl').length),
    num_segments: String(Math.max(1, Math.ceil((words ?? '').length / 153))),
    status: scheduled ? 'scheduled' : 'queued',
    to,
    uri: `/2010-04-01/Accounts/${path.AccountSid}/Messages/${sid}.json`,
  })
  state('messages').set(sid, message)
  return { status: 201, body: message }
}

const found =
  (collection: string, act: (call: TwinCall, thing: JsonObject) => TwinAnswer) =>
  (call: TwinCall): TwinAnswer => {
    const thing = call.state(collection).get(call.path.Sid ?? '')
    if (thing) return act(call, thing)
    return refuse(404, 20404, `The requested resource ${call.path.Sid} was not found`)
  }

/** Each look finds a message further on its way. */
const getMessage = found('messages', ({ state, now }, message) => {
  const next = DELIVERED.get(String(message.status))
  if (next !== undefined) {
    const moved = { ...message, status: next, date_sent: message.date_sent ?? rfc2822(now), date_updated: rfc2822(now) }
    state('messages').set(String(message.sid), moved)
  }
  return { body: message }
})

const updateMessage = found('messages', ({ body, state, now }, message) => {
  if (body.Status !== 'canceled') return refuse(400, 20001, 'Invalid parameter: Status')
  if (message.status !== 'scheduled') return refuse(400, 30409, 'Only scheduled messages can be canceled.')
  const canceled = { ...message, status: 'canceled', date_updated: rfc2822(now) }
  state('messages').set(String(message.sid), canceled)
  return { body: canceled }
})

function createCall(call: TwinCall): TwinAnswer {
  const { body, state, now, path } = call
  const [to, from] = [text(body.To), text(body.From)]
  if (!to) return refuse(400, 21201, "No 'To' number is specified")
  if (!from) return refuse(400, 21213, "'From' parameter is required.")
  if (to === INVALID_NUMBER || (!isE164(to) && !/^(sips?|client):/.test(to))) {
    return refuse(400, 21217, 'Phone number does not appear to be valid')
  }
  if (!text(body.Url) && !text(body.Twiml) && !text(body.ApplicationSid)) {
    return refuse(400, 21205, 'Url parameter is required.')
  }
  if (body.Twiml !== undefined && !/^<Response>.*<\/Response>$/s.test(text(body.Twiml) ?? '')) {
    return refuse(400, 12100, 'Document parse failure')
  }
  const sid = sidOf(call, 'CA')
  const placed = shape.call({
    sid,
    account_sid: path.AccountSid ?? '',
    date_created: rfc2822(now),
    date_updated: rfc2822(now),
    duration: null,
    end_time: null,
    from,
    from_formatted: from,
    price: null,
    start_time: null,
    status: 'queued',
    to,
    to_formatted: to,
    uri: `/2010-04-01/Accounts/${path.AccountSid}/Calls/${sid}.json`,
  })
  state('calls').set(sid, placed)
  return { status: 201, body: placed }
}

const updateCall = found('calls', ({ body, state, now }, call) => {
  const status = text(body.Status)
  if (status !== 'completed' && status !== 'canceled') return refuse(400, 20001, 'Invalid parameter: Status')
  const ended = {
    ...call,
    status,
    start_time: call.start_time ?? rfc2822(now),
    end_time: rfc2822(now),
    duration: '0',
    date_updated: rfc2822(now),
  }
  state('calls').set(String(call.sid), ended)
  return { body: ended }
})

/** A page of the 2010 API, newest first. */
function pageOf(call: TwinCall, field: string, items: JsonObject[]): TwinAnswer {
  const { query, path } = call
  const size = Math.min(Number(query.PageSize ?? 50), 1000)
  const page = Number(query.Page ?? 0)
  const shown = items.slice(page * size, (page + 1) * size)
  const at = `/2010-04-01/Accounts/${path.AccountSid}/${call.template.split('{AccountSid}/')[1] ?? ''}`
  const rest = Object.entries(query).filter(([name]) => !['Page', 'PageToken'].includes(name))
  const next = new URLSearchParams([...rest, ['Page', String(page + 1)], ['PageToken', `PT${page + 1}`]])
  const more = (page + 1) * size < items.length
  return {
    body: {
      ...shape.page(field, shown, more ? `${at}?${next}` : null),
      page,
      page_size: size,
      start: page * size,
      end: page * size + Math.max(0, shown.length - 1),
      uri: at,
    },
  }
}

function listCalls(call: TwinCall): TwinAnswer {
  const { query, state } = call
  const day = (time: JsonValue | undefined) => new Date(String(time)).toISOString().slice(0, 10)
  const [from, until] = [query['StartTime>'], query['StartTime<']]
  const calls = [...state('calls').values()].reverse().filter(({ date_created }) => {
    if (from !== undefined && day(date_created) < from) return false
    return until === undefined || day(date_created) < until
  })
  return pageOf(call, 'calls', calls)
}

function searchNumbers(call: TwinCall): TwinAnswer {
  if (!/^[A-Z]{2}$/.test(call.path.CountryCode ?? '')) return refuse(404, 20404, 'The requested resource was not found')
  const kind = /(\w+)\.json$/.exec(call.template)?.[1] ?? 'Local'
  const sold = new Set([...call.state('numbers').values()].map(({ phone_number }) => phone_number))
  const answer = shape.available(kind)
  const offered = answer.available_phone_numbers
  const numbers = Array.isArray(offered) ? offered : []
  return {
    body: {
      ...answer,
      available_phone_numbers: numbers.filter((number) => !sold.has((number as JsonObject).phone_number)),
    },
  }
}

function buyNumber(call: TwinCall): TwinAnswer {
  const { body, state, now, path } = call
  const wanted = text(body.PhoneNumber)
  if (!wanted) return refuse(400, 21452, 'PhoneNumber or AreaCode is required')
  if (wanted === INVALID_NUMBER || !isE164(wanted)) return refuse(400, 21421, `PhoneNumber ${wanted} is invalid`)
  const taken = [...state('numbers').values()].some(({ phone_number }) => phone_number === wanted)
  if (taken || wanted === UNAVAILABLE_NUMBER) return refuse(400, 21422, `${wanted} is not available`)
  const sid = sidOf(call, 'PN')
  const number = shape.number({
    sid,
    account_sid: path.AccountSid ?? '',
    date_created: rfc2822(now),
    date_updated: rfc2822(now),
    friendly_name: text(body.FriendlyName) ?? wanted,
    phone_number: wanted,
    sms_url: text(body.SmsUrl) ?? null,
    trunk_sid: text(body.TrunkSid) ?? null,
    voice_url: text(body.VoiceUrl) ?? null,
    uri: `/2010-04-01/Accounts/${path.AccountSid}/IncomingPhoneNumbers/${sid}.json`,
  })
  state('numbers').set(sid, number)
  return { status: 201, body: number }
}

function listNumbers(call: TwinCall): TwinAnswer {
  const { query, state } = call
  const numbers = [...state('numbers').values()].filter(
    ({ phone_number }) => query.PhoneNumber === undefined || phone_number === query.PhoneNumber,
  )
  return pageOf(call, 'incoming_phone_numbers', numbers)
}

const remove = (collection: string) =>
  found(collection, ({ state, path }) => {
    state(collection).delete(path.Sid ?? '')
    return { status: 204, body: '' }
  })

function createTrunk(call: TwinCall): TwinAnswer {
  const { body, state, now } = call
  const domain = text(body.DomainName)
  if (domain && [...state('trunks').values()].some(({ domain_name }) => domain_name === domain)) {
    return refuse(400, 21245, 'Domain name is already taken')
  }
  const sid = sidOf(call, 'TK')
  const trunk = shape.trunk({
    sid,
    cnam_lookup_enabled: body.CnamLookupEnabled === 'true',
    date_created: rfc3339(now),
    date_updated: rfc3339(now),
    disaster_recovery_url: text(body.DisasterRecoveryUrl) ?? null,
    domain_name: domain ?? null,
    friendly_name: text(body.FriendlyName) ?? null,
    secure: body.Secure === 'true',
    transfer_mode: text(body.TransferMode) ?? 'disable-all',
    url: `https://trunking.twilio.com/v1/Trunks/${sid}`,
  })
  state('trunks').set(sid, trunk)
  return { status: 201, body: trunk }
}

function listTrunks({ query, state }: TwinCall): TwinAnswer {
  const size = Math.min(Number(query.PageSize ?? 50), 1000)
  const page = Number(query.Page ?? 0)
  const trunks = [...state('trunks').values()]
  const more = (page + 1) * size < trunks.length
  const next = `https://trunking.twilio.com/v1/Trunks?PageSize=${size}&Page=${page + 1}&PageToken=PT${page + 1}`
  return { body: shape.trunks(trunks.slice(page * size, (page + 1) * size), more ? next : null) }
}

function addOrigination(call: TwinCall): TwinAnswer {
  const { body, state, path, now } = call
  const trunk = path.TrunkSid ?? ''
  if (!state('trunks').has(trunk)) return refuse(404, 20404, `The requested resource ${trunk} was not found`)
  const sid = sidOf(call, 'OU')
  const origination = shape.origination({
    sid,
    trunk_sid: trunk,
    date_created: rfc3339(now),
    date_updated: rfc3339(now),
    enabled: body.Enabled === 'true',
    friendly_name: text(body.FriendlyName) ?? null,
    priority: Number(body.Priority),
    sip_url: text(body.SipUrl) ?? null,
    weight: Number(body.Weight),
    url: `https://trunking.twilio.com/v1/Trunks/${trunk}/OriginationUrls/${sid}`,
  })
  state('originations').set(sid, origination)
  return { status: 201, body: origination }
}

function createCredentialList(call: TwinCall): TwinAnswer {
  const sid = sidOf(call, 'CL')
  const list = shape.credentialList({ sid, friendly_name: text(call.body.FriendlyName) ?? null })
  call.state('credentialLists').set(sid, list)
  return { status: 201, body: list }
}

function createCredential(call: TwinCall): TwinAnswer {
  const { body, state, path } = call
  const list = path.CredentialListSid ?? ''
  if (!state('credentialLists').has(list)) return refuse(404, 20404, `The requested resource ${list} was not found`)
  const sid = sidOf(call, 'CR')
  const credential = shape.credential({ sid, credential_list_sid: list, username: text(body.Username) ?? null })
  state('credentials').set(sid, credential)
  return { status: 201, body: credential }
}

const required = {
  'sip.credentialList.create': ['FriendlyName'],
  'sip.credential.create': ['Username', 'Password'],
}

export const twin: TwinDefinition = {
  fault: (kind, message) => {
    if (kind === 'unauthorized') return refuse(401, 20003, 'Authenticate')
    if (kind === 'not-found') return refuse(404, 20404, message)
    if (kind === 'invalid') return refuse(400, 20001, message)
    if (kind === 'rate-limited') return { ...refuse(429, 20429, 'Too Many Requests'), headers: { 'retry-after': '1' } }
    return refuse(503, 20503, 'Service unavailable')
  },
  required,
  described: {
    faults: [
      {
        reason: 'The description names successes only; errors are those of twilio.com/docs/usage/twilios-response.',
        excuses: { operations: /./, kind: 'status', where: /./ },
      },
      {
        reason:
          'The description at hand is cut to the paths of three kinds of number; National is one more of the same form.',
        excuses: { operations: /\/AvailablePhoneNumbers\/[^/]+\/National\.json$/, kind: 'route', where: /./ },
      },
      {
        reason: 'The 2010 API names pages and resources by paths; the description calls them addresses.',
        excuses: {
          operations: /\/2010-04-01\//,
          kind: 'response',
          where: /(^|\/)(uri|first_page_uri|next_page_uri|previous_page_uri)$/,
          message: /format "uri"|must be null|schema in anyOf/,
        },
      },
      {
        reason: 'The words of the description ask for YYYY-MM-DD where its format says a date with time.',
        excuses: { operations: /^GET .*\/Calls\.json$/, kind: 'query', where: /^StartTime[<>]$/, message: /date-time/ },
      },
    ],
  },
  operations: {
    'sms.send': createMessage,
    'sms.get': getMessage,
    'message.cancel': updateMessage,
    'call.create': createCall,
    'call.get': found('calls', (_call, call) => ({ body: call })),
    'call.hangup': updateCall,
    'cdr.list': listCalls,
    'number.search': searchNumbers,
    'number.buy': buyNumber,
    'number.list': listNumbers,
    'number.find': listNumbers,
    'number.release': remove('numbers'),
    'trunk.create': createTrunk,
    'trunk.list': listTrunks,
    'trunk.delete': remove('trunks'),
    'trunk.origination.add': addOrigination,
    'trunk.origination.remove': remove('originations'),
    'sip.credentialList.create': createCredentialList,
    'sip.credentialList.delete': remove('credentialLists'),
    'sip.credential.create': createCredential,
    'sip.credential.delete': remove('credentials'),
    'balance.get': ({ path }) => ({
      body: { account_sid: path.AccountSid ?? '', balance: '14.0562', currency: 'USD' },
    }),
    'usage.list': (call) => pageOf(call, 'usage_records', []),
  },
}
