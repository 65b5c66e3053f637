// Facts of an OpenAPI 3 description: one operation for each method of each path, with fields and samples from its schemas.
import type { JsonObject, JsonValue } from '../../adapter/index.ts'
import {
  type Category,
  effectOf,
  type FieldKind,
  isObject,
  METHODS,
  type ScaffoldAuth,
  type ScaffoldFacts,
  type ScaffoldField,
  type ScaffoldOperation,
  secretName,
} from './facts.ts'

/** Operations beyond this are left out: a definition of hundreds is made of several files by hand. */
export const MOST_OPERATIONS = 40

export function factsOfOpenApi(
  document: JsonObject,
  { id, category }: { id: string; category: Category },
): ScaffoldFacts {
  const description = new Description(document)
  const info = description.object(document.info)
  const [server] = Array.isArray(document.servers) ? document.servers : []
  const baseUrl = String(isObject(server) ? server.url : '').replace(/\/$/, '')
  const auth = authOf(description, id)
  return {
    id,
    name: String(info.title ?? id),
    category,
    docs: String(description.object(document.externalDocs).url ?? baseUrl),
    sources: [`OpenAPI ${String(document.openapi)}, version ${String(info.version ?? 'unknown')}`],
    baseUrl: /^https?:\/\//.test(baseUrl) ? baseUrl : `https://api.${id}.example`,
    auth,
    secrets: secretsOf(auth),
    rps: 10,
    operations: operationsOf(description, document).slice(0, MOST_OPERATIONS),
  }
}

/** A document whose references are followed where they stand. */
class Description {
  readonly #document: JsonObject

  constructor(document: JsonObject) {
    this.#document = document
  }

  object(value: JsonValue | undefined, depth = 0): JsonObject {
    if (!isObject(value)) return {}
    if (typeof value.$ref !== 'string' || depth > 8) return value
    const steps = value.$ref.replace(/^#\//, '').split('/')
    const found = steps.reduce<JsonValue | undefined>(
      (inner, step) => (isObject(inner) ? inner[step.replaceAll('~1', '/').replaceAll('~0', '~')] : undefined),
      this.#document,
    )
    return this.object(found, depth + 1)
  }

  /** A value that the schema takes, its required members only. */
  sample(value: JsonValue | undefined, depth = 0): JsonValue {
    const schema = this.object(value)
    const given =
      schema.example ?? schema.default ?? schema.const ?? (Array.isArray(schema.enum) ? schema.enum[0] : undefined)
    if (given !== undefined && !isObject(given)) return given
    const parts = [schema.allOf, schema.anyOf, schema.oneOf].find(Array.isArray)
    if (parts && depth < 6) return this.#joined(schema, parts, depth)
    const type = Array.isArray(schema.type) ? schema.type[0] : schema.type
    if (type === 'array')
      return depth > 6 || schema.minItems === undefined ? [] : [this.sample(schema.items, depth + 1)]
    if (type === 'object' || isObject(schema.properties)) return this.#members(schema, depth)
    if (type === 'integer' || type === 'number') return Number(schema.minimum ?? 1)
    return type === 'boolean' ? true : textOf(schema)
  }

  #joined(schema: JsonObject, parts: readonly JsonValue[], depth: number): JsonValue {
    if (!schema.allOf) return this.sample(parts[0], depth + 1)
    const samples = [this.#members(schema, depth), ...parts.map((part) => this.sample(part, depth + 1))]
    return Object.assign({}, ...samples.filter(isObject)) as JsonObject // objects of JSON values, joined
  }

  #members(schema: JsonObject, depth: number): JsonObject {
    const required = Array.isArray(schema.required) ? schema.required.map(String) : []
    const properties = this.object(schema.properties)
    if (depth > 6) return {}
    return Object.fromEntries(required.map((name) => [name, this.sample(properties[name], depth + 1)]))
  }
}

function textOf({ format, pattern, minLength }: JsonObject): string {
  const known: Record<string, string> = {
    'date-time': '2026-11-25T10:00:00Z',
    date: '2026-11-25',
    uri: 'https://shop.example/there',
    email: 'ana@example.com',
    uuid: '4f1c2c0e-52a9-4a3f-9a3f-1f1f6b1b0c55',
  }
  const word = known[String(format)] ?? (pattern === undefined ? 'sample-1' : '1')
  return word.padEnd(Number(minLength ?? 0), '1')
}

function operationsOf(description: Description, document: JsonObject): ScaffoldOperation[] {
  const seen = new Set<string>()
  return Object.entries(description.object(document.paths)).flatMap(([path, item]) => {
    const operations = description.object(item)
    return METHODS.flatMap((method) => {
      const operation = operations[method.toLowerCase()]
      if (operation === undefined) return []
      const made = operationOf(description, {
        method,
        path,
        shared: operations,
        operation: description.object(operation),
      })
      if (seen.has(made.id)) return []
      seen.add(made.id)
      return [made]
    })
  })
}

function operationOf(
  description: Description,
  found: { method: ScaffoldOperation['method']; path: string; shared: JsonObject; operation: JsonObject },
): ScaffoldOperation {
  const { method, path, shared, operation } = found
  const parameters = [shared.parameters, operation.parameters].flatMap((list) => (Array.isArray(list) ? list : []))
  const content = description.object(description.object(operation.requestBody).content)
  const form = content['application/x-www-form-urlencoded']
  const body = description.object(description.object(content['application/json'] ?? form).schema)
  const summary = String(operation.summary ?? operation.description ?? `${method} ${path}`).split('\n')[0] ?? ''
  return {
    id: idOf(String(operation.operationId ?? `${method} ${path}`)),
    summary: /[.!?]$/.test(summary) ? summary : `${summary}.`,
    effect: effectOf(method),
    method,
    path,
    fields: [
      ...parameters.flatMap((parameter) => parameterField(description, description.object(parameter))),
      ...bodyFields(description, body),
    ],
    body: content['application/json'] === undefined && form !== undefined ? 'form' : 'json',
    ...answerOf(description, operation),
  }
}

const VERBS = /^(get|list|read|retrieve|search|create|make|add|send|post|put|patch|update|set|delete|remove|cancel)$/

/** `listPets` and `pets_list` both as `pets.list`, so that a thing's operations stand together. */
function idOf(operationId: string): string {
  const words = operationId
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => word !== '')
  const last = words.at(-1) ?? ''
  const isLast = words.length > 1 && VERBS.test(last) && !VERBS.test(words[0] ?? '')
  const [verb = 'do', ...things] = isLast ? [last, ...words.slice(0, -1)] : words
  return things.length === 0 ? `${verb}.all` : `${things.join('_')}.${verb}`
}

function parameterField(description: Description, parameter: JsonObject): ScaffoldField[] {
  const place = parameter.in
  if (place !== 'path' && place !== 'query') return []
  const kind = kindOf(description.object(parameter.schema))
  const sample = parameter.example ?? description.sample(parameter.schema)
  return [
    {
      name: String(parameter.name),
      in: place,
      kind,
      required: place === 'path' || parameter.required === true,
      sample,
    },
  ]
}

function bodyFields(description: Description, body: JsonObject): ScaffoldField[] {
  const schemas = [body, ...(Array.isArray(body.allOf) ? body.allOf.map((part) => description.object(part)) : [])]
  const required = schemas.flatMap((schema) => (Array.isArray(schema.required) ? schema.required : []))
  const properties = schemas.flatMap((schema) => Object.entries(description.object(schema.properties)))
  return [...new Map(properties)].map(([name, property]) => {
    const kind = kindOf(description.object(property))
    return { name, in: 'body', kind, required: required.includes(name), sample: description.sample(property) }
  })
}

function kindOf({ type, properties }: JsonObject): FieldKind {
  const kinds: Record<string, FieldKind> = {
    integer: 'integer',
    number: 'number',
    boolean: 'boolean',
    array: 'list',
    object: 'object',
  }
  const one = Array.isArray(type) ? type.find((each) => each !== 'null') : type
  return kinds[String(one)] ?? (isObject(properties) ? 'object' : 'text')
}

function answerOf(description: Description, operation: JsonObject): Pick<ScaffoldOperation, 'answer' | 'status'> {
  const responses = description.object(operation.responses)
  const [status = '200', success] = Object.entries(responses).find(([key]) => /^2/.test(key)) ?? []
  const schema = description.object(description.object(description.object(success).content)['application/json']).schema
  const answer = schema === undefined ? null : description.sample(schema)
  return { answer, status: Number(status.replace('XX', '00')) }
}

function authOf(description: Description, id: string): ScaffoldAuth {
  const schemes = Object.values(
    description.object(description.object(description.object({ $ref: '#/components' })).securitySchemes),
  )
  const scheme = description.object(schemes[0])
  if (schemes.length === 0) return { scheme: 'none' }
  if (scheme.type === 'http' && scheme.scheme === 'basic') {
    return { scheme: 'basic', user: secretName(id, 'USER'), password: secretName(id, 'PASSWORD') }
  }
  if (scheme.type === 'apiKey' && (scheme.in === 'header' || scheme.in === 'query')) {
    return { scheme: scheme.in, name: String(scheme.name), secret: secretName(id, 'API_KEY') }
  }
  return { scheme: 'bearer', secret: secretName(id, 'TOKEN') }
}

function secretsOf(auth: ScaffoldAuth): string[] {
  if (auth.scheme === 'none') return []
  return auth.scheme === 'basic' ? [auth.user, auth.password] : [auth.secret]
}
