// Shapes of an AWS service model as schemas of what travels: members under the names that the protocol gives them.
import type { JsonObject, JsonValue } from '../../foundation/index.ts'
import type { Direction } from './json-schema.ts'
import { isObject, list } from './pointer.ts'

export type AwsProtocol = 'rest-xml' | 'rest-json' | 'ec2' | 'query'

/** Every shape by its name. */
export function awsSchemas(shapes: JsonObject, protocol: AwsProtocol, direction: Direction): JsonObject {
  const xml = protocol !== 'rest-json' && direction === 'response'
  const context = { protocol, xml: xml || protocol === 'rest-xml', form: !xml && isForm(protocol) }
  return Object.fromEntries(
    Object.entries(shapes).map(([name, shape]) => [name, schemaOf(isObject(shape) ? shape : {}, context)]),
  )
}

const isForm = (protocol: AwsProtocol): boolean => protocol === 'ec2' || protocol === 'query'

interface Context {
  protocol: AwsProtocol
  /** Texts by element, where one item and a list of them look alike. */
  xml: boolean
  form: boolean
}

function schemaOf(shape: JsonObject, context: Context): JsonObject {
  switch (shape.type) {
    case 'structure':
      return structure(shape, context)
    case 'list':
      return listSchema(shape, context)
    case 'map':
      return context.xml || context.form ? {} : { type: 'object', additionalProperties: reference(shape.value) }
    case 'integer':
    case 'long':
      return { type: 'integer', ...limits(shape, 'minimum', 'maximum') }
    case 'float':
    case 'double':
      return { type: 'number' }
    case 'boolean':
      return { type: 'boolean' }
    case 'timestamp':
      return context.xml || context.form ? { type: 'string' } : { type: ['number', 'string'] }
    default:
      return {
        type: 'string',
        ...limits(shape, 'minLength', 'maxLength'),
        ...(Array.isArray(shape.enum) ? { enum: shape.enum } : {}),
        ...(typeof shape.pattern === 'string' ? { pattern: `^(?:${shape.pattern})$` } : {}),
      }
  }
}

const limits = ({ min, max }: JsonObject, least: string, most: string): JsonObject => ({
  ...(min === undefined ? {} : { [least]: min }),
  ...(max === undefined ? {} : { [most]: max }),
})

/** Members that travel in the body; the others have a place of their own. */
function structure(shape: JsonObject, context: Context): JsonObject {
  const members = Object.entries(isObject(shape.members) ? shape.members : {}).flatMap(([name, member]) =>
    isObject(member) && member.location === undefined ? [{ name, member, sent: sentName(name, member, context) }] : [],
  )
  const required = list(shape.required)
  const schema = {
    type: 'object',
    properties: Object.fromEntries(members.map(({ sent, member }) => [sent, reference(member)])),
    required: members.filter(({ name }) => required.includes(name)).map(({ sent }) => sent),
    ...(context.form ? { additionalProperties: false } : {}),
  }
  return context.xml ? { anyOf: [{ const: '' }, schema] } : schema
}

function sentName(name: string, member: JsonObject, { protocol, form }: Context): string {
  return form && protocol === 'ec2' ? formName(name, member) : String(member.locationName ?? name)
}

/** The name of a member in EC2's form: its own for queries, else the element's with a capital. */
function formName(name: string, member: JsonObject): string {
  if (member.queryName !== undefined) return String(member.queryName)
  const element = member.locationName
  return typeof element === 'string' ? element.charAt(0).toUpperCase() + element.slice(1) : name
}

function listSchema(shape: JsonObject, { xml }: Context): JsonObject {
  const items = reference(shape.member)
  if (!xml) return { type: 'array', items }
  const oneOrMany: JsonObject = { anyOf: [{ type: 'array', items }, items] }
  if (shape.flattened === true) return oneOrMany
  const element = isObject(shape.member) ? String(shape.member.locationName ?? 'member') : 'member'
  return { anyOf: [{ const: '' }, { type: 'object', properties: { [element]: oneOrMany } }] }
}

const reference = (member: JsonValue | undefined): JsonObject => ({
  $ref: `#/schemas/${isObject(member) ? String(member.shape) : ''}`,
})
