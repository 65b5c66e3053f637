// Which fabric a caller means: what was said outright, then the environment, then a context in use, then the home's daemon.
import { homeAt } from '../foundation/index.ts'
import { readDaemonFile } from '../wire/index.ts'
import { type ContextsAt, findContext, readToken } from './contexts.ts'
import { type Target, targetOf } from './target.ts'

export interface ChoiceOptions {
  home?: string
  url?: string
  token?: string
  context?: string
  way?: 'auto' | 'home'
}

export type Choice =
  /** Said outright: it must answer. */
  | { kind: 'named'; target: Target }
  /** Found: where it doesn't answer, the home is opened. */
  | { kind: 'found'; target: Target; home: string }
  | { kind: 'home' }

export async function choose(options: ChoiceOptions, env: Record<string, string | undefined>): Promise<Choice> {
  if (options.way === 'home') return { kind: 'home' }
  const at: ContextsAt = { env, ...(options.home === undefined ? {} : { home: options.home }) }
  if (options.url !== undefined) return named(options.url, options.token ?? (await tokenOf(env)))
  if (options.context !== undefined) return inContext(at, options.context, options.token)
  if (env.IFAB_URL) return named(env.IFAB_URL, options.token ?? (await tokenOf(env)))
  if (options.home === undefined) {
    const current = await findContext(at)
    if (current) return inContext(at, current.name, options.token)
  }
  const home = homeAt(options.home, env).path
  const record = await readDaemonFile(home)
  if (!record) return { kind: 'home' }
  return { kind: 'found', target: targetOf({ url: `unix:${record.socket}`, token: options.token }), home }
}

const named = (url: string, token: string | undefined): Choice => ({ kind: 'named', target: targetOf({ url, token }) })

async function inContext(at: ContextsAt, name: string, token: string | undefined): Promise<Choice> {
  const context = await findContext(at, name)
  const url = context?.url ?? '' // a named one is there, or was refused
  const shown = token ?? (context?.tokenFile ? await readToken(context.tokenFile) : undefined)
  return { kind: 'named', target: targetOf({ url, token: shown, context: name }) }
}

async function tokenOf({
  IFAB_TOKEN,
  IFAB_TOKEN_FILE,
}: Record<string, string | undefined>): Promise<string | undefined> {
  if (IFAB_TOKEN) return IFAB_TOKEN
  return IFAB_TOKEN_FILE ? readToken(IFAB_TOKEN_FILE) : undefined
}
