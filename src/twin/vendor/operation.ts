// One operation of a description, in a shape that Swagger 2 and OpenAPI 3 share, and how a request finds its own.
import type { Validator } from './schemas.ts'

export interface DescribedParameter {
  name: string
  in: 'path' | 'query' | 'header'
  required: boolean
  validate: Validator
}

export interface DescribedOperation {
  method: string
  /** Whole path template with the prefix of the server. */
  template: string
  parameters: readonly DescribedParameter[]
  body: {
    required: boolean
    /** By encoding, those that the operation takes. */
    encodings: { readonly [K in 'json' | 'form' | 'multipart']?: Validator }
  }
  /** By status code, and `default`; without a validator the description leaves the body open. */
  responses: Record<string, Validator | undefined>
}

export interface FoundOperation {
  operation: DescribedOperation
  path: Record<string, string>
}

/** The operation of a request; a literal segment wins over a parameter, as routers do. */
export function findOperation(
  operations: readonly DescribedOperation[],
  method: string,
  path: string,
): FoundOperation | undefined {
  const found = operations
    .filter((operation) => operation.method === method.toUpperCase())
    .flatMap((operation) => {
      const values = matchTemplate(operation.template, path)
      return values ? [{ operation, path: values }] : []
    })
  return found.sort((a, b) => Object.keys(a.path).length - Object.keys(b.path).length)[0]
}

function matchTemplate(template: string, path: string): Record<string, string> | undefined {
  const wanted = template.split('/')
  const given = path.split('/')
  if (wanted.length !== given.length) return undefined
  const values: Record<string, string> = {}
  for (const [at, segment] of wanted.entries()) {
    const value = given[at] ?? ''
    const name = /^\{(.+)\}$/.exec(segment)?.[1]
    if (name !== undefined && value !== '') values[name] = decodeURIComponent(value)
    else if (segment !== value) return undefined
  }
  return values
}
