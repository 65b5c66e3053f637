import { describe, expect, it } from 'vitest'
import { type AllowedRoute, matchRoute } from '../../../src/egress/index.ts'

const route: AllowedRoute = { method: 'GET', origins: ['https://api.example.com'], path: '/v1/items/{id}' }
const at = (url: string, change: Partial<AllowedRoute> = {}, method = 'GET') =>
  matchRoute({ ...route, ...change }, { method, url })

describe('a route', () => {
  it.each([
    'https://api.example.com/v1/items/42',
    'https://API.example.com:443/v1/items/42',
    'https://api.example.com/v1/items/a%2Fb',
    'https://api.example.com/v1/items/42?expand[]=x&q=a%20b|c',
    'https://api.example.com/v1/items/..42..',
    'https://api.example.com/v1/items/%252e%252e',
  ])('admits %s', (url) => {
    expect(at(url)).toMatchObject({ matches: true })
  })

  it.each([
    ['another host', 'https://evil.example/v1/items/42'],
    ['a longer host name', 'https://api.example.com.evil.example/v1/items/42'],
    ['another port', 'https://api.example.com:8443/v1/items/42'],
    ['another scheme', 'http://api.example.com/v1/items/42'],
    ['a user name', 'https://api.example.com@evil.example/v1/items/42'],
    ['a backslash in the host', 'https://api.example.com\\@evil.example/v1/items/42'],
    ['an empty segment for a name', 'https://api.example.com/v1/items/'],
    ['one segment more', 'https://api.example.com/v1/items/42/refund'],
    ['one segment less', 'https://api.example.com/v1/items'],
    ['a doubled slash', 'https://api.example.com/v1//items/42'],
    ['a leading doubled slash', 'https://api.example.com//v1/items/42'],
    ['a dot segment', 'https://api.example.com/v1/items/..'],
    ['a single dot', 'https://api.example.com/v1/items/.'],
    ['a climbing path', 'https://api.example.com/v1/other/../items/42'],
    ['an encoded dot segment', 'https://api.example.com/v1/items/%2e%2E'],
    ['a half encoded dot segment', 'https://api.example.com/v1/items/.%2e'],
    ['dot segments between encoded slashes', 'https://api.example.com/v1/items/..%2f..%2fadmin'],
    ['dot segments between encoded backslashes', 'https://api.example.com/v1/items/x%5C..%5Cadmin'],
    ['a backslash', 'https://api.example.com/v1/items/a\\b'],
    ['a space', 'https://api.example.com/v1/items/a b'],
    ['a line break in the query', 'https://api.example.com/v1/items/42?a=\r\nHost: evil'],
    ['a broken percent code', 'https://api.example.com/v1/items/%zz'],
    ['a fragment', 'https://api.example.com/v1/items/42#x'],
    ['a different case of the path', 'https://api.example.com/V1/items/42'],
    ['another kind of address', 'file:///etc/passwd'],
    ['no address', 'api.example.com/v1/items/42'],
  ])('refuses %s', (_what, url) => {
    expect(at(url)).toMatchObject({ matches: false, reason: expect.any(String) })
  })

  it('refuses another method', () => {
    expect(at('https://api.example.com/v1/items/42', {}, 'DELETE')).toEqual({
      matches: false,
      reason: 'DELETE is not GET',
    })
  })

  it('takes characters of the template literally', () => {
    const dotted = { path: '/2010/Accounts/{sid}/Messages/{id}.json' }

    expect(at('https://api.example.com/2010/Accounts/A/Messages/M.json', dotted).matches).toBe(true)
    expect(at('https://api.example.com/2010/Accounts/A/Messages/Mxjson', dotted).matches).toBe(false)
  })

  it.each([
    ['a/b/c.txt', true],
    ['folder/', true],
    ['a', true],
    ['', false],
    ['a//b', false],
    ['a/../b', false],
    ['/a', false],
  ])('takes %j for an open part: %s', (key, matches) => {
    expect(at(`https://api.example.com/bucket/${key}`, { path: '/bucket/{key+}' }).matches).toBe(matches)
  })

  it('compares a websocket address with the http origin', () => {
    const socket = { origins: ['http://127.0.0.1:8123'], path: '/api/websocket' }

    expect(at('ws://127.0.0.1:8123/api/websocket', socket)).toMatchObject({
      matches: true,
      target: { origin: 'http://127.0.0.1:8123', path: '/api/websocket' },
    })
    expect(at('wss://127.0.0.1:8123/api/websocket', socket).matches).toBe(false)
  })

  it('says nothing of the query when it refuses', () => {
    const match = at('https://api.example.com/other?key=hunter2hunter2')

    expect(JSON.stringify(match)).not.toContain('hunter2')
  })
})
