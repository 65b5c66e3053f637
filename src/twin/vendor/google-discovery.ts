// Reads a Google API discovery document. References are names of schemas; resources hold methods and further resources.
import type { JsonObject, JsonValue } from '../../foundation/index.ts'
import type { DescribedOperation, DescribedParameter } from './operation.ts'
import { isObject } from './pointer.ts'
import { createValidators, type Validators } from './schemas.ts'
import { pathTemplate } from './template.ts'

export function readGoogleDiscovery(document: JsonObject): DescribedOperation[] {
  const schemas = withPointers(document.schemas ?? {})
  const validators = createValidators({ schemas })
  const prefix = `/${String(document.servicePath ?? '')}`
  const common = object(document.parameters)
  return methodsOf(document).flatMap((method) => {
    const parameters = Object.entries({ ...common, ...object(method.parameters) }).map(([name, parameter]) =>
      readParameter(name, object(parameter), validators.request),
    )
    const request = schemaOf(method.request)
    const answer = schemaOf(method.response)
    const operation = {
      method: String(method.httpMethod),
      parameters,
      responses: {
        '2XX': answer === undefined ? {} : { json: validators.response(answer) },
        default: {},
      },
    }
    const path = String(method.path).replace(/^\//, '')
    const plain: DescribedOperation = {
      ...operation,
      template: pathTemplate(prefix + path),
      body: {
        required: request !== undefined,
        encodings: request === undefined ? {} : { json: validators.request(request) },
      },
    }
    return [plain, ...uploadsOf(method).map((upload) => uploading(operation, upload))]
  })
}

/** A method that takes media has further addresses for it, told by `uploadType`. */
function uploading(operation: Omit<DescribedOperation, 'template' | 'body'>, path: string): DescribedOperation {
  return {
    ...operation,
    template: pathTemplate(path),
    marks: { query: { uploadType: null } },
    body: { required: true, encodings: { raw: () => [], multipart: () => [], json: () => [] } },
  }
}

const uploadsOf = ({ mediaUpload }: JsonObject): string[] =>
  Object.values(object(object(mediaUpload).protocols)).map((protocol) => String(object(protocol).path))

function methodsOf(holder: JsonObject): JsonObject[] {
  return [
    ...Object.values(object(holder.methods)).map(object),
    ...Object.values(object(holder.resources)).flatMap((resource) => methodsOf(object(resource))),
  ]
}

function readParameter(name: string, parameter: JsonObject, validators: Validators): DescribedParameter {
  const { required, repeated, location, ...schema } = parameter
  return {
    name,
    in: location === 'path' ? 'path' : 'query',
    required: required === true,
    validate: validators(repeated === true ? { type: 'array', items: schema } : schema),
  }
}

const schemaOf = (reference: JsonValue | undefined): JsonObject | undefined =>
  isObject(reference) && reference.$ref !== undefined ? { $ref: `#/schemas/${reference.$ref}` } : undefined

/** `$ref: Bucket` as a pointer; `required` of a discovery schema is a flag of the member, which says nothing. */
function withPointers(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return value.map(withPointers)
  if (!isObject(value)) return value
  const entries = Object.entries(value).flatMap(([name, member]): [string, JsonValue][] => {
    if (name === '$ref' && typeof member === 'string') return [[name, `#/schemas/${member}`]]
    return name === 'required' && typeof member === 'boolean' ? [] : [[name, withPointers(member)]]
  })
  return Object.fromEntries(entries)
}

const object = (value: JsonValue | undefined): JsonObject => (isObject(value) ? value : {})
