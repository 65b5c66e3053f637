// The ground floor: what every room may use. Nothing here knows what InfraFabric does.
export { BUDGET_SCOPES, type BudgetScope } from './budget-config.ts'
export { canonicalJson, digestOf, type JsonObject, type JsonValue, sha256Hex } from './canonical.ts'
export { checkCapability, covers, matchOf } from './capability.ts'
export { type Clock, type RandomBytes, systemClock, systemRandom, timestamp } from './clock.ts'
export { type Config, configSchema, DEFAULT_CONFIG, readConfig } from './config.ts'
export { duration } from './config-values.ts'
export {
  describeIssue,
  formatPath,
  invalidFile,
  type ParsedDocument,
  parseDocumentText,
  readDocument,
} from './document.ts'
export {
  assertNever,
  ERRORS,
  type ErrorCode,
  EXIT,
  type ExitCode,
  FabricError,
  type FabricErrorOptions,
  isFabricError,
  toFabricError,
} from './errors.ts'
export { defaultActor, type Home, homeAt, prepareHome } from './home.ts'
export { type HostClock, type HostTime, systemHostClock } from './host-clock.ts'
export {
  type Address,
  type AddressKind,
  checkName,
  formatAddress,
  isName,
  parseAddress,
  shortId,
  ulid,
  ulidTime,
} from './ids.ts'
export {
  currencyCode,
  currencyExponent,
  decimalText,
  formatAmount,
  formatUsd,
  type MicroUsd,
  microUsd,
  parseDecimal,
  parseUsd,
  usdOf,
} from './money.ts'
export { didYouMean, nearest, suggestion } from './nearest.ts'
export { optional } from './optional.ts'
export { isMadeOf } from './pieces.ts'
/** `ifab.yaml`: finding and reading the project of a folder. */
export {
  type FindProject,
  findProject,
  NO_PROJECT,
  PROJECT_FILE,
  type Project,
  type ProjectInstance,
  parseProject,
  projectSchema,
  readProject,
} from './project.ts'
export { isSecretName, REDACTED, Redactor, Secret } from './redaction.ts'
export {
  createLogger,
  createTrace,
  LOG_LEVELS,
  type Logger,
  type LogLevel,
  type Span,
  silentLogger,
  type Trace,
} from './telemetry.ts'
