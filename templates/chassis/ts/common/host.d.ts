// What a module of the chassis may import when it runs, and the shapes of the questions that it answers. There is no
// network, file or clock beside this: `Date` and `Math.random` are the host's, and in `plan` and `describe` they say the
// same for the same input, everywhere.
declare module 'infrafabric:host' {
  export type Json = null | boolean | number | string | Json[] | { [name: string]: Json }
  export type JsonObject = { [name: string]: Json }

  /**
   * Has the fabric carry out an action, and answers with its result and the id of its run (null for a read). Agents only,
   * and only what the run was granted; what is refused or fails is thrown as an error with `code`, `message` and `hint`.
   */
  export function call(intent: {
    instance: string
    operation: string
    input: JsonObject
    why?: string
  }): Promise<{ result: JsonObject; run: string | null }>
  /** Records of this module that outlive the call. */
  export const kv: {
    get(key: string): Promise<Json>
    set(key: string, value: Json): Promise<void>
    delete(key: string): Promise<void>
    list(prefix?: string): Promise<string[]>
  }
  export function log(level: 'debug' | 'info' | 'warn' | 'error', ...values: unknown[]): void

  /** What `describe` of an agent answers. */
  export interface AgentDescription {
    kind: 'agent'
    id: string
    name: string
    version: string
    /** JSON Schema of what `execute` takes. */
    input?: JsonObject
  }

  /** What `describe` of an adapter answers. */
  export interface AdapterDescription {
    kind: 'adapter'
    id: string
    name: string
    version: string
    category: 'production' | 'cloud' | 'sip' | 'payment' | 'chat' | 'ai' | 'vector'
    /** Page of the vendor's documentation. */
    docs: string
    /** Addresses with path prefix; may hold `{setting}`. */
    baseUrls: { main: string; [name: string]: string }
    settings?: Record<string, { description: string; pattern: string; default?: string }>
    secrets: Record<string, { label: string; get: string; pattern?: string; required?: boolean }>
    auth:
      | { scheme: 'none' }
      | { scheme: 'bearer'; secret: string }
      | { scheme: 'basic'; user: string; password: string }
      | { scheme: 'header'; header: string; secret: string; prefix?: string }
      | { scheme: 'query'; parameter: string; secret: string }
    headers?: Record<string, string>
    /** Default: 10 a second, 20 at once, waiting 1, 2, 5, 10, 30 seconds after a refusal. */
    limits?: { rps: number; burst: number; backoffSeconds: number[] }
    idempotency?: { header: string; windowHours: number; methods: string[] }
    /** How a fault looks where the status does not tell it. */
    faults?: {
      status?: number | string
      field?: { path: string; equals: Json }
      code: string
      retryable?: boolean
    }[]
    /** The cheapest read that proves the credential. */
    health: { operation: string; input: JsonObject }
    operations: Record<string, DescribedOperation>
  }

  export interface DescribedOperation {
    summary: string
    effect: 'read' | 'create' | 'update' | 'delete' | 'send' | 'charge'
    labels?: {
      reads?: 'public' | 'private'
      returns?: 'trusted' | 'untrusted'
      sends?: 'none' | 'external'
    }
    scope?: string
    /** JSON Schemas, of an operation outside the vocabulary only. */
    input?: JsonObject
    output?: JsonObject
    undo?: { operation: string } | { none: string }
    idempotent?: boolean
    /** At least one; each must plan, and its response must be understood. */
    examples: { input: JsonObject; response: Json }[]
  }

  /** What `plan` is asked. */
  export interface PlanQuestion {
    operation: string
    input: JsonObject
    /** How what was done is taken back. */
    undo?: { result: JsonObject; before: JsonObject | null }
  }

  /** The request that would leave: path below the base address, and never a credential. */
  export interface Planned {
    request: {
      method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
      /** `/v1/messages/{id}`, filled from `params`. */
      path: string
      base?: string
      params?: Record<string, string | number | boolean>
      query?: Record<string, string | number | boolean | (string | number | boolean)[]>
      headers?: Record<string, string>
      json?: Json
      form?: JsonObject
    }
    /** What the vendor takes for the call. Default: nothing. */
    cost?: 'free' | { estimateUsd: string; maxUsd: string; basis: string } | { unknown: string }
    moves?: { amountMinor?: number; currency?: string; direction: 'in' | 'out' }
    /** A read before the effect, for the undo. */
    before?: { operation: string; input: JsonObject }
  }

  /** What `plan` answers to a question with `undo`. */
  export interface Undone {
    undo: { operation: string; input: JsonObject } | null
  }

  /** What `apply` is asked: the provider's answer to a request that was planned. */
  export interface ApplyQuestion {
    operation: string
    input: JsonObject
    response: { status: number; headers: Record<string, string>; body: Json }
  }
}
