// One event of an answer that streams, and the most that one may hold: a stream is endless by its nature, an event is not.
import { FabricError } from '../foundation/index.ts'
import type { StreamEvent } from './definition.ts'
import { decodeJson } from './json.ts'

/** Characters of one event. */
export const MAX_EVENT_LENGTH = 1024 * 1024

/** The event with the JSON in it, where it is JSON. */
export function streamEvent(event: string, data: string): StreamEvent {
  if (data.length > MAX_EVENT_LENGTH) throw eventTooLarge()
  try {
    return { event, data, json: decodeJson(data) }
  } catch {
    return { event, data } // text, such as [DONE]
  }
}

export const eventTooLarge = (): FabricError =>
  new FabricError('IF_ERR_BAD_RESPONSE', `an event of the stream is longer than ${MAX_EVENT_LENGTH} characters`, {
    hint: 'The provider, or something on the way to it, does not answer as its documentation says.',
  })
