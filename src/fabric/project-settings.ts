// What holds in a home and a project, setting by setting, each with the place that says so: as people write it, not as it
// is kept inside. Secrets and where they come from are never part of it.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { openInstanceFiles } from '../adapter/index.ts'
import {
  configSchema,
  type Home,
  type JsonObject,
  type JsonValue,
  type ParsedDocument,
  type Project,
  parseDocumentText,
  readConfig,
} from '../foundation/index.ts'

export type SettingOrigin = 'flag' | 'env' | 'project' | 'home' | 'default'

/** One setting that holds. */
export interface Setting {
  /** `['coordinator', 'lease']`. */
  path: readonly (string | number)[]
  value: JsonValue
  origin: SettingOrigin
  /** File and line, flag or variable; null for a default. */
  place: string | null
}

/** Settings of the home's `config.yaml`, the project's budgets, and the instances of both. IF_ERR_INVALID_FILE. */
export async function readSettings(home: Home, project: Project | undefined): Promise<Setting[]> {
  await readConfig(home.config) // what is wrong is told of, before any of it is shown
  const [config, said] = await Promise.all([readPlain(home.config), project && readPlain(project.file)])
  const schema = z.toJSONSchema(configSchema, { io: 'input', unrepresentable: 'any' }) as JsonSchema // draft 2020-12
  const settings = settingsOf(schema, config, []).filter(({ path }) => path[0] !== 'version')
  return [
    ...settings.filter(({ path }) => path[0] !== 'budgets'),
    ...budgetsOf(config, said),
    ...(await instancesOf(home, project)),
  ].map(withoutWebhookPath)
}

interface JsonSchema {
  properties?: Record<string, JsonSchema>
  default?: JsonValue
}

interface Plain {
  value: JsonValue | undefined
  placeOf(path: readonly PropertyKey[]): string
}

/** A file as it is written, not as it is parsed. */
async function readPlain(file: string): Promise<Plain> {
  const text = await readFile(file, 'utf8').catch((thrown: NodeJS.ErrnoException) => {
    if (thrown.code === 'ENOENT') return ''
    throw thrown
  })
  const { value, lineOf }: ParsedDocument<JsonValue> = parseDocumentText(text, z.json(), file)
  return { value: value ?? undefined, placeOf: (path) => `${file}:${lineOf(path)}` }
}

function settingsOf(schema: JsonSchema, said: Plain, path: readonly string[]): Setting[] {
  const value = valueAt(said.value, path)
  if (schema.properties && (value === undefined || isObject(value))) {
    return Object.entries(schema.properties).flatMap(([name, inner]) => settingsOf(inner, said, [...path, name]))
  }
  if (value !== undefined) return [{ path, value, origin: 'home', place: said.placeOf(path) }]
  return schema.default === undefined ? [] : [{ path, value: schema.default, origin: 'default', place: null }]
}

function budgetsOf(config: Plain, said: Plain | undefined): Setting[] {
  const own = rowsOf(config).map((value, at) => ({ value, place: config.placeOf(['budgets', at]) }))
  const others = said ? rowsOf(said).map((value, at) => ({ value, place: said.placeOf(['budgets', at]) })) : []
  const rows = [
    ...own.map((row) => ({ ...row, origin: 'home' as const })),
    ...others.map((row) => ({ ...row, origin: 'project' as const })),
  ]
  if (rows.length === 0) return [{ path: ['budgets'], value: [], origin: 'default', place: null }]
  return rows.map((row, at) => ({ ...row, path: ['budgets', at] }))
}

const rowsOf = ({ value }: Plain): JsonValue[] => {
  const rows = valueAt(value, ['budgets'])
  return Array.isArray(rows) ? rows : []
}

async function instancesOf(home: Home, project: Project | undefined): Promise<Setting[]> {
  const own = (await openInstanceFiles(home.providers).list()).map(
    ({ name, provider, tags, settings }): Setting => ({
      path: ['instances', name],
      value: { provider, tags, settings },
      origin: 'home',
      place: join(home.providers, `${name}.yaml`),
    }),
  )
  const known = new Set(own.map(({ path }) => path[1]))
  const others = Object.entries(project?.instances ?? {}).filter(([name]) => !known.has(name))
  return [
    ...own,
    ...others.map(
      ([name, { provider, tags, settings }]): Setting => ({
        path: ['instances', name],
        value: { provider, tags, settings },
        origin: 'project',
        place: project?.placeOf(['instances', name]) ?? null,
      }),
    ),
  ]
}

/** Who knows the path of a webhook may write to it. */
function withoutWebhookPath(setting: Setting): Setting {
  if (setting.path.join('.') !== 'escalation.channels' || !Array.isArray(setting.value)) return setting
  const value = setting.value.map((channel) =>
    isObject(channel) && typeof channel.webhook === 'string'
      ? { webhook: `${new URL(channel.webhook).origin}/…` }
      : channel,
  )
  return { ...setting, value }
}

function valueAt(value: JsonValue | undefined, path: readonly string[]): JsonValue | undefined {
  let found = value
  for (const name of path) found = isObject(found) && Object.hasOwn(found, name) ? found[name] : undefined
  return found
}

const isObject = (value: JsonValue | undefined): value is JsonObject =>
  value !== null && typeof value === 'object' && !Array.isArray(value)
