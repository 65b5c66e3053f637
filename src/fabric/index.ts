// The fabric room: the composition root. `openFabric` wires the rooms of one home and gives them one face; `openHost` opens a
// home once for many actors.

export type { TaskClaim } from '../pipeline/index.ts'
export type { Because, Explanation, FindHelp, Governing, PoliciesView } from './governing-port.ts'
export type { HookOutcome, HookReceiver, IncomingHook } from './hook-port.ts'
export type { HookAddress, HookEventRecord, HookFilter, Hooks } from './hooks-port.ts'
export type { ActingOptions, FabricHost, Grant, OpenHostOptions } from './host.ts'
export type {
  BrokenModule,
  CredentialView,
  ModuleCall,
  ModuleFile,
  ModuleGrant,
  ModuleRun,
  Modules,
  ModuleView,
  PerformanceView,
  ReputationView,
  RunModule,
  VaultKeys,
  VaultKeyView,
} from './modules-port.ts'
/** Opens a home for one actor. */
export { openFabric } from './open.ts'
/** Opens a home once; `as` gives the fabric of one actor. IF_ERR_HOME_UNUSABLE, IF_ERR_STORE_TOO_NEW. */
export { openHost } from './open-host.ts'
export { packageRoot } from './package-root.ts'
/** Checks and table tests of policy files, without a home. */
export { checkPolicyFiles, testPolicyFile } from './policy-tools.ts'
export type {
  AddInstance,
  ApplyOptions,
  ApprovalView,
  BudgetView,
  ConnectedInstance,
  ConnectInstance,
  CreateToken,
  DoctorCheck,
  Fabric,
  FabricStream,
  Finding,
  HealthReport,
  Intent,
  MoneyView,
  OpenFabricOptions,
  OperationDetail,
  PlanOptions,
  ProjectView,
  ProviderDetail,
  ProviderSummary,
  Receipt,
  Run,
  SecretInput,
  ServedTwins,
  ServeTwins,
  StreamOptions,
  TokenScope,
  TokenView,
  Way,
  WitnessReport,
} from './port.ts'
export { TOKEN_SCOPES } from './port.ts'
/** `ifab.lock`: the manifests that a project is planned with. */
export { LOCK_FILE, type Lockable, lockText, newSince, readLock } from './project-lock.ts'
/** Every setting that holds, with the place that says so. */
export { readSettings, type Setting, type SettingOrigin } from './project-settings.ts'
/** An action whose answer is handed out as it comes, on whatever plans and applies. */
export { streamOf } from './stream.ts'
