// Families sms, call, number, trunk, cdr: the telephone. Numbers are E.164; a SIP address stands where a vendor takes one.
import { z } from 'zod'
import { country, extras, id, limit, name, phoneNumber, rfc3339, status, webAddress } from './shapes.ts'

const party = z
  .string()
  .min(1)
  .max(512)
  .describe('E.164 number (+442071838750), or what else the provider takes, such as a SIP address or a sender name.')

const smsResult = z.object({ id, status, to: z.string(), from: z.string().nullable() })

const callResult = z.object({
  id,
  status,
  to: z.string().nullable(),
  from: z.string().nullable(),
  durationSeconds: z.number().min(0).nullable().describe('Null while it lasts.'),
})

const number = z.object({
  id: id.nullable().describe('Null of a number that is not owned.'),
  number: phoneNumber,
  capabilities: z.array(z.string()).describe('voice, sms, mms, fax.'),
})

export const sms = {
  'sms.send': {
    summary: 'Send a text message to a phone.',
    input: z.strictObject({ to: party, from: party, text: z.string().min(1).max(1600), native: extras }),
    result: smsResult,
  },
  'sms.get': { summary: 'Read a text message and its status.', input: z.strictObject({ id }), result: smsResult },
} as const

export const call = {
  'call.create': {
    summary: 'Place a call: say something, or hand it to an address or application.',
    input: z
      .strictObject({
        to: party,
        from: party,
        say: z.string().min(1).max(4000).optional().describe('What is read out.'),
        url: webAddress.optional().describe('Where the provider asks what to do with the call.'),
        application: id.optional().describe('Id of an application at the provider.'),
        native: extras,
      })
      .refine(({ say, url, application }) => [say, url, application].filter((one) => one !== undefined).length === 1, {
        error: 'give exactly one of say, url, application',
      }),
    result: callResult,
  },
  'call.get': { summary: 'Read a call and its status.', input: z.strictObject({ id }), result: callResult },
  'call.hangup': { summary: 'End a call.', input: z.strictObject({ id }), result: callResult },
} as const

export const phoneNumbers = {
  'number.search': {
    summary: 'Find phone numbers that can be bought.',
    input: z.strictObject({
      country,
      kind: z.enum(['local', 'mobile', 'tollfree', 'national']).default('local'),
      areaCode: z
        .string()
        .regex(/^\d{1,6}$/)
        .optional(),
      contains: z.string().max(20).optional().describe('Digits that it must have.'),
      limit,
    }),
    result: z.object({
      numbers: z.array(number.extend({ monthlyMicroUsd: z.int().min(0).nullable().describe('Null where unknown.') })),
    }),
  },
  'number.buy': {
    summary: 'Buy a phone number; it costs every month until it is released.',
    input: z.strictObject({ number: phoneNumber, name: name.optional(), native: extras }),
    result: number.extend({ id }),
  },
  'number.list': {
    summary: 'List the numbers of the account.',
    input: z.strictObject({ limit }),
    result: z.object({ numbers: z.array(number) }),
  },
  'number.release': {
    summary: 'Give a number back. It may not be had again.',
    input: z.strictObject({ id }),
    result: z.object({ id }),
  },
} as const

const trunkResult = z.object({ id, name: z.string(), domain: z.string().nullable() })

export const trunk = {
  'trunk.create': {
    summary: 'Make a SIP trunk.',
    input: z.strictObject({
      name,
      domain: z.string().max(255).optional(),
      secure: z.boolean().optional(),
      native: extras,
    }),
    result: trunkResult,
  },
  'trunk.list': {
    summary: 'List SIP trunks.',
    input: z.strictObject({ limit }),
    result: z.object({ trunks: z.array(trunkResult) }),
  },
  'trunk.delete': { summary: 'Delete a SIP trunk.', input: z.strictObject({ id }), result: z.object({ id }) },
  'trunk.check': {
    summary: 'See whether a SIP trunk is registered or answers.',
    input: z.strictObject({ id }),
    result: z.object({ id, reachable: z.boolean(), detail: z.string().nullable() }),
  },
} as const

export const cdr = {
  'cdr.list': {
    summary: 'List call detail records, newest first.',
    input: z.strictObject({ limit, from: rfc3339.optional(), until: rfc3339.optional() }),
    result: z.object({
      records: z.array(
        callResult.extend({
          startedAt: rfc3339.nullable(),
          costMicroUsd: z.int().nullable().describe('Null where the provider does not tell, or counts otherwise.'),
        }),
      ),
    }),
  },
} as const
