// One operation of a description, in a shape that all formats of descriptions share, and how a request finds its own.
import type { BodyEncoding, DescribedRequest } from './exchange.ts'
import { isObject } from './pointer.ts'
import type { Validator } from './schemas.ts'
import type { PathTemplate } from './template.ts'

export interface DescribedParameter {
  name: string
  in: 'path' | 'query' | 'header'
  required: boolean
  validate: Validator
  /** What parts the items of a list in one text; undefined where the name is repeated. */
  separator?: ',' | ' ' | '|'
  /** An object whose members are parameters of their own. */
  members?: readonly string[]
}

export interface DescribedOperation {
  method: string
  /** Whole path template with the prefix of the server. */
  template: PathTemplate
  /** What tells it from others of the same path: query parameters and members of a form. `null`: with any value. */
  marks?: { query?: Readonly<Record<string, string | null>>; form?: Readonly<Record<string, string>> }
  parameters: readonly DescribedParameter[]
  body: {
    required: boolean
    /** By encoding, those that the operation takes. */
    encodings: { readonly [K in BodyEncoding]?: Validator }
  }
  /** By status code, `2XX`, and `default`. */
  responses: Readonly<Record<string, DescribedAnswer>>
}

/** Without a validator of its kind the description leaves the body open. */
export interface DescribedAnswer {
  json?: Validator
  xml?: Validator
  event?: Validator
}

export interface FoundOperation {
  operation: DescribedOperation
  path: Record<string, string>
}

/** The operations that a request may be: those of the most literal path, and of these the ones whose marks it bears. */
export function findOperations(
  operations: readonly DescribedOperation[],
  request: Pick<DescribedRequest, 'method' | 'path'> & Partial<DescribedRequest>,
): FoundOperation[] {
  const method = request.method.toUpperCase()
  const found = operations
    .filter((operation) => operation.method === method)
    .flatMap((operation) => {
      const path = operation.template.match(request.path)
      return path ? [{ operation, path }] : []
    })
  const most = Math.max(...found.map(({ operation }) => operation.template.literals))
  const closest = found.filter(({ operation }) => operation.template.literals === most)
  const marked = closest.filter(({ operation }) => operation.marks && bears(request, operation.marks))
  return marked.length > 0 ? marked : closest.filter(({ operation }) => !operation.marks)
}

function bears({ query = {}, body }: Partial<DescribedRequest>, marks: DescribedOperation['marks'] = {}): boolean {
  const form = isObject(body) ? body : {}
  return (
    Object.entries(marks.query ?? {}).every(([name, value]) =>
      value === null ? Object.hasOwn(query, name) : query[name] === value,
    ) && Object.entries(marks.form ?? {}).every(([name, value]) => form[name] === value)
  )
}
