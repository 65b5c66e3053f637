import { describe, expect, it } from 'vitest'
import { localRate } from '../../../../src/chassis/pool/local-rate.ts'
import { heldClock } from '../../../support/held-clock.ts'

const options = { signal: new AbortController().signal, timeoutMs: 10_000 }

describe('a rate in one process', () => {
  it('lets a burst go at once and the rest at its pace', async () => {
    const clock = heldClock()
    const take = localRate(clock)
    const passedAt: number[] = []

    for (let n = 0; n < 5; n++) {
      await take('acme', { rps: 10, burst: 3 }, options)
      passedAt.push(clock.monotonic())
    }

    expect(passedAt).toEqual([0, 0, 0, 100, 200])
  })

  it('gives each module a bucket of its own, which fills again', async () => {
    const clock = heldClock()
    const take = localRate(clock)
    const limit = { rps: 1, burst: 1 }

    await take('a', limit, options)
    await take('b', limit, options)
    expect(clock.monotonic()).toBe(0)

    clock.pass(5_000)
    await take('a', limit, options)
    expect(clock.monotonic()).toBe(5_000)
  })

  it('refuses at once what would wait longer than it may, and takes no place for it', async () => {
    const clock = heldClock()
    const take = localRate(clock)
    const limit = { rps: 1, burst: 1 }
    await take('acme', limit, options)

    const refused = take('acme', limit, { ...options, timeoutMs: 500 })

    await expect(refused).rejects.toMatchObject({
      code: 'IF_ERR_RATE_LIMIT_EXCEEDED',
      details: { module: 'acme', retryAfterMs: 1_000 },
    })
    await take('acme', limit, options)
    expect(clock.monotonic()).toBe(1_000)
  })
})
