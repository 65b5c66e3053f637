// Reads the answer to a request for an access token. It holds secrets, so that nothing of a success is ever quoted, and what
// a refusal says goes through the redactor. OAuth's own errors (RFC 6749, 5.2) are understood everywhere; what they do not
// cover is read as the provider's definition reads its other answers.
import type { IncomingResponse } from '../../egress/index.ts'
import {
  type ErrorCode,
  FabricError,
  type JsonObject,
  type JsonValue,
  optional,
  type Redactor,
} from '../../foundation/index.ts'
import { decodeAnswer } from '../decode-answer.ts'
import type { TokenSource } from '../definition.ts'
import type { TokenOwner, TokenRequest } from './token-request.ts'

export interface TokenAnswer {
  access: string
  refresh?: string
  /** Where the answer tells. */
  expiresInSeconds?: number
  scopes?: string[]
}

interface Context {
  owner: TokenOwner
  source: TokenSource
  request: TokenRequest
  redactor: Redactor
}

/** IF_ERR_AUTH_FAILED where it is refused, with the provider's code for it in `details.vendorCode`. */
export function readTokenAnswer(context: Context, response: IncomingResponse): TokenAnswer {
  const { source, request, redactor } = context
  const { reads = {} } = source
  const body = decodeAnswer(response, request.spec.answer ?? 'json') ?? null
  const { accessToken = 'access_token', refreshToken = 'refresh_token', expiresIn = 'expires_in' } = reads
  const access =
    typeof accessToken === 'string' ? textAt(body, accessToken) : response.headers[accessToken.header.toLowerCase()]
  const isSuccess = response.status >= 200 && response.status < 300
  if (!isSuccess || access === undefined || access === '') throw refusal(context, response, body)
  const refresh = textAt(body, refreshToken)
  for (const secret of [access, refresh]) if (secret !== undefined) redactor.add(secret)
  return {
    access,
    ...optional('refresh', refresh),
    ...optional('expiresInSeconds', secondsAt(body, expiresIn)),
    ...optional('scopes', scopesOf(textAt(body, 'scope'))),
  }
}

/** OAuth lists scopes behind spaces; some vendors write commas. */
export const scopesOf = (text: string | undefined): string[] | undefined =>
  text?.split(/[\s,]+/).filter((scope) => scope !== '')

function refusal({ owner, source, redactor }: Context, response: IncomingResponse, body: JsonValue): FabricError {
  const { instance, provider } = owner
  const { status } = response
  // Scrubbed before it is read: what is cut off from a long text could be the end of a secret that then is none any more.
  const oauth = oauthError(redactor.value(body) as JsonValue, status)
  const fault = oauth ? undefined : provider.definition.errors(scrubbed(response, redactor))
  const code = oauth?.code ?? fault?.code ?? codeOf(status)
  const said = oauth?.message ?? fault?.message ?? `answered ${status} without an access token`
  const vendorCode = oauth?.vendorCode ?? fault?.vendorCode
  return new FabricError(code, redactor.text(`${instance.name}: no access token: ${said}`), {
    ...optional('hint', fault?.hint ?? HINTS[code]),
    ...(code === 'IF_ERR_AUTH_FAILED' ? { next: nextFor(owner, source) } : {}),
    details: { instance: instance.name, status, ...optional('vendorCode', vendorCode && redactor.text(vendorCode)) },
    ...optional('retryable', fault?.retryable),
  })
}

function scrubbed(response: IncomingResponse, redactor: Redactor): IncomingResponse {
  const text = redactor.text(response.text)
  return text === response.text ? response : { ...response, text, body: Buffer.from(text) }
}

const nextFor = ({ instance }: TokenOwner, { consent }: TokenSource): string =>
  consent ? `ifab provider connect ${instance.name}` : `ifab secret list ${instance.name}`

const HINTS: Partial<Record<ErrorCode, string>> = {
  IF_ERR_AUTH_FAILED: 'The credentials of the instance, or the consent that was given, are not accepted (any more).',
  IF_ERR_BAD_RESPONSE: 'The provider, or something on the way to it, does not answer as its documentation says.',
}

function codeOf(status: number): ErrorCode {
  if (status === 429) return 'IF_ERR_RATE_LIMIT_EXCEEDED'
  if (status >= 500) return 'IF_ERR_PROVIDER_UNAVAILABLE'
  return status === 400 || status === 401 || status === 403 ? 'IF_ERR_AUTH_FAILED' : 'IF_ERR_BAD_RESPONSE'
}

/** The rest of OAuth's codes is about requests that were built wrongly. */
const REFUSALS: Readonly<Record<string, ErrorCode>> = {
  temporarily_unavailable: 'IF_ERR_PROVIDER_UNAVAILABLE',
  server_error: 'IF_ERR_PROVIDER_UNAVAILABLE',
  slow_down: 'IF_ERR_RATE_LIMIT_EXCEEDED',
}

function oauthError(
  body: JsonValue,
  status: number,
): { code: ErrorCode; message: string; vendorCode: string } | undefined {
  const { error, error_description: description } = objectOf(body) ?? {}
  if (typeof error !== 'string' || !/^[a-z_]{1,64}$/.test(error)) return undefined
  const message = typeof description === 'string' && description !== '' ? description.slice(0, 300) : error
  const byStatus = status === 429 || status >= 500 ? codeOf(status) : 'IF_ERR_AUTH_FAILED'
  return { code: REFUSALS[error] ?? byStatus, message: withCode(message, error), vendorCode: error }
}

const withCode = (message: string, code: string): string => (message.includes(code) ? message : `${message} (${code})`)

const objectOf = (value: JsonValue | undefined): JsonObject | undefined =>
  value !== null && typeof value === 'object' && !Array.isArray(value) ? value : undefined

/** The value at a dotted path. */
export function valueAt(body: JsonValue, path: string): JsonValue | undefined {
  let value: JsonValue | undefined = body
  for (const name of path.split('.')) {
    const object = objectOf(value)
    value = object && Object.hasOwn(object, name) ? object[name] : undefined
  }
  return value
}

export function textAt(body: JsonValue, path: string): string | undefined {
  const value = valueAt(body, path)
  return typeof value === 'string' && value !== '' ? value : undefined
}

/** Some vendors write the number as text. */
export function secondsAt(body: JsonValue, path: string): number | undefined {
  const value = valueAt(body, path)
  const seconds = typeof value === 'string' && /^\d+(\.\d+)?$/.test(value) ? Number(value) : value
  return typeof seconds === 'number' && Number.isFinite(seconds) && seconds >= 0 ? seconds : undefined
}
