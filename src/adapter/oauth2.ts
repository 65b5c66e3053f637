// Auths whose access token the engine gets by itself or by a person's consent: the forms that vendors' documentation has.
// What one of them does otherwise is written as a TokenSource of its own.

import type { SecretSlot } from '../egress/index.ts'
import { accessToken, basic } from './auth.ts'
import { type BodyHole, secretInBody } from './body-value.ts'
import {
  AUTHORIZATION_CODE,
  type Auth,
  CODE_VERIFIER,
  type Consent,
  DEVICE_CODE,
  type Fault,
  type Grant,
  REFRESH_TOKEN,
  type TokenSource,
} from './definition.ts'
import { type HttpRequestSpec, post } from './request.ts'
import { type SecretRef, secret } from './secret-ref.ts'

interface TokenOptions {
  /** Default `main`. */
  name?: string
  /** Key of the definition's `baseUrls`. Default `main`. */
  base?: string
  /** Of the token endpoint. */
  template: string
  /** Where the token goes in other requests. Default `Authorization: Bearer`. */
  slot?: SecretSlot
  /** Further fields of the token request. */
  extra?: Readonly<Record<string, string>>
  /** Headers of the token request. */
  headers?: Readonly<Record<string, string>>
  reads?: TokenSource['reads']
  /** Where the answer does not tell: from the vendor's documentation. */
  lifetimeSeconds?: number
  /** Default: the status 401. */
  rejected?: (fault: Fault, status: number) => boolean
}

export interface ClientCredentialsOptions extends TokenOptions {
  clientId: SecretRef
  clientSecret: SecretRef
  /** Where the token endpoint wants id and secret. `basic` sends them as they are, not form-encoded first. */
  as: 'basic' | 'body'
  scopes?: readonly string[]
}

/** OAuth 2 client credentials (RFC 6749, 4.4): an account of the program's own, no person. */
export function oauth2ClientCredentials(options: ClientCredentialsOptions): Auth {
  const { template, base, clientId, clientSecret, as, scopes = [], extra = {}, headers } = options
  const form = {
    grant_type: 'client_credentials',
    ...(scopes.length > 0 ? { scope: scopes.join(' ') } : {}),
    ...(as === 'body' ? { client_id: secretInBody(clientId), client_secret: secretInBody(clientSecret) } : {}),
    ...extra,
  }
  const first = post(template, { ...partsOf({ base, headers }), form })
  return accessToken(
    'oauth2',
    {
      ...commonOf(options),
      request: (grant) => (grant === 'first' ? first : undefined),
      ...(as === 'basic' ? { slots: basic(clientId, clientSecret).slots } : {}),
    },
    options.slot,
  )
}

export interface ConsentOptions extends TokenOptions {
  authorize?: NonNullable<Consent['authorize']>
  device?: NonNullable<Consent['device']>
  clientId: SecretRef
  /** Absent of a public client. */
  clientSecret?: SecretRef
  /** Where the token endpoint wants id and secret. Default `body`. */
  as?: 'basic' | 'body'
  scopes: readonly string[]
  /** Between scopes. Default a space. */
  scopeSeparator?: string
}

/**
 * OAuth 2 with a person's consent: authorization code with PKCE (S256), device code where `device` says where, and refresh.
 * `ifab provider connect` begins it.
 */
export function oauth2Consent(options: ConsentOptions): Auth {
  const { authorize, device, template, base, clientId, clientSecret, as = 'body', scopes, scopeSeparator } = options
  const { extra = {}, headers } = options
  const inBody: Record<string, BodyHole> =
    clientSecret === undefined
      ? { client_id: secretInBody(clientId) }
      : as === 'body'
        ? { client_id: secretInBody(clientId), client_secret: secretInBody(clientSecret) }
        : {}
  const form = (fields: Record<string, string | BodyHole>): HttpRequestSpec =>
    post(template, { ...partsOf({ base, headers }), form: { ...fields, ...inBody, ...extra } })
  const consent: Consent = {
    ...(authorize ? { authorize } : {}),
    ...(device ? { device } : {}),
    clientId,
    scopes,
    ...(scopeSeparator === undefined ? {} : { scopeSeparator }),
  }
  const requests: Record<Grant, (facts: { redirectUri?: string }) => HttpRequestSpec | undefined> = {
    first: () => undefined,
    refresh: () => form({ grant_type: 'refresh_token', refresh_token: secretInBody(secret(REFRESH_TOKEN)) }),
    code: ({ redirectUri = '' }) =>
      authorize &&
      form({
        grant_type: 'authorization_code',
        code: secretInBody(secret(AUTHORIZATION_CODE)),
        redirect_uri: redirectUri,
        code_verifier: secretInBody(secret(CODE_VERIFIER)),
      }),
    device: () => device && form({ grant_type: DEVICE_GRANT, device_code: secretInBody(secret(DEVICE_CODE)) }),
  }
  return accessToken(
    'oauth2',
    {
      ...commonOf(options),
      request: (grant, facts) => requests[grant](facts),
      consent,
      ...(clientSecret && as === 'basic' ? { slots: basic(clientId, clientSecret).slots } : {}),
    },
    options.slot,
  )
}

const DEVICE_GRANT = 'urn:ietf:params:oauth:grant-type:device_code'

export interface SessionLoginOptions {
  /** Default `main`. */
  name?: string
  /** The login; secrets in its body by `secretInBody`. */
  request: HttpRequestSpec
  /** Secrets elsewhere in it. */
  slots?: readonly SecretSlot[]
  /** Where the answer has the session's token: a dotted path, or a header. */
  token: string | { header: string }
  /** Where the answer tells how long it lasts, in seconds. */
  expiresIn?: string
  /** Otherwise, from the vendor's documentation. */
  lifetimeSeconds: number
  /** Where the token goes in other requests. Default `Authorization: Bearer`. */
  slot?: SecretSlot
  /** Default: the status 401. */
  rejected?: (fault: Fault, status: number) => boolean
}

/** A session that begins with a login and is begun anew when it ends. */
export function sessionLogin({ request, token, expiresIn, slot, ...options }: SessionLoginOptions): Auth {
  const { name = 'main', slots, lifetimeSeconds, rejected } = options
  return accessToken(
    'session',
    {
      name,
      request: (grant) => (grant === 'first' ? request : undefined),
      ...(slots ? { slots } : {}),
      reads: { accessToken: token, ...(expiresIn === undefined ? {} : { expiresIn }) },
      lifetimeSeconds,
      ...(rejected ? { rejected } : {}),
    },
    slot,
  )
}

const partsOf = ({
  base,
  headers,
}: {
  base: string | undefined
  headers: Readonly<Record<string, string>> | undefined
}): { base?: string; headers?: Record<string, string> } => ({
  ...(base === undefined ? {} : { base }),
  ...(headers ? { headers: { ...headers } } : {}),
})

const commonOf = ({ name = 'main', reads, lifetimeSeconds, rejected }: TokenOptions) => ({
  name,
  ...(reads ? { reads } : {}),
  ...(lifetimeSeconds === undefined ? {} : { lifetimeSeconds }),
  ...(rejected ? { rejected } : {}),
})
