// What an answer of AWS means. S3 says `<Error>`, STS `<ErrorResponse>`; a HEAD has no body, so its status has to speak.
// https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
import { type Fault, faultOfStatus, type IncomingResponse, type Meanings, xmlError } from '../../../adapter/index.ts'

const WRONG_REGION = 'Set the region of the instance to the one of the bucket.'
const WRONG_SECRET = 'Store AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY again; they belong together.'
const TEMPORARY = 'Temporary keys have ended: get new ones, and store all three secrets.'
const BUCKET_TAKEN = 'Names of buckets are shared by all accounts: choose another one.'

const MEANINGS: Meanings = {
  SignatureDoesNotMatch: { code: 'IF_ERR_AUTH_FAILED', hint: WRONG_SECRET },
  InvalidAccessKeyId: { code: 'IF_ERR_AUTH_FAILED', hint: WRONG_SECRET },
  InvalidClientTokenId: { code: 'IF_ERR_AUTH_FAILED', hint: WRONG_SECRET },
  ExpiredToken: { code: 'IF_ERR_AUTH_FAILED', hint: TEMPORARY },
  InvalidToken: { code: 'IF_ERR_AUTH_FAILED', hint: TEMPORARY },
  AccessDenied: { code: 'IF_ERR_AUTH_FAILED', hint: 'The policy of the key, or of the bucket, does not allow this.' },
  RequestTimeTooSkewed: { code: 'IF_ERR_AUTH_FAILED', hint: 'Set the clock of this machine.' },
  RequestExpired: { code: 'IF_ERR_AUTH_FAILED', hint: 'Set the clock of this machine.' },
  AuthorizationHeaderMalformed: { code: 'IF_ERR_ACTION_FAILED', hint: WRONG_REGION },
  PermanentRedirect: { code: 'IF_ERR_ACTION_FAILED', hint: WRONG_REGION },
  TemporaryRedirect: {
    code: 'IF_ERR_ACTION_FAILED',
    hint: 'A new bucket is not known everywhere yet: try again later.',
  },
  IllegalLocationConstraintException: {
    code: 'IF_ERR_INVALID_INPUT',
    hint: 'Give the region of the instance as the region of the bucket.',
  },
  InvalidLocationConstraint: { code: 'IF_ERR_INVALID_INPUT', hint: 'There is no such region.' },
  InvalidBucketName: {
    code: 'IF_ERR_INVALID_INPUT',
    hint: 'A name has 3 to 63 lower-case letters, digits, dots and hyphens.',
  },
  NoSuchBucket: { code: 'IF_ERR_NOT_FOUND' },
  NoSuchKey: { code: 'IF_ERR_NOT_FOUND' },
  NoSuchUpload: { code: 'IF_ERR_NOT_FOUND', hint: 'The upload was completed or aborted, or never existed.' },
  BucketAlreadyExists: { code: 'IF_ERR_ALREADY_EXISTS', hint: BUCKET_TAKEN },
  BucketAlreadyOwnedByYou: { code: 'IF_ERR_ALREADY_EXISTS', hint: 'The bucket is your own already.' },
  BucketNotEmpty: { code: 'IF_ERR_CONFLICT', hint: 'Delete its objects first, old versions included.' },
  PreconditionFailed: { code: 'IF_ERR_CONFLICT', hint: 'There is an object under this key, or it has changed.' },
  ConditionalRequestConflict: { code: 'IF_ERR_CONFLICT', hint: 'Somebody else writes this key: try again.' },
  OperationAborted: {
    code: 'IF_ERR_CONFLICT',
    hint: 'Another operation on this bucket is under way: try again later.',
  },
  InvalidRange: { code: 'IF_ERR_INVALID_INPUT', hint: 'The object is shorter.' },
  EntityTooSmall: { code: 'IF_ERR_INVALID_INPUT', hint: 'All parts but the last have 5 MiB at least.' },
  InvalidPart: { code: 'IF_ERR_INVALID_INPUT', hint: 'Give number and ETag of each part as its upload told them.' },
  InvalidObjectState: { code: 'IF_ERR_CONFLICT', hint: 'The object is in an archive and has to be restored first.' },
  SlowDown: { code: 'IF_ERR_RATE_LIMIT_EXCEEDED', outcome: 'not-done' },
  Throttling: { code: 'IF_ERR_RATE_LIMIT_EXCEEDED', outcome: 'not-done' },
  RequestTimeout: { code: 'IF_ERR_PROVIDER_UNAVAILABLE', outcome: 'not-done' },
  // Inside a 200 too: a copy or a completed upload that broke in the middle.
  InternalError: { code: 'IF_ERR_PROVIDER_UNAVAILABLE', outcome: 'unknown' },
}

export function awsFault(response: IncomingResponse): Fault | undefined {
  const { status, headers } = response
  // What comes with these headers is the content of an object, which may be an error that somebody stored.
  if (status < 300 && (headers.etag !== undefined || headers['last-modified'] !== undefined)) return undefined
  const error = xmlError(response)
  const region = headers['x-amz-bucket-region']
  const told = {
    message: error?.message,
    vendorCode: error?.code ?? (status >= 300 && status < 400 ? 'PermanentRedirect' : undefined),
    meanings: MEANINGS,
  }
  const isElsewhere = told.vendorCode === 'PermanentRedirect' || told.vendorCode === 'AuthorizationHeaderMalformed'
  return faultOfStatus(response, isElsewhere && region ? { ...told, hint: `${WRONG_REGION} It is ${region}.` } : told)
}

export const requestIdOf = ({ headers }: IncomingResponse): string | undefined =>
  headers['x-amz-request-id'] ?? headers['x-amzn-requestid']
