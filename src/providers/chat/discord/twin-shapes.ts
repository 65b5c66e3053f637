// What the parts of the twin share: ids, refusals, and the fields of a message that nobody chose.
import type { JsonObject, JsonValue, TwinAnswer, TwinCall } from '../../../adapter/index.ts'

export const TWIN_GUILD = '1100000000000000001'

export const TWIN_BOT: JsonObject & { id: string; username: string } = {
  id: '1100000000000000002',
  username: 'infra',
  avatar: null,
  discriminator: '4071',
  public_flags: 0,
  flags: 0,
  bot: true,
  global_name: null,
  primary_guild: null,
}

export const person = (id: string, username = `person-${id.slice(-4)}`): JsonObject => ({
  ...TWIN_BOT,
  id,
  username,
  bot: false,
  discriminator: '0',
})

export const text = (value: JsonValue | undefined): string =>
  value === undefined || value === null ? '' : String(value)

export const refuse = (status: number, code: number, message: string): TwinAnswer => ({
  status,
  body: { message, code },
})

/** `field` may be dotted. */
export const invalid = (field: string, code: string, message: string): TwinAnswer => ({
  status: 400,
  body: {
    message: 'Invalid Form Body',
    code: 50035,
    errors: field
      .split('.')
      .reduceRight<JsonObject>((inner, name) => ({ [name]: inner }), { _errors: [{ code, message }] }),
  },
})

export const unknown = {
  channel: () => refuse(404, 10003, 'Unknown Channel'),
  guild: () => refuse(404, 10004, 'Unknown Guild'),
  message: () => refuse(404, 10008, 'Unknown Message'),
  webhook: () => refuse(404, 10015, 'Unknown Webhook'),
}

/** Milliseconds since 2015 in the upper 42 bits (docs.discord.com/developers/reference#snowflakes); only ever grows. */
export function nextSnowflake({ state, now }: Pick<TwinCall, 'state' | 'now'>): string {
  const count = Number(state('clock').get('snowflake')?.count ?? 0) + 1
  const since = Math.max(now - 1_420_070_400_000, Number(state('clock').get('snowflake')?.since ?? 0))
  state('clock').set('snowflake', { count, since })
  return String((BigInt(since) << 22n) + BigInt(count))
}

/** Snowflakes as texts in the order of time. */
export const older = (a: string, b: string): boolean => BigInt(a) < BigInt(b)

export const isSnowflake = (value: string): boolean => /^\d{1,20}$/.test(value)

export const allOf = (call: TwinCall, collection: string): JsonObject[] => [...call.state(collection).values()]

/** The channel, thread or open conversation of this id. */
export const channelOf = ({ state }: TwinCall, id: string): JsonObject | undefined => state('channels').get(id)

/** Headers of the bucket, as most answers of Discord have them. */
export const RATE_HEADERS: Record<string, string> = {
  'x-ratelimit-limit': '5',
  'x-ratelimit-remaining': '4',
  'x-ratelimit-reset-after': '0.25',
  'x-ratelimit-bucket': 'twin0000000000000000000000000000',
}
