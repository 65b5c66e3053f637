import { describe, expect, it } from 'vitest'
import { decodeAnswer } from '../../../src/adapter/decode-answer.ts'
import {
  type AnswerKind,
  decodeExactJson,
  decodeXml,
  jsonBody,
  listOf,
  xmlBody,
  xmlError,
} from '../../../src/adapter/index.ts'
import type { JsonValue } from '../../../src/foundation/index.ts'

const answer = (body: string | Uint8Array, contentType?: string) => {
  const bytes = typeof body === 'string' ? Buffer.from(body) : Buffer.from(body)
  return {
    status: 200,
    headers: contentType === undefined ? {} : { 'content-type': contentType },
    body: bytes,
    text: bytes.toString('utf8'),
  }
}

const latin1 = (text: string): Uint8Array => Buffer.from(text, 'latin1')

describe('an answer', () => {
  it.each<[AnswerKind, string, JsonValue]>([
    ['json', '{"a":1}', { a: 1 }],
    ['json', '\ufeff{"a":1}', { a: 1 }],
    ['json', '', null],
    ['json', ' \n', null],
    ['exact-json', '{"a":10.10,"b":"1.5","c":7}', { a: '10.10', b: '1.5', c: 7 }],
    ['exact-json', '', null],
    ['text', 'ok\n', 'ok\n'],
    ['text', '', ''],
    ['bytes', 'ab', 'YWI='],
    ['xml', '<a><b>1</b></a>', { a: { b: '1' } }],
    ['xml', '\ufeff<a/>', { a: '' }],
    ['xml', '', null],
    ['ndjson', '{"a":1}\r\n\n[2]\n', [{ a: 1 }, [2]]],
    ['ndjson', '', null],
    ['empty', '<html>anything', null],
  ])('as %s of %j is %j', (kind, body, value) => {
    expect(decodeAnswer(answer(body), kind)).toEqual(value)
  })

  it.each<[AnswerKind, string]>([
    ['json', '{"a":'],
    ['json', '<html>'],
    ['json', "{'a':1}"],
    ['exact-json', '{"a":1.}'],
    ['exact-json', '{1.5:1}'],
    ['xml', '{"a":1}'],
    ['xml', '<a><b></a>'],
    ['ndjson', '{"a":1}\n{"a":'],
  ])('is nothing as %s where it holds %j', (kind, body) => {
    expect(decodeAnswer(answer(body), kind)).toBeUndefined()
  })

  it('is read by the charset that its content type names', () => {
    expect(decodeAnswer(answer(latin1('{"a":"Zoë"}'), 'application/json; charset=ISO-8859-1'), 'json')).toEqual({
      a: 'Zoë',
    })
    expect(decodeAnswer(answer(latin1('Zoë'), 'text/plain;charset="windows-1252"'), 'text')).toBe('Zoë')
    expect(decodeAnswer(answer('{"a":"Zoë"}', 'application/json; charset=UTF-8'), 'json')).toEqual({ a: 'Zoë' })
    const gbk = Uint8Array.from([0x22, 0xd6, 0xd0, 0x22])
    expect(decodeAnswer(answer(gbk, 'text/html; charset=GBK'), 'json')).toBe('中')
  })

  it('is read by the declaration of the XML where the content type names none', () => {
    const body = latin1('<?xml version="1.0" encoding="ISO-8859-1"?><a>Zoë</a>')

    expect(decodeAnswer(answer(body, 'text/xml'), 'xml')).toEqual({ a: 'Zoë' })
  })

  it.each(['json', 'text', 'xml', 'ndjson'] as const)(
    'is nothing as %s where its bytes are not of the charset',
    (kind) => {
      expect(decodeAnswer(answer(latin1('"Zoë"')), kind)).toBeUndefined()
      expect(decodeAnswer(answer(latin1('"Zoë"'), 'x/y; charset=utf-8'), kind)).toBeUndefined()
    },
  )

  it.each(['utf-16', 'utf-16le', 'utf-7', 'iso-2022-jp', 'nonsense', 'iso-8859-99'])(
    'is nothing in %s, in which a secret would not have been seen',
    (charset) => {
      expect(decodeAnswer(answer('{"a":1}', `application/json; charset=${charset}`), 'json')).toBeUndefined()
    },
  )

  it('keeps a replacement character that the vendor itself sent', () => {
    expect(decodeAnswer(answer('"a\ufffdb"'), 'json')).toBe('a\ufffdb')
  })

  it('is parsed once, however often it is asked for', () => {
    const json = answer('{"a":1}')
    const xml = answer('<a><b/></a>')

    expect(jsonBody(json)).toBe(jsonBody(json))
    expect(xmlBody(xml)).toBe(xmlBody(xml))
  })
})

describe('JSON with exact numbers', () => {
  it('keeps every digit that was sent, in numbers only', () => {
    expect(decodeExactJson('{"a":0.1,"b":1e3,"c":-2.50,"d":"3.10","e":12345678901234567890,"f\\"1.5":1}')).toEqual({
      a: '0.1',
      b: '1e3',
      c: '-2.50',
      d: '3.10',
      e: '12345678901234567890',
      'f"1.5': 1,
    })
  })
})

describe('XML', () => {
  it('gives elements without prefixes, attributes, and text as text', () => {
    const text = `<?xml version="1.0"?>
      <s:Envelope xmlns:s="urn:x" s:id="7">
        <s:Item>0010</s:Item>
        <s:Item n="1">true</s:Item>
        <Empty/>
        <!-- a comment -->
      </s:Envelope>`

    expect(decodeXml(text)).toEqual({
      Envelope: { '@_id': '7', Item: ['0010', { '@_n': '1', '#text': 'true' }], Empty: '' },
    })
  })

  it('decodes references in text and attributes, once, and leaves CDATA as it is', () => {
    expect(decodeXml('<a b="&quot;&#10;">&lt;&#65;&#x1F600;&amp;lt;<![CDATA[<&amp;>]]></a>')).toEqual({
      a: { '@_b': '"\n', '#text': '<A😀&lt;<&amp;>' },
    })
  })

  it('leaves references to characters that XML does not have as they are', () => {
    expect(decodeXml('<a>&#0;&#xD800;&#x110000;&nbsp;</a>')).toEqual({ a: '&#0;&#xD800;&#x110000;&nbsp;' })
  })

  it('keeps the space that stands in an element, and none between elements', () => {
    expect(decodeXml('<a>\n <Key> x </Key>\n</a>')).toEqual({ a: { Key: ' x ' } })
  })

  it.each([
    ['a document type', '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'],
    ['a document type in lower case', '<!doctype a><a/>'],
    ['two roots', '<a/><b/>'],
    ['the same root twice', '<a/><a/>'],
    ['an end that is missing', '<a><b>'],
    ['text around it', 'x<a/>'],
    ['nothing', ''],
    ['more than a hundred levels', `${'<a>'.repeat(150)}${'</a>'.repeat(150)}`],
    ['a hundred thousand levels', `${'<a>'.repeat(100_000)}${'</a>'.repeat(100_000)}`],
    ['more than four million characters', `<a>${'x'.repeat(4 * 1024 * 1024)}</a>`],
    ['an element named __proto__', '<a><__proto__><x>1</x></__proto__></a>'],
  ])('refuses %s', (_what, text) => {
    expect(() => decodeXml(text)).toThrow(SyntaxError)
  })

  it('lists what may be one element or several', () => {
    expect([listOf(undefined), listOf(''), listOf('a'), listOf(['a', 'b'])]).toEqual([[], [], ['a'], ['a', 'b']])
  })
})

describe('an XML error', () => {
  it('is found as the root or in an ErrorResponse, whatever the status', () => {
    const copy =
      '<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>InternalError</Code><Message>Again, please.</Message><RequestId>656c76</RequestId></Error>'
    const query =
      '<ErrorResponse xmlns="http://x.example/"><Error><Type>Sender</Type><Code>Throttling</Code><Message>Rate</Message></Error><RequestId>r-1</RequestId></ErrorResponse>'

    expect(xmlError(answer(copy))).toEqual({ code: 'InternalError', message: 'Again, please.', requestId: '656c76' })
    expect(xmlError(answer(query))).toEqual({ code: 'Throttling', message: 'Rate', requestId: 'r-1' })
  })

  it.each([
    '<CopyObjectResult><ETag>"a"</ETag></CopyObjectResult>',
    '{"Error":{"Code":"x"}}',
    '<Error/>',
    '<Error><Code>x</Error>',
    '',
  ])('is none in %j', (body) => {
    expect(xmlError(answer(body))).toBeUndefined()
  })
})
