import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { CpuWindow, WINDOW_MS } from '../../../../src/chassis/pool/cpu-window.ts'

describe('a window of time spent', () => {
  it('holds what was spent in it, until it has slid past', () => {
    const window = new CpuWindow()

    window.add(30, 10_030)
    window.add(20, 10_400)

    expect(window.spentMs(10_400)).toBe(50)
    expect(window.spentMs(11_040)).toBe(20)
    expect(window.spentMs(11_400)).toBe(0)
  })

  it('counts of a long turn the part that lies in it', () => {
    const window = new CpuWindow()

    window.add(5_000, 20_000)

    expect(window.spentMs(20_000)).toBeGreaterThan(WINDOW_MS - 51)
    expect(window.spentMs(20_500)).toBeLessThanOrEqual(WINDOW_MS / 2)
  })

  it('is empty at first, also for a clock that begins at 0', () => {
    const window = new CpuWindow()
    expect(window.spentMs(0)).toBe(0)

    window.add(500, 20)

    expect(window.spentMs(20)).toBeLessThanOrEqual(20)
  })

  it('tells when no more than an allowance lies in it', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.record({ cpuMs: fc.double({ min: 0, max: 3_000, noNaN: true }), gapMs: fc.integer({ min: 0, max: 900 }) }),
          {
            minLength: 1,
            maxLength: 30,
          },
        ),
        fc.integer({ min: 1, max: 1_000 }),
        (turns, allowedMs) => {
          const window = new CpuWindow()
          let now = 50_000
          for (const { cpuMs, gapMs } of turns) {
            now += gapMs + cpuMs
            window.add(cpuMs, now)
          }
          expect(window.spentMs(now)).toBeLessThanOrEqual(WINDOW_MS + 1e-6)

          const restsAt = window.restsAt(allowedMs, now)

          expect(restsAt).toBeGreaterThanOrEqual(now)
          expect(restsAt).toBeLessThanOrEqual(now + WINDOW_MS)
          expect(window.spentMs(restsAt)).toBeLessThanOrEqual(allowedMs + 1e-6)
        },
      ),
    )
  })
})
