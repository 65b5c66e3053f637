// A new provider to begin with: definition and test from the facts of a file, in the places where the repository has them.
// Nothing that is there is ever touched.
import { existsSync } from 'node:fs'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { basename, dirname, extname, join, resolve } from 'node:path'
import { parse } from 'yaml'
import { FabricError } from '../../foundation/index.ts'
import { factsOfRow, isCatalogueRow } from './catalogue-row.ts'
import { definitionPlaces } from './definition-text.ts'
import { CATEGORIES, type Category, isObject, type ScaffoldFacts } from './facts.ts'
import { factsOfOpenApi } from './openapi.ts'

export interface NewProviderOptions {
  id: string
  /** A catalogue row or an OpenAPI 3 description, YAML or JSON. */
  from: string
  /** Default: the folder of `from`, where that is one. */
  category?: string
  /** Root of the repository. */
  root: string
  /** `templates/provider` of the package. */
  templates: string
  /** Of the definition's `checkedAt`: 2026-11-25. */
  today: string
}

export interface NewProvider {
  id: string
  category: Category
  /** Below the root. */
  files: string[]
  operations: number
}

/** Writes definition and test. IF_ERR_ALREADY_EXISTS where one is there, IF_ERR_INVALID_INPUT for a file of another kind. */
export async function newProvider(options: NewProviderOptions): Promise<NewProvider> {
  const { id, root, templates, today } = options
  if (!/^[a-z0-9]+(-[a-z0-9]+)*$/.test(id)) {
    throw new FabricError('IF_ERR_INVALID_INPUT', `${JSON.stringify(id)} cannot be the id of a provider`, {
      hint: 'Lower-case words with a hyphen between: home-assistant.',
    })
  }
  if (!existsSync(join(root, 'src/providers'))) {
    throw new FabricError('IF_ERR_INVALID_INPUT', `${root} has no src/providers`, {
      hint: 'A provider is written in the repository of InfraFabric: go there, or name it with --dir. Code for your own home is a module: ifab chassis new.',
    })
  }
  const facts = factsOf(await readDocument(options.from), { id, category: categoryOf(options) })
  if (facts.operations.length === 0) {
    throw new FabricError('IF_ERR_INVALID_INPUT', `${options.from} has no operation over HTTP`, {
      hint: 'A provider that speaks another protocol is written by hand: see docs/adding-a-provider.md.',
    })
  }
  const places = definitionPlaces(facts, today)
  const files = {
    [`src/providers/${facts.category}/${id}/index.ts`]: await filled(join(templates, 'definition.ts.template'), places),
    [`tests/unit/providers/${id}.test.ts`]: await filled(join(templates, 'test.ts.template'), places),
  }
  const taken = Object.keys(files).find((file) => existsSync(join(root, file)))
  if (taken !== undefined) {
    throw new FabricError('IF_ERR_ALREADY_EXISTS', `${taken} is there already`, { hint: 'Nothing was written.' })
  }
  for (const [file, text] of Object.entries(files)) await write(join(root, file), text)
  return { id, category: facts.category, files: Object.keys(files), operations: facts.operations.length }
}

function factsOf(document: unknown, about: { id: string; category: Category }): ScaffoldFacts {
  if (isObject(document) && String(document.openapi).startsWith('3.')) return factsOfOpenApi(document, about)
  if (isCatalogueRow(document)) return factsOfRow(document, about)
  throw new FabricError('IF_ERR_INVALID_INPUT', 'the file is neither a catalogue row nor an OpenAPI 3 description', {
    hint: 'A row has baseUrls and operations; a description has `openapi: 3.…`.',
  })
}

function categoryOf({ category, from }: NewProviderOptions): Category {
  const wanted = category ?? basename(dirname(resolve(from)))
  const known = CATEGORIES.find((each) => each === wanted)
  if (known) return known
  throw new FabricError('IF_ERR_USAGE', `--category is needed: ${CATEGORIES.join(', ')}`, {
    hint: category === undefined ? `The folder of the file, ${wanted}, is none.` : `${category} is none.`,
  })
}

async function readDocument(path: string): Promise<unknown> {
  const text = await readFile(path, 'utf8').catch((thrown: NodeJS.ErrnoException) => {
    throw new FabricError('IF_ERR_INVALID_INPUT', `${path} cannot be read (${thrown.code})`, { cause: thrown })
  })
  try {
    return extname(path) === '.json' ? JSON.parse(text) : parse(text, { maxAliasCount: -1 })
  } catch (cause) {
    const said = cause instanceof Error ? cause.message.split('\n')[0] : String(cause)
    throw new FabricError('IF_ERR_INVALID_INPUT', `${path}: ${said}`, { cause })
  }
}

async function filled(template: string, places: Record<string, string>): Promise<string> {
  const text = await readFile(template, 'utf8')
  return text.replace(/\{\{(\w+)\}\}/g, (hole, name: string) => places[name] ?? hole)
}

async function write(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true })
  await writeFile(path, text, { flag: 'wx' })
}
