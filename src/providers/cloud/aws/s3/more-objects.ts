// What S3 does with objects beyond the vocabulary: look, copy, and store only where nothing stands.
import { head, native, put, readAs, unsupported, z } from '../../../../adapter/index.ts'
import * as sample from './examples.ts'
import {
  bucket,
  content,
  key,
  lookAt,
  metadata,
  metadataHeaders,
  OBJECT,
  priced,
  rawBody,
  removeNew,
  showsWritten,
  UNDO_OF_WRITE,
} from './shapes.ts'

const written = z.object({ bucket, key, etag: z.string().nullable() })
const copied = z.object({ CopyObjectResult: z.object({ ETag: z.string() }) })

export const moreObjects = {
  'object.head': native({
    summary: 'Look at an object without reading it.',
    effect: 'read',
    labels: { reads: 'private', returns: 'untrusted', sends: 'none' },
    scope: 's3:GetObject',
    input: z.strictObject({ bucket, key }),
    output: z.object({
      bucket,
      key,
      size: z.int().min(0),
      contentType: z.string().nullable(),
      etag: z.string().nullable(),
      changedAt: z.iso.datetime().nullable(),
      storageClass: z.string().describe('STANDARD where S3 names none.'),
      versionId: z.string().nullable(),
      metadata: z.record(z.string(), z.string()),
    }),
    request: ({ bucket: name, key: at }) => head(OBJECT, { path: { bucket: name, key: at }, answer: 'empty' }),
    result: (_body, { input, headers }) => ({
      bucket: input.bucket,
      key: input.key,
      size: Number(headers['content-length']),
      contentType: headers['content-type'] ?? null,
      etag: headers.etag ?? null,
      changedAt: timeOf(headers['last-modified']),
      storageClass: headers['x-amz-storage-class'] ?? 'STANDARD',
      versionId: headers['x-amz-version-id'] ?? null,
      metadata: Object.fromEntries(
        Object.entries(headers).flatMap(([name, value]) =>
          name.startsWith('x-amz-meta-') ? [[name.slice('x-amz-meta-'.length), value]] : [],
        ),
      ),
    }),
    cost: priced('a look'),
    examples: [
      {
        input: { bucket: 'reports', key: '2026/november.txt' },
        headers: {
          'content-length': '10',
          'content-type': 'text/plain',
          etag: sample.ETAG,
          'last-modified': sample.HTTP_DATE,
          'x-amz-meta-source': 'press-kit',
        },
        response: null,
      },
    ],
  }),
  'object.create': native({
    summary: 'Store an object under a key where nothing stands; refused where something does.',
    effect: 'create',
    labels: { reads: 'public', returns: 'trusted', sends: 'external' },
    scope: 's3:PutObject',
    input: z
      .strictObject({
        bucket,
        key,
        ...content.shape,
        contentType: z.string().max(255).optional(),
        metadata: metadata.optional(),
      })
      .refine(({ body, base64 }) => (body === undefined) !== (base64 === undefined), {
        error: 'give either body or base64',
      }),
    output: written,
    request: ({ bucket: name, key: at, metadata: words, ...given }) =>
      put(OBJECT, {
        path: { bucket: name, key: at },
        headers: { ...metadataHeaders(words), 'If-None-Match': '*' },
        ...rawBody(given),
        answer: 'empty',
      }),
    result: (_body, { input, headers }) => ({ bucket: input.bucket, key: input.key, etag: headers.etag ?? null }),
    cost: priced('a put, and what it stores,'),
    undo: ({ input }) => ({ operation: 'object.delete', input: { bucket: input.bucket, key: input.key } }),
    undoLabel: 'object.delete',
    verify: ({ input, result }) => showsWritten(input, result?.etag),
    examples: [
      {
        input: { bucket: 'reports', key: 'lock', body: 'mine' },
        headers: { etag: sample.ETAG },
        response: null,
      },
    ],
  }),
  'object.copy': native({
    summary: 'Copy an object of up to 5 GB, replacing one under the same key.',
    effect: 'create',
    labels: { reads: 'private', returns: 'trusted', sends: 'external' },
    scope: 's3:GetObject and s3:PutObject',
    idempotent: true,
    input: z.strictObject({
      fromBucket: bucket,
      fromKey: key,
      fromVersion: z.string().min(1).max(1024).optional().describe('Default: the newest.'),
      bucket,
      key,
    }),
    output: written,
    request: ({ bucket: name, key: at, ...from }) =>
      put(OBJECT, {
        path: { bucket: name, key: at },
        headers: { 'x-amz-copy-source': sourceOf(from) },
        answer: 'xml',
      }),
    result: (body, { input }) => ({
      bucket: input.bucket,
      key: input.key,
      etag: readAs(copied, body).CopyObjectResult.ETag,
    }),
    cost: priced('a copy, and what it stores,'),
    before: lookAt,
    undo: ({ input, before }) => removeNew(input, before),
    undoLabel: UNDO_OF_WRITE,
    verify: ({ input, result }) => showsWritten(input, result?.etag),
    examples: [
      {
        input: { fromBucket: 'reports', fromKey: '2026/november.txt', bucket: 'archive', key: 'november.txt' },
        response: sample.copied(),
      },
    ],
  }),
}

const timeOf = (text: string | undefined): string | null => {
  const at = Date.parse(text ?? '')
  return Number.isNaN(at) ? null : new Date(at).toISOString()
}

/** `/bucket/key`, encoded, as S3 reads it. */
function sourceOf(from: { fromBucket: string; fromKey: string; fromVersion?: string | undefined }): string {
  const path = [from.fromBucket, ...from.fromKey.split('/')].map(encoded).join('/')
  return `/${path}${from.fromVersion === undefined ? '' : `?versionId=${encoded(from.fromVersion)}`}`
}

function encoded(text: string): string {
  try {
    return encodeURIComponent(text)
  } catch {
    throw unsupported(`${JSON.stringify(text)} is not well-formed Unicode`, 'Give the key as S3 lists it.')
  }
}
