// Telegram's faults: `{ok: false, error_code, description, parameters}`, the HTTP status being the code again. There are no
// finer codes, so what a 400 is about stands in the description alone.
import {
  type Fault,
  type IncomingResponse,
  type JsonValue,
  objectIn,
  retryAfterMs,
  textOf,
} from '../../../adapter/index.ts'

type Meaning = Pick<Fault, 'code' | 'hint' | 'outcome'>

const TOKEN = 'Get the token from @BotFather again and store it; a revoked one is refused at once.'

const BY_STATUS: Readonly<Record<number, Meaning>> = {
  401: { code: 'IF_ERR_AUTH_FAILED', hint: TOKEN },
  403: {
    code: 'IF_ERR_ACTION_FAILED',
    hint: 'A person has to write to the bot first and not block it; a group or channel has to have it as a member with the right to do this.',
  },
  // Every path here exists, so it is the token in it that leads nowhere; or, of a download, the file.
  404: { code: 'IF_ERR_AUTH_FAILED', hint: `${TOKEN} Of a download: ask for the file again, its address has expired.` },
  409: {
    code: 'IF_ERR_CONFLICT',
    hint: 'A webhook and telegram:update.list exclude each other, and only one may ask for updates: telegram:webhook.unset, or read the deliveries.',
  },
  429: { code: 'IF_ERR_RATE_LIMIT_EXCEEDED', outcome: 'not-done' },
}

const meaningOf = (status: number, description: string): Meaning => {
  // `chat not found`, `message to edit not found`: Telegram has no code for it.
  if (status === 400 && / not found/i.test(description)) return { code: 'IF_ERR_NOT_FOUND', ...hintFor(description) }
  if (status >= 500) return { code: 'IF_ERR_PROVIDER_UNAVAILABLE', outcome: 'unknown' }
  return BY_STATUS[status] ?? { code: 'IF_ERR_ACTION_FAILED' }
}

const hintFor = (description: string): { hint?: string } =>
  /chat not found/i.test(description)
    ? { hint: 'Give the number of a chat that the bot has seen, or the @name of a public one.' }
    : {}

/** An edit that changes nothing is refused, though all is as it should be. */
export const isUnchanged = (body: JsonValue): boolean =>
  body !== null &&
  typeof body === 'object' &&
  !Array.isArray(body) &&
  body.ok === false &&
  /message is not modified/i.test(textOf(body.description) ?? '')

/** The status decides alone: below 400 the body may be a file that somebody sent, whatever it says. */
export function telegramFault(response: IncomingResponse): Fault | undefined {
  if (response.status < 400) return undefined
  const body = objectIn(response)
  if (isUnchanged(body)) return undefined

  const code = typeof body.error_code === 'number' ? body.error_code : response.status
  const description = textOf(body.description) ?? `Telegram answered ${response.status}`
  const { retry_after, migrate_to_chat_id } = parametersOf(body.parameters)
  const wait = typeof retry_after === 'number' && retry_after >= 0 ? retry_after * 1000 : retryAfterMs(response)
  return {
    ...meaningOf(code, description),
    ...(migrate_to_chat_id === undefined
      ? {}
      : { hint: `The group has become a supergroup: send to ${migrate_to_chat_id} from now on.` }),
    message: description.slice(0, 400),
    vendorCode: String(code),
    ...(wait === undefined ? {} : { retryAfterMs: wait }),
  }
}

function parametersOf(value: JsonValue | undefined): { retry_after?: JsonValue; migrate_to_chat_id?: string } {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return {}
  const { retry_after, migrate_to_chat_id: to } = value
  return {
    ...(retry_after === undefined ? {} : { retry_after }),
    ...(typeof to === 'number' || typeof to === 'string' ? { migrate_to_chat_id: String(to) } : {}),
  }
}
