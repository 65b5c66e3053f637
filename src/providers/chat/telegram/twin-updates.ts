// What has happened to the twin's bot, by asking or by webhook; the twin tells where it would deliver, and delivers nothing.
import type { JsonObject, JsonValue, TwinAnswer, TwinCall, TwinState } from '../../../adapter/index.ts'
import { badRequest, done, parametersOf, refuse, structured, succeed, text } from './twin-shapes.ts'

const OPENED = 1_764_079_200
export const TWIN_CHATS = {
  person: '5000000101',
  group: '-1005000000201',
  channel: '-1005000000301',
  moved: '-5000000401',
  blocker: '5000000501',
}

const ADA: JsonObject = { id: 5000000101, is_bot: false, first_name: 'Ada', username: 'ada_twin' }

export function seedChats(state: TwinState): void {
  const chats: JsonObject[] = [
    { id: 5000000101, type: 'private', first_name: 'Ada', username: 'ada_twin' },
    { id: -1005000000201, type: 'supergroup', title: 'Studio', is_forum: true },
    { id: -1005000000301, type: 'channel', title: 'Showtime', username: 'showtime_twin' },
    { id: -5000000401, type: 'group', title: 'Studio', moved: -1005000000201 },
    { id: 5000000501, type: 'private', first_name: 'Grace', blocked: true },
  ]
  for (const chat of chats) state('chats').set(text(chat.id), chat)
  const file: JsonObject = {
    file_id: 'BQACAgIAAx_seed',
    file_unique_id: 'AgADseed',
    file_name: 'rider.txt',
    mime_type: 'text/plain',
    file_size: 9,
  }
  state('files').set('BQACAgIAAx_seed', {
    ...file,
    file_path: 'documents/file_0.txt',
    base64: Buffer.from('no smoke!').toString('base64'),
  })
  const said: JsonObject[] = [{ text: 'When does it start?' }, { document: file }]
  for (const [at, content] of said.entries()) {
    const message: JsonObject = {
      message_id: at + 1,
      from: ADA,
      chat: chats[0] ?? {},
      date: OPENED + at,
      ...content,
    }
    state('messages').set(`${text(ADA.id)}/${at + 1}`, message)
    state('updates').set(String(10_001 + at), { update_id: 10_001 + at, message })
  }
}

const HOOK = 'hook'

/** An offset confirms all that came before it; a negative one counts from the end. */
export function getUpdates(call: TwinCall): TwinAnswer {
  if (call.state('webhooks').has(HOOK)) {
    return refuse(
      409,
      "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first",
    )
  }
  const given = parametersOf(call)
  const updates = call.state('updates')
  const offset = Number(text(given.offset) || 0)
  const first = offset < 0 ? Number([...updates.keys()].at(offset) ?? 0) : offset
  for (const key of [...updates.keys()]) if (Number(key) < first) updates.delete(key)
  const limit = Math.min(Number(text(given.limit)) || 100, 100)
  return succeed([...updates.values()].slice(0, limit))
}

export function setWebhook(call: TwinCall): TwinAnswer {
  const { url, secret_token, max_connections, allowed_updates, drop_pending_updates } = parametersOf(call)
  const address = text(url)
  if (address === '') return deleteWebhook(call)
  if (!URL.canParse(address) || new URL(address).protocol !== 'https:') {
    return badRequest('bad webhook: An HTTPS URL must be provided for webhook')
  }
  if (!['', '443', '80', '88', '8443'].includes(new URL(address).port)) {
    return badRequest('bad webhook: Webhook can be set up only on ports 80, 88, 443 or 8443')
  }
  if (!/^[\w-]{0,256}$/.test(text(secret_token))) return badRequest('secret token contains unallowed characters')
  const kinds = structured(allowed_updates)
  if (text(drop_pending_updates) === 'true') call.state('updates').clear()
  call.state('webhooks').set(HOOK, {
    url: address,
    max_connections: Number(text(max_connections)) || 40,
    ...(isNamed(kinds) ? { allowed_updates: kinds } : {}),
  })
  return done('Webhook was set')
}

const isNamed = (kinds: JsonValue | undefined): kinds is JsonValue[] => Array.isArray(kinds) && kinds.length > 0

export function deleteWebhook(call: TwinCall): TwinAnswer {
  const had = call.state('webhooks').delete(HOOK)
  if (text(parametersOf(call).drop_pending_updates) === 'true') call.state('updates').clear()
  return done(had ? 'Webhook was deleted' : 'Webhook is already deleted')
}

export const webhookInfo = ({ state }: TwinCall): TwinAnswer => {
  const hook = state('webhooks').get(HOOK)
  return succeed({
    url: '',
    ...hook,
    has_custom_certificate: false,
    pending_update_count: state('updates').size,
  })
}
