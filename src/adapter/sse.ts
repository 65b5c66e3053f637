// Server-sent events (WHATWG HTML, 9.2.6) in all their dialects: line ends of any kind, a byte order mark, comments, data
// over several lines, characters cut by chunks, a last event that its server forgot to end. Bounded: see stream-event.ts.
import { createParser } from 'eventsource-parser'
import type { StreamEvent } from './definition.ts'
import { eventTooLarge, MAX_EVENT_LENGTH, streamEvent } from './stream-event.ts'

/** The events of a `text/event-stream`, each as soon as it is whole. */
export async function* readSse(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<StreamEvent, void, undefined> {
  const decoder = new TextDecoder() // takes the byte order mark away
  const lines = new LineEnds()
  const ready: StreamEvent[] = []
  const parser = createParser({
    maxBufferSize: MAX_EVENT_LENGTH,
    onEvent: ({ event = '', data }) => void ready.push(streamEvent(event, data)),
    onError: ({ type }) => {
      // Fields that it does not know are passed over, as the standard wants it.
      if (type === 'max-buffer-size-exceeded') throw eventTooLarge()
    },
  })
  for await (const chunk of chunks) {
    parser.feed(lines.unified(decoder.decode(chunk, { stream: true })))
    yield* ready.splice(0)
  }
  parser.feed(`${lines.unified(decoder.decode())}\n\n`)
  yield* ready
}

/** The parser waits after a CR for the LF that may follow, and an event with it; so CR and CRLF become LF before. */
class LineEnds {
  #endedInReturn = false

  unified(text: string): string {
    if (text === '') return text
    const rest = this.#endedInReturn && text.startsWith('\n') ? text.slice(1) : text
    this.#endedInReturn = text.endsWith('\r')
    return rest.includes('\r') ? rest.replace(/\r\n?/g, '\n') : rest
  }
}
