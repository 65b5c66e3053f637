// Slack's description of 2021, where it lies and where it and Slack are known to differ.
import type { Described } from '../../../adapter/index.ts'

export const described: Described = {
  faults: [
    {
      reason:
        'Uploads in three steps, Socket Mode and incoming webhooks are newer than the description of 2021, or outside of it (docs.slack.dev/reference/methods/files.getUploadURLExternal, files.completeUploadExternal, apps.connections.open).',
      excuses: {
        operations:
          /^POST \/(api\/(files\.getUploadURLExternal|files\.completeUploadExternal|apps\.connections\.open)$|upload\/v1\/|services\/)/,
        kind: 'route',
        where: /./,
      },
    },
    {
      reason:
        'The description of 2021 wants the token in the query too; Slack asks for the Authorization header (docs.slack.dev/authentication/using-token).',
      excuses: { operations: /users\.lookupByEmail$/, kind: 'query', where: /^token$/ },
    },
    {
      reason:
        'The description of 2021 wants the token in a parameter of its own; Slack asks for the Authorization header (docs.slack.dev/authentication/using-token).',
      excuses: { operations: /./, kind: 'header', where: /^token$/ },
    },
    {
      reason: 'Slack reports errors inside HTTP 200; the description has them under `default`.',
      answers: { status: 200, member: 'ok', is: false, describedUnder: 'default' },
    },
    {
      reason:
        'The lists of error codes in the description are cut short: they leave out ratelimited, missing_scope, fatal_error and others that docs.slack.dev names for every method.',
      excuses: { operations: /./, kind: 'response', where: /^\/error$/, message: /allowed values/ },
    },
    {
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
      reason: 'missing_scope comes with `needed` and `provided` at every method; the description has them at some.',
      excuses: {
        operations: /./,
        kind: 'response',
        where: /^\/$/,
        message: /additional properties: (needed|provided)$/,
      },
    },
    {
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
      reason:
        'A channel without messages in the asked range answers an empty list; the description wants one at least.',
      excuses: {
        operations: /conversations\.history$/,
        kind: 'response',
        where: /^\/messages$/,
        message: /fewer than 1/,
      },
    },
  ],
}
