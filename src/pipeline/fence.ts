// The claim of a task as an action sees it. Its begin is one commit with a rewrite of the task's record, so that after a
// newer claim, or the end of this one, nothing begins; and nothing leaves once the lease may have run out, however long
// this process was stopped in between.
import type { Door, DoorSocket } from '../egress/index.ts'
import { type Clock, FabricError, isFabricError } from '../foundation/index.ts'
import type { Write } from '../store/index.ts'

/** Under which claim somebody acts. */
export type TaskClaim = { task: string; token: number }

/** What whoever keeps the claims offers for one of them. */
export interface ClaimCondition {
  /** Goes first into a commit that is to hold only while the claim does; conflicts when the task's record has moved. */
  write: Write
  /** Monotonic milliseconds: until then the claim certainly stands, once the commit is durable. */
  heldUntil: number
}

export interface Fence {
  readonly claim: TaskClaim
  /** Of its holder. */
  readonly swarm: string | undefined
  /** IF_ERR_CLAIM_LOST when the claim has ended, IF_ERR_NOT_FOUND where there is no such task. */
  check(): Promise<void>
  /** Makes a commit that holds only while the claim does, `condition` first in it; IF_ERR_CLAIM_LOST. */
  commit<T>(make: (condition: Write) => Promise<T>): Promise<{ committed: T; heldUntil: number }>
}

/** Others rewrite the record now and then (its holder's signs of life), never so often. */
const MOST_TRIES = 100

/** `conditionOf` rejects with IF_ERR_CLAIM_LOST when the claim has ended, with IF_ERR_NOT_FOUND where there is no task. */
export function openFence(
  claim: TaskClaim,
  conditionOf: (claim: TaskClaim) => Promise<ClaimCondition>,
  swarm?: string,
): Fence {
  // One commit at a time: they rewrite the same record.
  let last: Promise<unknown> = Promise.resolve()

  async function attempt<T>(make: (condition: Write) => Promise<T>): Promise<{ committed: T; heldUntil: number }> {
    for (let tries = 1; ; tries++) {
      const { write, heldUntil } = await conditionOf(claim).catch((thrown: unknown) => {
        throw isFabricError(thrown) && thrown.code === 'IF_ERR_NOT_FOUND' ? taskGone(claim, thrown) : thrown
      })
      try {
        return { committed: await make(write), heldUntil }
      } catch (thrown) {
        const isOurs = isFabricError(thrown) && thrown.code === 'IF_ERR_CONFLICT' && thrown.details.key === write.key
        if (!isOurs || tries === MOST_TRIES) throw thrown
      }
    }
  }

  return {
    claim,
    swarm,
    check: async () => void (await conditionOf(claim)),
    commit(make) {
      const turn = last.then(() => attempt(make))
      last = turn.catch(() => undefined) // told to who asked
      return turn
    },
  }
}

/** A task that ended is removed after a time. */
const taskGone = ({ task }: TaskClaim, cause: FabricError): FabricError =>
  new FabricError('IF_ERR_CLAIM_LOST', `task ${task} is gone, and every claim of it`, { cause, details: { task } })

/** A commit under a fence, or a plain one where there is none; `conditions` go first into it. */
export async function commitUnder<T>(
  fence: Fence | undefined,
  make: (conditions: Write[]) => Promise<T>,
): Promise<{ committed: T; heldUntil: number | undefined }> {
  if (!fence) return { committed: await make([]), heldUntil: undefined }
  return fence.commit((condition) => make([condition]))
}

/** The way out, cut to what is left of the claim: 0 ms or less when nothing is. */
export function withinLease<Way extends { door: Door; timeoutMs: number }>(
  way: Way,
  clock: Clock,
  held: { claim: TaskClaim; heldUntil: number },
): Way {
  const remainingMs = Math.floor(held.heldUntil - clock.monotonic())
  return { ...way, door: doorUntil(way.door, clock, held), timeoutMs: Math.min(way.timeoutMs, remainingMs) }
}

/** The door, as long as the claim is certainly held: it is looked at when the bytes are about to leave. */
export function doorUntil(
  door: Door,
  clock: Clock,
  { claim, heldUntil }: { claim: TaskClaim; heldUntil: number },
): Door {
  const beforeSend = (): void => {
    if (clock.monotonic() >= heldUntil) throw leaseOver(claim)
  }
  return {
    send: (request, options) => door.send(request, { ...options, beforeSend }),
    stream: (request, options) => door.stream(request, { ...options, beforeSend }),
    async connect(request, options): Promise<DoorSocket> {
      beforeSend()
      const socket = await door.connect(request, options)
      return {
        messages: socket.messages,
        close: () => socket.close(),
        send(message, slots) {
          beforeSend()
          socket.send(message, slots)
        },
      }
    },
    close: () => door.close(),
  }
}

export const leaseOver = ({ task, token }: TaskClaim): FabricError =>
  new FabricError('IF_ERR_CLAIM_LOST', `the lease of token ${token} of task ${task} ran out before the request left`, {
    hint: 'Somebody else may hold the task by now: stop working on it. A longer lease helps where this happens often.',
    next: `ifab task show ${task}`,
    details: { task, outcome: 'not-done', departure: 'nothing-left', attempts: [] },
  })
