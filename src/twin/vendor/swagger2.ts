// Reads a Swagger 2 document.
import type { JsonObject, JsonValue } from '../../foundation/index.ts'
import type { DescribedOperation, DescribedParameter } from './operation.ts'
import { isObject, resolvePointer } from './pointer.ts'
import { createValidators, type Validators } from './schemas.ts'

const METHODS = ['get', 'head', 'post', 'put', 'patch', 'delete']

export function readSwagger2(document: JsonObject): DescribedOperation[] {
  const validators = createValidators(document)
  const prefix = String(document.basePath ?? '').replace(/\/$/, '')
  const resolve = (value: JsonValue | undefined): JsonObject => {
    const found = isObject(value) && typeof value.$ref === 'string' ? resolvePointer(document, value.$ref) : value
    return isObject(found) ? found : {}
  }
  return Object.entries(resolve(document.paths)).flatMap(([path, item]) => {
    const operations = resolve(item)
    return METHODS.filter((method) => operations[method] !== undefined).map((method) => {
      const operation = resolve(operations[method])
      const parameters = [...list(operations.parameters), ...list(operation.parameters)].map(resolve)
      return {
        method: method.toUpperCase(),
        template: `${prefix}${path}`,
        parameters: parameters.flatMap((parameter) => readParameter(parameter, validators)),
        body: readBody(parameters, list(operation.consumes ?? document.consumes), validators),
        responses: Object.fromEntries(
          Object.entries(resolve(operation.responses)).map(([status, response]) => {
            const schema = resolve(response).schema
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
      validate: validators(withoutRequired(parameter)), // a parameter of Swagger 2 is its own schema
    },
  ]
}

function readBody(
  parameters: readonly JsonObject[],
  consumes: readonly JsonValue[],
  validators: Validators,
): DescribedOperation['body'] {
  const whole = parameters.find((parameter) => parameter.in === 'body')
  if (whole) {
    return { required: whole.required === true, encodings: { json: validators(whole.schema ?? true) } }
  }
  const fields = parameters.filter((parameter) => parameter.in === 'formData')
  if (fields.length === 0) return { required: false, encodings: {} }
  const required = fields.filter((field) => field.required === true).map((field) => String(field.name))
  const schema = validators({
    type: 'object',
    properties: Object.fromEntries(fields.map((field) => [String(field.name), withoutRequired(field)])),
    required,
    additionalProperties: false,
  })
  const takes = (type: string) => consumes.some((value) => String(value).startsWith(type))
  return {
    required: required.length > 0,
    encodings: {
      ...(takes('application/x-www-form-urlencoded') || consumes.length === 0 ? { form: schema } : {}),
      ...(takes('multipart/form-data') ? { multipart: schema } : {}),
      ...(takes('application/json') ? { json: schema } : {}),
    },
  }
}

const withoutRequired = ({ required: _, ...schema }: JsonObject): JsonObject => schema

const list = (value: JsonValue | undefined): readonly JsonValue[] => (Array.isArray(value) ? value : [])
