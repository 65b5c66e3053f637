// Uploads in parts at the twin of S3.
import { type JsonObject, type JsonValue, listOf, type TwinAnswer, type TwinCall } from '../../../../adapter/index.ts'
import { emptyAnswer, s3Error, xmlAnswer } from '../twin-answers.ts'
import { etagOf, keep, metadataIn } from './twin-objects.ts'

/** S3 refuses smaller parts, but for the last one, when the upload is completed. */
const PART_MIN_BYTES = 5 * 1024 * 1024

const noUpload = (): TwinAnswer => s3Error(404, 'NoSuchUpload', 'The specified upload does not exist.')

const partsOf = ({ state, query }: TwinCall) => state(`parts of ${query.uploadId ?? ''}`)

/** The upload that a call is about, where it is under this key. */
function uploadOf({ state, query, path }: TwinCall): JsonObject | undefined {
  const upload = state('uploads').get(query.uploadId ?? '')
  return upload?.bucket === path.bucket && upload?.key === path.key ? upload : undefined
}

function create({ state, path, headers, nextId }: TwinCall): TwinAnswer {
  const { bucket = '', key = '' } = path
  if (!state('buckets').has(bucket)) return s3Error(404, 'NoSuchBucket', 'The specified bucket does not exist')
  const id = nextId('upload-')
  const { 'content-type': contentType = 'binary/octet-stream' } = headers
  state('uploads').set(id, { bucket, key, contentType, metadata: metadataIn(headers) })
  return xmlAnswer({ InitiateMultipartUploadResult: { Bucket: bucket, Key: key, UploadId: id } })
}

function part(call: TwinCall): TwinAnswer {
  if (!uploadOf(call)) return noUpload()
  const number = Number(call.query.partNumber)
  if (!Number.isInteger(number) || number < 1 || number > 10_000) {
    return s3Error(400, 'InvalidArgument', 'Part number must be an integer between 1 and 10000, inclusive')
  }
  const etag = etagOf(call.bytes)
  partsOf(call).set(String(number), { base64: Buffer.from(call.bytes).toString('base64'), etag })
  return emptyAnswer(200, { etag })
}

function complete(call: TwinCall): TwinAnswer {
  const upload = uploadOf(call)
  if (!upload) return noUpload()
  const wanted = wantedParts(call.value)
  const numbers = wanted.map(({ number }) => Number(number))
  if (numbers.length === 0) return s3Error(400, 'MalformedXML', 'The XML you provided was not well-formed')
  if (numbers.some((number, at) => at > 0 && number <= (numbers[at - 1] ?? 0))) {
    return s3Error(400, 'InvalidPartOrder', 'The list of parts was not in ascending order.')
  }
  const pieces: Buffer[] = []
  for (const { number, etag } of wanted) {
    const kept = partsOf(call).get(number)
    if (!kept || bare(String(kept.etag)) !== bare(etag)) {
      return s3Error(400, 'InvalidPart', 'One or more of the specified parts could not be found.')
    }
    pieces.push(Buffer.from(String(kept.base64), 'base64'))
  }
  if (pieces.slice(0, -1).some(({ length }) => length < PART_MIN_BYTES)) {
    return s3Error(400, 'EntityTooSmall', 'Your proposed upload is smaller than the minimum allowed size')
  }
  const place = { bucket: String(upload.bucket), key: String(upload.key) }
  const bytes = Buffer.concat(pieces)
  const etag = `"${bare(etagOf(bytes))}-${pieces.length}"`
  keep({ ...call, headers: headersOf(upload) }, place, bytes, etag)
  end(call)
  return xmlAnswer({
    CompleteMultipartUploadResult: {
      Location: `http://127.0.0.1/${place.bucket}/${place.key}`,
      Bucket: place.bucket,
      Key: place.key,
      ETag: etag,
    },
  })
}

function abort(call: TwinCall): TwinAnswer {
  if (!uploadOf(call)) return noUpload()
  end(call)
  return emptyAnswer(204)
}

function end(call: TwinCall): void {
  const parts = partsOf(call)
  for (const number of [...parts.keys()]) parts.delete(number)
  call.state('uploads').delete(call.query.uploadId ?? '')
}

function wantedParts(value: JsonValue): { number: string; etag: string }[] {
  const { CompleteMultipartUpload: root } = (value ?? {}) as JsonObject // whatever it is, its members are looked at
  const parts = root !== null && typeof root === 'object' ? (root as JsonObject).Part : undefined
  return listOf(parts).map((item) => {
    const { PartNumber: number, ETag: etag } = item as JsonObject
    return { number: String(number), etag: String(etag) }
  })
}

const headersOf = ({ contentType, metadata }: JsonObject): Record<string, string> => ({
  'content-type': String(contentType),
  ...Object.fromEntries(
    Object.entries(metadata as JsonObject).map(([name, value]) => [`x-amz-meta-${name}`, String(value)]),
  ),
})

/** ETags come with and without their quotes. */
const bare = (etag: string): string => etag.replace(/^"|"$/g, '')

export const multipartHandlers: Record<string, (call: TwinCall) => TwinAnswer> = {
  'multipart.create': create,
  'multipart.part': part,
  'multipart.complete': complete,
  'multipart.abort': abort,
}
