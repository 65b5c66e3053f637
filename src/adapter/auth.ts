// Where a provider wants its credential, as slots for the door. A definition names secrets and never sees a value; the
// door joins literal parts and secrets at the last moment, so nothing is ever put in by text substitution.
import type { SecretSlot, SigningRecipe } from '../egress/index.ts'
import { ACCESS_TOKEN, type Auth, type TokenSource } from './definition.ts'
import type { SecretRef } from './secret-ref.ts'

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

/** `{name}` of the path template, wherever a template has it. Plans and logs show `<NAME>`. */
export const inPath = (name: string, value: SecretRef): Auth => ({
  scheme: 'path',
  slots: [{ in: 'path', name, parts: [value] }],
})

/** Nothing outside of the body: the requests place it there themselves, by `secretInBody`. */
export const inBody = (): Auth => ({ scheme: 'body', slots: [] })

/** The whole request is signed; what else the vendor wants beside it stands in `auth`. */
export const signed = (sign: SigningRecipe, auth: Auth = noAuth()): Auth => ({
  ...auth,
  scheme: auth.scheme === 'none' ? 'signature' : auth.scheme,
  sign,
})

/** An access token that the engine gets and renews, in the header, behind `prefix`. */
export const accessToken = (
  scheme: 'oauth2' | 'session',
  token: TokenSource,
  slot: SecretSlot = { in: 'header', name: 'Authorization', parts: ['Bearer ', { secret: ACCESS_TOKEN }] },
): Auth => ({ scheme, slots: [slot], token })

/** Several at once: an account in the path and a key in a header. The scheme is the first one's. */
export function allOf(first: Auth, ...others: Auth[]): Auth {
  const all = [first, ...others]
  const sign = all.find((auth) => auth.sign)?.sign
  const token = all.find((auth) => auth.token)?.token
  return {
    scheme: first.scheme,
    slots: all.flatMap(({ slots }) => slots),
    ...(sign ? { sign } : {}),
    ...(token ? { token } : {}),
  }
}

export const noAuth = (): Auth => ({ scheme: 'none', slots: [] })

/** How a plan shows a slot: `Bearer <SLACK_BOT_TOKEN>`, `Basic <USER>:<PASSWORD>`. */
export function showSlot(slot: SecretSlot): string {
  const text = slot.parts.map((part) => (typeof part === 'string' ? part : `<${shownName(part.secret)}>`)).join('')
  return slot.encode === 'basic' ? `Basic ${text}` : text
}

const shownName = (name: string): string => (name === ACCESS_TOKEN ? 'ACCESS_TOKEN' : name)
