// Incoming webhooks: an address of one channel that takes messages without the bot. Its last part is a credential of its own.
import { knownExtras, native, post, unsupported, z } from '../../../adapter/index.ts'

const POST_EXTRAS = ['attachments', 'blocks', 'link_names', 'mrkdwn', 'thread_ts', 'unfurl_links', 'unfurl_media']

const PARTS = /^(T[A-Z0-9]{2,30})\/(B[A-Z0-9]{2,30})$/

/** The two parts of the address that are no secret. */
function partsOf(webhook: string): { team: string; service: string } {
  const [, team, service] = PARTS.exec(webhook) ?? []
  if (team !== undefined && service !== undefined) return { team, service }
  throw unsupported('webhook: is not the T…/B… of an incoming webhook', 'Take both parts out of its address.')
}

export const webhookPost = native({
  summary: 'Post through an incoming webhook, whose token is the secret SLACK_WEBHOOK_TOKEN.',
  effect: 'send',
  labels: { reads: 'public', returns: 'trusted', sends: 'external' },
  scope: 'incoming-webhook',
  input: z.strictObject({
    webhook: z.string().min(1).max(64).describe('The two parts of its address before the token: T…/B….'),
    text: z.string().min(1).max(40_000).describe('The words.'),
    native: z.record(z.string(), z.json()).optional().describe("Slack's own parameters, by its names."),
  }),
  output: z.object({ ok: z.literal(true) }),
  request: (input) =>
    post('/services/{team}/{service}/{webhook_token}', {
      base: 'incomingWebhook',
      auth: 'webhook',
      path: partsOf(input.webhook),
      json: { text: input.text, ...knownExtras(input.native, POST_EXTRAS) },
      answer: 'text',
    }),
  result: () => ({ ok: true as const }),
  cost: 'free',
  undo: { none: 'An incoming webhook tells no id of what it posted; delete it in Slack.' },
  examples: [{ input: { webhook: 'T0G9PQBBK/B19LU7CSY', text: 'The show starts at eight.' }, response: 'ok' }],
})
