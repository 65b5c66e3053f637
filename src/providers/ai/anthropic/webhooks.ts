// Events of Anthropic: sessions, agents and vaults of a workspace that have changed. Proven by Standard Webhooks; the client
// of the vendor (`beta.webhooks.unwrap`) reads them the same way.
import { type JsonObject, readAs, secret, standardWebhooks, utcTime, type Webhooks, z } from '../../../adapter/index.ts'

const event = z.looseObject({ id: z.string(), created_at: utcTime, data: z.looseObject({ type: z.string() }) })

export const webhooks: Webhooks = {
  setup: 'Make a webhook endpoint in the Claude Console; its signing secret is shown once, when it is made',
  verify: standardWebhooks(secret('ANTHROPIC_WEBHOOK_SIGNING_KEY')),
  events({ body }) {
    const { id, created_at, data } = readAs(event, body)
    return [{ id, type: data.type, at: created_at, data: body as JsonObject }] // an object: the schema has read it
  },
  example: {
    headers: { 'content-type': 'application/json' },
    body: {
      id: 'wevt_011CZkZaBF1tNoB5wlCeusgy',
      type: 'event',
      created_at: '2026-11-25T10:00:00Z',
      data: {
        id: 'sesn_011CZkZaBF1tNoB5wlCeusgz',
        organization_id: 'b3a1f0de-0000-4000-8000-000000000000',
        type: 'session.idled',
        workspace_id: 'wrkspc_011CZkZaBF1tNoB5wlCeusgy',
      },
    },
  },
}
