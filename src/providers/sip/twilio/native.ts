// What Twilio has beyond the vocabulary.
import {
  del,
  get,
  type NativeOperation,
  native,
  post,
  readAs,
  secret,
  secretInBody,
  z,
} from '../../../adapter/index.ts'
import * as sample from './examples.ts'
import { messageAnswer, nextPage, numbersAnswer, toNumber, toSms } from './shapes.ts'

const ACCOUNT = '/2010-04-01/Accounts/{AccountSid}'
const LISTS = `${ACCOUNT}/SIP/CredentialLists`

const id = z.string().min(1).max(64)
const made = z.object({ id: z.string() })
const sidAnswer = z.object({ sid: z.string() })

const usage = z.object({
  category: z.string(),
  usage: z.string(),
  unit: z.string(),
  price: z.string().nullable(),
  currency: z.string().nullable(),
  startDate: z.string(),
  endDate: z.string(),
})

/** By their names without the provider. */
export const natives: Record<string, NativeOperation> = {
  'message.cancel': native({
    summary: 'Cancel a message that is scheduled.',
    effect: 'update',
    labels: { reads: 'private', returns: 'trusted', sends: 'none' },
    scope: 'messages write',
    input: z.strictObject({ id: id.describe('Id of the message.') }),
    output: z.object({ id: z.string(), status: z.string(), to: z.string(), from: z.string().nullable() }),
    request: (input) =>
      post(`${ACCOUNT}/Messages/{Sid}.json`, { path: { Sid: input.id }, form: { Status: 'canceled' } }),
    result: (body) => toSms(readAs(messageAnswer, body)),
    cost: 'free',
    idempotent: true,
    undo: { none: 'Schedule it again with sms.send.' },
    verify: ({ input }) => ({
      operation: 'sms.get',
      input,
      holds: (read) => read.status === 'canceled',
      consistency: 'eventual',
    }),
    examples: [{ input: { id: sample.MESSAGE }, response: sample.message({ status: 'canceled' }) }],
  }),
  'number.find': native({
    summary: 'Find a number of the account.',
    effect: 'read',
    labels: { reads: 'private', returns: 'trusted', sends: 'none' },
    scope: 'phone numbers read',
    input: z.strictObject({ number: z.string().min(1).max(20).describe('E.164.') }),
    output: z.object({
      numbers: z.array(z.object({ id: z.string().nullable(), number: z.string(), capabilities: z.array(z.string()) })),
    }),
    request: ({ number }) => get(`${ACCOUNT}/IncomingPhoneNumbers.json`, { query: { PhoneNumber: number } }),
    result: (body) => ({ numbers: readAs(numbersAnswer, body).incoming_phone_numbers.map(toNumber) }),
    cost: 'free',
    examples: [
      { input: { number: '+18089251571' }, response: sample.page('incoming_phone_numbers', [sample.number()]) },
    ],
  }),
  'trunk.origination.add': native({
    summary: 'Tell a trunk where calls to its numbers go.',
    effect: 'create',
    labels: { reads: 'private', returns: 'trusted', sends: 'none' },
    scope: 'trunks write',
    input: z.strictObject({
      trunk: id,
      name: z.string().min(1).max(64),
      url: z
        .string()
        .regex(/^sips?:/, 'expected a SIP address')
        .max(255),
      weight: z.int().min(0).max(65_535).default(10),
      priority: z.int().min(0).max(65_535).default(10),
      enabled: z.boolean().default(true),
    }),
    output: made,
    request: ({ trunk, name, url, weight, priority, enabled }) =>
      post('/v1/Trunks/{TrunkSid}/OriginationUrls', {
        base: 'trunking',
        path: { TrunkSid: trunk },
        form: { FriendlyName: name, SipUrl: url, Weight: weight, Priority: priority, Enabled: enabled },
      }),
    result: (body) => ({ id: readAs(sidAnswer, body).sid }),
    cost: 'free',
    undo: ({ input, result }) => ({
      operation: 'twilio:trunk.origination.remove',
      input: { trunk: input.trunk, id: result.id },
    }),
    undoLabel: 'twilio:trunk.origination.remove',
    examples: [
      {
        input: {
          trunk: sample.TRUNK,
          name: 'Studio',
          url: 'sip:pbx.studio.example',
          weight: 10,
          priority: 10,
          enabled: true,
        },
        status: 201,
        response: sample.origination(),
      },
    ],
  }),
  'trunk.origination.remove': native({
    summary: 'Take an origination address away from a trunk.',
    effect: 'delete',
    labels: { reads: 'private', returns: 'trusted', sends: 'none' },
    scope: 'trunks write',
    input: z.strictObject({ trunk: id, id }),
    output: made,
    request: (input) =>
      del('/v1/Trunks/{TrunkSid}/OriginationUrls/{Sid}', {
        base: 'trunking',
        path: { TrunkSid: input.trunk, Sid: input.id },
        answer: 'empty',
      }),
    result: (_body, { input }) => ({ id: input.id }),
    cost: 'free',
    undo: { none: 'Add it again with twilio:trunk.origination.add.' },
    examples: [{ input: { trunk: sample.TRUNK, id: sample.ORIGINATION }, status: 204, response: null }],
  }),
  'sip.credentialList.create': native({
    summary: 'Make a list of SIP credentials.',
    effect: 'create',
    labels: { reads: 'private', returns: 'trusted', sends: 'none' },
    scope: 'sip write',
    input: z.strictObject({ name: z.string().min(1).max(64) }),
    output: made,
    request: ({ name }) => post(`${LISTS}.json`, { form: { FriendlyName: name } }),
    result: (body) => ({ id: readAs(sidAnswer, body).sid }),
    cost: 'free',
    undo: ({ result }) => ({ operation: 'twilio:sip.credentialList.delete', input: { id: result.id } }),
    undoLabel: 'twilio:sip.credentialList.delete',
    examples: [{ input: { name: 'Studio phones' }, status: 201, response: sample.credentialList() }],
  }),
  'sip.credentialList.delete': native({
    summary: 'Delete a list of SIP credentials with all in it.',
    effect: 'delete',
    labels: { reads: 'private', returns: 'trusted', sends: 'none' },
    scope: 'sip write',
    input: z.strictObject({ id }),
    output: made,
    request: (input) => del(`${LISTS}/{Sid}.json`, { path: { Sid: input.id }, answer: 'empty' }),
    result: (_body, { input }) => ({ id: input.id }),
    cost: 'free',
    undo: { none: 'The passwords in it are not known here.' },
    examples: [{ input: { id: sample.CREDENTIAL_LIST }, status: 204, response: null }],
  }),
  'sip.credential.create': native({
    summary: 'Add a user to a list of SIP credentials; the password is a secret of the instance.',
    effect: 'create',
    labels: { reads: 'private', returns: 'trusted', sends: 'none' },
    scope: 'sip write',
    input: z.strictObject({ list: id.describe('Id of the list.'), username: z.string().min(1).max(32) }),
    output: made,
    request: ({ list, username }) =>
      post(`${LISTS}/{CredentialListSid}/Credentials.json`, {
        path: { CredentialListSid: list },
        // Never an input: inputs are shown, stored and logged.
        form: { Username: username, Password: secretInBody(secret('TWILIO_SIP_PASSWORD')) },
      }),
    result: (body) => ({ id: readAs(sidAnswer, body).sid }),
    cost: 'free',
    undo: ({ input, result }) => ({
      operation: 'twilio:sip.credential.delete',
      input: { list: input.list, id: result.id },
    }),
    undoLabel: 'twilio:sip.credential.delete',
    examples: [
      { input: { list: sample.CREDENTIAL_LIST, username: 'desk' }, status: 201, response: sample.credential() },
    ],
  }),
  'sip.credential.delete': native({
    summary: 'Take a user away from a list of SIP credentials.',
    effect: 'delete',
    labels: { reads: 'private', returns: 'trusted', sends: 'none' },
    scope: 'sip write',
    input: z.strictObject({ list: id, id }),
    output: made,
    request: (input) =>
      del(`${LISTS}/{CredentialListSid}/Credentials/{Sid}.json`, {
        path: { CredentialListSid: input.list, Sid: input.id },
        answer: 'empty',
      }),
    result: (_body, { input }) => ({ id: input.id }),
    cost: 'free',
    undo: { none: 'Its password is not known here; add the user again.' },
    examples: [{ input: { list: sample.CREDENTIAL_LIST, id: sample.CREDENTIAL }, status: 204, response: null }],
  }),
  'usage.list': native({
    summary: 'List what was used and what it cost, by category.',
    effect: 'read',
    labels: { reads: 'private', returns: 'trusted', sends: 'none' },
    scope: 'usage read',
    input: z.strictObject({
      category: z.string().min(1).max(100).optional(),
      from: z.iso.date().optional(),
      until: z.iso.date().optional(),
      limit: z.int().min(1).max(10_000).default(100).describe('At most so many records.'),
    }),
    output: z.object({ records: z.array(usage) }),
    request: ({ category, from, until, limit }) =>
      get(`${ACCOUNT}/Usage/Records.json`, {
        query: { Category: category, StartDate: from, EndDate: until, PageSize: Math.min(limit, 1000) },
      }),
    result: (body) => ({
      records: readAs(usageAnswer, body).usage_records.map((record) => ({
        category: record.category,
        usage: record.usage,
        unit: record.usage_unit,
        price: record.price === null || record.price === undefined ? null : String(record.price),
        currency: record.price_unit?.toUpperCase() ?? null,
        startDate: record.start_date,
        endDate: record.end_date,
      })),
    }),
    cost: 'free',
    pages: { field: 'records', next: nextPage },
    examples: [
      {
        input: { category: 'sms', from: '2026-11-01', until: '2026-11-24', limit: 10 },
        response: sample.page('usage_records', [
          {
            account_sid: sample.ACCOUNT,
            api_version: '2010-04-01',
            as_of: '2026-11-24T00:00:00+00:00',
            category: 'sms',
            count: '12',
            count_unit: 'messages',
            description: 'SMS',
            end_date: '2026-11-24',
            price: 0.0948,
            price_unit: 'usd',
            start_date: '2026-11-01',
            subresource_uris: {},
            uri: `/2010-04-01/Accounts/${sample.ACCOUNT}/Usage/Records.json?Category=sms`,
            usage: '12',
            usage_unit: 'messages',
          },
        ]),
      },
    ],
  }),
}

const usageAnswer = z.object({
  usage_records: z.array(
    z.object({
      category: z.string(),
      usage: z.string(),
      usage_unit: z.string(),
      // The description says a number, older answers a text.
      price: z.union([z.number(), z.string()]).nullish(),
      price_unit: z.string().nullish(),
      start_date: z.string(),
      end_date: z.string(),
    }),
  ),
})
