import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  decodeXml,
  encodeBody,
  exactNumber,
  keyInBody,
  post,
  secret,
  secretInBody,
  stringified,
} from '../../../src/adapter/index.ts'
import type { JsonObject, JsonValue } from '../../../src/foundation/index.ts'
import { hostileText } from './fixtures/text.ts'

const encoded = (parts: Parameters<typeof post>[1]) => {
  const { body } = post('/x', parts)
  if (!body) throw new Error('the request has no body')
  return encodeBody(body)
}

const HOLE = secretInBody(secret('ACME_TOKEN'))

describe('a JSON body', () => {
  it('is what JSON.stringify writes, whatever the value, with or without a leaf beside it', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(encoded({ json: value as JsonValue }).body).toBe(JSON.stringify(value))
        expect(encoded({ json: { value: value as JsonValue, n: exactNumber('10.10') } }).body).toBe(
          `{"value":${JSON.stringify(value)},"n":10.10}`,
        )
      }),
    )
  })

  it('writes a number digit by digit where a double would round it', () => {
    const { body } = encoded({
      json: { amount: exactNumber('10.10'), id: exactNumber('123456789012345678901234567890') },
    })

    expect(body).toBe('{"amount":10.10,"id":123456789012345678901234567890}')
  })

  it.each(['', '1.', '.5', '01', '1e5', '0x10', '+1', '1,5', ' 1', 'NaN', '-'])(
    'refuses %j as an exact number',
    (text) => {
      expect(() => exactNumber(text)).toThrow(/is not a decimal number/)
    },
  )

  it('comes in pieces where a secret or the key goes, and shows both as what they are', () => {
    const { body, pieces, text } = encoded({ json: { auth: [HOLE], a: 1, key: keyInBody({ length: 32 }), b: 'x' } })

    expect(body).toBeUndefined()
    expect(pieces).toEqual([
      '{"auth":["',
      { secret: 'ACME_TOKEN', escape: 'json' },
      '"],"a":1,"key":"',
      { key: 32 },
      '","b":"x"}',
    ])
    expect(text).toBe('{"auth":["<ACME_TOKEN>"],"a":1,"key":"$key","b":"x"}')
  })

  it('is no place for JSON of a caller that only looks like a hole', () => {
    const fills = { fills: { secret: 'ACME_TOKEN' }, text: '1' }

    expect(encoded({ json: { given: fills } }).body).toBe(JSON.stringify({ given: fills }))
  })

  it('keeps a member called __proto__ and leaves undefined out at every depth', () => {
    const given = JSON.parse('{"__proto__":{"a":1},"b":[{"c":null}]}') as JsonObject

    expect(encoded({ json: { ...given, none: undefined, deep: [{ none: undefined }] } }).body).toBe(
      '{"b":[{"c":null}],"deep":[{}]}'.replace('{"b"', '{"__proto__":{"a":1},"b"'),
    )
  })
})

describe('a form body', () => {
  const value = { a: ['x', 'y'], b: { c: 1, d: [{ e: true }] } }

  it.each([
    ['brackets', 'a[0]=x&a[1]=y&b[c]=1&b[d][0][e]=true'],
    ['repeated', 'a=x&a=y&b[c]=1&b[d][e]=true'],
    ['dotted', 'a.1=x&a.2=y&b.c=1&b.d.1.e=true'],
  ] as const)('writes lists as %s', (lists, text) => {
    expect(encoded({ form: value, lists }).body).toBe(text)
  })

  it('leaves places for a secret and for the key', () => {
    const { pieces, text } = encoded({ form: { user: 'a&b', pin: HOLE, nested: { key: keyInBody() }, z: 1 } })

    expect(pieces).toEqual([
      'user=a%26b',
      '&pin=',
      { secret: 'ACME_TOKEN', escape: 'form' },
      '&nested[key]=',
      { key: 64 },
      '&z=1',
    ])
    expect(text).toBe('user=a%26b&pin=<ACME_TOKEN>&nested[key]=$key&z=1')
  })

  it('holds JSON in a field where a vendor wants it so', () => {
    const body = encoded({ form: stringified({ blocks: [{ type: 'x&y' }], n: 1, none: null }) }).body

    expect([...new URLSearchParams(String(body))]).toEqual([
      ['blocks', '[{"type":"x&y"}]'],
      ['n', '1'],
      ['none', 'null'],
    ])
  })

  it('shows and sends nothing for an empty form', () => {
    expect(encoded({ form: { gone: undefined } })).toMatchObject({ body: '', text: '' })
  })
})

describe('an XML body', () => {
  it('has elements in order, attributes, repeated and empty elements', () => {
    const { body, contentType } = encoded({
      xml: {
        Root: {
          '@_xmlns': 'http://x.example/',
          Id: 7,
          Item: ['a', { '@_n': 1, '#text': 'b' }],
          Empty: null,
          Gone: undefined as never,
          Flag: true,
        },
      },
    })

    expect(contentType).toBe('application/xml')
    expect(body).toBe(
      '<?xml version="1.0" encoding="UTF-8"?><Root xmlns="http://x.example/"><Id>7</Id><Item>a</Item><Item n="1">b</Item><Empty/><Flag>true</Flag></Root>',
    )
  })

  it('leaves places for a secret and for the key, and writes numbers digit by digit', () => {
    const { pieces, text } = encoded({
      xml: { R: { '@_k': keyInBody({ length: 8 }), P: HOLE, A: exactNumber('1.10') } },
    })

    expect(pieces).toEqual([
      '<?xml version="1.0" encoding="UTF-8"?><R k="',
      { key: 8 },
      '"><P>',
      { secret: 'ACME_TOKEN', escape: 'xml' },
      '</P><A>1.10</A></R>',
    ])
    expect(text).toContain('<P><ACME_TOKEN></P>')
  })

  it('carries any text that XML can, so that a reader gets what was meant', () => {
    const carried = hostileText({ minLength: 1 }).filter((text) => !text.includes('\u0000'))
    fc.assert(
      fc.property(carried, carried, (text, attribute) => {
        const { body } = encoded({ xml: { Root: { '@_a': attribute, '#text': `x${text}x` } } })

        expect(decodeXml(String(body))).toEqual({ Root: { '@_a': attribute, '#text': `x${text}x` } })
      }),
      { numRuns: 200 },
    )
  })

  it.each(['\u0000', '\u001b', '\ufffe', '\ud800'])('refuses %j, which XML has no form for', (character) => {
    expect(() => encoded({ xml: { Root: `a${character}` } })).toThrow(/holds a character that XML cannot carry/)
  })

  it.each(['a b', '1a', 'a><b', '', 'a"', ':a'])('refuses %j as the name of an element', (name) => {
    expect(() => encoded({ xml: { [name]: 1 } })).toThrow(/cannot be the name of an XML element/)
  })

  it('refuses a list where only one value can stand', () => {
    expect(() => encoded({ xml: { Root: { '@_a': [1, 2] } } })).toThrow(/is one value/)
  })
})

describe('lines of JSON and raw bodies', () => {
  it('end every line', () => {
    expect(encoded({ ndjson: [{ a: 1 }, 'x\ny'] })).toMatchObject({
      contentType: 'application/x-ndjson',
      body: '{"a":1}\n"x\\ny"\n',
    })
  })

  it('leave as they are, and are shown where they are text', () => {
    expect(encoded({ raw: { value: 'a=1', contentType: 'text/csv' } })).toEqual({
      contentType: 'text/csv',
      body: 'a=1',
      text: 'a=1',
    })
    expect(encoded({ raw: { value: new Uint8Array([0, 255]), contentType: 'image/png' } }).text).toBeUndefined()
  })
})

it('gives the same bytes for the same value, each time', () => {
  const parts = fc.record({
    json: fc.jsonValue(),
    form: fc.dictionary(fc.stringMatching(/^[a-z]{1,5}$/), fc.oneof(fc.string({ unit: 'grapheme' }), fc.integer())),
    file: fc.uint8Array({ maxLength: 64 }),
  })
  fc.assert(
    fc.property(parts, ({ json, form, file }) => {
      const both = () => [
        encoded({ json: json as JsonValue }),
        encoded({ form }),
        encoded({ multipart: [{ name: 'f', value: file, filename: 'f' }] }),
      ]

      expect(both()).toEqual(both())
    }),
  )
})
