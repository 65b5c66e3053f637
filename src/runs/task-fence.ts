// Under which claim a run is worked on.
import { FabricError, isFabricError, parseAddress } from '../foundation/index.ts'
import type { Acting, Fence, TaskClaim } from '../pipeline/index.ts'

export interface TaskFenceParts {
  acting: Acting
  fenceOf: (claim: TaskClaim) => Promise<Fence>
}

/** The fence of a claim that stands; IF_ERR_CLAIM_LOST, IF_ERR_NOT_FOUND. */
export async function fenceOf(parts: TaskFenceParts, claim: TaskClaim | undefined): Promise<Fence | undefined> {
  if (!claim) return undefined
  const fence = await parts.fenceOf(claim)
  await fence.check()
  return fence
}

/**
 * Of a run that goes on. What was done for a task belongs to whoever holds the task, who says so with the token. A person
 * needn't: the run goes on under its last claim as long as that stands, and without one where nobody holds it any more.
 */
export async function fenceAgain(
  parts: TaskFenceParts,
  given: TaskClaim | undefined,
  last: TaskClaim | undefined,
): Promise<Fence | undefined> {
  if (given || !last) return fenceOf(parts, given)
  const { actor } = parts.acting
  if (parseAddress(actor).kind !== 'person') {
    throw new FabricError(
      'IF_ERR_CLAIM_LOST',
      `the run is done for task ${last.task}, and ${actor} names no claim of it`,
      {
        hint: 'Claim the task, and go on under that claim.',
        next: `ifab task show ${last.task}`,
        details: { ...last },
      },
    )
  }
  try {
    return await fenceOf(parts, last)
  } catch (thrown) {
    if (isFabricError(thrown) && ENDED.has(thrown.code)) return undefined
    throw thrown
  }
}

const ENDED: ReadonlySet<string> = new Set(['IF_ERR_CLAIM_LOST', 'IF_ERR_NOT_FOUND'])
