// The daemon's door for vendors: /hooks/NAME, open to whoever reaches the port, so it takes little and tells nothing. Bodies,
// deliveries at a time, and deliveries that one address may get refused, all have a limit.
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { HookOutcome, HookReceiver } from '../fabric/index.ts'
import { type Clock, FabricError, type Logger, toFabricError } from '../foundation/index.ts'

export interface HookDoorParts {
  clock: Clock
  logger(): Logger | undefined
  /** Throws while the daemon starts or ends. */
  receiver(): HookReceiver
}

const PREFIX = '/hooks/'
const MAX_BYTES = 1024 * 1024
const MOST_AT_ONCE = 256
/** Of one address, in a minute. */
const MOST_REFUSED = 60
const MINUTE_MS = 60_000
const MOST_ADDRESSES = 10_000

export const isHookPath = (path: string): boolean => path.startsWith(PREFIX)

export class HookDoor {
  readonly #parts: HookDoorParts
  readonly #refused = new Map<string, { since: number; count: number }>()
  #underWay = 0

  constructor(parts: HookDoorParts) {
    this.#parts = parts
  }

  async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const address = addressOf(request)
    const busy = this.#busy(address)
    if (busy) return end(request, response, { status: busy, headers: { 'retry-after': '60' }, body: '' })
    this.#underWay += 1
    try {
      const outcome = await this.#receive(request)
      if (outcome.isRefused) this.#count(address)
      end(request, response, outcome)
    } catch (thrown) {
      end(request, response, this.#failed(thrown))
    } finally {
      this.#underWay -= 1
    }
  }

  async #receive(request: IncomingMessage): Promise<HookOutcome> {
    const [path = '', ...search] = (request.url ?? '/').split('?')
    const instance = nameIn(path.slice(PREFIX.length))
    const { method = 'GET', headers } = request
    if (instance === undefined) return refusal(404)
    if (!['GET', 'POST', 'PUT'].includes(method)) return { ...refusal(405), headers: { allow: 'POST, GET' } }
    if ((headers['content-encoding'] ?? 'identity') !== 'identity') return refusal(415)
    const receive = this.#parts.receiver()
    const bytes = await readBody(request)
    if (bytes === undefined) return refusal(413)
    const searchText = search.length === 0 ? '' : `?${search.join('?')}`
    return receive({ instance, method, search: searchText, headers: joined(request), bytes })
  }

  /** The vendor is told to send again, and nothing else. */
  #failed(thrown: unknown): HookOutcome {
    const error = toFabricError(thrown)
    if (!isCut(error)) this.#parts.logger()?.error('a webhook delivery was not taken', { error: error.message })
    return { ...refusal(503), headers: { 'retry-after': '10' } }
  }

  #busy(address: string): number | undefined {
    if (this.#underWay >= MOST_AT_ONCE) return 503
    const known = this.#refused.get(address)
    if (!known) return undefined
    if (this.#parts.clock.monotonic() - known.since < MINUTE_MS) return known.count >= MOST_REFUSED ? 429 : undefined
    this.#refused.delete(address)
    return undefined
  }

  #count(address: string): void {
    const known = this.#refused.get(address) ?? { since: this.#parts.clock.monotonic(), count: 0 }
    known.count += 1
    this.#refused.set(address, known)
    const [oldest] = this.#refused.keys()
    if (this.#refused.size > MOST_ADDRESSES && oldest !== undefined) this.#refused.delete(oldest)
  }
}

/** The sender has left, or the daemon starts or ends: no fault of anybody. */
const isCut = ({ code }: FabricError): boolean => code === 'IF_ERR_CANCELLED' || code === 'IF_ERR_DAEMON_UNAVAILABLE'

const refusal = (status: number): HookOutcome => ({ status, headers: {}, body: '', isRefused: true })

/** Whom the proxy in front names last, as that is what it saw itself; else who has connected. */
function addressOf({ headers, socket }: IncomingMessage): string {
  const forwarded = headers['x-forwarded-for']
  const last = (Array.isArray(forwarded) ? forwarded.join(',') : forwarded)?.split(',').at(-1)?.trim()
  return last?.slice(0, 64) || (socket.remoteAddress ?? '')
}

/** One segment; undefined where it is none. */
function nameIn(text: string): string | undefined {
  try {
    const name = decodeURIComponent(text)
    return name === '' || text.includes('/') ? undefined : name
  } catch {
    return undefined
  }
}

function joined({ headers }: IncomingMessage): Record<string, string> {
  const all = Object.entries(headers).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, Array.isArray(value) ? value.join(', ') : value] as const],
  )
  return Object.fromEntries(all)
}

/** Undefined for one that is too large; IF_ERR_CANCELLED where the sender leaves. */
async function readBody(request: IncomingMessage): Promise<Uint8Array | undefined> {
  if (Number(request.headers['content-length'] ?? 0) > MAX_BYTES) return undefined
  const chunks: Buffer[] = []
  let size = 0
  try {
    for await (const chunk of request.iterator({ destroyOnReturn: false })) {
      const bytes = chunk as Buffer // no encoding is set on the request
      size += bytes.length
      if (size > MAX_BYTES) return undefined
      chunks.push(bytes)
    }
  } catch (cause) {
    throw new FabricError('IF_ERR_CANCELLED', 'the sender has left', { cause })
  }
  return Buffer.concat(chunks)
}

/** What isn't read any more ends the connection. */
function end(
  request: IncomingMessage,
  response: ServerResponse,
  { status, headers, body }: Omit<HookOutcome, 'isRefused'>,
): void {
  if (response.destroyed) return
  const rest: Record<string, string> = request.complete ? {} : { connection: 'close' }
  response.writeHead(status, {
    'cache-control': 'no-store',
    ...rest,
    ...headers,
    'content-length': Buffer.byteLength(body),
  })
  response.end(body)
}
