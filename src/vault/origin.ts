// Origins as secrets are bound to them: `scheme://host[:port]` in the form that the URL standard gives, so that two
// spellings of one place are one origin.
import { FabricError } from '../foundation/index.ts'

export function normaliseOrigin(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined
  const bare = url && url.pathname === '/' && !url.search && !url.hash && !url.username && !url.password
  if (bare && (url.protocol === 'https:' || url.protocol === 'http:')) return url.origin
  throw new FabricError('IF_ERR_INVALID_INPUT', `${JSON.stringify(text)} is not an origin`, {
    hint: 'An origin is scheme, host and port, as in https://api.example.com:8443.',
  })
}

/** Sorted, without repetition, at least one. */
export function normaliseOrigins(texts: string[]): string[] {
  if (texts.length === 0) throw new FabricError('IF_ERR_INVALID_INPUT', 'a secret is bound to at least one origin')
  return [...new Set(texts.map(normaliseOrigin))].sort()
}
