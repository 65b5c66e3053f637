// A request against its described operation.
import type { JsonObject, JsonValue } from '../../foundation/index.ts'
import type { DescribedRequest, Problem } from './exchange.ts'
import type { DescribedParameter, FoundOperation } from './operation.ts'
import { isObject } from './pointer.ts'

// OpenAPI has these elsewhere, and says that parameters of these names are to be ignored.
const NOT_PARAMETERS = ['accept', 'content-type', 'authorization']

export function checkRequest(request: DescribedRequest, { operation, path }: FoundOperation): Problem[] {
  const given = {
    path,
    query: nestBrackets(request.query),
    header: Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name.toLowerCase(), value])),
  }
  const parameters = operation.parameters.flatMap((parameter): Problem[] => {
    if (parameter.in === 'header' && NOT_PARAMETERS.includes(parameter.name.toLowerCase())) return []
    const value = givenValue(parameter, given)
    if (value === undefined) {
      return parameter.required ? [{ kind: parameter.in, where: parameter.name, message: 'is required' }] : []
    }
    return parameter.validate(value, 'text').map(({ where, message }) => ({
      kind: parameter.in,
      where: `${parameter.name}${where === '/' ? '' : where}`,
      message,
    }))
  })
  const described = operation.parameters
    .filter((parameter) => parameter.in === 'query')
    .flatMap(({ name, members = [] }) => [bare(name), ...members])
  const marks = Object.keys(operation.marks?.query ?? {})
  const strangers = Object.keys(given.query)
    .filter((name) => !described.includes(name) && !marks.includes(name))
    .map((name): Problem => ({ kind: 'query', where: name, message: 'is not a described parameter' }))
  return [...parameters, ...strangers, ...checkBody(request, { operation, path })]
}

type Given = { path: Record<string, string>; query: JsonObject; header: Record<string, string> }

/** `expand[]` names the parameter `expand`. */
const bare = (name: string): string => name.replace(/\[\]$/, '')

function givenValue(parameter: DescribedParameter, given: Given): JsonValue | undefined {
  const name = parameter.in === 'header' ? parameter.name.toLowerCase() : bare(parameter.name)
  const value: JsonValue | undefined = given[parameter.in][name]
  if (parameter.members) {
    const found = parameter.members.flatMap((member) => {
      const inner = given.query[member]
      return inner === undefined ? [] : [[member, inner] as const]
    })
    return found.length > 0 ? Object.fromEntries(found) : value
  }
  return parameter.separator !== undefined && typeof value === 'string' ? value.split(parameter.separator) : value
}

function checkBody(request: DescribedRequest, { operation }: FoundOperation): Problem[] {
  const { required, encodings } = operation.body
  if (request.bodyEncoding === undefined || request.body === undefined) {
    const form = encodings.form ?? encodings.json ?? encodings.multipart
    // Without a body, what it must have held is what is missing.
    return required && form ? toProblems(form({}, 'text')) : []
  }
  const validate = encodings[request.bodyEncoding]
  if (!validate) {
    return isEmpty(request.body)
      ? []
      : [{ kind: 'body', where: '/', message: `a ${request.bodyEncoding} body is not taken here` }]
  }
  if (request.bodyEncoding === 'json' || request.bodyEncoding === 'ndjson') {
    return toProblems(validate(request.body, 'typed'))
  }
  const texts = toTexts(request.body)
  const problems = toProblems(validate(texts, 'text'))
  if (problems.length === 0) return problems
  // `items[0][price]` may have been decoded as an object with the member `0`; which one is right, only the schema knows.
  const withLists = toProblems(validate(withArrays(texts), 'text'))
  return withLists.length < problems.length ? withLists : problems
}

const toProblems = (found: readonly { where: string; message: string }[]): Problem[] =>
  found.map((problem) => ({ kind: 'body', ...problem }))

const isEmpty = (value: JsonValue): boolean => isObject(value) && Object.keys(value).length === 0

/** A form carries texts only, whatever it was built from; a file in it is bytes, which schemas call text. */
function toTexts(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return value.map(toTexts)
  if (!isObject(value)) return String(value)
  if ('filename' in value && 'base64' in value) return String(value.filename)
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, toTexts(member)]))
}

function withArrays(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return value.map(withArrays)
  if (!isObject(value)) return value
  const entries = Object.entries(value).map(([name, member]): [string, JsonValue] => [name, withArrays(member)])
  const counted = entries.length > 0 && entries.every(([name], at) => name === String(at))
  return counted ? entries.map(([, member]) => member) : Object.fromEntries(entries)
}

/** `created[gte]=1` as `{created: {gte: '1'}}`, `expand[]=a` as `{expand: ['a']}`. */
function nestBrackets(query: DescribedRequest['query']): JsonObject {
  const nested: JsonObject = {}
  for (const [key, value] of Object.entries(query)) {
    const [, name = key, rest] = /^([^[]+)\[([^\]]*)\]$/.exec(key) ?? []
    const plain: JsonValue = typeof value === 'string' ? value : [...value]
    if (rest === undefined) nested[name] = plain
    else if (rest === '' || /^\d+$/.test(rest)) nested[name] = [...asList(nested[name]), ...asList(plain)]
    else nested[name] = { ...(isObject(nested[name]) ? nested[name] : {}), [rest]: plain }
  }
  return nested
}

const asList = (value: JsonValue | undefined): JsonValue[] =>
  value === undefined ? [] : Array.isArray(value) ? value : [value]
