// A worker that comes back: the connection was lost, or the daemon was restarted, and its claims still stand.
import { expect, it } from 'vitest'
import type { Claim } from '../../../src/coordinator/index.ts'
import { FakeClock } from './fake-clock.ts'
import { ANN, describeRoom, settle } from './rig.ts'

const never = () => new Promise<never>(() => {})

describeRoom('a worker that comes back', (rig) => {
  it('goes on with what it holds, under the same tokens, and takes no more than it can', async () => {
    const room = await rig().open()
    await room.add([
      { id: 'a', kind: 'k' },
      { id: 'b', kind: 'k' },
      { id: 'c', kind: 'k' },
    ])
    const before: Claim[] = []
    const first = room.worker({ ...ANN, concurrency: 2, heartbeat: 'caller' }, (claim, work) => {
      before.push(claim)
      return new Promise((_, reject) => work.signal.addEventListener('abort', () => reject(work.signal.reason)))
    })
    await expect.poll(() => before.length).toBe(2)
    await first.close({ drain: 'keep' })
    expect((await room.stats()).tasks).toMatchObject({ claimed: 2, open: 1 })

    const after: Claim[] = []
    room.worker({ ...ANN, concurrency: 2, heartbeat: 'caller', adopts: true }, (claim) => {
      after.push(claim)
      return never()
    })
    await settle()

    expect(after.map(({ task, token }) => [task.id, token])).toEqual(before.map(({ task, token }) => [task.id, token]))
    expect((await room.stats()).tasks).toMatchObject({ claimed: 2, open: 1 })
  })

  it('takes the next task once it has ended one of those', async () => {
    const room = await rig().open()
    await room.add([
      { id: 'a', kind: 'k' },
      { id: 'b', kind: 'k' },
    ])
    await room.claim(ANN, 'a')
    const seen: string[] = []
    room.worker({ ...ANN, adopts: true }, ({ task }) => void seen.push(task.id))

    await expect.poll(async () => (await room.stats()).tasks.done).toBe(2)
    expect(seen).toEqual(['a', 'b'])
  })

  it('finds its claims in a room that was opened anew, payloads included', async () => {
    const room = await rig().open()
    const large = { text: 'x'.repeat(5_000) }
    await room.add({ id: 'a', kind: 'k', payload: large })
    await room.claim(ANN, 'a')
    const again = await rig().reopen(room)

    const claims: Claim[] = []
    again.worker({ ...ANN, adopts: true }, (claim) => void claims.push(claim))
    await expect.poll(async () => (await again.stats()).tasks.done).toBe(1)
    expect(claims[0]?.payload).toEqual(large)
  })

  it("takes over nobody else's claims", async () => {
    const room = await rig().open()
    await room.add({ id: 'a', kind: 'k' })
    await room.claim(ANN, 'a')
    const seen: string[] = []
    room.worker({ swarm: 'other', worker: ANN.worker, adopts: true }, ({ task }) => void seen.push(task.id))
    room.worker({ ...ANN, worker: 'bob', adopts: true }, ({ task }) => void seen.push(task.id))
    await settle()
    expect(seen).toEqual([])
  })

  it('that leaves its claims behind loses them when their leases end', async () => {
    const room = await rig().open()
    await room.add({ id: 'a', kind: 'k' })
    let isAborted = false
    const worker = room.worker({ ...ANN, leaseMs: 3_000 }, (_, work) => {
      work.signal.addEventListener('abort', () => {
        isAborted = true
      })
      return never()
    })
    await settle()
    await worker.close({ drain: 'keep' })
    expect(isAborted).toBe(true)

    await rig().clock.advance(2_990)
    expect(await room.get('a')).toMatchObject({ state: 'claimed' })
    await rig().clock.advance(20)
    expect(await room.get('a')).toMatchObject({ state: 'open' })
  })
})

describeRoom('a claim of a process that has ended', (rig) => {
  it("is taken back a lease after its last sign by the machine's clock, not by when somebody looks", async () => {
    const machine = new FakeClock()
    const hostClock = () => ({ clock: 'machine', ms: machine.monotonic() })
    const room = await rig().open({ hostClock })
    await room.add({ id: 'a', kind: 'k' })
    await room.claim(ANN, 'a', { leaseMs: 10_000 })
    await machine.advance(11_000) // this process sees nothing of it

    const next = await rig().reopen(room, { hostClock })
    await expect.poll(() => next.get('a')).toMatchObject({ state: 'open' })
  })

  it('stands for the rest of its lease', async () => {
    const machine = new FakeClock()
    const hostClock = () => ({ clock: 'machine', ms: machine.monotonic() })
    const room = await rig().open({ hostClock })
    await room.add({ id: 'a', kind: 'k' })
    await room.claim(ANN, 'a', { leaseMs: 10_000 })
    await machine.advance(6_000)

    const next = await rig().reopen(room, { hostClock })
    await rig().clock.advance(3_900)
    expect(await next.get('a')).toMatchObject({ state: 'claimed' })
    await rig().clock.advance(200)
    expect(await next.get('a')).toMatchObject({ state: 'open' })
  })

  it('of another machine, or from before its restart, stands for a whole lease from now', async () => {
    const machine = new FakeClock()
    const room = await rig().open({ hostClock: () => ({ clock: 'machine', ms: machine.monotonic() }) })
    await room.add({ id: 'a', kind: 'k' })
    await room.claim(ANN, 'a', { leaseMs: 10_000 })
    await machine.advance(60_000)

    const next = await rig().reopen(room, { hostClock: () => ({ clock: 'other', ms: machine.monotonic() }) })
    await rig().clock.advance(9_900)
    expect(await next.get('a')).toMatchObject({ state: 'claimed' })
    await rig().clock.advance(200)
    expect(await next.get('a')).toMatchObject({ state: 'open' })
  })
})

describeRoom('a worker whose ends somebody else says', (rig) => {
  it('makes room when its handler returns, and leaves the task to its token', async () => {
    const room = await rig().open()
    await room.add([
      { id: 'a', kind: 'k' },
      { id: 'b', kind: 'k' },
    ])
    const claims: Claim[] = []
    room.worker({ ...ANN, ends: 'caller', heartbeat: 'caller' }, (claim) => void claims.push(claim))
    await expect.poll(() => claims.length).toBe(2)
    expect((await room.stats()).tasks).toMatchObject({ claimed: 2, done: 0 })

    for (const { task, token } of claims) await room.complete(task.id, token)
    expect((await room.stats()).tasks).toMatchObject({ claimed: 0, done: 2 })
  })

  it('keeps its claims when the other end is lost while it is finishing', async () => {
    const room = await rig().open()
    await room.add({ id: 'a', kind: 'k' })
    const worker = room.worker({ ...ANN, ends: 'caller', heartbeat: 'caller' }, never)
    await expect.poll(() => worker.running).toBe(1)

    const finishing = worker.close({ drain: 'finish' })
    await worker.close({ drain: 'keep' })
    await finishing
    expect(await room.get('a')).toMatchObject({ state: 'claimed', holder: ANN })
  })
})
