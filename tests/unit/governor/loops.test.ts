import { describe, expect, it } from 'vitest'
import { type LoopRule, openLoops } from '../../../src/governor/index.ts'
import { keyOf, openMemoryStore } from '../../../src/store/index.ts'
import { heldClock } from '../../support/held-clock.ts'

const RULE: LoopRule = { same: 3, withinMs: 10_000 }

const setUp = async (rule?: LoopRule) => {
  const store = await openMemoryStore()
  const clock = heldClock()
  const loops = openLoops({ store, clock, ...(rule ? { rule } : {}) })
  const apply = async (session: string, digest: string) => {
    const note = await loops.note(session, digest)
    await store.commit([note.write])
    return note
  }
  return { store, clock, loops, apply }
}

describe('the same plan again and again', () => {
  it('is a loop at the time that the rule says, and stays one', async () => {
    const { apply } = await setUp(RULE)

    const notes = [await apply('s', 'd'), await apply('s', 'd'), await apply('s', 'd'), await apply('s', 'd')]

    expect(notes.map(({ count }) => count)).toEqual([1, 2, 3, 3])
    expect(notes.map(({ isLoop }) => isLoop)).toEqual([false, false, true, true])
  })

  it('is five times in ten minutes where nothing else is said', async () => {
    const { apply } = await setUp()
    for (let at = 1; at < 5; at++) expect((await apply('s', 'd')).isLoop).toBe(false)

    expect((await apply('s', 'd')).isLoop).toBe(true)
  })

  it('is none where the times lie further apart than the window', async () => {
    const { apply, clock } = await setUp(RULE)
    for (let at = 0; at < 6; at++) {
      expect((await apply('s', 'd')).isLoop).toBe(false)
      clock.pass(5_000)
    }
  })

  it('is counted for each session and each plan by itself', async () => {
    const { apply } = await setUp(RULE)
    await apply('s', 'd')
    await apply('s', 'd')

    expect((await apply('other', 'd')).count).toBe(1)
    expect((await apply('s', 'other')).count).toBe(1)
  })

  it('counts nothing before the note is committed', async () => {
    const { loops } = await setUp(RULE)
    await loops.note('s', 'd')

    expect((await loops.note('s', 'd')).count).toBe(1)
  })

  it('is counted across restarts, and by a rule that has changed meanwhile', async () => {
    const { store, clock, apply } = await setUp(RULE)
    await apply('s', 'd')
    await apply('s', 'd')
    const rule = { same: 9, withinMs: 10_000 }
    const again = openLoops({ store, clock, rule })

    const before = await again.note('s', 'd')
    rule.same = 3
    const after = await again.note('s', 'd')

    expect([before.isLoop, after.isLoop]).toEqual([false, true])
  })

  it('keeps no more than it takes to tell', async () => {
    const { store, apply } = await setUp(RULE)
    for (let at = 0; at < 50; at++) await apply('s', 'd')

    expect((await store.get<{ times: number[] }>(keyOf('loop', 's', 'd')))?.value.times).toHaveLength(3)
  })

  it('is forgotten when the window has passed, and not before', async () => {
    const { store, clock, loops, apply } = await setUp(RULE)
    await apply('s', 'old')
    clock.pass(9_000)
    await apply('s', 'new')
    clock.pass(1_000)

    expect(await loops.sweep()).toBe(1)
    expect((await store.range('loop/')).map(({ key }) => key)).toEqual([keyOf('loop', 's', 'new')])
  })

  it('that is noted while it is swept stays', async () => {
    const { store, clock, loops, apply } = await setUp(RULE)
    await apply('s', 'd')
    clock.pass(20_000)
    const commit = store.commit.bind(store)
    let isFirst = true
    store.commit = async (...args) => {
      if (isFirst) {
        isFirst = false
        await apply('s', 'd')
      }
      return commit(...args)
    }

    expect(await loops.sweep()).toBe(0)
    expect(await store.range('loop/')).toHaveLength(1)
  })
})
