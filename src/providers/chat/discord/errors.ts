// Discord's faults: an HTTP status and `{message, code, errors}`, where `errors` nests by field down to `_errors`. The
// code says more than the status: 404 may be a missing channel, 403 a missing permission or a person who takes no messages.
import {
  type Fault,
  type IncomingResponse,
  type JsonValue,
  objectIn,
  type RateHint,
  retryAfterMs,
  textOf,
} from '../../../adapter/index.ts'

type Meaning = Pick<Fault, 'code' | 'hint' | 'retryable'>

const denied = (hint: string): Meaning => ({ code: 'IF_ERR_AUTH_FAILED', hint })
const refused = (hint: string): Meaning => ({ code: 'IF_ERR_ACTION_FAILED', hint })
const limited: Meaning = { code: 'IF_ERR_RATE_LIMIT_EXCEEDED' }

const TOKEN = 'Reset the token of the bot in the developer portal and store the new one.'
const PERMISSION = 'Give the role of the bot this permission, in the server or in the channel.'

// docs.discord.com/developers/topics/opcodes-and-status-codes#json
const MEANINGS = new Map<string, Meaning>(
  Object.entries({
    10003: { code: 'IF_ERR_NOT_FOUND', hint: 'Use the id of a channel that the bot can see: channel.list.' },
    20012: denied('The token is of another application.'),
    20016: limited,
    20022: limited,
    20028: limited,
    20029: limited,
    30007: refused('The channel has as many webhooks as it can; delete one.'),
    30010: refused('The message has as many different reactions as it can.'),
    30046: limited,
    40001: denied(TOKEN),
    40003: limited,
    40062: limited,
    50001: denied('Invite the bot to the server, or let it see the channel.'),
    50005: refused('Only the author of a message can edit it.'),
    50006: refused('Give text, an embed, a file or a poll.'),
    50007: refused('The person takes no messages from this bot.'),
    50013: denied(PERMISSION),
    50014: denied(TOKEN),
    50027: denied('Copy the address of the webhook again: its token has changed.'),
    130000: { code: 'IF_ERR_PROVIDER_UNAVAILABLE' },
    160002: denied(PERMISSION),
    160004: { code: 'IF_ERR_ALREADY_EXISTS' },
    200000: refused('The automatic moderation of the server blocks these words.'),
    240000: refused('The link filter of Discord blocks this message.'),
  } satisfies Record<string, Meaning>),
)

/** Where no code says more. */
function meaningOf(status: number): Meaning {
  if (status === 401) return denied(TOKEN)
  if (status === 403) return denied(PERMISSION)
  if (status === 404) return { code: 'IF_ERR_NOT_FOUND' }
  if (status === 429) return limited
  return status >= 500 ? { code: 'IF_ERR_PROVIDER_UNAVAILABLE' } : { code: 'IF_ERR_ACTION_FAILED' }
}

export function discordFault(response: IncomingResponse): Fault | undefined {
  const { status } = response
  if (status < 400) return undefined
  const body = objectIn(response)
  // Code 0 is Discord's word for a general error: the status says more.
  const code = typeof body.code === 'number' && body.code !== 0 ? String(body.code) : undefined
  const said = textOf(body.message) ?? `Discord answered ${status}`
  const wait = status === 429 ? waitMs(response, body.retry_after) : undefined
  return {
    ...((code === undefined ? undefined : MEANINGS.get(code)) ?? meaningOf(status)),
    message: (said + detailsOf(body.errors)).slice(0, 400),
    ...(code === undefined ? {} : { vendorCode: code }),
    ...(wait === undefined ? {} : { retryAfterMs: wait }),
    // Discord says of neither that a part of it was done, nor that it was not.
    ...(status >= 500 ? { outcome: 'unknown' } : {}),
  }
}

/** Seconds with decimals in the body; the header alone where Cloudflare answers in place of Discord. */
function waitMs(response: IncomingResponse, seconds: JsonValue | undefined): number | undefined {
  return typeof seconds === 'number' && seconds >= 0 ? Math.ceil(seconds * 1000) : retryAfterMs(response)
}

/** `: content: Must be 2000 or fewer in length.` */
function detailsOf(errors: JsonValue | undefined): string {
  const found = leavesOf(errors, [])
  return found.length === 0 ? '' : `: ${found.slice(0, 3).join('; ')}`
}

function leavesOf(errors: JsonValue | undefined, path: readonly string[]): string[] {
  if (errors === null || typeof errors !== 'object' || Array.isArray(errors) || path.length > 8) return []
  return Object.entries(errors).flatMap(([name, inner]) => {
    if (name !== '_errors') return leavesOf(inner, [...path, name])
    const messages = Array.isArray(inner) ? inner.flatMap((leaf) => messageIn(leaf) ?? []) : []
    return messages.map((message) => (path.length === 0 ? message : `${path.join('.')}: ${message}`))
  })
}

const messageIn = (leaf: JsonValue): string | undefined =>
  leaf !== null && typeof leaf === 'object' && !Array.isArray(leaf) ? textOf(leaf.message) : undefined

/** What is left of the bucket that this call fell into. Buckets are of routes; the tightest one met holds the pace. */
export function discordRate({ headers }: IncomingResponse): RateHint | undefined {
  const remaining = Number(headers['x-ratelimit-remaining'] ?? Number.NaN)
  const seconds = Number(headers['x-ratelimit-reset-after'] ?? Number.NaN)
  if (!Number.isInteger(remaining) || remaining < 0 || !Number.isFinite(seconds) || seconds < 0) return undefined
  return { remaining, resetMs: Math.ceil(seconds * 1000) }
}
