import { describe, expect, it } from 'vitest'
import { expandPlaybook } from '../../../src/bus/index.ts'
import { FabricError, type JsonValue } from '../../../src/foundation/index.ts'

const expand = (steps: string, more = '', inputs: Record<string, JsonValue> = {}) =>
  expandPlaybook(`version: 1\nname: show\n${more}steps:\n${steps}`, 'show.yaml', inputs)

function problemOf(work: () => unknown): FabricError {
  try {
    work()
  } catch (thrown) {
    if (thrown instanceof FabricError) return thrown
    throw thrown
  }
  throw new Error('expected a refusal')
}

const ONE = '  tell: {use: slack message.send, with: {to: "#a", text: hi}}\n'

describe('a playbook', () => {
  it('becomes drafts of steps, with what it says of the run', () => {
    const { drafts, onFailure, budgetUsd, source } = expand(ONE, 'budget: 0.50 USD\nonFailure: undo\n')

    expect(drafts).toEqual([
      {
        id: 'tell',
        instance: 'slack',
        operation: 'message.send',
        input: { to: '#a', text: 'hi' },
        after: [],
        where: 'show.yaml:4 steps.tell'.replace(':4', ':6'),
      },
    ])
    expect([onFailure, budgetUsd]).toEqual(['undo', 0.5])
    expect(source).toMatchObject({ kind: 'playbook', name: 'show', file: 'show.yaml', inputs: {} })
  })

  it('stops on failure and has no budget where nothing is said', () => {
    expect(expand(ONE)).toMatchObject({ onFailure: 'stop', budgetUsd: null })
  })

  it.each([
    ['no steps', '  {}\n', '', 'steps: expected at least one step'],
    ['a step without use', '  a: {with: {}}\n', '', ':4 steps.a.use: '],
    ['a use without operation', '  a: {use: slack}\n', '', 'steps.a.use: expected an instance and an operation'],
    ['an unknown field', '  a: {use: s o, wen: x}\n', '', ':4 steps.a: unknown field "wen"'],
    ['a step name with a dot', '  a.b: {use: s o}\n', '', 'show.yaml:4 '],
    ['a wrong budget', ONE, 'budget: 5 EUR\n', ':3 budget: expected a number and USD'],
    ['a wrong onFailure', ONE, 'onFailure: pray\n', ':3 onFailure: '],
    ['an empty value', '  a:\n    use: s o\n    with:\n      to: #refunds\n', '', ':7 steps.a.with.to: is empty'],
    ['a forEach that is no list', '  a: {use: s o, forEach: 3}\n', '', 'steps.a.forEach'],
    ['a schema that is none', ONE, 'inputs: {a: {type: 7}}\n', ':1 inputs: not a JSON Schema'],
  ])('is refused with its line: %s', (_what, steps, more, problem) => {
    const error = problemOf(() => expand(steps, more))

    expect(error.code).toBe('IF_ERR_INVALID_FILE')
    expect(error.message).toContain(problem)
  })

  it('is refused where a condition is none', () => {
    const error = problemOf(() => expand('  a: {use: s o, when: "1 +"}\n'))

    expect(error).toMatchObject({ code: 'IF_ERR_INVALID_INPUT' })
    expect(error.message).toContain('show.yaml:4 steps.a.when: ')
  })
})

describe('inputs', () => {
  const DECLARED =
    'inputs:\n  amount: {type: integer, minimum: 1}\n  to: {type: string, default: "#a"}\n  list: {type: array, items: {type: string}, default: [x, y]}\n'
  const STEP =
    '  a: {use: s o, with: {n: "${inputs.amount}", t: "n ${inputs.amount}", to: "${inputs.to}", l: "${inputs.list}"}}\n'

  it('keep their types as whole values and are written out inside a text', () => {
    const [draft] = expand(STEP, DECLARED, { amount: 5 }).drafts

    expect(draft?.input).toEqual({ n: 5, t: 'n 5', to: '#a', l: ['x', 'y'] })
  })

  it('that come as text from a command line become what the schema wants', () => {
    expect(expand(STEP, DECLARED, { amount: '7' }).source).toMatchObject({ inputs: { amount: 7 } })
  })

  it.each<[string, Record<string, JsonValue>, string]>([
    ['is missing', {}, 'input amount is missing'],
    ['is unknown', { amount: 1, nobody: 1 }, 'there is no input nobody'],
    ['is of the wrong type', { amount: 'many' }, 'input amount must be integer'],
    ['is out of range', { amount: 0 }, 'input amount must be >= 1'],
  ])('are refused where one %s, with what to give', (_what, inputs, problem) => {
    const error = problemOf(() => expand(STEP, DECLARED, inputs))

    expect(error).toMatchObject({ code: 'IF_ERR_INVALID_INPUT', message: `show.yaml: ${problem}` })
    expect(error.hint).toContain('amount=<integer>')
  })

  it('are refused where the playbook takes none', () => {
    expect(problemOf(() => expand(ONE, '', { a: 1 })).hint).toBe('This playbook takes no inputs.')
  })

  it('that nobody declared point at nothing', () => {
    expect(problemOf(() => expand('  a: {use: s o, with: {x: "${inputs.nobody}"}}\n'))).toMatchObject({
      code: 'IF_ERR_REFERENCE',
      message: 'show.yaml:4 steps.a.with: ${inputs.nobody} points at nothing: there is no nobody',
    })
  })

  it('never become references, whatever they hold', () => {
    const text = 'costs ${steps.pay.result.id} or $${x} or ${5}'
    const [whole, inside] = expand(
      '  a: {use: s o, with: {t: "${inputs.t}"}}\n  b: {use: s o, with: {t: "it ${inputs.t}"}}\n',
      'inputs: {t: {type: string}}\n',
      { t: text },
    ).drafts

    expect(whole?.input.t).toBe('costs $${steps.pay.result.id} or $$${x} or $${5}')
    expect(inside?.input.t).toBe('it costs $${steps.pay.result.id} or $$${x} or $${5}')
  })

  it('leave escapes and references to steps for the run', () => {
    const [draft] = expand('  a: {use: s o, with: {t: "$${HOME} ${steps.b.result.id}"}}\n').drafts

    expect(draft?.input.t).toBe('$${HOME} ${steps.b.result.id}')
  })
})

describe('forEach', () => {
  it('is a step for each item, with item and index', () => {
    const { drafts } = expand(
      '  tell: {use: s o, forEach: [{to: a}, {to: b}], with: {to: "${item.to}", n: "${index}", t: "no. ${index}: ${item.to}"}}\n',
    )

    expect(drafts.map(({ id, input }) => [id, input])).toEqual([
      ['tell.0', { to: 'a', n: 0, t: 'no. 0: a' }],
      ['tell.1', { to: 'b', n: 1, t: 'no. 1: b' }],
    ])
  })

  it('takes a list of the inputs, and items that name inputs', () => {
    const inputs = 'inputs: {to: {type: array, default: [x, y]}, one: {type: string, default: z}}\n'

    const listed = expand('  a: {use: s o, forEach: "${inputs.to}", with: {to: "${item}"}}\n', inputs)
    const named = expand('  a: {use: s o, forEach: ["${inputs.one}", b], with: {to: "${item}"}}\n', inputs)

    expect(listed.drafts.map(({ input }) => input.to)).toEqual(['x', 'y'])
    expect(named.drafts.map(({ input }) => input.to)).toEqual(['z', 'b'])
  })

  it('that is waited for is waited for in each of its items', () => {
    const { drafts } = expand(
      '  a: {use: s o, forEach: [1, 2]}\n  b: {use: s o, after: a}\n  c: {use: s o, after: [b, a]}\n  d: {use: s o, forEach: [], after: a}\n  e: {use: s o, after: d}\n',
    )

    expect(drafts.map(({ id, after }) => [id, after])).toEqual([
      ['a.0', []],
      ['a.1', []],
      ['b', ['a.0', 'a.1']],
      ['c', ['b', 'a.0', 'a.1']],
      ['e', []],
    ])
  })

  it.each([
    ['  a: {use: s o, forEach: "${inputs.n}"}\n', '${inputs.n} is not a list'],
    ['  a: {use: s o, forEach: "${inputs.nobody}"}\n', 'points at nothing'],
    ['  a: {use: s o, forEach: ["${steps.b.result.x}"]}\n', 'is not known before the first step'],
    ['  a: {use: s o, with: {x: "${item}"}}\n', '${item} stands outside of forEach'],
    ['  a: {use: s o, with: {x: "${index}"}}\n', '${index} stands outside of forEach'],
    ['  a: {use: s o, forEach: [{a: 1}], with: {x: "${item.b}"}}\n', 'there is no b'],
  ])('is refused: %j', (steps, problem) => {
    const error = problemOf(() => expand(steps, 'inputs: {n: {type: integer, default: 3}}\n'))

    expect(error.code).toBe('IF_ERR_REFERENCE')
    expect(error.message).toContain(problem)
  })
})
