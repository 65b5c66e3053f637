// S3 in rehearsal: buckets, objects and uploads in parts, in memory.
import type { JsonObject, TwinAnswer, TwinAsked, TwinCall } from '../../../../adapter/index.ts'
import { emptyAnswer, s3Error, xmlAnswer } from '../twin-answers.ts'
import { multipartHandlers } from './twin-multipart.ts'
import { type Kept, keep, keptAt, objectsOf, validatorsOf } from './twin-objects.ts'

/** Several operations share a route: query and headers tell which is meant. */
export function discriminateS3({ method, query, headers, template }: TwinAsked): string | undefined {
  const inUpload = 'uploadId' in query
  switch (`${method} ${template}`) {
    case 'PUT /{bucket}/{key+}':
      if (inUpload) return 'multipart.part'
      if (headers['x-amz-copy-source'] !== undefined) return 'object.copy'
      return headers['if-none-match'] === undefined ? 'object.put' : 'object.create'
    case 'POST /{bucket}/{key+}':
      return inUpload ? 'multipart.complete' : 'multipart.create'
    case 'DELETE /{bucket}/{key+}':
      return inUpload ? 'multipart.abort' : 'object.delete'
    default:
      return undefined
  }
}

const noBucket = (name: string): TwinAnswer =>
  s3Error(404, 'NoSuchBucket', `The specified bucket does not exist: ${name}`)
const noKey = (): TwinAnswer => s3Error(404, 'NoSuchKey', 'The specified key does not exist.')

/** Runs in a bucket that is there. */
const inBucket =
  (handle: (call: TwinCall, place: { bucket: string; key: string }) => TwinAnswer) =>
  (call: TwinCall): TwinAnswer => {
    const { bucket = '', key = '' } = call.path
    return call.state('buckets').has(bucket) ? handle(call, { bucket, key }) : noBucket(bucket)
  }

function createBucket({ path, state, value, now }: TwinCall): TwinAnswer {
  const { bucket = '' } = path
  if (!/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(bucket)) {
    return s3Error(400, 'InvalidBucketName', 'The specified bucket is not valid.')
  }
  const { CreateBucketConfiguration: wanted } = (value ?? {}) as JsonObject // its member is looked at
  const region = wanted && typeof wanted === 'object' ? (wanted as JsonObject).LocationConstraint : undefined
  if (region === 'us-east-1')
    return s3Error(400, 'InvalidLocationConstraint', 'The specified location-constraint is not valid')
  if (state('buckets').has(bucket)) {
    return s3Error(409, 'BucketAlreadyOwnedByYou', 'Your previous request to create the named bucket succeeded.')
  }
  state('buckets').set(bucket, { createdAt: new Date(now).toISOString(), region: String(region ?? 'us-east-1') })
  return emptyAnswer(200, { location: `/${bucket}` })
}

function listBuckets({ state, query }: TwinCall): TwinAnswer {
  const after = query['continuation-token'] ?? ''
  const names = [...state('buckets').keys()].sort().filter((name) => name > after)
  const page = names.slice(0, Number(query['max-buckets'] ?? 10_000))
  return xmlAnswer({
    ListAllMyBucketsResult: {
      Owner: { ID: 'twin' },
      Buckets: {
        Bucket: page.map((name) => ({ Name: name, CreationDate: state('buckets').get(name)?.createdAt ?? '' })),
      },
      ...(page.length < names.length ? { ContinuationToken: page.at(-1) ?? '' } : {}),
    },
  })
}

const deleteBucket = inBucket(({ state }, { bucket }) => {
  if (objectsOf(state, bucket).size > 0) {
    return s3Error(409, 'BucketNotEmpty', 'The bucket you tried to delete is not empty')
  }
  state('buckets').delete(bucket)
  return emptyAnswer(204)
})

const put = inBucket((call, { bucket, key }) => {
  if (call.headers['if-none-match'] === '*' && keptAt(call.state, { bucket, key })) {
    return s3Error(412, 'PreconditionFailed', 'At least one of the pre-conditions you specified did not hold')
  }
  const kept = keep(call, { bucket, key }, call.bytes)
  return emptyAnswer(200, { etag: kept.etag })
})

const get = inBucket(({ state, headers }, place) => {
  const kept = keptAt(state, place)
  if (!kept) return noKey()
  const bytes = Buffer.from(kept.base64, 'base64')
  const [, first = '', last = ''] = /^bytes=(\d+)-(\d*)$/.exec(headers.range ?? '') ?? []
  if (first === '') return { headers: validatorsOf(kept), body: '', bytes }
  if (Number(first) >= bytes.length) return s3Error(416, 'InvalidRange', 'The requested range is not satisfiable')
  const end = Math.min(last === '' ? bytes.length : Number(last) + 1, bytes.length)
  return {
    status: 206,
    headers: { ...validatorsOf(kept), 'content-range': `bytes ${first}-${end - 1}/${bytes.length}` },
    body: '',
    bytes: bytes.subarray(Number(first), end),
  }
})

/** Without a body, an error says its status alone. */
function lookAt({ path, state }: TwinCall): TwinAnswer {
  const kept = keptAt(state, { bucket: path.bucket ?? '', key: path.key ?? '' })
  if (!kept) return emptyAnswer(404)
  return emptyAnswer(200, {
    ...validatorsOf(kept),
    'content-length': String(Buffer.from(kept.base64, 'base64').length),
  })
}

const remove = inBucket(({ state }, { bucket, key }) => {
  objectsOf(state, bucket).delete(key)
  return emptyAnswer(204)
})

function copy(call: TwinCall): TwinAnswer {
  const { bucket = '', key = '' } = call.path
  if (!call.state('buckets').has(bucket)) return noBucket(bucket)
  const [, fromBucket = '', fromKey = ''] =
    /^\/?([^/]+)\/(.+?)(?:\?versionId=.*)?$/.exec(call.headers['x-amz-copy-source'] ?? '') ?? []
  const source = keptAt(call.state, { bucket: fromBucket, key: decodeURIComponent(fromKey) })
  if (!source) return noKey()
  const kept: Kept = { ...source, changedAt: new Date(call.now).toISOString() }
  objectsOf(call.state, bucket).set(key, kept)
  return xmlAnswer({ CopyObjectResult: { LastModified: kept.changedAt, ETag: kept.etag } })
}

const list = inBucket(({ state, query }, { bucket }) => {
  const { prefix = '', 'continuation-token': after = '', 'max-keys': most = '1000' } = query
  const all = [...objectsOf(state, bucket).keys()]
    .filter((key) => key.startsWith(prefix))
    .sort((one, other) => Buffer.compare(Buffer.from(one), Buffer.from(other)))
  const start = after === '' ? 0 : all.indexOf(Buffer.from(after, 'base64url').toString()) + 1
  const page = all.slice(start, start + Math.min(Number(most), 1000))
  const isTruncated = start + page.length < all.length
  const text = (key: string) => (query['encoding-type'] === 'url' ? formEncoded(key) : key)
  return xmlAnswer({
    ListBucketResult: {
      Name: bucket,
      Prefix: text(prefix),
      KeyCount: page.length,
      MaxKeys: Number(most),
      ...(query['encoding-type'] === 'url' ? { EncodingType: 'url' } : {}),
      IsTruncated: isTruncated,
      ...(isTruncated ? { NextContinuationToken: Buffer.from(page.at(-1) ?? '').toString('base64url') } : {}),
      Contents: page.map((key) => {
        const kept = keptAt(state, { bucket, key })
        return {
          Key: text(key),
          LastModified: kept?.changedAt ?? '',
          ETag: kept?.etag ?? '',
          Size: Buffer.from(kept?.base64 ?? '', 'base64').length,
          StorageClass: 'STANDARD',
        }
      }),
    },
  })
})

const formEncoded = (key: string): string => encodeURIComponent(key).replaceAll('%2F', '/').replaceAll('%20', '+')

/** The client of AWS writes a slash behind the name of a bucket. */
export const s3Routes: Record<string, (call: TwinCall) => TwinAnswer> = {
  'PUT /{bucket}/': createBucket,
  'GET /{bucket}/': list,
  'DELETE /{bucket}/': deleteBucket,
}

export const s3Handlers: Record<string, (call: TwinCall) => TwinAnswer> = {
  'bucket.create': createBucket,
  'bucket.list': listBuckets,
  'bucket.delete': deleteBucket,
  'object.put': put,
  'object.create': put,
  'object.get': get,
  'object.head': lookAt,
  'object.list': list,
  'object.delete': remove,
  'object.copy': copy,
  ...multipartHandlers,
}
