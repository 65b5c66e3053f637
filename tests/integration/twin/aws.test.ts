// The official client of S3 against the twin: it signs by itself, must be content with every answer, and raise its own
// errors. The client of STS is not at hand, so its one request is signed here by AWS's own signer.
import { createHash, createHmac } from 'node:crypto'
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteBucketCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListBucketsCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3'
import { SignatureV4 } from '@smithy/signature-v4'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import definition from '../../../src/providers/cloud/aws/index.ts'
import { openTwin, openVendorDescription, type Twin, vendorDescriptionsFolder } from '../../../src/twin/index.ts'
import { clientProof } from '../../support/proof.ts'

const folder = vendorDescriptionsFolder()
const specs = folder ? await openVendorDescription(folder, definition) : undefined
const held = specs ? "held against AWS's service models" : 'SKIPPED: no description at hand, the client alone judges'

const proof = clientProof(definition, '@aws-sdk/client-s3')
const MEBIBYTE = 1024 * 1024

class Sha256 {
  readonly #hash: ReturnType<typeof createHash> | ReturnType<typeof createHmac>

  constructor(key?: string | ArrayBuffer | ArrayBufferView) {
    this.#hash = key === undefined ? createHash('sha256') : createHmac('sha256', key as Uint8Array)
  }

  update(piece: string | ArrayBuffer | ArrayBufferView): void {
    this.#hash.update(piece as Uint8Array)
  }

  async digest(): Promise<Uint8Array> {
    return this.#hash.digest()
  }

  reset(): void {}
}

describe('STS at the twin', () => {
  it('tells who a key belongs to, to a request that AWS itself has signed', async () => {
    const twin = await openTwin({ provider: definition, ...(specs ? { specs } : {}) })
    const ask = async (service: string) => {
      const signer = new SignatureV4({
        service,
        region: 'eu-west-1',
        credentials: {
          accessKeyId: twin.secrets.AWS_ACCESS_KEY_ID ?? '',
          secretAccessKey: twin.secrets.AWS_SECRET_ACCESS_KEY ?? '',
        },
        sha256: Sha256,
      })
      const { protocol, hostname, host } = new URL(twin.url)
      const body = 'Action=GetCallerIdentity&Version=2011-06-15'
      const headers = { host, 'content-type': 'application/x-www-form-urlencoded' }
      const signed = await signer.sign({ method: 'POST', protocol, hostname, path: '/', query: {}, headers, body })
      return fetch(`${twin.url}/`, { method: 'POST', headers: signed.headers, body })
    }

    expect(await (await ask('sts')).text()).toContain('<Account>123456789012</Account>')
    expect((await ask('s3')).status).toBe(403)
    await twin.close()
    expect(twin.problems).toEqual([])
  })
})

describe(`the client @aws-sdk/client-s3 with the twin (${held})`, () => {
  let twin: Twin
  let s3: S3Client

  const client = (secretAccessKey = twin.secrets.AWS_SECRET_ACCESS_KEY ?? '') =>
    new S3Client({
      endpoint: twin.url,
      region: 'eu-west-1',
      forcePathStyle: true,
      maxAttempts: 1,
      credentials: { accessKeyId: twin.secrets.AWS_ACCESS_KEY_ID ?? '', secretAccessKey },
    })
  const bucket = async (name: string) => {
    await s3.send(
      new CreateBucketCommand({ Bucket: name, CreateBucketConfiguration: { LocationConstraint: 'eu-west-1' } }),
    )
    return name
  }
  const put = (Bucket: string, Key: string, Body = 'x') => s3.send(new PutObjectCommand({ Bucket, Key, Body }))

  beforeEach(async () => {
    twin = await openTwin({ provider: definition, maxBodyBytes: 12 * MEBIBYTE, ...(specs ? { specs } : {}) })
    s3 = client()
  })
  afterEach(async () => {
    proof.watch(twin)
    s3.destroy()
    await twin.close()
    expect(twin.problems).toEqual([])
  })

  it('makes, lists and deletes buckets', async () => {
    await bucket('one')
    await bucket('two')

    expect((await s3.send(new ListBucketsCommand({}))).Buckets?.map(({ Name }) => Name)).toEqual(['one', 'two'])
    await s3.send(new DeleteBucketCommand({ Bucket: 'one' }))
    const { Buckets, ContinuationToken } = await s3.send(new ListBucketsCommand({ MaxBuckets: 1 }))
    expect([Buckets?.map(({ Name }) => Name), ContinuationToken]).toEqual([['two'], undefined])
    for (const operation of ['bucket.create', 'bucket.delete']) proof.saw(operation) // under the client's own spelling
  })

  it('stores, looks at, reads and deletes an object', async () => {
    const Bucket = await bucket('reports')
    const at = { Bucket, Key: 'a folder/ü+1 & more?.txt' }
    const stored = await s3.send(
      new PutObjectCommand({ ...at, Body: 'All quiet.', ContentType: 'text/plain', Metadata: { source: 'press' } }),
    )

    const seen = await s3.send(new HeadObjectCommand(at))
    expect(seen).toMatchObject({ ContentLength: 10, ContentType: 'text/plain', ETag: stored.ETag })
    expect(seen.Metadata).toEqual({ source: 'press' })
    expect(seen.LastModified).toBeInstanceOf(Date)
    const read = await s3.send(new GetObjectCommand(at))
    expect(await read.Body?.transformToString()).toBe('All quiet.')
    const part = await s3.send(new GetObjectCommand({ ...at, Range: 'bytes=4-' }))
    expect([await part.Body?.transformToString(), part.ContentRange]).toEqual(['quiet.', 'bytes 4-9/10'])
    await s3.send(new DeleteObjectCommand(at))
    await s3.send(new DeleteObjectCommand(at))
    await expect(s3.send(new GetObjectCommand(at))).rejects.toMatchObject({ name: 'NoSuchKey' })
  })

  it('lists keys in the order of their bytes, page after page', async () => {
    const Bucket = await bucket('many')
    for (const key of ['b', 'a/1', 'a/2', 'ä', 'A']) await put(Bucket, key)

    const first = await s3.send(new ListObjectsV2Command({ Bucket, MaxKeys: 3 }))
    const rest = await s3.send(new ListObjectsV2Command({ Bucket, ContinuationToken: first.NextContinuationToken }))
    const some = await s3.send(new ListObjectsV2Command({ Bucket, Prefix: 'a/' }))

    const keys = [first, rest, some].map(({ Contents }) => Contents?.map(({ Key }) => Key))
    expect(keys).toEqual([
      ['A', 'a/1', 'a/2'],
      ['b', 'ä'],
      ['a/1', 'a/2'],
    ])
    expect(rest.IsTruncated).toBe(false)
    proof.saw('object.list')
  })

  it('stores an object only where none stands', async () => {
    const Bucket = await bucket('locks')
    const claim = () => s3.send(new PutObjectCommand({ Bucket, Key: 'lock', Body: 'mine', IfNoneMatch: '*' }))
    await claim()

    await expect(claim()).rejects.toMatchObject({ name: 'PreconditionFailed' })
  })

  it('copies an object', async () => {
    const Bucket = await bucket('archive')
    await put(Bucket, 'a b/ü.txt', 'kept')

    const copy = await s3.send(
      new CopyObjectCommand({ Bucket, Key: 'copy', CopySource: `${Bucket}/${encodeURIComponent('a b/ü.txt')}` }),
    )
    expect(copy.CopyObjectResult?.ETag).toMatch(/^"[0-9a-f]+"$/)
    const read = await s3.send(new GetObjectCommand({ Bucket, Key: 'copy' }))
    expect(await read.Body?.transformToString()).toBe('kept')
    await expect(
      s3.send(new CopyObjectCommand({ Bucket, Key: 'copy', CopySource: `${Bucket}/none` })),
    ).rejects.toMatchObject({ name: 'NoSuchKey' })
  })

  it('uploads an object in parts', async () => {
    const at = { Bucket: await bucket('films'), Key: 'film.mp4' }
    const { UploadId } = await s3.send(new CreateMultipartUploadCommand({ ...at, ContentType: 'video/mp4' }))
    const send = async (PartNumber: number, Body: Buffer) => {
      const { ETag } = await s3.send(new UploadPartCommand({ ...at, UploadId, PartNumber, Body }))
      return { PartNumber, ETag }
    }
    const last = await send(2, Buffer.from('the end'))
    const first = await send(1, Buffer.alloc(5 * MEBIBYTE, 'f'))

    const whole = await s3.send(
      new CompleteMultipartUploadCommand({ ...at, UploadId, MultipartUpload: { Parts: [first, last] } }),
    )
    expect(whole.ETag).toMatch(/-2"$/)
    const seen = await s3.send(new HeadObjectCommand(at))
    expect([seen.ContentLength, seen.ContentType]).toEqual([5 * MEBIBYTE + 7, 'video/mp4'])
  })

  it('refuses small parts, wrong parts, and uploads that are no more', async () => {
    const at = { Bucket: await bucket('films'), Key: 'film.mp4' }
    const { UploadId } = await s3.send(new CreateMultipartUploadCommand(at))
    const send = async (PartNumber: number) => {
      const { ETag } = await s3.send(new UploadPartCommand({ ...at, UploadId, PartNumber, Body: 'small' }))
      return { PartNumber, ETag }
    }
    const parts = [await send(1), await send(2)]
    const complete = (Parts: { PartNumber: number; ETag: string | undefined }[]) =>
      s3.send(new CompleteMultipartUploadCommand({ ...at, UploadId, MultipartUpload: { Parts } }))

    await expect(complete(parts)).rejects.toMatchObject({ name: 'EntityTooSmall' })
    await expect(complete([{ PartNumber: 3, ETag: '"none"' }])).rejects.toMatchObject({ name: 'InvalidPart' })
    await expect(complete(parts.toReversed())).rejects.toMatchObject({ name: 'InvalidPartOrder' })
    await s3.send(new AbortMultipartUploadCommand({ ...at, UploadId }))
    await expect(s3.send(new AbortMultipartUploadCommand({ ...at, UploadId }))).rejects.toMatchObject({
      name: 'NoSuchUpload',
    })
  })

  it('raises the errors of the client', async () => {
    const Bucket = await bucket('reports')
    await put(Bucket, 'a')
    const stranger = client('wrong')

    await expect(stranger.send(new ListBucketsCommand({}))).rejects.toMatchObject({ name: 'SignatureDoesNotMatch' })
    await expect(bucket('reports')).rejects.toMatchObject({ name: 'BucketAlreadyOwnedByYou' })
    await expect(bucket('Not_a_name')).rejects.toMatchObject({ name: 'InvalidBucketName' })
    await expect(s3.send(new DeleteBucketCommand({ Bucket }))).rejects.toMatchObject({ name: 'BucketNotEmpty' })
    await expect(s3.send(new ListObjectsV2Command({ Bucket: 'none' }))).rejects.toMatchObject({ name: 'NoSuchBucket' })
    await expect(put('none', 'a')).rejects.toMatchObject({ name: 'NoSuchBucket' })
    await expect(s3.send(new HeadObjectCommand({ Bucket, Key: 'none' }))).rejects.toMatchObject({ name: 'NotFound' })
    await expect(s3.send(new GetObjectCommand({ Bucket, Key: 'a', Range: 'bytes=5-' }))).rejects.toMatchObject({
      name: 'InvalidRange',
    })
    stranger.destroy()
  })

  it(proof.title, () => proof.check())
})
