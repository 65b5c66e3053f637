import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { coversAddress, parseEndpoint } from '../../../src/vault/endpoint.ts'
import { globMatches } from '../../../src/vault/glob.ts'

const covers = (endpoint: string, address: string): boolean => coversAddress(parseEndpoint(endpoint), address)

describe('an endpoint', () => {
  it.each([
    ['https://a.example/v1/items', 'https://a.example/v1/items'],
    ['https://A.example:443/v1/items', 'https://a.example/v1/items'],
    ['https://a.example/v1/*', 'https://a.example/v1/items'],
    ['https://a.example/v1/*/parts', 'https://a.example/v1/7/parts'],
    ['https://a.example/v1/item-*', 'https://a.example/v1/item-7'],
    ['https://a.example/**', 'https://a.example/'],
    ['https://a.example/**', 'https://a.example/v1/items/7'],
    ['https://a.example/v1/**/parts', 'https://a.example/v1/a/b/parts'],
    ['http://127.0.0.1:8080/x', 'http://127.0.0.1:8080/x'],
    ['https://[::1]:8443/x', 'https://[::1]:8443/x'],
    ['https://a.example/a$b(c)', 'https://a.example/a$b(c)'],
  ])('%s covers %s', (endpoint, address) => {
    expect(covers(endpoint, address)).toBe(true)
  })

  it.each([
    ['another path', 'https://a.example/v1/items', 'https://a.example/v1/items/7'],
    ['another scheme', 'https://a.example/**', 'http://a.example/x'],
    ['another port', 'https://a.example/**', 'https://a.example:8443/x'],
    ['a host that begins alike', 'https://a.example/**', 'https://a.example.evil.example/x'],
    ['a host that ends alike', 'https://a.example/**', 'https://xa.example/x'],
    ['a user name that looks like the host', 'https://a.example/**', 'https://a.example@evil.example/x'],
    ['a password', 'https://a.example/**', 'https://u:p@a.example/x'],
    ['a backslash', 'https://a.example/**', 'https://a.example\\@evil.example/x'],
    ['another segment behind *', 'https://a.example/v1/*', 'https://a.example/v1/items/7'],
    ['an encoded slash behind *', 'https://a.example/v1/*', 'https://a.example/v1/items%2F7'],
    ['an encoded backslash behind *', 'https://a.example/v1/*', 'https://a.example/v1/items%5c7'],
    ['a dot segment', 'https://a.example/v1/**', 'https://a.example/v1/../admin'],
    ['an encoded dot segment', 'https://a.example/v1/**', 'https://a.example/v1/%2e%2E/admin'],
    ['a dot segment between encoded slashes', 'https://a.example/v1/**', 'https://a.example/v1/..%2fadmin'],
    ['another spelling of a letter', 'https://a.example/admin', 'https://a.example/%61dmin'],
    ['another case', 'https://a.example/admin', 'https://a.example/Admin'],
    ['a query', 'https://a.example/x', 'https://a.example/x?a'],
    ['a fragment', 'https://a.example/x', 'https://a.example/x#a'],
    ['a character that must be encoded', 'https://a.example/**', 'https://a.example/a b'],
    ['a dot for any character', 'https://a.example/a.c', 'https://a.example/abc'],
  ])('does not cover %s', (_what, endpoint, address) => {
    expect(covers(endpoint, address)).toBe(false)
  })

  it.each([
    'https://a.example',
    'a.example/x',
    'ftp://a.example/x',
    'https://*.example/x',
    'https://u:p@a.example/x',
    'https://a.example/x?y=*',
    'https://a.example/x#y',
    'https://a.example/a b',
    'https://a.example/../x',
    'https://a.example/%2e./x',
    'https://a.example\\x/y',
    'https:///x',
    'https://a.example:99999/x',
    `https://a.example/${'x'.repeat(300)}`,
    'https://a.example/***',
    '*',
    '**',
    '',
  ])('%j is refused', (text) => {
    expect(() => parseEndpoint(text)).toThrow(expect.objectContaining({ code: 'IF_ERR_INVALID_INPUT' }))
  })
})

describe('a glob', () => {
  const isSlash = (text: string, at: number) => text[at] === '/'

  it('matches what the regular expression for it matches', () => {
    const glob = fc
      .array(fc.constantFrom('a', 'b', '/', '*', '**', 'a/'), { maxLength: 8 })
      .map((parts) => parts.join(''))
    const text = fc.array(fc.constantFrom('a', 'b', '/'), { maxLength: 10 }).map((parts) => parts.join(''))
    fc.assert(
      fc.property(glob, text, (pattern, value) => {
        fc.pre(!pattern.includes('***'))
        const source = pattern.split(/(\*\*|\*)/).map((part) => (part === '**' ? '.*' : part === '*' ? '[^/]*' : part))
        expect(globMatches(pattern, value, isSlash)).toBe(new RegExp(`^${source.join('')}$`).test(value))
      }),
      { numRuns: 2_000 },
    )
  })

  it('is answered at once where a regular expression would not be', () => {
    const glob = '*a'.repeat(100)

    expect(globMatches(glob, `${'a'.repeat(4_000)}b`, isSlash)).toBe(false)
  })

  it('matches no text that is absurdly long', () => {
    expect(globMatches('**', 'a'.repeat(8_193), isSlash)).toBe(false)
  })
})
