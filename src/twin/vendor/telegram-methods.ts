// Reads the list of the Telegram Bot API's methods and types. A method takes its parameters in the query, as a form, as
// multipart or as JSON; outside of JSON a parameter that is no scalar is its JSON text.
import type { JsonObject, JsonValue } from '../../foundation/index.ts'
import type { DescribedOperation } from './operation.ts'
import { isObject, list } from './pointer.ts'
import { createValidators } from './schemas.ts'
import { pathTemplate } from './template.ts'

const SCALARS: Readonly<Record<string, JsonObject>> = {
  Integer: { type: 'integer' },
  Float: { type: 'number' },
  String: { type: 'string' },
  Boolean: { type: 'boolean' },
  True: { const: true },
  InputFile: { type: 'string' },
}

export function readTelegramMethods(document: JsonObject): DescribedOperation[] {
  const types = isObject(document.types) ? document.types : {}
  const methods = isObject(document.methods) ? document.methods : {}
  const schemas = Object.fromEntries(Object.entries(types).map(([name, type]) => [name, schemaOfType(type)]))
  const validators = createValidators({ schemas })
  const failure = validators.response({
    type: 'object',
    required: ['ok', 'error_code', 'description'],
    properties: { ok: { const: false }, error_code: { type: 'integer' }, description: { type: 'string' } },
  })
  return Object.entries(methods).flatMap(([name, method]) => {
    const fields = isObject(method) ? list(method.fields).filter(isObject) : []
    const json = validators.request(schemaOfFields(fields, schemaOf))
    const form = validators.request(schemaOfFields(fields, textOf))
    const answer = validators.response({
      type: 'object',
      required: ['ok', 'result'],
      properties: { ok: { const: true }, result: anyOf(isObject(method) ? list(method.returns) : [], schemaOf) },
    })
    const template = pathTemplate(`/bot{token}/${name}`)
    const responses = { 200: { json: answer }, default: { json: failure } }
    return [
      {
        method: 'POST',
        template,
        parameters: [],
        body: { required: true, encodings: { json, form, multipart: form } },
        responses,
      },
      {
        method: 'GET',
        template,
        parameters: fields.map((field) => ({
          name: String(field.name),
          in: 'query' as const,
          required: field.required === true,
          validate: validators.request(anyOf(list(field.types), textOf)),
        })),
        body: { required: false, encodings: {} },
        responses,
      },
    ]
  })
}

function schemaOfType(type: JsonValue): JsonObject {
  if (!isObject(type)) return {}
  const kinds = list(type.subtypes)
  if (kinds.length > 0) return anyOf(kinds, schemaOf)
  return { ...schemaOfFields(list(type.fields).filter(isObject), schemaOf), additionalProperties: true }
}

const schemaOfFields = (fields: readonly JsonObject[], read: (type: string) => JsonObject): JsonObject => ({
  type: 'object',
  required: fields.filter((field) => field.required === true).map((field) => field.name ?? ''),
  properties: Object.fromEntries(fields.map((field) => [String(field.name), anyOf(list(field.types), read)])),
  additionalProperties: false,
})

const anyOf = (types: readonly JsonValue[], read: (type: string) => JsonObject): JsonObject => ({
  anyOf: types.map((type) => read(String(type))),
})

function schemaOf(type: string): JsonObject {
  const item = /^Array of (.+)$/.exec(type)?.[1]
  if (item !== undefined) return { type: 'array', items: schemaOf(item) }
  return SCALARS[type] ?? { $ref: `#/schemas/${type}` }
}

const textOf = (type: string): JsonObject => SCALARS[type] ?? { type: 'string' }
