// The folder of modules: `<id>@<version>.ifwasm` each, written whole or not at all. Whatever dies in the middle leaves a
// draft that nobody reads; of several that add the same version at once one wins.
import { randomUUID } from 'node:crypto'
import { link, mkdir, open, readdir, readFile, rename, rm, stat, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import { FabricError } from '../../foundation/index.ts'
import { invalidModule } from './module-faults.ts'
import { MODULE_BYTES_MAX } from './module-file.ts'

const ENDING = '.ifwasm'
const DRAFT = '.draft-'
/** A draft that is older was left by a process that died; writing takes far less. */
const STALE_DRAFT_MS = 600_000

export interface ModuleFileFound {
  /** `acme-mail@1.2.0`. */
  name: string
  id: string
  /** Empty where the name has none. */
  version: string
  path: string
  /** Changes with what the file holds. */
  stamp: string
}

export interface ModuleFolder {
  /** Files by id, the newest version first; none where there is no folder. */
  list(): Promise<ModuleFileFound[]>
  /** Makes a file that is not there yet; false where it is. */
  create(name: string, bytes: Uint8Array): Promise<boolean>
  replace(name: string, bytes: Uint8Array): Promise<void>
  /** False where there is none. */
  remove(name: string): Promise<boolean>
  pathOf(name: string): string
}

export function moduleFolder(folder: string): ModuleFolder {
  const pathOf = (name: string): string => join(folder, `${name}${ENDING}`)
  return {
    pathOf,
    async list() {
      const files = await readdir(folder).catch((thrown: NodeJS.ErrnoException) => {
        if (thrown.code === 'ENOENT') return []
        throw unusable(folder, 'read', thrown)
      })
      const names = files.filter((file) => file.endsWith(ENDING) && !file.startsWith('.'))
      const found = await Promise.all(names.map((file) => findFile(folder, file)))
      return found.filter((file) => file !== undefined).sort(byIdNewestFirst)
    },
    create: (name, bytes) =>
      withDraft(folder, bytes, async (draft) => {
        try {
          await link(draft, pathOf(name))
          return true
        } catch (thrown) {
          if ((thrown as NodeJS.ErrnoException).code === 'EEXIST') return false
          throw thrown
        }
      }),
    replace: (name, bytes) => withDraft(folder, bytes, (draft) => rename(draft, pathOf(name))),
    async remove(name) {
      try {
        await unlink(pathOf(name))
        return true
      } catch (thrown) {
        const cause = thrown as NodeJS.ErrnoException
        if (cause.code === 'ENOENT') return false
        throw unusable(pathOf(name), 'removed', cause)
      }
    },
  }
}

/** A module file from anywhere; IF_ERR_NOT_FOUND, or IF_ERR_MODULE_INVALID for what cannot be one. */
export async function readModuleFile(path: string): Promise<Uint8Array> {
  const cannot = (thrown: NodeJS.ErrnoException): never => {
    if (thrown.code === 'ENOENT')
      throw new FabricError('IF_ERR_NOT_FOUND', `${path}: there is no such file`, { cause: thrown })
    throw invalidModule(path, `cannot be read (${thrown.code})`, { cause: thrown })
  }
  const facts = await stat(path).catch(cannot)
  if (!facts.isFile()) throw invalidModule(path, 'this is not a file')
  if (facts.size > MODULE_BYTES_MAX)
    throw invalidModule(path, `${facts.size} bytes are more than a module may have (${MODULE_BYTES_MAX})`)
  return readFile(path).catch(cannot)
}

/** Negative where `a` is newer than `b`. */
export function newestFirst(a: string, b: string): number {
  const [left, right] = [a, b].map((version) => version.split('.').map((part) => BigInt(/^\d+$/.test(part) ? part : 0)))
  for (const place of [0, 1, 2]) {
    const [x = 0n, y = 0n] = [left?.[place], right?.[place]]
    if (x !== y) return x > y ? -1 : 1
  }
  return 0
}

const byIdNewestFirst = (a: ModuleFileFound, b: ModuleFileFound): number =>
  a.id === b.id ? newestFirst(a.version, b.version) : a.id < b.id ? -1 : 1

async function findFile(folder: string, file: string): Promise<ModuleFileFound | undefined> {
  const path = join(folder, file)
  const facts = await stat(path).catch(() => undefined) // gone in between, or a link to nowhere
  if (!facts) return undefined
  const name = file.slice(0, -ENDING.length)
  const [id = name, version = ''] = name.split('@')
  return { name, id, version, path, stamp: `${facts.mtimeMs}/${facts.ctimeMs}/${facts.size}/${facts.ino}` }
}

/** Writes the bytes beside their place, safe on disk before `place` puts them there. */
async function withDraft<T>(folder: string, bytes: Uint8Array, place: (draft: string) => Promise<T>): Promise<T> {
  const draft = join(folder, `${DRAFT}${randomUUID()}`)
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 })
    await removeStaleDrafts(folder)
    const handle = await open(draft, 'wx', 0o600)
    try {
      await handle.writeFile(bytes)
      await handle.sync()
    } finally {
      await handle.close()
    }
    const placed = await place(draft)
    await syncFolder(folder)
    return placed
  } catch (thrown) {
    throw unusable(folder, 'written', thrown as NodeJS.ErrnoException)
  } finally {
    await rm(draft, { force: true }).catch(() => undefined) // there is none where the folder can't be written
  }
}

async function removeStaleDrafts(folder: string): Promise<void> {
  const drafts = (await readdir(folder)).filter((file) => file.startsWith(DRAFT)).map((file) => join(folder, file))
  for (const draft of drafts) {
    const facts = await stat(draft).catch(() => undefined) // its process has just finished
    if (facts && Date.now() - facts.mtimeMs > STALE_DRAFT_MS) await rm(draft, { force: true })
  }
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

const unusable = (path: string, what: string, cause: NodeJS.ErrnoException): FabricError =>
  new FabricError('IF_ERR_HOME_UNUSABLE', `${path} can't be ${what} (${cause.code ?? cause.message})`, {
    hint: 'Make it readable and writable for this user, and see that the disk has room.',
    details: { path },
    cause,
  })
