// The engine of providers, as other rooms may use it: what a definition is made of, and what can be done with one.
// A provider file imports from here alone, hence zod and the JSON types too.
export { z } from 'zod'
export type { IncomingResponse } from '../egress/index.ts'
export { currencyExponent, decimalText, type JsonObject, type JsonValue } from '../foundation/index.ts'
/** Amounts as vendors count them. */
export { decimalAmount, fromDecimalAmount, fromMinorUnits, minorUnits, type VendorUnits } from './amount.ts'
/** How a definition reads what a vendor answers. */
export { objectIn, readAs, retryAfterMs, textOf, utcTime } from './answer.ts'
/** Where the credential goes. */
export { basic, bearer, header, noAuth, query, type SecretRef, secret, showSlot } from './auth.ts'
/** The request of an operation, built and not sent. */
export { type BuildOptions, buildRequest } from './build.ts'
export {
  type Auth,
  type Cost,
  defineProvider,
  EFFECTS,
  type Effect,
  type Fault,
  type Labels,
  type Moves,
  type NativeOperation,
  native,
  type Operation,
  type OperationCall,
  type ProviderDefinition,
  type ReadBack,
  type RemoteOperation,
  type SecretSpec,
  type SocketProtocol,
} from './definition.ts'
/** Bodies and queries as bytes. */
export { encodeBody, encodeForm, encodeQuery } from './encoding.ts'
/** What the `env` tag of an instance means: sandbox or production. */
export { checkEnvironment, checkedSecrets, type Environment, environmentOf, tellsKeysApart } from './environment.ts'
export type { PerformOptions } from './exchange.ts'
/** The vendor's own parameters of a standard operation. */
export { bracketed, knownExtras, stringified } from './extras.ts'
/** Parses what somebody gave for an operation. */
export { type ParseInputOptions, parseInput } from './input.ts'
export { type Instance, instanceSchema } from './instance.ts'
/** Instances of a home. */
export { type InstanceFiles, openInstanceFiles } from './instance-files.ts'
/** JSON of vendors, exact beyond 2^53; `jsonBody` parses an answer once. */
export { decodeJson, jsonBody } from './json.ts'
/** What an operation touches where its definition does not say. */
export { labelsOf } from './labels.ts'
/** Providers by id, verified. */
export { type Catalogue, type CatalogueOptions, type CatalogueProvider, openCatalogue } from './load.ts'
export { type Manifest, manifestSchema } from './manifest.ts'
/** What changed between two manifests. */
export { type ManifestDifference, manifestDifferences } from './manifest-differences.ts'
/** YAML text of a manifest. */
export { formatManifest } from './manifest-format.ts'
/** The unsigned manifest of a definition. */
export { generateManifest } from './manifest-generate.ts'
/** Digest and signature of a manifest. */
export { manifestDigest, signingKeyOf, signManifest, verifyManifest } from './manifest-sign.ts'
/** Finding an operation of a loaded provider. */
export { exampleOf, inputJsonSchema, operationOf, operationsOf } from './operations.ts'
/** Where an instance's secrets may go. */
export { originsOf } from './origins.ts'
/** Carries out an operation. */
export { perform } from './perform.ts'
export type {
  BuiltRequest,
  LoadedProvider,
  OperationEntry,
  Performed,
  PerformFailure,
  PlannedRequest,
} from './planned.ts'
/** Whether what leaves is what was planned. */
export { differsFromPlanned, isSameRequest } from './planned-match.ts'
/** Operations whose functions run elsewhere. */
export { preparedFor, undoOf } from './prepare.ts'
/** Costs in other currencies. */
export { convertToMicroUsd, RATES_OF } from './reference-rates.ts'
/** Refuses what a vendor cannot represent. */
export { unsupported } from './refusal.ts'
export { command, del, get, patch, post, put, type RequestSpec } from './request.ts'
/** The digest by which the log names a request. */
export { requestDigestOf } from './request-digest.ts'
/** What a schema wants at a path. */
export { type SchemaKind, schemaKindAt } from './schema-kinds.ts'
/** Stand-ins for values that a plan does not know yet. */
export { type FoundSentinel, findSentinels, sentinelFor, sentinelNumber } from './sentinels.ts'
/** Follows the events of an operation. */
export { openStream } from './stream.ts'
/** Keys whose signatures count. */
export { loadTrustedKeys, publicKeyOf, rawPublicKey, type TrustedKey, trustSchema } from './trust.ts'
export type { TwinAnswer, TwinCall, TwinDefinition, TwinFault, TwinSocket, TwinState } from './twin-definition.ts'
export { VOCABULARY } from './vocabulary/index.ts'
