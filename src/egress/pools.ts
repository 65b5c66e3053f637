// Keep-alive connections, one pool an origin. A pool that may reach private addresses is never used by a call that may
// not. Pools are bounded: the longest unused idle one makes room.
import { rootCertificates } from 'node:tls'
import { Pool } from 'undici'
import { checkedLookup, checkLiteral, type Resolve } from './lookup.ts'
import type { Target } from './target.ts'

export interface PoolOptions {
  resolve: Resolve
  /** Certificate authorities (PEM) accepted beside the usual ones. */
  ca?: string | string[]
  /** Most pools kept while idle. Default 256. */
  maxPools?: number
  /** Most connections to one origin for calls. Default 128. */
  connectionsPerOrigin?: number
}

export interface PoolUse {
  allowPrivate: boolean
  /** Streams last, so they have connections of their own and don't keep calls waiting. */
  streams?: boolean
}

/** Most connections to one origin for streams. */
const STREAMS_PER_ORIGIN = 4096

export interface Pools {
  /** The pool of an origin; IF_ERR_EGRESS_DENIED for an IP literal that may not be reached. Dispatch in the same turn. */
  of(target: Target, use: PoolUse): Pool
  readonly size: number
  /** Breaks off what is under way and closes all sockets. */
  close(): Promise<void>
}

export function createPools({ resolve, ca, maxPools = 256, connectionsPerOrigin = 128 }: PoolOptions): Pools {
  const pools = new Map<string, Pool>()
  const closing = new Set<Promise<void>>()

  const evictIdle = () => {
    for (const [key, pool] of pools) {
      if (pools.size < maxPools) return
      const { running, pending, queued } = pool.stats
      if (running + pending + queued > 0) continue
      pools.delete(key)
      const done = pool.close().finally(() => closing.delete(done))
      closing.add(done)
    }
  }

  return {
    of(target, { allowPrivate, streams = false }) {
      const key = (allowPrivate ? 'private ' : '') + (streams ? 'streams ' : '') + target.origin
      const known = pools.get(key)
      if (known) {
        // Keeps the map in order of use.
        pools.delete(key)
        pools.set(key, known)
        return known
      }
      checkLiteral(target.hostname, allowPrivate)
      evictIdle()
      const pool = new Pool(target.origin, {
        connections: streams ? STREAMS_PER_ORIGIN : connectionsPerOrigin,
        // The timeout of the whole call rules; these would only add timers.
        headersTimeout: 0,
        bodyTimeout: 0,
        connect: {
          lookup: checkedLookup({ resolve, allowPrivate }),
          timeout: 10_000,
          ...(ca === undefined ? {} : { ca: trustedWith(ca) }),
        },
      })
      pools.set(key, pool)
      return pool
    },

    get size() {
      return pools.size
    },

    async close() {
      const all = [...pools.values()]
      pools.clear()
      await Promise.all([...all.map((pool) => pool.destroy()), ...closing])
    },
  }
}

/** Naming a CA replaces the built-in ones, so they are named too. */
export const trustedWith = (ca: string | string[]): string[] => [...rootCertificates, ...[ca].flat()]
