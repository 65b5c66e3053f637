import { describe, expect, it } from 'vitest'
import { circleThrough, entangled } from '../../../src/coordinator/circles.ts'
import { Turns } from '../../../src/coordinator/turns.ts'

const waiting = (of: Record<string, string[]>) => new Map(Object.entries(of))

describe('a circle of waiting', () => {
  it('is found with its path, the task first and last', () => {
    const unmet = waiting({ a: ['b'], b: ['x', 'c'], c: ['a'] })

    expect(circleThrough('a', (id) => unmet.get(id) ?? [])).toEqual(['a', 'b', 'c', 'a'])
    expect(circleThrough('x', (id) => unmet.get(id) ?? [])).toBeUndefined()
  })

  it('may be a task that waits for itself', () => {
    expect(circleThrough('a', () => ['a'])).toEqual(['a', 'a'])
  })

  it('is not found for a task that only waits for one', () => {
    const unmet = waiting({ outside: ['a'], a: ['b'], b: ['a'] })

    expect(circleThrough('outside', (id) => unmet.get(id) ?? [])).toBeUndefined()
  })
})

describe('tasks that are entangled', () => {
  it('are those of circles and those who wait for them', () => {
    const stuck = entangled(waiting({ a: ['b'], b: ['a'], c: ['a'], d: ['e'], e: [], f: ['elsewhere'] }))

    expect(stuck.sort()).toEqual(['a', 'b', 'c'])
  })

  it('are none in a long chain', () => {
    const chain = Array.from({ length: 5_000 }, (_, at) => [`t${at}`, at === 0 ? [] : [`t${at - 1}`]] as const)

    expect(entangled(new Map(chain))).toEqual([])
  })
})

describe('turns', () => {
  it('grow with each task that a swarm gets', () => {
    const turns = new Turns()

    turns.took('a')
    turns.took('a')

    expect(turns.of('a')).toBe(2)
    expect(turns.of('b')).toBe(0)
  })

  it('begin at the present for a swarm that was away', () => {
    const turns = new Turns()
    for (let time = 0; time < 10; time++) turns.took('a', turns.of('a'))

    expect(turns.start('late')).toBe(9)
  })

  it('forget swarms that are not ahead, without giving them an advantage', () => {
    const turns = new Turns()
    for (let at = 0; at < 3_000; at++) turns.took(`s${at}`, at)

    expect(turns.of('s0')).toBe(0)
    expect(turns.start('s0')).toBe(2_999)
  })
})
