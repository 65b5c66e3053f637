// Turns what sockets, TLS and parsers report into coded errors that name host and cause. The original error is not kept:
// it may hold bytes of the answer or of the request, and with them a secret.
import { FabricError, isFabricError } from '../foundation/index.ts'
import type { Attempt, Departure } from './port.ts'

/** IF_ERR_EGRESS_DENIED for something that stayed inside. */
export const egressDenied = (message: string, hint?: string): FabricError =>
  new FabricError('IF_ERR_EGRESS_DENIED', message, {
    hint: hint ?? 'A request may leave only to the hosts, methods and paths of the signed manifest.',
    details: { departure: 'nothing-left' satisfies Departure, attempts: [] },
  })

export interface Fault {
  error: FabricError
  /** Whether the same request may succeed a moment later. */
  transient: boolean
}

/** What a failed exchange means. */
export function faultOf(thrown: unknown, host: string): Fault {
  if (isFabricError(thrown)) return { error: thrown, transient: false }
  const code = codeOf(thrown)
  const cause = new Error(code ?? (thrown instanceof Error ? thrown.name : 'unknown'))
  const unavailable = (problem: string, hint: string, transient = true): Fault => ({
    transient,
    error: new FabricError('IF_ERR_PROVIDER_UNAVAILABLE', `${host}: ${problem}`, {
      hint,
      cause,
      retryable: transient,
      details: { host, cause: code ?? null },
    }),
  })
  const unreadable = (problem: string, transient: boolean): Fault => ({
    transient,
    error: new FabricError('IF_ERR_BAD_RESPONSE', `${host}: ${problem}`, {
      cause,
      details: { host, cause: code ?? null },
    }),
  })
  switch (code) {
    case 'ENOTFOUND':
      return unavailable('the host name does not exist (ENOTFOUND)', 'Check the address of the instance.', false)
    case 'EAI_AGAIN':
      return unavailable('the host name cannot be resolved now (EAI_AGAIN)', 'Check the network and its DNS server.')
    case 'ECONNREFUSED':
      return unavailable('the connection is refused (ECONNREFUSED)', 'Check that the service runs at this port.')
    case 'UND_ERR_CONNECT_TIMEOUT':
    case 'ETIMEDOUT':
      return unavailable('no connection came about in time', 'Check the network between here and the host.')
    case 'ECONNRESET':
    case 'EPIPE':
    case 'UND_ERR_SOCKET':
      return unavailable('the connection broke off', 'The host or the network closed it; see details.departure.')
    case 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH':
      return unreadable('the answer is shorter or longer than it announced', true)
    case 'UND_ERR_HEADERS_OVERFLOW':
      return unreadable('the headers of the answer are too large', false)
    case 'UND_ERR_INVALID_ARG':
    case 'UND_ERR_REQ_CONTENT_LENGTH_MISMATCH':
    case 'UND_ERR_NOT_SUPPORTED':
      return { transient: false, error: malformedRequest(host) }
  }
  if (code?.startsWith('HPE_')) return unreadable(`the answer is not HTTP (${code})`, false)
  if (code && isTlsCode(code)) {
    return unavailable(
      `the TLS connection failed (${code})`,
      'The certificate must be valid for this host; a company CA is named in NODE_EXTRA_CA_CERTS.',
      false,
    )
  }
  return unavailable(`the connection failed (${code ?? cause.message})`, 'Check the network between here and the host.')
}

/** The same error with what the caller needs to know about the whole call. */
export function withCallDetails(error: FabricError, call: { departure: Departure; attempts: Attempt[] }): FabricError {
  return new FabricError(error.code, error.message, {
    ...(error.hint === undefined ? {} : { hint: error.hint }),
    ...(error.next === undefined ? {} : { next: error.next }),
    details: { ...error.details, ...call },
    cause: error.cause,
    retryable: error.retryable,
  })
}

const malformedRequest = (host: string): FabricError =>
  new FabricError('IF_ERR_INVALID_INPUT', `${host}: the request holds a method, header or length that HTTP forbids`, {
    hint: 'Header names and values hold no line breaks or control characters.',
  })

const isTlsCode = (code: string): boolean =>
  /^(ERR_TLS_|ERR_SSL_|CERT_|EPROTO$|UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_|HOSTNAME_MISMATCH|INVALID_CA|CRL_)/.test(code)

/** The code of an error; of several connection attempts that of the last one. */
function codeOf(thrown: unknown): string | undefined {
  if (thrown instanceof AggregateError && thrown.errors.length > 0) return codeOf(thrown.errors.at(-1))
  const { code, name } = (thrown ?? {}) as { code?: unknown; name?: unknown }
  if (typeof code === 'string') return code
  // The parser gives some of its errors no code.
  return name === 'HTTPParserError' ? 'HPE_MALFORMED' : undefined
}
