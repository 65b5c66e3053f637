import { describe, expect, it } from 'vitest'
import { CapabilityIndex } from '../../../src/governor/capability-index.ts'
import { type HelpRequest, noHelp, RESOURCE_POLICIES, type SwarmProfile } from '../../../src/governor/index.ts'
import { searchHelp } from '../../../src/governor/matcher.ts'
import { profile } from './profile.ts'

const POLICY = { ...RESOURCE_POLICIES.default, maxCostPerTaskMicroUsd: 100_000_000 }

function ask(profiles: readonly SwarmProfile[], request: Partial<HelpRequest>, sources = {}) {
  const index = new CapabilityIndex()
  for (const one of profiles) index.set(one)
  return searchHelp(index, { needs: ['integration:sip'], hours: 1, policy: POLICY, ...request }, sources)
}

const standings = (help: ReturnType<typeof ask>) =>
  Object.fromEntries(help.candidates.map(({ swarm, standing }) => [swarm, standing]))

describe('the one who helps alone', () => {
  it('is the one with most match and reputation for the money', () => {
    const help = ask(
      [
        profile('dear', ['integration:*'], { usd: 30 }),
        profile('cheap', ['integration:sip'], { usd: 10, reputation: 0.9 }),
        profile('shady', ['integration:sip'], { usd: 5, reputation: 0.2 }),
        profile('other', ['testing:load']),
      ],
      {},
    )

    expect(help.assignee).toMatchObject({ swarm: 'cheap', match: 1, costMicroUsd: 10_000_000, standing: 'assignee' })
    expect(help.assignee?.score).toBeCloseTo(0.09)
    expect(help.candidates.map(({ swarm, why }) => `${swarm}: ${why}`)).toEqual([
      'cheap: the best score of 3 who cover enough alone',
      'shady: scores 0.04, cheap 0.09; in the team of least cost',
      'dear: scores 0.0333, cheap 0.09',
    ])
    expect(help.counted).toEqual({ candidates: 3, others: 1 })
  })

  it('covers the threshold at least, which is inclusive', () => {
    const needs = Array.from({ length: 10 }, (_, at) => `domain:skill${at}`)

    const help = ask([profile('seven', needs.slice(0, 7)), profile('six', needs.slice(0, 6), { usd: 0 })], { needs })

    expect(help.assignee).toMatchObject({ swarm: 'seven', match: 0.7 })
    expect(help.candidates.find(({ swarm }) => swarm === 'six')).toMatchObject({
      standing: 'below-match',
      why: 'covers 6 of 10, fewer than the 7 that are asked of one alone',
    })
  })

  it.each([
    [
      'a free one first, by match × reputation',
      [{ usd: 0, reputation: 0.5 }, { usd: 0.01 }],
      /costs money, .* is free/,
    ],
    ['the better of two free ones', [{ usd: 0 }, { usd: 0, reputation: 0.8 }], /match × reputation is 0.8/],
    ['of equal scores the higher reputation', [{ usd: 10 }, { usd: 5, reputation: 0.5 }], /whose reputation is higher/],
    [
      'then the longest idle',
      [{ lastBusyAt: '2026-06-02T00:00:00.000Z' }, { lastBusyAt: '2026-06-03T00:00:00.000Z' }],
      /idle for longer/,
    ],
    ['then the first name', [{}, {}], /whose name comes first/],
  ] as const)('is %s', (_what, [first, second], why) => {
    const profiles = [profile('b', ['integration:sip'], second), profile('a', ['integration:sip'], first)]

    const help = ask(profiles, {})

    expect(help.assignee?.swarm).toBe('a')
    expect(help.candidates[1]?.why).toMatch(why)
  })

  it('is never the blocked one, a busy, refused, too dear or broke one, and each is told why', () => {
    const help = ask(
      [
        profile('asker', ['integration:sip'], { usd: 0 }),
        profile('asked', ['integration:sip'], { usd: 0 }),
        profile('busy', ['integration:sip'], { usd: 0, load: { running: 2, limit: 2 } }),
        profile('open', ['integration:sip'], { usd: 0 }),
        profile('dear', ['integration:sip'], { usd: 60 }),
        profile('broke', ['integration:sip'], { usd: 20, budgetMicroUsd: 30_000_000 }),
        profile('spent', ['integration:sip'], { usd: 0, budgetMicroUsd: 0 }),
      ],
      { blockedSwarm: 'asker', exclude: ['asked'], hours: 2 },
      { refusalOf: (swarm: string) => (swarm === 'open' ? 'its circuit breaker is open' : undefined) },
    )

    expect(help).toMatchObject({ assignee: undefined, team: undefined })
    expect(Object.fromEntries(help.candidates.map(({ swarm, why }) => [swarm, why]))).toEqual({
      asker: 'is the swarm that is blocked',
      asked: 'is left out of this question',
      busy: 'works on 2 tasks and takes on 2',
      open: 'its circuit breaker is open',
      dear: 'costs $120.00 for 2 h, the task may cost $100.00',
      broke: 'costs $40.00 for 2 h and has $30.00 left',
      spent: 'costs $0.00 for 2 h and has $0.00 left',
    })
  })

  it('may cost anything where budgets are not enforced, and reputations count only where they are scored', () => {
    const profiles = [
      profile('dear', ['integration:sip'], { usd: 500, budgetMicroUsd: 0 }),
      profile('shady', ['integration:sip'], { usd: 499, reputation: 0 }),
    ]
    const policy = { ...POLICY, enableBudgetEnforcement: false, enableReputationScoring: false }

    expect(standings(ask(profiles, { policy }))).toEqual({ shady: 'assignee', dear: 'outscored' })
    expect(ask(profiles, { policy }).limits.maxCostMicroUsd).toBeNull()
  })

  it('is held to the limit of the task where that is lower than the policy', () => {
    const help = ask([profile('dear', ['integration:sip'], { usd: 30 })], { maxCostMicroUsd: 20_000_000 })

    expect(standings(help)).toEqual({ dear: 'too-dear' })
  })

  it('is judged by its measured reputation where there is one', () => {
    const profiles = [
      profile('boaster', ['integration:sip']),
      profile('modest', ['integration:sip'], { reputation: 0.6 }),
    ]

    const help = ask(profiles, {}, { reputationOf: (swarm: string) => (swarm === 'boaster' ? 0.3 : undefined) })

    expect(help.assignee).toMatchObject({ swarm: 'modest', reputation: 0.6 })
  })
})

describe('a team', () => {
  const needs = ['a:1', 'a:2', 'a:3', 'a:4']

  it('covers everything for the least money, where one alone would cost more or cover less', () => {
    const help = ask(
      [
        profile('all', ['a:*'], { usd: 40 }),
        profile('left', ['a:1', 'a:2'], { usd: 10 }),
        profile('right', ['a:3', 'a:4'], { usd: 12 }),
        profile('some', ['a:2', 'a:3'], { usd: 9 }),
      ],
      { needs },
    )

    expect(help.assignee?.swarm).toBe('all')
    expect(help.team).toEqual({
      members: [
        { swarm: 'left', takes: ['a:1', 'a:2'], costMicroUsd: 10_000_000 },
        { swarm: 'right', takes: ['a:3', 'a:4'], costMicroUsd: 12_000_000 },
      ],
      match: 1,
      missing: [],
      costMicroUsd: 22_000_000,
      isProven: true,
    })
  })

  it('has no more members than the policy says and costs no more in all', () => {
    const four = needs.map((need, at) => profile(`s${at}`, [need], { usd: 10 }))

    expect(ask(four, { needs }).team).toMatchObject({ match: 0.75, missing: ['a:4'] })
    expect(ask(four, { needs, policy: { ...POLICY, maxSwarmsPerTask: 4 } }).team).toMatchObject({ match: 1 })
    expect(ask(four, { needs, maxCostMicroUsd: 20_000_000 }).team).toBeUndefined()
  })

  it('holds nobody who may not help', () => {
    const help = ask([profile('asker', ['a:*'], { usd: 0 }), profile('left', ['a:1', 'a:2', 'a:3'])], {
      needs,
      blockedSwarm: 'asker',
    })

    expect(help.team?.members.map(({ swarm }) => swarm)).toEqual(['left'])
  })

  it('of equal cost is the one with the higher reputation', () => {
    const help = ask([profile('a', ['a:1'], { reputation: 0.5 }), profile('b', ['a:1'])], { needs: ['a:1'] })

    expect(help.team?.members[0]?.swarm).toBe('b')
  })
})

describe('the answer', () => {
  it('shows the first ten, or as many as were asked for, and all of them when it explains', () => {
    const many = Array.from({ length: 30 }, (_, at) =>
      profile(`s${at}`, ['integration:sip'], { usd: 1 + ((at * 7) % 30) }),
    )
    const order = many.toSorted((a, b) => a.costPerHourMicroUsd - b.costPerHourMicroUsd).map(({ swarm }) => swarm)

    const names = (request: Partial<HelpRequest>) => ask(many, request).candidates.map(({ swarm }) => swarm)

    expect(names({})).toEqual(order.slice(0, 10))
    expect(names({ max: 3 })).toEqual(order.slice(0, 3))
    expect(names({ explain: true })).toEqual(order)
  })

  it('shows the assignee first even where only one is shown', () => {
    const help = ask([profile('a', ['integration:sip'], { usd: 2 }), profile('b', ['integration:*'], { usd: 1 })], {
      max: 1,
    })

    expect(help).toMatchObject({ assignee: { swarm: 'b' }, candidates: [{ swarm: 'b' }] })
  })

  it('names what nobody can do, and what may have been meant', () => {
    const help = ask([profile('a', ['integration:sip'])], { needs: ['integration:spi'] })

    expect(help.unknown).toEqual([{ need: 'integration:spi', near: ['integration:sip'] }])
    expect(noHelp(help)).toMatchObject({
      code: 'IF_ERR_NOT_FOUND',
      message: 'nobody can help with integration:spi',
      hint: 'No registered swarm has integration:spi. Did you mean `integration:sip`?',
    })
  })

  it('of nobody names the nearest candidate and its reason', () => {
    const dear = ask([profile('a', ['integration:sip'], { usd: 200 })], {})

    expect(noHelp(dear).hint).toBe('Nearest is a: costs $200.00 for 1 h, the task may cost $100.00.')
    expect(noHelp(ask([], {})).hint).toBe('No registered swarm has integration:sip.')
    expect(noHelp({ ...dear, candidates: [] }).hint).toBe('Register a swarm that can do it.')
  })

  it('reckons hours without a millionth too much, and counts each need once', () => {
    const help = ask([profile('a', ['a:1'], { usd: 3 })], { hours: 0.1, needs: ['a:1', 'a:1', 'a:2'] })

    expect(help.candidates[0]).toMatchObject({ costMicroUsd: 300_000, match: 0.5 })
  })

  it.each([
    ['no needs', { needs: [] }, /with 0 capabilities/],
    ['too many needs', { needs: Array.from({ length: 33 }, (_, at) => `a:${at}`) }, /with 33 capabilities/],
    ['a need that is no capability', { needs: ['Integration'] }, /"Integration" is not a capability/],
    ['a wildcard', { needs: ['integration:*'] }, /is not a capability/],
    ['no hours', { hours: 0 }, /0 is not a number of hours/],
    ['hours that are no number', { hours: Number.NaN }, /NaN is not a number of hours/],
    ['more than a year', { hours: 9_000 }, /9000 is not a number of hours/],
    ['a part of a candidate', { max: 0.5 }, /0.5 is not a number of candidates/],
    ['a negative limit', { maxCostMicroUsd: -1 }, /-1 is not a cost limit/],
  ])('to %s is refused', (_what, request, message) => {
    expect(() => ask([], request)).toThrow(
      expect.objectContaining({ code: 'IF_ERR_INVALID_INPUT', message: expect.stringMatching(message) }),
    )
  })
})
