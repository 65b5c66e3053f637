// GraphQL over HTTP: one path, the document and its variables as JSON. Errors come inside a 200, and beside data too.
import type { IncomingResponse } from '../egress/index.ts'
import { FabricError, type JsonObject, type JsonValue } from '../foundation/index.ts'
import { objectIn, textOf } from './answer.ts'
import type { BodyValue } from './body-value.ts'
import type { Fault } from './definition.ts'
import { faultOfStatus, type Meanings } from './faults.ts'
import { type HttpRequestSpec, post, type RequestParts } from './request.ts'

export interface GraphqlParts extends Pick<RequestParts, 'base' | 'headers' | 'auth'> {
  /** The document, the same text whatever the input: values go through `variables`. */
  document: string
  /** Members that are `undefined` are left out. */
  variables?: Record<string, unknown>
  /** Where the document has several operations. */
  operationName?: string
}

/** A query or mutation. */
export const graphql = (
  template: string,
  { document, variables = {}, operationName, ...parts }: GraphqlParts,
): HttpRequestSpec =>
  post(template, { ...parts, json: { query: document, variables: variables as BodyValue, operationName } })

export interface GraphqlFaults {
  /** Where an error has its code. Default `extensions.code`. */
  codeAt?: readonly string[]
  meanings?: Meanings
}

/**
 * The first of `errors`, whatever the status. Data beside an error may be of a mutation that went through, so that the
 * outcome is unknown then.
 */
export function graphqlFault(response: IncomingResponse, { codeAt, meanings }: GraphqlFaults = {}): Fault | undefined {
  const { errors, data } = objectIn(response)
  const [first] = Array.isArray(errors) ? errors : []
  if (first === undefined) return faultOfStatus(response)
  const error = asObject(first)
  const fault = faultOfStatus(response, {
    message: textOf(error.message),
    vendorCode: textOf(at(error, codeAt ?? ['extensions', 'code'])) ?? 'GRAPHQL_ERROR',
    ...(meanings ? { meanings } : {}),
  })
  const cameThrough = Object.values(asObject(data)).some((member) => member !== null)
  return fault && cameThrough ? { outcome: 'unknown', ...fault } : fault
}

/** The `data` of an answer; IF_ERR_BAD_RESPONSE where there is none. */
export function graphqlData(body: JsonValue): JsonObject {
  const data = asObject(body).data
  if (data !== null && typeof data === 'object' && !Array.isArray(data)) return data
  throw new FabricError('IF_ERR_BAD_RESPONSE', 'the GraphQL answer of the provider has no data')
}

const asObject = (value: JsonValue | undefined): JsonObject =>
  value !== null && typeof value === 'object' && !Array.isArray(value) ? value : {}

const at = (value: JsonValue | undefined, [name, ...rest]: readonly string[]): JsonValue | undefined =>
  name === undefined ? value : at(asObject(value)[name], rest)
