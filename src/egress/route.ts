// Whether a request is one that the signed manifest names: origin, method and path template, compared on the raw path.
import type { AllowedRoute } from './port.ts'
import { normaliseOrigin, readTarget, type Target } from './target.ts'

export type RouteMatch = { matches: true; target: Target } | { matches: false; reason: string }

/**
 * Compares a request with a route. `{name}` in the template stands for one non-empty run of characters inside one
 * segment (percent-encoded slashes stay inside it), `{name+}` for one or more segments; the query is free. A ws(s)
 * address is compared as http(s). A mismatch says which part differs, never the query.
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
  if (!templateOf(route.path).pattern.test(target.path)) {
    return { matches: false, reason: `${target.path} is not ${route.path}` }
  }
  return { matches: true, target }
}

export type Place = { found: true; start: number; end: number } | { found: false; reason: string }

/** Where the `{name}` of a template stands in a path that matches it. A template that could be read in two ways has none. */
export function placeInPath(template: string, name: string, path: string): Place {
  const { names, places } = templateOf(template)
  const at = names.findIndex((known) => known.name === name)
  const known = names[at]
  if (!known) return { found: false, reason: 'the template does not name it' }
  if (known.many || known.shares) return { found: false, reason: 'its segment is not its own' }
  if (names.slice(0, at).some(({ many }) => many)) return { found: false, reason: 'an open part stands before it' }
  const [start, end] = places.exec(path)?.indices?.[at + 1] ?? []
  return start === undefined || end === undefined
    ? { found: false, reason: 'the path does not match it' }
    : { found: true, start, end }
}

interface Template {
  pattern: RegExp
  /** The same, telling where each name stands. */
  places: RegExp
  names: { name: string; many: boolean; shares: boolean }[]
}

// Templates come from manifests: there are as many as there are operations.
const TEMPLATES_MAX = 4096
const templates = new Map<string, Template>()

function templateOf(text: string): Template {
  const known = templates.get(text)
  if (known) return known
  const template = readTemplate(text)
  if (templates.size >= TEMPLATES_MAX) templates.clear()
  templates.set(text, template)
  return template
}

const NAME = /\{([^{}/+]+)(\+?)\}/

function readTemplate(text: string): Template {
  const names = text.split('/').flatMap((segment) => {
    const inside = [...segment.matchAll(new RegExp(NAME, 'g'))]
    return inside.map(([, name = '', plus]) => ({ name, many: plus === '+', shares: inside.length > 1 }))
  })
  // Empty and dot segments are refused before, wherever they stand.
  const source = text
    .split(new RegExp(`(${NAME.source.replaceAll('(', '(?:')})`))
    .map((part, at) => {
      if (at % 2 === 0) return part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
      return part.endsWith('+}') ? '([^/].*)' : '([^/]+)'
    })
    .join('')
  return { names, pattern: new RegExp(`^${source}$`), places: new RegExp(`^${source}$`, 'd') }
}
