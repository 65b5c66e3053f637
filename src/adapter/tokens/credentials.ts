// A digest of what decides whose account a token is of: where it is asked for, and with which credentials. A token that was
// got with others is never used, so that an instance that changes its account does not act in the old one. After a consent
// only the client id counts: another client secret of the same client renews what was consented to.
import { canonicalJson, sha256Hex } from '../../foundation/index.ts'
import type { TokenSource } from '../definition.ts'
import { buildTokenRequest, type TokenOwner } from './token-request.ts'

/** Reads the secrets at each call, as they may change at any time. */
export function credentialsOf(owner: TokenOwner, source: TokenSource): () => Promise<string> {
  let basis: { url: string; origin: string; names: string[] } | undefined
  let last: { values: string; digest: string } | undefined
  return async () => {
    basis ??= basisOf(owner, source)
    const { url, origin, names } = basis
    const pairs: [string, string][] = []
    for (const name of names) pairs.push([name, (await owner.secrets.open(name, origin)).reveal()])
    const values = canonicalJson([url, pairs])
    if (last?.values !== values) last = { values, digest: sha256Hex(values) }
    return last.digest
  }
}

function basisOf(owner: TokenOwner, source: TokenSource): { url: string; origin: string; names: string[] } {
  const spec = source.request('first', {}) ?? source.request('refresh', {}) ?? source.request('code', {})
  if (!spec) return { url: '', origin: '', names: [] }
  const { url, origin, needs } = buildTokenRequest(owner, source, spec)
  const names = source.consent ? [source.consent.clientId.secret] : needs
  return { url, origin, names: [...new Set(names)].filter((name) => !name.startsWith('$')) }
}
