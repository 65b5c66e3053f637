import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Bag, type Bagged } from '../../../src/coordinator/bag.ts'
import { Line, Place } from '../../../src/coordinator/line.ts'

describe('a line', () => {
  const idsOf = (line: Line<string>) => {
    const ids: string[] = []
    for (let place = line.first; place; place = place.after) ids.push(place.item)
    return ids
  }
  const backwards = (line: Line<string>) => {
    const ids: string[] = []
    for (let place = line.last; place; place = place.before) ids.unshift(place.item)
    return ids
  }

  it('agrees with an array over any sequence of joining and leaving', () => {
    const steps = fc.array(fc.record({ who: fc.nat(5), joins: fc.boolean() }), { maxLength: 60 })
    fc.assert(
      fc.property(steps, (plan) => {
        const line = new Line<string>()
        const places = Array.from({ length: 6 }, (_, at) => new Place(`${at}`))
        let model: string[] = []
        for (const { who, joins } of plan) {
          const place = places[who]
          if (!place) continue
          model = model.filter((id) => id !== place.item)
          if (joins) {
            line.append(place, 1)
            model.push(place.item)
          } else line.remove(place)
        }
        expect(idsOf(line)).toEqual(model)
        expect(backwards(line)).toEqual(model)
        expect(line.size).toBe(model.length)
      }),
    )
  })

  it('takes a place over from another line', () => {
    const [one, two] = [new Line<string>(), new Line<string>()]
    const place = new Place('a')

    one.append(place, 1)
    two.append(place, 2)
    one.remove(place)

    expect([one.size, two.size, place.line === two, place.at]).toEqual([0, 1, true, 2])
  })
})

describe('a bag', () => {
  it('agrees with a set over any sequence of additions and removals', () => {
    const steps = fc.array(fc.record({ who: fc.nat(5), comes: fc.boolean() }), { maxLength: 60 })
    fc.assert(
      fc.property(steps, (plan) => {
        const bag = new Bag<Bagged>()
        const model = new Set<Bagged>()
        const things = Array.from({ length: 6 }, () => ({ bagPlace: -1 }))
        for (const { who, comes } of plan) {
          const thing = things[who]
          if (!thing) continue
          if (!comes) expect(bag.delete(thing)).toBe(model.delete(thing))
          else if (!model.has(thing)) {
            bag.add(thing)
            model.add(thing)
          }
        }
        expect(new Set(bag)).toEqual(model)
        expect(bag.size).toBe(model.size)
      }),
    )
  })

  it('may change while somebody goes through it', () => {
    const bag = new Bag<Bagged>()
    for (let count = 0; count < 5; count++) bag.add({ bagPlace: -1 })

    for (const thing of bag) bag.delete(thing)

    expect(bag.size).toBe(0)
  })
})
