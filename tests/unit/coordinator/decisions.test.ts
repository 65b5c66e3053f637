import { describe, expect, it } from 'vitest'
import {
  blockWith,
  cancelBy,
  claimFor,
  completeWith,
  expire,
  extendFor,
  failWith,
  giveUpLate,
  park,
  releaseWith,
  retryBy,
  unblockBy,
} from '../../../src/coordinator/decisions.ts'
import { detected } from '../../../src/coordinator/events.ts'
import { MOVES, type Move, type TaskState } from '../../../src/coordinator/index.ts'
import { added, beaten } from '../../../src/coordinator/moves.ts'
import type { Standing, TaskRecord } from '../../../src/coordinator/record.ts'
import { canMove, isEnded } from '../../../src/coordinator/states.ts'
import { ANN, BOB } from './rig.ts'

const AT = '2026-03-01T12:00:00.000Z'
const ERROR = { code: 'IF_ERR_ACTION_FAILED', message: 'no' }
const BLOCKER = detected('deadline-at-risk', 'late')
const ASKER = { at: AT, by: 'if://person/ann' }
const FAILING = { error: ERROR, mayRetry: true, now: Date.parse(AT), at: AT, delayOf: () => 1_000 }

const STANDINGS: Record<TaskState, Standing> = {
  open: { state: 'open' },
  claimed: { state: 'claimed', holder: ANN, leaseMs: 1_000, beat: 0 },
  blocked: { state: 'blocked', blocker: BLOCKER, holder: ANN },
  done: { state: 'done', result: null },
  failed: { state: 'failed', error: ERROR },
  dead: { state: 'dead', error: ERROR },
}
const STATES = Object.keys(STANDINGS) as TaskState[]

function recordIn(state: TaskState, change: Partial<TaskRecord> = {}): TaskRecord {
  const fresh = added({ id: 'one', kind: 'k', swarm: 'finance', enqueuedAt: AT }, { at: AT })
  return { ...fresh, token: 4, attempt: 1, standing: STANDINGS[state], ...change }
}

interface Request {
  move: Move
  decide: (record: TaskRecord) => TaskRecord
  refusal: 'IF_ERR_CONFLICT' | 'IF_ERR_CLAIM_LOST'
}

const HOLDERS_REQUESTS: Request[] = [
  { move: 'extend', decide: extendFor(4, undefined), refusal: 'IF_ERR_CLAIM_LOST' },
  { move: 'complete', decide: completeWith(4, null, AT), refusal: 'IF_ERR_CLAIM_LOST' },
  { move: 'again', decide: failWith(4, FAILING), refusal: 'IF_ERR_CLAIM_LOST' },
  { move: 'release', decide: releaseWith(4, AT), refusal: 'IF_ERR_CLAIM_LOST' },
  { move: 'block', decide: blockWith(4, BLOCKER, undefined, AT), refusal: 'IF_ERR_CLAIM_LOST' },
]
const OTHER_REQUESTS: Request[] = [
  { move: 'claim', decide: claimFor(BOB, 1_000, AT), refusal: 'IF_ERR_CONFLICT' },
  { move: 'unblock', decide: unblockBy(ASKER, undefined), refusal: 'IF_ERR_CONFLICT' },
  { move: 'retry', decide: retryBy(ASKER), refusal: 'IF_ERR_CONFLICT' },
  { move: 'cancel', decide: cancelBy(ASKER), refusal: 'IF_ERR_CONFLICT' },
]

describe('a decision', () => {
  it.each(
    [...HOLDERS_REQUESTS, ...OTHER_REQUESTS].flatMap((request) => STATES.map((state) => ({ ...request, state }))),
  )('on $move of a task that is $state is what the table says', ({ move, decide, refusal, state }) => {
    const record = recordIn(state)
    // Said again by its last holder: no error.
    const isSaidAgain =
      (move === 'complete' && state === 'done') || (move === 'again' && ['failed', 'dead'].includes(state))
    const isHeld = move === 'claim' && state === 'claimed'

    if (isSaidAgain) expect(decide(record)).toBe(record)
    else if (canMove(state, move)) expect(decide(record).standing.state).toBe(MOVES[move].to)
    else expect(() => decide(record)).toThrow(expect.objectContaining({ code: isHeld ? 'IF_ERR_CLAIM_LOST' : refusal }))
  })

  it.each(HOLDERS_REQUESTS)('on $move is to refuse a token that is not the newest', ({ decide }) => {
    for (const token of [3, 5]) {
      expect(() => decide(recordIn('claimed', { token }))).toThrow(
        expect.objectContaining({ code: 'IF_ERR_CLAIM_LOST' }),
      )
    }
  })

  it('leads out of an end only by retrying, and out of a dead letter also by cancelling', () => {
    const ends = STATES.filter(isEnded)
    const out = Object.entries(MOVES).filter(([, { from }]) => from.some((state: TaskState) => ends.includes(state)))

    expect(ends).toEqual(['done', 'failed', 'dead'])
    expect(out.map(([move]) => move)).toEqual(['retry', 'cancel'])
    expect(canMove('done', 'retry')).toBe(false)
    expect(ends.filter((state) => canMove(state, 'cancel'))).toEqual(['dead'])
  })

  it('gives the same claim to the same holder', () => {
    const record = recordIn('claimed')

    expect(claimFor({ ...ANN }, 9_000, AT)(record)).toBe(record)
    expect(() => claimFor(BOB, 9_000, AT)(record)).toThrow(/finance\/ann holds it/)
  })

  it('carries the context, and what a person decided, from one standing to the next', () => {
    const open = recordIn('open', { standing: { state: 'open', ignoresAfter: true, context: { page: 3 } } })

    const claimed = claimFor(ANN, 1_000, AT)(open)
    const again = failWith(claimed.token, FAILING)(claimed)

    expect(again.standing).toEqual({
      state: 'open',
      delayMs: 1_000,
      readyAt: '2026-03-01T12:00:01.000Z',
      ignoresAfter: true,
      context: { page: 3 },
    })
  })

  it('of time does nothing when the task has moved on by then', () => {
    const seen = recordIn('claimed')

    for (const state of STATES.filter((other) => other !== 'claimed')) {
      const record = recordIn(state)
      expect(expire(seen, AT)(record)).toBe(record)
      if (state === 'open') continue
      expect(giveUpLate(AT)(record)).toBe(record)
      expect(park(BLOCKER, AT)(record)).toBe(record)
    }
    const beat = beaten(seen)
    expect(expire(seen, AT)(beat)).toBe(beat)
    expect(expire(recordIn('open'), AT)(seen)).toBe(seen)
  })

  it('unblocks a task that nobody held in spite of its dependencies', () => {
    const parked = recordIn('blocked', { attempt: 0, standing: { state: 'blocked', blocker: BLOCKER } })

    expect(unblockBy(ASKER, { answer: 42 })(parked)).toMatchObject({
      attempt: 0,
      standing: { state: 'open', isFirst: true, ignoresAfter: true, context: { answer: 42 } },
    })
  })
})
