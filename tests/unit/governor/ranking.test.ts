import { expect, it } from 'vitest'
import { type InstanceCandidate, rankInstances } from '../../../src/governor/index.ts'

const candidate = (instance: string, rest: Partial<InstanceCandidate> = {}): InstanceCandidate => ({
  instance,
  provider: instance,
  operation: 'sms.send',
  tags: {},
  priceEstimateMicroUsd: 10_000,
  priceMaxMicroUsd: 10_000,
  breaker: 'closed',
  reputation: 1,
  headroom: 1,
  healthy: true,
  ...rest,
})

const ordered = (...candidates: InstanceCandidate[]) => rankInstances(candidates).map(({ instance }) => instance)

it('puts the cheapest for its reputation first, then who may have to wait, then unknown prices, then who is out', () => {
  const ranked = rankInstances([
    candidate('open', { breaker: 'open' }),
    candidate('unknown', { priceEstimateMicroUsd: null, priceMaxMicroUsd: null }),
    candidate('uncapped', { priceMaxMicroUsd: null, reputation: 0.5 }),
    candidate('ill', { healthy: false }),
    candidate('probing', { breaker: 'half-open', priceEstimateMicroUsd: 1 }),
    candidate('full', { headroom: 0 }),
    candidate('dear', { priceEstimateMicroUsd: 20_000 }),
    candidate('shady', { priceEstimateMicroUsd: 8_000, reputation: 0.5 }),
    candidate('free', { priceEstimateMicroUsd: 0, reputation: 0.1 }),
    candidate('good'),
  ])

  expect(ranked.map(({ instance, rank, why }) => [instance, rank, why])).toEqual([
    ['free', 1, 'free, reputation 0.1'],
    ['good', 2, '$0.01 a call, reputation 1'],
    ['shady', 3, '$0.0080 a call, reputation 0.5'],
    ['dear', 4, '$0.02 a call, reputation 1'],
    [
      'probing',
      5,
      '$0.000001 a call, reputation 1; its breaker was open and waits for a call that shows that it works',
    ],
    ['full', 6, '$0.01 a call, reputation 1; its rate limit is used up for the moment'],
    ['uncapped', 7, 'nobody knows its price; reputation 0.5'],
    ['unknown', 8, 'nobody knows its price; reputation 1'],
    ['ill', null, 'it is not healthy'],
    ['open', null, 'its circuit breaker is open'],
  ])
  expect(ranked[1]?.score).toBe(100)
  expect(ranked[0]?.score).toBeNull()
})

it('breaks ties by reputation, headroom, greatest price and name, whatever the order they come in', () => {
  const free = { priceEstimateMicroUsd: 0 }

  expect(ordered(candidate('a', { ...free, reputation: 0 }), candidate('b', free))).toEqual(['b', 'a'])
  expect(ordered(candidate('a', { headroom: 0.2 }), candidate('b'))).toEqual(['b', 'a'])
  expect(ordered(candidate('a', { priceMaxMicroUsd: 30_000 }), candidate('b'))).toEqual(['b', 'a'])
  expect(ordered(candidate('b'), candidate('a'))).toEqual(['a', 'b'])
  expect(ordered()).toEqual([])
})
