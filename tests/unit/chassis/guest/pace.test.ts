import { describe, expect, it } from 'vitest'
import { Pace } from '../../../../src/chassis/guest/pace.ts'

const flag = () => new Int32Array(new SharedArrayBuffer(4))

function run(ms: number): void {
  const end = performance.now() + ms
  while (performance.now() < end);
}

describe('the pace of a guest', () => {
  it('lets a turn run its share of a second without a pause', () => {
    const pace = new Pace(flag())
    pace.start(99)
    run(5)

    pace.keep(Number.POSITIVE_INFINITY)

    expect(pace.pausedMs).toBe(0)
  })

  it('pauses a turn that runs on beyond its share', () => {
    const pace = new Pace(flag())
    pace.start(1)
    run(20)

    pace.keep(performance.now() + 50)

    expect(pace.pausedMs).toBeGreaterThan(0)
  })

  it('begins anew with each turn', () => {
    const pace = new Pace(flag())
    pace.start(1)
    run(20)
    pace.keep(performance.now() + 50)
    expect(pace.pausedMs).toBeGreaterThan(0)

    pace.restart()

    expect(pace.pausedMs).toBe(0)
  })

  it.each([
    ['it may have the whole core', new Pace(flag()), 100],
    ['nobody could wake it', new Pace(undefined), 1],
  ])('never pauses where %s', (_why, pace, percent) => {
    pace.start(percent)
    run(20)

    pace.keep(performance.now() + 50)

    expect(pace.pausedMs).toBe(0)
  })
})
