import { describe, expect, it } from 'vitest'
import { operationOf, parseInput, schemaKindAt, sentinelFor } from '../../../src/adapter/index.ts'
import type { FabricError, JsonObject } from '../../../src/foundation/index.ts'
import { load } from './fixtures/acme.ts'

const provider = load()
const pay = operationOf(provider, 'payment.create')
const find = operationOf(provider, 'item.find')

const refusal = (entry: typeof pay, raw: JsonObject, holes?: ReadonlySet<string>): FabricError => {
  try {
    parseInput(entry, raw, holes ? { holes } : {})
  } catch (error) {
    return error as FabricError
  }
  throw new Error('nothing was refused')
}

describe('parsing an input', () => {
  it('fills defaults in and normalises', () => {
    expect(parseInput(pay, { amount: 2500, currency: 'gbp' })).toEqual({ amount: 2500, currency: 'GBP', capture: true })
  })

  it('names operation, field, what was expected and what was found', () => {
    expect(refusal(pay, { amount: 2500, currency: 'pounds' })).toMatchObject({
      code: 'IF_ERR_INVALID_INPUT',
      message: 'payment.create currency: expected a three-letter ISO 4217 code such as GBP, got "pounds"',
      details: { operation: 'payment.create', field: 'currency' },
    })
    expect(refusal(find, { tags: [{ name: 5 }] }).message).toBe('acme:item.find tags[0].name: expected string, got 5')
    expect(refusal(find, [] as never).message).toMatch(/^acme:item\.find: expected object, got \[\]/)
  })

  it('shows an example where a field is missing', () => {
    const error = refusal(pay, { amount: 2500 })

    expect(error.message).toBe('payment.create currency: is required')
    expect(error.hint).toBe('A valid input: {"amount":2500,"currency":"GBP","capture":true}')
  })

  it('names the nearest field for an unknown one, nested ones too', () => {
    expect(refusal(pay, { amount: 1, currency: 'GBP', amout: 2 })).toMatchObject({
      message: 'payment.create: unknown field "amout"',
      hint: expect.stringMatching(/^Did you mean `amount`\? Fields: amount, currency/),
    })
    expect(refusal(find, { tags: [{ name: 'ab', wieght: 1 }] })).toMatchObject({
      message: 'acme:item.find tags[0]: unknown field "wieght"',
      hint: 'Did you mean `weight`? Fields: name, weight.',
    })
  })

  it('says how an amount with decimals is written', () => {
    expect(refusal(pay, { amount: '25.00', currency: 'GBP' }).hint).toBe('GBP 25.00 is amount=2500.')
    expect(refusal(pay, { amount: 25.5, currency: 'gbp' }).hint).toBe('GBP 25.50 is amount=2550.')
    expect(refusal(pay, { amount: 'lots', currency: 'GBP' }).hint).toMatch(/whole numbers of the minor unit/)
    expect(refusal(pay, { amount: '25.00' }).hint).toMatch(/whole numbers of the minor unit/)
    expect(refusal(pay, { amount: '25.00', currency: 'XQQ' }).hint).toMatch(/whole numbers of the minor unit/)
  })

  it('shortens what was found', () => {
    expect(refusal(pay, { amount: 1, currency: 'x'.repeat(500) }).message.length).toBeLessThan(200)
  })
})

describe('holes', () => {
  it('pass where the schema would refuse them, and the rest is still parsed', () => {
    const currency = sentinelFor('string', 1)

    const input = parseInput(pay, { amount: 2500, currency }, { holes: new Set(['currency']) })

    expect(input).toEqual({ amount: 2500, currency, capture: true })
  })

  it('pass inside lists and records too', () => {
    const raw = {
      tags: [
        { name: 'ab', weight: 1 },
        { name: 'x', weight: 2 },
      ],
      filter: { a: 'later' },
    }

    const input = parseInput(find, raw, {
      holes: new Map([
        ['tags[1].name', 1],
        ['filter.a', 2],
      ]),
    })

    expect(input).toEqual({ ...raw, where: 'here' })
  })

  it('pass whole where a hole stands for an object or a list', () => {
    const raw = { tags: sentinelFor('string', 1), pair: sentinelFor('string', 2), wanted: sentinelFor('string', 3) }

    expect(parseInput(find, raw, { holes: new Set(['tags', 'pair', 'wanted']) })).toEqual({ ...raw, where: 'here' })
  })

  it('below a hole nothing is asked', () => {
    const raw = { tags: [{ name: 1 }], pair: ['a', 'b'] }

    expect(parseInput(find, raw, { holes: new Set(['tags', 'pair[1]']) })).toEqual({ ...raw, where: 'here' })
  })

  it('do not excuse another field, nor an unknown one', () => {
    const raw = { amount: sentinelFor('number', 1), currency: 'pounds' }

    expect(refusal(pay, raw, new Set(['amount'])).message).toMatch(/^payment\.create currency: /)
    expect(refusal(pay, { ...raw, currency: 'GBP', strange: 'later' }, new Set(['strange'])).message).toMatch(
      /unknown field "strange"/,
    )
    expect(refusal(find, { tags: [{ name: 'x' }, { name: 'y' }] }, new Set(['tags[1].name'])).message).toMatch(
      /tags\[0\]/,
    )
  })
})

describe('the kind of a field', () => {
  it.each([
    [['amount'], 'number'],
    [['currency'], 'string'],
    [['capture'], 'boolean'],
    [['native'], 'object'],
    [['native', 'x'], 'unknown'],
    [['strange'], 'unknown'],
    [[], 'object'],
  ])('of payment.create at %j is %s', (path, kind) => {
    expect(schemaKindAt(pay, path)).toBe(kind)
  })

  it.each([
    [['where'], 'string'],
    [['tags'], 'array'],
    [['tags', 0], 'object'],
    [['tags', 0, 'weight'], 'number'],
    [['filter', 'any'], 'number'],
    [['pair'], 'array'],
    [['pair', 1], 'number'],
    [['pair', 5], 'unknown'],
    [['mode'], 'string'],
    [['mixed'], 'unknown'],
    [['where', 'deeper'], 'unknown'],
    [['email'], 'string'],
  ])('of item.find at %j is %s', (path, kind) => {
    expect(schemaKindAt(find, path)).toBe(kind)
  })
})
