// Where an answer points and whether it may be followed: reads only, at most five hops, each one inside the same route.
import { FabricError } from '../foundation/index.ts'
import type { RawResponse } from './exchange.ts'
import type { AllowedRoute } from './port.ts'
import { matchRoute } from './route.ts'
import type { Target } from './target.ts'

const HOPS_MAX = 5
const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308])

export type Hop = { kind: 'arrived' } | { kind: 'follow'; target: Target } | { kind: 'refused'; error: FabricError }

export interface HopQuestion {
  response: RawResponse
  method: string
  route: AllowedRoute
  from: Target
  /** Redirects followed so far. */
  hops: number
  /** Whether a text holds a credential. */
  leaks(text: string): boolean
}

/** Judges an answer; a refusal is an IF_ERR_BAD_RESPONSE that names the host it pointed to and nothing else of the address. */
export function nextHop({ response, method, route, from, hops, leaks }: HopQuestion): Hop {
  const location = response.headers.location
  if (!REDIRECTS.has(response.status) || location === undefined) return { kind: 'arrived' }
  const url = absolute(location, from.origin + from.path)
  const refused = (reason: string): Hop => ({
    kind: 'refused',
    error: new FabricError(
      'IF_ERR_BAD_RESPONSE',
      `${new URL(from.origin).host} answered ${response.status} and points to ${url?.host || 'an unreadable address'}: ${reason}`,
      {
        hint: 'Check the address of the instance; the provider may have moved.',
        retryable: false,
        details: { host: new URL(from.origin).host, status: response.status, pointsTo: url?.host ?? null },
      },
    ),
  })
  if (method !== 'GET' && method !== 'HEAD') return refused('only reads are redirected')
  if (hops >= HOPS_MAX) return refused(`more than ${HOPS_MAX} redirects`)
  if (!url) return refused('not an address')
  url.hash = ''
  const match = matchRoute(route, { method, url: url.href })
  // What this host was told is not for another one.
  if (url.origin !== from.origin && leaks(url.href)) return refused('the address holds a credential')
  return match.matches ? { kind: 'follow', target: match.target } : refused('the signed manifest does not allow it')
}

const absolute = (location: string, base: string): URL | undefined =>
  URL.canParse(location, base) ? new URL(location, base) : undefined
