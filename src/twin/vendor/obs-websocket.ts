// Reads the protocol file of obs-websocket: a request is a command over the socket, its fields and its answer are data.
import type { JsonObject, JsonValue } from '../../foundation/index.ts'
import type { DescribedOperation } from './operation.ts'
import { isObject, list } from './pointer.ts'
import { createValidators } from './schemas.ts'
import { pathTemplate } from './template.ts'

const TYPES: Readonly<Record<string, JsonObject>> = {
  String: { type: 'string' },
  Number: { type: 'number' },
  Boolean: { type: 'boolean' },
  Object: { type: 'object' },
}

/** Requests as operations of the method `WS`: `/GetVersion` with its fields as the body. */
export function readObsWebsocket(document: JsonObject): DescribedOperation[] {
  const validators = createValidators({})
  return list(document.requests)
    .filter(isObject)
    .map((request) => ({
      method: 'WS',
      template: pathTemplate(`/${String(request.requestType)}`),
      parameters: [],
      body: {
        required: true,
        encodings: { json: validators.request(fieldsOf(list(request.requestFields), { required: true })) },
      },
      responses: {
        200: { json: validators.response(fieldsOf(list(request.responseFields), { required: false })) },
      },
    }))
}

/** Dots in a name are members of an object that is itself a field, so only whole fields count. */
function fieldsOf(described: readonly JsonValue[], { required }: { required: boolean }): JsonObject {
  const fields = described.filter(isObject).filter((field) => !String(field.valueName).includes('.'))
  return {
    type: 'object',
    required: fields.filter((field) => required && field.valueOptional !== true).map((field) => field.valueName ?? ''),
    properties: Object.fromEntries(fields.map((field) => [String(field.valueName), typeOf(String(field.valueType))])),
    ...(required ? { additionalProperties: false } : {}),
  }
}

/** What an answer does not have is null there. */
function typeOf(type: string): JsonObject {
  const item = /^Array<(.+)>$/.exec(type)?.[1]
  const schema = item === undefined ? (TYPES[type] ?? {}) : { type: 'array', items: TYPES[item] ?? {} }
  return { ...schema, nullable: true }
}
