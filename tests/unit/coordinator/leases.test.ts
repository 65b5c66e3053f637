import { expect, it } from 'vitest'
import type { BlockerEvent } from '../../../src/coordinator/index.ts'
import { ANN, AT_ONCE, BOB, describeRoom, settle, taken } from './rig.ts'

describeRoom('a lease', (rig) => {
  it('that runs out gives the task to the next, under a newer token', async () => {
    const room = await rig().open()
    const blockers: BlockerEvent[] = []
    room.onBlocker((event) => blockers.push(event))
    const { id } = await room.add({ kind: 'k' })
    const old = await room.claim(ANN, id)

    await rig().clock.advance(29_999)
    expect((await room.get(id)).state).toBe('claimed')
    await rig().clock.advance(1)
    const next = taken(await room.claim(BOB, {}, AT_ONCE))

    expect(next.token).toBe(2)
    expect(next.task).toMatchObject({ attempt: 2, holder: BOB })
    expect(next.task.history.map(({ move }) => move)).toEqual(['add', 'claim', 'expire', 'claim'])
    expect(blockers).toMatchObject([
      { task: id, isDetected: true, blocker: { type: 'heartbeat-missed' }, by: 'finance/ann' },
    ])
    await expect(room.complete(id, old.token)).rejects.toMatchObject({ code: 'IF_ERR_CLAIM_LOST' })
  })

  it('does not care for the wall clock', async () => {
    const room = await rig().open()
    const { id } = await room.add({ kind: 'k' })
    const { token } = await room.claim(ANN, id)

    rig().clock.jump(86_400_000)
    await rig().clock.advance(29_000)
    rig().clock.jump(-172_800_000)
    await settle()

    expect(await room.isCurrent(id, token)).toBe(true)
  })

  it('runs from when an observer saw the record change last', async () => {
    const room = await rig().open()
    const { id } = await room.add({ kind: 'k' })
    const { token } = await room.claim(ANN, id)

    await rig().clock.advance(20_000)
    await room.extend(id, token)
    await rig().clock.advance(20_000)
    expect((await room.get(id)).state).toBe('claimed')
    const longer = await room.extend(id, token, { leaseMs: 60_000 })
    await rig().clock.advance(59_999)
    const before = await room.get(id)
    await rig().clock.advance(1)

    expect(longer.leaseMs).toBe(60_000)
    expect(before).toMatchObject({ state: 'claimed', token })
    expect((await room.get(id)).state).toBe('open')
    await expect(room.extend(id, token)).rejects.toMatchObject({ code: 'IF_ERR_CLAIM_LOST' })
    await expect(room.extend(id, token, { leaseMs: 1 })).rejects.toMatchObject({ code: 'IF_ERR_INVALID_INPUT' })
  })

  it('is as long as the claim says', async () => {
    const room = await rig().open({ leaseMs: 1_000 })
    await room.add([
      { id: 'short', kind: 'k' },
      { id: 'long', kind: 'k' },
    ])
    await room.claim(ANN, 'short')
    await room.claim(ANN, 'long', { leaseMs: 5_000 })

    await rig().clock.advance(1_000)
    const states = [(await room.get('short')).state, (await room.get('long')).state]
    await rig().clock.advance(4_000)

    expect(states).toEqual(['open', 'claimed'])
    expect((await room.get('long')).state).toBe('open')
  })

  it('is kept by heartbeats, which rewrite a record only after a third of it', async () => {
    const room = await rig().open()
    const { id } = await room.add({ kind: 'k' })
    const { token } = await room.claim(ANN, id)
    const store = await rig().store()
    const revision = async () => (await store.range('task/'))[0]?.revision
    const first = await revision()

    await rig().clock.advance(9_000)
    expect(await room.heartbeat(ANN)).toEqual([{ task: id, token }])
    expect(await revision()).toBe(first)
    for (let beat = 0; beat < 10; beat++) {
      await rig().clock.advance(10_000)
      await room.heartbeat(ANN)
    }

    expect(await revision()).not.toBe(first)
    expect(await room.isCurrent(id, token)).toBe(true)
    expect(await room.heartbeat(BOB)).toEqual([])
  })

  it('that is lost is missing in the answer to a heartbeat', async () => {
    const room = await rig().open()
    await room.add([
      { id: 'one', kind: 'k' },
      { id: 'two', kind: 'k' },
    ])
    await room.claim(ANN, 'one')
    await room.claim(ANN, 'two')

    await room.cancel('one')

    expect(await room.heartbeat(ANN)).toEqual([{ task: 'two', token: 1 }])
  })

  it('that runs out at the last attempt leaves the task dead', async () => {
    const room = await rig().open()
    const blockers: BlockerEvent[] = []
    room.onBlocker((event) => blockers.push(event))
    const { id } = await room.add({ kind: 'k', attempts: 2 })

    for (let attempt = 0; attempt < 2; attempt++) {
      await room.claim(ANN, id)
      await rig().clock.advance(30_000)
    }

    expect(await room.get(id)).toMatchObject({ state: 'dead', error: { code: 'IF_ERR_TIMEOUT' } })
    expect(blockers.map(({ blocker }) => blocker.type)).toEqual(['heartbeat-missed', 'attempts-exhausted'])
  })
})

describeRoom('a date', (rig) => {
  it('that passes leaves an open task dead, after a warning', async () => {
    const room = await rig().open()
    const blockers: BlockerEvent[] = []
    room.onBlocker((event) => blockers.push(event))
    const { id } = await room.add({ kind: 'k', deadline: rig().clock.in(100_000) })

    await rig().clock.advance(79_000)
    expect(blockers).toEqual([])
    await rig().clock.advance(1_000)
    expect(blockers).toMatchObject([{ task: id, isDetected: true, blocker: { type: 'deadline-at-risk' } }])
    await rig().clock.advance(20_000)

    expect(await room.get(id)).toMatchObject({ state: 'dead', error: { code: 'IF_ERR_TIMEOUT' } })
    expect(blockers.map(({ blocker }) => blocker.type)).toEqual(['deadline-at-risk', 'attempts-exhausted'])
  })

  it('leaves a holder alone that works past the deadline', async () => {
    const room = await rig().open({ leaseMs: 600_000 })
    const { id } = await room.add({ kind: 'k', deadline: rig().clock.in(10_000) })
    const { token } = await room.claim(ANN, id)

    await rig().clock.advance(20_000)
    await room.extend(id, token)

    expect(await room.complete(id, token)).toMatchObject({ state: 'done' })
  })

  it('in the past gives no task to those who wait', async () => {
    const room = await rig().open()
    const claiming = room.claim(ANN, {}, { waitMs: 1_500 })

    await room.add({ id: 'late', kind: 'k', deadline: rig().clock.in(-1) })
    await rig().clock.advance(1_500)

    expect((await room.get('late')).state).toBe('dead')
    expect(await claiming).toBeUndefined()
  })

  it('that is far away is waited for in steps', async () => {
    const room = await rig().open()
    await room.add({ id: 'later', kind: 'k', notBefore: rig().clock.in(5_000) })

    await rig().clock.advance(4_999)
    const early = await room.claim(ANN, {}, AT_ONCE)
    await rig().clock.advance(1)

    expect(early).toBeUndefined()
    expect(await room.claim(ANN, {}, AT_ONCE)).toBeDefined()
  })
})
