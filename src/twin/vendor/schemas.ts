// Validators of a description's schemas. Swagger 2 and OpenAPI 3.0 schemas are JSON Schema of draft 4 and 5 with
// changes of their own; they are turned into draft 7 one schema at a time, and a `$ref` is followed when data reaches it,
// so that one answer does not cost the compilation of the whole description.
import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv'
import ajvFormats from 'ajv-formats'
import type { JsonObject, JsonValue } from '../../foundation/index.ts'
import { isObject, resolvePointer } from './pointer.ts'

export interface SchemaProblem {
  /** JSON pointer into the data. */
  where: string
  message: string
}

/** `text`: the leaves are texts of a form or query, read as the types that the schema names. */
export type Validator = (data: JsonValue, leaves: 'typed' | 'text') => SchemaProblem[]

export type Validators = (schema: JsonValue) => Validator

// Formats that say something about the text; `unix-time`, `decimal`, `int64` and the like only name a use.
const FORMATS = ['date-time', 'date', 'email', 'uri', 'uuid', 'ipv4', 'ipv6'] as const

const REFERENCE = 'x-reference'

/** Validators of one document. */
export function createValidators(document: JsonObject): Validators {
  const typed = createAjv(document, false)
  const text = createAjv(document, true)
  return (schema) => {
    const compiled: Partial<Record<'typed' | 'text', ValidateFunction>> = {}
    return (data, leaves) => {
      compiled[leaves] ??= (leaves === 'typed' ? typed : text).compile(toDraft7(schema))
      const validate = compiled[leaves]
      // Reading texts as numbers changes the data, and it belongs to the caller.
      return validate(leaves === 'text' ? structuredClone(data) : data) ? [] : tell(validate.errors ?? [])
    }
  }
}

function createAjv(document: JsonObject, coerceTypes: boolean): Ajv {
  const ajv = new Ajv({ strict: false, allErrors: true, coerceTypes, unicodeRegExp: false, logger: false })
  ajvFormats.default(ajv, [...FORMATS])
  const referenced = new Map<string, ValidateFunction>()
  const follow = (pointer: string): ValidateFunction => {
    const known = referenced.get(pointer)
    if (known) return known
    const validate = ajv.compile(toDraft7(resolvePointer(document, pointer) ?? false))
    referenced.set(pointer, validate)
    return validate
  }
  ajv.addKeyword({
    keyword: REFERENCE,
    errors: 'full',
    compile: (pointer: string) => {
      const check: { (data: unknown, context?: { instancePath: string }): boolean; errors?: Partial<ErrorObject>[] } = (
        data,
        context,
      ) => {
        const validate = follow(pointer)
        const valid = validate(data) as boolean // compiled synchronously: never a promise
        check.errors = (validate.errors ?? []).map((error) => ({
          ...error,
          instancePath: `${context?.instancePath ?? ''}${error.instancePath}`,
        }))
        return valid
      }
      return check
    },
  })
  return ajv
}

const tell = (errors: readonly ErrorObject[]): SchemaProblem[] =>
  errors.map((error) => ({
    where: error.instancePath || '/',
    message: `${error.message ?? 'does not fit'}${detail(error)}`,
  }))

function detail({ keyword, params }: ErrorObject): string {
  if (keyword === 'additionalProperties') return `: ${String(params.additionalProperty)}`
  if (keyword === 'enum') return `: ${(params.allowedValues as unknown[]).slice(0, 20).join(', ')}`
  return ''
}

const AS_IS = [
  ...['type', 'enum', 'const', 'required', 'format', 'pattern', 'uniqueItems', 'multipleOf'],
  ...['minLength', 'maxLength', 'minItems', 'maxItems', 'minProperties', 'maxProperties', 'minimum', 'maximum'],
]

/** Draft 7 form of one schema; its references stay pointers. Keywords that say nothing about data are left out. */
export function toDraft7(schema: JsonValue): JsonObject | boolean {
  if (!isObject(schema)) return schema !== false
  if (typeof schema.$ref === 'string') return { [REFERENCE]: schema.$ref }
  const result: JsonObject = {}
  for (const [keyword, value] of Object.entries(schema)) {
    if (AS_IS.includes(keyword)) result[keyword] = value
    else if (['properties', 'patternProperties'].includes(keyword) && isObject(value)) {
      result[keyword] = Object.fromEntries(Object.entries(value).map(([name, member]) => [name, toDraft7(member)]))
    } else if (['anyOf', 'oneOf', 'allOf'].includes(keyword) && Array.isArray(value)) {
      result[keyword] = value.map(toDraft7)
    } else if (['additionalProperties', 'not'].includes(keyword)) result[keyword] = toDraft7(value)
    else if (keyword === 'items') result.items = Array.isArray(value) ? value.map(toDraft7) : toDraft7(value)
  }
  bound(result, schema, 'minimum', 'exclusiveMinimum')
  bound(result, schema, 'maximum', 'exclusiveMaximum')
  if (!FORMATS.some((format) => format === result.format)) delete result.format
  return schema.nullable === true ? { anyOf: [{ type: 'null' }, result] } : result
}

/** Draft 4 says `minimum: 1, exclusiveMinimum: true`, draft 7 `exclusiveMinimum: 1`. */
function bound(result: JsonObject, schema: JsonObject, inclusive: string, exclusive: string): void {
  const limit = schema[inclusive]
  if (schema[exclusive] !== true || limit === undefined) return
  delete result[inclusive]
  result[exclusive] = limit
}
