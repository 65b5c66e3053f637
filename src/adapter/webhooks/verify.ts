// Whether a delivery is the vendor's own, by the scheme of its definition. The reason of a refusal is for the log of the
// home alone: who sent the delivery is told nothing.
import type { JsonValue } from '../../foundation/index.ts'
import type { HookDelivery } from './delivery.ts'
import { HookFault, secretsIn } from './part.ts'
import type { ProofFacts } from './proof.ts'
import type { HookScheme } from './scheme.ts'
import {
  verifyBasic,
  verifyHash,
  verifyHmac,
  verifyPublicKey,
  verifySeeded,
  verifyShared,
  verifyTwilio,
} from './signature.ts'
import { verifySns } from './sns.ts'
import { verifyDetached, verifyJwt } from './token.ts'

export type HookProof = { isProven: true } | { isProven: false; reason: string }

/** Rejects only where a published key can't be fetched: the vendor may then send again. */
export async function verifyDelivery(scheme: HookScheme, facts: ProofFacts): Promise<HookProof> {
  try {
    await check(scheme, facts)
    return { isProven: true }
  } catch (thrown) {
    if (thrown instanceof HookFault) return { isProven: false, reason: thrown.message }
    throw thrown
  }
}

async function check(scheme: HookScheme, facts: ProofFacts): Promise<void> {
  switch (scheme.scheme) {
    case 'hmac':
      return verifyHmac(scheme, facts)
    case 'hash':
      return verifyHash(scheme, facts)
    case 'shared':
      return verifyShared(scheme, facts)
    case 'basic':
      return verifyBasic(scheme, facts)
    case 'public-key':
      return verifyPublicKey(scheme, facts)
    case 'seeded-ed25519':
      return verifySeeded(scheme, facts)
    case 'twilio':
      return verifyTwilio(scheme, facts)
    case 'detached-jws':
      return verifyDetached(scheme, facts)
    case 'jwt':
      return verifyJwt(scheme, facts)
    case 'sns':
      return verifySns(scheme, facts)
    case 'each':
      return checkEach(scheme, facts)
    case 'all':
      for (const one of scheme.of) await check(one, facts)
      return
    case 'any':
      return checkAny(scheme.of, facts)
    case 'none':
      return
  }
}

async function checkAny(schemes: readonly HookScheme[], facts: ProofFacts): Promise<void> {
  const reasons: string[] = []
  for (const scheme of schemes) {
    const proof = await verifyDelivery(scheme, facts)
    if (proof.isProven) return
    reasons.push(proof.reason)
  }
  throw new HookFault([...new Set(reasons)].join('; '))
}

async function checkEach({ items, verify }: Extract<HookScheme, { scheme: 'each' }>, facts: ProofFacts): Promise<void> {
  const found = itemsAt(facts.delivery.body, items.split('.'))
  if (found.length === 0) throw new HookFault(`it has nothing at ${items}`)
  for (const body of found) {
    const delivery: HookDelivery = { ...facts.delivery, body }
    await check(verify, { ...facts, delivery })
  }
}

function itemsAt(value: JsonValue | undefined, [name, ...rest]: readonly string[]): JsonValue[] {
  if (name === undefined) return value === undefined ? [] : [value]
  if (name === '*') return Array.isArray(value) ? value.flatMap((one) => itemsAt(one, rest)) : []
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return []
  return Object.hasOwn(value, name) ? itemsAt(value[name], rest) : []
}

/** Names of the secrets that a scheme needs. */
export function secretsOfScheme(scheme: HookScheme): string[] {
  switch (scheme.scheme) {
    case 'hmac':
      return [scheme.key.secret, ...secretsIn(scheme.over)]
    case 'hash':
      return secretsIn(scheme.over)
    case 'shared':
      return secretsIn(scheme.value)
    case 'basic':
      return secretsIn([...scheme.user, ...scheme.password])
    case 'public-key':
      return ['published' in scheme.key ? [] : scheme.key.secret.secret, secretsIn(scheme.over)].flat()
    case 'seeded-ed25519':
      return [scheme.seed.secret, ...secretsIn(scheme.over)]
    case 'twilio':
      return [scheme.key.secret]
    case 'jwt': {
      const claims = Object.values(scheme.claims ?? {}).flat()
      const key = 'secret' in scheme.key ? [scheme.key.secret] : []
      return [...key, ...secretsIn([...(scheme.audience ?? []), ...claims])]
    }
    case 'sns':
      return secretsIn(scheme.topic ?? [])
    case 'each':
      return secretsOfScheme(scheme.verify)
    case 'all':
    case 'any':
      return scheme.of.flatMap(secretsOfScheme)
    case 'detached-jws':
    case 'none':
      return []
  }
}
