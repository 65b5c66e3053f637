// Modules that others wrote, as callers of the fabric load, run and look at them. A part of its face. An adapter that is
// loaded is a provider like any other and needs nothing from here; an agent runs by `runModule`.
import type { GuestExport, GuestUsage, ModuleResources } from '../chassis/index.ts'
import type { JsonObject, JsonValue } from '../foundation/index.ts'
import type { Reputation, SloReport } from '../governor/index.ts'
import type { TaskClaim } from '../pipeline/index.ts'

/** A module file as it travels: its bytes in base64, and the name that errors call it by. */
export interface ModuleFile {
  name: string
  base64: string
}

export interface ModuleView {
  id: string
  version: string
  kind: 'adapter' | 'agent'
  name: string
  /** SHA-256 of what was signed. */
  digest: string
  signedBy: string
  /** Whether its id alone means this version. */
  active: boolean
  /** Operations of an adapter with their effects. */
  operations: { id: string; effect: string }[]
  /** Origins that an adapter may reach. */
  hosts: string[]
  /** JSON Schema of what an agent takes, where it says so. */
  input: JsonObject | null
  /** The service contract, with its defaults. */
  contract: JsonObject
  sizeBytes: number
}

/** A file in the folder of modules that can't be used. */
export interface BrokenModule {
  file: string
  fault: { code: string; message: string; hint: string | null }
}

/** What an agent may call: nothing without one. */
export interface ModuleGrant {
  instance: string
  /** Globs: `message.send`, `message.*`. */
  operations: readonly string[]
  /** Globs of addresses, `https://api.example.com/v1/**`. Default: every address of the instance's manifest. */
  endpoints?: readonly string[]
}

export interface RunModule {
  /** Default `execute` of an agent, `describe` of an adapter. */
  export?: GuestExport
  /** Default null. */
  input?: JsonValue
  grants?: readonly ModuleGrant[]
  /** The task that it is run for: what it is granted ends with the claim. */
  claim?: TaskClaim
  /** Instead of the contract's, never above it. */
  timeoutMs?: number
  /** A new instance, so that its fuel can be repeated. */
  fresh?: boolean
  /** The actor's justification, in every witness entry of what it calls. */
  why?: string
  signal?: AbortSignal
}

/** What a module had done at a provider. */
export interface ModuleCall {
  instance: string
  operation: string
  /** Null for a read. */
  run: string | null
  state: string
  error: string | null
}

export interface ModuleRun {
  id: string
  module: { id: string; version: string; digest: string }
  export: GuestExport
  output: JsonValue
  usage: GuestUsage
  wallMs: number
  calls: ModuleCall[]
  log: { level: 'debug' | 'info' | 'warn' | 'error'; text: string }[]
}

export interface PerformanceView {
  kind: 'module' | 'instance'
  name: string
  report: SloReport
}

export interface ReputationView {
  kind: 'module' | 'instance' | 'swarm'
  name: string
  reputation: Reputation
}

/** A scoped credential that stands now; never its handle. */
export interface CredentialView {
  id: string
  holder: string
  instance: string
  operations: readonly string[]
  endpoints: readonly string[]
  task: string | null
  expiresAt: string
}

export interface Modules {
  /** Loaded ones, by id and version. */
  modules(): Promise<{ modules: ModuleView[]; broken: BrokenModule[] }>
  /** Verifies a module file as `loadModule` does and tells what it is; keeps nothing. `active` is what it would be. */
  checkModule(file: ModuleFile): Promise<ModuleView>
  /** Verifies a module file and keeps it in the home. Persons only. */
  loadModule(file: ModuleFile, options?: { replace?: boolean }): Promise<ModuleView>
  /** By id (its active version) or `id@1.2.0`. Persons only. */
  unloadModule(reference: string): Promise<ModuleView>
  /** Runs a loaded module, or one that is handed in and signed by a trusted key. */
  runModule(module: string | ModuleFile, options?: RunModule): Promise<ModuleRun>

  /** How modules and instances keep what they promise, over their windows. */
  performance(filter?: { name?: string }): Promise<PerformanceView[]>
  /** What modules, instances and swarms are worth by their last runs, with the reasons. */
  reputations(filter?: { name?: string }): Promise<ReputationView[]>
  /** What modules use in this process. */
  moduleResources(): Promise<ModuleResources[]>

  credentials(): Promise<CredentialView[]>
  /** Ends one before its time. Persons only. */
  revokeCredential(id: string): Promise<void>
}

/** Where the key is that encrypts the stored secrets. */
export interface VaultKeyView {
  place: 'file' | 'keyring'
  id: string
  /** Secrets that it encrypts. */
  secrets: number
}

export interface VaultKeys {
  vaultKey(): Promise<VaultKeyView>
  /** Into the keyring of the system, or back into a file. Persons only. */
  moveVaultKey(to: 'file' | 'keyring'): Promise<VaultKeyView>
  /** Encrypts everything under a new key. Persons only. */
  rotateVaultKey(): Promise<VaultKeyView>
}
