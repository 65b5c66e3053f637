import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { systemClock } from '../../../src/foundation/index.ts'
import { openRateLimits } from '../../../src/governor/index.ts'
import { heldClock } from '../../support/held-clock.ts'

const TEN = { rps: 10, burst: 3 }

function setUp() {
  const clock = heldClock()
  return { clock, limits: openRateLimits({ clock }) }
}

describe('a rate limit', () => {
  it('lets the burst out at once, then one after the other', async () => {
    const { clock, limits } = setUp()

    for (let at = 0; at < 3; at++) await limits.take('stripe', TEN)
    const burst = clock.monotonic()
    await limits.take('stripe', TEN)
    const fourth = clock.monotonic()
    await limits.take('stripe', TEN)

    expect([burst, fourth, clock.monotonic()]).toEqual([0, 100, 200])
  })

  it('fills up to the burst and no further', async () => {
    const { clock, limits } = setUp()
    await limits.take('stripe', TEN)
    const after = limits.headroom('stripe', TEN)

    clock.pass(50)
    const half = limits.headroom('stripe', TEN)
    clock.pass(1_000_000)

    expect(after).toBeCloseTo(2 / 3)
    expect(half).toBeCloseTo(2.5 / 3)
    expect(limits.headroom('stripe', TEN)).toBe(1)
  })

  it('counts each instance by itself', async () => {
    const { limits } = setUp()

    await limits.take('a', { rps: 1, burst: 1 })

    expect(limits.headroom('a', { rps: 1, burst: 1 })).toBe(0)
    expect(limits.headroom('b', { rps: 1, burst: 1 })).toBe(1)
  })

  it('refuses at once who would have to wait too long, and takes nothing from those who wait', async () => {
    const { clock, limits } = setUp()
    for (let at = 0; at < 3; at++) await limits.take('stripe', TEN)

    await expect(limits.take('stripe', TEN, { timeoutMs: 99 })).rejects.toMatchObject({
      code: 'IF_ERR_RATE_LIMIT_EXCEEDED',
      message: 'stripe is called more than 10 times a second: the next call could go out in 100 ms',
      retryable: true,
      details: { retryAfterMs: 100, outcome: 'not-done' },
    })
    await limits.take('stripe', TEN, { timeoutMs: 100 })

    expect(clock.monotonic()).toBe(100)
  })

  it('gives the place of who gave up to the next one', async () => {
    const limits = openRateLimits({ clock: systemClock })
    const slow = { rps: 0.001, burst: 1 }
    await limits.take('stripe', slow)
    const giveUp = new AbortController()
    const waiting = limits.take('stripe', slow, { signal: giveUp.signal, timeoutMs: 1_000_000 })

    giveUp.abort(new Error('no more'))

    await expect(waiting).rejects.toMatchObject({ code: 'IF_ERR_CANCELLED' })
    await expect(limits.take('stripe', slow, { signal: giveUp.signal })).rejects.toMatchObject({
      code: 'IF_ERR_CANCELLED',
    })
    await expect(limits.take('stripe', slow, { timeoutMs: 1 })).rejects.toMatchObject({
      details: { retryAfterMs: expect.toSatisfy((ms: number) => ms > 900_000 && ms <= 1_000_000) },
    })
  })

  it.each([
    { rps: 0, burst: 1 },
    { rps: -1, burst: 1 },
    { rps: Number.NaN, burst: 1 },
    { rps: 1, burst: 0 },
    { rps: 1, burst: Number.POSITIVE_INFINITY },
  ])('is refused when it is none: %o', async (limit) => {
    const { limits } = setUp()

    await expect(limits.take('stripe', limit)).rejects.toMatchObject({ code: 'IF_ERR_INVALID_INPUT' })
    expect(() => limits.headroom('stripe', limit)).toThrow(expect.objectContaining({ code: 'IF_ERR_INVALID_INPUT' }))
  })

  it('never lets more out than burst and rate allow, whenever who asks', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.record({ rps: fc.integer({ min: 1, max: 50 }), burst: fc.integer({ min: 1, max: 10 }) }),
        fc.array(fc.nat(300), { minLength: 1, maxLength: 40 }),
        async (limit, pauses) => {
          const { clock, limits } = setUp()
          const out: number[] = []
          for (const pause of pauses) {
            clock.pass(pause)
            await limits.take('x', limit)
            out.push(clock.monotonic())
          }
          for (const [from, start] of out.entries()) {
            const until = out.at(-1) ?? 0
            // Waits are whole milliseconds, so that two calls may be one closer than they should.
            const allowed = limit.burst + ((until - start + 1) * limit.rps) / 1_000
            expect(out.length - from).toBeLessThanOrEqual(allowed + 1e-6)
          }
        },
      ),
      { numRuns: 50 },
    )
  })
})
