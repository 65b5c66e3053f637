// A new module to begin with: a small project that builds and works, copied from the templates under the name it is given.
// Only an empty or new folder is written to; nothing that is there is ever touched.
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { FabricError } from '../../foundation/index.ts'
import { moduleId } from '../module/description.ts'
import type { ModuleKind } from '../module/guest-interface.ts'

export const TEMPLATE_LANGUAGES = ['ts', 'wat', 'assemblyscript'] as const
export type TemplateLanguage = (typeof TEMPLATE_LANGUAGES)[number]

export interface NewModuleOptions {
  lang: TemplateLanguage
  /** Default: an adapter; in WebAssembly text, for which there is no adapter, an agent. */
  kind?: ModuleKind
  /** Made where it is not. */
  folder: string
  /** Id of the module. Default: that of the template, such as `example-mail`. */
  name?: string
  /** `templates/chassis` of the package. */
  templates: string
}

export interface NewModule {
  name: string
  kind: ModuleKind
  /** What was written, below the folder. */
  files: string[]
  /** What `ifab chassis build` takes, below the folder. */
  input: string
  /** What has to be run in the folder before. */
  prepare?: string
}

interface Template {
  /** Folders below the language's, a later one on top. */
  from: readonly string[]
  /** The id that its files have. */
  id: string
  input: string
  prepare?: string
}

const NPM = 'npm install && npm run build'

const TEMPLATES: Record<TemplateLanguage, Partial<Record<ModuleKind, Template>>> = {
  ts: {
    adapter: { from: ['common', 'adapter'], id: 'example-mail', input: 'adapter.ts', prepare: 'npm install' },
    agent: { from: ['common', 'agent'], id: 'example-agent', input: 'agent.ts', prepare: 'npm install' },
  },
  wat: { agent: { from: ['agent'], id: 'example-agent', input: 'module.wasm', prepare: NPM } },
  assemblyscript: {
    adapter: { from: ['common', 'adapter'], id: 'example-mail', input: 'module.wasm', prepare: NPM },
    agent: { from: ['common', 'agent'], id: 'example-agent', input: 'module.wasm', prepare: NPM },
  },
}

/** Writes the project. IF_ERR_ALREADY_EXISTS for a folder that is not empty, IF_ERR_INVALID_INPUT for a wrong name. */
export async function newModule({ lang, kind: wanted, folder, name, templates }: NewModuleOptions): Promise<NewModule> {
  const kind = wanted ?? (TEMPLATES[lang].adapter ? 'adapter' : 'agent')
  const template = TEMPLATES[lang][kind]
  if (!template) {
    throw new FabricError('IF_ERR_UNSUPPORTED', `there is no template of an ${kind} in ${lang}`, {
      hint: `There is one in ${TEMPLATE_LANGUAGES.filter((other) => TEMPLATES[other][kind]).join(' and ')}.`,
    })
  }
  const id = name ?? template.id
  const checked = moduleId.safeParse(id)
  if (!checked.success) {
    throw new FabricError('IF_ERR_INVALID_INPUT', `${JSON.stringify(id)} cannot be the name of a module`, {
      hint: `A name has ${checked.error.issues[0]?.message.replace(/^expected /, '') ?? 'another form'}.`,
    })
  }
  const texts = await readTemplate(template, join(templates, lang))
  await refuseOccupied(folder)
  for (const [file, text] of texts) await write(join(folder, file), renamed(text, template.id, id))
  const { input, prepare } = template
  return { name: id, kind, files: [...texts.keys()].sort(), input, ...(prepare && { prepare }) }
}

async function readTemplate({ from }: Template, root: string): Promise<Map<string, string>> {
  const texts = new Map<string, string>()
  for (const part of from) {
    const entries = await readdir(join(root, part), { recursive: true, withFileTypes: true })
    for (const entry of entries) {
      if (!entry.isFile()) continue
      const path = join(entry.parentPath, entry.name)
      texts.set(path.slice(join(root, part).length + 1), await readFile(path, 'utf8'))
    }
  }
  return texts
}

async function refuseOccupied(folder: string): Promise<void> {
  const inside = await readdir(folder).catch((thrown: NodeJS.ErrnoException) => {
    if (thrown.code === 'ENOENT') return []
    throw cannotWrite(folder, thrown)
  })
  if (inside.length === 0) return
  throw new FabricError('IF_ERR_ALREADY_EXISTS', `${folder} is not empty`, {
    hint: 'Name a folder that does not exist yet.',
    details: { folder },
  })
}

async function write(path: string, text: string): Promise<void> {
  try {
    await mkdir(dirname(path), { recursive: true })
    await writeFile(path, text, { flag: 'wx' })
  } catch (thrown) {
    throw cannotWrite(path, thrown as NodeJS.ErrnoException)
  }
}

/** In all forms that a file has the name in: `example-mail`, `EXAMPLE_MAIL`, `Example Mail`. */
function renamed(text: string, from: string, to: string): string {
  const forms = [
    (id: string) => id,
    (id: string) => id.toUpperCase().replaceAll('-', '_'),
    (id: string) =>
      id
        .split('-')
        .map((word) => word.slice(0, 1).toUpperCase() + word.slice(1))
        .join(' '),
  ]
  return forms.reduce((changed, form) => changed.replaceAll(form(from), form(to)), text)
}

const cannotWrite = (path: string, cause: NodeJS.ErrnoException): FabricError =>
  new FabricError('IF_ERR_INVALID_INPUT', `${path} can't be written (${cause.code})`, {
    hint: 'Name a folder that this user may write to.',
    details: { path },
    cause,
  })
