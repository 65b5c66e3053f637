// What passes between the pool, which lives with the coordinator, and a worker thread, in which guests run. Plain data:
// nothing here can carry a function, a secret or an object of the host into a guest.

/** What a module can be asked for. Adapters export the first four, agents `execute`; all of them `describe`. */
export const GUEST_EXPORTS = ['describe', 'plan', 'apply', 'health', 'execute'] as const
export type GuestExport = (typeof GUEST_EXPORTS)[number]

/** `script`: JavaScript in QuickJS. `wasm`: a core module, metered. */
export type GuestKind = 'script' | 'wasm'

/** What a guest may use, from its service contract. */
export interface GuestLimits {
  /** Linear memory, bytes. */
  memoryBytes: number
  /** Of one call: units of fuel (see metering), deterministic for a fresh instance. */
  fuel: number
  /** Of one call, time in host calls included. */
  wallMs: number
  /** Of one answer, bytes of UTF-8. */
  outputBytes: number
  /** Nested calls in a core module. */
  callDepth: number
  /** Of the stack of a script, bytes. */
  stackBytes: number
  /** Elements of all tables of a core module together. */
  tableElements: number
  /** Host calls (`call`, `kv`) of one guest call. */
  hostCalls: number
  /**
   * Percent of a core that one turn keeps to once it has run for as much of a second, by pausing where it is metered.
   * Default: it runs on.
   */
  cpuPercent?: number
}

/** A module as a worker gets it, once. */
export type GuestSource =
  | { kind: 'script'; script: string }
  /** Metered and compiled by the pool's side; `WebAssembly.Module` is cloned cheaply. */
  | { kind: 'wasm'; module: WebAssembly.Module }

/**
 * Clock and chance of a call. `seeded`: both follow from the seed, so that the same input gives the same answer
 * everywhere (`plan`, `describe`). `live`: the host's own.
 */
export type GuestTime = { kind: 'seeded'; seed: string; nowMs: number } | { kind: 'live' }

/** What a guest wants of its host; the only ways out of a sandbox beside its answer. */
export type GuestWant =
  | { kind: 'call'; intent: string }
  | { kind: 'kv.get'; key: string }
  | { kind: 'kv.set'; key: string; value: string }
  | { kind: 'kv.delete'; key: string }
  | { kind: 'kv.list'; prefix: string }

/** The answer to a want: JSON text, or an error that the guest may catch. */
export type GuestAnswer =
  | { ok: string }
  | { error: { code: string; message: string; hint?: string; retryable?: boolean } }

export interface GuestUsage {
  fuel: number
  /** The worker's time in this guest, without waiting. */
  cpuMs: number
  /** Linear memory at the end, bytes. */
  memoryBytes: number
  hostCalls: number
}

export type ToWorker =
  | {
      type: 'call'
      id: number
      /** Digest of the module: names its instances in the worker. */
      module: string
      /** With the first call of a module in this worker. */
      source?: GuestSource
      export: GuestExport
      /** JSON text. */
      input: string
      limits: GuestLimits
      time: GuestTime
      /** A new instance for this call alone, so that its fuel can be repeated. Default: a warm one is used again. */
      fresh: boolean
    }
  /** The answer to a want; `wallMs` is what is left of the call's time. */
  | { type: 'answer'; id: number; want: number; answer: GuestAnswer; wallMs: number }
  /** Nobody waits for the call any more: its instance goes. */
  | { type: 'abandon'; id: number }
  /** The module's instances and source go. */
  | { type: 'forget'; module: string }
  /** Whether it still answers. */
  | { type: 'ping'; id: number }

/** Which limit a call ran into. */
export type GuestLimit = 'memory' | 'fuel' | 'time' | 'output' | 'recursion' | 'tables' | 'host-calls'

export type GuestFailure =
  | { kind: 'limit'; limit: GuestLimit; message: string }
  /** The guest's own error, a trap, no such export, an answer that is not JSON. `trace` is the guest's, cut. */
  | { kind: 'failed'; message: string; trace?: string }

export type FromWorker =
  | { type: 'ready' }
  | { type: 'done'; id: number; output: string; usage: GuestUsage }
  | { type: 'failed'; id: number; failure: GuestFailure; usage: GuestUsage }
  /** Sent while the guest runs; several may be open at once. */
  | { type: 'want'; id: number; want: number; what: GuestWant; usage: GuestUsage }
  /** Ends a turn, as `done` and `failed` do: the guest waits for answers, and the worker is free for others meanwhile. */
  | { type: 'parked'; id: number; usage: GuestUsage }
  /** A warm instance went to make room for others. */
  | { type: 'dropped'; module: string }
  | { type: 'log'; id: number; level: 'debug' | 'info' | 'warn' | 'error'; text: string }
  | { type: 'pong'; id: number }
