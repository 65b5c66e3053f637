// A body as it leaves: bytes, or pieces with places that are filled later.
import type { BodyPiece } from '../egress/index.ts'

/** A piece of a body that leaves with it, or the place of the idempotency key, cut to `key` characters. */
export type EncodedPiece = BodyPiece | { key: number }

export interface EncodedBody {
  contentType: string
  /** Undefined where the body has places to be filled: then `pieces` is it. */
  body?: string | Uint8Array
  pieces?: readonly EncodedPiece[]
  /** The same as text, undefined where it holds bytes that are not text. */
  text: string | undefined
  /** Of multipart. */
  boundary?: string
}
