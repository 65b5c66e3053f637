import { describe, expect, it } from 'vitest'
import { nextHop } from '../../../src/egress/redirect.ts'

const hop = (location: string | undefined, change: { method?: string; hops?: number; status?: number } = {}) =>
  nextHop({
    response: {
      status: change.status ?? 302,
      headers: location === undefined ? {} : { location },
      body: Buffer.alloc(0),
    },
    method: change.method ?? 'GET',
    route: { method: change.method ?? 'GET', origins: ['https://a.example', 'https://b.example'], path: '/v1/{id}' },
    from: { origin: 'https://a.example', hostname: 'a.example', path: '/v1/1', query: '' },
    hops: change.hops ?? 0,
    leaks: (text) => text.includes('hunter2'),
  })

describe('a redirect', () => {
  it('is followed to the same route, relative or on another origin of the route', () => {
    expect(hop('2?x=1')).toMatchObject({
      kind: 'follow',
      target: { origin: 'https://a.example', path: '/v1/2', query: '?x=1' },
    })
    expect(hop('https://b.example/v1/2#part')).toMatchObject({
      kind: 'follow',
      target: { origin: 'https://b.example' },
    })
  })

  it('to another origin is refused where its address holds a credential', () => {
    expect(hop('https://b.example/v1/hunter2')).toMatchObject({ kind: 'refused' })
    expect(hop('/v1/hunter2')).toMatchObject({ kind: 'follow' })
  })

  it('is an arrival where nothing is pointed to', () => {
    expect(hop(undefined)).toEqual({ kind: 'arrived' })
    expect(hop('/v1/2', { status: 304 })).toEqual({ kind: 'arrived' })
  })

  it.each([
    ['https://evil.example/v1/2?key=hunter2hunter2', 'evil.example'],
    ['https://a.example/admin', 'a.example'],
    ['https://user:hunter2hunter2@a.example/v1/2', 'a.example'],
    ['http://a.example/v1/2', 'a.example'],
    ['http://169.254.169.254/v1/2', '169.254.169.254'],
    ['javascript:alert(1)', 'an unreadable address'],
    ['http://[', 'an unreadable address'],
  ])('to %s is refused, naming only the host', (location, host) => {
    const refused = hop(location)

    expect(refused).toMatchObject({ kind: 'refused', error: { code: 'IF_ERR_BAD_RESPONSE', retryable: false } })
    const message = refused.kind === 'refused' ? refused.error.message : ''
    expect(message).toContain(`points to ${host}:`)
    expect(message).not.toContain('hunter2')
  })

  it('of an effectful request is refused', () => {
    expect(hop('/v1/2', { method: 'POST', status: 307 })).toMatchObject({ kind: 'refused' })
  })

  it('is refused after five', () => {
    expect(hop('/v1/2', { hops: 4 })).toMatchObject({ kind: 'follow' })
    expect(hop('/v1/2', { hops: 5 })).toMatchObject({ kind: 'refused' })
  })
})
