// The fence: what goes into the commit with which an act begins, so that nothing begins under a claim that has ended.
import { expect, it } from 'vitest'
import { ANN, AT_ONCE, BOB, describeRoom, taken } from './rig.ts'

describeRoom('a fence', (rig) => {
  it('lets a commit through while the claim stands, and counts as a sign of life', async () => {
    const room = await rig().open()
    await room.add({ id: 'job', kind: 'k' })
    const { token } = taken(await room.claim(ANN, {}, { ...AT_ONCE, leaseMs: 9_000 }))
    await rig().clock.advance(6_000)

    const fence = await room.fence('job', token)
    const store = await rig().store()
    await store.commit([fence.write, { key: 'begun', value: true, expect: 'absent' }])

    await rig().clock.advance(6_000)
    expect(await room.isCurrent('job', token)).toBe(true)
    await rig().clock.advance(4_000)
    expect(await room.isCurrent('job', token)).toBe(false)
  })

  it('keeps a commit out when another has the task by the time it comes', async () => {
    const room = await rig().open()
    await room.add({ id: 'job', kind: 'k' })
    const { token } = taken(await room.claim(ANN, {}, AT_ONCE))
    const fence = await room.fence('job', token)

    await room.release('job', token)
    await room.claim(BOB, 'job')

    const store = await rig().store()
    const begin = store.commit([fence.write, { key: 'begun', value: true, expect: 'absent' }])
    await expect(begin).rejects.toMatchObject({ code: 'IF_ERR_CONFLICT', details: { key: 'task/job' } })
    expect(await store.get('begun')).toBeUndefined()
    await expect(room.fence('job', token)).rejects.toMatchObject({ code: 'IF_ERR_CLAIM_LOST' })
  })

  it("is made anew when the holder's own heartbeat moved the record", async () => {
    const room = await rig().open()
    await room.add({ id: 'job', kind: 'k' })
    const { token } = taken(await room.claim(ANN, {}, AT_ONCE))
    const store = await rig().store()
    const older = await room.fence('job', token)
    await room.extend('job', token)

    await expect(store.commit([older.write])).rejects.toMatchObject({ code: 'IF_ERR_CONFLICT' })
    await expect(store.commit([(await room.fence('job', token)).write])).resolves.toBeDefined()
  })

  it('is refused for tokens of claims that ended in any way, and for tasks that are not there', async () => {
    const room = await rig().open()
    for (const id of ['done', 'blocked', 'expired']) await room.add({ id, kind: 'k' })
    const done = await room.claim(ANN, 'done')
    await room.complete('done', done.token)
    const blocked = await room.claim(ANN, 'blocked')
    await room.block('blocked', blocked.token, { type: 'needs-answer', description: 'which account?' })
    const expired = await room.claim(ANN, 'expired', { leaseMs: 1_000 })
    await rig().clock.advance(1_001)

    const lost = { code: 'IF_ERR_CLAIM_LOST' }
    await expect(room.fence('done', done.token)).rejects.toMatchObject(lost)
    await expect(room.fence('blocked', blocked.token)).rejects.toMatchObject(lost)
    await expect(room.fence('expired', expired.token)).rejects.toMatchObject(lost)
    await expect(room.fence('nobody', 1)).rejects.toMatchObject({ code: 'IF_ERR_NOT_FOUND' })
  })

  it('sees a take-over by another process, whatever this one has heard of it', async () => {
    if (rig().engine === 'memory') return // one process only
    const one = await rig().open()
    const two = await rig().open({ store: await rig().openStore() })
    await one.add({ id: 'job', kind: 'k' })
    const { token } = taken(await one.claim(ANN, {}, AT_ONCE))
    await expect.poll(() => two.get('job').then(({ state }) => state)).toBe('claimed')
    await two.release('job', token)

    await expect(one.fence('job', token)).rejects.toMatchObject({ code: 'IF_ERR_CLAIM_LOST' })
  })

  it('tells until when nobody can have taken the claim back: a lease from before its commit', async () => {
    const room = await rig().open()
    await room.add({ id: 'job', kind: 'k' })
    const { token } = taken(await room.claim(ANN, {}, { ...AT_ONCE, leaseMs: 9_000 }))
    const { heldUntil } = await room.fence('job', token)

    const now = rig().clock.monotonic()
    expect(heldUntil).toBeLessThanOrEqual(now + 9_000)
    expect(heldUntil).toBeGreaterThan(now + 8_990)
  })
})
