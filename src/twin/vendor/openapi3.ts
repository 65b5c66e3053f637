// Reads an OpenAPI 3.0 or 3.1 document.
import type { JsonObject, JsonValue } from '../../foundation/index.ts'
import { answerOf, bodyEncodings } from './media.ts'
import type { DescribedOperation, DescribedParameter } from './operation.ts'
import { isObject, list, resolver } from './pointer.ts'
import { createValidators, type Validators } from './schemas.ts'
import { pathTemplate } from './template.ts'

const METHODS = ['get', 'head', 'post', 'put', 'patch', 'delete']

export function readOpenApi3(document: JsonObject): DescribedOperation[] {
  const validators = createValidators(document)
  const resolve = resolver(document)
  return Object.entries(resolve(document.paths)).flatMap(([path, item]) => {
    const operations = resolve(item)
    return METHODS.filter((method) => operations[method] !== undefined).flatMap((method) => {
      const operation = resolve(operations[method])
      const parameters = ownParameters(operations, operation, resolve)
      const shared = {
        method: method.toUpperCase(),
        parameters: parameters.flatMap((parameter) => readParameter(parameter, resolve, validators.request)),
        body: readBody(resolve(operation.requestBody), validators.request),
        responses: Object.fromEntries(
          Object.entries(resolve(operation.responses)).map(([status, response]) => [
            status,
            answerOf(contentOf(resolve(response)), validators.response),
          ]),
        ),
      }
      const servers = [operation.servers, operations.servers, document.servers]
        .map(list)
        .find(({ length }) => length > 0)
      return templatesOf(path, servers ?? []).map((template) => ({ ...shared, template: pathTemplate(template) }))
    })
  })
}

/** Of a path and an operation: the operation's own come in place of the path's. */
function ownParameters(
  item: JsonObject,
  operation: JsonObject,
  resolve: (value: JsonValue) => JsonObject,
): JsonObject[] {
  const all = [...list(item.parameters), ...list(operation.parameters)].map(resolve)
  return [...new Map(all.map((parameter) => [`${parameter.in} ${parameter.name}`, parameter])).values()]
}

/** The path below each server. Some descriptions have the server's prefix in their paths already. */
function templatesOf(path: string, servers: readonly JsonValue[]): string[] {
  const prefixes = servers.length === 0 ? [''] : servers.map(prefixOf)
  const templates = prefixes.flatMap((prefix) =>
    prefix !== '' && path.startsWith(`${prefix}/`) ? [prefix + path, path] : [prefix + path],
  )
  return [...new Set(templates)]
}

/** Path of a server's address, with its variables at their defaults. */
function prefixOf(server: JsonValue): string {
  const { url, variables } = isObject(server) ? server : {}
  const filled = String(url ?? '').replace(/\{([^}]+)\}/g, (hole, name: string) => {
    const variable = isObject(variables) ? variables[name] : undefined
    return isObject(variable) && variable.default !== undefined ? String(variable.default) : hole
  })
  return filled.replace(/^(?:[a-z]+:)?\/\/[^/]*/, '').replace(/\/$/, '')
}

const SEPARATORS = { form: ',', spaceDelimited: ' ', pipeDelimited: '|', simple: ',' } as const

function readParameter(
  parameter: JsonObject,
  resolve: (value: JsonValue | undefined) => JsonObject,
  validators: Validators,
): DescribedParameter[] {
  const place = parameter.in
  if (place !== 'path' && place !== 'query' && place !== 'header') return []
  const schema = parameter.schema ?? true
  const { type, properties } = resolve(schema)
  const style = String(parameter.style ?? (place === 'query' ? 'form' : 'simple'))
  const explode = typeof parameter.explode === 'boolean' ? parameter.explode : style === 'form'
  const separator = Object.entries(SEPARATORS).find(([name]) => name === style)?.[1]
  return [
    {
      name: String(parameter.name),
      in: place,
      required: parameter.required === true,
      validate: validators(schema),
      ...(type === 'array' && !explode && separator !== undefined ? { separator } : {}),
      ...(type === 'object' && style === 'form' && explode && isObject(properties)
        ? { members: Object.keys(properties) }
        : {}),
    },
  ]
}

const readBody = (body: JsonObject, validators: Validators): DescribedOperation['body'] => ({
  required: body.required === true,
  encodings: bodyEncodings(contentOf(body), validators),
})

const contentOf = ({ content }: JsonObject): JsonObject => (isObject(content) ? content : {})
