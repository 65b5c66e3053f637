// Origins as secrets are bound to them: `scheme://host[:port]` in the form that the URL standard gives, so that two
// spellings of one place are one origin. A bound origin may leave the first labels of its host open: `https://*.x.io` is
// every host below x.io by https, never x.io itself and never a host that merely ends in the same letters.
import { FabricError } from '../foundation/index.ts'

const BELOW = /^https:\/\/\*((?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?){2,})$/
const LABELS = /^(?:[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?)(?:\.[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?)*$/

export function normaliseOrigin(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined
  const bare = url && url.pathname === '/' && !url.search && !url.hash && !url.username && !url.password
  const plain = bare && (url.protocol === 'https:' || url.protocol === 'http:') ? url.origin : undefined
  if (plain !== undefined && (!plain.includes('*') || BELOW.test(plain))) return plain
  throw new FabricError('IF_ERR_INVALID_INPUT', `${JSON.stringify(text)} is not an origin`, {
    hint: 'An origin is scheme, host and port, as in https://api.example.com:8443; https://*.example.com is every host below.',
  })
}

/** Sorted, without repetition, at least one. */
export function normaliseOrigins(texts: string[]): string[] {
  if (texts.length === 0) throw new FabricError('IF_ERR_INVALID_INPUT', 'a secret is bound to at least one origin')
  return [...new Set(texts.map(normaliseOrigin))].sort()
}

/** Whether what is bound to these origins may go to `origin`; all of them normalised. */
export const coversOrigin = (bound: Iterable<string>, origin: string): boolean => {
  for (const each of bound) if (each === origin || isBelow(each, origin)) return true
  return false
}

/** The port is the usual one: an origin that names another is another place. */
function isBelow(bound: string, origin: string): boolean {
  const suffix = BELOW.exec(bound)?.[1]
  if (suffix === undefined || !origin.startsWith('https://') || !origin.endsWith(suffix)) return false
  return LABELS.test(origin.slice('https://'.length, -suffix.length))
}
