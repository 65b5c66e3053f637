import { describe, expect, it } from 'vitest'
import { systemClock } from '../../../src/foundation/index.ts'
import { KeyMemory } from '../../../src/twin/idempotency.ts'

const HOUR_MS = 3_600_000
const answer = { status: 200, headers: {}, text: '{}' }

describe('KeyMemory', () => {
  const at = { now: 0 }
  const clock = { ...systemClock, now: () => at.now }

  it("forgets a key after the vendor's window, and not before", () => {
    const keys = new KeyMemory({ windowHours: 24, clock })
    at.now = 0
    keys.remember('k', 'f', answer)

    at.now = 24 * HOUR_MS
    expect(keys.recall('k', 'f')).toBe(answer)
    at.now += 1
    expect(keys.recall('k', 'f')).toBeUndefined()
  })

  it('lets go of all forgotten keys when a new one comes', () => {
    const keys = new KeyMemory({ windowHours: 1, clock })
    at.now = 0
    keys.remember('old', 'f', answer)
    at.now = HOUR_MS / 2
    keys.remember('younger', 'f', answer)
    at.now = HOUR_MS + 1
    keys.remember('new', 'f', answer)

    expect(['old', 'younger', 'new'].map((key) => keys.recall(key, 'f'))).toEqual([undefined, answer, answer])
  })

  it('knows other parameters under the same key', () => {
    const keys = new KeyMemory({ windowHours: 1, clock })
    keys.remember('k', 'f', answer)

    expect(keys.recall('k', 'g')).toBe('other')
  })
})
