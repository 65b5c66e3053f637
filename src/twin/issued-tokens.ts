// Tokens that a twin hands out and takes back: access and refresh tokens kept apart, each until its lifetime is over or
// it is spent. Lifetimes run by the twin's clock.
import type { TwinCall } from '../adapter/index.ts'
import { type Clock, type RandomBytes, sha256Hex } from '../foundation/index.ts'

type TokenKind = Parameters<TwinCall['issue']>[0]

export interface IssuedTokensParts {
  clock: Clock
  random: RandomBytes
  /** Told of each new token, so that logs can hide it. */
  told: (token: string) => void
}

export class IssuedTokens {
  readonly #parts: IssuedTokensParts
  /** Until when, by kind and digest: a lookup's time tells nothing of a token. */
  readonly #endsAt = new Map<string, number>()

  constructor(parts: IssuedTokensParts) {
    this.#parts = parts
  }

  readonly issue: TwinCall['issue'] = (kind, lifetimeSeconds) => {
    const { clock, random, told } = this.#parts
    const token = `twin_${kind}_${Buffer.from(random(20)).toString('hex')}`
    this.#endsAt.set(keyOf(kind, token), clock.now() + lifetimeSeconds * 1_000)
    told(token)
    return token
  }

  readonly issued: TwinCall['issued'] = (kind, token, { spend = false } = {}) => {
    const key = keyOf(kind, token)
    const counts = this.#parts.clock.now() < (this.#endsAt.get(key) ?? Number.NEGATIVE_INFINITY)
    if (spend || !counts) this.#endsAt.delete(key)
    return counts
  }
}

const keyOf = (kind: TokenKind, token: string): string => `${kind} ${sha256Hex(token)}`
