import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { encodeBody, encodeForm, encodeQuery } from '../../../src/adapter/index.ts'
import { hostileText } from './fixtures/text.ts'

describe('form encoding', () => {
  it('nests with brackets, keeps the order and leaves undefined out', () => {
    const text = encodeForm({
      amount: 2500,
      metadata: { reference: '1842', none: undefined },
      items: [{ price: 'p_1', quantity: 2 }, { price: 'p_2' }],
      confirm: true,
      gone: undefined,
      emptyList: [],
    })

    expect(text).toBe(
      'amount=2500&metadata[reference]=1842&items[0][price]=p_1&items[0][quantity]=2&items[1][price]=p_2&confirm=true',
    )
  })

  it('repeats a key that ends in brackets', () => {
    expect(encodeForm({ 'expand[]': ['a', 'b c'] })).toBe('expand[]=a&expand[]=b+c')
  })

  it('sends null as an empty value, which is how forms unset', () => {
    expect(encodeForm({ description: null, metadata: { a: null } })).toBe('description=&metadata[a]=')
  })

  it('encodes names and values as UTF-8 with + for a space', () => {
    expect(encodeForm({ 'a b': 'ä&=+~ !' })).toBe('a+b=%C3%A4%26%3D%2B~+%21')
  })

  it('refuses a bracket in a nested name, a number that is none, and broken Unicode', () => {
    expect(() => encodeForm({ metadata: { 'a]b': 1 } })).toThrow(/holds a bracket/)
    expect(() => encodeForm({ amount: Number.NaN })).toThrow(/amount: NaN cannot be sent/)
    expect(() => encodeForm({ text: '\ud800' })).toThrow(/not well-formed Unicode/)
  })

  it('is read back by an independent decoder', () => {
    const name = hostileText({ minLength: 1 }).filter((text) => !/[[\]]/.test(text))
    const value = fc.oneof(hostileText(), fc.integer().map(String), fc.boolean().map(String))
    fc.assert(
      fc.property(fc.dictionary(name, fc.oneof(value, fc.dictionary(name, value), fc.array(value))), (form) => {
        const expected = Object.entries(form).flatMap(([key, member]) =>
          typeof member === 'string'
            ? [[key, member]]
            : Object.entries(member).map(([inner, text]) => [`${key}[${inner}]`, text]),
        )

        expect([...new URLSearchParams(encodeForm(form))]).toEqual(expected)
      }),
      { numRuns: 200 },
    )
  })
})

describe('query encoding', () => {
  it('repeats lists, leaves undefined out and writes a space as %20', () => {
    expect(encodeQuery({ q: 'a b', tag: ['x', 'y'], none: undefined, on: true })).toBe('?q=a%20b&tag=x&tag=y&on=true')
    expect(encodeQuery({ none: undefined })).toBe('')
  })

  it('is read back by an independent decoder', () => {
    const text = hostileText()
    fc.assert(
      fc.property(fc.dictionary(text, fc.oneof(text, fc.array(text))), (query) => {
        const expected = Object.entries(query).flatMap(([name, value]) => [value].flat().map((item) => [name, item]))

        expect([...new URLSearchParams(encodeQuery(query).slice(1))]).toEqual(expected)
      }),
      { numRuns: 200 },
    )
  })
})

describe('bodies', () => {
  it('writes JSON with its content type', () => {
    expect(encodeBody({ encoding: 'json', value: { a: 'ä' } })).toEqual({
      contentType: 'application/json; charset=utf-8',
      body: '{"a":"ä"}',
      text: '{"a":"ä"}',
    })
  })

  it('writes multipart that the platform reads back, files and bytes included', async () => {
    const bytes = new Uint8Array([0, 255, 13, 10, 45, 45])
    const { body, contentType, text } = encodeBody({
      encoding: 'multipart',
      parts: [
        { name: 'title', value: 'Grüße' },
        { name: 'file "1"', value: bytes, filename: 'a"b\r\n.bin' },
        { name: 'note', value: 'x', filename: 'n.txt', contentType: 'text/plain' },
      ],
    })

    const form = await new Response(body as Uint8Array<ArrayBuffer>, {
      headers: { 'content-type': contentType },
    }).formData()
    const file = form.get('file "1"') as File
    const note = form.get('note') as File
    expect(form.get('title')).toBe('Grüße')
    expect(new Uint8Array(await file.arrayBuffer())).toEqual(bytes)
    expect(file.name).toBe('a"b\r\n.bin')
    expect(file.type).toBe('application/octet-stream')
    expect([note.name, note.type, await note.text()]).toEqual(['n.txt', 'text/plain', 'x'])
    expect(text).toBeUndefined()
  })

  it('derives the boundary from the content, never one that the content holds', () => {
    const encode = (value: string) => encodeBody({ encoding: 'multipart', parts: [{ name: 'a', value }] })
    const first = encode('hello')
    const hostile = encode(`--${first.boundary}--`)

    expect(encode('hello')).toEqual(first)
    expect(hostile.boundary).not.toBe(first.boundary)
    expect(encode('other').boundary).not.toBe(first.boundary)
  })

  it('refuses a content type that would break the header of a part', () => {
    const parts = [{ name: 'a', value: 'b', contentType: 'text/plain\r\nX-Evil: 1' }]

    expect(() => encodeBody({ encoding: 'multipart', parts })).toThrow(/is not a content type/)
  })
})
