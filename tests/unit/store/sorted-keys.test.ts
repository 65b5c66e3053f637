import fc from 'fast-check'
import { expect, test } from 'vitest'
import { SortedKeys } from '../../../src/store/sorted-keys.ts'

const all = { limit: Number.POSITIVE_INFINITY, reverse: false }

test('agrees with a sorted array over additions and removals in any order', () => {
  const step = fc.record({ key: fc.integer({ min: 0, max: 4_000 }).map((n) => `k/${n}`), add: fc.boolean() })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 6_000, size: 'max' }), fc.integer({ min: 0, max: 50 }), (steps, prefix) => {
      const keys = new SortedKeys()
      const model = new Set<string>()
      for (const { key, add } of steps) {
        if (!add) keys.delete(key)
        else if (!model.has(key)) keys.add(key)
        if (add) model.add(key)
        else model.delete(key)
      }
      const sorted = [...model].sort()
      const wanted = sorted.filter((key) => key.startsWith(`k/${prefix}`))

      expect(keys.withPrefix('', all)).toEqual(sorted)
      expect(keys.withPrefix(`k/${prefix}`, all)).toEqual(wanted)
      expect(keys.withPrefix(`k/${prefix}`, { limit: 3, reverse: true })).toEqual(wanted.reverse().slice(0, 3))
      expect(keys.after(`k/${prefix}`, 700)).toEqual(sorted.filter((key) => key > `k/${prefix}`).slice(0, 700))
    }),
    { numRuns: 15, seed: 11 },
  )
})

test('takes over a sorted list and goes on from there', () => {
  const sorted = Array.from({ length: 3_000 }, (_, at) => `k/${String(at).padStart(5, '0')}`)
  const keys = SortedKeys.ofSorted(sorted)

  keys.add('k/00010/a')
  keys.delete('k/02999')
  keys.delete('never there')

  expect(keys.withPrefix('', all)).toHaveLength(3_000)
  expect(keys.withPrefix('k/00010', all)).toEqual(['k/00010', 'k/00010/a'])
  expect(keys.withPrefix('k/', { limit: 1, reverse: true })).toEqual(['k/02998'])
  expect(keys.after(undefined, 2)).toEqual(['k/00000', 'k/00001'])
})

test('is empty again after everything was removed', () => {
  const keys = new SortedKeys()
  for (let at = 0; at < 2_000; at++) keys.add(`${at}`)
  for (let at = 0; at < 2_000; at++) keys.delete(`${at}`)

  expect(keys.withPrefix('', all)).toEqual([])
  expect(keys.withPrefix('', { ...all, reverse: true })).toEqual([])
  expect(keys.after(undefined, 5)).toEqual([])
})
