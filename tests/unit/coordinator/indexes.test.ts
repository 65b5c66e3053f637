import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { circleThrough, entangled } from '../../../src/coordinator/circles.ts'
import { jsonCopy } from '../../../src/coordinator/json-copy.ts'
import { Turns } from '../../../src/coordinator/turns.ts'

describe('circles', () => {
  const graph: Record<string, string[]> = { a: ['b'], b: ['c', 'x'], c: ['a'], d: ['a'], x: [], e: ['e'] }
  const unmetOf = (id: string) => graph[id] ?? []

  test('are found from each of their members, as a path back to it', () => {
    expect(circleThrough('a', unmetOf)).toEqual(['a', 'b', 'c', 'a'])
    expect(circleThrough('c', unmetOf)).toEqual(['c', 'a', 'b', 'c'])
    expect(circleThrough('e', unmetOf)).toEqual(['e', 'e'])
  })

  test('do not go through what only leads to them', () => {
    expect(circleThrough('d', unmetOf)).toBeUndefined()
    expect(circleThrough('x', unmetOf)).toBeUndefined()
  })

  test('entangle their members and those who wait for them, and nobody else', () => {
    expect(entangled(new Map(Object.entries(graph))).sort()).toEqual(['a', 'b', 'c', 'd', 'e'])
    expect(
      entangled(
        new Map([
          ['a', ['b']],
          ['b', ['gone']],
        ]),
      ),
    ).toEqual([])
  })
})

describe('turns', () => {
  test('let nobody save up turns while away', () => {
    const turns = new Turns()
    for (let at = 0; at < 100; at++) turns.took('busy')

    expect(turns.start('newcomer')).toBeGreaterThanOrEqual(turns.of('busy') - 1)
  })

  test('forget swarms that are not ahead, so that their number is bounded', () => {
    const turns = new Turns()
    for (let at = 0; at < 2_000; at++) turns.took(`swarm-${at}`)
    for (let at = 0; at < 3_000; at++) turns.took('busy')
    for (let at = 0; at < 4_000; at++) turns.took(`other-${at}`)

    expect(turns.start('swarm-1')).toBeGreaterThan(1_000)
    expect(turns.of('swarm-1')).toBe(0)
  })
})

test('a copy of a JSON value equals it and shares nothing with it', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const known = JSON.parse(JSON.stringify(value))

      expect(jsonCopy(known)).toEqual(known)
    }),
  )
  const own = JSON.parse('{"__proto__":{"a":1},"list":[{}]}')
  expect(JSON.stringify(jsonCopy(own))).toBe(JSON.stringify(own))
  expect((jsonCopy(own) as { list: unknown[] }).list[0]).not.toBe(own.list[0])
})
