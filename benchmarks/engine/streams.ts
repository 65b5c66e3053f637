// Streams: how much later the first piece comes than by undici alone, and what a thousand of them weigh.
import { setMaxListeners } from 'node:events'
import { Pool } from 'undici'
import { perform } from '../../src/adapter/index.ts'
import type { Child } from './children.ts'
import { median, microseconds, tell } from './figures.ts'
import { callOptions, openBenchDoor, REQUEST } from './provider.ts'

const STREAMS = 500
const WARM_UP = 200
const AT_ONCE = 1_000
const MEGABYTE = 1024 * 1024

export async function benchFirstToken(provider: Child): Promise<void> {
  const pool = new Pool(provider.origin)
  const door = openBenchDoor()
  const options = callOptions(door, provider.origin, 'bench:stream')
  const body = JSON.stringify({ ...REQUEST, stream: true })
  const bare: number[] = []
  const ours: number[] = []
  for (let at = -WARM_UP; at < STREAMS; at++) {
    const startedAt = performance.now()
    let firstAt = 0
    const headers = { 'content-type': 'application/json' }
    const answer = await pool.request({ method: 'POST', path: '/v1/chat/completions', headers, body })
    for await (const _chunk of answer.body) firstAt ||= performance.now()
    if (at >= 0) bare.push(firstAt - startedAt)

    const begunAt = performance.now()
    let pieceAt = 0
    await perform({
      ...options,
      onPiece: () => {
        pieceAt ||= performance.now()
      },
    })
    if (at >= 0) ours.push(pieceAt - begunAt)
  }
  const added = median(ours) - median(bare)
  tell('the first token by undici alone, p50', microseconds(median(bare)))
  tell('the engine adds to the first token, p50', microseconds(added), '≤ 1000 µs', added <= 1)
  await Promise.all([pool.close(), door.close()])
}

export async function benchManyStreams(provider: Child): Promise<void> {
  const door = openBenchDoor()
  const before = process.memoryUsage().rss
  const abort = new AbortController()
  setMaxListeners(AT_ONCE + 1, abort.signal)
  let begun = 0
  let whenAll = () => {}
  const all = new Promise<void>((resolve) => {
    whenAll = resolve
  })
  const streams = Array.from({ length: AT_ONCE }, () =>
    perform({
      ...callOptions(door, provider.origin, 'bench:hold'),
      signal: abort.signal,
      onPiece: () => {
        begun += 1
        if (begun === AT_ONCE) whenAll()
      },
    }).catch(() => undefined),
  )
  await all
  const { rss } = process.memoryUsage()
  tell(
    `${AT_ONCE} streams at once, the whole process`,
    `${(rss / MEGABYTE).toFixed(0)} MB`,
    '< 300 MB',
    rss < 300 * MEGABYTE,
  )
  tell('of it for the streams', `${((rss - before) / MEGABYTE).toFixed(0)} MB`)
  abort.abort()
  await Promise.all(streams)
  await door.close()
}
