// `ifab.yaml`: the project that a folder belongs to, made to be kept in git. It names instances without secrets, and budgets.
// It may come from a stranger's repository, so it only adds and tightens; who opens a home sees to that. Found from a
// folder upwards; a file that is wrong is refused, never skipped.
import { stat } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { z } from 'zod'
import { budgetsSchema } from './budget-config.ts'
import { parseDocumentText, readDocument } from './document.ts'
import { FabricError } from './errors.ts'

export const PROJECT_FILE = 'ifab.yaml'
/** Says that no project is meant, whatever lies around. */
export const NO_PROJECT = 'none'

const name = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/, 'expected letters, digits, dots, hyphens')

const projectInstance = z.strictObject({
  provider: name.describe('Id of the provider.'),
  tags: z.record(z.string(), z.string()).default({}).describe('Labels, such as env: sandbox or env: production.'),
  settings: z.record(z.string(), z.string()).default({}).describe('Values of the settings that the provider asks for.'),
  secrets: z
    .never({ error: 'secrets never stand in a project; each home adds its own with `ifab provider add`' })
    .optional(),
})

export const projectSchema = z
  .strictObject({
    version: z.literal(1),
    name: name.describe('What the project is called.'),
    instances: z.record(name, projectInstance).default({}).describe('Instances by name, without their secrets.'),
    budgets: budgetsSchema.default([]).describe('Limits that hold beside those of the home.'),
  })
  .describe('A project: a folder whose instances, budgets, policies and playbooks are kept in git.')

export type ProjectInstance = Pick<z.output<typeof projectInstance>, 'provider' | 'tags' | 'settings'>

export interface Project {
  /** The `ifab.yaml`. */
  file: string
  /** Where it lies. */
  folder: string
  name: string
  instances: Readonly<Record<string, ProjectInstance>>
  budgets: z.output<typeof budgetsSchema>
  /** Path and line of a field: `support/ifab.yaml:7`. */
  placeOf(path: readonly PropertyKey[]): string
}

export interface FindProject {
  /** A file, the folder it lies in, or `none`. Default IFAB_PROJECT, else the folder and those above it are searched. */
  project?: string | undefined
  env: Record<string, string | undefined>
  /** Where the search begins. Default: the folder of this process. */
  from?: string | undefined
}

/** The path of the project's file; undefined where there is none or none is meant. IF_ERR_NOT_FOUND for one that was named. */
export async function findProject({ project, env, from }: FindProject): Promise<string | undefined> {
  const wanted = project ?? (env.IFAB_PROJECT || undefined)
  if (wanted === NO_PROJECT) return undefined
  if (wanted !== undefined) return namedProject(resolve(wanted), project === undefined ? 'IFAB_PROJECT' : 'project')
  for (let folder = from === undefined ? workingFolder() : resolve(from); folder !== undefined; ) {
    const file = join(folder, PROJECT_FILE)
    if (await kindOf(file)) return file
    const parent = dirname(folder)
    folder = parent === folder ? undefined : parent
  }
  return undefined
}

/** Larger files are taken for a mistake. */
const PROJECT_BYTES_MAX = 1024 * 1024

/** Reads a project; IF_ERR_INVALID_FILE with path and line where it is wrong. */
export async function readProject(file: string): Promise<Project> {
  const found = await kindOf(file)
  if (found?.isFile === false) throw unreadable(file, 'is no regular file')
  if (found && found.size > PROJECT_BYTES_MAX) throw unreadable(file, `holds more than ${PROJECT_BYTES_MAX} bytes`)
  return projectOf(file, await readDocument(file, projectSchema))
}

/** A project from its text, as `readProject` reads it. */
export const parseProject = (text: string, file: string): Project =>
  projectOf(file, parseDocumentText(text, projectSchema, file))

const projectOf = (
  file: string,
  { value, lineOf }: ReturnType<typeof parseDocumentText<typeof projectSchema>>,
): Project => ({
  file,
  folder: dirname(file),
  name: value.name,
  instances: value.instances,
  budgets: value.budgets,
  placeOf: (path) => `${file}:${lineOf(path)}`,
})

async function namedProject(path: string, by: string): Promise<string> {
  const found = await kindOf(path)
  const file = found?.isFolder ? join(path, PROJECT_FILE) : path
  if (found && (!found.isFolder || (await kindOf(file)))) return file
  throw new FabricError('IF_ERR_NOT_FOUND', `${by}: there is no ${file}`, {
    hint: `Name an ${PROJECT_FILE}, the folder it lies in, or ${NO_PROJECT}.`,
    next: 'ifab init',
  })
}

/** A path that can't be looked at is none: a folder above that is closed to us is no reason to refuse. */
async function kindOf(path: string): Promise<{ isFile: boolean; isFolder: boolean; size: number } | undefined> {
  const found = await stat(path).catch(() => undefined)
  return found && { isFile: found.isFile(), isFolder: found.isDirectory(), size: found.size }
}

/** A process may outlive its folder. */
function workingFolder(): string | undefined {
  try {
    return process.cwd()
  } catch {
    return undefined
  }
}

const unreadable = (file: string, problem: string): FabricError =>
  new FabricError('IF_ERR_INVALID_FILE', `${file} ${problem}`, {
    hint: `A project is a small YAML file. IFAB_PROJECT=${NO_PROJECT} works without it.`,
    details: { file },
  })
