// Published keys, kept for a while. A delivery that nobody has proven yet asks for a key, so asking is bounded: so many
// fetches a minute for an instance, one at a time for a key, and a key that was not there isn't asked for again at once.
import { FabricError, isFabricError } from '../../foundation/index.ts'
import { buildHookRequest, type HookRequestOptions, sendHookRequest } from './hook-request.ts'
import { HookFault } from './part.ts'
import type { HookKeys, KeySaid } from './scheme.ts'

const MINUTE_MS = 60_000
const FETCHES_A_MINUTE = 10
const MOST_KEPT = 200
const KEEP_SECONDS = 3_600

interface Kept {
  text: Promise<string>
  /** Milliseconds. */
  until: number
  fetchedAt: number
}

export interface KeyShelf {
  /** The answer to the request for a key; undefined where the delivery points elsewhere than the vendor's address. */
  get(options: HookRequestOptions, keys: HookKeys, said: KeySaid, nowMs: number): Promise<string | undefined>
}

export function openKeyShelf(): KeyShelf {
  const kept = new Map<string, Kept>()
  const fetched = new Map<string, number[]>()

  function mayFetch(instance: string, nowMs: number): boolean {
    const recent = (fetched.get(instance) ?? []).filter((at) => nowMs - at < MINUTE_MS)
    if (recent.length >= FETCHES_A_MINUTE) return false
    fetched.set(instance, [...recent, nowMs])
    return true
  }

  function keep(name: string, entry: Kept): void {
    kept.delete(name)
    kept.set(name, entry)
    const [oldest] = kept.keys()
    if (kept.size > MOST_KEPT && oldest !== undefined) kept.delete(oldest)
  }

  return {
    async get(options, keys, said, nowMs) {
      const built = builtFor(options, keys, said)
      if (!built) return undefined
      const { instance } = options
      const name = JSON.stringify([instance.name, built.url, keys.form === 'jwk' ? (said.kid ?? '') : ''])
      const known = kept.get(name)
      if (known && nowMs < known.until && !(await isOutdated(known, keys, said, nowMs))) return known.text
      if (!mayFetch(instance.name, nowMs)) {
        if (known) return known.text
        throw new FabricError('IF_ERR_RATE_LIMIT_EXCEEDED', `${instance.name}: too many deliveries name unknown keys`, {
          hint: 'The vendor sends them again.',
        })
      }
      const text = sendHookRequest(options, built).then((response) => response.text)
      keep(name, { text, fetchedAt: nowMs, until: nowMs + (keys.keepSeconds ?? KEEP_SECONDS) * 1000 })
      text.catch(() => kept.delete(name)) // the next delivery tries again
      return text
    },
  }
}

/** A set that lacks the named key may be from before a change of keys: looked at again, once a minute at most. */
async function isOutdated(
  { text, fetchedAt }: Kept,
  { form }: HookKeys,
  { kid }: KeySaid,
  nowMs: number,
): Promise<boolean> {
  if (kid === undefined || (form !== 'jwks' && form !== 'pems') || nowMs - fetchedAt < MINUTE_MS) return false
  return !(await text).includes(JSON.stringify(kid))
}

/** The definition's request, where it goes exactly where the delivery points. */
function builtFor(options: HookRequestOptions, keys: HookKeys, said: KeySaid) {
  const spec = keys.request(said)
  if (!spec) return undefined
  try {
    const built = buildHookRequest(options, spec)
    return said.url === undefined || built.url === said.url ? built : undefined
  } catch (thrown) {
    if (!isFabricError(thrown) || thrown.code === 'IF_ERR_EGRESS_DENIED') throw thrown
    throw new HookFault("it points at a key that is not the vendor's") // a host or path that can't be
  }
}
