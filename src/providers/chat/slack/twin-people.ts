// What Slack's twin does for one person or for later: scheduled and ephemeral messages, and people by e-mail.
import type { TwinAnswer, TwinCall, TwinState } from '../../../adapter/index.ts'
import { USER } from './examples.ts'
import { BOT, channelOf, nextTs, ok, parametersOf, refuse, text } from './twin-workspace.ts'

const DAYS_120 = 120 * 86_400

export const seedPeople = (state: TwinState): void => void state('users').set(text(USER.id), USER)

export function schedule(call: TwinCall): TwinAnswer {
  const given = parametersOf(call)
  const channel = channelOf(call, text(given.channel), true)
  if (channel === undefined) return refuse('channel_not_found')
  if (!text(given.text) && !text(given.blocks) && !text(given.attachments)) return refuse('no_text')
  const postAt = Number(text(given.post_at))
  const now = Math.floor(call.now / 1000)
  if (!Number.isInteger(postAt) || postAt <= 0) return refuse('invalid_time')
  if (postAt <= now) return refuse('time_in_past')
  if (postAt > now + DAYS_120) return refuse('time_too_far')
  const id = `Q${(/\d+$/.exec(call.nextId('q'))?.[0] ?? '1').padStart(10, '0')}`
  call.state('scheduled').set(id, { id, channel, text: text(given.text), postAt })
  return ok({
    channel,
    scheduled_message_id: id,
    post_at: postAt,
    message: { type: 'message', text: text(given.text), user: BOT.user, bot_id: BOT.bot, team: BOT.team },
  })
}

export function unschedule(call: TwinCall): TwinAnswer {
  const given = parametersOf(call)
  const id = text(given.scheduled_message_id)
  const found = call.state('scheduled').get(id)
  if (!found || found.channel !== text(given.channel) || Number(found.postAt) * 1000 <= call.now) {
    return refuse('invalid_scheduled_message_id')
  }
  call.state('scheduled').delete(id)
  return ok({})
}

export function postEphemeral(call: TwinCall): TwinAnswer {
  const given = parametersOf(call)
  const channel = channelOf(call, text(given.channel))
  if (channel === undefined) return refuse('channel_not_found')
  if (!text(given.text) && !text(given.blocks)) return refuse('no_text')
  if (!call.state('users').has(text(given.user))) return refuse('user_not_in_channel')
  const ts = nextTs(call)
  call.state('ephemeral').set(ts, { channel, user: text(given.user), text: text(given.text) })
  return ok({ message_ts: ts })
}

export function lookupByEmail(call: TwinCall): TwinAnswer {
  const email = text(parametersOf(call).email).toLowerCase()
  const found = [...call.state('users').values()].find(
    ({ profile }) => (profile as { email?: string } | undefined)?.email === email,
  )
  return found ? ok({ user: found }) : refuse('users_not_found')
}
