// ifab config show: every setting that holds here, and with --origin what says so: flag, env, project, home or default.
// Reads files and environment alone; no fabric is opened, and no secret is shown.
import { Document, isCollection, isNode } from 'yaml'
import { listContexts } from '../../client/index.ts'
import { readSettings, type Setting, type SettingOrigin } from '../../fabric/index.ts'
import {
  defaultActor,
  findProject,
  homeAt,
  type JsonObject,
  type JsonValue,
  readProject,
} from '../../foundation/index.ts'
import type { CommandHandler, Invocation } from '../invocation.ts'

export const configShowCommand: CommandHandler = async (invocation) => {
  const { console, flags, io } = invocation
  const home = homeAt(flags.text('home'), io.env)
  const file = await findProject({ env: io.env })
  const project = file === undefined ? undefined : await readProject(file)
  const kept = await readSettings(home, project)
  const level = flags.text('log-level')
  const settings = [
    ...(await ownSettings(invocation, file)),
    ...(level === undefined ? kept : kept.map((setting) => overruled(setting, 'logLevel', level))),
  ]
  const withOrigin = flags.has('origin')
  const values = nested(settings)
  console.result(
    withOrigin ? { settings: values, origins: originsOf(settings) } : { settings: values },
    yamlOf(values, withOrigin ? settings : []),
  )
}

/** What flags and environment decide, in the order in which they win. */
async function ownSettings({ flags, io }: Invocation, project: string | undefined): Promise<Setting[]> {
  const { env } = io
  const home = flags.text('home')
  const chosen = (name: string, ...from: (Choice | undefined)[]): Setting => {
    const found = from.find((choice) => choice !== undefined) ?? { value: null, origin: 'default' as const }
    return { path: [name], place: null, ...found }
  }
  const flag = (name: string) => said(flags.text(name), 'flag', `--${name}`)
  const variable = (name: string, shown?: string) => said(env[name] && (shown ?? env[name]), 'env', name)
  const contexts = await listContexts({ env, ...(home === undefined ? {} : { home }) })
  const named = flags.text('context')
  const current = home === undefined ? contexts.find(({ isCurrent }) => isCurrent) : undefined
  const urlOf = (name: string | undefined) => contexts.find((context) => context.name === name)?.url ?? name
  return [
    chosen('home', flag('home'), variable('IFAB_HOME'), said(homeAt(undefined, env).path, 'default')),
    chosen('project', variable('IFAB_PROJECT', project ?? 'none'), said(project, 'default')),
    chosen(
      'daemon',
      said(urlOf(named), 'flag', '--context'),
      variable('IFAB_URL'),
      said(current?.url, 'home', 'contexts.yaml'),
    ),
    chosen('token', variable('IFAB_TOKEN', '<set>'), variable('IFAB_TOKEN_FILE')),
    chosen('actor', flag('actor'), variable('IFAB_ACTOR'), said(defaultActor(), 'default')),
    chosen('session', flag('session'), variable('IFAB_SESSION')),
  ]
}

type Choice = Pick<Setting, 'value' | 'origin'> & { place?: string | null }

const said = (value: string | undefined, origin: SettingOrigin, place: string | null = null): Choice | undefined =>
  value ? { value, origin, place } : undefined

const overruled = (setting: Setting, name: string, value: string): Setting =>
  setting.path.join('.') === name ? { ...setting, value, origin: 'flag', place: '--log-level' } : setting

/** `{ 'coordinator.lease': { origin, place } }`. */
const originsOf = (settings: readonly Setting[]): JsonObject =>
  Object.fromEntries(settings.map(({ path, origin, place }) => [path.join('.'), { origin, place }]))

function nested(settings: readonly Setting[]): JsonObject {
  const root: JsonObject = {}
  for (const { path, value } of settings) {
    let at: JsonObject | JsonValue[] = root
    for (const [depth, name] of path.slice(0, -1).entries()) {
      const inner: JsonObject | JsonValue[] =
        (memberOf(at, name) as JsonObject | JsonValue[] | undefined) ?? (typeof path[depth + 1] === 'number' ? [] : {})
      put(at, name, inner)
      at = inner
    }
    const last = path.at(-1)
    if (last !== undefined) put(at, last, value)
  }
  return root
}

const memberOf = (at: JsonObject | JsonValue[], name: string | number): JsonValue | undefined =>
  Array.isArray(at) ? at[Number(name)] : at[name]

function put(at: JsonObject | JsonValue[], name: string | number, value: JsonValue): void {
  if (Array.isArray(at)) at[Number(name)] = value
  else at[name] = value
}

/** The settings as a file, with a comment behind each that says where it comes from. */
function yamlOf(values: JsonObject, settings: readonly Setting[]): string {
  const document = new Document(values)
  for (const { path, origin, place } of settings) {
    const node = document.getIn(path, true)
    if (!isNode(node)) continue
    if (isCollection(node)) node.flow = true
    node.comment = place === null || place === '' ? ` ${origin}` : ` ${origin}: ${place}`
  }
  return document.toString({ lineWidth: 0 })
}
