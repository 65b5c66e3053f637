// What the twin of S3 keeps of an object.
import { type JsonObject, sha256Hex, type TwinCall, type TwinState } from '../../../../adapter/index.ts'

export interface Kept extends JsonObject {
  base64: string
  contentType: string
  etag: string
  changedAt: string
  /** Names without `x-amz-meta-`. */
  metadata: Record<string, string>
}

export const objectsOf = (state: TwinState, bucket: string): Map<string, JsonObject> => state(`objects of ${bucket}`)

export const keptAt = (state: TwinState, { bucket, key }: { bucket: string; key: string }): Kept | undefined =>
  objectsOf(state, bucket).get(key) as Kept | undefined // only keep() and copies of what it made are put there

/** Stores bytes under what the headers say of them. */
export function keep(
  call: Pick<TwinCall, 'state' | 'headers' | 'now'>,
  { bucket, key }: { bucket: string; key: string },
  bytes: Uint8Array,
  etag = etagOf(bytes),
): Kept {
  const kept: Kept = {
    base64: Buffer.from(bytes).toString('base64'),
    contentType: call.headers['content-type'] ?? 'binary/octet-stream',
    etag,
    changedAt: new Date(call.now).toISOString(),
    metadata: metadataIn(call.headers),
  }
  objectsOf(call.state, bucket).set(key, kept)
  return kept
}

export const metadataIn = (headers: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      name.startsWith('x-amz-meta-') ? [[name.slice('x-amz-meta-'.length), value]] : [],
    ),
  )

export const validatorsOf = ({ contentType, etag, changedAt, metadata }: Kept): Record<string, string> => ({
  'content-type': contentType,
  etag,
  'last-modified': new Date(changedAt).toUTCString(),
  'accept-ranges': 'bytes',
  ...Object.fromEntries(Object.entries(metadata).map(([name, value]) => [`x-amz-meta-${name}`, value])),
})

/** Of the content, and the same for the same. Which digest it is S3 leaves open for encrypted objects. */
export const etagOf = (bytes: Uint8Array): string => `"${sha256Hex(bytes).slice(0, 32)}"`
