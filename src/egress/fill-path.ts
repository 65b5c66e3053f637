// Writes a credential into the path, at the place that the route's template gives it. The place is found by the template
// alone, never by searching for text, so that no value of a caller can move it.
import { egressDenied } from './faults.ts'
import { secretUnreadable } from './open-secret.ts'
import { placeInPath } from './route.ts'
import { hasDotSegment } from './target.ts'

export interface PathPlace {
  template: string
  /** The `{name}` of the template. */
  name: string
  /** Secrets that the value is made of, for messages. */
  secrets: string
}

/** The path with one more place filled, percent-encoded; `path` must match the template. */
export function fillPathPlace(path: string, value: string, { template, name, secrets }: PathPlace): string {
  const place = placeInPath(template, name, path)
  if (!place.found) throw egressDenied(`the credential {${name}} has no place in ${template}: ${place.reason}`)
  const filled = path.slice(0, place.start) + segmentText(value) + path.slice(place.end)
  if (value !== '' && !hasDotSegment(filled)) return filled
  throw secretUnreadable(
    secrets,
    'an empty value or a dot segment cannot stand in an address',
    'Set the secret again, exactly as the provider shows it.',
  )
}

/** One segment. `:` and `@` are allowed in it (RFC 3986, 3.3) and some servers know them only as they are. */
export const segmentText = (value: string): string =>
  encodeURIComponent(value)
    .replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`)
    .replace(/%3A/g, ':')
    .replace(/%40/g, '@')
