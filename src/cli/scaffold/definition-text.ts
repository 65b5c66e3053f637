// Facts as the text of a definition that compiles, has examples for its contract test, and a twin.
import type { JsonValue } from '../../adapter/index.ts'
import type { FieldKind, ScaffoldAuth, ScaffoldFacts, ScaffoldField, ScaffoldOperation } from './facts.ts'

/** The template's places by name. */
export function definitionPlaces(facts: ScaffoldFacts, today: string): Record<string, string> {
  const { auth, operations, rps } = facts
  const health = operations.find(({ effect }) => effect === 'read') ?? operations[0]
  return {
    name: facts.name.replaceAll(/\s+/g, ' '),
    imports: importsOf(facts)
      .map((name) => `  ${name},`)
      .join('\n'),
    operations: operations.map(operationText).join('\n'),
    id: text(facts.id),
    folder: `${facts.category}/${facts.id}`,
    nameText: text(facts.name),
    category: text(facts.category),
    docs: text(facts.docs),
    sources: text(facts.sources),
    today: text(today),
    baseUrl: text(facts.baseUrl),
    secrets: text(Object.fromEntries(facts.secrets.map((name) => [name, { label: name, get: facts.docs }]))),
    auth: authText(auth),
    rps: String(rps),
    burst: String(Math.max(1, Math.ceil(rps * 2))),
    health: text(`${facts.id}:${health?.id ?? ''}`),
    healthInput: text(health ? inputOf(health) : {}),
  }
}

const FUNCTIONS = { GET: 'get', POST: 'post', PUT: 'put', PATCH: 'patch', DELETE: 'del' } as const

function importsOf({ auth, operations }: ScaffoldFacts): string[] {
  const helpers = auth.scheme === 'none' ? ['noAuth'] : [auth.scheme, 'secret']
  const names = new Set([
    ...['defineProvider', 'faultOfStatus', 'native', 'type TwinFault', 'z'],
    ...helpers,
    ...operations.map(({ method }) => FUNCTIONS[method]),
  ])
  return [...names].sort((a, b) => bare(a).localeCompare(bare(b)))
}

const bare = (name: string): string => name.replace('type ', '')

function authText(auth: ScaffoldAuth): string {
  switch (auth.scheme) {
    case 'none':
      return 'noAuth()'
    case 'bearer':
      return `bearer(secret(${text(auth.secret)}))`
    case 'basic':
      return `basic(secret(${text(auth.user)}), secret(${text(auth.password)}))`
    case 'header':
    case 'query':
      return `${auth.scheme}(${text(auth.name)}, secret(${text(auth.secret)}))`
  }
}

const SCHEMAS: Record<FieldKind, string> = {
  text: 'z.string().min(1)',
  integer: 'z.int()',
  number: 'z.number()',
  boolean: 'z.boolean()',
  list: 'z.array(z.json())',
  object: 'z.record(z.string(), z.json())',
}

/** In a query, lists hold texts, and what is nested is its JSON. */
function schemaOf({ kind, in: place, required }: ScaffoldField): string {
  const inAddress: Partial<Record<FieldKind, string>> = { list: 'z.array(z.string())', object: SCHEMAS.text }
  return `${(place === 'body' ? undefined : inAddress[kind]) ?? SCHEMAS[kind]}${required ? '' : '.optional()'}`
}

function operationText(operation: ScaffoldOperation): string {
  const { id, summary, effect, method, path, fields } = operation
  const schema = fields.map((field) => `${key(field.name)}: ${schemaOf(field)}`)
  return `  ${text(id)}: native({
    summary: ${text(summary)},
    effect: ${text(effect)},
    input: z.strictObject({ ${schema.join(', ')} }),
    output: z.json(),
    request: (${fields.length === 0 ? '' : 'input'}) => ${FUNCTIONS[method]}(${text(path)}${partsText(operation)}),
    result: (body) => body,
    cost: ${effect === 'read' || effect === 'delete' ? "'free'" : "() => ({ kind: 'unknown', why: 'the price was not looked up' })"},${effect === 'read' ? '' : "\n    undo: { none: 'no operation is known that takes it back' },"}
    examples: [{ input: ${text(inputOf(operation))}, response: ${text(operation.answer)}${operation.status === 200 ? '' : `, status: ${operation.status}`} }],
  }),`
}

/** Where each field goes: `{ path: { id: input.id }, query: {…} }`. */
function partsText({ fields, body }: ScaffoldOperation): string {
  const part = (name: string, place: ScaffoldField['in']) => {
    const members = fields
      .filter((field) => field.in === place)
      .map((field) => `${key(field.name)}: input${member(field)}`)
    return members.length === 0 ? [] : [`${name}: { ${members.join(', ')} }`]
  }
  const parts = [...part('path', 'path'), ...part('query', 'query'), ...part(body, 'body')]
  return parts.length === 0 ? '' : `, { ${parts.join(', ')} }`
}

const member = ({ name }: ScaffoldField): string => (isWord(name) ? `.${name}` : `[${text(name)}]`)

const inputOf = ({ fields }: ScaffoldOperation): Record<string, JsonValue> =>
  Object.fromEntries(fields.filter(({ required }) => required).map(({ name, sample }) => [name, sample]))

const isWord = (name: string): boolean => /^[A-Za-z_$][\w$]*$/.test(name)

const key = (name: string): string => (isWord(name) ? name : text(name))

/** A value as TypeScript: JSON, with single quotes around texts as the house writes them. */
function text(value: unknown): string {
  if (typeof value === 'string')
    return `'${JSON.stringify(value).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'")}'`
  if (Array.isArray(value)) return `[${value.map(text).join(', ')}]`
  if (value === null || typeof value !== 'object') return JSON.stringify(value)
  const members = Object.entries(value).map(([name, inner]) => `${key(name)}: ${text(inner)}`)
  return members.length === 0 ? '{}' : `{ ${members.join(', ')} }`
}
