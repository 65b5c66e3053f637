// What WeChat takes and answers, as far as the definition reads it. Ids of messages are numbers beyond 2^53 and stay text.
import {
  type ExactNumber,
  exactNumber,
  type NextPage,
  type PageFacts,
  readAs,
  sentinelNumber,
  unsupported,
  z,
} from '../../../adapter/index.ts'

export const numeric = z.union([z.int(), z.string().regex(/^\d+$/)]).transform(String)

export const OPENID = z.string().min(1).max(128).describe('openid of the person, as this account knows them.')
export const MEDIA_ID = z.string().min(1).max(512).describe('Id of an uploaded file: file.upload.')

/** `{errcode: 0}`; the fault reader has seen all others. */
export const done = z.object({ errcode: z.int().optional() })

export const numbered = z.object({ msgid: numeric })

/** WeChat tells no time of what it has sent; the clock of its answer does. */
export function sentAtOf(headers: Record<string, string>): string {
  const time = Date.parse(headers.date ?? '')
  return readAs(z.iso.datetime(), Number.isNaN(time) ? null : new Date(time).toISOString())
}

/** A number in the body, digit by digit; what a plan does not know yet passes. */
export function idNumber(value: string, field: string): ExactNumber | string {
  if (sentinelNumber(value) !== undefined) return value
  if (/^(0|[1-9]\d{0,19})$/.test(value)) return exactNumber(value)
  throw unsupported(
    `${field}: ${JSON.stringify(value)} is not an id of WeChat`,
    'Give the number that WeChat returned.',
  )
}

export const usersAnswer = z.object({
  total: z.int(),
  count: z.int(),
  data: z.object({ openid: z.array(z.string()) }).optional(),
  next_openid: z.string().optional(),
})

/** Up to 10,000 openids an answer. The last page may name a next one, which is empty. */
const USERS_PAGE = 10_000

export const nextUsers = (body: unknown): NextPage | undefined => {
  const { count = 0, next_openid } = usersAnswer.safeParse(body).data ?? {}
  return count >= USERS_PAGE && next_openid ? { query: { next_openid } } : undefined
}

export const RECORDS_PAGE = 10_000

export const recordsAnswer = z.object({
  recordlist: z
    .array(
      z.object({
        openid: z.string(),
        opercode: z.int(),
        text: z.string().default(''),
        time: z.int(),
        worker: z.string().default(''),
      }),
    )
    .default([]),
  number: z.int().default(0),
  msgid: numeric.optional(),
})

/** A full page is followed by the one that begins where it ended. */
export const nextRecords = (body: unknown, { input }: PageFacts): NextPage | undefined => {
  const { number = 0, msgid } = recordsAnswer.safeParse(body).data ?? {}
  const asked = Math.min(typeof input.limit === 'number' ? input.limit : RECORDS_PAGE, RECORDS_PAGE)
  return number >= asked && msgid !== undefined ? { json: { msgid: exactNumber(msgid) } } : undefined
}

export const unixTime = (rfc3339: string): number => Math.floor(Date.parse(rfc3339) / 1000)
export const rfc3339 = (seconds: number): string => new Date(seconds * 1000).toISOString()
