// Trying again what had ended, and what doesn't fit into a record.
import { expect, it } from 'vitest'
import { FabricError } from '../../../src/foundation/index.ts'
import type { LogEntry } from '../../../src/store/index.ts'
import { openMemoryStore } from '../../../src/store/index.ts'
import { ANN, AT_ONCE, describeRoom, settle, taken } from './rig.ts'

describeRoom('a task whose deadline passed', (rig) => {
  it('can be retried: the deadline no longer holds, and the history says so', async () => {
    const room = await rig().open()
    await room.add({ id: 'late', kind: 'k', deadline: rig().clock.in(5_000) })
    await rig().clock.advance(6_000)
    expect(await room.get('late')).toMatchObject({ state: 'dead' })

    const task = await room.retry('late', { actor: 'if://person/ann', why: 'still wanted' })
    await rig().clock.advance(60_000)

    expect(task).toMatchObject({ state: 'open', deadline: null })
    expect(task.history.at(-1)).toMatchObject({
      move: 'retry',
      note: expect.stringMatching(/^still wanted \(the dead/),
    })
    expect(taken(await room.claim(ANN, {}, AT_ONCE)).task.id).toBe('late')
  })

  it('keeps a deadline that is still to come', async () => {
    const room = await rig().open()
    await room.add({ id: 'soon', kind: 'k', attempts: 1, deadline: rig().clock.in(60_000) })
    const { token } = await room.claim(ANN, 'soon')
    await room.fail('soon', token, 'no')
    expect(await room.retry('soon')).toMatchObject({ state: 'open', deadline: rig().clock.in(60_000) })
  })
})

describeRoom('a handler whose result has no JSON form', (rig) => {
  it.each([
    ['a bigint', 1n],
    ['a function', () => 1],
    ['a circle', circle()],
  ])('fails its task at once: %s', async (_, result) => {
    const room = await rig().open()
    await room.add({ id: 'a', kind: 'k' })
    room.worker(ANN, () => result)
    await expect
      .poll(() => room.get('a'))
      .toMatchObject({
        state: 'failed',
        error: { code: 'IF_ERR_INVALID_INPUT', message: expect.stringContaining('no JSON form') },
      })
  })
})

describeRoom('a move that the witness refuses', (rig) => {
  it('takes no other move with it that was made in the same turn', async () => {
    if (rig().engine !== 'memory') return // the group is the same on every engine
    const store = await openMemoryStore({
      sequencer: {
        check(entries: LogEntry[]) {
          if (JSON.stringify(entries).includes('"bad"')) throw new FabricError('IF_ERR_INTERNAL', 'not in my log')
        },
        seal: (_head, entries) => ({ lines: entries.map(() => '{}'), head: null, seal: '' }),
        sealed() {},
      },
    })
    const room = await rig().open({ store, witness: 'all' })
    const added = ['good', 'bad', 'better'].map((id) => room.add({ id, kind: 'k' }))
    const [good, bad, better] = await Promise.allSettled(added)
    await settle()

    expect([good?.status, bad?.status, better?.status]).toEqual(['fulfilled', 'rejected', 'fulfilled'])
    expect((await room.list()).map(({ id }) => id)).toEqual(['better', 'good'])
    await room.close()
    await store.close()
  })
})

function circle(): object {
  const one: { other?: object } = {}
  one.other = { one }
  return one
}
