// Opens the fabric that a caller means, wherever it runs.
import type { Fabric, OpenFabricOptions } from '../fabric/index.ts'
import { isFabricError, optional, type Span } from '../foundation/index.ts'
import type { Hello } from '../wire/index.ts'
import { choose } from './choice.ts'
import { Connection } from './connection.ts'
import { ownVersion } from './own-version.ts'
import { remoteFabric } from './remote-fabric.ts'
import type { Target } from './target.ts'

export interface OpenOptions extends OpenFabricOptions {
  /** A daemon's address: `https://…`, `http://127.0.0.1:…` or `unix:/…`. Default IFAB_URL. */
  url?: string
  /** Bearer token for it. Default IFAB_TOKEN, else what the file IFAB_TOKEN_FILE has. */
  token?: string
  /** A context by name, in place of `url` and `token`. */
  context?: string
  /** `home`: opens the home in this process, whatever runs. Default `auto`. */
  way?: 'auto' | 'home'
}

/** A daemon of this machine that doesn't answer so soon is left alone, and the home opened beside it. */
const FOUND_WITHIN_MS = 250

/**
 * The fabric: of the given address or context, else of IFAB_URL, else of the context in use where no home is given, else of the
 * home's running daemon, else the home opened in this process. Close it to free everything.
 */
export async function openFabric(options: OpenOptions = {}): Promise<Fabric> {
  const { url: _url, token: _token, context: _context, way: _way, ...own } = options
  const env = options.env ?? process.env
  const choice = await choose(options, env)
  if (choice.kind === 'named') return openRemote(options, choice.target, {})
  if (choice.kind === 'found') {
    try {
      return await openRemote(options, choice.target, { home: choice.home, timeoutMs: FOUND_WITHIN_MS })
    } catch (thrown) {
      // Killed, ending or stuck: many processes may have one home open.
      if (!isFabricError(thrown) || thrown.code !== 'IF_ERR_DAEMON_UNAVAILABLE') throw thrown
    }
  }
  // Who uses a daemon needs nothing of what a home is made of.
  const { openFabric: openHome } = await import('../fabric/index.ts')
  return openHome(own)
}

async function openRemote(
  options: OpenOptions,
  target: Target,
  { home, timeoutMs }: { home?: string; timeoutMs?: number },
): Promise<Fabric> {
  const env = options.env ?? process.env
  const spans: Span[] = []
  const connection = new Connection({
    target,
    hello: await helloOf(options, env),
    peer: { takeSpans: (fresh) => void spans.push(...(fresh as Span[])) }, // as the daemon's fabric made them
  })
  const welcome = await connection.open(timeoutMs)
  return remoteFabric({ connection, target, welcome, spans, home, env })
}

async function helloOf(
  options: OpenOptions,
  env: Record<string, string | undefined>,
): Promise<Omit<Hello, 'protocol'>> {
  const { actor, why, trace } = options
  return {
    version: await ownVersion(),
    ...optional('actor', actor),
    ...optional('session', options.session ?? (env.IFAB_SESSION || undefined)),
    ...optional('why', why || undefined),
    ...optional('trace', trace || undefined),
  }
}
