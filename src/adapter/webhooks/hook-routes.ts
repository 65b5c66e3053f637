// The requests that a definition's webhooks may make, for its manifest.
import type { HttpRequestSpec } from '../request.ts'
import type { HookKeys, HookScheme } from './scheme.ts'
import type { Webhooks } from './webhooks.ts'

/** One of each kind. */
export function hookRequests({ verify, confirms = [] }: Webhooks): HttpRequestSpec[] {
  return [...keysOfScheme(verify).flatMap((keys) => keys.request(keys.example) ?? []), ...confirms]
}

function keysOfScheme(scheme: HookScheme): HookKeys[] {
  switch (scheme.scheme) {
    case 'public-key':
      return 'published' in scheme.key ? [scheme.key.published] : []
    case 'detached-jws':
    case 'sns':
      return [scheme.keys]
    case 'jwt':
      return 'secret' in scheme.key ? [] : [scheme.key]
    case 'each':
      return keysOfScheme(scheme.verify)
    case 'all':
    case 'any':
      return scheme.of.flatMap(keysOfScheme)
    default:
      return []
  }
}
