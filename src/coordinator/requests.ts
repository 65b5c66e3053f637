// What callers of the coordinator say and get: claims, blockers, failures; checked where they come in.
import { z } from 'zod'
import { checkCapability, checkName, describeIssue, FabricError, type JsonValue } from '../foundation/index.ts'
import { type Blocker, type Holder, SEVERITIES, type TaskError } from './record.ts'
import type { Task } from './task.ts'
import { checkResult } from './task-input.ts'
import type { ClaimFilter } from './worker-group.ts'

/** A task that is yours until the lease ends. */
export interface Claim {
  readonly task: Task
  readonly payload: JsonValue
  /** The fencing token: every word about the task carries it, and an older one is refused. */
  readonly token: number
  readonly holder: Holder
  readonly leaseMs: number
}

/** What the holder of a task says when it can't go on. */
export interface BlockInput {
  /** What sort of obstacle: `needs-capability`, `needs-answer`. */
  readonly type: string
  readonly description: string
  /** Default `medium`. */
  readonly severity?: Blocker['severity']
  /** What a helper must be able to do. */
  readonly requiredCapabilities?: readonly string[]
  /** Kept for whoever goes on: JSON, 256 KiB at most. */
  readonly context?: JsonValue
}

const blockSchema = z.strictObject({
  type: z.string().regex(/^[a-z0-9][a-z0-9._-]{0,63}$/, 'expected lower-case letters, digits and hyphens, 64 at most'),
  description: z.string().min(1).max(4_096),
  severity: z.enum(SEVERITIES).default('medium'),
  requiredCapabilities: z.array(z.string()).max(64).default([]),
  context: z.unknown().optional(),
})

export function checkBlock(input: BlockInput): { blocker: Blocker; context: JsonValue | undefined } {
  const parsed = blockSchema.safeParse(input)
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    throw new FabricError(
      'IF_ERR_INVALID_INPUT',
      `blocker${issue?.path.length ? `.${issue.path.join('.')}` : ''}: ${issue ? describeIssue(issue) : 'is wrong'}`,
    )
  }
  const { context, ...blocker } = parsed.data
  for (const capability of blocker.requiredCapabilities) checkCapability(capability)
  return { blocker, context: context === undefined ? undefined : checkResult(context) }
}

export function checkHolder({ swarm, worker }: Holder): Holder {
  checkName('swarm', swarm)
  checkName('worker', worker)
  return { swarm, worker }
}

export function checkFilter(filter: ClaimFilter): ClaimFilter {
  for (const capability of filter.capabilities ?? []) checkCapability(capability, { owned: true })
  for (const swarm of filter.swarms ?? []) checkName('swarm', swarm)
  for (const kind of filter.kinds ?? []) checkName('kind', kind)
  return filter
}

const MIN_LEASE_MS = 50
const MAX_LEASE_MS = 24 * 3_600_000

export function checkLease(leaseMs: number): number {
  if (Number.isSafeInteger(leaseMs) && leaseMs >= MIN_LEASE_MS && leaseMs <= MAX_LEASE_MS) return leaseMs
  throw new FabricError(
    'IF_ERR_INVALID_INPUT',
    `a lease is ${MIN_LEASE_MS} ms to 24 h in whole milliseconds, got ${leaseMs}`,
  )
}

const MAX_MESSAGE = 4_096

export function checkError(error: TaskError | string): TaskError {
  const { code, message } = typeof error === 'string' ? { code: 'IF_ERR_ACTION_FAILED', message: error } : error
  return { code, message: message.slice(0, MAX_MESSAGE) }
}
