// Puts secrets where the auth scheme wants them, at the last moment: opened per request for the target's origin,
// registered for scrubbing before anything is sent, never substituted into text that a caller wrote.
import { FabricError, type JsonValue } from '../foundation/index.ts'
import type { SecretDestination, SecretSource } from '../vault/index.ts'
import { egressDenied } from './faults.ts'
import type { OutgoingRequest, SecretSlot } from './port.ts'
import type { Scrubber } from './scrub.ts'
import type { Target } from './target.ts'

export interface FillContext {
  secrets: SecretSource
  scrubber: Scrubber
  /** The origin that secrets are opened for, and the request that they leave with. */
  origin: string
  destination: SecretDestination
}

/** The part of a context that the target says; made again for each redirect. */
export const leavingFor = ({ origin, path }: Target, method: string): Pick<FillContext, 'origin' | 'destination'> => ({
  origin,
  destination: { method, url: `${origin}${path}` },
})

export interface FilledRequest {
  /** Path and query as they leave. */
  path: string
  /** Lower-case names. */
  headers: Record<string, string>
}

/** Fills header and query slots. A slot wins over a header or parameter of the same name that the caller gave. */
export async function fillRequest(
  request: Pick<OutgoingRequest, 'headers' | 'slots'>,
  target: Target,
  context: FillContext,
): Promise<FilledRequest> {
  const headers: Record<string, string> = {}
  for (const name of Object.keys(request.headers)) {
    const lower = name.toLowerCase()
    if (FRAMING.has(lower)) throw egressDenied(`the header ${name} may not be set by a request`)
    headers[lower] = request.headers[name] ?? ''
  }
  let query = target.query
  for (const slot of request.slots) {
    if (slot.in === 'message') continue
    const value = await slotValue(slot, context)
    if (slot.in === 'header') headers[slot.name.toLowerCase()] = checkHeaderValue(slot, value)
    else query = withParameter(query, slot.name, value)
  }
  return { path: `${target.path}${query}`, headers }
}

/** A copy of a message with its `message` slots filled; `auth.token` names a nested field. */
export async function fillMessage(
  message: Record<string, unknown>,
  slots: SecretSlot[],
  context: FillContext,
): Promise<Record<string, unknown>> {
  const filled = structuredClone(message)
  for (const slot of slots) {
    if (slot.in === 'message') setField(filled, slot.name.split('.'), await slotValue(slot, context))
  }
  return filled
}

/** Headers that decide where a request goes or where it ends: with them a request could leave the route it was checked for. */
const FRAMING: ReadonlySet<string> = new Set([
  'host',
  'connection',
  'keep-alive',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'expect',
])

async function slotValue(slot: SecretSlot, { secrets, scrubber, origin, destination }: FillContext): Promise<string> {
  let joined = ''
  for (const part of slot.parts) {
    if (typeof part === 'string') {
      joined += part
      continue
    }
    const value = (await secrets.open(part.secret, origin, destination)).reveal()
    scrubber.register(value)
    joined += value
  }
  if (slot.encode !== 'basic') return joined
  const encoded = Buffer.from(joined, 'utf8').toString('base64')
  scrubber.register(joined)
  scrubber.register(encoded)
  return `Basic ${encoded}`
}

function checkHeaderValue(slot: SecretSlot, value: string): string {
  if (/^[\t\x20-\x7e\x80-\xff]*$/.test(value)) return value
  const names = slot.parts.flatMap((part) => (typeof part === 'string' ? [] : [part.secret])).join(', ')
  throw new FabricError(
    'IF_ERR_SECRET_UNREADABLE',
    `${names}: a line break, control or non-Latin character cannot stand in the header ${slot.name}`,
    { hint: 'Set the secret again as one line, exactly as the provider shows it.' },
  )
}

function withParameter(query: string, name: string, value: string): string {
  const others = query
    .slice(1)
    .split('&')
    .filter((pair) => pair !== '' && decodeName(pair) !== name)
  return `?${[...others, `${encodeURIComponent(name)}=${encodeURIComponent(value)}`].join('&')}`
}

const decodeName = (pair: string): string => new URLSearchParams(pair).keys().next().value ?? ''

function setField(object: Record<string, unknown>, [name = '', ...rest]: string[], value: JsonValue): void {
  if (rest.length === 0) {
    Object.defineProperty(object, name, { value, enumerable: true, configurable: true, writable: true })
    return
  }
  const inner = Object.hasOwn(object, name) ? object[name] : undefined
  const next = inner !== null && typeof inner === 'object' && !Array.isArray(inner) ? inner : {}
  Object.defineProperty(object, name, { value: next, enumerable: true, configurable: true, writable: true })
  setField(next as Record<string, unknown>, rest, value)
}
