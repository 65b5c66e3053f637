// Instances on disk: one YAML file each in the home's `providers/`, written whole or not at all. Of several processes that
// add the same name at once one wins: its draft is the claim.
import { randomUUID } from 'node:crypto'
import { readdir, rename, rm, stat, unlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { checkName, didYouMean, FabricError, isFabricError, readDocument } from '../foundation/index.ts'
import { type Instance, instanceSchema } from './instance.ts'

export interface InstanceFiles {
  list(): Promise<Instance[]>
  /** Undefined where there is none of this name. */
  find(name: string): Promise<Instance | undefined>
  /** IF_ERR_UNKNOWN_PROVIDER with the nearest names where there is none. */
  get(name: string): Promise<Instance>
  /**
   * Makes a file that is not there yet, once `prepare` has done what must be there before it; IF_ERR_ALREADY_EXISTS for
   * all but one of those that try at the same time, and then `prepare` isn't called.
   */
  create(instance: Instance, prepare: () => Promise<void>): Promise<void>
  /** Makes or replaces the file. */
  write(instance: Instance): Promise<void>
  remove(name: string): Promise<void>
}

export function openInstanceFiles(folder: string): InstanceFiles {
  const pathOf = (name: string): string => join(folder, `${checkName('instance', name)}.yaml`)
  const read = async (path: string): Promise<Instance> => {
    const { value, lineOf } = await readDocument(path, instanceSchema)
    if (pathOf(value.name) === path) return value
    throw new FabricError(
      'IF_ERR_INVALID_FILE',
      `${path}:${lineOf(['name'])} name: expected the name of the file, got ${JSON.stringify(value.name)}`,
    )
  }
  const names = async (): Promise<string[]> => {
    const files = await readdir(folder).catch(() => [])
    return files.filter((file) => file.endsWith('.yaml')).map((file) => file.slice(0, -'.yaml'.length))
  }
  const find = async (name: string): Promise<Instance | undefined> => {
    try {
      return await read(pathOf(name))
    } catch (thrown) {
      if (isFabricError(thrown) && thrown.code === 'IF_ERR_NOT_FOUND') return undefined
      throw thrown
    }
  }
  return {
    find,
    list: async () => Promise.all((await names()).sort().map((name) => read(pathOf(name)))),
    async get(name) {
      const instance = await find(name)
      if (instance) return instance
      const known = await names()
      throw new FabricError('IF_ERR_UNKNOWN_PROVIDER', `there is no instance or provider ${JSON.stringify(name)}`, {
        hint: didYouMean(name, known) ?? 'Add one first.',
        next: 'ifab provider list',
      })
    },
    async create(instance, prepare) {
      const path = pathOf(instance.name)
      const draft = `${path}.adding`
      await claimDraft(draft, instance)
      try {
        if (await find(instance.name)) throw alreadyExists(instance.name)
        await prepare()
        await rename(draft, path).catch((cause: NodeJS.ErrnoException) => {
          throw cannotWrite(path, cause)
        })
      } catch (thrown) {
        await rm(draft, { force: true })
        throw thrown
      }
    },
    async write(instance) {
      const path = pathOf(instance.name)
      const draft = `${path}.${randomUUID()}.tmp`
      try {
        await writeFile(draft, stringify(instance), { mode: 0o600, flag: 'wx' })
        await rename(draft, path)
      } catch (cause) {
        await rm(draft, { force: true })
        throw cannotWrite(path, cause as NodeJS.ErrnoException)
      }
    },
    async remove(name) {
      await unlink(pathOf(name)).catch((cause: NodeJS.ErrnoException) => {
        if (cause.code === 'ENOENT')
          throw new FabricError('IF_ERR_NOT_FOUND', `there is no instance ${name}`, { next: 'ifab provider list' })
        throw new FabricError('IF_ERR_HOME_UNUSABLE', `${pathOf(name)} can't be removed (${cause.code})`, { cause })
      })
    },
  }
}

/** A draft that is older was left by a process that died; adding takes far less. */
const STALE_DRAFT_MS = 60_000

/** Writes the draft where there is none; whoever has it may go on. */
async function claimDraft(draft: string, instance: Instance): Promise<void> {
  for (let tries = 1; ; tries++) {
    try {
      await writeFile(draft, stringify(instance), { mode: 0o600, flag: 'wx' })
      return
    } catch (thrown) {
      const cause = thrown as NodeJS.ErrnoException
      if (cause.code !== 'EEXIST') {
        await rm(draft, { force: true })
        throw cannotWrite(draft, cause)
      }
      if (tries > 1 || !(await isStale(draft))) throw alreadyExists(instance.name)
      await rm(draft, { force: true })
    }
  }
}

async function isStale(draft: string): Promise<boolean> {
  const found = await stat(draft).catch(() => undefined)
  return found === undefined || Date.now() - found.mtimeMs > STALE_DRAFT_MS
}

const alreadyExists = (name: string): FabricError =>
  new FabricError('IF_ERR_ALREADY_EXISTS', `there is an instance ${name} already`, {
    hint: 'Give the new one its own name with --as, or remove the old one.',
    next: `ifab provider remove ${name}`,
  })

const cannotWrite = (path: string, cause: NodeJS.ErrnoException): FabricError =>
  new FabricError('IF_ERR_HOME_UNUSABLE', `${path} can't be written (${cause.code ?? 'unknown reason'})`, { cause })
