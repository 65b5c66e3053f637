// Events of OpenAI: batches, background responses and fine-tuning that have ended. Proven by Standard Webhooks.
// developers.openai.com/api/docs/guides/webhooks
import { type JsonObject, readAs, secret, standardWebhooks, type Webhooks, z } from '../../../adapter/index.ts'

const event = z.looseObject({ id: z.string(), type: z.string(), created_at: z.number() })

export const webhooks: Webhooks = {
  setup:
    'the webhook settings of the project (developers.openai.com/api/docs/guides/webhooks); the signing secret is shown only when the endpoint is made',
  verify: standardWebhooks(secret('OPENAI_WEBHOOK_SECRET')),
  events({ body }) {
    const { id, type, created_at } = readAs(event, body)
    return [{ id, type, at: new Date(created_at * 1000).toISOString(), data: body as JsonObject }] // an object: the schema has read it
  },
  example: {
    headers: { 'content-type': 'application/json' },
    body: {
      id: 'evt_685343a1381c819085d44c354e1b330e',
      object: 'event',
      created_at: 1750287018,
      type: 'response.completed',
      data: { id: 'resp_67ccd2bed1ec8190b14f964abc0542670bb6a6b452d3795b' },
    },
  },
}
