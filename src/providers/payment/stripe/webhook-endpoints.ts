// Where Stripe sends its events. It tells the signing secret of a new endpoint once, in that answer; results go to agents
// and into records, so it is left out there, and a person takes it from the dashboard into the vault.
import { del, get, type NativeOperation, native, post, readAs, z } from '../../../adapter/index.ts'
import * as sample from './examples-billing.ts'
import { OUTWARD, OWN } from './labels.ts'
import { LARGEST_PAGE, nextPage } from './pages.ts'
import { STRIPE_VERSION } from './version.ts'

const endpointAnswer = z.object({
  id: z.string(),
  url: z.string(),
  status: z.string(),
  enabled_events: z.array(z.string()),
})

const endpoint = z.object({
  id: z.string(),
  url: z.string(),
  status: z.string(),
  events: z.array(z.string()),
})

const toEndpoint = ({ id, url, status, enabled_events }: z.output<typeof endpointAnswer>) => ({
  id,
  url,
  status,
  events: enabled_events,
})

const id = z.string().min(1).max(512)

const WHERE_THE_SECRET_IS =
  'Reveal the signing secret at this endpoint in dashboard.stripe.com/webhooks, then: ifab secret set INSTANCE STRIPE_WEBHOOK_SECRET'

const isListed = (read: unknown, endpointId: string): boolean =>
  z
    .object({ endpoints: z.array(z.object({ id: z.string() })) })
    .parse(read)
    .endpoints.some((listed) => listed.id === endpointId)

export const webhookNatives: Record<string, NativeOperation> = {
  'webhook.create': native({
    summary: 'Have events sent to an address. Its signing secret is not given back here.',
    effect: 'create',
    labels: OUTWARD,
    scope: 'Webhook Endpoints write',
    input: z.strictObject({
      url: z.url({ protocol: /^https?$/ }).describe('Where to; https for a live account.'),
      events: z
        .array(z.string().regex(/^(\*|[a-z0-9_.]+)$/, 'expected a name such as payment_intent.succeeded, or *'))
        .min(1)
        .max(500)
        .describe('Kinds of events; * is almost all of them.'),
      description: z.string().max(500).optional(),
    }),
    output: endpoint.extend({ next: z.string().describe('How to get its signing secret.') }),
    request: ({ url, events, description }) =>
      post('/v1/webhook_endpoints', {
        // Events are written in the version that answers have, whatever the account's own is.
        form: { url, enabled_events: events, description, api_version: STRIPE_VERSION },
      }),
    result: (body) => ({ ...toEndpoint(readAs(endpointAnswer, body)), next: WHERE_THE_SECRET_IS }),
    cost: 'free',
    undo: ({ result }) => ({ operation: 'stripe:webhook.delete', input: { id: result.id } }),
    undoLabel: 'stripe:webhook.delete; what was sent stays sent',
    verify: ({ result }) =>
      result && {
        operation: 'stripe:webhook.list',
        input: { limit: 10_000 },
        holds: (read) => isListed(read, result.id),
        consistency: 'immediate',
      },
    examples: [
      {
        input: {
          url: 'https://studio.example/hooks/stripe',
          events: ['payment_intent.succeeded', 'charge.refunded'],
          description: 'The studio',
        },
        response: sample.endpoint({
          description: 'The studio',
          enabled_events: ['payment_intent.succeeded', 'charge.refunded'],
          url: 'https://studio.example/hooks/stripe',
        }),
      },
    ],
  }),
  'webhook.list': native({
    summary: 'List where events are sent.',
    effect: 'read',
    labels: OWN,
    scope: 'Webhook Endpoints read',
    input: z.strictObject({ limit: z.int().min(1).max(10_000).default(100).describe('At most so many endpoints.') }),
    output: z.object({ endpoints: z.array(endpoint) }),
    request: ({ limit }) => get('/v1/webhook_endpoints', { query: { limit: Math.min(limit, LARGEST_PAGE) } }),
    result: (body) => ({
      endpoints: readAs(z.object({ data: z.array(endpointAnswer) }), body).data.map(toEndpoint),
    }),
    cost: 'free',
    pages: { field: 'endpoints', next: nextPage },
    examples: [
      {
        input: { limit: 100 },
        response: { object: 'list', url: '/v1/webhook_endpoints', has_more: false, data: [sample.endpoint()] },
      },
    ],
  }),
  'webhook.delete': native({
    summary: 'Have no more events sent to an address.',
    effect: 'delete',
    labels: OWN,
    scope: 'Webhook Endpoints write',
    input: z.strictObject({ id }),
    output: z.object({ id: z.string(), deleted: z.boolean() }),
    request: (input) => del('/v1/webhook_endpoints/{webhook_endpoint}', { path: { webhook_endpoint: input.id } }),
    result: (body) => readAs(z.object({ id: z.string(), deleted: z.boolean() }), body),
    cost: 'free',
    undo: { none: 'Made again it is another endpoint with another signing secret.' },
    verify: ({ input }) => ({
      operation: 'stripe:webhook.list',
      input: { limit: 10_000 },
      holds: (read) => !isListed(read, input.id),
      consistency: 'immediate',
    }),
    examples: [
      {
        input: { id: sample.ENDPOINT },
        response: { id: sample.ENDPOINT, object: 'webhook_endpoint', deleted: true },
      },
    ],
  }),
}
