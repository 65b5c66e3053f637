// Slack answers most errors inside HTTP 200: `{ok: false, error: "code"}`. Only rate limits have a status of their own.
import { type Fault, type IncomingResponse, objectIn, retryAfterMs, textOf } from '../../../adapter/index.ts'

type Meaning = Pick<Fault, 'code' | 'outcome' | 'hint'>

const denied = (hint: string): Meaning => ({ code: 'IF_ERR_AUTH_FAILED', hint })
const missing: Meaning = { code: 'IF_ERR_NOT_FOUND' }
const limited: Meaning = { code: 'IF_ERR_RATE_LIMIT_EXCEEDED', outcome: 'not-done' }
// Slack says of these that a part of the work may have been done.
const broken: Meaning = { code: 'IF_ERR_PROVIDER_UNAVAILABLE', outcome: 'unknown' }

const TOKEN = 'Get a new bot token and store it again.'

const MEANINGS = new Map<string, Meaning>(
  Object.entries({
    not_authed: denied(TOKEN),
    invalid_auth: denied(TOKEN),
    account_inactive: denied(TOKEN),
    token_revoked: denied(TOKEN),
    token_expired: denied(TOKEN),
    not_allowed_token_type: denied('This method wants another kind of token.'),
    missing_scope: denied('Add the scope to the app and install it again.'),
    no_permission: denied('The app may not do this in this workspace.'),
    access_denied: denied('The app may not do this in this workspace.'),
    ekm_access_denied: denied('The administrators of the workspace have suspended it.'),
    org_login_required: denied('The workspace is moving to an organisation; try again later.'),
    team_access_not_granted: denied('The token has no access to this workspace.'),
    channel_not_found: { ...missing, hint: 'Use the id of a channel that the bot can see: channel.list.' },
    message_not_found: missing,
    thread_not_found: missing,
    user_not_found: missing,
    users_not_found: missing,
    no_reaction: missing,
    file_not_found: missing,
    file_deleted: missing,
    invalid_scheduled_message_id: missing,
    // Of incoming webhooks, as plain text (docs.slack.dev/messaging/sending-messages-using-incoming-webhooks).
    invalid_token: denied('Store the token of the incoming webhook again.'),
    no_service: { ...missing, hint: 'The incoming webhook was removed or is switched off.' },
    no_service_id: missing,
    no_team: missing,
    not_in_channel: { code: 'IF_ERR_ACTION_FAILED', hint: 'Invite the bot to the channel first.' },
    already_reacted: { code: 'IF_ERR_ALREADY_EXISTS' },
    ratelimited: limited,
    rate_limited: limited,
    internal_error: broken,
    fatal_error: broken,
    service_unavailable: broken,
    team_added_to_org: { code: 'IF_ERR_PROVIDER_UNAVAILABLE', outcome: 'not-done' },
    // The body arrived cut off, so nothing was done (docs.slack.dev/reference/methods, errors of every method).
    request_timeout: { code: 'IF_ERR_PROVIDER_UNAVAILABLE', outcome: 'not-done' },
  }),
)

export function slackFault(response: IncomingResponse): Fault | undefined {
  const body = objectIn(response)
  const error = textOf(body.error) ?? plainError(response)
  if (response.status === 429) {
    const wait = retryAfterMs(response)
    return {
      ...limited,
      message: 'Slack limits the rate of this method',
      vendorCode: error ?? 'ratelimited',
      ...(wait === undefined ? {} : { retryAfterMs: wait }),
    }
  }
  if (response.status >= 500) {
    return { ...broken, message: `Slack answered ${response.status}`, ...(error ? { vendorCode: error } : {}) }
  }
  if (body.ok === true || (response.status < 400 && body.ok === undefined)) return undefined

  const meaning: Meaning = (error !== undefined && MEANINGS.get(error)) || { code: 'IF_ERR_ACTION_FAILED' }
  const needed = textOf(body.needed)
  const hint = needed ? `The token needs the scope ${needed}; it has ${textOf(body.provided) ?? 'none'}.` : meaning.hint
  return {
    ...meaning,
    message: `Slack answered ${error ?? response.status}${detailOf(body.response_metadata)}`,
    ...(hint ? { hint } : {}),
    ...(error ? { vendorCode: error } : {}),
  }
}

/** Incoming webhooks answer failures with a word of plain text. */
const plainError = ({ status, text }: IncomingResponse): string | undefined =>
  status >= 400 ? /^[a-z_]{2,60}$/.exec(text.trim())?.[0] : undefined

/** `response_metadata.messages` says which argument was wrong. */
function detailOf(metadata: unknown): string {
  const messages = (metadata as { messages?: unknown } | null | undefined)?.messages
  return Array.isArray(messages) && messages.length > 0 ? `: ${messages.join('; ').slice(0, 300)}` : ''
}
