// Answers of one JSON value a line, read as they come. Blank lines are passed over; a line that is no JSON ends it, as
// nothing after it could be trusted.
import { FabricError } from '../foundation/index.ts'
import type { StreamEvent } from './definition.ts'
import { eventTooLarge, MAX_EVENT_LENGTH, streamEvent } from './stream-event.ts'

/** Each line as an event without a name; the last one may lack its line end. */
export async function* readNdjson(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<StreamEvent, void, undefined> {
  const decoder = new TextDecoder()
  const line = new Line()
  for await (const chunk of chunks) {
    const texts = decoder.decode(chunk, { stream: true }).split('\n')
    const rest = texts.pop() ?? ''
    for (const text of texts) {
      line.add(text)
      yield* eventIn(line.take())
    }
    line.add(rest)
  }
  line.add(decoder.decode())
  yield* eventIn(line.take())
}

/** A line that comes in pieces. */
class Line {
  #pieces: string[] = []
  #length = 0

  add(piece: string): void {
    this.#length += piece.length
    if (this.#length > MAX_EVENT_LENGTH) throw eventTooLarge()
    this.#pieces.push(piece)
  }

  take(): string {
    const text = this.#pieces.join('')
    this.#pieces = []
    this.#length = 0
    return text
  }
}

function eventIn(line: string): StreamEvent[] {
  const data = line.trim()
  if (data === '') return []
  const event = streamEvent('', data)
  if (event.json !== undefined) return [event]
  const start = JSON.stringify(data.length > 80 ? `${data.slice(0, 79)}…` : data)
  throw new FabricError('IF_ERR_BAD_RESPONSE', `a line of the stream is not JSON: ${start}`, {
    hint: 'The provider, or something on the way to it, does not answer as its documentation says.',
  })
}
