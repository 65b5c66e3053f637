// Whether a request is one that the signed manifest names: origin, method and path template, compared on the raw path.
import type { AllowedRoute } from './port.ts'
import { normaliseOrigin, readTarget, type Target } from './target.ts'

export type RouteMatch = { matches: true; target: Target } | { matches: false; reason: string }

/**
 * Compares a request with a route. `{name}` in the template stands for one non-empty run of characters inside one
 * segment (percent-encoded slashes stay inside it); the query is free. A ws(s) address is compared as http(s).
 * A mismatch says which part differs, never the query.
 */
export function matchRoute(route: AllowedRoute, request: { method: string; url: string }): RouteMatch {
  const reading = readTarget(request.url)
  if (!reading.readable) return { matches: false, reason: reading.reason }
  const { target } = reading
  if (!route.origins.some((origin) => normaliseOrigin(origin) === target.origin)) {
    return { matches: false, reason: `${target.origin} is not one of ${route.origins.join(', ') || 'no origins'}` }
  }
  if (request.method.toUpperCase() !== route.method.toUpperCase()) {
    return { matches: false, reason: `${request.method} is not ${route.method}` }
  }
  if (!templatePattern(route.path).test(target.path)) {
    return { matches: false, reason: `${target.path} is not ${route.path}` }
  }
  return { matches: true, target }
}

// Templates come from manifests: there are as many as there are operations.
const PATTERNS_MAX = 4096
const patterns = new Map<string, RegExp>()

function templatePattern(template: string): RegExp {
  const known = patterns.get(template)
  if (known) return known
  const source = template
    .split(/(\{[^{}/]+\})/)
    .map((part, at) => (at % 2 === 1 ? '[^/]+' : part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')))
    .join('')
  const pattern = new RegExp(`^${source}$`)
  if (patterns.size >= PATTERNS_MAX) patterns.clear()
  patterns.set(template, pattern)
  return pattern
}
