// Reads the address of a request as it stands, byte for byte. The usual URL parser resolves dot segments and rewrites
// characters, so that what was compared with the manifest would not be what leaves; here anything ambiguous is refused.

export interface Target {
  /** Normalised `scheme://host[:port]`, http or https also for a websocket. */
  origin: string
  /** Host name without port; an IPv6 literal without brackets. */
  hostname: string
  /** Path as written, at least `/`. */
  path: string
  /** `?…` as written, or empty. */
  query: string
}

export type TargetReading = { readable: true; target: Target } | { readable: false; reason: string }

const ADDRESS = /^(https?|wss?):\/\/([^/?#]+)([^?#]*)(\?[^#]*)?$/i
/** Characters that RFC 3986 allows in a path, and the square brackets and bar that vendors use raw in queries. */
const PATH = /^(\/([A-Za-z0-9\-._~!$&'()*+,;=:@]|%[0-9A-Fa-f]{2})*)+$/
const QUERY = /^\?([A-Za-z0-9\-._~!$&'()*+,;=:@/?[\]|]|%[0-9A-Fa-f]{2})*$/

/** Splits an http(s) or ws(s) address; says why where it cannot be compared with a route. */
export function readTarget(url: string): TargetReading {
  const [, scheme, authority, path = '', query = ''] = ADDRESS.exec(url) ?? []
  if (!scheme || !authority)
    return { readable: false, reason: 'it is not an http(s) or ws(s) address without fragment' }
  const place = readAuthority(`${scheme.toLowerCase().replace('ws', 'http')}://${authority}`)
  if (!place) return { readable: false, reason: 'its host is malformed or carries a user name' }
  if (path !== '' && !PATH.test(path))
    return { readable: false, reason: 'its path holds characters that must be encoded' }
  if (query !== '' && !QUERY.test(query)) {
    return { readable: false, reason: 'its query holds characters that must be encoded' }
  }
  if (path.includes('//')) return { readable: false, reason: 'its path holds an empty segment' }
  if (hasDotSegment(path)) return { readable: false, reason: 'its path holds a dot segment' }
  return { readable: true, target: { ...place, path: path || '/', query } }
}

/** `https://API.example:443` → `https://api.example`; undefined where it is not an origin. */
export const normaliseOrigin = (text: string): string | undefined => readAuthority(text)?.origin

/** `host[:port]` */
export const hostOf = ({ origin }: Pick<Target, 'origin'>): string => origin.slice(origin.indexOf('//') + 2)

type Place = Pick<Target, 'origin' | 'hostname'>

// Origins repeat from call to call and parsing one costs as much as the rest of the check together.
const KNOWN_PLACES_MAX = 1024
const knownPlaces = new Map<string, Place>()

function readAuthority(text: string): Place | undefined {
  const known = knownPlaces.get(text)
  if (known) return known
  if (/[@\\\s]/.test(text) || !/^https?:\/\/[^/?#]+$/i.test(text) || !URL.canParse(text)) return undefined
  const url = new URL(text)
  const place = { origin: url.origin, hostname: url.hostname.replace(/^\[(.*)\]$/, '$1') }
  if (knownPlaces.size >= KNOWN_PLACES_MAX) knownPlaces.clear()
  knownPlaces.set(text, place)
  return place
}

/** `.` and `..` in any spelling, also between encoded slashes: a server that decodes first would climb. */
export function hasDotSegment(path: string): boolean {
  if (!path.includes('.') && !/%2e/i.test(path)) return false
  return path
    .replace(/%2e/gi, '.')
    .split(/\/|%2f|%5c/i)
    .some((segment) => segment === '.' || segment === '..')
}
