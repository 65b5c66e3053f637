// What Twilio answers, as far as the definition reads it, in standard terms.
import { type JsonValue, type NextPage, queryIn, z } from '../../../adapter/index.ts'

const text = z.string().nullish()

export const messageAnswer = z.object({ sid: z.string(), status: z.string(), to: text, from: text })

export const callAnswer = z.object({
  sid: z.string(),
  status: z.string(),
  to: text,
  from: text,
  duration: text,
  start_time: text,
  price: text,
  price_unit: text,
})

export const callsAnswer = z.object({ calls: z.array(callAnswer) })

const capabilities = z.record(z.string(), z.boolean()).nullish()

export const numberAnswer = z.object({ sid: z.string().nullable(), phone_number: z.string(), capabilities })

export const numbersAnswer = z.object({ incoming_phone_numbers: z.array(numberAnswer) })

export const availableAnswer = z.object({
  available_phone_numbers: z.array(z.object({ phone_number: z.string(), capabilities })),
})

export const trunkAnswer = z.object({ sid: z.string(), friendly_name: text, domain_name: text })

export const trunksAnswer = z.object({ trunks: z.array(trunkAnswer) })

export const toSms = ({ sid, status, to, from }: z.output<typeof messageAnswer>) => ({
  id: sid,
  status,
  to: to ?? '',
  from: from ?? null,
})

export const toCall = ({ sid, status, to, from, duration }: z.output<typeof callAnswer>) => ({
  id: sid,
  status,
  to: to ?? null,
  from: from ?? null,
  durationSeconds: duration && /^\d+$/.test(duration) ? Number(duration) : null,
})

export const toRecord = (call: z.output<typeof callAnswer>) => ({
  ...toCall(call),
  startedAt: timeOf(call.start_time),
  costMicroUsd: call.price_unit === 'USD' ? microUsd(call.price) : null,
})

/** RFC 2822, in UTC: `Fri, 18 Oct 2019 17:02:00 +0000`. */
function timeOf(text: string | null | undefined): string | null {
  const at = Date.parse(text ?? '')
  return Number.isNaN(at) ? null : new Date(at).toISOString()
}

/** What a call cost is a negative decimal: `-0.0130`. */
function microUsd(price: string | null | undefined): number | null {
  const [, sign = '', whole = '', fraction = ''] = /^(-?)(\d+)(?:\.(\d{1,6}))?$/.exec(price ?? '') ?? []
  if (whole === '') return null
  const amount = Number(whole + fraction.padEnd(6, '0'))
  return sign === '-' ? amount : amount === 0 ? 0 : -amount
}

export const toNumber = (number: {
  sid: string | null
  phone_number: string
  capabilities?: Record<string, boolean> | null | undefined
}) => ({
  id: number.sid,
  number: number.phone_number,
  // The description has sms, its notes for other languages SMS.
  capabilities: Object.entries(number.capabilities ?? {})
    .filter(([, can]) => can)
    .map(([name]) => name.toLowerCase()),
})

export const toTrunk = ({ sid, friendly_name, domain_name }: z.output<typeof trunkAnswer>) => ({
  id: sid,
  name: friendly_name ?? '',
  domain: domain_name ?? null,
})

/** The 2010 API names the next page by a path with query. */
export function nextPage(body: JsonValue): NextPage | undefined {
  const next = z.object({ next_page_uri: z.string().min(1) }).safeParse(body).data?.next_page_uri
  return next === undefined ? undefined : { query: queryIn(next) }
}

/** Later APIs name it by a whole address, under `meta`. */
export function nextTrunks(body: JsonValue): NextPage | undefined {
  const next = z.object({ meta: z.object({ next_page_url: z.string().min(1) }) }).safeParse(body).data?.meta
  return next === undefined ? undefined : { query: queryIn(next.next_page_url) }
}
