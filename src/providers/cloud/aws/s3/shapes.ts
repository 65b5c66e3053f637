// What S3 answers, as far as it is read, and the pieces of requests that several operations share.
import {
  type Cost,
  type JsonObject,
  type JsonValue,
  listOf,
  type OperationCall,
  readAs,
  unsupported,
  utcTime,
  z,
} from '../../../../adapter/index.ts'

export const BUCKET = '/{bucket}'
export const OBJECT = '/{bucket}/{key+}'
export const XMLNS = 'http://s3.amazonaws.com/doc/2006-03-01/'

/** Names that S3 itself refuses are left to it. */
export const bucket = z.string().min(1).max(255).describe('Name of the bucket.')
export const key = z.string().min(1).max(1024).describe('Key of the object; slashes are kept.')
export const metadata = z
  .record(z.string().regex(/^[A-Za-z0-9_-]+$/), z.string().regex(/^[\x20-\x7e]*$/, 'expected plain ASCII text'))
  .describe('Words of your own about the object, ASCII, 2 KB in all.')
export const content = z.strictObject({
  body: z.string().optional().describe('The content, as UTF-8 text.'),
  base64: z.base64().optional().describe('The content, as bytes in base64, in place of body.'),
})

export const priced = (what: string) => (): Cost => ({
  kind: 'unknown',
  why: `${what} is priced by region and storage class (aws.amazon.com/s3/pricing)`,
})

/** The body that leaves; without a type of its own it is only bytes. */
export function rawBody(given: {
  body?: string | undefined
  base64?: string | undefined
  contentType?: string | undefined
}) {
  const { body, base64, contentType = 'application/octet-stream' } = given
  if (!/^[\x20-\x7e]+$/.test(contentType)) {
    throw unsupported(`${JSON.stringify(contentType)} is not a content type`, 'Give a MIME type such as text/plain.')
  }
  return { raw: { value: base64 === undefined ? (body ?? '') : Buffer.from(base64, 'base64'), contentType } }
}

export const metadataHeaders = (given: Readonly<Record<string, string>> | undefined): Record<string, string> =>
  Object.fromEntries(Object.entries(given ?? {}).map(([name, value]) => [`x-amz-meta-${name.toLowerCase()}`, value]))

const listed = z.object({
  ListBucketResult: z.object({
    IsTruncated: z.string().optional(),
    NextContinuationToken: z.string().optional(),
    EncodingType: z.string().optional(),
    Contents: z.json().optional().transform(listOf),
  }),
})
/** Keys in lists are encoded like a form, as XML cannot carry all of them. */
const encodedKey = z.string().transform((text, context) => {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '))
  } catch {
    context.addIssue('the key is not encoded as S3 does it')
    return z.NEVER
  }
})
const listedObject = z.object({
  Key: z.string(),
  Size: z.string().regex(/^\d+$/).transform(Number),
  ETag: z.string().optional(),
  LastModified: utcTime.optional(),
})

export function objectsIn(body: JsonValue) {
  const { Contents, EncodingType } = readAs(listed, body).ListBucketResult
  return Contents.map((item) => {
    const { Key, Size, ETag, LastModified } = readAs(listedObject, item)
    return {
      key: EncodingType === 'url' ? readAs(encodedKey, Key) : Key,
      size: Size,
      etag: ETag ?? null,
      changedAt: LastModified ?? null,
    }
  })
}

export function nextPage(body: JsonValue) {
  const { IsTruncated, NextContinuationToken: token } = readAs(listed, body).ListBucketResult
  return IsTruncated === 'true' && token !== undefined ? { query: { 'continuation-token': token } } : undefined
}

/**
 * What stands under a key: a list whose first item, in the order of S3, is the key itself if anything stands there. A HEAD
 * would do as well, but fails where nothing does.
 */
export const lookAt = (at: { bucket: string; key: string }): OperationCall => ({
  operation: 'object.list',
  input: { bucket: at.bucket, prefix: at.key, limit: 1 },
})

const known = z.object({ objects: z.array(z.object({ key: z.string(), etag: z.string().nullable() })) })

/** The object under the key in what `lookAt` read; undefined where none is, or nothing was read. */
export const standingAt = (read: JsonObject | undefined, at: string) =>
  known.safeParse(read).data?.objects.find((item) => item.key === at)

/** Takes back a write to a key under which nothing stood. What it replaced nobody can bring back. */
export const removeNew = (
  at: { bucket: string; key: string },
  before: JsonObject | undefined,
): OperationCall | undefined =>
  known.safeParse(before).success && !standingAt(before, at.key)
    ? { operation: 'object.delete', input: { bucket: at.bucket, key: at.key } }
    : undefined

export const UNDO_OF_WRITE = 'object.delete of a new object; one that was replaced is not brought back'

/** S3 reads what was just written (userguide/Welcome.html#ConsistencyModel), lists included. */
export const showsWritten = (at: { bucket: string; key: string }, etag: string | null | undefined) =>
  etag === undefined
    ? undefined
    : {
        ...lookAt(at),
        holds: (read: JsonObject) => {
          const found = standingAt(read, at.key)
          return found !== undefined && (etag === null || found.etag === etag)
        },
        consistency: 'immediate' as const,
      }
