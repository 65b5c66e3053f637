import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { DAEMON_COMMANDS } from '../../../src/cli/tree/daemon-commands.ts'
import { TOKEN_SCOPES, type TokenView } from '../../../src/fabric/index.ts'
import { FabricError } from '../../../src/foundation/index.ts'
import type { Daemon, DaemonOptions } from '../../../src/server/index.ts'
import { fakeFabric, fakeRun } from './fake-fabric.ts'
import { type CliOptions, runCli, startCli, until } from './run-cli.ts'
import { openTaskRig } from './task-rig.ts'

let home: string
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'ifab-cli-'))
})
afterEach(() => rm(home, { recursive: true, force: true }))

/** A daemon that closes when `finish` is called. */
function fakeDaemon() {
  let end = () => {}
  const closed = new Promise<void>((resolve) => {
    end = resolve
  })
  const seen: { opened: DaemonOptions[]; closes: number } = { opened: [], closes: 0 }
  const openDaemon = async (options: DaemonOptions): Promise<Daemon> => {
    seen.opened.push(options)
    return {
      home,
      socket: `${home}/ifab.sock`,
      url: 'http://127.0.0.1:7420',
      pid: 4711,
      closed,
      close: () => {
        seen.closes += 1
        return closed
      },
    }
  }
  return { openDaemon, seen, finish: () => end() }
}

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))

describe('ifab up', () => {
  it('says where it is and what to do next, and waits at Ctrl-C for what is under way', async () => {
    const { openDaemon, seen, finish } = fakeDaemon()
    const started = startCli(['up', '--port', '0', '--home', home, '--log-level', 'debug'], { openDaemon })
    await until(() => started.stderr().includes('Ctrl-C ends'))

    expect(seen.opened).toEqual([{ env: {}, home, port: 0, logLevel: 'debug' }])
    expect(started.stdout()).toContain('✓ up · pid 4711')
    expect(started.stdout()).toContain(`socket  ${home}/ifab.sock`)
    expect(started.stdout()).toContain('url     http://127.0.0.1:7420')
    expect(started.stderr()).toContain('ifab token create --actor')

    started.signal('SIGTERM')
    await until(() => seen.closes === 1)
    expect(started.stderr()).toContain('stopping: what is under way has 10.0 s to end; Ctrl-C again ends at once')
    finish()

    expect(await started.code).toBe(143)
    expect(started.stderr()).toContain('nothing is lost')
    expect(started.exits).toEqual([])
  })

  it('says what it waits for, asked over its own socket', async () => {
    const rig = await openTaskRig()
    const { id } = await rig.coordinator.add({ kind: 'k' })
    const worker = rig.coordinator.worker({ swarm: 's' }, (_, { signal }) => aborted(signal))
    await until(() => worker.running === 1)
    const { openDaemon, seen, finish } = fakeDaemon()
    const urls: unknown[] = []
    const started = rig.start(['up'], {
      openDaemon,
      openFabric: async ({ url }) => {
        urls.push(url)
        return fakeFabric({ coordinator: async () => rig.coordinator, runs: async () => [fakeRun('running').record] })
      },
    })
    await until(() => started.stderr().includes('Ctrl-C ends'))
    started.signal('SIGINT')
    await until(() => seen.closes === 1)
    finish()

    expect(await started.code).toBe(130)
    expect(started.stderr()).toContain(
      'stopping: waiting up to 10.0 s for 1 task and 1 run, then tasks are handed back',
    )
    expect(urls).toEqual([`unix:${home}/ifab.sock`])
    await worker.close()
    expect((await rig.coordinator.get(id)).state).toBe('open')
    await rig.close()
  })

  it('says that nothing is under way', async () => {
    const rig = await openTaskRig({ runs: async () => [] })
    const { openDaemon, seen, finish } = fakeDaemon()
    const started = rig.start(['up'], { openDaemon })
    await until(() => started.stderr().includes('Ctrl-C ends'))
    started.signal('SIGINT')
    await until(() => seen.closes === 1)
    finish()
    await started.code

    expect(started.stderr()).toContain('stopping: nothing is under way; Ctrl-C again ends at once')
    await rig.close()
  })

  it('ends at once at the second Ctrl-C', async () => {
    const { openDaemon, seen, finish } = fakeDaemon()
    const started = startCli(['coordinator', 'start'], { openDaemon })
    await until(() => started.stderr().includes('Ctrl-C ends'))

    started.signal('SIGINT')
    await until(() => seen.closes === 1)
    started.signal('SIGINT')

    expect(started.exits).toEqual([130])
    finish()
    await started.code
  })

  it('gives each event as a JSON line under --json', async () => {
    const { openDaemon, seen, finish } = fakeDaemon()
    const started = startCli(['up', '--json'], { openDaemon })
    await until(() => started.stdout() !== '')
    started.signal('SIGINT')
    await until(() => seen.closes === 1)
    finish()

    expect(await started.code).toBe(130)
    const events = started.stdout().trim().split('\n')
    expect(events.map((line) => JSON.parse(line))).toEqual([
      { event: 'up', home, socket: `${home}/ifab.sock`, url: 'http://127.0.0.1:7420', pid: 4711 },
      { event: 'stopping', signal: 'SIGINT' },
      { event: 'down' },
    ])
    expect(started.stderr()).toBe('')
  })

  it('ends when the daemon does, and says why it cannot begin', async () => {
    const { openDaemon, finish } = fakeDaemon()
    const ending = startCli(['up'], { openDaemon })
    await until(() => ending.stderr().includes('Ctrl-C ends'))
    finish()

    const taken = new FabricError('IF_ERR_ALREADY_EXISTS', 'pid 1 serves this home', {
      next: 'ifab coordinator status',
    })
    const refused = await runCli(['up'], { openDaemon: () => Promise.reject(taken) })
    const wrong = await runCli(['up', '--port', '70000'])

    expect(await ending.code).toBe(0)
    expect([refused.code, refused.stderr.includes('pid 1 serves this home')]).toEqual([6, true])
    expect([wrong.code, wrong.stderr.includes('--port expects a whole number from 0 to 65535')]).toEqual([2, true])
  })
})

const VIEW: TokenView = {
  id: '01M88CGX94XDVXBPSR1H7VWM0G',
  actor: 'if://agent/refunds',
  scopes: ['read', 'tasks'],
  swarms: ['photos'],
  note: 'night',
  createdAt: '2026-11-25T00:00:00.000Z',
  createdBy: 'if://person/ana',
  expiresAt: '2026-11-26T00:00:00.000Z',
  revokedAt: null,
}
const NOW = Date.parse(VIEW.createdAt)

describe('ifab token', () => {
  const creating = (): CliOptions & { asked: unknown[]; opened: unknown[] } => {
    const asked: unknown[] = []
    const opened: unknown[] = []
    return {
      asked,
      opened,
      now: () => NOW,
      openFabric: async (options) => {
        opened.push(options.actor)
        return fakeFabric({
          createToken: async (options) => {
            asked.push(options)
            return { ...VIEW, token: 'ifab_x_secret' }
          },
        })
      },
    }
  }

  it('prints the token alone on stdout, so that a script can take it', async () => {
    const options = creating()
    const result = await runCli(
      [
        ...['token', 'create', '--actor', 'if://agent/refunds', '--scope', 'tasks', '--scope', 'read'],
        ...['--swarm', 'photos', '--ttl', '7d', '--note', 'night'],
      ],
      options,
    )

    expect(result.stdout).toBe('ifab_x_secret\n')
    expect(result.stderr).toContain(
      'token 1h7vwm0g for if://agent/refunds: read, tasks · swarm photos · valid 24 h · shown this once',
    )
    expect(result.stderr).toContain('End it: ifab token revoke 1h7vwm0g')
    expect(options.asked).toEqual([
      { actor: 'if://agent/refunds', scopes: ['read', 'tasks'], swarms: ['photos'], ttlMs: 604_800_000, note: 'night' },
    ])
  })

  it('is made by whoever types, not by whom it is for', async () => {
    const options = { ...creating(), env: { IFAB_ACTOR: 'if://person/ana' } }
    await runCli(['token', 'create', '--actor', 'if://agent/refunds'], options)

    expect(options.opened).toEqual(['if://person/ana'])
    expect(options.asked).toEqual([{ actor: 'if://agent/refunds' }])
  })

  it('writes it to a new file that only its owner reads, and then never prints it', async () => {
    const file = join(home, 'refunds.token')
    const create = ['token', 'create', '--actor', 'if://agent/refunds', '--out', file]
    const first = await runCli([...create, '--json'], creating())
    const second = await runCli(create, creating())

    expect(await readFile(file, 'utf8')).toBe('ifab_x_secret\n')
    expect((await stat(file)).mode & 0o777).toBe(0o600)
    expect(`${first.stdout}${first.stderr}${second.stdout}${second.stderr}`).not.toContain('secret')
    expect(JSON.parse(first.stdout)).toEqual({ ...VIEW, file })
    expect([second.code, second.stderr.includes('the file exists already')]).toEqual([2, true])
  })

  it('leaves no file behind where none was made', async () => {
    const file = join(home, 'x.token')
    const no = new FabricError('IF_ERR_APPROVAL_FORBIDDEN', 'an agent never gets admin')
    const result = await runCli(['token', 'create', '--actor', 'if://agent/a', '--scope', 'admin', '--out', file], {
      openFabric: async () => fakeFabric({ createToken: () => Promise.reject(no) }),
    })

    expect(result.code).toBe(3)
    await expect(stat(file)).rejects.toThrow('ENOENT')
  })

  it.each([
    [['token', 'create'], '--actor is needed'],
    [['token', 'create', '--actor', 'if://agent/a', '--scope', 'everything'], 'Allowed choices are read, tasks'],
    [['token', 'create', '--actor', 'if://agent/a', '--out', '/nowhere/x'], 'cannot be written (ENOENT)'],
  ])('refuses %j', async (words, message) => {
    const result = await runCli(words, creating())

    expect([result.code, result.stderr.includes(message)]).toEqual([2, true])
  })

  it('lists and revokes', async () => {
    const revoked = { ...VIEW, revokedAt: VIEW.createdAt }
    const options: CliOptions = {
      now: () => NOW + 60_000,
      openFabric: async () => fakeFabric({ tokens: async () => [VIEW, revoked], revokeToken: async () => revoked }),
    }

    expect((await runCli(['token', 'list'], options)).stdout).toBe(
      [
        '1h7vwm0g  if://agent/refunds  read, tasks  swarm photos  valid 24 h         night\n',
        '1h7vwm0g  if://agent/refunds  read, tasks  swarm photos  revoked 1 min ago  night\n',
      ].join(''),
    )
    expect((await runCli(['token', 'revoke', '1h7v'], options)).stdout).toContain('✓ token 1h7vwm0g')
    expect(JSON.parse((await runCli(['token', 'list', '--json'], options)).stdout)).toHaveLength(2)
  })

  it('offers the scopes that there are', () => {
    const create = DAEMON_COMMANDS.find(({ path }) => path.join(' ') === 'token create')

    expect(create?.flags?.find(({ name }) => name === '--scope')?.choices).toEqual(TOKEN_SCOPES)
  })
})

describe('ifab context', () => {
  const ifab = (words: string[], options: CliOptions = {}) => runCli(['context', ...words, '--home', home], options)

  it('adds, uses, lists and removes; a token from standard input is kept in a file of its owner', async () => {
    const added = await ifab(['add', 'prod', '--url', 'https://ifab.example.com', '--token-file', '-'], {
      stdin: 'ifab_a_b\n',
    })
    const used = await ifab(['use', 'prod'])
    const listed = await ifab(['list'])
    const json = await ifab(['list', '--json'])
    const removed = await ifab(['remove', 'prod'])

    expect(added.stdout).toContain('✓ context prod is https://ifab.example.com · token in ')
    expect(`${added.stdout}${added.stderr}`).not.toContain('ifab_a_b')
    expect(used.stdout).toBe('✓ from now on: prod (https://ifab.example.com)\n')
    expect(listed.stdout).toMatch(/^\* +prod +https:\/\/ifab\.example\.com +\//)
    expect(JSON.parse(json.stdout)).toMatchObject([{ name: 'prod', isCurrent: true }])
    expect(removed.stdout).toBe('✓ context prod forgotten\n')
    expect((await ifab(['list'])).stdout).toBe('no contexts: this machine is used\n')
  })

  it('goes back to this machine', async () => {
    await ifab(['add', 'near', '--url', 'http://127.0.0.1:7420'])
    await ifab(['use', 'near'])

    expect((await ifab(['use', '-'])).stdout).toBe('✓ from now on: this machine\n')
    expect((await ifab(['list'])).stdout).toMatch(/^ +near +http:\/\/127\.0\.0\.1:7420 +no token\n$/)
  })

  it.each([
    [['add', 'prod'], '--url is needed', 2],
    [['add', 'prod', '--url', 'http://far.example'], 'would send the token in the clear', 2],
    [['use', 'prood'], 'there is no context "prood"', 4],
    [['remove', 'x'], 'there is no context "x"', 4],
  ])('refuses %j', async (words, message, code) => {
    const result = await ifab(words)

    expect(result.stderr).toContain(message)
    expect(result.code).toBe(code)
  })

  it('is completed by name', async () => {
    await ifab(['add', 'prod', '--url', 'https://ifab.example.com'])

    const names = await runCli(['__complete', '--home', home, '--', 'context', 'use', ''])

    expect(names.stdout).toBe('prod\n')
  })
})

describe('ifab logs', () => {
  const line = (at: string, level: string, message: string, more = {}) =>
    `${JSON.stringify({ at, level, message, ...more })}\n`

  beforeEach(async () => {
    await mkdir(join(home, 'logs'))
    await writeFile(
      join(home, 'logs', 'ifab.log'),
      line('2026-11-25T00:00:00.000Z', 'info', 'the daemon serves', { url: 'http://127.0.0.1:7420' }) +
        line('2026-11-25T01:00:00.000Z', 'warn', 'slow', { what: 'a b' }) +
        line('2026-11-25T02:00:00.000Z', 'debug', 'detail'),
    )
  })
  const ifab = (words: string[], options: CliOptions = {}) => runCli(['logs', '--home', home, ...words], options)

  it('prints lines for people and for programs', async () => {
    expect((await ifab([])).stdout).toBe(
      '2026-11-25T00:00:00.000Z info  the daemon serves url=http://127.0.0.1:7420\n2026-11-25T01:00:00.000Z warn  slow what="a b"\n',
    )
    expect(JSON.parse((await ifab(['--level', 'warn', '--json'])).stdout)).toMatchObject({ message: 'slow' })
    expect((await ifab(['--since', '90m'], { now: () => Date.parse('2026-11-25T02:00:00Z') })).stdout).toMatch(
      /^2026-11-25T01/,
    )
  })

  it('follows until Ctrl-C', async () => {
    const started = startCli(['logs', '-f', '--home', home])
    await until(() => started.stdout().includes('slow'))
    started.signal('SIGINT')

    expect(await started.code).toBe(130)
  })

  it('is about this machine only', async () => {
    const result = await ifab(['--context', 'prod'])

    expect([result.code, result.stderr.includes('the log of prod lies on its own machine')]).toEqual([2, true])
    expect((await ifab([], { env: { IFAB_URL: 'https://x' } })).code).toBe(2)
    await rm(join(home, 'logs'), { recursive: true })
    expect((await ifab([])).stderr).toBe('nothing was logged    Next: ifab up\n')
  })
})
