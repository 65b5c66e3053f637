// The text of a record that is put together by hand is read as the same record, whatever it holds.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { HistoryMove, Standing, TaskRecord } from '../../../src/coordinator/record.ts'
import { headText, nextHead, recordText } from '../../../src/coordinator/record-text.ts'

const text = fc.string({ unit: 'binary', maxLength: 12 })
const json = fc.jsonValue({ maxDepth: 2 })
const optional = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined })
const holder = fc.record({ swarm: text, worker: text })
const context = { ignoresAfter: fc.constant(true as const), context: json }

const standing = fc.oneof(
  fc.record(
    { state: fc.constant('open'), isFirst: fc.constant(true), delayMs: fc.nat(), ...context },
    { requiredKeys: ['state'] },
  ),
  fc.record(
    {
      state: fc.constant('claimed'),
      holder,
      leaseMs: fc.nat(),
      beat: fc.nat(),
      beatAt: fc.record({ clock: text, ms: fc.integer() }),
      ...context,
    },
    { requiredKeys: ['state', 'holder', 'leaseMs', 'beat'] },
  ),
  fc.record({ state: fc.constant('done'), result: json }),
  fc.record({ state: fc.constantFrom('failed', 'dead'), error: fc.record({ code: text, message: text }) }),
) as fc.Arbitrary<Standing>

const move = fc.record(
  {
    at: fc.constant('2026-01-01T00:00:00.000Z'),
    move: fc.constantFrom('add', 'claim', 'complete'),
    by: text,
    token: fc.nat(),
    note: text,
  },
  { requiredKeys: ['at', 'move', 'token'] },
) as fc.Arbitrary<HistoryMove>

const record: fc.Arbitrary<TaskRecord> = fc.record({
  spec: fc.record({ id: text, kind: text, swarm: text, enqueuedAt: text, payload: optional(json) }) as fc.Arbitrary<
    TaskRecord['spec']
  >,
  token: fc.nat(),
  attempt: fc.nat(),
  moves: fc.nat(),
  history: fc.array(move, { minLength: 1, maxLength: 4 }),
  standing,
})

const plain = (value: unknown) => JSON.parse(JSON.stringify(value)) as unknown

describe('the text of a record', () => {
  it('is read as that record', () => {
    fc.assert(
      fc.property(record, (known) => {
        const written = recordText(headText(known), known)

        expect(JSON.parse(written)).toEqual(plain(known))
        expect(written).not.toMatch(/[\n\t]/)
      }),
    )
  })

  it('goes on from the head of the record before', () => {
    fc.assert(
      fc.property(record, move, standing, (known, last, stands) => {
        const next = { ...known, history: [...known.history, last], standing: stands }

        const head = nextHead(headText(known), known, next)

        expect(head).toBe(headText(next))
      }),
    )
  })

  it('keeps its head where nothing was added to the history', () => {
    const known = { spec: { id: 'a' }, history: [] } as unknown as TaskRecord

    expect(nextHead('head', known, { ...known, token: 2 })).toBe('head')
  })

  it.each([
    ['what was asked has changed', (known: TaskRecord) => ({ ...known, spec: { ...known.spec } })],
    [
      'the history has lost its first move',
      ({ history, ...known }: TaskRecord) => ({ ...known, history: history.slice() }),
    ],
  ])('has no head in common where %s', (_, change) => {
    const known = {
      spec: { id: 'a' },
      history: [{ at: '', move: 'add', token: 0 }],
    } as unknown as TaskRecord

    expect(nextHead(headText(known), known, change(known))).toBeUndefined()
  })
})
