import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openHost } from '../../../src/fabric/index.ts'
import { openDaemon } from '../../../src/server/index.ts'
import { buildChild, type Child, type ChildProgram } from '../child-process.ts'
import { afterwards, coordinatorOf, failureOf, fetchFrom, open, owner, serve, temporaryHome, until } from './rig.ts'

const recordOf = (home: string): Record<string, unknown> =>
  JSON.parse(readFileSync(join(home, 'daemon.json'), 'utf8')) as Record<string, unknown>

describe('a daemon', () => {
  it('says where it is, while it serves and no longer', async () => {
    const home = temporaryHome()
    const daemon = await openDaemon({ home, port: 0, env: {}, logLevel: 'silent' })

    expect(recordOf(home)).toEqual({
      pid: process.pid,
      socket: daemon.socket,
      url: daemon.url,
      version: '0.1.0',
      startedAt: expect.stringMatching(/Z$/),
    })
    expect(statSync(daemon.socket).mode & 0o777).toBe(0o600)
    expect(statSync(join(home, 'daemon.json')).mode & 0o777).toBe(0o600)

    await Promise.all([daemon.close(), daemon.close(), daemon.closed])

    expect(existsSync(join(home, 'daemon.json'))).toBe(false)
    expect(existsSync(daemon.socket)).toBe(false)
    await expect(fetch(daemon.url)).rejects.toThrow()
  })

  it('refuses to serve a home that is served, and says by whom', async () => {
    const daemon = await serve(temporaryHome())

    const error = await failureOf(openDaemon({ home: daemon.home, port: 0, env: {} }))

    expect(error).toMatchObject({ code: 'IF_ERR_ALREADY_EXISTS', exitCode: 6 })
    expect(error.message).toContain(`process ${process.pid} at ${daemon.url}`)
    expect(await fetchFrom(daemon, '/health/ready')).toMatchObject({ status: 200 })
  })

  it('names a port that is in use, and leaves nothing behind', async () => {
    const other = createServer().listen(0, '127.0.0.1')
    afterwards(() => other.close())
    await once(other, 'listening')
    const { port } = other.address() as AddressInfo
    const home = temporaryHome()

    const error = await failureOf(openDaemon({ home, port, env: {}, logLevel: 'silent' }))

    expect(error.message).toContain(String(port))
    expect(error.hint).toContain('--port')
    expect(existsSync(join(home, 'daemon.json'))).toBe(false)
    await serve(home)
  })

  it('that can’t open its home says why, and leaves the lock to the next', async () => {
    const home = temporaryHome()
    const config = readFileSync(join(home, 'config.yaml'), 'utf8')
    writeFileSync(join(home, 'config.yaml'), 'version: 7\n')

    expect((await failureOf(openDaemon({ home, port: 0, env: {} }))).code).toBe('IF_ERR_INVALID_FILE')

    writeFileSync(join(home, 'config.yaml'), config)
    await serve(home)
  })

  it('of a home with a long path has its socket elsewhere, in a folder of its owner alone', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'ifab-long-'))
    afterwards(() => rmSync(folder, { recursive: true, force: true }))
    const home = join(folder, 'x'.repeat(120))
    mkdirSync(home)

    const daemon = await serve(home)

    expect(daemon.socket.startsWith(home)).toBe(false)
    expect(statSync(join(daemon.socket, '..')).mode & 0o777).toBe(0o700)
    expect((await (await open({ home })).way).kind).toBe('daemon')
  })

  it('serves a host that is open already', async () => {
    const home = temporaryHome()
    const host = await openHost({ home, env: {}, logLevel: 'silent' })

    const daemon = await serve(home, { host })

    expect((await owner(daemon)).home).toBe(home)
  })

  it('that ends is not ready, lets in nobody, and tells its clients to come back', async () => {
    const daemon = await serve(temporaryHome())
    const coordinator = await coordinatorOf(daemon)
    const { id } = await coordinator.add({ kind: 'a' })
    const handed = new Promise<() => void>((resolve) => {
      coordinator.worker({ swarm: 's' }, () => new Promise<void>((end) => resolve(end)))
    })
    const finish = await handed
    const events = coordinator.watch()
    const waiting = failureOf(coordinator.claim({ swarm: 's', worker: 'w' }, {}, { waitMs: 30_000 }))
    const nextEvent = failureOf(events.next())

    const closing = daemon.close()

    expect(await fetchFrom(daemon, '/health/ready')).toMatchObject({ status: 503, body: { ready: false } })
    expect(await fetchFrom(daemon, '/health/live')).toMatchObject({ status: 200 })
    expect((await failureOf(owner(daemon))).code).toBe('IF_ERR_DAEMON_UNAVAILABLE')
    expect((await waiting).code).toBe('IF_ERR_DAEMON_UNAVAILABLE')
    expect((await nextEvent).code).toBe('IF_ERR_DAEMON_UNAVAILABLE')
    expect((await coordinator.get(id)).state).toBe('claimed')
    finish()
    await closing
  })

  it('beside which the home is opened by others works on the same tasks', async () => {
    const daemon = await serve(temporaryHome())
    const beside = await open({ home: daemon.home, way: 'home' })
    const { id } = await (await coordinatorOf(daemon)).add({ kind: 'a' })

    const coordinator = await beside.coordinator()
    const claim = await coordinator.claim({ swarm: 's', worker: 'w' }, id)
    await coordinator.complete(id, claim.token, 'done elsewhere')

    await until(async () => (await (await coordinatorOf(daemon)).get(id)).state === 'done', 'the daemon did not see it')
    expect(beside.way.kind).toBe('home')
  })
})

describe('daemons in processes of their own', () => {
  let program: ChildProgram
  beforeAll(async () => {
    program = await buildChild(new URL('./daemon-child.ts', import.meta.url))
  })
  afterAll(() => program.remove())

  const start = (home: string): Child => {
    const child = program.start(home)
    afterwards(() => void child.process.kill('SIGKILL'))
    return child
  }

  it('started at the same moment: exactly one serves', async () => {
    const home = temporaryHome()

    const said = await Promise.all([1, 2, 3].map(() => start(home).line()))

    expect(said.filter((line) => line?.startsWith('ready'))).toHaveLength(1)
    expect(said.filter((line) => line === 'IF_ERR_ALREADY_EXISTS')).toHaveLength(2)
    expect((await open({ home })).way.kind).toBe('daemon')
  })

  it('killed leave a socket and a record behind: commands open the home themselves, the next daemon takes both over', async () => {
    const home = temporaryHome()
    const first = start(home)
    await first.line()
    const { id } = await (await (await open({ home })).coordinator()).add({ kind: 'a' })
    await first.kill()
    expect(existsSync(join(home, 'ifab.sock'))).toBe(true)

    const alone = await open({ home })
    expect(alone.way.kind).toBe('home')
    expect((await (await alone.coordinator()).get(id)).state).toBe('open')

    expect(await start(home).line()).toMatch(/^ready/)
    const served = await open({ home })
    expect(served.way.kind).toBe('daemon')
    expect((await (await served.coordinator()).get(id)).state).toBe('open')
  })

  it('stopped answer nobody: a command waits a moment and opens the home itself', async () => {
    const home = temporaryHome()
    const child = start(home)
    await child.line()
    child.process.kill('SIGSTOP')
    const before = performance.now()

    const fabric = await open({ home })

    expect(fabric.way.kind).toBe('home')
    expect(performance.now() - before).toBeLessThan(5_000)
    child.process.kill('SIGCONT')
  })

  it('end at SIGTERM, and a second one takes over at once', async () => {
    const home = temporaryHome()
    const child = start(home)
    await child.line()
    const ended = once(child.process, 'exit')
    child.process.kill('SIGTERM')

    expect((await ended)[0]).toBe(0)
    await serve(home)
  })

  it('killed in the middle of a call: a read is asked again at the next one, a write is not', async () => {
    const home = temporaryHome()
    const child = start(home)
    await child.line()
    const fabric = await open({ url: `unix:${join(home, 'ifab.sock')}` })
    const coordinator = await fabric.coordinator()
    const claim = failureOf(fabric.plan({ instance: 'slack', operation: 'nope', input: {} }))
    expect((await claim).code).not.toBe('IF_ERR_DAEMON_UNAVAILABLE')

    child.process.kill('SIGSTOP')
    const read = coordinator.list()
    const write = failureOf(coordinator.add({ kind: 'a' }))
    const named = coordinator.add({ kind: 'a', id: 'named' })
    const stream = failureOf(coordinator.watch().next())
    await new Promise((resolve) => setImmediate(() => setImmediate(resolve)))
    await child.kill()
    const next = start(home)
    await next.line()

    expect(Array.isArray(await read)).toBe(true)
    expect(await write).toMatchObject({ code: 'IF_ERR_DAEMON_UNAVAILABLE', retryable: false })
    expect((await named).id).toBe('named')
    expect((await stream).code).toBe('IF_ERR_DAEMON_UNAVAILABLE')
  })
})
