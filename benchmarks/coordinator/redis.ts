// A Redis server of its own for the comparison: on a free port of loopback, in a temporary folder, gone afterwards.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pause } from './figures.ts'

export interface RedisServer {
  readonly port: number
  readonly version: string
  stop(): Promise<void>
}

/** How often the append-only file is forced to the disk. */
export type AppendFsync = 'always' | 'everysec'

/** What there is to install, where there is no server; undefined where there is one. */
export function missingRedis(): string | undefined {
  const found = spawnSync('redis-server', ['--version'], { encoding: 'utf8' })
  return found.status === 0 ? undefined : 'redis-server is not installed (Debian: apt-get install redis-server)'
}

export async function startRedis(appendfsync: AppendFsync): Promise<RedisServer> {
  const folder = await mkdtemp(join(tmpdir(), 'ifab-bench-redis-'))
  const port = await freePort()
  const args = ['--port', `${port}`, '--bind', '127.0.0.1', '--dir', folder, '--save', '', '--daemonize', 'no']
  const server = spawn('redis-server', [...args, '--appendonly', 'yes', '--appendfsync', appendfsync], {
    stdio: 'ignore',
  })
  const stop = async () => {
    if (server.exitCode === null) {
      const ended = once(server, 'exit')
      server.kill('SIGTERM')
      await ended
    }
    await rm(folder, { recursive: true, force: true, maxRetries: 3 })
  }
  try {
    return { port, version: await versionOf(server, port), stop }
  } catch (thrown) {
    await stop()
    throw thrown
  }
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const address = probe.address()
  probe.close()
  if (typeof address !== 'object' || address === null) throw new Error('no free port')
  return address.port
}

/** Waits until the server answers. */
async function versionOf(server: ChildProcess, port: number): Promise<string> {
  const { Redis } = await import('ioredis')
  const client = new Redis(port, '127.0.0.1', {
    retryStrategy: () => 50,
    maxRetriesPerRequest: null,
    lazyConnect: true,
  })
  client.on('error', () => undefined) // refused until it is up
  try {
    for (let tries = 0; tries < 100; tries++) {
      if (server.exitCode !== null) throw new Error(`redis-server ended with ${server.exitCode}`)
      const told = await Promise.race([client.info('server'), pause(200).then(() => undefined)]).catch(() => undefined)
      const version = /redis_version:(\S+)/.exec(told ?? '')?.[1]
      if (version) return version
      await pause(50)
    }
    throw new Error('redis-server did not answer within 5 s')
  } finally {
    client.disconnect()
  }
}
