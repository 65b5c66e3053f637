// Carries out what a guest wants, with what the caller of the guest handed in, and gives an answer that the guest may
// see: JSON text, or code, message and hint of an error. Never rejects. Faults of ours are told without their words.
import { FabricError, isFabricError, type JsonValue, type Logger, optional } from '../../foundation/index.ts'
import type { GuestAnswer, GuestWant } from '../guest-protocol.ts'
import type { GuestHost, GuestKv } from '../port.ts'
import type { RateLimit, TakeRate } from './local-rate.ts'

/** What one answer to a guest may hold. */
const ANSWER_MAX = 1_048_576

export interface HostParts {
  moduleId: string
  host: GuestHost | undefined
  limit: RateLimit
  rate: TakeRate
  /** What of an error's words a guest may see. */
  redact: (text: string) => string
  logger: Logger
  signal: AbortSignal
  /** What is left of the call's time. */
  timeoutMs: number
}

/** Whether a want may change something outside, so that it must not be done twice. */
export const acts = (want: GuestWant): boolean =>
  want.kind === 'call' || want.kind === 'kv.set' || want.kind === 'kv.delete'

export async function answerWant(want: GuestWant, parts: HostParts): Promise<GuestAnswer> {
  try {
    const text = JSON.stringify((await carryOut(want, parts)) ?? null)
    if (text.length <= ANSWER_MAX) return { ok: text }
    throw new FabricError(
      'IF_ERR_BAD_RESPONSE',
      `the answer to ${want.kind} has ${text.length} characters; a guest takes ${ANSWER_MAX}`,
      { hint: 'It was carried out; ask for less at once.', retryable: false },
    )
  } catch (thrown) {
    return { error: told(thrown, parts) }
  }
}

async function carryOut(want: GuestWant, parts: HostParts): Promise<JsonValue | undefined> {
  if (want.kind !== 'call') return record(want, parts)
  const { call } = parts.host ?? {}
  if (!call) throw refused(parts.moduleId, 'call')
  const intent = parsed(want.intent)
  await parts.rate(parts.moduleId, parts.limit, { signal: parts.signal, timeoutMs: parts.timeoutMs })
  parts.signal.throwIfAborted()
  return call(intent, parts.signal)
}

async function record(want: Exclude<GuestWant, { kind: 'call' }>, parts: HostParts): Promise<JsonValue | undefined> {
  const { kv } = parts.host ?? {}
  if (!kv) throw refused(parts.moduleId, want.kind)
  switch (want.kind) {
    case 'kv.get':
      return value(kv, want.key)
    case 'kv.set':
      await kv.set(want.key, want.value)
      return
    case 'kv.delete':
      await kv.delete(want.key)
      return
    case 'kv.list':
      return kv.list(want.prefix)
  }
}

/** The record's own JSON, so that it reaches the guest as what it was set to. */
async function value(kv: GuestKv, key: string): Promise<JsonValue | undefined> {
  const text = await kv.get(key)
  return text === undefined ? undefined : parsed(text)
}

function parsed(text: string): JsonValue {
  try {
    return JSON.parse(text)
  } catch (thrown) {
    throw new FabricError('IF_ERR_INVALID_INPUT', 'a host call takes JSON, and this is none', { cause: thrown })
  }
}

const refused = (moduleId: string, want: GuestWant['kind']): FabricError =>
  new FabricError('IF_ERR_CREDENTIAL_DENIED', `${moduleId} may not use ${want} here`, {
    hint: 'Whoever runs the module decides what it may reach.',
  })

function told(
  thrown: unknown,
  { redact, logger, moduleId }: HostParts,
): Extract<GuestAnswer, { error: unknown }>['error'] {
  if (thrown instanceof Error && thrown.name === 'AbortError') {
    return { code: 'IF_ERR_CANCELLED', message: 'the call was cancelled' }
  }
  if (!isFabricError(thrown) || thrown.code === 'IF_ERR_INTERNAL') {
    logger.error('a host call of a module failed', { module: moduleId, error: String(thrown) })
    return { code: 'IF_ERR_INTERNAL', message: 'the host failed to carry this out' }
  }
  const { code, message, hint, retryable } = thrown
  return { code, message: redact(message), ...optional('hint', hint && redact(hint)), retryable }
}
