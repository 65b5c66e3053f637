// The keyring of the operating system as a place for keys. It goes through the system's own programs: a call can be bounded
// and killed, which a call into a library can't. It never unlocks anything and so never asks a person: what is locked,
// absent or silent is an error that says what to do.
import { resolve } from 'node:path'
import { sha256Hex } from '../foundation/index.ts'
import { runBounded } from './bounded-run.ts'
import { keyringFailure, type RunProgram } from './keyring.ts'
import { macKeychain } from './macos-keychain.ts'
import { secretService } from './secret-service.ts'
import { KEY_BYTES, type KeyPlace } from './vault-key.ts'

export interface KeyringOptions {
  /** Folder of the home's keys: only the home at this place removes what it put into the keyring. */
  keysDir: string
  env: Record<string, string | undefined>
  /** Of the system. */
  platform?: NodeJS.Platform
  /** For one question. Default 5 s. */
  timeoutMs?: number
}

const TIMEOUT_MS = 5_000

export function openKeyring(options: KeyringOptions): KeyPlace {
  const { keysDir, env, platform = process.platform, timeoutMs = TIMEOUT_MS } = options
  const run: RunProgram = async (program, args, input = '') => {
    const outcome = await runBounded({ program, args, input, env, timeoutMs })
    if (outcome.kind === 'ended') return outcome
    throw keyringFailure(
      outcome.kind === 'timeout'
        ? `it did not answer within ${timeoutMs / 1000} s`
        : `${program} is not installed or may not be run`,
    )
  }
  const place = resolve(keysDir)
  const parts = { run, env, keysDir: place, home: sha256Hex(place).slice(0, 16) }
  const keyring = platform === 'darwin' ? macKeychain(parts) : secretService(parts)
  return {
    check: () => keyring.check(),
    async read(name) {
      const value = await keyring.read(name)
      if (value === undefined) return undefined
      const key = Buffer.from(value, 'base64')
      if (key.length === KEY_BYTES) return key
      throw keyringFailure(`what lies there under ${name} is not a key`)
    },
    write: (name, key) => keyring.write(name, key.toString('base64')),
    remove: (name) => keyring.remove(name),
  }
}
