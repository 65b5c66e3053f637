// Objects, as the vocabulary has them.
import {
  del,
  get,
  type JsonObject,
  knownExtras,
  type ProviderDefinition,
  put,
  unsupported,
} from '../../../../adapter/index.ts'
import * as sample from './examples.ts'
import {
  BUCKET,
  lookAt,
  metadata,
  metadataHeaders,
  nextPage,
  OBJECT,
  objectsIn,
  priced,
  rawBody,
  removeNew,
  showsWritten,
  standingAt,
  UNDO_OF_WRITE,
} from './shapes.ts'

// Nothing here changes who may read an object: access is a matter of its own.
const HEADERS = [
  'Cache-Control',
  'Content-Disposition',
  'Content-Encoding',
  'Content-Language',
  'Expires',
  'x-amz-storage-class',
  'x-amz-tagging',
  'x-amz-server-side-encryption',
  'x-amz-server-side-encryption-aws-kms-key-id',
]

/** Vendor headers and `metadata` out of the extras. */
function headersIn(extras: JsonObject | undefined): Record<string, string> {
  const { metadata: words = {}, ...headers } = knownExtras(extras, [...HEADERS, 'metadata'])
  const parsed = metadata.safeParse(words)
  if (!parsed.success) {
    throw unsupported(
      'native.metadata is not text by name',
      'Names of letters, digits, _ and -; values in plain ASCII.',
    )
  }
  for (const [name, value] of Object.entries(headers)) {
    if (typeof value === 'string' && /^[\x20-\x7e]+$/.test(value) && !/aws-chunked/i.test(value)) continue
    throw unsupported(`native.${name}: ${JSON.stringify(value)} cannot be sent`, 'A header is plain ASCII text.')
  }
  return { ...(headers as Record<string, string>), ...metadataHeaders(parsed.data) } // each was looked at above
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

function textOf(bytes: Uint8Array): string | null {
  try {
    return utf8.decode(bytes)
  } catch {
    return null // bytes that are no text
  }
}

function rangeOf({ from, until }: { from?: number | undefined; until?: number | undefined }): Record<string, string> {
  if (from === undefined && until === undefined) return {}
  const start = from ?? 0
  if (until !== undefined && until < start) {
    throw unsupported(
      `bytes ${start} to ${until} are none`,
      'S3 would answer with the whole object: give until ≥ from.',
    )
  }
  return { Range: `bytes=${start}-${until ?? ''}` }
}

export const objects: ProviderDefinition['operations'] = {
  'object.put': {
    summary: 'Store an object, replacing one under the same key.',
    effect: 'create',
    labels: { reads: 'public', returns: 'trusted', sends: 'external' },
    scope: 's3:PutObject',
    idempotent: true,
    request: ({ bucket, key, native: extras, ...content }) =>
      put(OBJECT, { path: { bucket, key }, headers: headersIn(extras), ...rawBody(content), answer: 'empty' }),
    result: (_body, { input, headers }) => ({ bucket: input.bucket, key: input.key, etag: headers.etag ?? null }),
    cost: priced('a put, and what it stores,'),
    before: lookAt,
    undo: ({ input, before }) => removeNew(input, before),
    undoLabel: UNDO_OF_WRITE,
    verify: ({ input, result }) => showsWritten(input, result?.etag),
    examples: [
      {
        input: { bucket: 'reports', key: '2026/november.txt', body: 'All quiet.', contentType: 'text/plain' },
        headers: { etag: sample.ETAG },
        response: null,
      },
      {
        input: {
          bucket: 'reports',
          key: 'logo.png',
          base64: 'iVBORw0KGgo=',
          contentType: 'image/png',
          native: { 'Cache-Control': 'max-age=60', metadata: { source: 'press-kit' } },
        },
        headers: { etag: sample.ETAG },
        response: null,
      },
    ],
  },
  'object.get': {
    summary: 'Read an object.',
    effect: 'read',
    labels: { reads: 'private', returns: 'untrusted', sends: 'none' },
    scope: 's3:GetObject',
    request: ({ bucket, key, ...range }) =>
      get(OBJECT, { path: { bucket, key }, headers: rangeOf(range), answer: 'bytes' }),
    result: (body, { input, headers }) => {
      const bytes = Buffer.from(String(body), 'base64')
      return {
        bucket: input.bucket,
        key: input.key,
        contentType: headers['content-type'] ?? null,
        size: bytes.length,
        etag: headers.etag ?? null,
        body: textOf(bytes),
        base64: bytes.toString('base64'),
      }
    },
    cost: priced('a get, and what it transfers,'),
    examples: [
      {
        input: { bucket: 'reports', key: '2026/november.txt' },
        headers: { etag: sample.ETAG, 'content-type': 'text/plain', 'last-modified': sample.HTTP_DATE },
        response: 'QWxsIHF1aWV0Lg==',
      },
      {
        input: { bucket: 'reports', key: '2026/november.txt', from: 0, until: 2 },
        status: 206,
        headers: { etag: sample.ETAG, 'content-type': 'text/plain', 'content-range': 'bytes 0-2/10' },
        response: 'QWxs',
      },
    ],
  },
  'object.list': {
    summary: 'List objects by key.',
    effect: 'read',
    labels: { reads: 'private', returns: 'untrusted', sends: 'none' },
    scope: 's3:ListBucket',
    request: ({ bucket, prefix, limit }) =>
      get(BUCKET, {
        path: { bucket },
        query: {
          'list-type': 2,
          'encoding-type': 'url',
          'max-keys': Math.min(limit, 1000),
          prefix: prefix === '' ? undefined : prefix,
        },
        answer: 'xml',
      }),
    result: (body) => ({ objects: objectsIn(body) }),
    pages: { field: 'objects', next: nextPage },
    cost: priced('a list of up to 1,000 keys'),
    examples: [{ input: { bucket: 'reports', prefix: '2026/', limit: 100 }, response: sample.list() }],
  },
  'object.delete': {
    summary: 'Delete an object; one that is not there is no error.',
    effect: 'delete',
    labels: { reads: 'public', returns: 'trusted', sends: 'none' },
    scope: 's3:DeleteObject',
    idempotent: true,
    request: ({ bucket, key }) => del(OBJECT, { path: { bucket, key }, answer: 'empty' }),
    result: (_body, { input }) => ({ bucket: input.bucket, key: input.key }),
    cost: 'free', // "DELETE requests … no charge" (aws.amazon.com/s3/faqs)
    undo: {
      none: 'S3 keeps no deleted object, unless the bucket keeps versions: then delete the marker in the console.',
    },
    verify: ({ input }) => ({
      ...lookAt(input),
      holds: (read) => standingAt(read, input.key) === undefined,
      consistency: 'immediate',
    }),
    examples: [{ input: { bucket: 'reports', key: '2026/november.txt' }, status: 204, response: null }],
  },
}
