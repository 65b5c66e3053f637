import { describe, expect, it } from 'vitest'
import {
  bracketed,
  convertToMicroUsd,
  get,
  knownExtras,
  objectIn,
  originsOf,
  post,
  RATES_OF,
  readAs,
  retryAfterMs,
  stringified,
  textOf,
  unsupported,
  utcTime,
  z,
} from '../../../src/adapter/index.ts'
import { acme, instanceOf } from './fixtures/acme.ts'

const answer = (text: string, headers: Record<string, string> = {}) => ({
  status: 200,
  headers,
  body: new TextEncoder().encode(text),
  text,
})

describe('reading an answer', () => {
  it('goes through a schema and names the place that differs', () => {
    const schema = z.object({ item: z.object({ id: z.string() }) })

    expect(readAs(schema, { item: { id: 'a' } })).toEqual({ item: { id: 'a' } })
    expect(() => readAs(schema, { item: { id: 1 } })).toThrow(/not as documented at item\.id: /)
    expect(() => readAs(schema, null)).toThrow(/at the whole body: /)
  })

  it('finds an object only where there is one', () => {
    expect(objectIn(answer('{"a":1}'))).toEqual({ a: 1 })
    for (const text of ['[1]', 'null', '<html>', '']) expect(objectIn(answer(text))).toEqual({})
  })

  it('takes Retry-After in seconds and leaves a date to the door', () => {
    expect(retryAfterMs(answer('', { 'retry-after': ' 3 ' }))).toBe(3000)
    expect(retryAfterMs(answer('', { 'retry-after': 'Fri, 01 Jan 2027 00:00:00 GMT' }))).toBeUndefined()
    expect(retryAfterMs(answer(''))).toBeUndefined()
  })

  it('knows a text from anything else, and any offset as UTC', () => {
    expect([textOf('a'), textOf(''), textOf(1), textOf(undefined)]).toEqual(['a', undefined, undefined, undefined])
    expect(utcTime.parse('2026-01-01T02:00:00+02:00')).toBe('2026-01-01T00:00:00.000Z')
  })
})

describe("a vendor's own parameters", () => {
  it('pass only where the definition lists them', () => {
    expect(knownExtras({ a: 1 }, ['a', 'b'])).toEqual({ a: 1 })
    expect(knownExtras(undefined, ['a'])).toEqual({})
    expect(() => knownExtras({ amount: 1 }, ['a'])).toThrow(/native\.amount: is not a parameter/)
  })

  it('become form fields, nested by brackets or as JSON texts', () => {
    const extras = { a: 1, b: null, c: [{ d: 'x' }], e: { f: true } }

    expect(bracketed(extras)).toEqual({ a: 1, b: '', c: [{ d: 'x' }], e: { f: true } })
    expect(stringified(extras)).toEqual({ a: 1, b: 'null', c: '[{"d":"x"}]', e: '{"f":true}' })
  })
})

describe('requests', () => {
  it('leave undefined members of a JSON body out, deep down too', () => {
    expect(post('/x', { json: { a: undefined, b: [{ c: undefined, d: 1 }], e: null } }).body).toEqual({
      encoding: 'json',
      value: { b: [{ d: 1 }], e: null },
    })
    expect(get('/x')).toEqual({
      transport: 'http',
      base: 'main',
      method: 'GET',
      template: '/x',
      path: {},
      query: {},
      headers: {},
    })
  })
})

describe('origins of an instance', () => {
  it('are the complete ones, each once', () => {
    expect(originsOf(acme, instanceOf())).toEqual(['https://acme.example', 'https://files.acme.example'])
    expect(originsOf(acme, instanceOf({ settings: {} }))).toEqual(['https://files.acme.example'])
    expect(originsOf(acme, instanceOf({ twin: 'http://127.0.0.1:9' } as never))).toEqual(['http://127.0.0.1:9'])
  })

  it('may be made of settings alone', () => {
    const house = {
      ...acme,
      baseUrls: { main: '{scheme}://{host}:{port}/api' },
      settings: {
        scheme: { description: 'Scheme.', pattern: /^https?$/, default: 'http' },
        host: { description: 'Host.', pattern: /^[\w.]+$/ },
        port: { description: 'Port.', pattern: /^\d+$/, default: '8123' },
      },
    }

    expect(originsOf(house, instanceOf({ settings: { host: 'house.local' } }))).toEqual(['http://house.local:8123'])
  })
})

describe('costs in other currencies', () => {
  it('are rounded up, with a margin for reservations but for dollars', () => {
    expect(convertToMicroUsd(1_000_000n, 'USD', { forReservation: true })).toBe(1_000_000)
    const pound = convertToMicroUsd(1_000_000n, 'GBP')
    expect(pound).toBeGreaterThan(1_000_000)
    expect(convertToMicroUsd(1_000_000n, 'GBP', { forReservation: true })).toBeGreaterThan(pound)
    expect(RATES_OF.date).toMatch(/^\d{4}-\d{2}-\d{2}$/)
  })

  it('are refused without a rate', () => {
    expect(() => convertToMicroUsd(1n, 'XAU')).toThrow(/no reference rate for XAU/)
    expect(unsupported('no', 'do')).toMatchObject({ code: 'IF_ERR_UNSUPPORTED', hint: 'do' })
  })
})
