// Providers, instances and their secrets, as callers of the fabric see and hand them over. A part of its face.
import type { Connected, ConnectOptions, Manifest } from '../adapter/index.ts'
import type { JsonObject } from '../foundation/index.ts'

export interface OperationDetail {
  id: string
  summary: string
  effect: string
  /** JSON Schema. */
  input: JsonObject
  example: JsonObject
  undo: string | null
  cost: string
  native: boolean
  /** Events follow until it is closed. */
  streams: boolean
}

export interface ProviderSummary {
  id: string
  name: string
  category: string
  standing: string
  confidence: string
  operations: string[]
  manifest: { version: string; digest: string; signedBy: string }
  instances: { name: string; tags: Record<string, string> }[]
}

export interface ProviderDetail extends Omit<ProviderSummary, 'operations'> {
  docs: string
  hosts: string[]
  scopes: string[]
  secrets: { name: string; label: string; get: string; required: boolean }[]
  settings: { name: string; description: string; default: string | null }[]
  /** A person consents to its use, at the provider. */
  consent?: true
  /** What the vendor sends by itself: the secrets that prove it, and what to set at the vendor. */
  webhooks?: { setup: string; secrets: string[] }
  limits: Manifest['limits']
  operations: OperationDetail[]
}

/** How a secret is handed over: a reference that stays one, or a value to be stored encrypted. */
export type SecretInput =
  | { kind: 'env'; variable: string }
  | { kind: 'file'; path: string }
  | { kind: 'value'; value: string }

export interface AddInstance {
  provider: string
  /** Default: the provider's id. */
  name?: string
  tags?: Record<string, string>
  settings?: Record<string, string>
  secrets?: Record<string, SecretInput>
  privateNetwork?: boolean
  /** Address of a running twin, or true for the one that `twin up` of this home serves. */
  twin?: string | true
}

/** How a person consents; see the options of `connect` in the adapter room. */
export type ConnectInstance = Omit<ConnectOptions, 'logOf'>

export interface ConnectedInstance extends Connected {
  instance: string
}

export interface HealthReport {
  instance: string
  ok: boolean
  durationMs: number
  /** What the provider told about the credential. */
  told: string
}
