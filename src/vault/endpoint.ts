// Endpoints that a scoped credential covers: `https://api.example.com/v1/messages/*`. The origin is compared exactly and
// never holds a wildcard; the path is a glob over the path as it would leave. An address that two programs could read
// differently (a user name, a dot segment, anything but its normal form) is covered by no endpoint.
import { FabricError } from '../foundation/index.ts'
import { checkGlob, globMatches, type IsBoundary } from './glob.ts'
import { normaliseOrigin } from './origin.ts'

export interface Endpoint {
  origin: string
  /** Glob, starts with a slash. */
  path: string
}

const ENDPOINT = /^(https?:\/\/[^/?#@*\\]+)(\/[^?#\\]*)$/i

/** Reads `scheme://host[:port]/path-glob`; IF_ERR_INVALID_INPUT names the rule that is broken. */
export function parseEndpoint(text: string): Endpoint {
  checkGlob(text, 'endpoint')
  const [, origin, path] = ENDPOINT.exec(text) ?? []
  if (origin === undefined || path === undefined || hasDotSegment(path)) {
    throw new FabricError('IF_ERR_INVALID_INPUT', `the endpoint ${JSON.stringify(text)} is refused`, {
      hint: 'Write scheme, host and path, as in https://api.example.com/v1/messages/*; wildcards stand in the path only, /** is the whole host.',
    })
  }
  return { origin: normaliseOrigin(origin), path }
}

/** Whether an address without query is inside the endpoint. */
export function coversAddress({ origin, path }: Endpoint, address: string): boolean {
  const url = URL.canParse(address) ? new URL(address) : undefined
  // What the parser would rewrite is not what was written.
  if (!url || url.origin + url.pathname !== address || hasDotSegment(url.pathname)) return false
  return url.origin === origin && globMatches(path, url.pathname, endsPathSegment)
}

/** A slash, also one that a server may decode. */
const endsPathSegment: IsBoundary = (text, at) =>
  text[at] === '/' || (text[at] === '%' && /^%(2f|5c)$/i.test(text.slice(at, at + 3)))

const hasDotSegment = (path: string): boolean =>
  path
    .replace(/%2e/gi, '.')
    .split(/\/|%2f|%5c/i)
    .some((segment) => segment === '.' || segment === '..')
