import { describe, expect, it } from 'vitest'
import { type BudgetFacts, type BudgetRule, budgetsFor, costBudget } from '../../../src/governor/index.ts'

const FACTS: BudgetFacts = {
  session: 's-1',
  swarm: 'desk',
  provider: 'stripe',
  instance: 'shop',
  operation: 'refund.create',
  actor: 'if://agent/refunds',
}

const ruleOf = (more: Partial<BudgetRule>): BudgetRule => ({
  ...costBudget({ name: 'support', limitMicroUsd: 1_000, per: 'day' }),
  of: {},
  each: [],
  ...more,
})

const namesOf = (rule: Partial<BudgetRule>, facts: Partial<BudgetFacts> = {}): string[] =>
  budgetsFor([ruleOf(rule)], { ...FACTS, ...facts }).map(({ name }) => name)

describe('a budget', () => {
  it('without filters counts every action, as the rule says it', () => {
    const { of: _of, each: _each, ...budget } = ruleOf({})

    expect(budgetsFor([ruleOf({})], FACTS)).toEqual([budget])
  })

  it.each([
    ['refund.create', true],
    ['refund.*', true],
    ['*', true],
    ['*.create', true],
    ['re*.cr*e', true],
    ['refund.create*', true],
    ['refund', false],
    ['refund.create.*', false],
    ['payment.*', false],
    ['*refund.create.*create', false],
    ['', false],
  ])('of operations %j counts refund.create: %s', (glob, counts) => {
    expect(namesOf({ of: { operation: glob } })).toEqual(counts ? ['support'] : [])
  })

  it('counts an action only where all its filters fit', () => {
    expect(namesOf({ of: { swarm: 'desk', operation: 'refund.*' } })).toEqual(['support'])
    expect(namesOf({ of: { swarm: 'other', operation: 'refund.*' } })).toEqual([])
  })

  it('that is narrowed to a swarm does not count who belongs to none', () => {
    const { swarm: _swarm, ...alone } = FACTS

    expect(budgetsFor([ruleOf({ of: { swarm: '*' } })], alone)).toEqual([])
  })

  it('is one for each value of its scopes', () => {
    expect(namesOf({ each: ['swarm', 'operation'] })).toEqual(['support[swarm=desk,operation=refund.create]'])
    expect(namesOf({ each: ['actor', 'actor'] })).toEqual(['support[actor=if://agent/refunds]'])
  })

  it('lets nobody escape who has no value: they share one', () => {
    expect(namesOf({ each: ['task'] })).toEqual(['support[task=-]'])
  })

  it('never shares a name with another group, whatever is in the values', () => {
    const one = namesOf({ each: ['session', 'swarm'] }, { session: 'a,swarm=b', swarm: 'c' })
    const other = namesOf({ each: ['session', 'swarm'] }, { session: 'a', swarm: 'b,swarm=c' })

    expect(one).not.toEqual(other)
  })

  it('is found in no time whatever the pattern', () => {
    const glob = `${'*a'.repeat(60)}*b`

    expect(namesOf({ of: { session: glob } }, { session: 'a'.repeat(100_000) })).toEqual([])
  })
})
