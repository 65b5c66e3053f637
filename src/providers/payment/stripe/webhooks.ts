// Events of Stripe. Each endpoint has a signing secret of its own; a delivery is repeated for up to three days with the same
// event id and a new signature (docs.stripe.com/webhooks).
import { type JsonObject, readAs, secret, timestampedSignature, type Webhooks, z } from '../../../adapter/index.ts'

const event = z.looseObject({
  id: z.string(),
  object: z.enum(['event', 'v2.core.event']),
  type: z.string(),
  /** Seconds; the thin events of version 2 have RFC 3339. */
  created: z.union([z.number(), z.string()]),
})

export const webhooks: Webhooks = {
  setup: 'dashboard.stripe.com → Developers → Webhooks → Add destination; its signing secret (whsec_…) is shown there',
  verify: timestampedSignature('Stripe-Signature', secret('STRIPE_WEBHOOK_SECRET')),
  events({ body }) {
    const { id, type, created } = readAs(event, body)
    const at = typeof created === 'number' ? new Date(created * 1000).toISOString() : created
    return [{ id, type, at, data: body as JsonObject }] // an object: the schema has read it
  },
  example: {
    headers: { 'content-type': 'application/json; charset=utf-8' },
    body: {
      id: 'evt_1NG8Du2eZvKYlo2CUI79vXWy',
      object: 'event',
      api_version: '2026-10-28.endive',
      created: 1764079200,
      data: { object: { id: 'pi_3NGxYz2eZvKYlo2C1aBcDeFg', object: 'payment_intent', amount: 2500, currency: 'gbp' } },
      livemode: false,
      pending_webhooks: 1,
      request: { id: null, idempotency_key: null },
      type: 'payment_intent.succeeded',
    },
  },
}
