// Unpacks compressed bodies within the same limit that holds for plain ones, so that a small answer cannot unfold into
// one that fills the memory.
import { promisify } from 'node:util'
import { brotliDecompress, gunzip, inflate } from 'node:zlib'
import { FabricError } from '../foundation/index.ts'

/** What the door asks for where the request does not say. */
export const ACCEPT_ENCODING = 'gzip, br'

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
  const name = encoding?.trim().toLowerCase()
  if (!name || name === 'identity' || body.length === 0) return body
  // The name is the host's own text and could hold anything, so it is not repeated.
  if (!isKnown(name)) throw badBody(host, 'the answer is encoded in a way that was not asked for')
  try {
    return await DECODERS[name](body, { maxOutputLength: maxBodyBytes })
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') throw bodyTooLarge(host, maxBodyBytes)
    throw badBody(host, `the ${name} data of the answer is broken`)
  }
}

export const bodyTooLarge = (host: string, maxBodyBytes: number): FabricError =>
  badBody(host, `the answer is larger than the ${maxBodyBytes} bytes allowed`)

const isKnown = (name: string): name is keyof typeof DECODERS => Object.hasOwn(DECODERS, name)

const badBody = (host: string, problem: string): FabricError =>
  new FabricError('IF_ERR_BAD_RESPONSE', `${host}: ${problem}`, { retryable: false, details: { host } })
