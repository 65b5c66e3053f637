import { describe, expect, it } from 'vitest'
import {
  boundedTokenCost,
  rehearsedTokens,
  rehearsedTurn,
  type TokenPrices,
  tokenCost,
  toolArguments,
} from '../../../src/adapter/index.ts'

const PRICES: TokenPrices = {
  basis: 'prices of a test',
  models: {
    plain: { input: 0.005, output: 1 },
    small: { input: 1, output: 1, context: 50 },
    long: { input: 1, cached: 0.5, output: 2, context: 1000, long: { above: 100, input: 2, cacheWrite: 3, output: 4 } },
  },
}

describe('what calls of models cost', () => {
  it('is rounded up to a millionth of a dollar, and not reckoned from nothing', () => {
    expect(tokenCost(PRICES, 'plain', { inputTokens: 1, outputTokens: 0 })).toMatchObject({ maxMicroUsd: 1 })
    expect(tokenCost(PRICES, 'plain', { inputTokens: 200, outputTokens: 0 })).toMatchObject({ maxMicroUsd: 1 })
    expect(tokenCost(PRICES, 'plain', { inputTokens: 0, outputTokens: 0 })).toBeUndefined()
    expect(tokenCost(PRICES, 'toString', { inputTokens: 1, outputTokens: 1 })).toBeUndefined()
  })

  it('is never bounded by less than it comes to', () => {
    for (const model of Object.keys(PRICES.models)) {
      for (const length of [1, 40, 95, 400]) {
        const body = { text: 'ü'.repeat(length) }
        const bound = boundedTokenCost(PRICES, { model, body, maxOutputTokens: 7 })
        const inputTokens = Math.min(Buffer.byteLength(JSON.stringify(body)), PRICES.models[model]?.context ?? 1e9)
        const most = tokenCost(PRICES, model, { inputTokens, outputTokens: 7, cacheWriteTokens: inputTokens })

        expect(bound.kind).toBe('priced')
        if (bound.kind !== 'priced' || most?.kind !== 'priced') continue
        expect(bound.maxMicroUsd).toBeGreaterThanOrEqual(most.maxMicroUsd)
        expect(bound.maxMicroUsd).toBeGreaterThanOrEqual(bound.estimateMicroUsd)
      }
    }
  })

  it('is unknown where neither bytes nor a context window bound what is read', () => {
    expect(boundedTokenCost(PRICES, { model: 'plain', body: {}, maxOutputTokens: 1, opaque: true })).toMatchObject({
      kind: 'unknown',
      why: expect.stringContaining('when it has read it'),
    })
  })
})

it('takes an object for the arguments of a call, and nothing else', () => {
  expect(toolArguments(' ')).toEqual({})
  expect(toolArguments('{"a":[1]}')).toEqual({ a: [1] })
  expect([toolArguments('null'), toolArguments('[]'), toolArguments('{"a"')]).toEqual([undefined, undefined, undefined])
})

describe('the model of a twin', () => {
  const tool = {
    name: 'set',
    parameters: {
      type: 'object',
      properties: {
        text: { type: 'string' },
        count: { type: 'integer', minimum: 3 },
        on: { type: 'boolean' },
        list: { type: 'array' },
        kind: { enum: ['a', 'b'] },
        fixed: { const: 7 },
        inner: { type: 'object', required: ['x'], properties: { x: {} } },
        spare: { type: 'string' },
      },
      required: ['text', 'count', 'on', 'list', 'kind', 'fixed', 'inner'],
    },
  }

  it('calls the tool that is named, with the plainest arguments that its schema takes', () => {
    expect(rehearsedTurn('please set it', true, { tools: [tool] })).toEqual({
      text: '',
      call: {
        name: 'set',
        arguments: { text: 'text', count: 3, on: true, list: [], kind: 'a', fixed: 7, inner: { x: null } },
      },
    })
    expect(rehearsedTurn('x', false, { tools: [tool], must: 'any' }).call?.name).toBe('set')
    expect(rehearsedTurn('x', true, { tools: [{ name: 'odd', parameters: {} }], must: 'odd' }).call?.arguments).toEqual(
      {},
    )
  })

  it('echoes where nothing is to be called, and counts what it reads', () => {
    expect(rehearsedTurn('set is done', false, { tools: [tool] })).toEqual({ text: 'Rehearsed: set is done' })
    expect([rehearsedTokens(''), rehearsedTokens('12345'), rehearsedTokens({ a: 1 })]).toEqual([1, 2, 2])
  })
})
