// Validators of a description's schemas, compiled one schema at a time when it is first needed. A reference is followed
// when data reaches it, so that one answer does not cost the compilation of the whole description.
import type { ErrorObject, ValidateFunction } from 'ajv'
import { Ajv2020 } from 'ajv/dist/2020.js'
import ajvFormats from 'ajv-formats'
import type { JsonObject, JsonValue } from '../../foundation/index.ts'
import { DISCRIMINATOR, type Direction, FORMATS, REFERENCE, toJsonSchema } from './json-schema.ts'
import { isObject, resolvePointer } from './pointer.ts'

export interface SchemaProblem {
  /** JSON pointer into the data. */
  where: string
  message: string
}

/** `text`: the leaves are texts of a form, query or XML, read as the types that the schema names. */
export type Validator = (data: JsonValue, leaves: 'typed' | 'text') => SchemaProblem[]

/** Makes the validator of one schema. */
export type Validators = (schema: JsonValue) => Validator

/** Validators of one document, for what travels in either direction. */
export const createValidators = (document: JsonObject): Record<Direction, Validators> => ({
  request: validatorsFor(document, 'request'),
  response: validatorsFor(document, 'response'),
})

function validatorsFor(document: JsonObject, direction: Direction): Validators {
  const compilers: Partial<Record<'typed' | 'text', Compile>> = {}
  return (schema) => {
    const compiled: Partial<Record<'typed' | 'text', ValidateFunction>> = {}
    return (data, leaves) => {
      compilers[leaves] ??= createCompiler(document, direction, leaves === 'text')
      compiled[leaves] ??= compilers[leaves](schema)
      const validate = compiled[leaves]
      // Reading texts as numbers changes the data, and it belongs to the caller.
      return validate(leaves === 'text' ? structuredClone(data) : data) ? [] : tell(validate.errors ?? [])
    }
  }
}

type Compile = (schema: JsonValue) => ValidateFunction

/** What ajv passes to a keyword: enough to go on with another validator at the same place. */
type Context = Parameters<ValidateFunction>[1]

function createCompiler(document: JsonObject, direction: Direction, readsTexts: boolean): Compile {
  const ajv = new Ajv2020({
    strict: false,
    allErrors: true,
    coerceTypes: readsTexts ? 'array' : false,
    unicodeRegExp: false,
    logger: false,
  })
  ajvFormats.default(ajv, [...FORMATS])
  const compile = (schema: JsonValue) => ajv.compile(toJsonSchema(schema, direction))
  const referenced = new Map<string, ValidateFunction>()
  const follow = (pointer: string): ValidateFunction => {
    const known = referenced.get(pointer)
    if (known) return known
    const validate = compile(resolvePointer(document, pointer) ?? false)
    referenced.set(pointer, validate)
    return validate
  }
  const going = (choose: (data: unknown) => string | undefined) => {
    const check: { (data: unknown, context?: Context): boolean; errors?: Partial<ErrorObject>[] } = (data, context) => {
      const pointer = choose(data)
      if (pointer === undefined) return true
      const validate = follow(pointer)
      const valid = validate(data, context) as boolean // compiled synchronously: never a promise
      check.errors = [...(validate.errors ?? [])]
      return valid
    }
    return check
  }
  const keyword = { errors: 'full', modifying: readsTexts } as const
  ajv.addKeyword({ keyword: REFERENCE, ...keyword, compile: (pointer: string) => going(() => pointer) })
  ajv.addKeyword({
    keyword: DISCRIMINATOR,
    ...keyword,
    compile: ({ member, branches }: { member: string; branches: Record<string, string> }) =>
      going((data) => (isObject(data) ? branches[String(data[member])] : undefined)),
  })
  return compile
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
