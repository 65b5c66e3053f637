// TrueLayer's credentials. Reads go under a token of the client; what acts is signed too, over method, path, idempotency key
// and body. A mandate needs a token of the scope of its kind. Accounts of a person go under that person's consent.
// github.com/TrueLayer/truelayer-signing, request-signing-v2.md
import { noAuth, oauth2ClientCredentials, oauth2Consent, secret, signed } from '../../../adapter/index.ts'

const CLIENT = {
  base: 'auth',
  template: '/connect/token',
  clientId: secret('TRUELAYER_CLIENT_ID'),
  clientSecret: secret('TRUELAYER_CLIENT_SECRET'),
  as: 'body',
} as const

const client = (scope: string, name: string) => oauth2ClientCredentials({ ...CLIENT, name, scopes: [scope] })

/** `POST /v3/payments`, a line with the key, the body: what every request that acts is signed over. */
const SIGNATURE: Parameters<typeof signed>[0] = {
  scheme: 'jws',
  algorithm: 'ES512',
  key: 'TRUELAYER_PRIVATE_KEY',
  header: { kid: { secret: 'TRUELAYER_KEY_ID' }, tl_version: '2', tl_headers: 'Idempotency-Key' },
  over: [
    { of: 'method' },
    { text: ' ' },
    { of: 'path' },
    { text: '\nIdempotency-Key: ' },
    { header: 'Idempotency-Key' },
    { text: '\n' },
    { of: 'body' },
  ],
  put: { in: 'header', name: 'Tl-Signature' },
}

/** Of reads. */
export const auth = client('payments', 'main')

export const auths = {
  none: noAuth(),
  // The same token as that of reads.
  signed: signed(SIGNATURE, auth),
  sweeping: signed(SIGNATURE, client('recurring_payments:sweeping', 'sweeping')),
  commercial: signed(SIGNATURE, client('recurring_payments:commercial', 'commercial')),
  data: oauth2Consent({
    ...CLIENT,
    name: 'data',
    authorize: { base: 'auth', template: '/', query: { providers: 'uk-ob-all uk-oauth-all' } },
    scopes: ['info', 'accounts', 'balance', 'transactions', 'offline_access'],
  }),
}
