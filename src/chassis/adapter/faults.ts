// What a vendor's answer means, for adapters that others wrote: by their own table first, then by the HTTP status. Data
// instead of code, because the door asks while it holds the answer and can wait for no guest.
import { type Fault, type IncomingResponse, objectIn, retryAfterMs } from '../../adapter/index.ts'
import type { ErrorCode, JsonObject, JsonValue } from '../../foundation/index.ts'
import type { AdapterDescription } from '../module/description.ts'

type Rule = NonNullable<AdapterDescription['faults']>[number]

/** A definition's `errors` from a table of rules. */
export const faultsOf =
  (rules: readonly Rule[]) =>
  (response: IncomingResponse): Fault | undefined => {
    const body = objectIn(response)
    const rule = rules.find((candidate) => holds(candidate, response.status, body))
    const code = rule?.code ?? byStatus(response.status)
    if (code === undefined) return undefined
    const waitMs = code === 'IF_ERR_RATE_LIMIT_EXCEEDED' ? retryAfterMs(response) : undefined
    return {
      code,
      message: wordsIn(body) ?? `HTTP ${response.status}`,
      ...(rule?.retryable === undefined ? {} : { retryable: rule.retryable }),
      ...(waitMs === undefined ? {} : { retryAfterMs: waitMs }),
    }
  }

function holds({ status, field }: Rule, actual: number, body: JsonObject): boolean {
  if (status === undefined && field === undefined) return false
  const statusFits =
    status === undefined || status === actual || (typeof status === 'string' && status[0] === String(actual)[0])
  return statusFits && (field === undefined || at(body, field.path) === field.equals)
}

function at(body: JsonObject, path: string): JsonValue | undefined {
  let value: JsonValue | undefined = body
  for (const name of path.split('.')) {
    if (typeof value !== 'object' || value === null || Array.isArray(value) || !Object.hasOwn(value, name))
      return undefined
    value = value[name]
  }
  return value
}

function byStatus(status: number): ErrorCode | undefined {
  if (status < 400) return undefined
  if (status >= 500) return 'IF_ERR_PROVIDER_UNAVAILABLE'
  return BY_STATUS[status] ?? 'IF_ERR_ACTION_FAILED'
}

const BY_STATUS: Record<number, ErrorCode> = {
  400: 'IF_ERR_INVALID_INPUT',
  401: 'IF_ERR_AUTH_FAILED',
  403: 'IF_ERR_AUTH_FAILED',
  404: 'IF_ERR_NOT_FOUND',
  409: 'IF_ERR_CONFLICT',
  422: 'IF_ERR_INVALID_INPUT',
  429: 'IF_ERR_RATE_LIMIT_EXCEEDED',
}

/** The vendor's own words, where most vendors have them. */
function wordsIn(body: JsonObject): string | undefined {
  const found = ['message', 'error.message', 'error', 'detail', 'title'].map((path) => at(body, path))
  const words = found.find((value) => typeof value === 'string' && value !== '')
  return typeof words === 'string' ? words.slice(0, 300) : undefined
}
