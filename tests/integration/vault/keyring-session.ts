// A desktop session of its own for one test: a session bus and GNOME Keyring, unlocked with a test password, in folders
// that are gone afterwards. The person's own keyring is never touched.
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'

const PROGRAMS = ['dbus-daemon', 'dbus-send', 'gnome-keyring-daemon', 'secret-tool']

/** What is missing on this machine for a session of its own. */
export const missingPrograms = (): string[] => {
  const folders = (process.env.PATH ?? '').split(delimiter)
  return PROGRAMS.filter((name) => !folders.some((folder) => existsSync(join(folder, name))))
}

export interface KeyringSession {
  env: Record<string, string>
  lock(): Promise<void>
  /** How many keys of homes the keyring holds. */
  count(): Promise<number>
  stop(): Promise<void>
}

/** `unlocked: false` is a fresh session, whose keyring was never set up. */
export async function startKeyringSession({ unlocked = true } = {}): Promise<KeyringSession> {
  const folder = mkdtempSync(join(tmpdir(), 'ifab-session-'))
  const base = { PATH: process.env.PATH ?? '', HOME: folder, XDG_RUNTIME_DIR: folder, LC_ALL: 'C' }
  const bus = spawn('dbus-daemon', ['--session', '--nofork', '--print-address'], {
    env: base,
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  const [address] = (await once(createInterface({ input: bus.stdout }), 'line')) as [string]
  const env = { ...base, DBUS_SESSION_BUS_ADDRESS: address }
  const send = async (path: string, method: string, ...args: string[]) =>
    (
      await promisify(execFile)(
        'dbus-send',
        ['--session', '--print-reply=literal', '--dest=org.freedesktop.secrets', path, method, ...args],
        { env },
      )
    ).stdout.trim()
  const isUnlocked = async () => {
    const property = ['string:org.freedesktop.Secret.Collection', 'string:Locked']
    const login = '/org/freedesktop/secrets/collection/login'
    const locked = await send(login, 'org.freedesktop.DBus.Properties.Get', ...property).catch(() => '')
    return locked.endsWith('boolean false')
  }
  const keyring = unlocked ? await startKeyring(env, isUnlocked) : undefined
  return {
    env,
    async lock() {
      const collection = await send(
        '/org/freedesktop/secrets',
        'org.freedesktop.Secret.Service.ReadAlias',
        'string:default',
      )
      await send('/org/freedesktop/secrets', 'org.freedesktop.Secret.Service.Lock', `array:objpath:${collection}`)
    },
    async count() {
      const { stdout } = await promisify(execFile)('secret-tool', ['search', '--all', 'service', 'infrafabric'], {
        env,
      })
      return stdout.split('\n').filter((line) => line.startsWith('[')).length
    },
    async stop() {
      await end(keyring)
      await end(bus)
      rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}

/** Starts it and waits until it is unlocked. */
async function startKeyring(env: Record<string, string>, isUnlocked: () => Promise<boolean>): Promise<ChildProcess> {
  const keyring = spawn('gnome-keyring-daemon', ['--foreground', '--unlock', '--components=secrets'], {
    env,
    stdio: ['pipe', 'ignore', 'ignore'],
  })
  keyring.stdin.end('test-password')
  const control = join(env.XDG_RUNTIME_DIR ?? '', 'keyring', 'control')
  for (let tries = 0; tries < 200; tries++) {
    // Asked before it listens, the bus would start a second one.
    if (existsSync(control) && (await isUnlocked())) return keyring
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  await end(keyring)
  throw new Error('GNOME Keyring did not come up')
}

async function end(child: ChildProcess | undefined): Promise<void> {
  if (!child || child.exitCode !== null || child.signalCode !== null) return
  const ended = once(child, 'exit')
  child.kill('SIGKILL')
  await ended
}
