import fc from 'fast-check'
import { expect, it } from 'vitest'
import { covers } from '../../../src/foundation/index.ts'
import { namesIn } from '../../../src/governor/bit-set.ts'
import { CapabilityIndex } from '../../../src/governor/capability-index.ts'
import { profile } from './profile.ts'

const word = fc.constantFrom('a', 'b', 'c')
const need = fc.array(word, { minLength: 2, maxLength: 3 }).map((words) => words.join(':'))
const owned = fc.oneof(
  need,
  fc.array(word, { minLength: 1, maxLength: 2 }).map((words) => `${words.join(':')}:*`),
)

it('finds for each need exactly those that cover it, after any registrations and removals', () => {
  const steps = fc.array(
    fc.record({ name: fc.constantFrom('s1', 's2', 's3', 's4'), capabilities: fc.array(owned, { maxLength: 4 }) }),
    { maxLength: 12 },
  )
  fc.assert(
    fc.property(steps, fc.uniqueArray(need, { minLength: 1, maxLength: 6 }), (all, needs) => {
      const index = new CapabilityIndex()
      const model = new Map<string, string[]>()
      for (const { name, capabilities } of all) {
        if (capabilities.length === 0) {
          index.delete(name)
          model.delete(name)
        } else {
          index.set(profile(name, capabilities))
          model.set(name, capabilities)
        }
      }

      const found = Object.fromEntries(
        index.coverersOf(needs).map((swarm) => [swarm.profile.swarm, namesIn(swarm.mask, needs)]),
      )

      const expected = [...model].map(([name, capabilities]) => [
        name,
        needs.filter((wanted) => capabilities.some((have) => covers(have, wanted))),
      ])
      expect(found).toEqual(Object.fromEntries(expected.filter(([, covered]) => covered?.length)))
      expect(index.size).toBe(model.size)
    }),
    { seed: 11 },
  )
})

it('knows each capability only as long as somebody has it', () => {
  const index = new CapabilityIndex()
  index.set(profile('s1', ['a:b', 'a:c']))
  index.set(profile('s2', ['a:b']))

  index.delete('s1')

  expect([...index.capabilities()]).toEqual(['a:b'])
})
