// Failures of Authorize.Net stand inside HTTP 200: `messages.resultCode` is Error, or `transactionResponse.responseCode` is
// 2 (declined) or 3 (error) with `errors` of its own, which say more (developer.authorize.net/api/reference/responseCodes.html).
// The webhooks' REST API has HTTP status codes and `{status, reason, message}`.
import {
  type Fault,
  faultOfStatus,
  type IncomingResponse,
  type JsonObject,
  type JsonValue,
  type Meanings,
  objectIn,
  textOf,
} from '../../../adapter/index.ts'

const AUTH = {
  code: 'IF_ERR_AUTH_FAILED',
  hint: 'Check API login id and transaction key, and whether they are of the sandbox or of production.',
} as const

// `E…` are of the call, numbers of the transaction. What is not here is IF_ERR_ACTION_FAILED.
const MEANINGS: Meanings = {
  // "An error occurred during processing": nothing says how far it had come.
  E00001: { code: 'IF_ERR_PROVIDER_UNAVAILABLE', outcome: 'unknown' },
  E00005: AUTH,
  E00006: AUTH,
  E00007: AUTH,
  E00008: AUTH,
  E00010: AUTH,
  E00011: AUTH,
  E00012: { code: 'IF_ERR_CONFLICT', hint: 'An equal subscription exists already.' },
  E00035: { code: 'IF_ERR_NOT_FOUND' },
  E00039: {
    code: 'IF_ERR_CONFLICT',
    hint: 'A customer with the same reference, e-mail and description exists already.',
  },
  E00040: { code: 'IF_ERR_NOT_FOUND' },
  E00053: { code: 'IF_ERR_PROVIDER_UNAVAILABLE', outcome: 'not-done' },
  E00068: { code: 'IF_ERR_RATE_LIMIT_EXCEEDED', outcome: 'not-done' },
  E00104: { code: 'IF_ERR_PROVIDER_UNAVAILABLE', outcome: 'not-done' },
  E00114: { code: 'IF_ERR_ACTION_FAILED', hint: 'A payment nonce counts once, for fifteen minutes: get another one.' },
  '11': {
    code: 'IF_ERR_CONFLICT',
    retryable: false,
    hint: 'An equal transaction was taken within the duplicate window: look for it first. A reference of its own tells payments apart.',
  },
  '13': AUTH,
  '16': { code: 'IF_ERR_NOT_FOUND' },
  '39': { code: 'IF_ERR_ACTION_FAILED', hint: 'Use the currency of the account.' },
  '54': {
    code: 'IF_ERR_CONFLICT',
    hint: 'Only a settled payment can be refunded, which takes until the night; payment.cancel takes it back before.',
  },
}

export function authorizeNetFault(response: IncomingResponse): Fault | undefined {
  const body = objectIn(response)
  if (response.status >= 400) {
    return faultOfStatus(response, {
      message: textOf(body.message) ?? textOf(body.reason),
      vendorCode: textOf(body.reason),
    })
  }
  const said = transactionError(member(body, 'transactionResponse')) ?? callError(member(body, 'messages'))
  if (!said) return undefined
  const known = Object.hasOwn(MEANINGS, said.code)
  return faultOfStatus(response, {
    message: said.text,
    vendorCode: said.code,
    meanings: known ? MEANINGS : { [said.code]: { code: 'IF_ERR_ACTION_FAILED', outcome: 'not-done' } },
  })
}

interface Said {
  code: string
  text: string | undefined
}

function transactionError(answer: JsonObject): Said | undefined {
  const { responseCode } = answer
  if (responseCode !== '2' && responseCode !== '3') return undefined
  const [error = {}] = objects(answer.errors)
  const words = responseCode === '2' ? 'This transaction has been declined.' : 'The transaction was unsuccessful.'
  return { code: textOf(error.errorCode) ?? `responseCode ${responseCode}`, text: textOf(error.errorText) ?? words }
}

function callError(messages: JsonObject): Said | undefined {
  if (messages.resultCode !== 'Error') return undefined
  const [message = {}] = objects(messages.message)
  return { code: textOf(message.code) ?? 'Error', text: textOf(message.text) }
}

const member = (body: JsonObject, name: string): JsonObject => objects(body[name])[0] ?? {}

/** One object or a list of them, as XML that became JSON has either. */
const objects = (value: JsonValue | undefined): JsonObject[] =>
  (Array.isArray(value) ? value : [value]).flatMap((item) =>
    item !== null && typeof item === 'object' && !Array.isArray(item) ? [item] : [],
  )
