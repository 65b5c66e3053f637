// Amazon Web Services. S3 stands in s3/, path style, so that one host serves all buckets; who the key belongs to is told by
// STS. Every request is signed by the door with Signature Version 4, for the service that it goes to.
import { defineProvider, secret, signed, z } from '../../../adapter/index.ts'
import { awsFault, requestIdOf } from './errors.ts'
import { identity } from './identity.ts'
import { buckets } from './s3/buckets.ts'
import { moreObjects } from './s3/more-objects.ts'
import { multipart } from './s3/multipart.ts'
import { objects } from './s3/objects.ts'
import { twin } from './twin.ts'

const recipe = (service: string) =>
  ({
    scheme: 'aws-sigv4',
    service,
    region: '{region}',
    accessKeyId: secret('AWS_ACCESS_KEY_ID').secret,
    secretAccessKey: secret('AWS_SECRET_ACCESS_KEY').secret,
    sessionToken: secret('AWS_SESSION_TOKEN').secret,
  }) as const

const definition = defineProvider({
  id: 'aws',
  name: 'Amazon Web Services',
  category: 'cloud',
  version: '1.0.0',
  docs: 'https://docs.aws.amazon.com/AmazonS3/latest/API/Welcome.html',
  sources: [
    'botocore 1.43.107: service models s3 2006-03-01, sts 2011-06-15',
    'https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html',
    'https://docs.aws.amazon.com/AmazonS3/latest/userguide/Welcome.html#ConsistencyModel',
    'npm @aws-sdk/client-s3',
  ],
  checkedAt: '2026-11-25',
  confidence: 'high',
  standing: 'active',
  notes: [
    'Covers S3 and the identity of STS; EC2, VPC and Lambda are not covered.',
    'An object that a put, copy or completed upload replaces is gone unless the bucket keeps versions; a new one is taken back by deleting it.',
    'In a bucket that keeps versions a delete only hides the object behind a marker.',
    'Keys that begin with a slash, or hold two slashes in a row or a segment that is . or .., cannot be reached: they do not survive in an address.',
    'A bucket outside of us-east-1 is made with region in the input, the same as the setting.',
    'A delete costs nothing, but classes with a minimum storage time are charged for the rest of it.',
    'A body that fits into an input fits into one put (5 GB), so uploads in parts are there for what is made piece by piece.',
    'Parts of an upload are stored, and paid for, until it is completed or aborted.',
    'Directory buckets (S3 Express) and the regions of China have other addresses and are not covered.',
    'An object that was stored with Content-Encoding gzip, deflate or br comes unpacked.',
  ],
  baseUrls: { main: 'https://s3.{region}.amazonaws.com', sts: 'https://sts.{region}.amazonaws.com' },
  settings: {
    region: {
      description: 'region of the buckets, such as eu-west-1',
      default: 'us-east-1',
      pattern: /^(?!cn-)[a-z]{2,4}(-[a-z]+)+-\d{1,2}$/,
    },
  },
  secrets: {
    AWS_ACCESS_KEY_ID: {
      label: 'access key id (AKIA…, temporary ones ASIA…)',
      get: 'https://console.aws.amazon.com/iam → Users → Security credentials → Create access key',
      testPrefix: 'AKIA',
      testDigits: 16,
    },
    AWS_SECRET_ACCESS_KEY: {
      label: 'secret access key (40 characters)',
      get: 'shown once, when the access key is created',
    },
    AWS_SESSION_TOKEN: {
      label: 'session token',
      get: 'comes with temporary keys (aws sts assume-role, IAM Identity Center); they end after hours',
      required: false,
    },
  },
  auth: signed(recipe('s3')),
  auths: { sts: signed(recipe('sts')) },
  headers: { Accept: '*/*' },
  // S3 takes at least 3,500 writes and 5,500 reads a second for a prefix (userguide/optimizing-performance.html); other
  // services publish no number for an account.
  limits: { rps: 100, burst: 200, backoffSeconds: [1, 2, 5, 10, 30] },
  errors: awsFault,
  requestId: requestIdOf,
  health: {
    operation: 'aws:identity.get',
    input: {},
    tell: (result) => z.object({ arn: z.string() }).parse(result).arn,
  },
  operations: { ...objects, ...buckets },
  native: { ...moreObjects, ...multipart, 'identity.get': identity },
  twin,
})

export default definition
