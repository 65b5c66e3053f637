// Unpacks compressed bodies within the same limit that holds for plain ones, so that a small answer cannot unfold into
// one that fills the memory.
import { Readable, type Transform } from 'node:stream'
import { promisify } from 'node:util'
import { brotliDecompress, createBrotliDecompress, createGunzip, createInflate, gunzip, inflate } from 'node:zlib'
import { FabricError } from '../foundation/index.ts'

/** What the door asks for where the request does not say. */
export const ACCEPT_ENCODING = 'gzip, br'
/** The same of a stream: packing would hold back what should arrive at once. */
export const ACCEPT_STREAM_ENCODING = 'identity'

const DECODERS = {
  gzip: promisify(gunzip),
  'x-gzip': promisify(gunzip),
  br: promisify(brotliDecompress),
  deflate: promisify(inflate),
} as const

export interface DecodeOptions {
  /** Value of content-encoding. */
  encoding: string | undefined
  maxBodyBytes: number
  host: string
}

/** The body without its content encoding; IF_ERR_BAD_RESPONSE where it is broken, unknown or too large. */
export async function decodeBody(body: Buffer, { encoding, maxBodyBytes, host }: DecodeOptions): Promise<Buffer> {
  const name = encodingName(encoding, host)
  if (name === undefined || body.length === 0) return body
  try {
    return await DECODERS[name](body, { maxOutputLength: maxBodyBytes })
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') throw bodyTooLarge(host, maxBodyBytes)
    throw badBody(host, `the ${name} data of the answer is broken`)
  }
}

type Encoding = keyof typeof DECODERS

/** Of a value of content-encoding; undefined where there is nothing to unpack. */
export function encodingName(encoding: string | undefined, host: string): Encoding | undefined {
  const name = encoding?.trim().toLowerCase()
  if (!name || name === 'identity') return undefined
  if (isKnown(name)) return name
  // The name is the host's own text and could hold anything, so it is not repeated.
  throw badBody(host, 'the answer is encoded in a way that was not asked for')
}

/** Unpacks while it comes, in pieces of at most 16 KiB, and no faster than they are taken. */
export async function* unpack(
  packed: AsyncIterable<Buffer>,
  { name, host }: { name: Encoding; host: string },
): AsyncGenerator<Buffer> {
  const source = Readable.from(packed, { highWaterMark: 1 })
  const decoder = UNPACKERS[name]()
  source.once('error', (thrown) => decoder.destroy(thrown))
  try {
    yield* source.pipe(decoder)
  } catch (thrown) {
    const code = String((thrown as NodeJS.ErrnoException).code)
    throw /^(Z_|ERR_(_)?(ZLIB|BROTLI|PADDING)|ERR__ERROR)/.test(code)
      ? badBody(host, `the ${name} data of the answer is broken`)
      : thrown
  } finally {
    source.destroy()
    decoder.destroy()
  }
}

const UNPACKERS: Record<Encoding, () => Transform> = {
  gzip: createGunzip,
  'x-gzip': createGunzip,
  br: createBrotliDecompress,
  deflate: createInflate,
}

export const bodyTooLarge = (host: string, maxBodyBytes: number): FabricError =>
  badBody(host, `the answer is larger than the ${maxBodyBytes} bytes allowed`)

const isKnown = (name: string): name is Encoding => Object.hasOwn(DECODERS, name)

const badBody = (host: string, problem: string): FabricError =>
  new FabricError('IF_ERR_BAD_RESPONSE', `${host}: ${problem}`, { retryable: false, details: { host } })
