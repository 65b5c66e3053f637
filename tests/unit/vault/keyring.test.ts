// How the programs of a keyring are run, and what becomes of their answers. A real keyring has its tests in integration.
import { chmodSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer, type Socket } from 'node:net'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { runBounded } from '../../../src/vault/bounded-run.ts'
import { macKeychain } from '../../../src/vault/macos-keychain.ts'
import { openKeyring } from '../../../src/vault/os-keyring.ts'
import { failureOf, temporaryFolder } from './rig.ts'

const NAME = 'vault.01abc.key'
const KEY = Buffer.alloc(32, 7)

/** A shell script in the place of a program. */
function program(name: string, script: string): string {
  const path = join(temporaryFolder(), name)
  writeFileSync(path, `#!/bin/sh\n${script}\n`)
  chmodSync(path, 0o755)
  return path
}

const shell = (script: string, change: Partial<Parameters<typeof runBounded>[0]> = {}) =>
  runBounded({ program: '/bin/sh', args: ['-c', script], env: process.env, timeoutMs: 20_000, ...change })

describe('a program with a time limit', () => {
  it('tells its exit code and what it said', async () => {
    expect(await shell('cat; echo no >&2; exit 3', { input: 'given' })).toEqual({
      kind: 'ended',
      code: 3,
      stdout: 'given',
      stderr: 'no\n',
    })
  })

  it.each([
    ['never ends', 'exec sleep 1000'],
    ['leaves a child behind that holds its pipes', 'sleep 1000 & echo $!; wait'],
    ['ignores what asks it to end', 'trap "" TERM INT HUP; while :; do sleep 1000; done'],
  ])('that %s is killed', async (_what, script) => {
    expect(await shell(script, { timeoutMs: 200 })).toEqual({ kind: 'timeout' })
  })

  it('that is not there is absent', async () => {
    expect(await shell('', { program: join(temporaryFolder(), 'nothing') })).toEqual({ kind: 'absent' })
  })

  it('may end without reading what it is given', async () => {
    expect(await shell('exit 0', { input: 'x'.repeat(1_000_000) })).toMatchObject({ kind: 'ended', code: 0 })
  })

  it('may say more than is kept', async () => {
    const outcome = await shell('head -c 1000000 /dev/zero | tr "\\0" x')

    expect(outcome.kind === 'ended' && outcome.stdout.length).toBe(64 * 1024)
  })

  it('sees no environment but what finds the keyring', async () => {
    const env = { PATH: process.env.PATH, STRIPE_SECRET_KEY: 'sk_live_1', DBUS_SESSION_BUS_ADDRESS: 'unix:path=/x' }

    const outcome = await shell('env', { env })

    expect(outcome).toMatchObject({ stdout: expect.stringContaining('DBUS_SESSION_BUS_ADDRESS=unix:path=/x') })
    expect(outcome).not.toMatchObject({ stdout: expect.stringContaining('STRIPE') })
  })
})

describe('the keyring of Linux', () => {
  const open = (env: Record<string, string | undefined>, timeoutMs = 20_000) =>
    openKeyring({ keysDir: temporaryFolder(), env, platform: 'linux', timeoutMs })

  it('is refused at once where there is no session bus', async () => {
    const keyring = open({ PATH: '/nowhere' })

    const calls = [keyring.check(), keyring.read(NAME), keyring.remove(NAME)]

    for (const failure of await Promise.all(calls.map(failureOf))) {
      expect(failure).toMatchObject({
        code: 'IF_ERR_SECRET_UNREADABLE',
        message: expect.stringContaining('there is no session bus (DBUS_SESSION_BUS_ADDRESS is not set)'),
        hint: expect.stringContaining('ifab secret key --to file'),
      })
    }
  })

  it('is refused where its programs are not installed', async () => {
    const keyring = open({ PATH: temporaryFolder(), DBUS_SESSION_BUS_ADDRESS: 'unix:path=/nowhere' })

    expect((await failureOf(keyring.read(NAME))).message).toContain('secret-tool is not installed')
    expect((await failureOf(keyring.check())).message).toContain('dbus-send is not installed')
  })

  it('is refused where the bus accepts and never answers', async () => {
    const path = join(temporaryFolder(), 'bus')
    const open_ = new Set<Socket>()
    const server = createServer((socket) => open_.add(socket.on('error', () => undefined)))
    await new Promise<void>((resolve) => server.listen(path, resolve))
    const sleepy = program('secret-tool', 'exec sleep 1000')
    const env = { PATH: `${join(sleepy, '..')}:${process.env.PATH}`, DBUS_SESSION_BUS_ADDRESS: `unix:path=${path}` }

    try {
      expect((await failureOf(open(env, 200).read(NAME))).message).toContain('did not answer within 0.2 s')
    } finally {
      for (const socket of open_) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    }
  })

  it.each([
    ['fails', 'echo "secret-tool: first" >&2; echo "no such service" >&2; exit 1', 'no such service'],
    ['fails without a word', 'exit 1', 'it gave no reason'],
    ['shows an item without its secret', 'echo "[/1]"; echo "label = x"', 'it is locked'],
    ['gives something else', 'echo "[/1]"; echo "secret = aGVsbG8="', 'is not a key'],
  ])('is refused where its program %s', async (_what, script, message) => {
    const path = join(program('secret-tool', script), '..')

    const failure = await failureOf(
      open({ PATH: `${path}:${process.env.PATH}`, DBUS_SESSION_BUS_ADDRESS: 'x' }).read(NAME),
    )

    expect(failure.message).toContain(message)
  })
})

describe('the keychain of macOS', () => {
  /** `security` played by a script that keeps one file an account, and notes how it was called. */
  function standIn() {
    const folder = temporaryFolder()
    const path = program(
      'security',
      `cd ${folder}; echo "$@" >> calls
       case "$1" in
         default-keychain) exit \${BROKEN:-0};;
         find-generic-password) [ -e locked ] && { echo "User interaction is not allowed." >&2; exit 36; }
           [ -e "$5" ] || exit 44; cat "$5";;
         -i) read command service_flag service account_flag account comment_flag comment password_flag password
           echo "$password" > "$account"; echo "$comment" > "$account.home";;
         delete-generic-password) [ -e locked ] && { echo "User interaction is not allowed." >&2; exit 36; }
           [ "$(cat "$5.home" 2>/dev/null)" = "$7" ] || exit 44; rm "$5" "$5.home";;
       esac`,
    )
    const keychain = macKeychain({
      keysDir: '/srv/ifab/keys',
      env: {},
      home: 'abcdef',
      run: async (_program, args, input = '') => {
        const outcome = await runBounded({ program: path, args, input, env: process.env, timeoutMs: 20_000 })
        if (outcome.kind === 'ended') return outcome
        throw new Error(outcome.kind)
      },
    })
    return { keychain, folder }
  }

  it('keeps, gives and removes a key without showing it in the arguments of a process', async () => {
    const { keychain, folder } = standIn()
    const value = KEY.toString('base64')
    await keychain.check()
    expect(await keychain.read(NAME)).toBeUndefined()

    await keychain.write(NAME, value)

    expect(await keychain.read(NAME)).toBe(value)
    await keychain.remove(NAME)
    await keychain.remove(NAME)
    expect(await keychain.read(NAME)).toBeUndefined()
    expect(readFileSync(join(folder, 'calls'), 'utf8')).not.toContain(value)
  })

  it('says so where it is locked', async () => {
    const { keychain, folder } = standIn()
    writeFileSync(join(folder, 'locked'), '')

    const failures = await Promise.all([keychain.read(NAME), keychain.remove(NAME)].map(failureOf))

    for (const { message } of failures) expect(message).toContain('User interaction is not allowed.')
  })
})
