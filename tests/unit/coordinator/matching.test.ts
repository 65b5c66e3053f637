import { describe, expect, it } from 'vitest'
import { Entry } from '../../../src/coordinator/entry.ts'
import { Matching } from '../../../src/coordinator/matching.ts'
import { added } from '../../../src/coordinator/moves.ts'
import type { ClaimFilter, Waiter } from '../../../src/coordinator/worker-group.ts'

let count = 0
function entryOf(kind: string, swarm = 'default', priority = 0): Entry {
  const id = `t${String(++count).padStart(6, '0')}`
  return new Entry(added({ id, kind, swarm, priority, enqueuedAt: '' }, { at: '' }), 1)
}

function start(minMatch = 0.7) {
  const matching = new Matching(minMatch)
  const put = (entry: Entry, needs: string[] = []) => {
    matching.join(entry, needs)
    return matching.offer(entry)
  }
  const waiter = (swarm: string, filter: ClaimFilter = {}, wants = 1): Waiter => {
    const group = matching.group(swarm, filter)
    const made = { holder: { swarm, worker: 'w' }, leaseMs: 1, group, wants, granted: () => {}, refused: () => {} }
    matching.wait(made)
    return made
  }
  return { matching, put, waiter }
}

describe('matching', () => {
  it('gives a ready task to who waits longest, and puts it in line when nobody does', () => {
    const { matching, put, waiter } = start()
    const first = waiter('a')
    const second = waiter('a')

    expect(put(entryOf('k'))).toBe(first)
    expect(put(entryOf('k'))).toBe(second)
    const left = entryOf('k')
    expect(put(left)).toBeUndefined()
    expect(matching.offer(left)).toBeUndefined()
    expect(matching.next(first.group)).toBe(left)
    expect(matching.next(first.group)).toBeUndefined()
  })

  it('serves a waiter as often as it wants, and its neighbours in between', () => {
    const { put, waiter } = start()
    const greedy = waiter('a', {}, 2)
    const modest = waiter('a')

    expect([1, 2, 3, 4].map(() => put(entryOf('k')))).toEqual([greedy, modest, greedy, undefined])
  })

  it('gives nothing to a waiter that has left, wants nothing or may not', () => {
    const { matching, put, waiter } = start()
    matching.stopWaiting(waiter('a'))
    waiter('a', {}, 0)
    waiter('a', { kinds: ['other'] })
    waiter('a', { swarms: ['other'] })

    expect(put(entryOf('k'))).toBeUndefined()
  })

  it('knows a group by what it takes, in whatever order that is said', () => {
    const { matching } = start()
    const group = matching.group('a', { kinds: ['x', 'y'], capabilities: ['a:b', 'c:d'] })

    expect(matching.group('a', { kinds: ['y', 'x'], capabilities: ['c:d', 'a:b'] })).toBe(group)
    expect(matching.group('b', { kinds: ['x', 'y'], capabilities: ['a:b', 'c:d'] })).not.toBe(group)
  })

  it('chooses over all classes: the swarm whose turn it is, and its highest priority', () => {
    const { matching, put } = start()
    const group = matching.group('w', { capabilities: ['a:*'] })
    const low = entryOf('k', 'sales', 1)
    const high = entryOf('other', 'sales', 5)
    const rival = entryOf('k', 'finance', 0)
    put(low)
    put(high, ['a:b'])
    put(rival)

    const order = [1, 2, 3].map(() => matching.next(group))

    expect(order).toEqual([high, rival, low])
  })

  it('takes a task out of the line that leaves', () => {
    const { matching, put } = start()
    const group = matching.group('w', {})
    const entry = entryOf('k')
    put(entry)

    matching.leave(entry)
    matching.leave(entry)

    expect(matching.next(group)).toBeUndefined()
    expect(matching.offer(entry)).toBeUndefined()
  })

  it('forgets classes that nobody uses, and finds tasks of those that are used', () => {
    const { matching, put, waiter } = start()
    const stays = entryOf('stays')
    put(stays)
    const group = matching.group('w', { kinds: ['stays'] })
    const waiting = waiter('w', { kinds: ['later'] })
    matching.class('later', [])

    for (let at = 0; at < 10_000; at++) {
      const entry = entryOf(`kind-${at}`)
      put(entry)
      matching.leave(entry)
    }

    expect(matching.next(group)).toBe(stays)
    expect(put(entryOf('later'))).toBe(waiting)
  })

  it('forgets groups that nobody uses, and keeps those with a worker', () => {
    const { matching } = start()
    const kept = matching.group('kept', {})
    kept.workers = 1
    const unused = matching.group('unused', {})

    for (let at = 0; at < 20_000; at++) matching.group(`s${at}`, {})

    expect(matching.group('kept', {})).toBe(kept)
    expect(matching.group('unused', {})).not.toBe(unused)
  })
})
