// Reads an OpenAPI 3.0 document.
import type { JsonObject, JsonValue } from '../../foundation/index.ts'
import type { DescribedOperation, DescribedParameter } from './operation.ts'
import { isObject, resolvePointer } from './pointer.ts'
import { createValidators, type Validators } from './schemas.ts'

const METHODS = ['get', 'head', 'post', 'put', 'patch', 'delete']

export function readOpenApi3(document: JsonObject): DescribedOperation[] {
  const validators = createValidators(document)
  const resolve = (value: JsonValue | undefined): JsonObject => {
    const found = isObject(value) && typeof value.$ref === 'string' ? resolvePointer(document, value.$ref) : value
    return isObject(found) ? found : {}
  }
  const prefix = prefixOf(resolve(list(document.servers)[0]).url)
  return Object.entries(resolve(document.paths)).flatMap(([path, item]) => {
    const operations = resolve(item)
    return METHODS.filter((method) => operations[method] !== undefined).map((method) => {
      const operation = resolve(operations[method])
      const parameters = [...list(operations.parameters), ...list(operation.parameters)].map(resolve)
      return {
        method: method.toUpperCase(),
        template: `${prefix}${path}`,
        parameters: parameters.flatMap((parameter) => readParameter(parameter, validators)),
        body: readBody(resolve(operation.requestBody), validators),
        responses: Object.fromEntries(
          Object.entries(resolve(operation.responses)).map(([status, response]) => {
            const schema = schemaFor(resolve(response), 'application/json')
            return [status, schema === undefined ? undefined : validators(schema)]
          }),
        ),
      }
    })
  })
}

function readParameter(parameter: JsonObject, validators: Validators): DescribedParameter[] {
  const place = parameter.in
  if (place !== 'path' && place !== 'query' && place !== 'header') return []
  return [
    {
      name: String(parameter.name),
      in: place,
      required: parameter.required === true,
      validate: validators(parameter.schema ?? true),
    },
  ]
}

function readBody(body: JsonObject, validators: Validators): DescribedOperation['body'] {
  const encodings = {
    json: 'application/json',
    form: 'application/x-www-form-urlencoded',
    multipart: 'multipart/form-data',
  }
  return {
    required: body.required === true,
    encodings: Object.fromEntries(
      Object.entries(encodings).flatMap(([encoding, type]) => {
        const schema = schemaFor(body, type)
        return schema === undefined ? [] : [[encoding, validators(schema)]]
      }),
    ),
  }
}

function schemaFor(holder: JsonObject, type: string): JsonValue | undefined {
  const content = isObject(holder.content) ? holder.content : {}
  const media = Object.entries(content).find(([name]) => name.startsWith(type))?.[1]
  return isObject(media) ? (media.schema ?? true) : undefined
}

/** Path of the server's address; variables of the address stay as they are. */
const prefixOf = (url: JsonValue | undefined): string =>
  String(url ?? '')
    .replace(/^[a-z]+:\/\/[^/]*/, '')
    .replace(/\/$/, '')

const list = (value: JsonValue | undefined): readonly JsonValue[] => (Array.isArray(value) ? value : [])
