// Where a provider wants its credential, as slots for the door. A definition names secrets and never sees a value; the
// door joins literal parts and secrets at the last moment, so nothing is ever put in by text substitution.
import type { SecretSlot } from '../egress/index.ts'
import type { Auth } from './definition.ts'

/** A secret by name; only the door opens it. */
export interface SecretRef {
  secret: string
}

export const secret = (name: string): SecretRef => ({ secret: name })

/** `Authorization: Bearer <NAME>`. */
export const bearer = (token: SecretRef): Auth => ({
  scheme: 'bearer',
  slots: [{ in: 'header', name: 'Authorization', parts: ['Bearer ', token] }],
})

/** `Authorization: Basic base64(user:password)`; either may be literal text. */
export const basic = (user: SecretRef | string, password: SecretRef | string): Auth => ({
  scheme: 'basic',
  slots: [{ in: 'header', name: 'Authorization', parts: [user, ':', password], encode: 'basic' }],
})

/** A header of the vendor's own, with literal text before the secret where it wants one. */
export const header = (name: string, value: SecretRef, prefix = ''): Auth => ({
  scheme: 'header',
  slots: [{ in: 'header', name, parts: prefix ? [prefix, value] : [value] }],
})

/** A query parameter. */
export const query = (name: string, value: SecretRef): Auth => ({
  scheme: 'query',
  slots: [{ in: 'query', name, parts: [value] }],
})

export const noAuth = (): Auth => ({ scheme: 'none', slots: [] })

/** How a plan shows a slot: `Bearer <SLACK_BOT_TOKEN>`, `Basic <USER>:<PASSWORD>`. */
export function showSlot(slot: SecretSlot): string {
  const text = slot.parts.map((part) => (typeof part === 'string' ? part : `<${part.secret}>`)).join('')
  return slot.encode === 'basic' ? `Basic ${text}` : text
}
