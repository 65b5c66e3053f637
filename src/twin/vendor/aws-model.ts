// Reads a service model of AWS (the botocore form): where each member of an input goes (path, query, header, body), the
// marks by which operations of one path differ, and bodies as JSON, XML or the flattened form of EC2 and the query protocol.
import type { JsonObject, JsonValue } from '../../foundation/index.ts'
import { type AwsProtocol, awsSchemas } from './aws-shapes.ts'
import type { DescribedAnswer, DescribedOperation, DescribedParameter } from './operation.ts'
import { isObject, list } from './pointer.ts'
import { createValidators, type Validators } from './schemas.ts'
import { pathTemplate } from './template.ts'

interface Model {
  protocol: AwsProtocol
  version: string
  shapes: JsonObject
  request: Validators
  response: Validators
}

export function readAwsModel(document: JsonObject): DescribedOperation[] {
  const metadata = object(document.metadata)
  const protocol = String(metadata.protocol) as AwsProtocol // other protocols have no reader and no operations below
  const shapes = object(document.shapes)
  const { request } = createValidators({ schemas: awsSchemas(shapes, protocol, 'request') })
  const { response } = createValidators({ schemas: awsSchemas(shapes, protocol, 'response') })
  const model: Model = { protocol, version: String(metadata.apiVersion), shapes, request, response }
  if (!['rest-xml', 'rest-json', 'ec2', 'query'].includes(protocol)) return []
  return Object.entries(object(document.operations)).map(([name, operation]) =>
    readOperation(name, object(operation), model),
  )
}

function readOperation(name: string, operation: JsonObject, model: Model): DescribedOperation {
  const http = object(operation.http)
  const [path = '/', query] = String(http.requestUri).split('?')
  const input = shapeOf(operation.input, model)
  const byForm = model.protocol === 'ec2' || model.protocol === 'query'
  const answer = answerOf(operation, model)
  return {
    method: String(http.method),
    template: pathTemplate(path),
    ...(byForm
      ? { marks: { form: { Action: name } } }
      : query === undefined
        ? {}
        : { marks: { query: marksOf(query) } }),
    parameters: byForm ? [] : parametersOf(input, model),
    body: byForm ? formBody(name, operation, model) : plainBody(operation, input, model),
    responses: { '2XX': answer, default: {} },
  }
}

const marksOf = (query: string): Record<string, string | null> =>
  Object.fromEntries(
    query.split('&').map((pair) => {
      const [name = '', value] = pair.split('=')
      return [name, value ?? null]
    }),
  )

const PLACES: Readonly<Record<string, DescribedParameter['in']>> = {
  uri: 'path',
  querystring: 'query',
  header: 'header',
}

function parametersOf(input: JsonObject, model: Model): DescribedParameter[] {
  const required = list(input.required)
  return Object.entries(object(input.members)).flatMap(([name, value]) => {
    const member = object(value)
    const place = PLACES[String(member.location)]
    if (place === undefined) return []
    const validate = model.request({ $ref: `#/schemas/${member.shape}` })
    return [{ name: String(member.locationName ?? name), in: place, required: required.includes(name), validate }]
  })
}

function plainBody(
  operation: JsonObject,
  input: JsonObject,
  { protocol, shapes, request }: Model,
): DescribedOperation['body'] {
  const payload = input.payload === undefined ? undefined : object(object(input.members)[String(input.payload)])
  const required = payload !== undefined && list(input.required).includes(String(input.payload))
  if (payload) {
    const name = String(payload.shape)
    if (object(shapes[name]).type !== 'structure') return { required, encodings: { raw: () => [] } }
    const schema: JsonObject = { $ref: `#/schemas/${name}` }
    if (protocol === 'rest-json') return { required, encodings: { json: request(schema) } }
    const root = String(payload.locationName ?? object(shapes[name]).locationName ?? name)
    return { required, encodings: { xml: request(inRoot(root, schema)) } }
  }
  const shape = object(operation.input).shape
  const own = Object.values(object(input.members)).some((member) => object(member).location === undefined)
  if (!own || protocol !== 'rest-json') return { required: false, encodings: {} }
  return { required: true, encodings: { json: request({ $ref: `#/schemas/${shape}` }) } }
}

const inRoot = (root: string, schema: JsonObject): JsonObject => ({
  type: 'object',
  required: [root],
  properties: { [root]: schema },
  additionalProperties: false,
})

/** `Action`, `Version` and the members, flattened: `InstanceId.1`, `Filter.1.Value.2`. */
function formBody(
  name: string,
  operation: JsonObject,
  { version, protocol, request }: Model,
): DescribedOperation['body'] {
  const shape = object(operation.input).shape
  const members = request(
    shape === undefined ? { type: 'object', additionalProperties: false } : { $ref: `#/schemas/${shape}` },
  )
  return {
    required: true,
    encodings: {
      form: (value, leaves) => {
        const { Action: action, Version: sent, ...rest } = object(value)
        const wrong = sent === version ? [] : [{ where: '/Version', message: `must be ${version}` }]
        const other = action === name ? [] : [{ where: '/Action', message: `must be ${name}` }]
        return [...wrong, ...other, ...members(nested(rest, protocol), leaves)]
      },
    },
  }
}

/** Dotted names as objects, counted ones as lists. */
function nested(flat: JsonObject, protocol: AwsProtocol): JsonObject {
  const root: JsonObject = {}
  for (const [key, value] of Object.entries(flat)) {
    const steps = key.split('.').filter((step) => !(protocol === 'query' && step === 'member'))
    let at = root
    for (const step of steps.slice(0, -1)) {
      const next = at[step]
      const inner = isObject(next) ? next : {}
      at[step] = inner
      at = inner
    }
    at[steps.at(-1) ?? key] = value
  }
  return object(withLists(root))
}

function withLists(value: JsonValue): JsonValue {
  if (!isObject(value)) return value
  const entries = Object.entries(value).map(([name, member]): [string, JsonValue] => [name, withLists(member)])
  const counted = entries.length > 0 && entries.every(([name], at) => name === String(at + 1))
  return counted ? entries.map(([, member]) => member) : Object.fromEntries(entries)
}

function answerOf(operation: JsonObject, { protocol, shapes, response }: Model): DescribedAnswer {
  const name = object(operation.output).shape
  if (name === undefined) return {}
  const output = object(shapes[String(name)])
  const payload = output.payload === undefined ? undefined : object(object(output.members)[String(output.payload)])
  const shape = payload === undefined ? String(name) : String(payload.shape)
  if (object(shapes[shape]).type !== 'structure') return {}
  const validate = response({ $ref: `#/schemas/${shape}` })
  if (protocol === 'rest-json') return { json: validate }
  const wrapper = object(operation.output).resultWrapper
  return {
    xml: (value, leaves) => {
      // The root element's name is nowhere in the model; what is in it is.
      const inner = Object.values(object(value))[0] ?? ''
      return validate(wrapper === undefined ? inner : (object(inner)[String(wrapper)] ?? ''), leaves)
    },
  }
}

const shapeOf = (reference: JsonValue | undefined, { shapes }: Model): JsonObject =>
  object(shapes[String(object(reference).shape)])

const object = (value: JsonValue | undefined): JsonObject => (isObject(value) ? value : {})
