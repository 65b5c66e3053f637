// Where a vendor's description and the vendor itself are known to differ. Each difference is written down with its
// reason and excuses exactly what it names, so that a check never passes by looking away.
import type { JsonValue } from '../../foundation/index.ts'
import type { DescribedResponse, Problem } from './exchange.ts'
import type { DescribedOperation } from './operation.ts'
import { isObject } from './pointer.ts'

export type Disagreement = { provider: string; reason: string } & (
  | {
      /** Problems of these places in these operations are excused. */
      excuses: { operations: RegExp; kind: Problem['kind']; where: RegExp; message?: RegExp }
    }
  | {
      /** An answer of this status whose body has this member is held against another described answer. */
      answers: { status: number; member: string; is: JsonValue; describedUnder: string }
    }
)

export const DISAGREEMENTS: readonly Disagreement[] = [
  {
    provider: 'slack',
    reason:
      'The description of 2021 wants the token in a parameter of its own; Slack asks for the Authorization header (docs.slack.dev/authentication/using-token).',
    excuses: { operations: /./, kind: 'header', where: /^token$/ },
  },
  {
    provider: 'slack',
    reason: 'Slack reports errors inside HTTP 200; the description has them under `default`.',
    answers: { status: 200, member: 'ok', is: false, describedUnder: 'default' },
  },
  {
    provider: 'slack',
    reason:
      'The lists of error codes in the description are cut short: they leave out ratelimited, missing_scope, fatal_error and others that docs.slack.dev names for every method.',
    excuses: { operations: /./, kind: 'response', where: /^\/error$/, message: /allowed values/ },
  },
  {
    provider: 'slack',
    reason:
      'Any answer may say in response_metadata.messages which argument was wrong (docs.slack.dev/changelog/2016/09/28/response-metadata-is-on-the-way, read by @slack/web-api); the description has the member nowhere in errors.',
    excuses: {
      operations: /./,
      kind: 'response',
      where: /^\/$/,
      message: /additional properties: response_metadata$/,
    },
  },
  {
    provider: 'slack',
    reason: 'missing_scope comes with `needed` and `provided` at every method; the description has them at some.',
    excuses: { operations: /./, kind: 'response', where: /^\/$/, message: /additional properties: (needed|provided)$/ },
  },
  {
    provider: 'slack',
    reason:
      'conversations.history pages by response_metadata.next_cursor (docs.slack.dev/apis/web-api/pagination); the description leaves the member out and allows no other.',
    excuses: {
      operations: /conversations\.history$/,
      kind: 'response',
      where: /^\/$/,
      message: /additional properties: response_metadata$/,
    },
  },
  {
    provider: 'slack',
    reason: 'A channel without messages in the asked range answers an empty list; the description wants one at least.',
    excuses: {
      operations: /conversations\.history$/,
      kind: 'response',
      where: /^\/messages$/,
      message: /fewer than 1/,
    },
  },
]

export const disagreementsOf = (provider: string): readonly Disagreement[] =>
  DISAGREEMENTS.filter((disagreement) => disagreement.provider === provider)

export const isExcused = (
  disagreements: readonly Disagreement[],
  operation: DescribedOperation,
  problem: Problem,
): boolean =>
  disagreements.some(
    (disagreement) =>
      'excuses' in disagreement &&
      disagreement.excuses.operations.test(operation.template) &&
      disagreement.excuses.kind === problem.kind &&
      disagreement.excuses.where.test(problem.where) &&
      (disagreement.excuses.message?.test(problem.message) ?? true),
  )

/** Under which key the description has this answer, where that is not its status. */
export const schemaKeyFor = (
  disagreements: readonly Disagreement[],
  { status, body }: DescribedResponse,
): string | undefined =>
  disagreements
    .map((disagreement) => ('answers' in disagreement ? disagreement.answers : undefined))
    .find((rule) => rule !== undefined && rule.status === status && isObject(body) && body[rule.member] === rule.is)
    ?.describedUnder
