import { describe, expect, it } from 'vitest'
import { ACCESS_TOKEN, type Auth } from '../../../src/adapter/index.ts'
import { systemClock, systemRandom } from '../../../src/foundation/index.ts'
import { Credentials } from '../../../src/twin/credential.ts'
import { IssuedTokens } from '../../../src/twin/issued-tokens.ts'
import type { Presented } from '../../../src/twin/presented.ts'
import type { Requirement } from '../../../src/twin/requirement.ts'

const clock = { ...systemClock, now: () => at.now }
const at = { now: 0 }
const tokens = new IssuedTokens({ clock, random: systemRandom, told: () => undefined })
const credentials = new Credentials({
  secrets: { SHOP_KEY: 'sesame', USER: 'ali' },
  tokens,
  now: () => clock.now(),
})

const needs = (slots: Auth['slots'], more: Partial<Requirement> = {}): Requirement => ({
  slots,
  body: [],
  sign: undefined,
  ...more,
})

const admits = (requirements: Requirement[], presented: Partial<Presented> = {}): boolean => {
  const bare = { method: 'GET', target: '/', headers: {}, path: {}, value: {}, bytes: new Uint8Array(0) }
  return credentials.wrongIn(requirements, { ...bare, ...presented }) === undefined
}

const key = { secret: 'SHOP_KEY' }

describe('Credentials', () => {
  it.each<[string, Auth['slots'][number], Partial<Presented>, Partial<Presented>]>([
    [
      'bearer',
      { in: 'header', name: 'Authorization', parts: ['Bearer ', key] },
      { headers: { authorization: 'Bearer sesame' } },
      { headers: { authorization: 'Bearer sesamf' } },
    ],
    [
      'basic',
      { in: 'header', name: 'Authorization', parts: [{ secret: 'USER' }, ':', key], encode: 'basic' },
      { headers: { authorization: 'Basic YWxpOnNlc2FtZQ==' } },
      { headers: { authorization: 'Basic YWxpOnNlc2FtZg==' } },
    ],
    ['header', { in: 'header', name: 'X-Key', parts: [key] }, { headers: { 'x-key': 'sesame' } }, { headers: {} }],
    ['query', { in: 'query', name: 'key', parts: [key] }, { target: '/?key=sesame' }, { target: '/?key=sesam' }],
    ['path', { in: 'path', name: 'token', parts: [key] }, { path: { token: 'sesame' } }, { path: { token: 'x' } }],
  ])('admit only the right credential by %s', (_, slot, right, wrong) => {
    expect(admits([needs([slot])], right)).toBe(true)
    expect(admits([needs([slot])], wrong)).toBe(false)
    expect(admits([needs([slot])])).toBe(false)
  })

  it('let an optional one be absent, but not wrong', () => {
    const optional = [needs([{ in: 'header', name: 'X-Key', parts: [key], optional: true }])]

    expect(admits(optional)).toBe(true)
    expect(admits(optional, { headers: { 'x-key': 'sesame' } })).toBe(true)
    expect(admits(optional, { headers: { 'x-key': 'wrong' } })).toBe(false)
  })

  it('are looked for where a body has them', () => {
    const inBody = [needs([], { body: [{ secret: 'SHOP_KEY', place: ['auth', '0', 'key'] }] })]

    expect(admits(inBody, { value: { auth: [{ key: 'sesame' }] } })).toBe(true)
    expect(admits(inBody, { value: { auth: [{ key: 'wrong' }] } })).toBe(false)
    for (const value of [{}, null, 'sesame', ['sesame'], { auth: 'sesame' }])
      expect(admits(inBody, { value })).toBe(false)
  })

  it('are tokens that were issued, until their time is over', () => {
    const slot = { in: 'header', name: 'Authorization', parts: ['Bearer ', { secret: ACCESS_TOKEN }] } as const
    const bearer = [needs([{ ...slot, parts: [...slot.parts] }])]
    at.now = 0
    const token = tokens.issue('access', 60)
    const refresh = tokens.issue('refresh', 60)

    expect(admits(bearer, { headers: { authorization: `Bearer ${token}` } })).toBe(true)
    for (const wrong of [`Bearer ${refresh}`, 'Bearer ', token, `Bearer ${token}x`, 'Bearer sesame']) {
      expect(admits(bearer, { headers: { authorization: wrong } })).toBe(false)
    }
    at.now = 60_000
    expect(admits(bearer, { headers: { authorization: `Bearer ${token}` } })).toBe(false)
  })

  it('admit by any of several requirements, and everybody where there is none', () => {
    const either = ['x-one', 'x-two'].map((name) => needs([{ in: 'header', name, parts: [key] }]))

    expect(admits(either, { headers: { 'x-two': 'sesame' } })).toBe(true)
    expect(admits(either)).toBe(false)
    expect(admits([])).toBe(true)
  })

  it('accept the secrets and nothing else', () => {
    expect(['sesame', 'ali', 'sesamf', ''].map(credentials.accepts)).toEqual([true, true, false, false])
  })
})

describe('IssuedTokens', () => {
  it('count once where they are spent, and are kept apart by kind', () => {
    at.now = 0
    const token = tokens.issue('refresh', 60)

    expect(tokens.issued('access', token)).toBe(false)
    expect(tokens.issued('refresh', token)).toBe(true)
    expect(tokens.issued('refresh', token, { spend: true })).toBe(true)
    expect(tokens.issued('refresh', token)).toBe(false)
  })
})
