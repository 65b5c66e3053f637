// The start of a device grant (RFC 8628): the request for a code, and what its answer tells the person.
import type { IncomingResponse } from '../../egress/index.ts'
import { FabricError, type JsonValue, optional, type Redactor } from '../../foundation/index.ts'
import { secretInBody } from '../body-value.ts'
import { decodeAnswer } from '../decode-answer.ts'
import type { Consent, TokenSource } from '../definition.ts'
import { post } from '../request.ts'
import { secondsAt, textAt } from './token-answer.ts'
import { buildTokenRequest, type TokenOwner, type TokenRequest } from './token-request.ts'

export interface DeviceCode {
  deviceCode: string
  userCode: string
  verificationUri: string
  verificationUriComplete?: string
  expiresInSeconds: number
  intervalSeconds: number
}

/** The RFC's default. */
const INTERVAL_SECONDS = 5
/** Longer than anybody sits before a code. */
const LIFETIME_MAX_SECONDS = 3_600

export function deviceRequest(
  { owner, source }: { owner: TokenOwner; source: TokenSource },
  { device, clientId, scopes, scopeSeparator = ' ' }: Consent,
): TokenRequest {
  const { base = 'main', template = '' } = device ?? {}
  const scope = scopes.length > 0 ? { scope: scopes.join(scopeSeparator) } : {}
  return buildTokenRequest(
    owner,
    source,
    post(template, { base, form: { client_id: secretInBody(clientId), ...scope } }),
  )
}

export function readDeviceAnswer({ instance }: TokenOwner, redactor: Redactor, response: IncomingResponse): DeviceCode {
  const body: JsonValue = decodeAnswer(response, 'json') ?? null
  const deviceCode = textAt(body, 'device_code')
  const userCode = textAt(body, 'user_code')
  // Google wrote it so before there was an RFC.
  const verificationUri = textAt(body, 'verification_uri') ?? textAt(body, 'verification_url')
  if (deviceCode && userCode && isPage(verificationUri)) {
    const complete = textAt(body, 'verification_uri_complete')
    return {
      deviceCode,
      userCode,
      verificationUri,
      ...optional('verificationUriComplete', isPage(complete) ? complete : undefined),
      expiresInSeconds: Math.min(secondsAt(body, 'expires_in') ?? LIFETIME_MAX_SECONDS, LIFETIME_MAX_SECONDS),
      intervalSeconds: secondsAt(body, 'interval') ?? INTERVAL_SECONDS,
    }
  }
  const said =
    textAt(body, 'error_description') ?? textAt(body, 'error') ?? `answered ${response.status} without a code`
  throw new FabricError(
    'IF_ERR_AUTH_FAILED',
    `${instance.name}: no device code: ${redactor.text(said).slice(0, 300)}`,
    {
      hint: 'The client may not be allowed to use the device grant; look at its settings at the provider.',
      details: { instance: instance.name, status: response.status },
    },
  )
}

/** It is shown to a person, who opens it. */
const isPage = (text: string | undefined): text is string =>
  text !== undefined && URL.canParse(text) && /^https?:$/.test(new URL(text).protocol)
