import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { JsonValue } from '../../../src/foundation/index.ts'
import { escapeReferences, fillReferences, findReferences, keepEscapes, valueAt } from '../../../src/runs/index.ts'
import { parseReference } from '../../../src/runs/references.ts'

const RESULTS: Record<string, JsonValue> = {
  find: { id: 'pi_1', amount: 2500, yes: true, none: null, list: [{ id: 'a' }, 'b'], 'a b': 1 },
  'show-1.0': { id: 'zero' },
}

const fill = (value: JsonValue): JsonValue =>
  fillReferences(value, (reference) => valueAt(RESULTS[reference.step ?? ''], reference, 'steps.tell'))

describe('a reference that is the whole value', () => {
  it.each<[string, JsonValue]>([
    ['${steps.find.result.id}', 'pi_1'],
    ['${steps.find.result.amount}', 2500],
    ['${steps.find.result.yes}', true],
    ['${steps.find.result.none}', null],
    ['${steps.find.result.list}', [{ id: 'a' }, 'b']],
    ['${steps.find.result.list[0].id}', 'a'],
    ['${ steps.find.result.list[1] }', 'b'],
    ['${steps.find.result.a b}', 1],
    ['${steps.show-1.0.result.id}', 'zero'],
  ])('%s keeps its type', (text, value) => {
    expect(fill({ a: [text] })).toEqual({ a: [value] })
  })

  it('is the whole result without a path', () => {
    expect(fill('${steps.show-1.0.result}')).toEqual({ id: 'zero' })
  })
})

describe('a reference inside a text', () => {
  it('is written out', () => {
    expect(fill('Paid ${steps.find.result.amount}, ${steps.find.result.yes}: ${steps.find.result.id}.')).toBe(
      'Paid 2500, true: pi_1.',
    )
  })

  it.each([
    ['a ${steps.find.result.list}', 'a list'],
    ['a ${steps.find.result}', 'an object'],
  ])('is refused where the value is no scalar: %s', (text, what) => {
    expect(() => fill({ with: { text } })).toThrow(
      expect.objectContaining({
        code: 'IF_ERR_REFERENCE',
        message: expect.stringContaining(`with.text: ${text.slice(2)} is ${what}`),
      }),
    )
  })

  it('never runs what it inserts as a reference again', () => {
    expect(fillReferences('a ${steps.x.result.y}', () => '${steps.find.result.id}')).toBe('a ${steps.find.result.id}')
  })

  it('inserts patterns of String.replace as they are', () => {
    expect(fillReferences('a ${steps.x.result.y}', () => "$& $1 $'")).toBe("a $& $1 $'")
  })
})

describe('an escape', () => {
  it('is the literal it stands for', () => {
    expect(fill('$${HOME} and ${steps.find.result.id}')).toBe('${HOME} and pi_1')
    expect(fill('$${steps.find.result.id}')).toBe('${steps.find.result.id}')
  })

  it('is no reference', () => {
    expect(findReferences(['$${steps.a.result.b}', 'text', 3, null, { a: '$ {x} {y}' }])).toEqual([])
  })

  it('survives one filling when it is to be kept, and any text survives when it is escaped', () => {
    const text = fc.string({ unit: fc.constantFrom('$', '{', '}', 'steps.a.result.b', 'x', '') })
    fc.assert(
      fc.property(text, (value) => {
        expect(fill(escapeReferences(value))).toBe(value)
        expect(fill(escapeReferences([{ a: value }]))).toEqual([{ a: value }])
      }),
    )
    expect(fill(fill(keepEscapes(['$${HOME}', 1, null])))).toEqual(['${HOME}', 1, null])
  })
})

describe('what is no reference', () => {
  it.each([
    '${HOME}',
    '${}',
    '${step.find.result.id}',
    '${steps.find.id}',
    '${steps..result}',
    '${itemx}',
    '${inputsx.a}',
  ])('%s is refused with the place and the forms that are', (text) => {
    expect(() => findReferences({ a: [{ b: text }] }, 'with')).toThrow(
      expect.objectContaining({
        code: 'IF_ERR_REFERENCE',
        message: expect.stringContaining(`with.a[0].b: ${text}`),
        hint: expect.stringContaining('$${'),
      }),
    )
  })
})

describe('a path', () => {
  it.each([
    ['${steps.find.result.nobody}', 'there is no nobody'],
    ['${steps.find.result.list[7].id}', 'there is no list.7'],
    ['${steps.find.result.id.length}', 'there is no id.length'],
    ['${steps.find.result.constructor}', 'there is no constructor'],
    ['${steps.find.result.__proto__}', 'there is no __proto__'],
    ['${steps.find.result.list.length}', 'there is no list.length'],
    ['${steps.gone.result}', 'points at nothing'],
  ])('%s names the first member that is missing', (text, problem) => {
    expect(() => fill(text)).toThrow(
      expect.objectContaining({ code: 'IF_ERR_REFERENCE', message: expect.stringContaining(problem) }),
    )
  })
})

it('all roots are told apart', () => {
  expect(['inputs.a.b', 'item', 'item.x', 'index', 'steps.a.result'].map((text) => parseReference(text, ''))).toEqual([
    { text: '${inputs.a.b}', root: 'inputs', step: undefined, path: ['a', 'b'] },
    { text: '${item}', root: 'item', step: undefined, path: [] },
    { text: '${item.x}', root: 'item', step: undefined, path: ['x'] },
    { text: '${index}', root: 'index', step: undefined, path: [] },
    { text: '${steps.a.result}', root: 'steps', step: 'a', path: [] },
  ])
})

it('a lookup that knows nothing leaves a reference standing', () => {
  const input = { a: '${inputs.x}', b: 'to ${item} and ${steps.a.result.b}', c: 1 }

  expect(fillReferences(input, () => undefined)).toEqual(input)
})
