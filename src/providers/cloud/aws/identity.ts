// Whose the key is. STS answers every valid key, whatever it may do else.
import { native, post, readAs, z } from '../../../adapter/index.ts'

const answer = z.object({
  GetCallerIdentityResponse: z.object({
    GetCallerIdentityResult: z.object({ Account: z.string(), Arn: z.string(), UserId: z.string() }),
  }),
})

export const identity = native({
  summary: 'Tell whose the access key is.',
  effect: 'read',
  labels: { reads: 'private', returns: 'trusted', sends: 'none' },
  scope: 'none: no policy can deny sts:GetCallerIdentity',
  input: z.strictObject({}),
  output: z.object({ account: z.string(), arn: z.string(), userId: z.string() }),
  request: () =>
    post('/', {
      base: 'sts',
      auth: 'sts',
      form: { Action: 'GetCallerIdentity', Version: '2011-06-15' },
      answer: 'xml',
    }),
  result: (body) => {
    const { Account, Arn, UserId } = readAs(answer, body).GetCallerIdentityResponse.GetCallerIdentityResult
    return { account: Account, arn: Arn, userId: UserId }
  },
  cost: 'free', // no price of STS was found; none was read that says so either
  examples: [
    {
      input: {},
      response: {
        GetCallerIdentityResponse: {
          '@_xmlns': 'https://sts.amazonaws.com/doc/2011-06-15/',
          GetCallerIdentityResult: {
            Arn: 'arn:aws:iam::123456789012:user/alice',
            UserId: 'AIDACKCEVSQ6C2EXAMPLE',
            Account: '123456789012',
          },
          ResponseMetadata: { RequestId: '01234567-89ab-cdef-0123-456789abcdef' },
        },
      },
    },
  ],
})
