// The modules of a home: several versions side by side, the highest that verifies being the active one. What another
// process adds or removes is noticed within half a second while it is followed; a file that is broken is skipped with a
// warning and listed with what is wrong.
import type { TrustedKey } from '../../adapter/index.ts'
import { FabricError, type Logger, suggestion, toFabricError } from '../../foundation/index.ts'
import { loadModule } from './load-module.ts'
import type { LoadedModule } from './loaded-module.ts'
import { type ModuleFileFound, moduleFolder, readModuleFile } from './module-folder.ts'
import { type Verified, verifiedModules } from './verified-modules.ts'

export interface ModuleLibraryOptions {
  /** `modules` of the home; made with the first module. */
  folder: string
  /** Asked again at each look, so that a key that is revoked stops its modules. */
  trustedKeys: () => Promise<readonly TrustedKey[]>
  logger: Logger
}

export type ModuleEntry = Verified & {
  id: string
  version: string
  file: string
  /** Whether its id alone means this version. */
  active: boolean
}

export type ModuleChange =
  | { kind: 'added'; module: LoadedModule }
  /** Removed, replaced or no longer trusted; only of modules that were handed out. */
  | { kind: 'gone'; id: string; version: string; digest: string }

export interface ModuleLibrary {
  /** Verifies a file or its bytes and keeps it; IF_ERR_ALREADY_EXISTS for other bytes of the same version. */
  add(module: Uint8Array | string, options?: AddOptions): Promise<LoadedModule>
  /** By `id` (its active version) or `id@1.2.0`; a broken file too. */
  remove(reference: string): Promise<{ id: string; version: string }>
  /** By `id` (its active version) or `id@1.2.0`. IF_ERR_NOT_FOUND, or what is wrong with the file. */
  get(reference: string): Promise<LoadedModule>
  /** All files by id, the newest version first. */
  list(): Promise<ModuleEntry[]>
  /** Looks for changes until it is closed, and tells of each. */
  follow(changed: (change: ModuleChange) => void): Promise<void>
  close(): void
}

export interface AddOptions {
  /** How errors name bytes that come without a file. */
  name?: string
  /** Takes the place of other bytes of the same version. */
  replace?: boolean
}

interface Seen {
  files: ModuleFileFound[]
  keys: readonly TrustedKey[]
}

const LOOK_EVERY_MS = 500

export function openModules({ folder, trustedKeys, logger }: ModuleLibraryOptions): ModuleLibrary {
  const files = moduleFolder(folder)
  const verified = verifiedModules(logger)
  /** Digests that were handed out, by name. */
  const handedOut = new Map<string, string>()
  let followed: { seen: Seen; changed: (change: ModuleChange) => void } | undefined
  let timer: NodeJS.Timeout | undefined
  let looking: Promise<void> | undefined
  let lastProblem: string | undefined

  const fromDisk = async (): Promise<Seen> => ({ files: await files.list(), keys: await trustedKeys() })
  const now = async (): Promise<Seen> => followed?.seen ?? (await fromDisk())

  async function handOut(file: ModuleFileFound, keys: readonly TrustedKey[]): Promise<Verified> {
    const outcome = await verified.of(file, keys)
    if (outcome.module) handedOut.set(file.name, outcome.module.digest)
    return outcome
  }

  async function compare(before: Seen, seen: Seen, changed: (change: ModuleChange) => void): Promise<void> {
    const current = new Map(seen.files.map((file) => [file.name, file]))
    for (const [name, digest] of handedOut) {
      const file = current.get(name)
      if (file && (await verified.of(file, seen.keys)).module?.digest === digest) continue
      handedOut.delete(name)
      const [id = '', version = ''] = name.split('@')
      changed({ kind: 'gone', id, version, digest })
    }
    const stamps = new Map(before.files.map(({ name, stamp }) => [name, stamp]))
    const sameKeys = JSON.stringify(before.keys) === JSON.stringify(seen.keys)
    for (const file of seen.files) {
      if (handedOut.has(file.name) || (sameKeys && stamps.get(file.name) === file.stamp)) continue
      const { module } = await handOut(file, seen.keys)
      if (module) changed({ kind: 'added', module })
    }
  }

  async function look(): Promise<void> {
    const following = followed
    if (!following) return
    try {
      const before = following.seen
      const seen = await fromDisk()
      if (followed !== following) return // closed meanwhile
      following.seen = seen
      await compare(before, seen, following.changed)
      verified.keepOnly(seen.files)
      lastProblem = undefined
    } catch (thrown) {
      const { message } = toFabricError(thrown)
      if (message !== lastProblem) logger.warn('modules cannot be followed now', { reason: message })
      lastProblem = message
    }
  }

  const lookOnce = (): Promise<void> => {
    looking ??= look().finally(() => {
      looking = undefined
    })
    return looking
  }

  /** After a change of our own: a look that began before it may not have seen it. */
  async function lookAgain(): Promise<void> {
    await looking
    await lookOnce()
  }

  async function pick(reference: string): Promise<{ file: ModuleFileFound; outcome: Verified }> {
    const { files: all, keys } = await now()
    const [id, version] = reference.split('@')
    const fitting = all.filter((file) => file.id === id && (version === undefined || file.version === version))
    const [first] = fitting
    if (!first) throw notFound(reference, all)
    for (const file of fitting) {
      const outcome = await handOut(file, keys)
      if (outcome.module) return { file, outcome }
    }
    return { file: first, outcome: await verified.of(first, keys) }
  }

  return {
    async add(given, { name, replace = false } = {}) {
      const file = typeof given === 'string' ? given : (name ?? 'the module')
      const bytes = typeof given === 'string' ? await readModuleFile(given) : given
      const module = loadModule(bytes, { file, trustedKeys: await trustedKeys() })
      const title = `${module.id}@${module.version}`
      if (!(await files.create(title, bytes)) && !(await holds(files.pathOf(title), bytes))) {
        if (!replace) throw alreadyThere(title)
        await files.replace(title, bytes)
      }
      await lookAgain()
      return module
    },
    async remove(reference) {
      const { file } = await pick(reference)
      if (!(await files.remove(file.name))) throw notFound(reference, [])
      await lookAgain()
      return { id: file.id, version: file.version }
    },
    async get(reference) {
      const { outcome } = await pick(reference)
      if (outcome.module) return outcome.module
      throw outcome.fault
    },
    async list() {
      const { files: all, keys } = await now()
      const entries: ModuleEntry[] = []
      const active = new Set<string>()
      for (const file of all) {
        const outcome = await handOut(file, keys)
        const { id, version, path } = file
        entries.push({ ...outcome, id, version, file: path, active: outcome.module !== undefined && !active.has(id) })
        if (outcome.module) active.add(id)
      }
      return entries
    },
    async follow(changed) {
      followed = { seen: await fromDisk(), changed }
      timer = setInterval(() => void lookOnce(), LOOK_EVERY_MS).unref()
    },
    close() {
      followed = undefined
      clearInterval(timer)
    },
  }
}

const holds = async (path: string, bytes: Uint8Array): Promise<boolean> =>
  Buffer.from(await readModuleFile(path)).equals(bytes)

const alreadyThere = (title: string): FabricError =>
  new FabricError('IF_ERR_ALREADY_EXISTS', `there is a module ${title} with other content`, {
    hint: 'Raise the version of the new one, or replace the old one with --replace.',
    details: { module: title },
  })

function notFound(reference: string, all: readonly ModuleFileFound[]): FabricError {
  const names = all.flatMap(({ id, name }) => (reference.includes('@') ? [name] : [id]))
  return new FabricError('IF_ERR_NOT_FOUND', `there is no module ${JSON.stringify(reference)}`, {
    hint: suggestion(reference, names, 'Load it first: ifab chassis load FILE.'),
    details: { module: reference },
  })
}
