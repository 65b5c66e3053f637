// A request against its described operation.
import type { JsonObject, JsonValue } from '../../foundation/index.ts'
import { type Disagreement, isExcused } from './disagreements.ts'
import type { DescribedRequest, Problem } from './exchange.ts'
import type { FoundOperation } from './operation.ts'
import { isObject } from './pointer.ts'

export function checkRequest(
  request: DescribedRequest,
  { operation, path }: FoundOperation,
  disagreements: readonly Disagreement[],
): Problem[] {
  const given = {
    path,
    query: nestBrackets(request.query),
    header: Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name.toLowerCase(), value])),
  }
  const parameters = operation.parameters.flatMap((parameter): Problem[] => {
    const value = given[parameter.in][parameter.in === 'header' ? parameter.name.toLowerCase() : parameter.name]
    if (value !== undefined) {
      return parameter.validate(value, 'text').map(({ where, message }) => ({
        kind: parameter.in,
        where: `${parameter.name}${where === '/' ? '' : where}`,
        message,
      }))
    }
    return parameter.required ? [{ kind: parameter.in, where: parameter.name, message: 'is required' }] : []
  })
  const described = operation.parameters.filter((parameter) => parameter.in === 'query').map(({ name }) => name)
  const strangers = Object.keys(given.query)
    .filter((name) => !described.includes(name))
    .map((name): Problem => ({ kind: 'query', where: name, message: 'is not a described parameter' }))
  return [...parameters, ...strangers, ...checkBody(request, { operation, path })].filter(
    (problem) => !isExcused(disagreements, operation, problem),
  )
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
  if (request.bodyEncoding === 'json') return toProblems(validate(request.body, 'typed'))
  const texts = toTexts(request.body)
  const problems = toProblems(validate(texts, 'text'))
  // `items[0][price]` may have been decoded as an object with the member `0`; which one is right, only the schema knows.
  return problems.length > 0 && toProblems(validate(withArrays(texts), 'text')).length === 0 ? [] : problems
}

const toProblems = (found: readonly { where: string; message: string }[]): Problem[] =>
  found.map((problem) => ({ kind: 'body', ...problem }))

const isEmpty = (value: JsonValue): boolean => isObject(value) && Object.keys(value).length === 0

/** A form carries texts only, whatever it was built from. */
function toTexts(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return value.map(toTexts)
  if (isObject(value)) return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, toTexts(member)]))
  return String(value)
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
