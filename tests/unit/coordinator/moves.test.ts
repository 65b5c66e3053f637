import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { MOVES, type Move, type TaskState } from '../../../src/coordinator/index.ts'
import { added, beaten, moved } from '../../../src/coordinator/moves.ts'
import type { Standing, TaskRecord } from '../../../src/coordinator/record.ts'

const AT = '2026-03-01T12:00:00.000Z'
const blocker = { type: 'x', description: 'y', severity: 'low', requiredCapabilities: [] } as const
const STANDINGS: Record<TaskState, Standing> = {
  open: { state: 'open' },
  claimed: { state: 'claimed', holder: { swarm: 's', worker: 'w' }, leaseMs: 1_000, beat: 0 },
  blocked: { state: 'blocked', blocker },
  done: { state: 'done', result: null },
  failed: { state: 'failed', error: { code: 'X', message: 'y' } },
  dead: { state: 'dead', error: { code: 'X', message: 'y' } },
}
const STATES = Object.keys(STANDINGS) as TaskState[]
const NAMES = Object.keys(MOVES) as Move[]

const fresh = (): TaskRecord => added({ id: 'one', kind: 'k', swarm: 's', enqueuedAt: AT }, { at: AT })
/** The types forbid what the table forbids; a test of the table goes round them. */
const tryMove = (record: TaskRecord, move: Move, facts = {}) =>
  moved(record, move as 'claim', STANDINGS[MOVES[move].to] as never, { at: AT, ...facts })

describe('the table of moves', () => {
  test.each(STATES.flatMap((state) => NAMES.map((move) => [state, move] as const)))('from %s, %s', (state, move) => {
    const record = { ...fresh(), standing: STANDINGS[state] }

    if ((MOVES[move].from as readonly TaskState[]).includes(state)) {
      expect(tryMove(record, move).standing.state).toBe(MOVES[move].to)
    } else {
      expect(() => tryMove(record, move)).toThrow(
        expect.objectContaining({ code: 'IF_ERR_CONFLICT', retryable: false }),
      )
    }
  })

  test('whatever happens, tokens and the number of moves only grow and the history has the last 32', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...NAMES), { maxLength: 80 }), (moves) => {
        let record = fresh()
        for (const move of moves) {
          if (!(MOVES[move].from as readonly TaskState[]).includes(record.standing.state)) continue
          const next = tryMove(record, move, move === 'claim' ? { token: record.token + 1 } : {})
          expect(next.token).toBeGreaterThanOrEqual(record.token)
          expect(next.moves).toBe(record.moves + 1)
          expect(next.history.length).toBe(Math.min(32, next.moves))
          expect(next.history.at(-1)?.move).toBe(move)
          record = next
        }
      }),
    )
  })

  test('a beat changes the record and leaves its history alone', () => {
    const claimed = tryMove(fresh(), 'claim', { token: 1 })

    const next = beaten(claimed, 5_000)

    expect(next.standing).toMatchObject({ beat: 1, leaseMs: 5_000 })
    expect(next.history).toBe(claimed.history)
    expect(() => beaten(fresh())).toThrow(expect.objectContaining({ code: 'IF_ERR_CONFLICT' }))
  })
})
