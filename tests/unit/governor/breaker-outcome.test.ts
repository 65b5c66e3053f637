import { describe, expect, it } from 'vitest'
import { type ErrorCode, FabricError } from '../../../src/foundation/index.ts'
import { breakerOutcomeOf } from '../../../src/governor/index.ts'

const failed = (code: ErrorCode, details: Record<string, unknown> = {}, cause?: unknown) =>
  new FabricError(code, 'it failed', { details, cause })

describe('how a call went, for the breaker', () => {
  it.each([
    ['no error', undefined, 'ok'],
    ['a connection that broke', failed('IF_ERR_PROVIDER_UNAVAILABLE'), 'fault'],
    ['no answer in time', failed('IF_ERR_TIMEOUT'), 'fault'],
    ['an answer that cannot be read', failed('IF_ERR_BAD_RESPONSE', { status: 200 }), 'fault'],
    ['500', failed('IF_ERR_ACTION_FAILED', { status: 500 }), 'fault'],
    ['402', failed('IF_ERR_ACTION_FAILED', { status: 402 }), 'ok'],
    ['404', failed('IF_ERR_NOT_FOUND', { status: 404 }), 'ok'],
    ['a refusal inside an answer of 200', failed('IF_ERR_ACTION_FAILED', { status: 200 }), 'ok'],
    ['a refusal over a websocket', failed('IF_ERR_ACTION_FAILED'), 'ok'],
    ['401', failed('IF_ERR_AUTH_FAILED', { status: 401 }), 'ok'],
    ['429', failed('IF_ERR_RATE_LIMIT_EXCEEDED', { status: 429 }), 'none'],
    ['a denial', failed('IF_ERR_POLICY_DENIED'), 'none'],
    ['a freeze', failed('IF_ERR_FROZEN'), 'none'],
    ['a cancelled call', failed('IF_ERR_CANCELLED'), 'none'],
    ['no secret', failed('IF_ERR_SECRET_MISSING'), 'none'],
    ['an unknown outcome after a timeout', failed('IF_ERR_OUTCOME_UNKNOWN', {}, failed('IF_ERR_TIMEOUT')), 'fault'],
    ['an unknown outcome after a freeze', failed('IF_ERR_OUTCOME_UNKNOWN', {}, failed('IF_ERR_FROZEN')), 'none'],
    ['an unknown outcome without a cause', failed('IF_ERR_OUTCOME_UNKNOWN'), 'none'],
  ])('%s counts as it should', (_what, error, outcome) => {
    expect(breakerOutcomeOf(error)).toBe(outcome)
  })
})
