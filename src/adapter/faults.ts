// Vendor failures as codes, for what most vendors have in common: the HTTP status decides, a code of the vendor's own
// overrules it, and both stay in the fault. What a vendor does otherwise stands in its own definition.
import { STATUS_CODES } from 'node:http'
import type { IncomingResponse } from '../egress/index.ts'
import { retryAfterMs } from './answer.ts'
import type { Fault } from './definition.ts'

/** What a vendor's code, or a status, means here. */
export type Meaning = Pick<Fault, 'code' | 'hint' | 'retryable' | 'outcome'>

/** Meanings by vendor code. */
export type Meanings = Readonly<Record<string, Meaning>>

export interface ToldFault {
  /** The vendor's own words; default what the status is called. */
  message?: string | undefined
  /** The vendor's code for it. Given with a success status, it makes the answer a failure. */
  vendorCode?: string | undefined
  hint?: string | undefined
  /** Looked up by `vendorCode` before the status. */
  meanings?: Meanings
}

/** The fault of an answer by its status and code; undefined for a success, which is a status below 400 without a code. */
export function faultOfStatus(response: IncomingResponse, told: ToldFault = {}): Fault | undefined {
  const { status } = response
  const { message, vendorCode, hint, meanings = {} } = told
  if (status < 400 && vendorCode === undefined) return undefined
  const own = vendorCode !== undefined && Object.hasOwn(meanings, vendorCode) ? meanings[vendorCode] : undefined
  const meaning = own ?? meaningOfStatus(status)
  const wait = retryAfterMs(response)
  const shownHint = hint ?? meaning.hint
  return {
    ...meaning,
    message: shortened(message) ?? STATUS_CODES[status] ?? `status ${status}`,
    ...(shownHint === undefined ? {} : { hint: shownHint }),
    ...(vendorCode === undefined ? {} : { vendorCode }),
    ...(wait === undefined ? {} : { retryAfterMs: wait }),
  }
}

const UNAVAILABLE: Meaning = { code: 'IF_ERR_PROVIDER_UNAVAILABLE' }
const MISSING: Meaning = { code: 'IF_ERR_NOT_FOUND' }
const CONFLICT: Meaning = { code: 'IF_ERR_CONFLICT' }

const BY_STATUS: Readonly<Record<number, Meaning>> = {
  401: {
    code: 'IF_ERR_AUTH_FAILED',
    hint: 'Store the credential again; it may have been revoked or be of another environment.',
  },
  403: { code: 'IF_ERR_AUTH_FAILED', hint: 'The credential is not allowed to do this: look at its scopes or role.' },
  404: MISSING,
  // The server gave up waiting for the request; whether a proxy in between had passed it on, nobody can say.
  408: { ...UNAVAILABLE, outcome: 'unknown' },
  409: CONFLICT,
  410: MISSING,
  412: CONFLICT,
  423: CONFLICT,
  425: { ...UNAVAILABLE, outcome: 'not-done' },
  429: { code: 'IF_ERR_RATE_LIMIT_EXCEEDED', outcome: 'not-done' },
  501: { code: 'IF_ERR_UNSUPPORTED', outcome: 'not-done' },
}

const meaningOfStatus = (status: number): Meaning =>
  BY_STATUS[status] ?? (status >= 500 ? UNAVAILABLE : { code: 'IF_ERR_ACTION_FAILED' })

const MESSAGE_MAX = 500

/** Undefined where there are no words. */
function shortened(message: string | undefined): string | undefined {
  const text = message?.trim()
  if (!text) return undefined
  return text.length > MESSAGE_MAX ? `${text.slice(0, MESSAGE_MAX - 1)}…` : text
}

/**
 * A failure that a definition finds between the requests of an operation, such as a remote operation that ended badly.
 * Thrown in `more`; the engine makes the coded error of it.
 */
export class ProviderFault extends Error {
  override readonly name = 'ProviderFault'
  readonly fault: Fault

  constructor(fault: Fault) {
    super(fault.message)
    this.fault = fault
  }
}
