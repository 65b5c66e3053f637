import { describe, expect, it } from 'vitest'
import {
  blockWith,
  cancelBy,
  claimFor,
  completeWith,
  expire,
  failWith,
  giveUpLate,
  releaseWith,
} from '../../../src/coordinator/decisions.ts'
import { EventStream } from '../../../src/coordinator/event-stream.ts'
import { blockerOf, detected, eventsOf } from '../../../src/coordinator/events.ts'
import type { BlockerEvent, TaskEvent } from '../../../src/coordinator/index.ts'
import { added } from '../../../src/coordinator/moves.ts'
import type { TaskRecord } from '../../../src/coordinator/record.ts'
import { witnessEntries } from '../../../src/coordinator/witness-entries.ts'
import { ANN } from './rig.ts'

const AT = '2026-03-01T12:00:00.000Z'
const ERROR = { code: 'IF_ERR_ACTION_FAILED', message: 'no' }
const FAILING = { error: ERROR, mayRetry: true, now: Date.parse(AT), at: AT, delayOf: () => 1_000 }

const OPEN = added({ id: 'one', kind: 'k', swarm: 'finance', enqueuedAt: AT }, { at: AT })
const CLAIMED = claimFor(ANN, 1_000, AT)(OPEN)
const LAST_ATTEMPT: TaskRecord = { ...CLAIMED, attempt: 3 }

describe('what is told of a move', () => {
  it('is one event for each that was not seen before', () => {
    const record = releaseWith(1, AT, 'later')(CLAIMED)

    expect(eventsOf(record, 1).map(({ move, by, token, note }) => ({ move, by, token, note }))).toEqual([
      { move: 'claim', by: 'finance/ann', token: 1, note: null },
      { move: 'release', by: 'finance/ann', token: 1, note: 'later' },
    ])
    expect(eventsOf(record, 3)).toEqual([])
  })

  it('is a blocker where the move stops the task', () => {
    const last = (record: TaskRecord): BlockerEvent | undefined => {
      const move = record.history.at(-1)
      return move && blockerOf(record, move)
    }

    expect(last(failWith(1, FAILING)(LAST_ATTEMPT))).toMatchObject({
      isDetected: true,
      blocker: { type: 'attempts-exhausted', description: 'no', severity: 'high' },
    })
    expect(last(expire(LAST_ATTEMPT, AT)(LAST_ATTEMPT))).toMatchObject({ blocker: { type: 'attempts-exhausted' } })
    expect(last(expire(CLAIMED, AT)(CLAIMED))).toMatchObject({
      blocker: { type: 'heartbeat-missed' },
      by: 'finance/ann',
    })
    expect(last(blockWith(1, detected('deadline-at-risk', 'late'), { page: 1 }, AT)(CLAIMED))).toMatchObject({
      isDetected: false,
      context: { page: 1 },
    })
    expect(last(completeWith(1, 1, AT)(CLAIMED))).toBeUndefined()
  })

  it('is an earlier blocker too, when the task has moved on before anybody looked', () => {
    const told = (note?: string) => blockerOf(CLAIMED, { at: AT, move: 'die', token: 1, ...(note ? { note } : {}) })

    expect(told('too late')?.blocker.description).toBe('too late')
    expect(told()?.blocker.description).toBe('given up')
    expect(blockerOf(CLAIMED, { at: AT, move: 'block', token: 1 })).toBeUndefined()
  })

  it('goes to the witness as its level says', () => {
    const record = completeWith(1, 1, AT)(CLAIMED)
    const told = (level: 'none' | 'ends' | 'all') =>
      witnessEntries(record, 3, level).map(({ kind, actor }) => [kind, actor])

    expect(told('none')).toEqual([])
    expect(told('ends')).toEqual([['task.complete', 'if://swarm/finance/ann']])
    expect(told('all')).toEqual([
      ['task.add', 'if://swarm/finance'],
      ['task.claim', 'if://swarm/finance/ann'],
      ['task.complete', 'if://swarm/finance/ann'],
    ])
    expect(witnessEntries(record, 0, 'all')).toEqual([])
  })

  it('names the actor in the witness, and the reason where one was given', () => {
    const cancelled = cancelBy({ at: AT, by: 'if://person/ann' })(OPEN)

    expect(witnessEntries(cancelled, 1, 'ends', 'not needed')).toMatchObject([
      { actor: 'if://person/ann', why: 'not needed', outcome: 'failed' },
    ])
    expect(witnessEntries(giveUpLate(AT)(OPEN), 1, 'ends')).toMatchObject([{ actor: 'if://service/coordinator' }])
  })
})

describe('a reader of events', () => {
  const event = (token: number): TaskEvent => ({
    task: 'one',
    kind: 'k',
    swarm: 's',
    at: AT,
    move: 'claim',
    by: null,
    token,
    note: null,
    state: 'claimed',
  })

  it('reads what came before the end, and then the end', async () => {
    const stream = new EventStream(() => undefined)
    stream.offer(event(1))

    stream.end()
    stream.offer(event(2))

    expect(await stream.next()).toMatchObject({ value: { token: 1 } })
    expect(await stream.next()).toEqual({ done: true, value: undefined })
  })

  it('is ended with an error when it is too far behind', async () => {
    let ended = 0
    const stream = new EventStream(() => ended++)

    for (let token = 0; token < 10_001; token++) stream.offer(event(token))

    await expect(stream.next()).rejects.toMatchObject({ code: 'IF_ERR_TIMEOUT' })
    expect(await stream.next()).toEqual({ done: true, value: undefined })
    expect(ended).toBe(1)
  })

  it('that leaves drops what was waiting', async () => {
    const stream = new EventStream(() => undefined)
    stream.offer(event(1))

    await stream.return()

    expect(await stream.next()).toEqual({ done: true, value: undefined })
  })
})
