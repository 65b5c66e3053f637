// One try of a call: fill, sign, exchange, follow the redirects of a read, unpack and scrub what comes back.
import { type Clock, FabricError } from '../foundation/index.ts'
import { ACCEPT_ENCODING, ACCEPT_STREAM_ENCODING, decodeBody } from './decode.ts'
import { exchange } from './exchange.ts'
import { faultOf } from './faults.ts'
import { holdsSecret } from './fill-body.ts'
import { leavingFor } from './open-secret.ts'
import type { Pools } from './pools.ts'
import type { Departure, IncomingResponse, OutgoingRequest, SendOptions } from './port.ts'
import { nextHop } from './redirect.ts'
import type { Scrubber } from './scrub.ts'
import { prepareRequest } from './sign/sign-request.ts'
import type { StreamHead } from './stream.ts'
import { hostOf, type Target } from './target.ts'

export interface TryParts {
  pools: Pools
  scrubber: Scrubber
  clock: Clock
}

export type Tried =
  | { kind: 'answered'; response: IncomingResponse }
  | ({ kind: 'flows' } & StreamHead)
  | { kind: 'failed'; error: FabricError; transient: boolean; departure: Departure }

export interface Try {
  request: OutgoingRequest
  options: SendOptions
  target: Target
  signal: AbortSignal
  /** A success comes while it is under way. */
  streams: boolean
}

const DEFAULT_MAX_BODY_BYTES = 16 * 1024 * 1024

/** Throws only what is a bug. */
export async function tryOnce(
  parts: TryParts,
  { request, options, target: first, signal, streams }: Try,
): Promise<Tried> {
  const { scrubber, clock } = parts
  const { secrets, route, allowPrivate, beforeSend, maxBodyBytes = DEFAULT_MAX_BODY_BYTES } = options
  const method = request.method.toUpperCase()
  let departure: Departure = 'nothing-left'
  try {
    let target = first
    for (let hops = 0; ; hops++) {
      const host = hostOf(target)
      const carried = target.origin === first.origin ? request : withoutCredentials(request)
      const context = { secrets, scrubber, clock, template: route.path, ...leavingFor(target, method) }
      const { path, query, headers, body } = await prepareRequest(carried, { target, method, context })
      headers['accept-encoding'] ??= streams ? ACCEPT_STREAM_ENCODING : ACCEPT_ENCODING
      const outgoing = { host, method, path: path + query, headers, body, maxBodyBytes }
      const result = await exchange(parts.pools.of(target, { allowPrivate, streams }), outgoing, {
        signal,
        beforeSend,
        flows: streams,
      })
      if (!result.ok) {
        if (result.departure === 'may-have-left') departure = 'may-have-left'
        return { kind: 'failed', departure, ...faultOf(result.thrown, host) }
      }
      departure = 'may-have-left'
      const { response, flow } = result
      if (flow) return { kind: 'flows', host, status: response.status, headers: response.headers, flow }
      const hop = nextHop({ response, method, route, from: target, hops, leaks: scrubber.leaks })
      if (hop.kind === 'refused') return { kind: 'failed', departure, error: hop.error, transient: false }
      if (hop.kind === 'arrived') {
        return {
          kind: 'answered',
          response: await readAnswer(response, scrubberOf(options, scrubber), { host, maxBodyBytes }),
        }
      }
      target = hop.target
    }
  } catch (thrown) {
    if (!(thrown instanceof FabricError)) throw thrown
    return { kind: 'failed', departure, error: thrown, transient: false }
  }
}

/** An answer that tells secrets comes as it is; its caller registers them. */
const scrubberOf = ({ tellsSecrets }: SendOptions, scrubber: Scrubber): Pick<Scrubber, 'response'> =>
  tellsSecrets ? { response: (raw) => ({ ...raw, text: raw.body.toString('utf8') }) } : scrubber

async function readAnswer(
  raw: { status: number; headers: Record<string, string>; body: Buffer },
  scrubber: Pick<Scrubber, 'response'>,
  limits: { host: string; maxBodyBytes: number },
): Promise<IncomingResponse> {
  const { 'content-encoding': encoding, ...headers } = raw.headers
  if (encoding === undefined) return scrubber.response(raw)
  // The length that was announced is that of the packed body.
  delete headers['content-length']
  return scrubber.response({ status: raw.status, headers, body: await decodeBody(raw.body, { encoding, ...limits }) })
}

/** What may follow a redirect to another origin. */
const withoutCredentials = (request: OutgoingRequest): Pick<OutgoingRequest, 'headers' | 'slots' | 'body'> => ({
  slots: [],
  headers: Object.fromEntries(
    Object.entries(request.headers).filter(([name]) => !/^(authorization|cookie)$/i.test(name)),
  ),
  ...(request.body === undefined || holdsSecret(request.body) ? {} : { body: request.body }),
})
