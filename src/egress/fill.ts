// Puts secrets where the auth scheme wants them, at the last moment: opened per request for the target's origin,
// registered for scrubbing before anything is sent, never substituted into text that a caller wrote.
import type { JsonValue } from '../foundation/index.ts'
import { egressDenied } from './faults.ts'
import { fillBody } from './fill-body.ts'
import { fillPathPlace, segmentText } from './fill-path.ts'
import { type OpenContext, openSecret, orMissing, secretUnreadable } from './open-secret.ts'
import { withParameter } from './parameter.ts'
import type { OutgoingRequest, SecretSlot } from './port.ts'
import type { Target } from './target.ts'

export interface FillContext extends OpenContext {
  /** Path template of the route. */
  template: string
}

export interface FilledRequest {
  /** As they leave. */
  path: string
  /** With its `?`, or empty. */
  query: string
  /** Lower-case names. */
  headers: Record<string, string>
  body: string | Uint8Array | undefined
}

/** Fills all slots but those of messages. A slot wins over a header or parameter of the same name that the caller gave. */
export async function fillRequest(
  request: Pick<OutgoingRequest, 'headers' | 'slots' | 'body'>,
  target: Target,
  context: FillContext,
): Promise<FilledRequest> {
  const headers: Record<string, string> = {}
  for (const name of Object.keys(request.headers)) {
    const lower = name.toLowerCase()
    if (FRAMING.has(lower)) throw egressDenied(`the header ${name} may not be set by a request`)
    headers[lower] = request.headers[name] ?? ''
  }
  let { path, query } = target
  for (const slot of request.slots) {
    if (slot.in === 'message') continue
    const value = await slotValue(slot, context)
    if (value === undefined) continue
    if (slot.in === 'header') headers[slot.name.toLowerCase()] = checkHeaderValue(slot, value)
    else if (slot.in === 'query') query = withParameter(query, slot.name, value)
    else {
      context.scrubber.register(segmentText(value))
      path = fillPathPlace(path, value, { template: context.template, name: slot.name, secrets: secretsOf(slot) })
    }
  }
  return { path, query, headers, body: await fillBody(request.body, context) }
}

/** A copy of a message with its `message` slots filled; `auth.token` names a nested field. */
export async function fillMessage(
  message: Record<string, unknown>,
  slots: SecretSlot[],
  context: OpenContext,
): Promise<Record<string, unknown>> {
  const filled = structuredClone(message)
  for (const slot of slots) {
    if (slot.in !== 'message') continue
    const value = await slotValue(slot, context)
    if (value !== undefined) setField(filled, slot.name.split('.'), value)
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

/** A place in the path can't be left out: what would leave then is another address. */
const slotValue = (slot: SecretSlot, context: OpenContext): Promise<string | undefined> =>
  slot.optional && slot.in !== 'path' ? orMissing(joinedValue(slot, context)) : joinedValue(slot, context)

async function joinedValue(slot: SecretSlot, context: OpenContext): Promise<string> {
  let joined = ''
  for (const part of slot.parts) joined += typeof part === 'string' ? part : await openSecret(part.secret, context)
  if (slot.encode !== 'basic') return joined
  const encoded = Buffer.from(joined, 'utf8').toString('base64')
  context.scrubber.register(joined)
  context.scrubber.register(encoded)
  return `Basic ${encoded}`
}

function checkHeaderValue(slot: SecretSlot, value: string): string {
  if (/^[\t\x20-\x7e\x80-\xff]*$/.test(value)) return value
  throw secretUnreadable(
    secretsOf(slot),
    `a line break, control or non-Latin character cannot stand in the header ${slot.name}`,
    'Set the secret again as one line, exactly as the provider shows it.',
  )
}

const secretsOf = ({ parts }: SecretSlot): string =>
  parts.flatMap((part) => (typeof part === 'string' ? [] : [part.secret])).join(', ')

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
