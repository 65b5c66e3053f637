// What modules promise, and which of their ends count for or against it.
import type { LoadedModule } from '../chassis/index.ts'
import type { FabricError } from '../foundation/index.ts'
import type { SloCall, SloTargets } from '../governor/index.ts'

/** What the contract of a module promises. */
export const promisedBy = ({ contract: { slos } }: LoadedModule): SloTargets => ({
  p99LatencyMs: slos.p99_latency_ms,
  successRate: slos.success_rate,
  availability: slos.availability,
})

/** How a call of a module ended. */
export interface ModuleEnd {
  failure: FabricError | undefined
  wallMs: number
}

/** What it says about the module; undefined where it says nothing: what the host refused is no fault of the guest. */
export function callOf({ failure, wallMs }: ModuleEnd): SloCall | undefined {
  const latencyMs = wallMs
  if (!failure) return { ok: true, available: true, latencyMs }
  if (failure.code === 'IF_ERR_MODULE_FAILED') return { ok: false, available: true, latencyMs }
  return failure.code === 'IF_ERR_MODULE_LIMIT' ? { ok: false, available: false, latencyMs } : undefined
}
