import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { REPUTATION_DEFAULTS, reputationOf } from '../../../src/governor/index.ts'
import { runOf } from '../../../src/governor/reputation.ts'

const DAY = 86_400_000

const runs = (ok: number, failed = 0, latencyMs = 100) => [
  ...Array(ok).fill(runOf({ ok: true, latencyMs })),
  ...Array(failed).fill(runOf({ ok: false, latencyMs })),
]
const scoreOf = (kept: number[], idleMs = 0) => reputationOf(kept, REPUTATION_DEFAULTS, idleMs).score

describe('a reputation', () => {
  it('is clean before anything has run', () => {
    expect(reputationOf([], REPUTATION_DEFAULTS, 400 * DAY)).toEqual({
      score: 1,
      runs: 0,
      successRate: undefined,
      p99Ms: undefined,
      reasons: [{ what: 'few-runs', text: 'nothing has been seen; it counts from 10 on', minus: 0 }],
    })
  })

  it('is clean until ten runs', () => {
    expect(scoreOf(runs(0, 9))).toBe(1)
    expect(scoreOf(runs(0, 10))).toBe(0)
  })

  it.each([
    ['all succeed in time', runs(100), 1],
    ['as many succeed as should', runs(95, 5), 0.95],
    ['a tenth fails: twice what is missing, times the rate', runs(90, 10), (1 - 0.1) * 0.9],
    ['half fails: the loss is limited', runs(50, 50), (1 - 0.3) * 0.5],
    ['a half slower than it should', runs(100, 0, 750), 1 - 0.2 * 0.5],
    ['ten times slower: the loss is limited', runs(100, 0, 5_000), 1 - 0.2],
    ['half fails, and slowly', runs(50, 50, 5_000), (1 - 0.3 - 0.2) * 0.5],
    ['one of a hundred is slow: not seen at the 99th', [...runs(99), runOf({ ok: true, latencyMs: 9_000 })], 1],
    ['two of a hundred are slow', [...runs(98), ...runs(2, 0, 9_000)], 0.8],
  ])('%s', (_what, kept, score) => {
    expect(scoreOf(kept)).toBeCloseTo(score, 12)
  })

  it.each([
    [runs(100), DAY - 1, 1],
    [runs(100), DAY, 0.99],
    [runs(100), 10 * DAY + 5, 0.9],
    [runs(100), 400 * DAY, 0.7],
    [runs(50, 50), 2 * DAY, 0.37],
    [runs(50, 50), 400 * DAY, 0.7],
  ])('drifts a hundredth a day towards 0.7 and not past it', (kept, idleMs, score) => {
    expect(scoreOf(kept, idleMs)).toBeCloseTo(score, 12)
  })

  it('is between 0 and 1 whatever ran', () => {
    const run = fc.record({ ok: fc.boolean(), latencyMs: fc.double({ min: 0, max: 1e9, noNaN: true }) }).map(runOf)
    fc.assert(
      fc.property(fc.array(run, { maxLength: 60 }), fc.nat(40 * DAY), (kept, idleMs) => {
        const { score } = reputationOf(kept, REPUTATION_DEFAULTS, idleMs)
        expect(score).toBeGreaterThanOrEqual(0)
        expect(score).toBeLessThanOrEqual(1)
      }),
    )
  })

  it.each([
    ['nothing is missing', runs(100), 0, []],
    ['failures', runs(97, 3), 0, [['failures', '97 % of the runs succeeded', 0.03]]],
    [
      'more failures than promised',
      runs(90, 10),
      0,
      [['failures', '90 % of the runs succeeded, where 95 % are promised', 0.19]],
    ],
    [
      'slowness',
      runs(100, 0, 750),
      0,
      [['slowness', '99 of 100 runs take up to 750 ms, where 500 ms are promised', 0.1]],
    ],
    ['few runs', runs(0, 9), 0, [['few-runs', '9 runs have been seen; it counts from 10 on', 0]]],
    ['idleness', runs(100), 3 * DAY, [['idle', 'nothing has run for 3 days, which brings it down towards 0.7', 0.03]]],
    [
      'idleness that lifts it',
      runs(0, 20),
      2 * DAY,
      [
        ['failures', '0 % of the runs succeeded, where 95 % are promised', 1],
        ['idle', 'nothing has run for 2 days, which brings it up towards 0.7', -0.02],
      ],
    ],
  ])('says why: %s', (_what, kept, idleMs, expected) => {
    const { reasons } = reputationOf(kept, REPUTATION_DEFAULTS, idleMs)

    expect(reasons.map(({ what, text, minus }) => [what, text, Number(minus.toFixed(9))])).toEqual(expected)
  })

  it('has reasons that add up to what is missing, whatever ran', () => {
    const run = fc.record({ ok: fc.boolean(), latencyMs: fc.double({ min: 0, max: 5_000, noNaN: true }) }).map(runOf)
    fc.assert(
      fc.property(fc.array(run, { maxLength: 60 }), fc.nat(90 * DAY), (kept, idleMs) => {
        const { score, reasons } = reputationOf(kept, REPUTATION_DEFAULTS, idleMs)
        expect(1 - reasons.reduce((sum, { minus }) => sum + minus, 0)).toBeCloseTo(score, 12)
      }),
    )
  })
})
