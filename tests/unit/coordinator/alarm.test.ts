import { describe, expect, it } from 'vitest'
import { Ages } from '../../../src/coordinator/ages.ts'
import { Alarm } from '../../../src/coordinator/alarm.ts'
import { Entry } from '../../../src/coordinator/entry.ts'
import { added } from '../../../src/coordinator/moves.ts'
import { FakeClock } from './rig.ts'

describe('an alarm', () => {
  function start() {
    const clock = new FakeClock()
    const began = clock.monotonic()
    const rings: number[] = []
    const alarm = new Alarm(clock, () => rings.push(clock.monotonic() - began))
    return { clock, rings, alarm, at: (ms: number) => alarm.at(began + ms) }
  }

  it('rings once, at the earliest moment that was asked for', async () => {
    const { clock, rings, at } = start()

    at(500)
    at(900)
    at(200)
    await clock.advance(1_000)

    expect(rings).toEqual([200])
  })

  it('rings at once for a moment that has passed', async () => {
    const { clock, rings, at } = start()

    at(-5)
    await clock.advance(0)

    expect(rings).toEqual([0])
  })

  it('rings early rather than sleep longer than an hour, and never for a moment that does not come', async () => {
    const { clock, rings, at } = start()

    at(Number.POSITIVE_INFINITY)
    expect(clock.sleeping).toBe(0)
    at(10 * 3_600_000)
    await clock.advance(3_600_000)

    expect(rings).toEqual([3_600_000])
  })

  it('never rings after it was closed', async () => {
    const { clock, rings, alarm, at } = start()
    at(100)

    alarm.close()
    at(50)
    await clock.advance(1_000)

    expect(rings).toEqual([])
    expect(clock.sleeping).toBe(0)
  })
})

describe('ages', () => {
  const entryOf = (id: string) => new Entry(added({ id, kind: 'k', swarm: 's', enqueuedAt: '' }, { at: '' }), 1)

  it('tell who was not seen for its limit, until it is seen or forgotten', () => {
    const ages = new Ages('leasePlace')
    const [a, b, c] = [entryOf('a'), entryOf('b'), entryOf('c')]
    ages.see(a, 0, 100)
    ages.see(b, 0, 100)
    ages.see(c, 0, 1_000)
    ages.see(a, 50, 100)

    expect(ages.nextAt).toBe(100)
    expect(ages.due(99)).toEqual([])
    expect(ages.due(100)).toEqual([b])
    expect(ages.due(2_000)).toEqual([b, a, c])
    ages.forget(b)
    ages.forget(b)
    expect(ages.due(2_000)).toEqual([a, c])
    expect(ages.seenAt(a)).toBe(50)
    expect(ages.seenAt(b)).toBeUndefined()
  })

  it('have no next moment when nobody is left', () => {
    const ages = new Ages('leasePlace')
    const entry = entryOf('a')

    ages.see(entry, 0, 100)
    ages.forget(entry)

    expect(ages.nextAt).toBe(Number.POSITIVE_INFINITY)
  })
})
