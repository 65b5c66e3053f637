// What a caller is told when a guest did not answer: which module, which export, which limit, its value, and where it is
// set. The guest's own words are its own: they are quoted, never trusted.
import { type ErrorCode, FabricError, optional } from '../../foundation/index.ts'
import type { GuestExport, GuestFailure, GuestLimit, GuestLimits, GuestUsage } from '../guest-protocol.ts'
import type { LoadedModule } from '../module/loaded-module.ts'

/** A call as its errors name it. */
export interface NamedCall {
  id: string
  version: string
  export: GuestExport
  limits: GuestLimits
  /** Shorter than the contract's, when the caller said so. */
  timeoutMs: number | undefined
  requirements: LoadedModule['contract']['resource_requirements']
  usage: GuestUsage | undefined
}

const FIELDS = {
  memory: { field: 'max_memory_mb', name: 'memory', unit: 'MB' },
  fuel: { field: 'max_fuel', name: 'fuel', unit: 'units' },
  time: { field: 'max_execution_time_seconds', name: 'time', unit: 's' },
  output: { field: 'max_output_kb', name: 'output', unit: 'kB' },
  recursion: { field: 'max_call_depth', name: 'recursion', unit: 'nested calls' },
  tables: { field: 'max_table_elements', name: 'table', unit: 'elements' },
  'host-calls': { field: 'max_host_calls', name: 'host call', unit: 'host calls' },
  cpu: { field: 'max_cpu_percent', name: 'CPU', unit: '% of a core' },
} as const satisfies Record<GuestLimit | 'cpu', { field: string; name: string; unit: string }>

/** IF_ERR_MODULE_LIMIT; `details` hold module, export, limit and usage. */
export function limitReached(call: NamedCall, limit: GuestLimit | 'cpu', said?: string): FabricError {
  const { field, name, unit } = FIELDS[limit]
  const isCallers = limit === 'time' && call.timeoutMs !== undefined
  const value = isCallers ? `${call.timeoutMs} ms` : `${call.requirements[field]} ${unit}`
  const why = limit === 'cpu' ? ' while others waited for a sandbox' : ''
  return failure(call, 'IF_ERR_MODULE_LIMIT', `it went over its ${name} limit of ${value}${why}`, {
    hint: isCallers
      ? 'Give the call more time, or see why the module is slow.'
      : `The limit is resource_requirements.${field} of ${call.id}'s contract.`,
    details: { limit, ...optional('said', said) },
  })
}

/** What the worker told of a guest that did not answer. */
export function guestFailed(call: NamedCall, told: GuestFailure): FabricError {
  if (told.kind === 'limit') return limitReached(call, told.limit, told.message)
  return failure(call, 'IF_ERR_MODULE_FAILED', told.message, {
    hint: 'The fault is in the module; its publisher can tell more.',
    details: { ...optional('trace', told.trace) },
  })
}

/** What it answered is not JSON. */
export const noAnswer = (call: NamedCall, cause: unknown): FabricError =>
  failure(call, 'IF_ERR_MODULE_FAILED', 'it answered with what is no JSON', { cause })

/** The worker ended under the guest that ran in it. */
export const workerLost = (call: NamedCall, reason: string): FabricError =>
  failure(call, 'IF_ERR_MODULE_FAILED', `the worker that ran it ended: ${reason}`, {
    hint: 'The module brought it down; other modules run on in new workers.',
  })

/** The worker ended under a call that waited in it. */
export const neighbourFailed = (call: NamedCall): FabricError =>
  failure(call, 'IF_ERR_MODULE_FAILED', 'it waited for its host when another module took their worker down', {
    hint: 'The module is not at fault. Look at what its host calls have done before you call it again.',
    retryable: true,
  })

/** `asked` is the reason of the caller's signal, or nothing when the chassis was closed. */
export const cancelled = (call: NamedCall, asked?: unknown): FabricError =>
  failure(call, 'IF_ERR_CANCELLED', asked === undefined ? 'the chassis was closed' : 'the caller aborted', {
    ...optional('cause', asked),
  })

/** The wait for a worker was longer than the call may take. */
export const waitedTooLong = (call: NamedCall): FabricError =>
  failure(call, 'IF_ERR_RATE_LIMIT_EXCEEDED', `it waited ${call.limits.wallMs} ms for its turn in a sandbox`, {
    hint: `Call less often, or raise max_cpu_percent or max_instances in resource_requirements of ${call.id}'s contract.`,
  })

function failure(
  call: NamedCall,
  code: ErrorCode,
  what: string,
  { details, ...more }: { hint?: string; retryable?: boolean; cause?: unknown; details?: Record<string, unknown> },
): FabricError {
  return new FabricError(code, `${call.id} ${call.export}: ${what}`, {
    ...more,
    details: {
      module: call.id,
      version: call.version,
      export: call.export,
      ...details,
      ...optional('usage', call.usage),
    },
  })
}
