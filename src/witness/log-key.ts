// The key of a home's log: made at first use, readable by its owner only, its public half beside it as a verifier key.
// Two processes that start at once end with the same key, because only one of them can link it into place.
import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { link, mkdir, open, readFile, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { FabricError, ulid } from '../foundation/index.ts'
import { type LogIdentity, logIdentity, parseVerifierKey, verifierKey } from './log-identity.ts'

export interface LogKey {
  identity: LogIdentity
  privateKey: KeyObject
}

const PRIVATE_FILE = 'witness.ed25519.pem'
const PUBLIC_FILE = 'witness.ed25519.pub'

/** Reads the key in a folder, making folder and key where there are none. */
export async function openLogKey(folder: string): Promise<LogKey> {
  const path = join(folder, PRIVATE_FILE)
  try {
    const pem = (await readIfThere(path)) ?? (await makeKey(folder, path))
    const privateKey = parsePrivateKey(pem, path)
    const identity = logIdentity(createPublicKey(privateKey))
    await placeOnce(join(folder, PUBLIC_FILE), `${verifierKey(identity)}\n`, 0o644)
    return { identity, privateKey }
  } catch (thrown) {
    if (thrown instanceof FabricError) throw thrown
    throw new FabricError('IF_ERR_HOME_UNUSABLE', `${path}: the key of the witness log can't be read or made`, {
      hint: 'Make the folder writable for this user, or choose another IFAB_HOME.',
      cause: thrown,
    })
  }
}

/** The public half alone, enough to verify a log whose private key is elsewhere; undefined where there is none. */
export async function readLogIdentity(folder: string): Promise<LogIdentity | undefined> {
  const path = join(folder, PUBLIC_FILE)
  const text = await readIfThere(path)
  return text === undefined ? undefined : parseVerifierKey(text, path)
}

async function makeKey(folder: string, path: string): Promise<string> {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const { privateKey } = generateKeyPairSync('ed25519')
  await placeOnce(path, privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(), 0o600)
  return readFile(path, 'utf8')
}

/** Puts a whole file into place unless there is one. */
async function placeOnce(path: string, text: string, mode: number): Promise<void> {
  if (await isThere(path)) return
  const draft = `${path}.${ulid()}`
  const file = await open(draft, 'wx', mode)
  try {
    await file.writeFile(text)
    await file.sync()
    await link(draft, path).catch((thrown: NodeJS.ErrnoException) => {
      if (thrown.code !== 'EEXIST') throw thrown
    })
  } finally {
    await file.close()
    await rm(draft, { force: true })
  }
}

function parsePrivateKey(pem: string, path: string): KeyObject {
  try {
    const key = createPrivateKey(pem)
    if (key.asymmetricKeyType === 'ed25519') return key
  } catch {
    // Falls through to the one error that says what was expected; OpenSSL's own texts help nobody.
  }
  throw new FabricError('IF_ERR_INVALID_FILE', `${path}: expected an ed25519 private key in PEM form`, {
    hint: 'Restore the file from a backup: a new key would start a new log.',
  })
}

const isThere = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    (thrown: NodeJS.ErrnoException) => {
      if (thrown.code === 'ENOENT') return false
      throw thrown
    },
  )

const readIfThere = (path: string): Promise<string | undefined> =>
  readFile(path, 'utf8').catch((thrown: NodeJS.ErrnoException) => {
    if (thrown.code === 'ENOENT') return undefined
    throw thrown
  })
