// Credentials at a twin: looked for where the request of the definition has them, and compared with the twin's own secrets,
// with the tokens that it issued, and with signatures that it computes itself. A credential on the wrong place is none.
import { timingSafeEqual } from 'node:crypto'
import { ACCESS_TOKEN } from '../adapter/index.ts'
import type { SecretSlot } from '../egress/index.ts'
import { textAt } from './example-body.ts'
import type { IssuedTokens } from './issued-tokens.ts'
import type { Presented } from './presented.ts'
import { queryOf } from './received.ts'
import type { Requirement } from './requirement.ts'
import { wrongInSignature } from './signature.ts'

export interface CredentialsParts {
  secrets: Readonly<Record<string, string>>
  tokens: IssuedTokens
  /** Wall clock, milliseconds. */
  now: () => number
}

export class Credentials {
  readonly #parts: CredentialsParts
  readonly #known: readonly Buffer[]

  constructor(parts: CredentialsParts) {
    this.#parts = parts
    this.#known = Object.values(parts.secrets).map((secret) => Buffer.from(secret))
  }

  /** Whether a text is one of the secrets. */
  readonly accepts = (credential: string): boolean =>
    this.#known.filter((secret) => isSame(secret, credential)).length > 0

  /** Why a request is not let in, undefined where it is; one of the requirements is enough. */
  wrongIn(requirements: readonly Requirement[], presented: Presented): string | undefined {
    const [first, ...others] = requirements
    if (!first) return undefined
    const wrong = this.#wrong(first, presented)
    return others.some((other) => this.#wrong(other, presented) === undefined) ? undefined : wrong
  }

  #wrong({ slots, body, sign }: Requirement, presented: Presented): string | undefined {
    const slot = slots.find((expected) => !this.#holds(expected, presented))
    const place = body.find(({ secret, place }) => !this.#isSecret(secret, textAt(presented.value, place) ?? ''))
    if (slot || place) return 'the credential is missing or wrong'
    return sign && wrongInSignature(sign, { presented, secrets: this.#parts.secrets, now: this.#parts.now() })
  }

  #holds(slot: SecretSlot, { headers, path, target }: Presented): boolean {
    const given =
      slot.in === 'header'
        ? headers[slot.name.toLowerCase()]
        : slot.in === 'path'
          ? path[slot.name]
          : new URLSearchParams(queryOf(target)).get(slot.name)
    if (given === undefined || given === null) return slot.optional === true
    if (slot.encode !== 'basic') return this.#isJoined(slot.parts, given)
    const encoded = /^basic +([\w+/=-]+)$/i.exec(given)?.[1]
    return encoded !== undefined && this.#isJoined(slot.parts, Buffer.from(encoded, 'base64').toString('utf8'))
  }

  /** Whether a text is the parts in their order. A token that the twin issued fills what the others leave. */
  #isJoined(parts: SecretSlot['parts'], given: string): boolean {
    const at = parts.findIndex((part) => typeof part !== 'string' && part.secret === ACCESS_TOKEN)
    if (at < 0) return isSame(Buffer.from(this.#join(parts)), given)
    const [before, after] = [this.#join(parts.slice(0, at)), this.#join(parts.slice(at + 1))]
    const token = given.slice(before.length, given.length - after.length)
    return given === before + token + after && this.#parts.tokens.issued('access', token)
  }

  #join(parts: SecretSlot['parts']): string {
    return parts.map((part) => (typeof part === 'string' ? part : (this.#parts.secrets[part.secret] ?? ''))).join('')
  }

  #isSecret(name: string, given: string): boolean {
    return isSame(Buffer.from(this.#parts.secrets[name] ?? ''), given)
  }
}

/** Takes the same time for all values of one length. */
function isSame(expected: Buffer, given: string): boolean {
  const bytes = Buffer.from(given)
  return bytes.length === expected.length && timingSafeEqual(bytes, expected)
}
