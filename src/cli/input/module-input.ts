// The input of a module's run: `--input`, with key=value on top, typed by what the module says that it takes.
import type { Fabric, ModuleFile } from '../../fabric/index.ts'
import { FabricError, type JsonObject, type JsonValue } from '../../foundation/index.ts'
import type { Invocation } from '../invocation.ts'
import { parseAssignments } from './assignments.ts'
import { parseJson, readJsonText } from './json-text.ts'

/** Null where neither is given. */
export async function moduleInput(
  { flags, io }: Invocation,
  { fabric, module, words }: { fabric: Fabric; module: string | ModuleFile; words: readonly string[] },
): Promise<JsonValue> {
  const source = flags.text('input')
  const whole = source === undefined ? null : parseJson(await readJsonText('--input', source, io))
  if (words.length === 0) return whole
  if (source !== undefined && !isObject(whole))
    throw new FabricError('IF_ERR_INVALID_INPUT', '--input is no object, so key=value can not go on top of it')
  return parseAssignments(words, await inputSchema(fabric, module), isObject(whole) ? whole : {})
}

const isObject = (value: JsonValue): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** JSON Schema; without a word of the module every value is text. */
export async function inputSchema(fabric: Fabric, module: string | ModuleFile): Promise<JsonObject> {
  if (typeof module !== 'string') return (await fabric.checkModule(module)).input ?? {}
  const { modules } = await fabric.modules()
  const [id, version] = module.split('@')
  const found = modules.find((known) => known.id === id && (version ? known.version === version : known.active))
  return found?.input ?? {}
}
