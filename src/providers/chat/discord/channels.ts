// Channels belong to servers, so a list of all of them asks for the servers first.
import { type FurtherRequest, get, type JsonValue, readAs, type StepAnswer } from '../../../adapter/index.ts'
import { channelsAnswer, furtherGuilds, GUILDS_PAGE, guildsAnswer, toChannels } from './shapes.ts'

interface ChannelList {
  channels: { id: string; name: string }[]
}

/** Channels of every server that the bot is in, until there are enough. */
export function* channelsEverywhere(
  limit: number,
  first: JsonValue,
): Generator<FurtherRequest, ChannelList, StepAnswer> {
  const channels: ChannelList['channels'] = []
  for (let page: JsonValue = first; ; ) {
    for (const { id } of readAs(guildsAnswer, page)) {
      if (channels.length >= limit) return { channels: channels.slice(0, limit) }
      const answer = yield { request: get('/guilds/{guild_id}/channels', { path: { guild_id: id } }), reads: true }
      channels.push(...toChannels(readAs(channelsAnswer, answer.body)))
    }
    const next = furtherGuilds(page)
    if (!next) return { channels: channels.slice(0, limit) }
    const request = get('/users/@me/guilds', { query: { limit: GUILDS_PAGE, ...next.query } })
    page = (yield { request, reads: true }).body
  }
}
