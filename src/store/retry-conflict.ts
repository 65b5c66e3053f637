// Compare-and-swap in a loop: read, decide, commit, and again when somebody else was quicker. Bounded, so that a fault
// which looks like a conflict for ever ends as one.
import { isFabricError } from '../foundation/index.ts'

/** Each round has a winner, so with this many tries only a store that never lets anybody win gives up. */
const MOST_TRIES = 100

/** Runs `attempt`, which reads before it commits, until it meets no IF_ERR_CONFLICT that another try may pass. */
export async function retryConflict<T>(attempt: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await attempt()
    } catch (thrown) {
      const mayPass = isFabricError(thrown) && thrown.code === 'IF_ERR_CONFLICT' && thrown.retryable
      if (!mayPass || tries === MOST_TRIES) throw thrown
    }
  }
}
