// Uploads in parts: begun, filled part by part in any order, then completed or aborted.
import { del, native, post, put, readAs, z } from '../../../../adapter/index.ts'
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
  XMLNS,
} from './shapes.ts'

const uploadId = z.string().min(1).max(2048).describe('As multipart.create gave it.')
const partNumber = z.int().min(1).max(10_000)
const etag = z.string().min(1).max(256)
const upload = z.object({ bucket, key, uploadId })

const initiated = z.object({ InitiateMultipartUploadResult: z.object({ UploadId: z.string() }) })
const completed = z.object({ CompleteMultipartUploadResult: z.object({ ETag: z.string() }) })

export const multipart = {
  'multipart.create': native({
    summary: 'Begin an upload in parts.',
    effect: 'create',
    labels: { reads: 'public', returns: 'trusted', sends: 'none' },
    scope: 's3:PutObject',
    input: z.strictObject({
      bucket,
      key,
      contentType: z
        .string()
        .regex(/^[\x20-\x7e]+$/)
        .max(255)
        .optional(),
      metadata: metadata.optional(),
    }),
    output: upload,
    request: ({ bucket: name, key: at, contentType, metadata: words }) =>
      post(OBJECT, {
        path: { bucket: name, key: at },
        query: { uploads: '' },
        headers: { ...(contentType === undefined ? {} : { 'Content-Type': contentType }), ...metadataHeaders(words) },
        answer: 'xml',
      }),
    result: (body, { input }) => ({
      bucket: input.bucket,
      key: input.key,
      uploadId: readAs(initiated, body).InitiateMultipartUploadResult.UploadId,
    }),
    cost: priced('a request'),
    undo: ({ result }) => ({ operation: 'aws:multipart.abort', input: result }),
    undoLabel: 'aws:multipart.abort',
    examples: [
      { input: { bucket: 'reports', key: 'film.mp4', contentType: 'video/mp4' }, response: sample.initiated() },
    ],
  }),
  'multipart.part': native({
    summary: 'Upload a part: 5 MiB or more, but for the last one.',
    effect: 'create',
    labels: { reads: 'public', returns: 'trusted', sends: 'external' },
    scope: 's3:PutObject',
    idempotent: true,
    input: z
      .strictObject({ bucket, key, uploadId, partNumber, ...content.shape })
      .refine(({ body, base64 }) => (body === undefined) !== (base64 === undefined), {
        error: 'give either body or base64',
      }),
    output: z.object({ partNumber, etag }),
    request: ({ bucket: name, key: at, uploadId: id, partNumber: number, ...given }) =>
      put(OBJECT, {
        path: { bucket: name, key: at },
        query: { partNumber: number, uploadId: id },
        ...rawBody(given),
        answer: 'empty',
      }),
    result: (_body, { input, headers }) => ({ partNumber: input.partNumber, etag: readAs(etag, headers.etag ?? null) }),
    cost: priced('a put, and what it stores,'),
    undo: { none: 'A part cannot be removed alone; aws:multipart.abort removes all of them.' },
    examples: [
      {
        input: {
          bucket: 'reports',
          key: 'film.mp4',
          uploadId: sample.UPLOAD_ID,
          partNumber: 1,
          base64: 'AAAAIGZ0eXA=',
        },
        headers: { etag: sample.ETAG },
        response: null,
      },
    ],
  }),
  'multipart.complete': native({
    summary: 'Make the object out of its parts, replacing one under the same key.',
    effect: 'create',
    labels: { reads: 'public', returns: 'trusted', sends: 'external' },
    scope: 's3:PutObject',
    input: z.strictObject({
      bucket,
      key,
      uploadId,
      parts: z
        .array(z.strictObject({ partNumber, etag }))
        .min(1)
        .max(10_000)
        .refine((parts) => new Set(parts.map((part) => part.partNumber)).size === parts.length, {
          error: 'each part once',
        }),
    }),
    output: z.object({ bucket, key, etag }),
    request: ({ bucket: name, key: at, uploadId: id, parts }) =>
      post(OBJECT, {
        path: { bucket: name, key: at },
        query: { uploadId: id },
        xml: {
          CompleteMultipartUpload: {
            '@_xmlns': XMLNS,
            Part: parts
              .toSorted((one, other) => one.partNumber - other.partNumber)
              .map((part) => ({ PartNumber: part.partNumber, ETag: part.etag })),
          },
        },
        answer: 'xml',
      }),
    result: (body, { input }) => ({
      bucket: input.bucket,
      key: input.key,
      etag: readAs(completed, body).CompleteMultipartUploadResult.ETag,
    }),
    cost: priced('a request, and what it stores,'),
    before: lookAt,
    undo: ({ input, before }) => removeNew(input, before),
    undoLabel: UNDO_OF_WRITE,
    verify: ({ input, result }) => showsWritten(input, result?.etag),
    examples: [
      {
        input: {
          bucket: 'reports',
          key: 'film.mp4',
          uploadId: sample.UPLOAD_ID,
          parts: [
            { partNumber: 1, etag: sample.ETAG },
            { partNumber: 2, etag: sample.ETAG },
          ],
        },
        response: sample.completed(),
      },
    ],
  }),
  'multipart.abort': native({
    summary: 'Give up an upload in parts, and what it has stored.',
    effect: 'delete',
    labels: { reads: 'public', returns: 'trusted', sends: 'none' },
    scope: 's3:AbortMultipartUpload',
    input: z.strictObject({ bucket, key, uploadId }),
    output: upload,
    request: ({ bucket: name, key: at, uploadId: id }) =>
      del(OBJECT, { path: { bucket: name, key: at }, query: { uploadId: id }, answer: 'empty' }),
    result: (_body, { input }) => input,
    cost: 'free',
    undo: { none: 'The parts are gone.' },
    examples: [
      { input: { bucket: 'reports', key: 'film.mp4', uploadId: sample.UPLOAD_ID }, status: 204, response: null },
    ],
  }),
}
