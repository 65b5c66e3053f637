// Families object and bucket: bytes under keys.
import { z } from 'zod'
import { extras, id, limit, rfc3339 } from './shapes.ts'

const bucket = z.string().min(1).max(255).describe('Name of the bucket.')
const key = z.string().min(1).max(1024).describe('Key of the object; slashes are kept.')

export const object = {
  'object.put': {
    summary: 'Store an object, replacing one under the same key.',
    input: z
      .strictObject({
        bucket,
        key,
        body: z.string().optional().describe('The content, as UTF-8 text.'),
        base64: z.base64().optional().describe('The content, as bytes in base64, in place of body.'),
        contentType: z.string().max(255).optional().describe('MIME type.'),
        native: extras,
      })
      .refine(({ body, base64 }) => (body === undefined) !== (base64 === undefined), {
        error: 'give either body or base64',
      }),
    result: z.object({ bucket, key, etag: z.string().nullable() }),
  },
  'object.get': {
    summary: 'Read an object.',
    input: z.strictObject({
      bucket,
      key,
      from: z.int().min(0).optional().describe('First byte, counted from 0.'),
      until: z.int().min(0).optional().describe('Last byte.'),
    }),
    result: z.object({
      bucket,
      key,
      contentType: z.string().nullable(),
      size: z.int().min(0).describe('Bytes of what is here.'),
      etag: z.string().nullable(),
      body: z.string().nullable().describe('The content where it is UTF-8 text, else null.'),
      base64: z.string().describe('The content, as bytes in base64.'),
    }),
  },
  'object.list': {
    summary: 'List objects by key.',
    input: z.strictObject({ bucket, prefix: z.string().max(1024).optional(), limit }),
    result: z.object({
      objects: z.array(
        z.object({ key: z.string(), size: z.int().min(0), etag: z.string().nullable(), changedAt: rfc3339.nullable() }),
      ),
    }),
  },
  'object.delete': {
    summary: 'Delete an object.',
    input: z.strictObject({ bucket, key }),
    result: z.object({ bucket, key }),
  },
  'object.presign': {
    summary: 'Make an address under which anybody can read or write an object for a while.',
    input: z.strictObject({
      bucket,
      key,
      method: z.enum(['GET', 'PUT']).default('GET'),
      expiresInSeconds: z.int().min(1).max(604_800).default(900),
    }),
    result: z.object({ url: z.string(), expiresAt: rfc3339 }),
  },
} as const

export const buckets = {
  'bucket.create': {
    summary: 'Make a bucket.',
    input: z.strictObject({ name: bucket, region: id.optional(), native: extras }),
    result: z.object({ name: bucket }),
  },
  'bucket.list': {
    summary: 'List buckets.',
    input: z.strictObject({ limit }),
    result: z.object({ buckets: z.array(z.object({ name: z.string(), createdAt: rfc3339.nullable() })) }),
  },
  'bucket.delete': {
    summary: 'Delete an empty bucket.',
    input: z.strictObject({ name: bucket }),
    result: z.object({ name: bucket }),
  },
} as const
