// The `aws-chunked` coding, in which AWS clients send a body with its checksum behind it: the content in chunks, each with
// its size in hex and perhaps a signature, then trailers. https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html
import { Refusal } from './refusal.ts'

/** The content of a body; one in another coding is its own content. */
export function contentOf(headers: Readonly<Record<string, string>>, bytes: Uint8Array): Uint8Array {
  const codings = (headers['content-encoding'] ?? '').split(',').map((coding) => coding.trim())
  return codings.includes('aws-chunked') ? joinChunks(Buffer.from(bytes)) : bytes
}

function joinChunks(body: Buffer): Buffer {
  const chunks: Buffer[] = []
  let at = 0
  for (;;) {
    const end = body.indexOf('\r\n', at)
    const size = /^([\da-f]+)(;.*)?$/i.exec(body.toString('latin1', at, Math.max(at, end)))?.[1]
    if (size === undefined) throw new Refusal('invalid', 'the aws-chunked body is malformed')
    const start = end + 2
    const length = Number.parseInt(size, 16)
    if (length === 0) return Buffer.concat(chunks)
    at = start + length + 2
    if (at > body.length) throw new Refusal('invalid', 'the aws-chunked body ends early')
    chunks.push(body.subarray(start, start + length))
  }
}
