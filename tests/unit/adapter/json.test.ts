import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeJson, jsonBody } from '../../../src/adapter/index.ts'

describe('decoding JSON', () => {
  it('turns integers that a number cannot hold into text, and nothing else', () => {
    const text =
      '{"id":9007199254740993,"neg":-12345678901234567890,"safe":9007199254740991,"text":"9007199254740993 \\" 12345678901234567890","float":0.12345678901234567,"exp":12345678901234567e3,"list":[18446744073709551615]}'

    expect(decodeJson(text)).toEqual({
      id: '9007199254740993',
      neg: '-12345678901234567890',
      safe: 9007199254740991,
      text: '9007199254740993 " 12345678901234567890',
      float: Number('0.12345678901234567'),
      exp: Number('12345678901234567e3'),
      list: ['18446744073709551615'],
    })
  })

  it('reads whatever JSON.stringify wrote, long numbers beside it or not', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const expected: unknown = JSON.parse(JSON.stringify(value))
        const [decoded, id] = decodeJson(`[${JSON.stringify(value)},12345678901234567890]`) as unknown[]

        expect(id).toBe('12345678901234567890')
        expect(withTextForUnsafe(decoded)).toEqual(withTextForUnsafe(expected))
      }),
    )
  })

  it('takes a large text with long numbers without trouble', () => {
    const large = 'x\\"'.repeat(1_000_000)

    expect(decodeJson(`{"a":"${large}","id":12345678901234567890}`)).toMatchObject({ id: '12345678901234567890' })
  })

  it('throws on what is no JSON', () => {
    expect(() => decodeJson('{12345678901234567890')).toThrow(SyntaxError)
  })

  it('parses the body of one answer once', () => {
    const response = { status: 200, headers: {}, body: new Uint8Array(), text: '{"a":1}' }

    expect(jsonBody(response)).toBe(jsonBody(response))
    expect(jsonBody({ ...response, text: ' ' })).toBeNull()
    expect(jsonBody({ ...response, text: '<html>' })).toBeUndefined()
  })
})

/** What the decoder promises for integers: those beyond 2^53 are text. */
function withTextForUnsafe(value: unknown): unknown {
  if (typeof value === 'number') return Number.isInteger(value) && !Number.isSafeInteger(value) ? String(value) : value
  if (Array.isArray(value)) return value.map(withTextForUnsafe)
  if (value === null || typeof value !== 'object') return value
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, withTextForUnsafe(member)]))
}
