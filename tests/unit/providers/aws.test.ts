import { describe, expect, it } from 'vitest'
import {
  encodeBody,
  generateManifest,
  type JsonObject,
  type JsonValue,
  type NativeOperation,
  type RequestSpec,
} from '../../../src/adapter/index.ts'
import aws from '../../../src/providers/cloud/aws/index.ts'
import { answer, rehearse } from './answers.ts'

const {
  'object.put': put,
  'object.get': get,
  'object.list': list,
  'object.delete': remove,
  'bucket.create': create,
  'bucket.list': buckets,
  'bucket.delete': drop,
} = aws.operations
if (!put || !get || !list || !remove || !create || !buckets || !drop) throw new Error('aws lacks an operation')

const native = (name: string): NativeOperation => {
  const operation = aws.native?.[name]
  if (!operation) throw new Error(`aws lacks ${name}`)
  return operation
}
const textOf = (spec: RequestSpec): string | undefined =>
  spec.transport === 'http' && spec.body ? encodeBody(spec.body).text : undefined
const undoOf = (operation: { undo?: unknown }) =>
  typeof operation.undo === 'function' ? (operation.undo as (context: object) => unknown) : undefined

const AT = { bucket: 'reports', key: 'a/b' }
const listed = (...keys: string[]): JsonObject => ({
  objects: keys.map((key) => ({ key, size: 1, etag: '"e"', changedAt: null })),
})
const xml = (text: string) => `<?xml version="1.0" encoding="UTF-8"?>\n${text}`

describe('S3: requests', () => {
  it('sends text or bytes, as bytes where no type is given', () => {
    const text = put.request({ ...AT, body: 'ü', contentType: 'text/plain; charset=utf-8' })
    const bytes = put.request({ ...AT, base64: 'AP8=' })

    expect(text).toMatchObject({ body: { value: 'ü', contentType: 'text/plain; charset=utf-8' } })
    expect(bytes).toMatchObject({ body: { value: Buffer.from([0, 255]), contentType: 'application/octet-stream' } })
  })

  it('passes on known headers and metadata', () => {
    const extras = { 'Cache-Control': 'no-store', 'x-amz-storage-class': 'STANDARD_IA', metadata: { Source: 'press' } }

    expect(put.request({ ...AT, body: '', native: extras }).transport === 'http').toBe(true)
    expect(put.request({ ...AT, body: '', native: extras })).toMatchObject({
      headers: { 'Cache-Control': 'no-store', 'x-amz-storage-class': 'STANDARD_IA', 'x-amz-meta-source': 'press' },
    })
  })

  it.each([
    { 'x-amz-acl': 'public-read' },
    { 'x-amz-copy-source': '/other/secret' },
    { Host: 'elsewhere.example' },
    { Range: 'bytes=0-1' },
    { metadata: { 'x y': 'z' } },
    { metadata: { a: 'line\r\nx-amz-acl: public-read' } },
    { metadata: { a: 'ü' } },
    { metadata: ['a'] },
    { 'Cache-Control': 'a\r\nb: c' },
    { 'Cache-Control': 5 },
    { 'Content-Encoding': 'aws-chunked' },
  ])('refuses the extras %j', (extras) => {
    expect(() => put.request({ ...AT, body: '', native: extras as JsonObject })).toThrow(/native\./)
  })

  it('refuses a content type that would break the header', () => {
    expect(() => put.request({ ...AT, body: '', contentType: 'text/plain\r\nx: y' })).toThrow(/content type/)
  })

  it.each([
    [{ from: 0 }, 'bytes=0-'],
    [{ from: 5, until: 9 }, 'bytes=5-9'],
    [{ until: 9 }, 'bytes=0-9'],
  ])('asks for the bytes %j', (range, header) => {
    expect(get.request({ ...AT, ...range })).toMatchObject({ headers: { Range: header } })
  })

  it('refuses a range that S3 would not take for one, and answer with everything', () => {
    expect(() => get.request({ ...AT, from: 5, until: 4 })).toThrow('bytes 5 to 4 are none')
  })

  it('names a region for a bucket everywhere but in us-east-1', () => {
    expect(textOf(create.request({ name: 'b', region: 'eu-west-1' }))).toContain(
      '<LocationConstraint>eu-west-1</LocationConstraint>',
    )
    expect(textOf(create.request({ name: 'b', region: 'us-east-1' }))).toBeUndefined()
    expect(textOf(create.request({ name: 'b' }))).toBeUndefined()
  })

  it('asks for at most 1,000 keys a page', () => {
    expect(list.request({ bucket: 'b', limit: 5000 }).query).toMatchObject({ 'max-keys': 1000, 'encoding-type': 'url' })
    expect(list.request({ bucket: 'b', limit: 5, prefix: '' }).query.prefix).toBeUndefined()
  })

  it('encodes the source of a copy, version and all', () => {
    const input = { fromBucket: 'b', fromKey: 'a b/ü+?.txt', fromVersion: 'v&1', ...AT }

    expect(native('object.copy').request(input)).toMatchObject({
      headers: { 'x-amz-copy-source': '/b/a%20b/%C3%BC%2B%3F.txt?versionId=v%261' },
    })
    expect(() => native('object.copy').request({ ...input, fromKey: '\ud800' })).toThrow(/Unicode/)
  })

  it('completes an upload with its parts in order, each once', () => {
    const complete = native('multipart.complete')
    const parts = [
      { partNumber: 2, etag: '"b"' },
      { partNumber: 1, etag: '"a"' },
    ]

    expect(textOf(complete.request({ ...AT, uploadId: 'u', parts }))).toMatch(
      /<Part><PartNumber>1<\/PartNumber><ETag>&quot;a&quot;<\/ETag><\/Part><Part><PartNumber>2</,
    )
    const twice = { ...AT, uploadId: 'u', parts: [parts[0], parts[0]] }
    expect(complete.input.safeParse(twice).success).toBe(false)
  })

  it('wants text or bytes, one of both', () => {
    const { input } = native('object.create')

    expect(input.safeParse({ ...AT, body: 'a' }).success).toBe(true)
    expect(input.safeParse({ ...AT }).success).toBe(false)
    expect(input.safeParse({ ...AT, body: 'a', base64: 'YQ==' }).success).toBe(false)
  })

  it('is signed for the service that it goes to, and may reach no other host', () => {
    expect(aws.auth.sign).toMatchObject({ scheme: 'aws-sigv4', service: 's3', region: '{region}' })
    expect(aws.auths?.sts?.sign).toMatchObject({ service: 'sts' })
    expect(native('identity.get').request({})).toMatchObject({ base: 'sts', auth: 'sts' })
    expect(generateManifest(aws, '').hosts).toEqual([
      'https://s3.{region}.amazonaws.com',
      'https://sts.{region}.amazonaws.com',
    ])
  })

  it.each(['us-east-1', 'eu-central-2', 'us-gov-west-1', 'ap-southeast-5'])('takes the region %s', (region) => {
    expect(aws.settings?.region?.pattern.test(region)).toBe(true)
  })

  it.each(['', 'evil.example/', 'us-east-1.evil', 'cn-north-1', 'US-EAST-1', 'eu-west-1\n'])(
    'refuses the region %j',
    (region) => {
      expect(aws.settings?.region?.pattern.test(region)).toBe(false)
    },
  )
})

describe('S3: results', () => {
  it('gives text where the bytes are text', () => {
    const read = (base64: string) => get.result(base64, { input: AT, headers: { etag: '"e"' } })

    expect(read('4pyT')).toMatchObject({ body: '✓', size: 3, etag: '"e"', contentType: null })
    expect(read('/w==')).toMatchObject({ body: null, base64: '/w==' })
    expect(read('')).toMatchObject({ body: '', size: 0 })
  })

  it('decodes keys only where they are encoded', () => {
    const page = (EncodingType: string | undefined, Key: string) => ({
      ListBucketResult: { ...(EncodingType ? { EncodingType } : {}), Contents: { Key, Size: '1' } },
    })
    const keys = (body: JsonValue) => list.result(body, { input: { bucket: 'b', limit: 1 }, headers: {} })?.objects

    expect(keys(page('url', 'a+b%2B%0A'))).toMatchObject([{ key: 'a b+\n' }])
    expect(keys(page(undefined, 'a+b%2B'))).toMatchObject([{ key: 'a+b%2B' }])
    expect(() => keys(page('url', '%ff'))).toThrow(/not as documented/)
  })

  it('goes on while a list says that it was cut', () => {
    const facts = { headers: {}, input: {}, count: 1, pages: 1 }
    const next = (IsTruncated: string, token?: string) =>
      list.pages?.next({ ListBucketResult: { IsTruncated, ...(token ? { NextContinuationToken: token } : {}) } }, facts)

    expect(next('true', 'tok/en=')).toEqual({ query: { 'continuation-token': 'tok/en=' } })
    expect(next('false', 'token')).toBeUndefined()
    expect(next('true')).toBeUndefined()
  })

  it('reads no, one and several buckets', () => {
    const names = (Buckets: JsonValue) =>
      buckets.result({ ListAllMyBucketsResult: { Buckets } }, { input: { limit: 5 }, headers: {} })?.buckets

    expect(names('')).toEqual([])
    expect(names({ Bucket: { Name: 'a', CreationDate: '2026-01-01T00:00:00.000Z' } })).toEqual([
      { name: 'a', createdAt: '2026-01-01T00:00:00.000Z' },
    ])
    expect(names({ Bucket: [{ Name: 'a' }, { Name: 'b' }] })).toHaveLength(2)
    const page = { ListAllMyBucketsResult: { Buckets: '', ContinuationToken: 't' } }
    const facts = { headers: {}, input: {}, count: 1, pages: 1 }
    expect(buckets.pages?.next(page, facts)).toEqual({ query: { 'continuation-token': 't' } })
    expect(buckets.pages?.next({ ListAllMyBucketsResult: { Buckets: '' } }, facts)).toBeUndefined()
  })

  it('gives up a copy whose answer is none', () => {
    const context = { input: { fromBucket: 'b', fromKey: 'k', ...AT }, headers: {} }

    expect(() => native('object.copy').result(null, context)).toThrow(/CopyObjectResult|whole body/)
  })

  it('tells whose the key is', async () => {
    expect(await aws.health.tell({ account: '1', arn: 'arn:aws:iam::1:user/a', userId: 'u' })).toBe(
      'arn:aws:iam::1:user/a',
    )
  })
})

describe('S3: undo and read-back', () => {
  it('takes back a new object, and leaves a replaced one', () => {
    for (const operation of [put, native('object.copy'), native('multipart.complete')]) {
      const undo = (before?: JsonObject) => undoOf(operation)?.({ input: AT, result: AT, before })

      expect(operation.before?.(AT as never)).toEqual({
        operation: 'object.list',
        input: { bucket: 'reports', prefix: 'a/b', limit: 1 },
      })
      expect(undo(listed())).toEqual({ operation: 'object.delete', input: AT })
      expect(undo(listed('a/b.txt'))).toEqual({ operation: 'object.delete', input: AT })
      expect(undo(listed('a/b'))).toBeUndefined()
      expect(undo(undefined)).toBeUndefined()
    }
  })

  it('always takes back an object that was stored where nothing stood', () => {
    expect(undoOf(native('object.create'))?.({ input: AT })).toEqual({ operation: 'object.delete', input: AT })
  })

  it('takes back a bucket only where it was not there before', () => {
    const undo = (before?: JsonObject) => undoOf(create)?.({ input: { name: 'b' }, before })

    expect(undo({ buckets: [{ name: 'a' }] })).toEqual({ operation: 'bucket.delete', input: { name: 'b' } })
    expect(undo({ buckets: [{ name: 'b' }] })).toBeUndefined()
    expect(undo(undefined)).toBeUndefined()
  })

  it('aborts an upload that was begun', () => {
    const result = { ...AT, uploadId: 'u' }

    expect(undoOf(native('multipart.create'))?.({ result })).toEqual({
      operation: 'aws:multipart.abort',
      input: result,
    })
  })

  it('reads back what was written by its ETag, and cannot tell without an answer', () => {
    const check = put.verify?.({ input: { ...AT, body: '' }, result: { ...AT, etag: '"e"' } })

    expect(check?.consistency).toBe('immediate')
    expect([listed('a/b'), listed('a/b.txt'), listed()].map((read) => check?.holds(read))).toEqual([true, false, false])
    const other = put.verify?.({ input: { ...AT, body: '' }, result: { ...AT, etag: '"f"' } })
    expect(other?.holds(listed('a/b'))).toBe(false)
    expect(put.verify?.({ input: { ...AT, body: '' }, result: { ...AT, etag: null } })?.holds(listed('a/b'))).toBe(true)
    expect(put.verify?.({ input: { ...AT, body: '' }, result: undefined })).toBeUndefined()
  })

  it('reads back deletes, buckets only after a while', () => {
    const gone = remove.verify?.({ input: AT, result: undefined })
    const dropped = drop.verify?.({ input: { name: 'b' }, result: undefined })
    const made = create.verify?.({ input: { name: 'b' }, result: undefined })
    const there = { buckets: [{ name: 'b' }] }

    expect([gone?.holds(listed()), gone?.holds(listed('a/b'))]).toEqual([true, false])
    expect([dropped?.holds({ buckets: [] }), dropped?.holds(there), made?.holds(there)]).toEqual([true, false, true])
    expect([gone?.consistency, dropped?.consistency]).toEqual(['immediate', 'eventual'])
  })

  it('repeats only what may be repeated', () => {
    const names = ['object.copy', 'multipart.part', 'object.create', 'multipart.create', 'multipart.complete']

    expect([put.idempotent, remove.idempotent, create.idempotent]).toEqual([true, true, undefined])
    expect(names.map((name) => native(name).idempotent === true)).toEqual([true, true, false, false, false])
  })
})

describe('AWS: errors', () => {
  const error = (status: number, code: string, headers: Record<string, string> = {}) =>
    aws.errors(answer(status, xml(`<Error><Code>${code}</Code><Message>Words</Message></Error>`), headers))

  it.each([
    [403, 'SignatureDoesNotMatch', 'IF_ERR_AUTH_FAILED'],
    [400, 'ExpiredToken', 'IF_ERR_AUTH_FAILED'],
    [403, 'AccessDenied', 'IF_ERR_AUTH_FAILED'],
    [404, 'NoSuchKey', 'IF_ERR_NOT_FOUND'],
    [409, 'BucketAlreadyExists', 'IF_ERR_ALREADY_EXISTS'],
    [409, 'BucketNotEmpty', 'IF_ERR_CONFLICT'],
    [412, 'PreconditionFailed', 'IF_ERR_CONFLICT'],
    [416, 'InvalidRange', 'IF_ERR_INVALID_INPUT'],
    [400, 'IllegalLocationConstraintException', 'IF_ERR_INVALID_INPUT'],
    [503, 'SlowDown', 'IF_ERR_RATE_LIMIT_EXCEEDED'],
    [500, 'InternalError', 'IF_ERR_PROVIDER_UNAVAILABLE'],
    [400, 'NeverSeen', 'IF_ERR_ACTION_FAILED'],
  ])('%i %s is %s', (status, code, expected) => {
    expect(error(status, code)).toMatchObject({ code: expected, vendorCode: code, message: 'Words' })
  })

  it('finds the error inside a success, behind the spaces that keep a connection alive', () => {
    expect(error(200, 'InternalError')).toMatchObject({ code: 'IF_ERR_PROVIDER_UNAVAILABLE', outcome: 'unknown' })
    const late = `<?xml version="1.0" encoding="UTF-8"?>\n${' '.repeat(5000)}\n<Error><Code>SlowDown</Code></Error>`
    expect(aws.errors(answer(200, late))).toMatchObject({ code: 'IF_ERR_RATE_LIMIT_EXCEEDED' })
  })

  it('takes the content of an object for no error', () => {
    const stored = xml('<Error><Code>AccessDenied</Code></Error>')

    expect(
      aws.errors(answer(200, stored, { etag: '"e"', 'last-modified': 'Wed, 25 Nov 2026 09:00:00 GMT' })),
    ).toBeUndefined()
    expect(aws.errors(answer(206, stored, { etag: '"e"' }))).toBeUndefined()
  })

  it('lets the status speak where there is no body', () => {
    expect(aws.errors(answer(404, ''))).toMatchObject({ code: 'IF_ERR_NOT_FOUND' })
    expect(aws.errors(answer(403, ''))).toMatchObject({ code: 'IF_ERR_AUTH_FAILED' })
    expect(aws.errors(answer(200, ''))).toBeUndefined()
  })

  it('says to which region a bucket belongs', () => {
    const elsewhere = { 'x-amz-bucket-region': 'eu-west-1' }

    expect(error(301, 'PermanentRedirect', elsewhere)?.hint).toContain('eu-west-1')
    expect(aws.errors(answer(301, '', elsewhere))).toMatchObject({ vendorCode: 'PermanentRedirect' })
    expect(error(400, 'AuthorizationHeaderMalformed')?.hint).toContain('region')
  })

  it('reads the errors of STS, and the ids of requests of both', () => {
    const sts = xml('<ErrorResponse><Error><Code>InvalidClientTokenId</Code></Error></ErrorResponse>')

    expect(aws.errors(answer(403, sts))).toMatchObject({
      code: 'IF_ERR_AUTH_FAILED',
      vendorCode: 'InvalidClientTokenId',
    })
    expect(aws.requestId?.(answer(200, '', { 'x-amz-request-id': 'A' }))).toBe('A')
    expect(aws.requestId?.(answer(200, '', { 'x-amzn-requestid': 'B' }))).toBe('B')
  })
})

describe('AWS: the twin', () => {
  it('needs a bucket, and the right one of an upload', () => {
    const twin = rehearse(aws)
    const path = { bucket: 'b', key: 'k' }

    expect(twin.call('object.put', { path }).status).toBe(404)
    expect(twin.call('multipart.create', { path }).status).toBe(404)
    expect(twin.call('object.copy', { path, headers: { 'x-amz-copy-source': '/b/k' } }).status).toBe(404)
    twin.call('bucket.create', { path: { bucket: 'bbb' } })
    expect(twin.call('multipart.part', { path: { bucket: 'bbb', key: 'k' }, query: { uploadId: 'u' } }).status).toBe(
      404,
    )
  })

  it('does not name the region that has no name', () => {
    const value = { CreateBucketConfiguration: { LocationConstraint: 'us-east-1' } }

    expect(rehearse(aws).call('bucket.create', { path: { bucket: 'bbb' }, value })).toMatchObject({
      status: 400,
      body: expect.stringContaining('InvalidLocationConstraint'),
    })
  })

  it('refuses a part number beyond the last, and an empty list of parts', () => {
    const twin = rehearse(aws)
    const path = { bucket: 'bbb', key: 'k' }
    twin.call('bucket.create', { path: { bucket: 'bbb' } })
    const { body } = twin.call('multipart.create', { path })
    const uploadId = /<UploadId>([^<]+)/.exec(String(body))?.[1] ?? ''

    expect(twin.call('multipart.part', { path, query: { uploadId, partNumber: '10001' } }).status).toBe(400)
    expect(twin.call('multipart.complete', { path, query: { uploadId }, value: {} }).status).toBe(400)
  })
})
