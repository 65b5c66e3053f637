import { describe, expect, it } from 'vitest'
import type { StepDraft } from '../../../src/runs/index.ts'
import { orderSteps } from '../../../src/runs/order.ts'

const draft = (id: string, more: Partial<StepDraft> = {}): StepDraft => ({
  id,
  instance: 'i',
  operation: 'o',
  input: {},
  after: [],
  ...more,
})

const idsOf = (drafts: StepDraft[]) => orderSteps(drafts).map((step) => step.id)

describe('steps', () => {
  it('stand behind those they wait for, otherwise as they came', () => {
    const drafts = [
      draft('tell', { input: { text: 'see ${steps.pay.result.id}' } }),
      draft('lights'),
      draft('last', { after: ['tell', 'lights'] }),
      draft('pay'),
    ]

    expect(idsOf(drafts)).toEqual(['pay', 'tell', 'lights', 'last'])
  })

  it('wait for what their input and their condition name, each once', () => {
    const [, , c] = orderSteps([
      draft('a'),
      draft('show-1.0'),
      draft('c', {
        after: ['a'],
        input: { x: '${steps.a.result.id}', y: ['${steps.show-1.0.result.id}'] },
        when: 'steps.a.result.ok && steps["show-1.0"].result.ok && steps[\'a\'].state == "done"',
      }),
    ])

    expect(c?.after).toEqual(['a', 'show-1.0'])
  })

  it.each([
    ['in its input', { input: { x: '${steps.b.result.id}' } }],
    ['in after', { after: ['b'] }],
    ['in its condition', { when: 'steps.b.result.ok' }],
  ])('that name a step that does not exist %s are refused with the steps there are', (_where, more) => {
    expect(() => orderSteps([draft('a', { where: 'p.yaml:3 steps.a', ...more }), draft('c')])).toThrow(
      expect.objectContaining({
        code: 'IF_ERR_REFERENCE',
        message: 'p.yaml:3 steps.a: there is no step "b"',
        hint: 'Steps are: a, c.',
      }),
    )
  })

  it('that wait for each other are refused with the circle', () => {
    const drafts = [
      draft('x', { after: ['a'] }),
      draft('a', { after: ['b'] }),
      draft('b', { after: ['c'] }),
      draft('c', { after: ['a'] }),
    ]

    expect(() => orderSteps(drafts)).toThrow(
      expect.objectContaining({ code: 'IF_ERR_REFERENCE', message: expect.stringContaining('a → b → c → a') }),
    )
  })

  it('that wait for themselves are a circle', () => {
    expect(() => orderSteps([draft('a', { after: ['a'] })])).toThrow('a → a')
  })

  it('have names of their own', () => {
    expect(() => orderSteps([draft('a'), draft('a')])).toThrow('two steps are called a')
    expect(() => orderSteps([draft('a/b')])).toThrow('is not a step name')
  })

  it('may be many', () => {
    const many = Array.from({ length: 1_000 }, (_, at) => draft(`s${at}`, at > 0 ? { after: [`s${at - 1}`] } : {}))

    expect(idsOf([...many].reverse())).toEqual(many.map((step) => step.id))
  })
})
