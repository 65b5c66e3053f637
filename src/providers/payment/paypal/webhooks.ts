// Events of PayPal. Each is signed with the key of a certificate that PayPal publishes, over the id and time of the delivery,
// the id of the webhook and the CRC32 of the body. The certificate is fetched from PayPal's own host alone; its sandbox has
// another. Formula: developer.paypal.com/api/rest/webhooks/rest, "Self verification method".
import {
  get,
  inHeader,
  type JsonObject,
  readAs,
  rsaSignature,
  secret,
  type Webhooks,
  z,
} from '../../../adapter/index.ts'

const CERTIFICATE = /^https:\/\/api\.(?:sandbox\.)?paypal\.com\/v1\/notifications\/certs\/(CERT-[A-Za-z0-9-]+)$/

const event = z.looseObject({ id: z.string(), event_type: z.string(), create_time: z.string().optional() })

export const webhooks: Webhooks = {
  setup:
    'developer.paypal.com → Apps & Credentials → the app → Add webhook; its id, shown in the list, is PAYPAL_WEBHOOK_ID',
  // A delivery that fails comes again, up to 25 times in three days; whether with its first time PayPal does not say, so its
  // age is not judged. Each event is kept once, by its id.
  verify: rsaSignature({
    key: {
      published: {
        request: ({ url = '' }) => {
          const certificate = CERTIFICATE.exec(url)?.[1]
          return certificate === undefined
            ? undefined
            : get('/v1/notifications/certs/{certificate}', {
                base: 'certificates',
                auth: 'none',
                path: { certificate },
                answer: 'text',
              })
        },
        form: 'pem',
        example: { url: 'https://api.paypal.com/v1/notifications/certs/CERT-360caa42-fca2a594-a5cafa77' },
      },
      url: inHeader('Paypal-Cert-Url'),
    },
    over: [
      inHeader('Paypal-Transmission-Id'),
      '|',
      inHeader('Paypal-Transmission-Time'),
      '|',
      secret('PAYPAL_WEBHOOK_ID'),
      '|',
      { of: 'body-crc32' },
    ],
    given: inHeader('Paypal-Transmission-Sig'),
  }),
  events({ body }) {
    const { id, event_type, create_time } = readAs(event, body)
    return [
      {
        id,
        type: event_type,
        ...(create_time === undefined ? {} : { at: create_time }),
        data: body as JsonObject, // an object: the schema has read it
      },
    ]
  },
  example: {
    body: {
      id: 'WH-9UG43882HX7271132-6E0871324L7949614',
      event_version: '1.0',
      create_time: '2025-11-25T22:00:45.000Z',
      resource_type: 'capture',
      resource_version: '2.0',
      event_type: 'PAYMENT.CAPTURE.COMPLETED',
      summary: 'Payment completed for GBP 25.0 GBP',
      resource: {
        id: '3C679366HH908993F',
        status: 'COMPLETED',
        amount: { currency_code: 'GBP', value: '25.00' },
        final_capture: true,
      },
      links: [],
    },
  },
}
