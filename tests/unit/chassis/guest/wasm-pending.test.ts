import { describe, expect, it } from 'vitest'
import { pendingOf, resumeWith } from '../../../../src/chassis/guest/wasm-pending.ts'

describe('what a core module asks for', () => {
  it.each([
    [{ call: { operation: 'x' } }, { kind: 'call', intent: '{"operation":"x"}' }],
    [{ kv: { get: 'k' } }, { kind: 'kv.get', key: 'k' }],
    [{ kv: { set: 'k', value: [1] } }, { kind: 'kv.set', key: 'k', value: '[1]' }],
    [{ kv: { set: 'k', value: null } }, { kind: 'kv.set', key: 'k', value: 'null' }],
    [{ kv: { delete: 'k' } }, { kind: 'kv.delete', key: 'k' }],
    [{ kv: { list: '' } }, { kind: 'kv.list', prefix: '' }],
  ])('%j', (pending, what) => {
    expect(pendingOf({ pending, state: { at: 1 } })).toEqual({ what, state: '{"at":1}' })
  })

  it('has no state where none is given', () => {
    expect(pendingOf({ pending: { kv: { get: 'k' } } })).toMatchObject({ state: 'null' })
  })

  it.each([
    { call: 1, kv: { get: 'k' } },
    { kv: { get: 1 } },
    { kv: { set: 'k' } },
    { kv: { get: 'k', value: 1 } },
    { kv: { get: 'k', list: 'l' } },
    { kv: { drop: 'k' } },
    { kv: {} },
    { kv: 'get' },
    { http: 'https://example.com' },
    {},
    [],
    'call',
    null,
    1,
  ])('refuses %j', (pending) => {
    expect(pendingOf({ pending })).toMatch('its `pending` is neither')
  })
})

it('takes everything else for an answer', () => {
  for (const answer of [null, 1, 'pending', [], {}, { state: 1 }, { pending: { call: 1 }, result: 1 }])
    expect(pendingOf(answer)).toBeUndefined()
})

it('hands the state back with the answer or the error', () => {
  expect(JSON.parse(resumeWith('{"at":1}', { ok: '[2]' }))).toEqual({ resume: { state: { at: 1 }, ok: [2] } })
  expect(JSON.parse(resumeWith('null', { error: { code: 'C', message: 'm' } }))).toEqual({
    resume: { state: null, error: { code: 'C', message: 'm' } },
  })
})
