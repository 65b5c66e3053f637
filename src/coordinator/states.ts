// The one table of the states of a task and its legal moves. Every move is one compare-and-swap of one record.

export type TaskState = 'open' | 'claimed' | 'done' | 'failed' | 'blocked' | 'dead'

export const MOVES = {
  /** Asked for. */
  add: { from: [], to: 'open' },
  claim: { from: ['open'], to: 'claimed' },
  /** The holder says that it goes on. Not kept in the history. */
  extend: { from: ['claimed'], to: 'claimed' },
  complete: { from: ['claimed'], to: 'done' },
  /** An attempt failed and another will follow. */
  again: { from: ['claimed'], to: 'open' },
  /** Failed for good: another attempt would make no difference. */
  fail: { from: ['claimed'], to: 'failed' },
  /** Dead letter: no attempt is left, or the deadline has passed. */
  die: { from: ['open', 'claimed'], to: 'dead' },
  /** The holder gives it back; the attempt doesn't count. */
  release: { from: ['claimed'], to: 'open' },
  /** The lease ended without a sign of the holder. */
  expire: { from: ['claimed'], to: 'open' },
  /** The holder can't go on. */
  block: { from: ['claimed'], to: 'blocked' },
  /** It could never begin: its dependencies form a circle or are gone. */
  park: { from: ['open'], to: 'blocked' },
  unblock: { from: ['blocked'], to: 'open' },
  /** A person wants it tried again, with new attempts. */
  retry: { from: ['failed', 'dead'], to: 'open' },
  /** Nobody wants it any more; of a dead one, somebody has seen to it. */
  cancel: { from: ['open', 'claimed', 'blocked', 'dead'], to: 'failed' },
} as const satisfies Record<string, { from: readonly TaskState[]; to: TaskState }>

export type Move = keyof typeof MOVES

export const isEnded = (state: TaskState): boolean => state === 'done' || state === 'failed' || state === 'dead'

export const canMove = (state: TaskState, move: Move): boolean =>
  (MOVES[move].from as readonly TaskState[]).includes(state)
