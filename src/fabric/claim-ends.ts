// Tells when a claim has ended: its task was completed, given back, taken over, or its lease ran out.
import type { Coordinator } from '../coordinator/index.ts'
import type { TaskClaim } from '../pipeline/index.ts'

/** Calls back once when a claim has ended, at once where it has already; resolves with how to stop that. */
export const claimEnds =
  (coordinator: () => Promise<Coordinator>) =>
  async ({ task, token }: TaskClaim, ended: () => void): Promise<() => void> => {
    const kept = await coordinator()
    const watching = new AbortController()
    const end = () => {
      if (watching.signal.aborted) return
      watching.abort()
      ended()
    }
    const follow = async () => {
      for await (const event of kept.watch({ signal: watching.signal })) {
        if (event.task === task && !(await kept.isCurrent(task, token))) return end()
      }
    }
    // A coordinator that closes ends the watch; then nothing acts under the claim any more.
    void follow().catch(end)
    if (!(await kept.isCurrent(task, token))) end()
    return () => watching.abort()
  }
