// The engine of providers, as other rooms may use it: what a definition is made of, and what can be done with one.
// A provider file imports from here alone, hence zod and the JSON types too.
export { z } from 'zod'
export type { IncomingResponse } from '../egress/index.ts'
export { currencyExponent, decimalText, type JsonObject, type JsonValue, sha256Hex } from '../foundation/index.ts'
/** Amounts as vendors count them. */
export { decimalAmount, fromDecimalAmount, fromMinorUnits, minorUnits, type VendorUnits } from './amount.ts'
/** The other forms in which vendors write amounts. */
export {
  decimalNumber,
  fromDecimalNumber,
  fromMinorUnitsMoney,
  fromMinorUnitsText,
  fromScaledAmount,
  fromValueMoney,
  type Money,
  minorUnitsMoney,
  minorUnitsText,
  scaledAmount,
  valueMoney,
} from './amount-forms.ts'
/** How a definition reads what a vendor answers. */
export { objectIn, readAs, retryAfterMs, textOf, utcTime } from './answer.ts'
/** Where the credential goes. */
export {
  accessToken,
  allOf,
  basic,
  bearer,
  header,
  inBody,
  inPath,
  noAuth,
  query,
  showSlot,
  signed,
} from './auth.ts'
/** Which auth a request goes under, and where access tokens are asked for. */
export { authOf, authsOf, tokenRequests } from './auths.ts'
/** Operations that a vendor begins and ends later. */
export { pathValuesIn, untilDone, type Waiting } from './awaiting.ts'
/** Leaves of bodies that plain JSON cannot be. */
export { BodyHole, type BodyValue, ExactNumber, exactNumber, keyInBody, secretInBody } from './body-value.ts'
/** The request of an operation, built and not sent. */
export { type BuildOptions, buildRequest } from './build.ts'
export {
  ACCESS_TOKEN,
  AUTHORIZATION_CODE,
  type Auth,
  CODE_VERIFIER,
  type Consent,
  type Cost,
  DEVICE_CODE,
  defineProvider,
  EFFECTS,
  type Effect,
  type EventReader,
  type Fault,
  type FurtherRequest,
  type Grant,
  type Labels,
  type Moves,
  type NativeOperation,
  type NextPage,
  native,
  type Operation,
  type OperationCall,
  type OperationExample,
  type PageFacts,
  type Pause,
  type ProviderDefinition,
  type RateHint,
  REFRESH_TOKEN,
  type ReadBack,
  type RemoteOperation,
  type SecretSpec,
  type SocketProtocol,
  type StepAnswer,
  type StreamEvent,
  type TokenSource,
} from './definition.ts'
/** What is known of the description that a vendor publishes. */
export type { Described, DescriptionFault, ProblemKind } from './described.ts'
/** Bodies and queries as bytes. */
export type { EncodedBody } from './encoded-body.ts'
export { encodeBody, encodeForm, encodeQuery } from './encoding.ts'
/** Every operation of a definition with its schemas. */
export { type DefinedOperation, definedOperations } from './entries.ts'
/** What the `env` tag of an instance means: sandbox or production. */
export { checkEnvironment, checkedSecrets, type Environment, environmentOf, tellsKeysApart } from './environment.ts'
/** The requests of an operation's examples. */
export { type ExampleRequests, exampleRequests } from './example-requests.ts'
export type { PerformOptions } from './exchange.ts'
/** The vendor's own parameters of a standard operation. */
export { bracketed, knownExtras, stringified } from './extras.ts'
/** Failures by status and vendor code. */
export { faultOfStatus, type Meaning, type Meanings, ProviderFault, type ToldFault } from './faults.ts'
/** GraphQL: one path, errors inside a 200. */
export { type GraphqlFaults, type GraphqlParts, graphql, graphqlData, graphqlFault } from './graphql.ts'
/** Parses what somebody gave for an operation. */
export { type ParseInputOptions, parseInput } from './input.ts'
export { type Instance, instanceSchema } from './instance.ts'
/** Instances of a home. */
export { type InstanceFiles, openInstanceFiles } from './instance-files.ts'
/** JSON of vendors, exact beyond 2^53; `jsonBody` parses an answer once. */
export { decodeExactJson, decodeJson, jsonBody } from './json.ts'
/** JSON-RPC 2.0 over one path. */
export { jsonRpc, jsonRpcFault, jsonRpcResult } from './json-rpc.ts'
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
/** Chat completions in the form that OpenAI began and many vendors speak. */
export { chatEvents, chatResult } from './models/chat-answer.ts'
export { type ChatRequestOptions, chatRequest } from './models/chat-request.ts'
/** Pieces of conversations with models. */
export {
  type Completion,
  type CompletionInput,
  hasImages,
  imageOf,
  type ToolCall,
  toolArguments,
} from './models/completion-parts.ts'
/** What a twin's model says. */
export { type RehearsedTurn, rehearsedTokens, rehearsedTurn } from './models/rehearsed-model.ts'
/** What calls of models cost. */
export {
  type BoundedCall,
  boundedTokenCost,
  type TokenPrice,
  type TokenPrices,
  type TokenRates,
  type TokenUsage,
  tokenCost,
} from './models/token-cost.ts'
/** Auths whose access token the engine gets and renews. */
export {
  type ClientCredentialsOptions,
  type ConsentOptions,
  oauth2ClientCredentials,
  oauth2Consent,
  type SessionLoginOptions,
  sessionLogin,
} from './oauth2.ts'
/** Finding an operation of a loaded provider. */
export { exampleOf, inputJsonSchema, operationOf, operationsOf } from './operations.ts'
/** Where an instance's secrets may go. */
export { originsOf } from './origins.ts'
/** Reading the next page out of what vendors give. */
export { nextLink, queryIn } from './pages.ts'
/** The items of a list, page after page. */
export { paginate } from './paginate.ts'
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
export {
  type AnswerKind,
  command,
  del,
  type FormLists,
  type FormValue,
  get,
  type HttpRequestSpec,
  head,
  type Method,
  type MultipartPart,
  patch,
  post,
  put,
  type RequestBody,
  type RequestParts,
  type RequestSpec,
} from './request.ts'
/** The digest by which the log names a request. */
export { requestDigestOf } from './request-digest.ts'
/** What a schema wants at a path. */
export { type SchemaKind, schemaKindAt } from './schema-kinds.ts'
/** A secret by name. */
export { type SecretRef, secret } from './secret-ref.ts'
/** Stand-ins for values that a plan does not know yet. */
export { type FoundSentinel, findSentinels, sentinelFor, sentinelNumber } from './sentinels.ts'
/** Follows the events of an operation. */
export { openStream } from './stream.ts'
/** Consent of a person, as it is asked for and given. */
export type { Connected, ConnectOptions, ConsentAnswer, ConsentPrompt } from './tokens/consent.ts'
/** Access tokens of the instances of a home. */
export { needsConsent, openTokens, type Tokens } from './tokens/tokens.ts'
export type { TokensParts } from './tokens/tokens-parts.ts'
/** Keys whose signatures count. */
export { loadTrustedKeys, publicKeyOf, rawPublicKey, type TrustedKey, trustSchema } from './trust.ts'
export type {
  TwinAnswer,
  TwinAsked,
  TwinCall,
  TwinDefinition,
  TwinFault,
  TwinSocket,
  TwinState,
} from './twin-definition.ts'
/** Twirp over JSON. */
export { twirp, twirpFault } from './twirp.ts'
export {
  type InputOf,
  type ResultOf,
  type StandardOperationId,
  VOCABULARY,
} from './vocabulary/index.ts'
/** Deliveries of vendors: read, and proven by their scheme. */
export { type HookDelivery, readDelivery } from './webhooks/delivery.ts'
/** Published keys, kept for a while. */
export { type KeyShelf, openKeyShelf } from './webhooks/key-shelf.ts'
/** What schemes and replies are made of. */
export type { HookPart, HookSource } from './webhooks/part.ts'
/** One delivery, proven and read. */
export { hookSetupOf, type ReceivedDelivery, receiveDelivery } from './webhooks/receive.ts'
export type { HookAnswer } from './webhooks/reply.ts'
export type { HookKeys, HookScheme, HookTime, KeySaid } from './webhooks/scheme.ts'
/** How vendors prove that a delivery is their own. */
export {
  basicAuth,
  detachedJws,
  eachOf,
  ed25519Signature,
  everyOf,
  hashSignature,
  hmacSignature,
  inField,
  inHeader,
  inQuery,
  jwtSignature,
  oneOf,
  rawBody,
  rsaSignature,
  secretAddress,
  sharedSecret,
  snsSignature,
  standardWebhooks,
  timestampedSignature,
  twilioSignature,
  unproven,
} from './webhooks/schemes.ts'
export type { HookEvent, HookHandshake, HookReply, HookSeal, Webhooks } from './webhooks/webhooks.ts'
/** XML of vendors, read; `xmlBody` parses an answer once. */
export { decodeXml, listOf, xmlBody } from './xml.ts'
/** Errors as XML, inside a 200 too. */
export { type XmlError, xmlError } from './xml-error.ts'
