// The chunks of an answer as they are handed out: unpacked, scrubbed, and broken off with coded errors. Nothing is held
// back but what may be the beginning of a secret.
import { FabricError } from '../foundation/index.ts'
import { encodingName, unpack } from './decode.ts'
import { faultOf, withCallDetails } from './faults.ts'
import type { Flow } from './flow.ts'
import type { Attempt, StreamResult } from './port.ts'
import type { Scrubber } from './scrub.ts'

/** A stream with what the door needs to end it. */
export type OpenStream = StreamResult & { kind: 'stream' } & {
  /** Resolves when the connection has no more part in it. */
  closed: Promise<void>
  /** Breaks it off at once; whoever reads it gets the error. */
  cut(error: FabricError): void
}

export interface StreamHead {
  host: string
  status: number
  headers: Record<string, string>
  flow: Flow
}

export interface StreamReading {
  scrubber: Scrubber
  /** Left out where the answer tells secrets to its caller. */
  scrubs: boolean
  silenceMs: number
  attempts: Attempt[]
}

export function openStream({ host, status, headers: raw, flow }: StreamHead, reading: StreamReading): OpenStream {
  const { 'content-encoding': encoding, ...headers } = raw
  if (encoding !== undefined) delete headers['content-length'] // of the packed body
  const { scrubber, scrubs, attempts } = reading
  return {
    kind: 'stream',
    status,
    headers: scrubs ? scrubber.headers(headers) : headers,
    attempts,
    closed: flow.closed,
    cut: (error) => flow.cut(error),
    chunks: cuttable(readChunks({ host, encoding, flow }, reading), () => flow.cut(leftEarly(host))),
  }
}

/** Leaving the loop closes the connection at once, also where nothing was read yet. */
function cuttable(inner: AsyncGenerator<Uint8Array>, cut: () => void): AsyncIterable<Uint8Array> {
  const iterator: AsyncIterator<Uint8Array> = {
    next: () => inner.next(),
    return() {
      cut()
      return inner.return(undefined)
    },
  }
  return { [Symbol.asyncIterator]: () => iterator }
}

async function* readChunks(
  { host, encoding, flow }: { host: string; encoding: string | undefined; flow: Flow },
  { scrubber, scrubs, silenceMs, attempts }: StreamReading,
): AsyncGenerator<Uint8Array> {
  try {
    const name = encodingName(encoding, host)
    const packed = flowing(flow, { host, silenceMs })
    const plain = name === undefined ? packed : unpack(packed, { name, host })
    if (!scrubs) return yield* plain
    const scrub = scrubber.stream()
    for await (const chunk of plain) {
      const clean = scrub.push(chunk)
      if (clean.length > 0) yield clean
    }
    const rest = scrub.end()
    if (rest.length > 0) yield rest
  } catch (thrown) {
    const { error } = faultOf(thrown, host)
    throw withCallDetails(scrubber.error(error), { departure: 'may-have-left', attempts })
  } finally {
    flow.cut(leftEarly(host))
  }
}

async function* flowing(flow: Flow, { host, silenceMs }: { host: string; silenceMs: number }): AsyncGenerator<Buffer> {
  const silence = () =>
    new FabricError('IF_ERR_TIMEOUT', `${host}: nothing came for ${silenceMs} ms in the middle of the answer`, {
      details: { host },
    })
  for (let chunk = await flow.take(silenceMs, silence); chunk; chunk = await flow.take(silenceMs, silence)) yield chunk
}

const leftEarly = (host: string): FabricError =>
  new FabricError('IF_ERR_CANCELLED', `${host}: the reader left before the answer ended`, { details: { host } })
