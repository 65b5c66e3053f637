// An answer that came whole although a stream was asked for: an error inside HTTP 200, mostly, or a vendor that does not
// stream what it was asked.
import type { IncomingResponse, StreamResult } from '../egress/index.ts'
import { FabricError } from '../foundation/index.ts'
import type { StreamKind } from './request.ts'

const MAX_BYTES = 16 * 1024 * 1024

/** Whether the answer is no stream. Lines of JSON can't be told from JSON by their type, so they always are. */
export function isWhole(kind: StreamKind, headers: Readonly<Record<string, string>>): boolean {
  const type = headers['content-type']?.split(';')[0]?.trim().toLowerCase()
  return kind === 'sse' && type !== undefined && type !== 'text/event-stream' && NO_STREAM.test(type)
}

/** Some servers give a stream no type, or a wrong one; these are surely none. */
const NO_STREAM = /^(application\/(.*\+)?(json|xml)|text\/(html|xml))$/

/** The answer with its body; IF_ERR_BAD_RESPONSE beyond 16 MiB. */
export async function wholeAnswer(
  { status, headers, chunks }: Extract<StreamResult, { kind: 'stream' }>,
  name: string,
): Promise<IncomingResponse> {
  const pieces: Uint8Array[] = []
  let size = 0
  for await (const chunk of chunks) {
    size += chunk.length
    if (size > MAX_BYTES)
      throw new FabricError('IF_ERR_BAD_RESPONSE', `${name}: the answer is larger than ${MAX_BYTES} bytes`)
    pieces.push(chunk)
  }
  const body = Buffer.concat(pieces)
  return { status, headers, body, text: body.toString('utf8') }
}
