// ifab init, ifab lock: a folder for git, and the manifests that it is planned with. Nothing that exists is written over,
// and what was begun is taken away again where it can't be finished.
import { randomUUID } from 'node:crypto'
import { lstat, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { basename, dirname, join, relative, resolve } from 'node:path'
import { playbookSchema } from '../../bus/index.ts'
import { type Fabric, LOCK_FILE, lockText, newSince, type ProviderDetail, readLock } from '../../fabric/index.ts'
import {
  FabricError,
  findProject,
  NO_PROJECT,
  PROJECT_FILE,
  type Project,
  type ProjectInstance,
  readDocument,
  readProject,
} from '../../foundation/index.ts'
import { askYesNo } from '../input/prompt.ts'
import type { CommandHandler } from '../invocation.ts'
import { counted } from '../output/phrases.ts'
import { type ExampleStep, GITIGNORE, playbookText, projectFiles, projectText } from '../output/project-files.ts'
import { shellWord } from '../output/shell-words.ts'

export const initCommand: CommandHandler = async ({ args, flags, console, fabric }) => {
  const folder = resolve(args[0] ?? '.')
  const name = flags.text('name') ?? nameOf(folder)
  await refuseExisting(folder, [PROJECT_FILE, LOCK_FILE, 'policies/example.cedar', 'playbooks/example.yaml'])
  // What lies above is no part of a new project.
  const opened = await fabric({ project: NO_PROJECT })
  const instances = await ownInstances(opened)
  const example = await exampleStep(opened, instances)
  const providers = new Set([...Object.values(instances).map(({ provider }) => provider), example.provider])
  const files = projectFiles({
    project: projectText(name, instances),
    lockFile: LOCK_FILE,
    lock: lockText(await detailsOf(opened, providers)),
    playbook: playbookText(example.step),
  })
  const kept = await writeAll(folder, files)
  const written = [...Object.keys(files), ...(kept ? [] : ['.gitignore'])]
  const names = Object.keys(instances)
  console.result(
    { folder, name, files: written, kept: kept ? ['.gitignore'] : [], instances: names },
    `${console.out.good('✓')} project ${name} in ${folder} · ${counted(names.length, 'instance')} of the home, without secrets\n${written.map((file) => `  ${file}`).join('\n')}`,
  )
  if (kept) console.note(`.gitignore stays as it is; keep .env, *.token and *.plan.json out of git.`)
  const place = relative(process.cwd(), folder)
  console.note(
    `Next: ${place ? `cd ${shellWord(place)} && ` : ''}ifab plan -f playbooks/example.yaml --check    Then: git add .`,
  )
}

export const lockCommand: CommandHandler = async ({ flags, console, fabric, io, canAsk }) => {
  const file = await findProject({ env: io.env })
  if (file === undefined) {
    throw new FabricError('IF_ERR_NOT_FOUND', `there is no ${PROJECT_FILE} here or above`, { next: 'ifab init' })
  }
  const project = await readProject(file)
  const opened = await fabric({ project: NO_PROJECT }) // a lock that is out of date, or broken, is no hindrance
  const used = await providersUsed(project, opened)
  const text = lockText(used)
  const path = join(project.folder, LOCK_FILE)
  // A lock that can't be read granted nothing that could be compared.
  const lock = await readLock(path).catch(() => undefined)
  const news = lock ? newSince(lock, used) : new Map<string, string[]>()
  if (news.size > 0 && !flags.has('accept')) {
    console.note([...news].map(([id, more]) => `${id}: ${more.join('; ')}`).join('\n'))
    const yes = canAsk && (await askYesNo(io, 'Grant this to the project?'))
    if (!yes) throw notGranted(path, news)
  }
  const before = await readFile(path, 'utf8').catch(() => undefined)
  if (before !== text) await replace(path, text)
  const providers = used.map(({ id, manifest }) => ({ id, ...manifest }))
  const list = providers.map(({ id, version, signedBy }) => `  ${id} ${version}, signed by ${signedBy}`).join('\n')
  console.result(
    { file: path, changed: before !== text, providers },
    `${console.out.good('✓')} ${path} ${before === text ? 'says so already' : 'written'} · ${counted(providers.length, 'provider')}${list && `\n${list}`}`,
  )
}

/** A folder's name, as a project may be called. */
const nameOf = (folder: string): string =>
  basename(folder)
    .replace(/[^A-Za-z0-9._-]+/g, '-')
    .replace(/^[^A-Za-z0-9]+/, '')
    .slice(0, 100) || 'project'

async function refuseExisting(folder: string, files: readonly string[]): Promise<void> {
  const found = await Promise.all(
    files.map((file) =>
      lstat(join(folder, file)).then(
        () => [file],
        () => [],
      ),
    ),
  )
  const names = found.flat()
  if (names.length === 0) return
  throw new FabricError('IF_ERR_ALREADY_EXISTS', `${folder} has ${names.join(', ')} already; nothing was written`, {
    hint: 'Take another folder, or move what is there away.',
    details: { folder, files: names },
  })
}

async function ownInstances(fabric: Fabric): Promise<Record<string, ProjectInstance>> {
  const instances = await fabric.instances()
  return Object.fromEntries(
    instances.map(({ name, provider, tags, settings }) => [name, { provider, tags, settings }] as const),
  )
}

/** A step that plans without a credential and is allowed by default: a message, else a read. */
async function exampleStep(
  fabric: Fabric,
  instances: Record<string, ProjectInstance>,
): Promise<{ provider: string; step: ExampleStep }> {
  const bare = (await fabric.providers()).map(({ id }) => [id, id] as const)
  const own = Object.entries(instances).map(([name, { provider }]) => [name, provider] as const)
  const places = own.length > 0 ? own : bare
  for (const isFit of [
    ({ id }: { id: string }) => id === 'message.send',
    ({ effect, native, streams }: { effect: string; native: boolean; streams: boolean }) =>
      effect === 'read' && !native && !streams,
  ]) {
    for (const [instance, provider] of places) {
      const operation = (await fabric.provider(provider)).operations.find(isFit)
      if (operation) return { provider, step: { instance, operation: operation.id, input: operation.example } }
    }
  }
  throw new FabricError('IF_ERR_UNSUPPORTED', 'no provider has an operation that an example could be made of')
}

/** Writes every file, or none; true where there was a .gitignore, which stays. */
async function writeAll(folder: string, files: Record<string, string>): Promise<boolean> {
  const written: string[] = []
  const write = async (file: string, text: string): Promise<void> => {
    const path = join(folder, file)
    await mkdir(dirname(path), { recursive: true })
    await writeFile(path, text, { flag: 'wx' })
    written.push(path)
  }
  try {
    for (const [file, text] of Object.entries(files)) await write(file, text)
    return await write('.gitignore', GITIGNORE).then(
      () => false,
      (thrown: NodeJS.ErrnoException) => {
        if (thrown.code === 'EEXIST') return true
        throw thrown
      },
    )
  } catch (cause) {
    await Promise.all(written.map((path) => rm(path, { force: true })))
    const { code, path } = cause as NodeJS.ErrnoException
    throw new FabricError('IF_ERR_USAGE', `${path ?? folder} can't be written (${code}); nothing was`, { cause })
  }
}

const notGranted = (path: string, news: ReadonlyMap<string, readonly string[]>): FabricError =>
  new FabricError(
    'IF_ERR_APPROVAL_REQUIRED',
    `${[...news.keys()].join(', ')} may do more than ${path} grants; nothing was written`,
    {
      hint: 'Read what is new above, then say yes at a terminal, or lock it with --accept.',
      next: 'ifab lock --accept',
      details: { more: Object.fromEntries(news) },
    },
  )

const detailsOf = async (fabric: Fabric, providers: ReadonlySet<string>): Promise<ProviderDetail[]> => {
  const known = (await fabric.providers()).filter(({ id }) => providers.has(id))
  return Promise.all(known.map(({ id }) => fabric.provider(id)))
}

/** Providers of the project's instances and of what its playbooks use. */
async function providersUsed(project: Project, fabric: Fabric): Promise<ProviderDetail[]> {
  const instances = await fabric.instances()
  const used = new Set(Object.values(project.instances).map(({ provider }) => provider))
  for (const name of await instancesInPlaybooks(join(project.folder, 'playbooks'))) {
    const own = instances.find((instance) => instance.name === name)
    used.add(project.instances[name]?.provider ?? own?.provider ?? name)
  }
  return detailsOf(fabric, used)
}

async function instancesInPlaybooks(folder: string): Promise<string[]> {
  const files = (await readdir(folder).catch(() => [])).filter((file) => /\.ya?ml$/.test(file)).sort()
  const playbooks = await Promise.all(files.map((file) => readDocument(join(folder, file), playbookSchema)))
  return playbooks.flatMap(({ value }) => Object.values(value.steps).map(({ use }) => use.split(' ')[0] ?? ''))
}

/** Somebody who reads meanwhile sees the old text or the new one. */
async function replace(path: string, text: string): Promise<void> {
  const draft = `${path}.${randomUUID()}.tmp`
  try {
    await writeFile(draft, text, { flag: 'wx' })
    await rename(draft, path)
  } catch (cause) {
    await rm(draft, { force: true })
    throw new FabricError('IF_ERR_USAGE', `${path} can't be written (${(cause as NodeJS.ErrnoException).code})`, {
      cause,
    })
  }
}
