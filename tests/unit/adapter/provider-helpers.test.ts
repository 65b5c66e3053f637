// What definitions are written with: reading answers, passing extras on, converting costs.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  bracketed,
  convertToMicroUsd,
  encodeForm,
  type IncomingResponse,
  knownExtras,
  objectIn,
  readAs,
  retryAfterMs,
  stringified,
  textOf,
  unsupported,
  utcTime,
  z,
} from '../../../src/adapter/index.ts'

const answer = (text: string, headers: Record<string, string> = {}): IncomingResponse => ({
  status: 200,
  headers,
  text,
  body: Buffer.from(text),
})

describe('reading an answer', () => {
  const shape = z.object({ items: z.array(z.object({ id: z.string() })) })

  it('gives what the schema names', () => {
    expect(readAs(shape, { items: [{ id: 'a', more: 1 }], more: 2 })).toEqual({ items: [{ id: 'a' }] })
  })

  it('names the place that is not as documented', () => {
    const code = 'IF_ERR_BAD_RESPONSE'
    expect(() => readAs(shape, { items: [{ id: 5 }] })).toThrow(expect.objectContaining({ code }))
    expect(() => readAs(shape, { items: [{ id: 5 }] })).toThrow(/items\[0\]\.id/)
    expect(() => readAs(shape, null)).toThrow(/the whole body/)
  })

  it.each(['', '<html>', '[1]', 'null', '"x"', '5'])('finds no object in %s', (text) => {
    expect(objectIn(answer(text))).toEqual({})
  })

  it('finds the object that is there', () => {
    expect(objectIn(answer('{"error":{"code":"x"}}'))).toEqual({ error: { code: 'x' } })
  })

  it.each([
    ['30', 30_000],
    [' 1 ', 1000],
    ['0', 0],
    ['Wed, 21 Oct 2026 07:28:00 GMT', undefined],
    ['-1', undefined],
    ['1.5', undefined],
  ])('reads Retry-After %s as %s ms', (value, ms) => {
    expect(retryAfterMs(answer('', { 'retry-after': value }))).toBe(ms)
  })

  it('waits for nothing where nothing is said', () => {
    expect(retryAfterMs(answer(''))).toBeUndefined()
  })

  it('takes only text with something in it for text', () => {
    expect(['x', '', 5, null, undefined].map((value) => textOf(value))).toEqual(['x', ...Array(4).fill(undefined)])
  })

  it('turns any offset into UTC', () => {
    expect(utcTime.parse('2026-05-30T23:43:32.418320+02:00')).toBe('2026-05-30T21:43:32.418Z')
    expect(utcTime.safeParse('yesterday').success).toBe(false)
  })
})

describe('the vendor’s own parameters', () => {
  it('passes on those that the definition knows', () => {
    expect(knownExtras({ a: 1 }, ['a', 'b'])).toEqual({ a: 1 })
    expect(knownExtras(undefined, ['a'])).toEqual({})
  })

  it('refuses any other by its name', () => {
    expect(() => knownExtras({ a: 1, amount: 1 }, ['a'])).toThrow(
      expect.objectContaining({ code: 'IF_ERR_INVALID_INPUT', message: expect.stringContaining('native.amount') }),
    )
  })

  it('writes them in brackets or as JSON', () => {
    const extras = { flat: true, list: ['a', { b: null }], none: null }

    expect(encodeForm(bracketed(extras))).toBe('flat=true&list[0]=a&list[1][b]=&none=')
    expect(stringified(extras)).toEqual({ flat: true, list: '["a",{"b":null}]', none: 'null' })
  })
})

describe('costs in other currencies', () => {
  it('rounds up to the next millionth', () => {
    expect(convertToMicroUsd(1n, 'GBP')).toBe(2)
    expect(convertToMicroUsd(1_000_000n, 'EUR')).toBe(1_176_100)
    expect(convertToMicroUsd(1_000_000n, 'USD')).toBe(1_000_000)
  })

  it('reserves more than it estimates, but for dollars', () => {
    expect(convertToMicroUsd(1_000_000n, 'EUR', { forReservation: true })).toBe(1_352_515)
    expect(convertToMicroUsd(1_000_000n, 'USD', { forReservation: true })).toBe(1_000_000)
  })

  it('never understates', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 10n ** 12n }), (micro) => {
        expect(convertToMicroUsd(micro, 'EUR') * 100_000).toBeGreaterThanOrEqual(Number(micro) * 117_610)
      }),
    )
  })

  it('refuses a currency without a rate', () => {
    expect(() => convertToMicroUsd(1n, 'JPY')).toThrow(expect.objectContaining({ code: 'IF_ERR_UNSUPPORTED' }))
  })
})

it('says what to do instead where a vendor cannot', () => {
  expect(unsupported('no', 'yes')).toMatchObject({ code: 'IF_ERR_UNSUPPORTED', message: 'no', hint: 'yes' })
})
