// What Authorize.Net tells by webhook. The key is the literal text of its 128 hex digits, not the bytes that they stand for.
// A delivery is repeated with the same notificationId (developer.authorize.net/api/reference/features/webhooks.html).
import {
  hmacSignature,
  inHeader,
  type JsonObject,
  readAs,
  secret,
  utcTime,
  type Webhooks,
  z,
} from '../../../adapter/index.ts'

const notification = z.looseObject({ notificationId: z.string(), eventType: z.string(), eventDate: utcTime })

export const webhooks: Webhooks = {
  setup:
    'Make it with webhook.set, or in the Merchant Interface under Account → Webhooks; the signature key stands under Account → API Credentials & Keys.',
  verify: hmacSignature({
    hash: 'sha512',
    key: secret('AUTHORIZENET_SIGNATURE_KEY'),
    given: inHeader('X-ANET-Signature', /^sha512=([0-9a-f]{128})$/i),
  }),
  events({ body }) {
    const { notificationId, eventType, eventDate } = readAs(notification, body)
    // An object: the schema has read it.
    return [{ id: notificationId, type: eventType, at: eventDate, data: body as JsonObject }]
  },
  example: {
    body: {
      notificationId: '182cbbff-cab2-4080-931d-80e5d818f23a',
      eventType: 'net.authorize.payment.authcapture.created',
      eventDate: '2017-08-18T20:40:52.7722007Z',
      webhookId: '849eb87e-078a-4169-a34b-c0bded5019a8',
      payload: {
        responseCode: 1,
        authCode: 'Z3PV5H',
        avsResponse: 'Y',
        authAmount: 25,
        entityName: 'transaction',
        id: '40005915599',
      },
    },
  },
}
