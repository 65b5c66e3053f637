import { describe, expect, it } from 'vitest'
import { differsFromPlanned, isSameRequest, type PlannedRequest } from '../../../src/adapter/index.ts'

const HOLE = '${steps.find.result.id}'

const planned: PlannedRequest = {
  transport: 'http',
  method: 'POST',
  url: `https://acme.example/payments/${HOLE}/capture?note=${HOLE}`,
  headers: { Accept: 'application/json', 'X-Ref': HOLE },
  body: { amount: HOLE, text: `Refunded ${HOLE}.`, list: [1, { deep: true }], none: null },
}

const actual: PlannedRequest = {
  ...planned,
  url: 'https://acme.example/payments/pay_1/capture?note=n',
  headers: { Accept: 'application/json', 'X-Ref': 'r' },
  body: { amount: 2500, text: 'Refunded pay_1.', list: [1, { deep: true }], none: null },
}

describe('what leaves', () => {
  it('fits the plan when only holes were filled', () => {
    expect(differsFromPlanned(planned, actual)).toBeUndefined()
    expect(differsFromPlanned(actual, actual)).toBeUndefined()
    expect(isSameRequest(planned, { ...planned })).toBe(true)
    expect(isSameRequest(planned, actual)).toBe(false)
  })

  it.each<[string, Partial<PlannedRequest>, string]>([
    ['the transport', { transport: 'websocket' }, 'transport'],
    ['the method', { method: 'DELETE' }, 'method DELETE instead of POST'],
    ['a segment smuggled into a hole', { url: 'https://acme.example/payments/a/b/capture?note=n' }, 'address'],
    ['a parameter smuggled into a hole', { url: 'https://acme.example/payments/a/capture?note=n&x=1' }, 'address'],
    ['another host', { url: 'https://evil.example/payments/a/capture?note=n' }, 'address'],
    ['a header', { headers: { Accept: '*/*', 'X-Ref': 'r' } }, 'header Accept'],
    ['an added header', { headers: { Accept: 'application/json', 'X-Ref': 'r', Evil: '1' } }, 'header Evil'],
    ['a text around a hole', { body: { ...(actual.body as object), text: 'Stolen pay_1.' } }, 'body.text'],
    ['a number', { body: { ...(actual.body as object), list: [2, { deep: true }] } }, 'body.list.0'],
    ['an inner member', { body: { ...(actual.body as object), list: [1, { deep: false }] } }, 'body.list.1.deep'],
    ['a list for an object', { body: { ...(actual.body as object), list: { 0: 1, 1: 2 } } }, 'body.list'],
    ['an added member', { body: { ...(actual.body as object), evil: 1 } }, 'body'],
    [
      'a renamed member',
      { body: { amount: 1, text: 'Refunded x.', list: [1, { deep: true }], nil: null } },
      'body.none',
    ],
    ['no body', { body: null }, 'body'],
  ])('does not fit when %s differs', (_what, change, where) => {
    expect(differsFromPlanned(planned, { ...actual, ...change })).toMatch(new RegExp(`^${where}`))
  })
})
