import { describe, expect, it } from 'vitest'
import { whatGotWorse } from '../../../src/runs/difference.ts'
import type { Plan, PlanStep } from '../../../src/runs/index.ts'

const step = (id: string, more: Partial<PlanStep> = {}): PlanStep => ({
  id,
  instance: 'i',
  provider: 'p',
  operation: 'o',
  effect: 'send',
  input: {},
  request: { transport: 'http', method: 'POST', url: 'https://a.example/', headers: {}, body: null },
  around: [],
  estimateUsd: 0,
  maxUsd: 1,
  costBasis: 'free',
  undo: null,
  after: [],
  knownAfter: [],
  unset: [],
  ...more,
})

const plan = (steps: PlanStep[], decision: Plan['verdict']['decision'] = 'allow'): Plan =>
  ({ steps, verdict: { decision, reasons: [{ rule: 'r', decision, text: '', step: null }] } }) as unknown as Plan

const before = plan([step('a')], 'ask')

describe('a plan that is made again', () => {
  it.each<[string, Plan, string]>([
    [
      'another request',
      plan([step('a', { request: { ...step('a').request, method: 'PUT' } })]),
      'step a would send another request',
    ],
    ['a greater maximum', plan([step('a', { maxUsd: 2 })]), 'step a may cost $2 instead of $1'],
    ['an unknown cost', plan([step('a', { maxUsd: null })]), 'step a may cost an unknown amount instead of $1'],
    ['a step less', plan([]), 'step a is gone'],
    ['a step more', plan([step('a'), step('b')]), 'step b is new'],
    ['a stricter verdict', plan([step('a')], 'deny'), 'the verdict is deny instead of ask (r)'],
  ])('is worse with %s', (_what, after, problem) => {
    expect(whatGotWorse(before, after)).toEqual([problem])
  })

  it('is not worse when it became cheaper, known or freer', () => {
    expect(whatGotWorse(before, plan([step('a', { maxUsd: 0.5 })], 'allow'))).toEqual([])
    expect(whatGotWorse(plan([step('a', { maxUsd: null })]), plan([step('a', { maxUsd: 9 })]))).toEqual([])
    expect(whatGotWorse(before, before)).toEqual([])
  })

  it('may act only where the plan showed what it would send there', () => {
    const at = (instance: string, url = `https://${instance}.example/`) => ({
      instance,
      provider: 'p',
      request: { ...step('a').request, url },
      around: [],
      estimateUsd: 0,
      maxUsd: 1,
      costBasis: 'free',
      undo: null,
    })
    const routed = (first: string, ...others: ReturnType<typeof at>[]) =>
      plan([step('a', { ...at(first), routed: { selector: 'any', alternatives: others, left: [] } })])
    const shown = routed('x', at('y'))

    expect(whatGotWorse(shown, routed('y', at('x')))).toEqual([])
    expect(whatGotWorse(shown, routed('y'))).toEqual([])
    expect(whatGotWorse(shown, routed('x', at('y'), at('z')))).toEqual(['step a may act at z too'])
    expect(whatGotWorse(shown, routed('x', at('y', 'https://elsewhere.example/')))).toEqual([
      'step a would send another request to y',
    ])
  })

  it('names everything that is worse', () => {
    expect(whatGotWorse(before, plan([step('b')], 'deny'))).toHaveLength(3)
  })
})
