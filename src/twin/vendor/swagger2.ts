// Reads a Swagger 2 document.
import type { JsonObject, JsonValue } from '../../foundation/index.ts'
import { encodingOf } from './media.ts'
import type { DescribedOperation, DescribedParameter } from './operation.ts'
import { list, resolver } from './pointer.ts'
import { createValidators, type Validators } from './schemas.ts'
import { pathTemplate } from './template.ts'

const METHODS = ['get', 'head', 'post', 'put', 'patch', 'delete']

export function readSwagger2(document: JsonObject): DescribedOperation[] {
  const validators = createValidators(document)
  const prefix = String(document.basePath ?? '').replace(/\/$/, '')
  const resolve = resolver(document)
  const paths = { ...resolve(document.paths), ...resolve(document['x-ms-paths']) }
  return Object.entries(paths).flatMap(([path, item]) => {
    const operations = resolve(item)
    return METHODS.filter((method) => operations[method] !== undefined).map((method) => {
      const operation = resolve(operations[method])
      const parameters = [...list(operations.parameters), ...list(operation.parameters)].map(resolve)
      const [plain = '', query] = path.split('?')
      return {
        method: method.toUpperCase(),
        template: pathTemplate(`${prefix}${plain}`),
        // Azure tells operations of one path apart by query parameters, in paths of its own.
        ...(query === undefined ? {} : { marks: { query: marksOf(query) } }),
        parameters: parameters.flatMap((parameter) => readParameter(parameter, validators.request)),
        body: readBody(parameters, list(operation.consumes ?? document.consumes), validators.request),
        responses: Object.fromEntries(
          Object.entries(resolve(operation.responses)).map(([status, response]) => {
            const schema = resolve(response).schema
            const validate = schema === undefined ? undefined : validators.response(schema)
            return [status, validate ? { json: validate } : {}]
          }),
        ),
      }
    })
  })
}

const marksOf = (query: string): Record<string, string | null> =>
  Object.fromEntries(
    query.split('&').map((pair) => {
      const [name = '', value] = pair.split('=')
      return [name, value === undefined || value.startsWith('{') ? null : value]
    }),
  )

const SEPARATORS = { csv: ',', ssv: ' ', pipes: '|' } as const

function readParameter(parameter: JsonObject, validators: Validators): DescribedParameter[] {
  const place = parameter.in
  if (place !== 'path' && place !== 'query' && place !== 'header') return []
  const format = String(parameter.collectionFormat ?? 'csv')
  const separator = Object.entries(SEPARATORS).find(([name]) => name === format)?.[1]
  return [
    {
      name: String(parameter.name),
      in: place,
      required: parameter.required === true,
      validate: validators(withoutRequired(parameter)), // a parameter of Swagger 2 is its own schema
      ...(parameter.type === 'array' && separator !== undefined ? { separator } : {}),
    },
  ]
}

function readBody(
  parameters: readonly JsonObject[],
  consumes: readonly JsonValue[],
  validators: Validators,
): DescribedOperation['body'] {
  const encodings = new Set(consumes.map((type) => encodingOf(String(type))))
  const whole = parameters.find((parameter) => parameter.in === 'body')
  if (whole) {
    const schema = validators(whole.schema ?? true)
    const taken = encodings.size === 0 ? (['json'] as const) : encodings
    return {
      required: whole.required === true,
      encodings: Object.fromEntries([...taken].map((encoding) => [encoding, encoding === 'raw' ? () => [] : schema])),
    }
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
  const taken = encodings.size === 0 ? (['form'] as const) : encodings
  return {
    required: required.length > 0,
    encodings: Object.fromEntries([...taken].map((encoding) => [encoding, schema])),
  }
}

const withoutRequired = ({ required: _, ...schema }: JsonObject): JsonObject => schema
