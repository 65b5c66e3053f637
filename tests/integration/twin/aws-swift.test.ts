// Our own requests at a real server with S3's interface, which checks every signature: OpenStack Swift. What STS does it
// does not have.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { instanceSchema, type OperationEntry, operationOf, parseInput, perform } from '../../../src/adapter/index.ts'
import { FabricError, type JsonObject, Secret } from '../../../src/foundation/index.ts'
import definition from '../../../src/providers/cloud/aws/index.ts'
import { peerProof } from '../../support/proof.ts'
import { hasSwift, openSwift, type Swift } from '../../support/swift.ts'
import { load } from '../../unit/adapter/fixtures/acme.ts'
import { openTestDoor } from '../../unit/adapter/fixtures/server.ts'

const isHere = hasSwift()
const proof = peerProof(definition, 'OpenStack Swift s3api')
const MEBIBYTE = 1024 * 1024

describe.skipIf(!isHere)(`S3 at OpenStack Swift${isHere ? '' : ' (SKIPPED: Swift is not installed)'}`, () => {
  const provider = load(definition)
  const door = openTestDoor()
  let swift: Swift

  beforeAll(async () => {
    swift = await openSwift()
  }, 90_000)
  afterAll(async () => {
    await door.close()
    await swift?.close()
  })

  const run = async (
    entry: OperationEntry,
    input: JsonObject,
    { secretAccessKey = swift.secretAccessKey, region = swift.region } = {},
  ) => {
    const known = new Map([
      ['AWS_ACCESS_KEY_ID', swift.accessKeyId],
      ['AWS_SECRET_ACCESS_KEY', secretAccessKey],
    ])
    const { result } = await perform({
      provider,
      instance: instanceSchema.parse({
        version: 1,
        name: 'swift',
        provider: 'aws',
        settings: { region },
        twin: swift.url,
      }),
      entry,
      input: parseInput(entry, input),
      door,
      secrets: {
        open: async (name) => {
          const value = known.get(name)
          if (value === undefined) throw new FabricError('IF_ERR_SECRET_MISSING', `no ${name}`)
          return new Secret(value)
        },
      },
      timeoutMs: 20_000,
    })
    return result
  }
  const call = (operation: string, input: JsonObject, credentials?: { secretAccessKey?: string; region?: string }) =>
    run(operationOf(provider, operation), input, credentials)
  const bucket = async (name: string) => {
    await call('bucket.create', { name })
    return name
  }
  const read = async (bucketName: string, key: string) => (await call('object.get', { bucket: bucketName, key })).body

  it('makes, lists and deletes buckets', async () => {
    await bucket('short-lived')
    proof.saw('bucket.create')

    const names = async () => (await call('bucket.list', {})).buckets
    expect(await names()).toEqual([{ name: 'short-lived', createdAt: expect.stringMatching(/Z$/) }])
    proof.saw('bucket.list')
    await call('bucket.delete', { name: 'short-lived' })
    expect(await names()).toEqual([])
    proof.saw('bucket.delete')
  })

  it('stores, looks at, reads in parts and deletes an object', async () => {
    const at = { bucket: await bucket('reports'), key: '2026/november.txt' }
    const extras = { 'Cache-Control': 'max-age=60', metadata: { Source: 'press-kit' } }
    const stored = await call('object.put', { ...at, body: 'All quiet.', contentType: 'text/plain', native: extras })
    proof.saw('object.put')

    expect(await call('object.head', at)).toMatchObject({
      size: 10,
      contentType: expect.stringMatching(/^text\/plain/),
      etag: stored.etag,
      changedAt: expect.stringMatching(/Z$/),
      metadata: { source: 'press-kit' },
    })
    proof.saw('aws:object.head')
    expect(await call('object.get', at)).toMatchObject({ body: 'All quiet.', size: 10, etag: stored.etag })
    expect(await call('object.get', { ...at, from: 4 })).toMatchObject({ body: 'quiet.', size: 6 })
    expect(await call('object.get', { ...at, until: 2 })).toMatchObject({ body: 'All' })
    proof.saw('object.get')
    await call('object.delete', at)
    await expect(call('object.get', at)).rejects.toMatchObject({ code: 'IF_ERR_NOT_FOUND' })
    await expect(call('object.head', at)).rejects.toMatchObject({ code: 'IF_ERR_NOT_FOUND' })
    proof.saw('object.delete')
  })

  it.each([
    'a b',
    'plus+sign',
    'ünïcode/日本語/🎈',
    '100%',
    'already%20encoded%2Fslash',
    'quotes\'and"(brackets)!*',
    'query?a=b&c=d#e',
    'a=b;c,d:e@f$g~h',
    'folder/',
    'back\\slash',
    '&amp;<xml>',
  ])('stores, lists, copies and deletes under the key %j', async (key) => {
    const name = await bucket(
      `keys-${Math.abs([...key].reduce((sum, sign) => sum * 31 + sign.charCodeAt(0), 7) % 1e9)}`,
    )
    await call('object.put', { bucket: name, key, body: key })

    expect(await read(name, key)).toBe(key)
    const { objects } = (await call('object.list', { bucket: name, prefix: key })) as { objects: { key: string }[] }
    expect(objects.map((object) => object.key)).toEqual([key])
    await call('object.copy', { fromBucket: name, fromKey: key, bucket: name, key: 'copy' })
    expect(await read(name, 'copy')).toBe(key)
    await call('object.delete', { bucket: name, key })
    await expect(call('object.get', { bucket: name, key })).rejects.toMatchObject({ code: 'IF_ERR_NOT_FOUND' })
    proof.saw('aws:object.copy')
  })

  it('stores bytes and nothing as they are', async () => {
    const name = await bucket('bytes')
    const bytes = Buffer.from([0, 255, 13, 10, 60, 69, 114, 114, 111, 114, 62]).toString('base64')
    await call('object.put', { bucket: name, key: 'bytes', base64: bytes })
    await call('object.put', { bucket: name, key: 'nothing', body: '' })

    expect(await call('object.get', { bucket: name, key: 'bytes' })).toMatchObject({ base64: bytes, body: null })
    expect(await call('object.get', { bucket: name, key: 'nothing' })).toMatchObject({ base64: '', body: '', size: 0 })
  })

  it('reads an object that looks like an error of S3', async () => {
    const at = { bucket: await bucket('lookalikes'), key: 'error.xml' }
    const body = '<?xml version="1.0"?><Error><Code>AccessDenied</Code></Error>'
    await call('object.put', { ...at, body, contentType: 'application/xml' })

    expect(await read(at.bucket, at.key)).toBe(body)
  })

  it('lists page after page', async () => {
    const name = await bucket('pages')
    for (const key of ['c', 'a', 'b']) await call('object.put', { bucket: name, key, body: key })
    const entry = operationOf(provider, 'object.list')
    const small = { ...entry, operation: { ...entry.operation, request: onePerPage(entry.operation.request) } }

    const result = await run(small, { bucket: name })

    expect((result.objects as { key: string }[]).map(({ key }) => key)).toEqual(['a', 'b', 'c'])
    proof.saw('object.list')
  })

  it('says that this server cannot store only where nothing stands', async () => {
    const at = { bucket: await bucket('locks'), key: 'lock' }

    await expect(call('object.create', { ...at, body: 'mine' })).rejects.toMatchObject({ code: 'IF_ERR_UNSUPPORTED' })
  })

  it('uploads in parts, and gives uploads up', async () => {
    const at = { bucket: await bucket('films'), key: 'film ü+1.mp4' }
    const { uploadId } = await call('multipart.create', { ...at, contentType: 'video/mp4' })
    proof.saw('aws:multipart.create')
    const part = (partNumber: number, bytes: Buffer) =>
      call('multipart.part', { ...at, uploadId, partNumber, base64: bytes.toString('base64') } as JsonObject)
    const last = await part(2, Buffer.from('the end'))
    const first = await part(1, Buffer.alloc(5 * MEBIBYTE, 'f'))
    proof.saw('aws:multipart.part')

    // In any order: they leave in order.
    const whole = await call('multipart.complete', { ...at, uploadId, parts: [last, first] } as JsonObject)
    const seen = await call('object.head', at)
    expect(seen).toMatchObject({ size: 5 * MEBIBYTE + 7, contentType: 'video/mp4', etag: whole.etag })
    expect(await call('object.get', { ...at, from: 5 * MEBIBYTE })).toMatchObject({ body: 'the end' })
    proof.saw('aws:multipart.complete')

    const given = await call('multipart.create', at)
    await call('multipart.abort', { ...at, uploadId: given.uploadId } as JsonObject)
    await expect(
      call('multipart.part', { ...at, uploadId: given.uploadId, partNumber: 1, body: 'late' } as JsonObject),
    ).rejects.toMatchObject({ code: 'IF_ERR_NOT_FOUND', details: { vendorCode: 'NoSuchUpload' } })
    proof.saw('aws:multipart.abort')
  })

  it('tells what is wrong: the secret, the region, the names', async () => {
    const name = await bucket('faults')
    await call('object.put', { bucket: name, key: 'a', body: 'a' })

    await expect(call('bucket.list', {}, { secretAccessKey: 'wrong' })).rejects.toMatchObject({
      code: 'IF_ERR_AUTH_FAILED',
      hint: expect.stringContaining('AWS_SECRET_ACCESS_KEY'),
      details: { status: 403, vendorCode: 'SignatureDoesNotMatch' },
    })
    await expect(call('bucket.list', {}, { region: 'eu-west-1' })).rejects.toMatchObject({
      code: 'IF_ERR_ACTION_FAILED',
      hint: expect.stringContaining('region'),
      details: { vendorCode: 'AuthorizationHeaderMalformed' },
    })
    await expect(bucket(name)).rejects.toMatchObject({ code: 'IF_ERR_ALREADY_EXISTS' })
    await expect(call('bucket.delete', { name })).rejects.toMatchObject({ code: 'IF_ERR_CONFLICT' })
    await expect(call('object.list', { bucket: 'none' })).rejects.toMatchObject({ code: 'IF_ERR_NOT_FOUND' })
    await expect(call('object.get', { bucket: name, key: 'a', from: 5 })).rejects.toMatchObject({
      code: 'IF_ERR_INVALID_INPUT',
      details: { vendorCode: 'InvalidRange' },
    })
  })

  it(proof.title, () => proof.check())
})

type RequestOf = ReturnType<typeof operationOf>['operation']['request']

const onePerPage =
  (request: RequestOf): RequestOf =>
  (input) => {
    const spec = request(input)
    return { ...spec, query: { ...spec.query, 'max-keys': 1 } }
  }
