// The chassis as the rooms above see it: modules that others wrote, run without network, file or credential, within the
// limits of their contract. What a guest may reach beyond that is handed in with each call.
import type { JsonValue } from '../foundation/index.ts'
import type { GuestExport, GuestUsage } from './guest-protocol.ts'
import type { LoadedModule } from './module/loaded-module.ts'

/** What a guest's host calls reach; what is left out is refused with IF_ERR_CREDENTIAL_DENIED. */
export interface GuestHost {
  /** Carries out an intent through the pipeline. What it throws is told to the guest: code, message, hint. */
  call?: (intent: JsonValue, signal: AbortSignal) => Promise<JsonValue>
  kv?: GuestKv
  log?: (level: 'debug' | 'info' | 'warn' | 'error', text: string) => void
}

/** Key-value records of one module; values are JSON text. */
export interface GuestKv {
  get(key: string): Promise<string | undefined>
  set(key: string, value: string): Promise<void>
  delete(key: string): Promise<void>
  list(prefix: string): Promise<string[]>
}

export interface GuestCall {
  module: LoadedModule
  export: GuestExport
  input: JsonValue
  host?: GuestHost
  /** Makes `now` and `random` follow from it; left out, they are the host's own. */
  seed?: string
  /** Instead of the contract's own, never above it. */
  timeoutMs?: number
  /** A new instance for this call alone. */
  fresh?: boolean
  signal?: AbortSignal
}

export interface GuestResult {
  output: JsonValue
  usage: GuestUsage
  wallMs: number
}

export interface Chassis {
  /**
   * Runs a guest. IF_ERR_MODULE_LIMIT (`details.limit`), IF_ERR_MODULE_FAILED, IF_ERR_CANCELLED;
   * IF_ERR_RATE_LIMIT_EXCEEDED where the queue is full or its wait has a bound that has passed.
   */
  run(call: GuestCall): Promise<GuestResult>
  /** Every module that has run, with what it used over the window. */
  resources(): ModuleResources[]
  /** Frees all instances of a module. */
  forget(digest: string): void
  /** Ends the workers; calls that run reject with IF_ERR_CANCELLED. */
  close(): Promise<void>
}

export interface ModuleResources {
  digest: string
  id: string
  version: string
  /** Calls that run or wait now. */
  active: number
  /** Instances in the workers. */
  instances: number
  calls: number
  failures: number
  limits: number
  /** Percent of one core over the last window. */
  cpuPercent: number
  fuel: number
  hostCalls: number
  /** Of the largest instance, bytes. */
  memoryBytes: number
}
