// An answer that streams may outlast the lease that it began under. While it goes on the claim is kept alive as it was
// begun: by commits that hold only while the claim does. Where it does not any more, the stream ends.
import { FabricError, isFabricError } from '../foundation/index.ts'
import type { Fence } from './fence.ts'
import type { PipelineParts } from './passage.ts'

export interface LeaseWatch {
  /** Aborted, with the error as its reason, once the claim may be another's. */
  over: AbortSignal
  /** Must be called. */
  end(): void
}

/** So often at most, however short the lease. */
const SHORTEST_MS = 100

export function watchLease(
  { store, clock }: Pick<PipelineParts, 'store' | 'clock'>,
  fence: Fence,
  heldUntil: number,
): LeaseWatch {
  const over = new AbortController()
  const ended = new AbortController()
  let until = heldUntil
  let timer: NodeJS.Timeout | undefined
  const leftMs = () => Math.max(0, until - clock.monotonic())
  const arm = () => {
    clearTimeout(timer)
    timer = setTimeout(() => over.abort(leaseEnded(fence)), leftMs())
  }

  async function keep(): Promise<void> {
    while (!ended.signal.aborted && !over.signal.aborted) {
      await clock.sleep(Math.max(leftMs() / 2, SHORTEST_MS), ended.signal)
      try {
        until = (await fence.commit((condition) => store.commit([condition]))).heldUntil
        if (!ended.signal.aborted) arm()
      } catch (thrown) {
        // What else hinders the commit may pass before the lease does.
        if (isFabricError(thrown) && thrown.code === 'IF_ERR_CLAIM_LOST') over.abort(thrown)
      }
    }
  }

  arm()
  keep().catch(() => undefined) // its sleep was ended
  return {
    over: over.signal,
    end() {
      clearTimeout(timer)
      ended.abort()
    },
  }
}

const leaseEnded = ({ claim: { task, token } }: Fence): FabricError =>
  new FabricError('IF_ERR_TIMEOUT', `the lease of token ${token} of task ${task} ended while the answer streamed`, {
    hint: 'Somebody else may hold the task by now: stop working on it.',
    next: `ifab task show ${task}`,
    details: { task },
  })
