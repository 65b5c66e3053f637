// What the pool knows of one module: its limits, what it does now, and what it has used. Made at its first call, gone
// when the module is forgotten. "Share" is the percent of one core that its contract gives to all its instances together.
import type { ErrorCode } from '../../foundation/index.ts'
import type { GuestLimits, GuestSource, GuestUsage } from '../guest-protocol.ts'
import type { LoadedModule } from '../module/loaded-module.ts'
import { limitsOf } from '../module/service-contract.ts'
import type { ModuleResources } from '../port.ts'
import { CpuWindow, WINDOW_MS } from './cpu-window.ts'

/** Turns longer than this on average make a module one that others must be kept from waiting for. */
const SHORT_TURN_MS = 20
const LOOK_AGAIN_MS = 10
/** Weight of the newest turn in the average. */
const NEWEST = 0.2

/** A call while it runs. */
export interface Turn {
  /** Milliseconds since its turn began. */
  turnMs(now: number): number
}

export class ModuleRecord {
  readonly id: string
  readonly version: string
  readonly digest: string
  readonly limits: GuestLimits
  readonly requirements: LoadedModule['contract']['resource_requirements']
  source: GuestSource | undefined
  /** Calls that run now. */
  readonly running = new Set<Turn>()
  /** Calls that were begun: they run, or wait for the host. */
  begun = 0
  /** Calls that have not been answered, those that wait for a worker included. */
  active = 0
  /** Its instances go with its last call. */
  isForgotten = false
  readonly totals = { calls: 0, failures: 0, limits: 0, fuel: 0, hostCalls: 0, memoryBytes: 0 }
  readonly #window = new CpuWindow()
  readonly #allowedMs: number
  #averageTurnMs: number | undefined

  constructor({ id, version, digest, contract }: LoadedModule) {
    this.id = id
    this.version = version
    this.digest = digest
    this.limits = limitsOf(contract)
    this.requirements = contract.resource_requirements
    this.#allowedMs = (contract.resource_requirements.max_cpu_percent / 100) * WINDOW_MS
  }

  /** Counts a turn that has ended. */
  ranFor(cpuMs: number, now: number): void {
    this.#window.add(cpuMs, now)
    this.#averageTurnMs =
      this.#averageTurnMs === undefined ? cpuMs : this.#averageTurnMs * (1 - NEWEST) + cpuMs * NEWEST
  }

  /** Counts a call that was answered, by an error of this code if any. */
  count(usage: GuestUsage | undefined, error: ErrorCode | undefined): void {
    const { totals } = this
    totals.calls += 1
    if (error === 'IF_ERR_MODULE_LIMIT') totals.limits += 1
    else if (error === 'IF_ERR_MODULE_FAILED') totals.failures += 1
    totals.fuel += usage?.fuel ?? 0
    totals.hostCalls += usage?.hostCalls ?? 0
    totals.memoryBytes = Math.max(totals.memoryBytes, usage?.memoryBytes ?? 0)
  }

  /** How many times its share it took within the window, running turns included. */
  shareTaken(now: number): number {
    return this.#spentMs(now) / this.#allowedMs
  }

  /** When its share lets it run again, or, of one that runs, when it will have used it up. */
  shareChangesAt(now: number): number {
    // What still runs is not in the window; its end will tell.
    if (this.shareTaken(now) > 1) return Math.max(now + LOOK_AGAIN_MS, this.#window.restsAt(this.#allowedMs, now))
    return now + Math.max(1, (this.#allowedMs - this.#spentMs(now)) / Math.max(1, this.running.size))
  }

  /** Whether nothing of it has run yet, so that nobody knows how long its turns are. */
  get isUnknown(): boolean {
    return this.#averageTurnMs === undefined
  }

  /** Whether its turns are long: they were, or one is now. */
  isSlow(now: number): boolean {
    if (this.#averageTurnMs !== undefined && this.#averageTurnMs > SHORT_TURN_MS) return true
    for (const call of this.running) if (call.turnMs(now) > SHORT_TURN_MS) return true
    return false
  }

  resources(instances: number, now: number): ModuleResources {
    return {
      digest: this.digest,
      id: this.id,
      version: this.version,
      active: this.active,
      instances,
      ...this.totals,
      cpuPercent: (this.#spentMs(now) / WINDOW_MS) * 100,
    }
  }

  #spentMs(now: number): number {
    let spent = this.#window.spentMs(now)
    for (const call of this.running) spent += Math.min(WINDOW_MS, call.turnMs(now))
    return spent
  }
}
