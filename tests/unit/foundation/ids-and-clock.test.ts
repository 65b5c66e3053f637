import { getEventListeners } from 'node:events'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ADDRESS_KINDS } from '../../../src/foundation/ids.ts'
import {
  checkName,
  formatAddress,
  isName,
  parseAddress,
  shortId,
  systemClock,
  systemRandom,
  timestamp,
  ulid,
} from '../../../src/foundation/index.ts'

describe('a ULID', () => {
  it('grows strictly within a process, also inside one millisecond', () => {
    const ids = Array.from({ length: 2_000 }, ulid)

    expect(new Set(ids).size).toBe(ids.length)
    expect([...ids].sort()).toEqual(ids)
  })

  it('is shown by its end, a digest by its beginning', () => {
    expect(shortId('01ARZ3NDEKTSV4RRFFQ69G5FAV')).toBe('q69g5fav')
    expect(shortId('abcdef0123456789')).toBe('abcdef01')
  })
})

describe('an address', () => {
  const part = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._@-]{0,20}$/)

  it('is the same after printing and parsing', () => {
    fc.assert(
      fc.property(fc.constantFrom(...ADDRESS_KINDS), fc.array(part, { minLength: 1, maxLength: 4 }), (kind, parts) => {
        const address = { kind, name: parts.join('/') }
        expect(parseAddress(formatAddress(address))).toEqual(address)
      }),
    )
  })

  it.each(['if://nobody/a', 'if://person/', 'person/ana', 'if://person/a b', 'if://agent/../x', 'if://agent//x', ''])(
    '%j is refused with what was expected',
    (text) => {
      expect(() => parseAddress(text)).toThrow(
        expect.objectContaining({ code: 'IF_ERR_INVALID_INPUT', hint: expect.stringContaining('if://agent/refunds') }),
      )
    },
  )
})

describe('a name', () => {
  it.each(['a', 'A.b_c-9', 'x'.repeat(128)])('%s is one', (text) => {
    expect(checkName('step', text)).toBe(text)
  })

  it.each(['', '.a', 'a/b', 'a b', 'ä', 'x'.repeat(129), '..'])('%j is none', (text) => {
    expect(isName(text)).toBe(false)
    expect(() => checkName('step', text)).toThrow(expect.objectContaining({ code: 'IF_ERR_INVALID_INPUT' }))
  })
})

describe('the system clock', () => {
  it('tells wall time and monotonic time', () => {
    const before = systemClock.monotonic()

    expect(Math.abs(systemClock.now() - Date.now())).toBeLessThan(1_000)
    expect(systemClock.monotonic()).toBeGreaterThanOrEqual(before)
    expect(timestamp(0)).toBe('1970-01-01T00:00:00.000Z')
  })

  it('wakes from a sleep, and at once when the signal aborts', async () => {
    await systemClock.sleep(1)
    const waiting = new AbortController()
    const slept = systemClock.sleep(60_000, waiting.signal)
    waiting.abort(new Error('enough'))

    await expect(slept).rejects.toThrow('enough')
    await expect(systemClock.sleep(60_000, AbortSignal.abort(new Error('before')))).rejects.toThrow('before')
  })

  it('lets no listener behind at a signal that outlives many sleeps', async () => {
    const { signal } = new AbortController()

    await Promise.all(Array.from({ length: 5 }, () => systemClock.sleep(0, signal)))

    expect(getEventListeners(signal, 'abort')).toHaveLength(0)
  })

  it('has randomness that does not repeat', () => {
    expect(Buffer.from(systemRandom(16)).equals(Buffer.from(systemRandom(16)))).toBe(false)
  })
})
