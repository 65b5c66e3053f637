// What a hole of a plan may become at the door: one value, whatever a vendor or an attacker put into it.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { differsFromPlanned, type PlannedRequest } from '../../../src/adapter/index.ts'
import type { JsonValue } from '../../../src/foundation/index.ts'

const HOLE = '${steps.find.result.id}'

const request = (url: string, body: JsonValue, headers: Record<string, string> = {}): PlannedRequest => ({
  transport: 'http',
  method: 'POST',
  url,
  headers,
  body,
})

// Strings that like to break out of where they stand.
const nasty = fc.oneof(
  fc.string({ maxLength: 12 }),
  fc.string({ maxLength: 12, unit: fc.constantFrom(...'/\\?&=#%.:@;a1\r\n\t '.split('')) }),
)

const countOf = (text: string): string => [...'/\\?&=#'].map((mark) => text.split(mark).length).join(' ')

describe('a hole in an address', () => {
  const urlOf = (id: string, note: string) => `https://api.example/v1/things/${id}/parts?note=${note}&limit=1`
  const planned = request(urlOf(HOLE, HOLE), null)

  it('takes any value that is encoded, as the engine does', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.string(), (id, note) => {
        const actual = request(urlOf(encodeURIComponent(id), encodeURIComponent(note)), null)

        expect(differsFromPlanned(planned, actual)).toBeUndefined()
      }),
    )
  })

  it('never lets another segment, parameter or fragment through', () => {
    fc.assert(
      fc.property(nasty, nasty, (id, note) => {
        const actual = request(urlOf(id, note), null)

        if (differsFromPlanned(planned, actual) === undefined) expect(countOf(actual.url)).toBe(countOf(planned.url))
      }),
      { numRuns: 500 },
    )
  })

  it('never moves the request to another host', () => {
    fc.assert(
      fc.property(nasty, (id) => {
        const moved = { ...planned, url: `https://api.example${id}.evil.example/v1/things/x/parts?note=y&limit=1` }

        expect(differsFromPlanned(planned, moved)).toMatch(/^address/)
      }),
    )
  })
})

describe('a hole in a header', () => {
  it('never lets another header through', () => {
    fc.assert(
      fc.property(nasty, (value) => {
        const planned = request('https://a.example/', null, { 'X-Ref': `id ${HOLE};` })
        const actual = request('https://a.example/', null, { 'X-Ref': `id ${value};` })

        expect(differsFromPlanned(planned, actual) === undefined).toBe(!/[\r\n]/.test(value))
      }),
    )
  })
})

describe('a hole in a body', () => {
  const member = fc.constantFrom('a', 'b', 'c', '__proto__', 'constructor')
  const json = fc.jsonValue({ maxDepth: 2 }) as fc.Arbitrary<JsonValue>
  const bodyOf = (text: string): JsonValue => ({ text: `Refund ${text} done`, list: [1, text], amount: 5 })

  it('takes any value', () => {
    fc.assert(
      fc.property(fc.string(), (value) => {
        const actual = request('https://a.example/', bodyOf(value))

        expect(differsFromPlanned(request('https://a.example/', bodyOf(HOLE)), actual)).toBeUndefined()
      }),
    )
  })

  it('never lets another member or item through, nor one go', () => {
    fc.assert(
      fc.property(member, json, (name, value) => {
        const planned = request('https://a.example/', bodyOf(HOLE))
        const body = bodyOf('x') as Record<string, JsonValue>
        const more = Object.defineProperty({ ...body }, `${name}2`, { value, enumerable: true })
        const { amount: _amount, ...less } = body

        expect(differsFromPlanned(planned, request('https://a.example/', more))).toBe('body')
        expect(differsFromPlanned(planned, request('https://a.example/', less))).toBe('body')
        expect(differsFromPlanned(planned, request('https://a.example/', { ...body, list: [1, 'x', value] }))).toBe(
          'body.list',
        )
      }),
    )
  })

  it('inside a text stays inside that text', () => {
    fc.assert(
      fc.property(json, (value) => {
        const actual = request('https://a.example/', { text: value, list: [1, 'x'], amount: 5 })
        const fits = differsFromPlanned(request('https://a.example/', bodyOf(HOLE)), actual) === undefined

        expect(fits).toBe(typeof value === 'string' && /^Refund [\s\S]* done$/.test(value))
      }),
    )
  })
})

it('is decided quickly however long a value is', () => {
  const planned = request(`https://a.example/${Array(20).fill(HOLE).join('/')}`, {
    text: Array(50).fill(HOLE).join('a'),
  })
  const actual = request(`https://a.example/${Array(20).fill('x').join('/')}`, { text: `${'a'.repeat(200_000)}b` })

  expect(differsFromPlanned(planned, actual)).toBeUndefined()
})
