// Events of TrueLayer. Each delivery is signed over method, path of our address, time and body with a key that TrueLayer
// publishes (docs.truelayer.com/docs/payments-v3-webhook-notifications); its time is that of sending, also where it is a
// repeated one, which TrueLayer sends for up to 72 hours.
import { detachedJws, get, inHeader, type JsonObject, readAs, type Webhooks, z } from '../../../adapter/index.ts'

const event = z.looseObject({ event_id: z.string(), type: z.string() })

/** When it happened, by the name that the kind of event gives it. */
const TIMES = ['executed_at', 'settled_at', 'failed_at', 'authorized_at', 'revoked_at']

function timeIn(body: JsonObject): string | undefined {
  const found = TIMES.map((name) => body[name]).find((value) => typeof value === 'string')
  return typeof found === 'string' ? found : undefined
}

export const webhooks: Webhooks = {
  setup: 'console.truelayer.com → Payments → Settings → Webhook URI',
  verify: detachedJws({
    keys: {
      request: () => get('/.well-known/jwks', { base: 'webhooks', auth: 'none' }),
      form: 'jwks',
      example: { url: 'https://webhooks.truelayer.com/.well-known/jwks' },
    },
    given: inHeader('Tl-Signature'),
    requiredHeaders: ['X-Tl-Webhook-Timestamp'],
    at: { from: inHeader('X-Tl-Webhook-Timestamp'), unit: 'date' },
  }),
  events({ body }) {
    const { event_id, type } = readAs(event, body)
    const data = body as JsonObject // an object: the schema has read it
    const at = timeIn(data)
    return [{ id: event_id, type, ...(at === undefined ? {} : { at }), data }]
  },
  example: {
    body: {
      type: 'payment_executed',
      event_version: 1,
      event_id: '18b2842b-a57b-4887-a0a6-d3c7c36f1020',
      payment_id: 'c7f3f6c5-ae17-4d43-829c-0a6f2c0ce1b1',
      payment_method: { type: 'bank_transfer' },
      executed_at: '2026-11-25T10:00:00.214Z',
    },
  },
}
