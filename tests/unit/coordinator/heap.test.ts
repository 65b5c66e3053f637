import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Heap, type Placed } from '../../../src/coordinator/heap.ts'

interface Item extends Placed {
  rank: number
}

const itemOf = (rank: number): Item => ({ rank, place: -1 })
const newHeap = () => new Heap<Item>((a, b) => a.rank < b.rank)

function drain(heap: Heap<Item>): number[] {
  const ranks: number[] = []
  for (let first = heap.first; first; first = heap.first) {
    ranks.push(first.rank)
    heap.remove(first)
  }
  return ranks
}

const ascending = (ranks: number[]) => ranks.toSorted((a, b) => a - b)

describe('a heap', () => {
  it('gives items back in order, whichever left from its middle', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.integer(), fc.boolean())), (plan) => {
        const heap = newHeap()
        const items = plan.map(([rank, leaves]) => ({ item: itemOf(rank), leaves }))

        for (const { item } of items) heap.add(item)
        for (const { item, leaves } of items) if (leaves) heap.remove(item)
        const stayed = items.filter(({ leaves }) => !leaves).map(({ item }) => item.rank)

        expect(heap.size).toBe(stayed.length)
        expect([...heap.values()].map(({ rank }) => rank).length).toBe(stayed.length)
        expect(drain(heap)).toEqual(ascending(stayed))
        expect(items.every(({ item }) => item.place === -1)).toBe(true)
      }),
    )
  })

  it('settles its first item after the item was put back', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(), { minLength: 1 }), fc.nat(), (ranks, later) => {
        const heap = newHeap()
        for (const rank of ranks) heap.add(itemOf(rank))
        const { first } = heap
        if (first) first.rank += later

        heap.settleFirst()

        const [least = 0, ...others] = ascending(ranks)
        expect(drain(heap)).toEqual(ascending([least + later, ...others]))
      }),
    )
  })

  it('does nothing when it is empty or the item is not in it', () => {
    const heap = newHeap()

    heap.settleFirst()
    heap.remove(itemOf(1))

    expect(heap.first).toBeUndefined()
    expect(heap.size).toBe(0)
  })
})
