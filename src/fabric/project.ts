// The project that a home is opened in, held to what a stranger's repository may do: add and tighten. An instance that the
// home has too must be the same; one that only the project has can be planned, never act; budgets come on top of the
// home's; policies may forbid and ask. A file that is wrong, or that contradicts the home, opens nothing.

import { join } from 'node:path'
import { type Instance, type InstanceFiles, instanceSchema } from '../adapter/index.ts'
import {
  type Config,
  FabricError,
  findProject,
  NO_PROJECT,
  PROJECT_FILE,
  type Project,
  type ProjectInstance,
  readProject,
} from '../foundation/index.ts'
import type { SecretSource } from '../vault/index.ts'
import type { HomeCatalogue } from './home-catalogue.ts'
import type { AddInstance, ProjectView } from './port.ts'
import { LOCK_FILE, readLock } from './project-lock.ts'

export interface OpenProject {
  readonly file: string
  readonly name: string
  /** Folder of `*.cedar` files that may forbid and ask, never permit. */
  readonly policies: string
  /** The `ifab.lock` beside the project's file. */
  readonly lock: string
  readonly view: ProjectView
  /** The home's instances, each held to the project's row of the same name. */
  guarded(files: InstanceFiles): InstanceFiles
  /** An instance that only the project has: enough to plan, not to act. */
  planned(name: string, catalogue: Pick<HomeCatalogue, 'load'>): Promise<Instance | undefined>
  /** In place of the secrets of such an instance; undefined for one of the home. */
  missingSecrets(instance: Instance): SecretSource | undefined
  /** Tags and settings of the project's row where the caller gives none. */
  completed(add: AddInstance): AddInstance
  /** The home's config with the project's budgets; IF_ERR_INVALID_FILE where one has the name of a budget of the home. */
  withBudgets(config: Config): Config
}

export interface OpenProjectOptions {
  /** A file, its folder, or `none`. Default IFAB_PROJECT, else the working folder and those above it are searched. */
  project?: string | undefined
  env: Record<string, string | undefined>
}

/** The project of this process, read and checked for itself; undefined where there is none. */
export async function openProject({ project, env }: OpenProjectOptions): Promise<OpenProject | undefined> {
  const file = await findProject({ project, env })
  if (file === undefined) return undefined
  const found = await readProject(file)
  await readLock(join(found.folder, LOCK_FILE)) // a broken one is told of before anything is opened
  return projectOf(found)
}

function projectOf(project: Project): OpenProject {
  const onlyHere = new WeakSet<Instance>()
  const rows = new Map(
    Object.entries(project.instances).map(([name, row]) => {
      const instance = instanceSchema.parse({ version: 1, name, ...row })
      onlyHere.add(instance)
      return [name, instance]
    }),
  )
  const check = (instance: Instance): Instance => {
    const row = Object.hasOwn(project.instances, instance.name) ? project.instances[instance.name] : undefined
    if (row) requireAgreement(project, row, instance)
    return instance
  }
  return {
    file: project.file,
    name: project.name,
    policies: join(project.folder, 'policies'),
    lock: join(project.folder, LOCK_FILE),
    view: {
      file: project.file,
      name: project.name,
      instances: Object.entries(project.instances).map(([name, { provider, tags, settings }]) => ({
        name,
        provider,
        tags,
        settings,
      })),
    },
    guarded: (files) => ({
      ...files,
      list: async () => (await files.list()).map(check),
      async find(name) {
        const instance = await files.find(name)
        return instance && check(instance)
      },
      get: async (name) => check(await files.get(name)),
      async create(instance, prepare) {
        await files.create(check(instance), prepare)
      },
    }),
    async planned(name, catalogue) {
      const instance = rows.get(name)
      if (!instance) return undefined
      const { definition } = await catalogue.load(instance.provider)
      const needsSecret = Object.values(definition.secrets).some(({ required }) => required ?? true)
      // Without a secret to wait for, planning would be all that stands between a stranger's address and our data.
      if (!needsSecret) throw notAdded(project, instance, `and ${definition.id} needs no secret`)
      return instance
    },
    missingSecrets: (instance) =>
      onlyHere.has(instance)
        ? { open: (name) => Promise.reject(notAdded(project, instance, `so that its ${name} is missing`)) }
        : undefined,
    completed(add) {
      const row = project.instances[add.name ?? add.provider]
      if (row?.provider !== add.provider) return add
      return { ...add, tags: { ...row.tags, ...add.tags }, settings: { ...row.settings, ...add.settings } }
    },
    withBudgets(config) {
      const known = new Set(config.budgets.map(({ name }) => name))
      const at = project.budgets.findIndex(({ name }) => known.has(name))
      const twice = project.budgets[at]
      if (!twice) return { ...config, budgets: [...config.budgets, ...project.budgets] }
      throw contradiction(
        project.placeOf(['budgets', at, 'name']),
        `budgets[${at}].name: ${twice.name} is a budget of the home already`,
        'A project adds budgets of its own: give it another name.',
      )
    },
  }
}

/** Refuses a row that says something else than the home's instance of this name. */
function requireAgreement(project: Project, row: ProjectInstance, instance: Instance): void {
  const at = (...path: string[]) => project.placeOf(['instances', instance.name, ...path])
  const refuse = (path: string[], said: string, other: string | undefined): never => {
    throw contradiction(
      at(...path),
      `instances.${[instance.name, ...path].join('.')}: ${said}, but providers/${instance.name}.yaml of the home says ${other ?? 'nothing of it'}`,
      `A project never changes an instance of the home: make them the same, or name the project's one otherwise.`,
    )
  }
  if (row.provider !== instance.provider) refuse(['provider'], row.provider, instance.provider)
  for (const part of ['settings', 'tags'] as const) {
    for (const [key, value] of Object.entries(row[part])) {
      const own = Object.hasOwn(instance[part], key) ? instance[part][key] : undefined
      if (own !== value) refuse([part, key], value, own)
    }
  }
}

const contradiction = (place: string, problem: string, hint: string): FabricError =>
  new FabricError('IF_ERR_INVALID_FILE', `${place} ${problem}`, {
    hint: `${hint} IFAB_PROJECT=${NO_PROJECT} works without the project.`,
    details: { place },
  })

function notAdded({ file }: Project, { name, provider }: Instance, why: string): FabricError {
  const next = `ifab provider add ${provider}${name === provider ? '' : ` --as ${name}`}`
  return new FabricError('IF_ERR_SECRET_MISSING', `${name} stands in ${file} but is no instance of this home, ${why}`, {
    hint: `Add it: ${next}; tags and settings come from ${PROJECT_FILE}.`,
    next,
    details: { instance: name, provider },
  })
}
