// How the log of calls shows the address of a request: whatever stands where a credential stands is left out, so that a wrong
// one, which may be a real one, is not kept either.
import { REDACTED } from '../foundation/index.ts'
import { pathOf, queryOf } from './received.ts'
import type { RouteMatch } from './routes.ts'

export function loggedTarget(target: string, found: RouteMatch | undefined): string {
  const slots = found?.route.requirements.flatMap((requirement) => requirement.slots) ?? []
  const named = (place: 'path' | 'query') => new Set(slots.filter((slot) => slot.in === place).map(({ name }) => name))
  const [inPath, inQuery] = [named('path'), named('query')]
  const path = found && inPath.size > 0 ? shownPath(found, inPath) : pathOf(target)
  const query = queryOf(target)
  if (query === '') return path
  if (inQuery.size === 0) return `${path}?${query}`
  const shown = query.split('&').map((pair) => {
    const name = new URLSearchParams(pair).keys().next().value
    return name !== undefined && inQuery.has(name) ? `${name}=${REDACTED}` : pair
  })
  return `${path}?${shown.join('&')}`
}

const shownPath = ({ route, path }: RouteMatch, secret: ReadonlySet<string>): string =>
  route.template.replace(/\{([^{}+]+)\+?\}/g, (_, name: string) =>
    secret.has(name) ? REDACTED : encodeURIComponent(path[name] ?? ''),
  )
