// TrueLayer's errors: problem details (RFC 7807) whose type ends in the kind, `…#invalid-parameters`; the Data API and the
// token endpoint have `{error, error_description}`. docs.truelayer.com/docs/payments-api-errors
import {
  type Fault,
  faultOfStatus,
  type IncomingResponse,
  type JsonObject,
  type Meanings,
  objectIn,
  textOf,
} from '../../../adapter/index.ts'

const MEANINGS: Meanings = {
  invalid_client: { code: 'IF_ERR_AUTH_FAILED', hint: 'Client id and secret belong together, and to one environment.' },
  invalid_grant: { code: 'IF_ERR_AUTH_FAILED', hint: 'The consent has ended: connect the instance again.' },
  'invalid-state': { code: 'IF_ERR_CONFLICT', hint: 'It is past the state in which this can be done; read it first.' },
  // The first request under this key is still under way: it may yet happen.
  'idempotency-key-concurrency-conflict': { code: 'IF_ERR_CONFLICT', outcome: 'unknown' },
  'idempotency-key-reuse': { code: 'IF_ERR_CONFLICT', outcome: 'unknown', retryable: false },
}

export function truelayerFault(response: IncomingResponse): Fault | undefined {
  if (response.status < 400) return undefined
  const body = objectIn(response)
  return faultOfStatus(response, {
    message: textOf(body.detail) ?? textOf(body.error_description) ?? textOf(body.title),
    vendorCode: kindOf(body),
    hint: fieldsIn(body),
    meanings: MEANINGS,
  })
}

const kindOf = (body: JsonObject): string | undefined => textOf(body.type)?.split('#').at(1) || textOf(body.error)

/** The fields that TrueLayer names, with what it says of the first. */
function fieldsIn({ errors }: JsonObject): string | undefined {
  if (typeof errors !== 'object' || errors === null || Array.isArray(errors)) return undefined
  const [first] = Object.entries(errors)
  if (first === undefined) return undefined
  const [field, words] = first
  return `TrueLayer names ${field}: ${String(Array.isArray(words) ? words[0] : words).slice(0, 200)}`
}
