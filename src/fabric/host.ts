// One home opened for many actors: what a daemon serves. A fabric of one actor is a view on it.
import type { CoordinatorPort, DrainOptions } from '../coordinator/index.ts'
import type { FabricError, Logger, LogLevel } from '../foundation/index.ts'
import type { HookReceiver } from './hook-port.ts'
import type { Fabric, TokenScope } from './port.ts'

export interface OpenHostOptions {
  /** Default IFAB_HOME, else ~/.ifab. Made when absent. */
  home?: string
  env?: Record<string, string | undefined>
  /** Where log lines go. Default stderr, at `logLevel`. */
  logger?: Logger
  logLevel?: LogLevel
  /** Of runs and claims, milliseconds. Default 30,000. */
  leaseMs?: number
  /** An `ifab.yaml`, its folder, or `none`. Default IFAB_PROJECT, else the working folder and those above it are searched. */
  project?: string
}

/** As whom a fabric acts. */
export interface ActingOptions {
  actor?: string
  session?: string
  /** That the actor belongs to; of `if://swarm/…` its own. */
  swarm?: string
  why?: string
  trace?: boolean | string
}

/** What a bearer token grants. */
export interface Grant {
  /** Id of the token. */
  id: string
  actor: string
  scopes: readonly TokenScope[]
  /** Null: all. */
  swarms: readonly string[] | null
  /** Wall clock, milliseconds. */
  expiresAt: number
}

export interface FabricHost {
  readonly home: string
  readonly version: string
  readonly logger: Logger
  /** The home as this actor uses it. Closing such a fabric ends what it watches, not the host. */
  as(acting: ActingOptions): Fabric
  /** IF_ERR_INVALID_TOKEN for one that is unknown, expired or revoked. */
  authenticate(token: string): Promise<Grant>
  /** Puts on record that somebody tried to decide on a plan and was refused before the approvals heard of it. */
  refusedDecision(reference: string, by: { actor: string; session: string }, error: FabricError): Promise<void>
  /** Tokens revoked from now on, in this process or another, by id. */
  revocations(options: { signal: AbortSignal }): AsyncIterable<string>
  coordinator(): Promise<CoordinatorPort>
  /** From now on hears of blockers, invites helpers and tells people, until it is closed. Any number of processes may. */
  escalate(): Promise<void>
  /** From now on deliveries of vendors are taken; `publicUrl` goes before that of config.yaml. */
  receiveHooks(door: { publicUrl?: string; localUrl: string }): HookReceiver
  /** Ends workers (their claims are handed back), then everything. */
  close(options?: DrainOptions): Promise<void>
}
