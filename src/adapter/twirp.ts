// Twirp over JSON (Twirp wire protocol v7): POST to /twirp/<package.Service>/<Method>, errors as {code, msg, meta}.
import type { IncomingResponse } from '../egress/index.ts'
import { objectIn, textOf } from './answer.ts'
import type { Fault } from './definition.ts'
import { faultOfStatus, type Meaning, type Meanings } from './faults.ts'
import { type HttpRequestSpec, post, type RequestParts } from './request.ts'

/** One call; `service` is the full name with its package: `livekit.SIP`. */
export const twirp = (
  service: string,
  method: string,
  { json = {}, ...parts }: Pick<RequestParts, 'base' | 'headers' | 'auth' | 'json'> = {},
): HttpRequestSpec => post(`/twirp/${service}/${method}`, { ...parts, json })

const refused: Meaning = { code: 'IF_ERR_ACTION_FAILED', outcome: 'not-done' }

// The codes of the protocol. `canceled`, `deadline_exceeded`, `aborted` and `unknown` leave open how far the call came.
const CODES: Meanings = {
  canceled: { code: 'IF_ERR_ACTION_FAILED', outcome: 'unknown' },
  unknown: { code: 'IF_ERR_ACTION_FAILED', outcome: 'unknown' },
  invalid_argument: refused,
  malformed: refused,
  deadline_exceeded: { code: 'IF_ERR_TIMEOUT', outcome: 'unknown' },
  not_found: { code: 'IF_ERR_NOT_FOUND' },
  bad_route: { code: 'IF_ERR_UNSUPPORTED', outcome: 'not-done' },
  already_exists: { code: 'IF_ERR_CONFLICT', retryable: false },
  permission_denied: { code: 'IF_ERR_AUTH_FAILED' },
  unauthenticated: { code: 'IF_ERR_AUTH_FAILED' },
  resource_exhausted: { code: 'IF_ERR_RATE_LIMIT_EXCEEDED' },
  failed_precondition: refused,
  aborted: { code: 'IF_ERR_CONFLICT', outcome: 'unknown' },
  out_of_range: refused,
  unimplemented: { code: 'IF_ERR_UNSUPPORTED', outcome: 'not-done' },
  internal: { code: 'IF_ERR_PROVIDER_UNAVAILABLE', outcome: 'unknown' },
  unavailable: { code: 'IF_ERR_PROVIDER_UNAVAILABLE', outcome: 'unknown' },
  dataloss: { code: 'IF_ERR_PROVIDER_UNAVAILABLE', retryable: false, outcome: 'unknown' },
}

/** The error of a Twirp answer; one from a proxy on the way goes by its status. */
export function twirpFault(response: IncomingResponse, meanings: Meanings = {}): Fault | undefined {
  if (response.status < 400) return undefined // Twirp answers 200 to every success and to nothing else
  const { code, msg } = objectIn(response)
  return faultOfStatus(response, {
    message: textOf(msg),
    vendorCode: textOf(code),
    meanings: { ...CODES, ...meanings },
  })
}
