import { stringify } from 'node:querystring'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeForm } from '../../../src/twin/form.ts'

describe('decodeForm', () => {
  it.each([
    ['', {}],
    ['a=1&b=2', { a: '1', b: '2' }],
    ['a=1&a=2', { a: '2' }],
    ['a', { a: '' }],
    ['a=b%20c+d%26', { a: 'b c d&' }],
    ['metadata[order]=17&metadata[by]=me', { metadata: { order: '17', by: 'me' } }],
    ['metadata%5Border%5D=17', { metadata: { order: '17' } }],
    ['expand[]=a&expand[]=b', { expand: ['a', 'b'] }],
    ['items[0][price]=p1&items[0][n]=2&items[1][price]=p2', { items: [{ price: 'p1', n: '2' }, { price: 'p2' }] }],
    ['a[2]=x', { a: { 2: 'x' } }],
    ['[a]=1', { '[a]': '1' }],
    ['a[b=1', { 'a[b': '1' }],
    ['a[b]c=1', { 'a[b]c': '1' }],
    ['a.b=1', { 'a.b': '1' }],
  ])('reads %j', (text, fields) => {
    expect(decodeForm(text)).toEqual(fields)
  })

  it.each(['a=1&a[b]=2', 'a[b]=2&a=1', 'a[b][c]=1&a[b]=2'])('refuses %j, a value and a group in one', (text) => {
    expect(() => decodeForm(text)).toThrow('both as a value and as a group')
  })

  it('refuses what is nested without end', () => {
    expect(() => decodeForm(`a${'[b]'.repeat(100)}=1`)).toThrow('nested too deeply')
  })

  it('keeps a field called __proto__ a field', () => {
    const fields = decodeForm('__proto__[admin]=yes&a[__proto__]=x')

    expect(Object.getPrototypeOf(fields)).toBe(Object.prototype)
    expect(Object.keys(fields)).toEqual(['__proto__', 'a'])
    expect(({} as { admin?: string }).admin).toBeUndefined()
  })

  it("reads back what the platform's own encoder writes, for any flat form", () => {
    const name = fc.string({ minLength: 1 }).filter((text) => !text.includes('[') && text !== '__proto__')
    const value = fc.string({ unit: 'binary' })
    fc.assert(
      fc.property(fc.dictionary(name, value), (form) => {
        const plain = { ...form }

        expect(decodeForm(stringify(plain))).toEqual(plain)
        expect(decodeForm(new URLSearchParams(plain).toString())).toEqual(plain)
      }),
    )
  })

  it('reads back nested forms that an independent encoder writes', () => {
    const leaf = fc.string()
    const name = fc.stringMatching(/^[a-z_]{1,8}$/)
    const { tree } = fc.letrec((tie) => ({
      tree: fc.dictionary(name, tie('node'), { minKeys: 1, maxKeys: 4, noNullPrototype: true }),
      node: fc.oneof(
        { depthSize: 'small', withCrossShrink: true },
        leaf,
        fc.array(tie('node'), { minLength: 1, maxLength: 3 }),
        tie('tree'),
      ),
    }))
    fc.assert(
      fc.property(tree, (form) => {
        expect(decodeForm(encodeLikeStripe(form))).toEqual(form)
      }),
    )
  })
})

/** The bracket form of stripe-node's queryStringifyRequestData, written anew. */
function encodeLikeStripe(value: unknown, prefix = ''): string {
  if (typeof value === 'string') return `${encodeURIComponent(prefix)}=${encodeURIComponent(value)}`
  return Object.entries(value as object)
    .map(([name, member]) => encodeLikeStripe(member, prefix ? `${prefix}[${name}]` : name))
    .join('&')
}
