// Orders that arrive while a commit is under way share the next one, so that parallel actions of one process don't fight
// over the same record; other processes are met by compare-and-swap and a new reckoning.
import { isFabricError } from '../foundation/index.ts'
import type { CommitResult, Store } from '../store/index.ts'
import { type Accepted, draftCommit } from './budget-draft.ts'
import type { HoldResult, Order, Waiting } from './budget-order.ts'

export interface BudgetQueue {
  submit(order: Order): Promise<HoldResult>
}

/** Each round has a winner, so with this many tries only a store that never lets anybody win gives up. */
const MOST_TRIES = 100

export function openBudgetQueue(store: Store): BudgetQueue {
  let queue: Waiting[] = []
  let isBusy = false

  const submit = (order: Order): Promise<HoldResult> =>
    new Promise((resolve, reject) => {
      queue.push({ order, resolve, reject })
      if (!isBusy) void drain() // every failure goes to those who wait
    })

  async function drain(): Promise<void> {
    isBusy = true
    await Promise.resolve() // whoever arrives in this turn joins
    while (queue.length > 0) {
      const batch = queue
      queue = []
      // Where a commit may be applied in part, one that failed must tell of one order alone.
      for (const together of store.capabilities.atomic ? [batch] : batch.map((waiting) => [waiting])) {
        try {
          await carryOut(together)
        } catch (thrown) {
          for (const { reject } of together) reject(thrown)
        }
      }
    }
    isBusy = false
  }

  /** Says no. Where a part of the hold may be in the store, it is taken back first. */
  function refuse({ order, reject }: Waiting, reason: unknown): void {
    const isWhole = store.capabilities.atomic || order.kind === 'settle'
    const takenBack = isWhole ? Promise.resolve() : submit(releaseOf(order.id))
    takenBack.then(
      () => reject(reason),
      () => reject(reason), // what is left is found by recover
    )
  }

  async function carryOut(orders: Waiting[]): Promise<void> {
    let batch = orders
    for (let tries = 1; ; tries++) {
      const draft = await draftCommit(batch, store)
      for (const { waiting, reason } of draft.refused) {
        // Whoever used the id before keeps the reservation.
        if (reason.code === 'IF_ERR_ALREADY_EXISTS') waiting.reject(reason)
        else refuse(waiting, reason)
      }
      if (draft.accepted.length === 0) return
      batch = draft.accepted.map(({ waiting }) => waiting)
      try {
        hand(draft.accepted, await store.commit(draft.writes, draft.log))
        return
      } catch (thrown) {
        const key = isFabricError(thrown) && thrown.code === 'IF_ERR_CONFLICT' ? String(thrown.details.key) : undefined
        const isOurs = key !== undefined && draft.ownKeys.has(key)
        if (isOurs && tries < MOST_TRIES) continue
        if (key === undefined || isOurs || batch.length === 1) {
          for (const waiting of batch) refuse(waiting, thrown)
          return
        }
        // Somebody's attached write lost its race: each one for itself, so that only that one fails.
        for (const waiting of batch) await carryOut([waiting])
        return
      }
    }
  }

  return { submit }
}

/** Ends a reservation that nothing was taken from. */
export const releaseOf = (id: string): Order => ({
  kind: 'settle',
  id,
  actualMicroUsd: 0,
  actualOutflowMinor: 0,
  writes: [],
  log: [],
})

/** Each caller gets the revisions and sequence numbers of what it attached. */
function hand(accepted: readonly Accepted[], { revisions, sequences }: CommitResult): void {
  for (const { waiting, warnings, firstWrite, firstLog } of accepted) {
    const { writes, log } = waiting.order
    waiting.resolve({
      revisions: revisions.slice(firstWrite, firstWrite + writes.length),
      sequences: sequences.slice(firstLog, firstLog + log.length),
      warnings,
    })
  }
}
