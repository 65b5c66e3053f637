// What the rooms above see of an operation: found, parsed, built, performed. The engine implements these shapes.
import type { z } from 'zod'
import type { AllowedRoute, Attempt, OutgoingRequest } from '../egress/index.ts'
import type { JsonObject, JsonValue } from '../foundation/index.ts'
import type { Cost, Effect, Labels, Operation, ProviderDefinition, RateHint } from './definition.ts'
import type { EncodedPiece } from './encoded-body.ts'
import type { Manifest } from './manifest.ts'
import type { RequestSpec } from './request.ts'

/** A provider whose manifest was verified: only such a one can be planned or performed. */
export interface LoadedProvider {
  definition: ProviderDefinition
  manifest: Manifest
  /** SHA-256 of the manifest's RFC 8785 form without the signature. */
  digest: string
  /** Name of the trusted key that signed it. */
  signedBy: string
}

/** One operation of a provider, standard or native, with its schemas. */
export interface OperationEntry {
  /** `payment.create`, or `stripe:customer.delete` for a native one. */
  id: string
  native: boolean
  summary: string
  /** From the signed manifest. */
  effect: Effect
  labels: Labels
  /** The functions; input and result are what the schemas below parse. */
  operation: Operation<JsonObject, JsonObject>
  inputSchema: z.ZodType
  resultSchema: z.ZodType
}

/** A request as people and programs see it before it leaves: secrets as `<NAME>`, the idempotency key as `$key`. */
export interface PlannedRequest {
  transport: 'http' | 'websocket'
  method: string
  /** Whole address with its query; an unset setting stays `{host}`. */
  url: string
  headers: Record<string, string>
  /** The value before encoding, null without a body. */
  body: JsonValue
  /** The exact bytes as text, where the body is text. */
  bodyText?: string
  /** The answer comes in pieces. */
  streams?: true
  /** Of an operation of several requests, the others: `POST https://slack.com/api/files.completeUploadExternal`. */
  later?: string[]
}

export interface BuiltRequest {
  planned: PlannedRequest
  spec: RequestSpec
  outgoing: OutgoingRequest
  /** From the signed manifest, settings filled in. Its `origins` is empty while a setting is unset. */
  route: AllowedRoute
  /** Header that takes the idempotency key, where the vendor has one for this method. */
  idempotencyHeader: string | undefined
  /** This request takes an idempotency key, in a header or in the body. */
  takesKey: boolean
  /** So do all requests of the operation that act: carried out again, it acts once. */
  keyed: boolean
  /** A body with places that are filled when it leaves, in place of `outgoing.body`. */
  bodyPieces?: readonly EncodedPiece[]
  /** Settings without a value. */
  unset: string[]
}

export interface Performed {
  result: JsonObject
  /** Lower-case hex SHA-256 of the request's canonical planned form, and of the answer's bytes. */
  requestDigest: string
  responseDigest: string
  vendorRequestId: string | undefined
  status: number
  attempts: Attempt[]
  /** What it cost, where the answer tells. */
  cost?: Cost
  /** What the vendor says of its limits. */
  rate?: RateHint
}

/**
 * `details` of an error thrown by `perform`: what the pipeline decides the outcome from.
 * `not-done`: certain that nothing happened. `unknown`: it may have.
 */
export interface PerformFailure {
  outcome: 'not-done' | 'unknown'
  status?: number
  vendorCode?: string
  vendorRequestId?: string
  attempts: Attempt[]
  /** Of an answer that streamed and broke off: what had come by then, and what that cost where it tells. */
  partial?: { result: JsonObject; cost?: Cost }
}
