// Buckets, as the vocabulary has them. Their names and settings are known everywhere only after a while.
import {
  del,
  get,
  type JsonObject,
  listOf,
  type ProviderDefinition,
  put,
  type ReadBack,
  readAs,
  utcTime,
  z,
} from '../../../../adapter/index.ts'
import * as sample from './examples.ts'
import { BUCKET, priced, XMLNS } from './shapes.ts'

const all = z.object({
  ListAllMyBucketsResult: z.object({
    // An empty element is a text.
    Buckets: z.union([z.literal(''), z.object({ Bucket: z.json().optional().transform(listOf) })]).optional(),
    ContinuationToken: z.string().optional(),
  }),
})
const one = z.object({ Name: z.string(), CreationDate: utcTime.optional() })

const lookForBuckets = { operation: 'bucket.list', input: { limit: 10_000 } }
const read = z.object({ buckets: z.array(z.object({ name: z.string() })) })
const isThere = (seen: JsonObject | undefined, name: string): boolean | undefined =>
  read.safeParse(seen).data?.buckets.some((bucket) => bucket.name === name)

const readBack = (name: string, there: boolean): ReadBack => ({
  ...lookForBuckets,
  holds: (seen) => isThere(seen, name) === there,
  consistency: 'eventual',
})

export const buckets: Pick<ProviderDefinition['operations'], 'bucket.create' | 'bucket.list' | 'bucket.delete'> = {
  'bucket.create': {
    summary: 'Make a bucket.',
    effect: 'create',
    labels: { reads: 'public', returns: 'trusted', sends: 'external' },
    scope: 's3:CreateBucket',
    without: ['native'],
    request: ({ name, region }) =>
      put(BUCKET, {
        path: { bucket: name },
        // The one region that S3 takes as the default must not be named.
        ...(region === undefined || region === 'us-east-1'
          ? {}
          : { xml: { CreateBucketConfiguration: { '@_xmlns': XMLNS, LocationConstraint: region } } }),
        answer: 'empty',
      }),
    result: (_body, { input }) => ({ name: input.name }),
    cost: priced('a request, and what the bucket will hold,'),
    // us-east-1 answers 200 for a bucket that is one's own already: that one is not to be deleted by an undo.
    before: () => lookForBuckets,
    undo: ({ input, before }) =>
      isThere(before, input.name) === false ? { operation: 'bucket.delete', input: { name: input.name } } : undefined,
    undoLabel: 'bucket.delete, while it is empty',
    verify: ({ input }) => readBack(input.name, true),
    examples: [
      { input: { name: 'reports', region: 'eu-west-1' }, headers: { location: '/reports' }, response: null },
      { input: { name: 'reports' }, headers: { location: '/reports' }, response: null },
    ],
  },
  'bucket.list': {
    summary: 'List buckets.',
    effect: 'read',
    labels: { reads: 'private', returns: 'trusted', sends: 'none' },
    scope: 's3:ListAllMyBuckets',
    request: ({ limit }) => get('/', { query: { 'max-buckets': limit }, answer: 'xml' }),
    result: (body) => ({
      buckets: bucketsIn(body).map(({ Name, CreationDate }) => ({ name: Name, createdAt: CreationDate ?? null })),
    }),
    pages: {
      field: 'buckets',
      next: (body) => {
        const token = readAs(all, body).ListAllMyBucketsResult.ContinuationToken
        return token ? { query: { 'continuation-token': token } } : undefined
      },
    },
    cost: priced('a list'),
    examples: [{ input: { limit: 100 }, response: sample.buckets() }],
  },
  'bucket.delete': {
    summary: 'Delete an empty bucket.',
    effect: 'delete',
    labels: { reads: 'public', returns: 'trusted', sends: 'none' },
    scope: 's3:DeleteBucket',
    request: ({ name }) => del(BUCKET, { path: { bucket: name }, answer: 'empty' }),
    result: (_body, { input }) => ({ name: input.name }),
    cost: 'free',
    undo: { none: 'The name may be taken by somebody else by then, and the settings of the bucket are gone.' },
    verify: ({ input }) => readBack(input.name, false),
    examples: [{ input: { name: 'reports' }, status: 204, response: null }],
  },
}

function bucketsIn(body: Parameters<typeof readAs>[1]) {
  const { Buckets } = readAs(all, body).ListAllMyBucketsResult
  return Buckets ? Buckets.Bucket.map((item) => readAs(one, item)) : []
}
