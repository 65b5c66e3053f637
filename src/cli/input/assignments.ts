// `key=value` words become an input, typed by a JSON Schema. `=` is always literal, `:=` is JSON, `@=` a file's text;
// dots nest, digits index lists, a repeated key fills a list. What the schema does not know is refused with a suggestion.
import { readFile } from 'node:fs/promises'
import { didYouMean, FabricError, type JsonObject, type JsonValue } from '../../foundation/index.ts'
import { coerce } from './coerce.ts'
import { fieldOf, isListField, knownFields, rootOf, type Schema } from './field-schema.ts'

interface Assignment {
  /** As typed, for errors. */
  key: string
  path: string[]
  kind: 'literal' | 'json' | 'file'
  text: string
}

/** Parses the words on top of `base`. Problems are IF_ERR_INVALID_INPUT and name the key. */
export async function parseAssignments(
  words: readonly string[],
  schema: JsonObject,
  base: JsonObject = {},
): Promise<JsonObject> {
  const assignments = words.map(parseWord)
  const literals = Object.fromEntries(assignments.map(({ key, text }) => [key, text]))
  const root = rootOf(schema)
  const input = structuredClone(base)
  const given = new Set<string>()
  for (const assignment of assignments) {
    const field = schemaAt(assignment, root)
    const list = isListField(root, field) && assignment.kind !== 'json'
    const inner = list ? fieldOf(root, field, '0') : field
    const value = await valueFor(assignment, inner, root, literals)
    const again = given.has(assignment.key)
    if (again && !list) throw twice(assignment.key)
    place(input, assignment, value, { list, append: again })
    given.add(assignment.key)
  }
  return input
}

function parseWord(word: string): Assignment {
  const at = word.indexOf('=')
  const sign = word[at - 1]
  const kind = sign === ':' ? 'json' : sign === '@' ? 'file' : 'literal'
  const key = word.slice(0, kind === 'literal' ? at : at - 1)
  if (at < 1 || key === '' || key.split('.').includes('')) {
    throw new FabricError('IF_ERR_INVALID_INPUT', `${JSON.stringify(word)} is not key=value`, {
      hint: 'Write key=value, key:=JSON or key@=FILE; quote words that hold spaces.',
    })
  }
  return { key, path: key.split('.'), kind, text: word.slice(at + 1) }
}

/** The schema at the assignment's path; a name that is not there is refused. */
function schemaAt({ key, path }: Assignment, root: Schema): Schema | undefined {
  return path.reduce<Schema | undefined>((schema, name, at) => {
    const field = fieldOf(root, schema, name)
    if (field || !schema) return field
    const known = knownFields(root, schema)
    if (known === undefined) return undefined
    const before = path
      .slice(0, at)
      .map((part) => `${part}.`)
      .join('')
    const hint = didYouMean(name, known)
    throw new FabricError('IF_ERR_INVALID_INPUT', `there is no field ${key}`, {
      hint:
        hint ??
        (known.length > 0 ? `Fields: ${known.map((field) => before + field).join(', ')}.` : 'It takes no fields.'),
      details: { field: key, known },
    })
  }, root)
}

async function valueFor(
  { key, kind, text }: Assignment,
  schema: Schema | undefined,
  root: Schema,
  literals: Record<string, string>,
): Promise<JsonValue> {
  if (kind === 'file') return coerce({ key, text: await fileText(key, text), schema, root, literals })
  if (kind === 'literal') return coerce({ key, text, schema, root, literals })
  try {
    return JSON.parse(text) as JsonValue
  } catch (cause) {
    throw new FabricError('IF_ERR_INVALID_INPUT', `${key}:= expects JSON, got ${JSON.stringify(text)}`, {
      hint: `For text write ${key}=…`,
      cause,
    })
  }
}

async function fileText(key: string, path: string): Promise<string> {
  return readFile(path, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    throw new FabricError('IF_ERR_INVALID_INPUT', `${key}@=${path}: the file cannot be read (${cause.code})`, { cause })
  })
}

function place(
  input: JsonObject,
  { key, path }: Assignment,
  value: JsonValue,
  { list, append }: { list: boolean; append: boolean },
): void {
  let holder: JsonValue = input
  for (const [at, name] of path.slice(0, -1).entries()) holder = descend(holder, name, path[at + 1] ?? '', key)
  const last = path.at(-1) ?? key
  const before = memberOf(holder, last)
  const stored = list ? [...(append && Array.isArray(before) ? before : []), value] : value
  setMember(holder, last, stored, key)
}

/** The list or object behind a name, made where there is none yet. */
function descend(holder: JsonValue, name: string, next: string, key: string): JsonValue {
  const known = memberOf(holder, name)
  if (known !== undefined && known !== null && typeof known === 'object') return known
  if (known !== undefined) throw twice(key)
  const made: JsonValue = /^\d+$/.test(next) ? [] : {}
  setMember(holder, name, made, key)
  return made
}

const memberOf = (holder: JsonValue, name: string): JsonValue | undefined =>
  Array.isArray(holder)
    ? holder[Number(name)]
    : holder !== null && typeof holder === 'object' && Object.hasOwn(holder, name)
      ? holder[name]
      : undefined

function setMember(holder: JsonValue, name: string, value: JsonValue, key: string): void {
  if (Array.isArray(holder)) {
    if (!/^\d{1,4}$/.test(name) || Number(name) > holder.length) {
      throw new FabricError(
        'IF_ERR_INVALID_INPUT',
        `${key}: lists are filled in order, the next index is ${holder.length}`,
      )
    }
    holder[Number(name)] = value
  } else if (holder !== null && typeof holder === 'object') {
    // `__proto__` as an own member, never as the prototype.
    Object.defineProperty(holder, name, { value, writable: true, enumerable: true, configurable: true })
  }
}

const twice = (key: string): FabricError =>
  new FabricError('IF_ERR_INVALID_INPUT', `${key} is given twice and is not a list`)
