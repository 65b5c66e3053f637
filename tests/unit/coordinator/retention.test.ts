import { expect, it } from 'vitest'
import { type Coordinator, openCoordinator } from '../../../src/coordinator/index.ts'
import { ANN, BOB, describeRoom, FakeClock, frailStore, listeningLogger } from './rig.ts'

describeRoom('keeping ended tasks', (rig) => {
  const end = async (room: Coordinator, id: string) => room.complete(id, (await room.claim(ANN, id)).token, 'r')

  it('goes on for a day, and then they and their payloads are gone', async () => {
    const room = await rig().open()
    await room.add([
      { id: 'done', kind: 'k', payload: 'x'.repeat(100_000) },
      { id: 'dead', kind: 'k', attempts: 1 },
    ])
    await end(room, 'done')
    await room.fail('dead', (await room.claim(ANN, 'dead')).token, 'no')

    await rig().clock.advance(24 * 3_600_000 - 1)
    expect(await room.get('done')).toMatchObject({ state: 'done', result: 'r' })
    await rig().clock.advance(1)

    await expect(room.get('done')).rejects.toMatchObject({ code: 'IF_ERR_NOT_FOUND' })
    await expect(room.retry('done')).rejects.toMatchObject({ code: 'IF_ERR_NOT_FOUND' })
    expect((await room.get('dead')).state).toBe('dead')
    expect(await (await rig().store()).range('task-payload/')).toEqual([])
  })

  it('spares those that an unfinished task waits for', async () => {
    const room = await rig().open({ keepEndedMs: 1_000 })
    await room.add([
      { id: 'first', kind: 'k' },
      { id: 'other', kind: 'k' },
      { id: 'waits', kind: 'k', after: ['first', 'other'] },
    ])
    await end(room, 'first')

    await rig().clock.advance(5_000)
    const spared = await room.get('first')
    await end(room, 'other')
    await end(room, 'waits')
    await rig().clock.advance(5_000)

    expect(spared.state).toBe('done')
    expect(await room.list()).toEqual([])
  })

  it('counts from when a task ended, also after a restart', async () => {
    const room = await rig().open({ keepEndedMs: 60_000 })
    await room.add({ id: 'done', kind: 'k' })
    await end(room, 'done')
    await rig().clock.advance(40_000)

    const next = await rig().reopen(room, { keepEndedMs: 60_000 })
    await rig().clock.advance(19_999)
    const before = await next.list()
    await rig().clock.advance(1)

    expect(before).toHaveLength(1)
    expect(await next.list()).toEqual([])
  })

  it('begins a name that comes again above all tokens of its former self', async () => {
    const room = await rig().open({ keepEndedMs: 1_000 })
    await room.add({ id: 'name', kind: 'k' })
    const old = await room.claim(ANN, 'name')
    await room.release('name', old.token)
    await end(room, 'name')
    await rig().clock.advance(2_000)

    await room.add({ id: 'name', kind: 'k' })
    const { token } = await room.claim(BOB, 'name')

    expect(token).toBe(3)
    await expect(room.complete('name', old.token)).rejects.toMatchObject({ code: 'IF_ERR_CLAIM_LOST' })
  })

  it('ends when there are too many', async () => {
    const room = await rig().open({ keepEnded: 10 })
    room.worker({ swarm: 's', concurrency: 50 }, () => undefined)

    await room.add(Array.from({ length: 250 }, () => ({ kind: 'k' })))
    const left = async () => {
      const { open, claimed } = (await room.stats()).tasks
      return open + claimed
    }
    await expect.poll(left).toBe(0)

    // The sweep begins at 200 too many, so that it is worth its while.
    await expect.poll(async () => (await room.stats()).tasks.done).toBeLessThanOrEqual(210)
  })
})

it('a store that fails keeps ended tasks, and the removal is tried again a moment later', async () => {
  const { store, failures } = await frailStore()
  const clock = new FakeClock()
  const { warnings, logger } = listeningLogger()
  const room = await openCoordinator({ store, clock, logger, witness: 'none', keepEndedMs: 1_000 })
  const { id } = await room.add({ kind: 'k' })
  await room.complete(id, (await room.claim(ANN, id)).token)

  failures.left = 1_000
  await clock.advance(3_000)
  const before = await room.list()
  failures.left = 0
  await clock.advance(1_000)

  expect(warnings).toEqual(Array.from({ length: 3 }, () => 'ended tasks were not removed'))
  expect(before).toHaveLength(1)
  expect(await room.list()).toEqual([])
  await room.close()
  await store.close()
})
