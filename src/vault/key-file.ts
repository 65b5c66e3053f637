// Keys in files that only their owner can read: `vault.key`, made once with the first secret, and `vault.<id>.key` for
// those that came later. Of two processes that make the first one at the same moment one wins and both use the winner's.
import { randomBytes } from 'node:crypto'
import { chmod, link, mkdir, open, readdir, readFile, stat, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import { FabricError } from '../foundation/index.ts'
import { KEY_BYTES, type KeyPlace, keyUnusable, newKey } from './vault-key.ts'

const OTHERS = 0o077

/** The first key of a home lies under this name. */
export const FIRST_KEY = 'vault.key'

export interface KeyFile {
  readonly path: string
  /** The key, or undefined where the file does not exist. IF_ERR_SECRET_UNREADABLE where it cannot be used. */
  read(): Promise<Buffer | undefined>
  /** The key, made now where there is none. */
  readOrCreate(): Promise<Buffer>
}

/** The file of a home's first key. */
export function keyFileIn(keysDir: string): KeyFile {
  const path = join(keysDir, FIRST_KEY)
  const read = () => readKey(path)
  return {
    path,
    read,
    async readOrCreate() {
      const existing = await read()
      if (existing) return existing
      await createKey(keysDir, path, newKey())
      const created = await read()
      if (created) return created
      throw unusable(path, 'it vanished right after it was made', 'Try again.')
    },
  }
}

export interface KeyFolder extends KeyPlace {
  /** Names of all key files that are there. */
  names(): Promise<string[]>
}

/** The folder of key files as a place for keys. */
export function keyFolderAt(keysDir: string): KeyFolder {
  return {
    async check() {
      // Writing says better than asking whether it can be written.
    },
    read: (name) => readKey(join(keysDir, name)),
    write: (name, key) => createKey(keysDir, join(keysDir, name), key),
    async remove(name) {
      const path = join(keysDir, name)
      try {
        await unlink(path)
        await syncDirectory(keysDir)
      } catch (thrown) {
        const { code } = thrown as NodeJS.ErrnoException
        if (code !== 'ENOENT') throw unwritable(path, `cannot be removed (${code})`, thrown)
      }
    },
    async names() {
      const names = await readdir(keysDir).catch((thrown: NodeJS.ErrnoException) => {
        if (thrown.code === 'ENOENT') return []
        throw thrown
      })
      return names.filter((name) => /^vault(\.[a-z0-9]+)?\.key$/.test(name))
    },
  }
}

async function readKey(path: string): Promise<Buffer | undefined> {
  try {
    const facts = await stat(path)
    if (!facts.isFile()) throw unusable(path, 'it is not a regular file', 'Restore the file from a backup.')
    if ((facts.mode & OTHERS) !== 0) {
      const mode = (facts.mode & 0o777).toString(8).padStart(4, '0')
      throw unusable(path, `others can read it (mode ${mode})`, `Run: chmod 600 ${path}`)
    }
    const key = await readFile(path)
    if (key.length === KEY_BYTES) return key
    throw unusable(
      path,
      `it holds ${key.length} bytes instead of ${KEY_BYTES}`,
      'Restore the file from a backup, or remove it and set the secrets again.',
    )
  } catch (thrown) {
    if (thrown instanceof FabricError) throw thrown
    const { code } = thrown as NodeJS.ErrnoException
    if (code === 'ENOENT') return undefined
    throw unusable(path, `it cannot be read (${code})`, 'Run as the user who owns the file.', thrown)
  }
}

/** Writes the whole key beside its place and links it there, which fails where another process was first. */
async function createKey(keysDir: string, path: string, key: Buffer): Promise<void> {
  const draft = `${path}.${process.pid}.${randomBytes(6).toString('hex')}`
  try {
    await mkdir(keysDir, { recursive: true, mode: 0o700 })
    const handle = await open(draft, 'wx', 0o600)
    try {
      await handle.writeFile(key)
      await handle.sync()
    } finally {
      await handle.close()
    }
    // An inherited ACL or a strange umask must not widen it.
    await chmod(draft, 0o600)
    await link(draft, path).catch((thrown: NodeJS.ErrnoException) => {
      if (thrown.code !== 'EEXIST') throw thrown
    })
    await syncDirectory(keysDir)
  } catch (thrown) {
    throw unwritable(path, `cannot be written (${(thrown as NodeJS.ErrnoException).code})`, thrown)
  } finally {
    await unlink(draft).catch(ignoreMissing)
  }
}

async function syncDirectory(directory: string): Promise<void> {
  const handle = await open(directory, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/** The draft is not there when the folder could not be written; that is already reported. */
function ignoreMissing(thrown: NodeJS.ErrnoException): void {
  if (!['ENOENT', 'ENOTDIR', 'EACCES', 'EROFS'].includes(thrown.code ?? '')) throw thrown
}

const unusable = (path: string, problem: string, hint: string, cause?: unknown): FabricError =>
  keyUnusable(problem, { hint, file: path, cause })

const unwritable = (path: string, problem: string, cause: unknown): FabricError =>
  new FabricError('IF_ERR_HOME_UNUSABLE', `${path}: the key for secrets ${problem}`, {
    cause,
    hint: 'Make the folder writable for this user.',
    details: { file: path },
  })
