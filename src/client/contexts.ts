// Fabrics that a person works with, by name: `contexts.yaml` of the home. A token is never in that file: it lies beside it,
// readable by its owner only, or in a file of the person's own.
import { randomUUID } from 'node:crypto'
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { stringify } from 'yaml'
import { z } from 'zod'
import {
  checkName,
  FabricError,
  homeAt,
  isFabricError,
  prepareHome,
  readDocument,
  suggestion,
} from '../foundation/index.ts'
import { checkAddress } from './address.ts'

/** Where the contexts are. */
export interface ContextsAt {
  /** Default IFAB_HOME, else ~/.ifab. */
  home?: string
  env?: Record<string, string | undefined>
}

export interface Context {
  readonly name: string
  readonly url: string
  /** Null: no token, as for a socket of one's own. */
  readonly tokenFile: string | null
  readonly isCurrent: boolean
}

export interface AddContext {
  name: string
  /** `https://…`, `http://127.0.0.1:…` or `unix:/…`. */
  url: string
  /** Kept in a file of the home that only its owner can read. */
  token?: string
  /** A file that has the token; read at each use. */
  tokenFile?: string
}

const contextsSchema = z
  .strictObject({
    version: z.literal(1),
    current: z
      .string()
      .nullable()
      .default(null)
      .describe('Used where nothing else says which fabric. Null: this home.'),
    contexts: z.record(z.string(), z.strictObject({ url: z.string(), tokenFile: z.string().optional() })).default({}),
  })
  .describe('Fabrics that are reached over the network, by name.')

type ContextsFile = z.output<typeof contextsSchema>

/** Adds a context or replaces the one of this name. The first one isn't used before `useContext` says so. */
export async function addContext(at: ContextsAt, context: AddContext): Promise<Context> {
  const name = checkName('context', context.name)
  checkAddress(context.url)
  if (context.token !== undefined && context.tokenFile !== undefined) {
    throw new FabricError('IF_ERR_USAGE', `context ${name}: give a token or a file that has it, not both`)
  }
  const home = homeAt(at.home, at.env ?? process.env)
  await prepareHome(home)
  const own = ownTokenFile(home.path, name)
  if (context.token !== undefined) await writeToken(own, checkToken(context.token))
  else await rm(own, { force: true })
  const tokenFile = context.token === undefined ? context.tokenFile && resolve(context.tokenFile) : own
  const entry = { url: context.url, ...(tokenFile ? { tokenFile } : {}) }
  const file = await change(home.path, (known) => ({ ...known, contexts: { ...known.contexts, [name]: entry } }))
  return viewOf(file, name)
}

/** Makes a context the one that is used; null: none, so that the home itself is. IF_ERR_NOT_FOUND names what there is. */
export async function useContext(at: ContextsAt, name: string | null): Promise<Context | null> {
  const file = await change(homeAt(at.home, at.env ?? process.env).path, (known) => {
    if (name !== null) entryOf(known, name)
    return { ...known, current: name }
  })
  return name === null ? null : viewOf(file, name)
}

/** Forgets a context and the token that was stored for it. */
export async function removeContext(at: ContextsAt, name: string): Promise<void> {
  const home = homeAt(at.home, at.env ?? process.env).path
  await change(home, (known) => {
    entryOf(known, name)
    const { [name]: _, ...contexts } = known.contexts
    return { ...known, contexts, current: known.current === name ? null : known.current }
  })
  await rm(ownTokenFile(home, name), { force: true })
}

/** In the order of their names. */
export async function listContexts(at: ContextsAt): Promise<Context[]> {
  const file = await read(homeAt(at.home, at.env ?? process.env).path)
  return Object.keys(file.contexts)
    .sort()
    .map((name) => viewOf(file, name))
}

/** The named context; without a name the current one, undefined when there is none. */
export async function findContext(at: ContextsAt, name?: string): Promise<Context | undefined> {
  const file = await read(homeAt(at.home, at.env ?? process.env).path)
  const wanted = name ?? file.current
  return wanted === null ? undefined : viewOf(file, wanted)
}

function viewOf(file: ContextsFile, name: string): Context {
  const { url, tokenFile } = entryOf(file, name)
  return { name, url, tokenFile: tokenFile ?? null, isCurrent: file.current === name }
}

function entryOf(file: ContextsFile, name: string): ContextsFile['contexts'][string] {
  const entry = Object.hasOwn(file.contexts, name) ? file.contexts[name] : undefined
  if (entry) return entry
  const names = Object.keys(file.contexts)
  const known = names.length > 0 ? `There are ${names.sort().join(', ')}.` : 'There are none yet.'
  throw new FabricError('IF_ERR_NOT_FOUND', `there is no context ${JSON.stringify(name)}`, {
    hint: suggestion(name, names, known),
    next: 'ifab context add NAME --url URL',
  })
}

const contextsFile = (home: string): string => join(home, 'contexts.yaml')
const ownTokenFile = (home: string, name: string): string => join(home, 'contexts', `${name}.token`)

async function read(home: string): Promise<ContextsFile> {
  try {
    return (await readDocument(contextsFile(home), contextsSchema)).value
  } catch (thrown) {
    if (isMissing(thrown)) return contextsSchema.parse({ version: 1 })
    throw thrown
  }
}

/** A home that is none holds no contexts; whoever opens it says what is wrong with it. */
const isMissing = (thrown: unknown): boolean =>
  isFabricError(thrown) &&
  (thrown.code === 'IF_ERR_NOT_FOUND' || (thrown.cause as NodeJS.ErrnoException | undefined)?.code === 'ENOTDIR')

async function change(home: string, to: (known: ContextsFile) => ContextsFile): Promise<ContextsFile> {
  const file = to(await read(home))
  await writeWhole(contextsFile(home), stringify(file))
  return file
}

async function writeToken(path: string, token: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 })
  await writeWhole(path, `${token}\n`)
}

/** Somebody who reads meanwhile sees the old text or the new one. */
async function writeWhole(path: string, text: string): Promise<void> {
  const fresh = `${path}.${randomUUID()}`
  try {
    await writeFile(fresh, text, { mode: 0o600 })
    await rename(fresh, path)
  } catch (cause) {
    await rm(fresh, { force: true })
    const code = (cause as NodeJS.ErrnoException).code ?? String(cause)
    throw new FabricError('IF_ERR_HOME_UNUSABLE', `${path} can't be written (${code})`, { cause })
  }
}

/** A token without the blanks that files and pastes bring along. */
export function checkToken(text: string): string {
  const token = text.trim()
  if (/^[\x21-\x7e]{1,512}$/.test(token)) return token
  throw new FabricError(
    'IF_ERR_INVALID_TOKEN',
    'what was given as token is none: expected one word of printable ASCII',
    {
      hint: "`ifab token create` of the daemon's home makes one.",
    },
  )
}

/** The token of a file; errors name the file, never what is in it. */
export async function readToken(path: string): Promise<string> {
  const text = await readFile(path, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    throw new FabricError('IF_ERR_NOT_FOUND', `${path}: the token can't be read (${cause.code})`, { cause })
  })
  return checkToken(text)
}
