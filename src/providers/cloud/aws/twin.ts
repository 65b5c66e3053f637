// AWS in rehearsal: S3 (s3/twin.ts) and the identity of STS under one address, as instances reach it.
import type { TwinAnswer, TwinDefinition, TwinFault } from '../../../adapter/index.ts'
import { discriminateS3, s3Handlers, s3Routes } from './s3/twin.ts'
import { s3Error, xmlAnswer } from './twin-answers.ts'

const FAULTS: Record<TwinFault, [status: number, code: string]> = {
  unauthorized: [403, 'SignatureDoesNotMatch'],
  'not-found': [404, 'NoSuchKey'],
  invalid: [400, 'InvalidRequest'],
  'rate-limited': [503, 'SlowDown'],
  unavailable: [500, 'InternalError'],
}

const identity = (): TwinAnswer =>
  xmlAnswer({
    GetCallerIdentityResponse: {
      GetCallerIdentityResult: {
        Arn: 'arn:aws:iam::123456789012:user/twin',
        UserId: 'AIDACKCEVSQ6C2EXAMPLE',
        Account: '123456789012',
      },
      ResponseMetadata: { RequestId: '01234567-89ab-cdef-0123-456789abcdef' },
    },
  })

export const twin: TwinDefinition = {
  fault: (kind, message) => s3Error(...FAULTS[kind], message),
  discriminate: discriminateS3,
  described: {
    faults: [
      {
        reason: 'The clients of AWS for JavaScript name the operation in the query; the service does not look at it.',
        excuses: { operations: /^/, kind: 'query', where: /^x-id$/ },
      },
    ],
  },
  operations: { ...s3Handlers, 'identity.get': identity },
  routes: s3Routes,
}
