// OpenStack Swift with its S3 interface, from Debian's own packages: a real server of another make that checks every
// signature. Everything lies in a temporary folder, listens on loopback alone, runs without privileges and ends with `close`.
import { type ChildProcess, execFile, spawn, spawnSync } from 'node:child_process'
import { chownSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { type TemporaryFolder, temporaryFolder } from './temporary.ts'

export interface Swift {
  url: string
  region: string
  accessKeyId: string
  secretAccessKey: string
  close(): Promise<void>
}

const PROGRAMS = [
  'swift-proxy-server',
  'swift-account-server',
  'swift-container-server',
  'swift-object-server',
  'memcached',
]
const PYTHON = '/usr/bin/python3'
const KINDS = ['account', 'container', 'object'] as const
const STARTS_WITHIN_MS = 60_000

/** Whether all programs are here. */
export const hasSwift = (): boolean =>
  PROGRAMS.every((program) => spawnSync('which', [program], { stdio: 'ignore' }).status === 0) &&
  spawnSync(PYTHON, ['-c', 'import swift'], { stdio: 'ignore' }).status === 0

/** One device, one copy. The command that makes rings takes nine starts of Python for it. */
const RINGS = `
import sys
from swift.common.ring.builder import RingBuilder
for pair in sys.argv[2:]:
    name, port = pair.split(':')
    ring = RingBuilder(4, 1, 0)
    ring.add_dev(dict(id=0, region=1, zone=1, ip='127.0.0.1', port=int(port), device='d1', weight=1.0))
    ring.rebalance()
    ring.get_ring().save('%s/%s.ring.gz' % (sys.argv[1], name))
`

const SWIFT = `[swift-hash]
swift_hash_path_suffix = test
swift_hash_path_prefix = test
[storage-policy:0]
name = Policy-0
default = yes
`

interface Place {
  folder: string
  port: number
}

const storageConfig = (kind: string, { folder, port }: Place): string => `[DEFAULT]
bind_ip = 127.0.0.1
bind_port = ${port}
swift_dir = ${folder}
devices = ${folder}/srv
mount_check = false
workers = 0
log_address = ${folder}/no-log
[pipeline:main]
pipeline = ${kind}-server
[app:${kind}-server]
use = egg:swift#${kind}
`

const proxyConfig = ({ folder, port, memcached }: Place & { memcached: number }): string => `[DEFAULT]
bind_ip = 127.0.0.1
bind_port = ${port}
swift_dir = ${folder}
workers = 0
log_address = ${folder}/no-log
[pipeline:main]
pipeline = catch_errors healthcheck cache s3api tempauth bulk slo dlo proxy-server
[app:proxy-server]
use = egg:swift#proxy
account_autocreate = true
allow_account_management = true
[filter:catch_errors]
use = egg:swift#catch_errors
[filter:healthcheck]
use = egg:swift#healthcheck
[filter:cache]
use = egg:swift#memcache
memcache_servers = 127.0.0.1:${memcached}
[filter:s3api]
use = egg:swift#s3api
location = us-east-1
[filter:tempauth]
use = egg:swift#tempauth
user_test_tester = testing .admin
[filter:bulk]
use = egg:swift#bulk
[filter:slo]
use = egg:swift#slo
[filter:dlo]
use = egg:swift#dlo
`

/** Starts it and waits until it answers. Fails with what the servers said. */
export async function openSwift(): Promise<Swift> {
  const home = await temporaryFolder('swift')
  const children: ChildProcess[] = []
  const close = () => closeAll(children, home)
  try {
    return { ...(await start(home.path, children)), close }
  } catch (thrown) {
    await close()
    throw thrown
  }
}

async function start(folder: string, children: ChildProcess[]): Promise<Omit<Swift, 'close'>> {
  const [account = 0, container = 0, object = 0, proxy = 0, memcached = 0] = await freePorts(5)
  const ports = { account, container, object }
  await mkdir(join(folder, 'srv', 'd1'), { recursive: true })
  await writeFile(join(folder, 'swift.conf'), SWIFT)
  const rings = KINDS.map((kind) => `${kind}:${ports[kind]}`)
  await promisify(execFile)(PYTHON, ['-c', RINGS, folder, ...rings])
  for (const kind of KINDS) {
    await writeFile(join(folder, `${kind}-server.conf`), storageConfig(kind, { folder, port: ports[kind] }))
  }
  await writeFile(join(folder, 'proxy-server.conf'), proxyConfig({ folder, port: proxy, memcached }))
  const run = ownUser(folder)
  const log: string[] = []
  const launch = (program: string, args: string[]) => {
    const child = spawn(program, args, { ...run, cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] })
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => log.push(String(chunk)))
    child.on('error', (error) => log.push(`${program}: ${error.message}`))
    children.push(child)
  }
  launch('memcached', ['-l', '127.0.0.1', '-p', String(memcached), '-U', '0'])
  for (const kind of [...KINDS, 'proxy']) launch(`swift-${kind}-server`, [join(folder, `${kind}-server.conf`)])
  const url = `http://127.0.0.1:${proxy}`
  await untilServing(
    children,
    [`${url}/healthcheck`, ...Object.values(ports).map((port) => `http://127.0.0.1:${port}/`)],
    log,
  )
  return { url, region: 'us-east-1', accessKeyId: 'test:tester', secretAccessKey: 'testing' }
}

/** As root everything runs as nobody, who then owns the folder. */
function ownUser(folder: string): { uid?: number; gid?: number } {
  if (process.getuid?.() !== 0) return {}
  const [uid, gid] = ['-u', '-g'].map((flag) => Number(spawnSync('id', [flag, 'nobody']).stdout))
  if (uid === undefined || gid === undefined || !Number.isInteger(uid) || !Number.isInteger(gid)) return {}
  for (const path of [folder, join(folder, 'srv'), join(folder, 'srv', 'd1')]) chownSync(path, uid, gid)
  return { uid, gid }
}

async function untilServing(children: readonly ChildProcess[], addresses: string[], log: string[]): Promise<void> {
  const until = Date.now() + STARTS_WITHIN_MS
  for (const address of addresses) {
    while (
      !(await fetch(address).then(
        () => true,
        () => false,
      ))
    ) {
      if (Date.now() > until || children.some(({ exitCode }) => exitCode !== null)) {
        throw new Error(`Swift does not serve ${address}: ${log.join('').slice(-2000)}`)
      }
      await sleep(100)
    }
  }
}

async function closeAll(children: readonly ChildProcess[], home: TemporaryFolder): Promise<void> {
  await Promise.all(
    children.map(async (child) => {
      if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return
      const ended = new Promise((resolve) => child.once('exit', resolve))
      child.kill('SIGKILL')
      await ended
    }),
  )
  await home.remove()
}

/** Free when asked; all are held until the last one is known, so that they differ. */
async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer()
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
      return server
    }),
  )
  const ports = servers.map((server) => {
    const address = server.address()
    return typeof address === 'object' && address ? address.port : 0
  })
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))))
  return ports
}
