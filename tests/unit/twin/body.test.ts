import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeBody } from '../../../src/twin/body.ts'

const bytes = (text: string) => new TextEncoder().encode(text)
const decode = async (text: string, type?: string) => decodeBody(bytes(text), type)

describe('decodeBody', () => {
  it('reads no body as no fields, whatever its type', async () => {
    expect(await decode('')).toEqual({})
    expect(await decode('', 'application/json')).toEqual({})
  })

  it.each([
    ['[1]', 'application/json', [1]],
    ['null', 'application/json', null],
    ['"x"', 'application/vnd.api+json', 'x'],
    ['{"a":1}\n\n[2]\n', 'application/x-ndjson', [{ a: 1 }, [2]]],
    ['plain', 'text/plain; charset=utf-8', 'plain'],
    ['{', 'application/octet-stream', null],
    [
      '<?xml version="1.0"?><s:Tag xmlns:s="u" n="1"><Key>a&amp;b</Key><Key>007</Key></s:Tag>',
      'application/xml',
      { Tag: { '@_n': '1', Key: ['a&b', '007'] } },
    ],
  ])('reads %j as %s', async (text, type, value) => {
    expect(await decode(text, type)).toEqual(value)
  })

  it.each([
    ['{', 'application/json', null],
    ['{"a":1}', 'application/json', { a: 1 }],
    ['x', 'image/png', null],
    ['x', undefined, null],
    ['--x', 'multipart/form-data; boundary=y', null],
  ])('takes %j as %s where the vendor takes bytes of any type', async (text, type, value) => {
    expect(await decodeBody(bytes(text), type, { anyType: true })).toEqual(value)
  })

  it('reads any JSON object', async () => {
    await fc.assert(
      fc.asyncProperty(fc.dictionary(fc.string(), fc.jsonValue(), { noNullPrototype: true }), async (value) => {
        const text = JSON.stringify(value)

        expect(await decode(text, 'application/json; charset=UTF-8')).toEqual(JSON.parse(text))
        expect(await decode(text, 'application/merge-patch+json')).toEqual(JSON.parse(text))
      }),
    )
  })

  it.each([
    ['{"a":', 'application/json', 'the body is not JSON'],
    ['{}\n{"a"', 'application/x-ndjson', 'line 2 of the body is not JSON'],
    ['<a><b></a>', 'application/xml', 'the body is not XML'],
    ['<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', 'text/xml', 'a document type'],
    ['a=1', 'text/csv', 'text/csv is not supported'],
    ['a=1', undefined, 'without a content type'],
    ['{}', 'application/json; charset=iso-8859-1', 'the charset iso-8859-1 is not supported'],
    ['nothing of the sort', 'multipart/form-data; boundary=x', 'the multipart body is malformed'],
    ['--x', 'multipart/form-data', 'the multipart body is malformed'],
  ])('refuses %j as %s', async (text, type, problem) => {
    await expect(decode(text, type)).rejects.toMatchObject({
      kind: 'invalid',
      message: expect.stringContaining(problem),
    })
  })

  it('refuses bytes that are not UTF-8 rather than guess', () => {
    const latin1 = new Uint8Array([0x7b, 0x22, 0xe9, 0x22, 0x3a, 0x31, 0x7d])

    expect(() => decodeBody(latin1, 'application/json')).toThrow('the body is not UTF-8')
  })

  it('reads a multipart form that the platform wrote, files as facts and base64', async () => {
    const form = new FormData()
    form.append('title', 'Grüße')
    form.append('file', new File([new Uint8Array([0, 255, 13, 10])], 'a b.bin', { type: 'application/x-test' }))
    const written = new Response(form)
    const type = written.headers.get('content-type') ?? ''

    const body = await decodeBody(new Uint8Array(await written.arrayBuffer()), type)

    expect(body).toEqual({
      title: 'Grüße',
      file: { filename: 'a b.bin', contentType: 'application/x-test', size: 4, base64: 'AP8NCg==' },
    })
  })
})
