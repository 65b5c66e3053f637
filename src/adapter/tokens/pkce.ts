// Proof Key for Code Exchange (RFC 7636) with S256, and the state of a consent: random, and compared in constant time.
import { createHash, timingSafeEqual } from 'node:crypto'
import type { RandomBytes } from '../../foundation/index.ts'

export interface Proof {
  verifier: string
  challenge: string
}

/** 32 random bytes: 43 characters, as the RFC advises. */
export function makeProof(random: RandomBytes): Proof {
  const verifier = makeState(random)
  return { verifier, challenge: createHash('sha256').update(verifier).digest('base64url') }
}

export const makeState = (random: RandomBytes): string => Buffer.from(random(32)).toString('base64url')

export function isSameState(own: string, given: string): boolean {
  const [a, b] = [own, given].map((text) => createHash('sha256').update(text).digest())
  return a !== undefined && b !== undefined && timingSafeEqual(a, b)
}
