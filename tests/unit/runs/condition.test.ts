import { describe, expect, it } from 'vitest'
import { holds } from '../../../src/runs/condition.ts'
import { checkCondition } from '../../../src/runs/index.ts'

const scope = {
  inputs: { notify: true, limit: 100 },
  steps: {
    find: { state: 'done', result: { amount: 250, status: 'succeeded' } },
    gone: { state: 'skipped', result: null },
  },
}

describe('a condition', () => {
  it.each([
    ['inputs.notify', true],
    ['steps.find.result.amount > inputs.limit', true],
    ['steps.find.result.status == "failed"', false],
    ['steps.gone.state == "skipped" && inputs.notify', true],
    ['steps.gone.result == null', true],
  ])('%s → %s', (text, value) => {
    expect(holds(text, scope, 'step a')).toBe(value)
  })

  it.each(['steps.find.result.amount', '"yes"', '1 + 1'])('%s is refused, being neither true nor false', (text) => {
    expect(() => holds(text, scope, 'step a')).toThrow(
      expect.objectContaining({ code: 'IF_ERR_INVALID_INPUT', message: expect.stringContaining('not true or false') }),
    )
  })

  it.each(['steps.nobody.result.x > 1', 'steps.find.result.nothing > 1', 'steps.gone.result.id == "a"'])(
    '%s can not be decided',
    (text) => {
      expect(() => holds(text, scope, 'step a')).toThrow(
        expect.objectContaining({ code: 'IF_ERR_REFERENCE', message: expect.stringContaining('step a: ') }),
      )
    },
  )

  it.each(['steps.find >', '&& true', 'a b', '"open'])('%s is refused before anything is planned', (text) => {
    expect(() => checkCondition(text, 'p.yaml:4 steps.a.when')).toThrow(
      expect.objectContaining({
        code: 'IF_ERR_INVALID_INPUT',
        message: expect.stringMatching(/^p\.yaml:4 steps\.a\.when: .* is not a condition: [^\n]*$/),
        hint: expect.stringContaining('CEL'),
      }),
    )
  })
})
