// Answers of S3 as its documentation has them, decoded.
import type { JsonObject } from '../../../../adapter/index.ts'
import { XMLNS } from './shapes.ts'

export const ETAG = '"9b2cf535f27731c974343645a3985328"'
export const HTTP_DATE = 'Wed, 25 Nov 2026 09:00:00 GMT'
const TIME = '2026-11-25T09:00:00.000Z'

export const list = (): JsonObject => ({
  ListBucketResult: {
    '@_xmlns': XMLNS,
    Name: 'reports',
    Prefix: '2026/',
    KeyCount: '1',
    MaxKeys: '100',
    EncodingType: 'url',
    IsTruncated: 'false',
    Contents: {
      Key: '2026/november.txt',
      LastModified: TIME,
      ETag: ETAG,
      Size: '10',
      StorageClass: 'STANDARD',
    },
  },
})

export const buckets = (): JsonObject => ({
  ListAllMyBucketsResult: {
    '@_xmlns': XMLNS,
    Owner: { ID: '75aa57f09aa0c8caeab4f8c24e99d10f8e7faeebf76c078efc7c6caea54ba06a' },
    Buckets: { Bucket: [{ Name: 'reports', CreationDate: TIME }] },
  },
})

export const copied = (): JsonObject => ({
  CopyObjectResult: { '@_xmlns': XMLNS, LastModified: TIME, ETag: ETAG },
})

export const UPLOAD_ID = 'VXBsb2FkIElEIGZvciA2aWWpbmcncyBteS1tb3ZpZS5tMnRzIHVwbG9hZA'

export const initiated = (): JsonObject => ({
  InitiateMultipartUploadResult: { '@_xmlns': XMLNS, Bucket: 'reports', Key: 'film.mp4', UploadId: UPLOAD_ID },
})

export const completed = (): JsonObject => ({
  CompleteMultipartUploadResult: {
    '@_xmlns': XMLNS,
    Location: 'https://s3.eu-west-1.amazonaws.com/reports/film.mp4',
    Bucket: 'reports',
    Key: 'film.mp4',
    ETag: '"3858f62230ac3c915f300c664312c11f-2"',
  },
})
