import { describe, expect, it } from 'vitest'
import { type Coordinator, openCoordinator, type WitnessLevel } from '../../../src/coordinator/index.ts'
import { openMemoryStore } from '../../../src/store/index.ts'
import { countingSequencer } from '../store/conformance.ts'
import { ANN, AT_ONCE, BOB, describeRoom, FakeClock, frailStore, listeningLogger, Rig, settle, taken } from './rig.ts'

describeRoom('closing', (rig) => {
  it('ends everything that waits, and leaves no timer', async () => {
    const room = await rig().open()
    await room.add({ kind: 'k', notBefore: rig().clock.in(60_000) })
    const { id } = await room.add({ id: 'held', kind: 'other', attempts: 2 })
    const { token } = await room.claim(ANN, id)
    const claiming = room.claim(BOB).catch((thrown) => thrown)
    room.worker({ swarm: 's', kinds: ['nothing'] }, () => undefined)

    await Promise.all([room.close(), room.close()])

    expect(await claiming).toMatchObject({ code: 'IF_ERR_CANCELLED' })
    expect(rig().clock.sleeping).toBe(0)
    const next = await rig().open()
    expect(await next.isCurrent(id, token)).toBe(true)
  })

  it('refuses whatever is asked afterwards', async () => {
    const room = await rig().open()
    const { id } = await room.add({ kind: 'k' })
    await room.close()

    const asked: Promise<unknown>[] = [
      room.add({ kind: 'k' }),
      room.add([{ kind: 'k' }]),
      room.get(id),
      room.payload(id),
      room.list(),
      room.claim(ANN),
      room.claim(ANN, id),
      room.extend(id, 1),
      room.complete(id, 1),
      room.fail(id, 1, 'no'),
      room.release(id, 1),
      room.unblock(id),
      room.retry(id),
      room.cancel(id),
      room.isCurrent(id, 1),
    ]

    for (const answer of await Promise.allSettled(asked))
      expect(answer).toMatchObject({ status: 'rejected', reason: { code: 'IF_ERR_STORE_UNAVAILABLE' } })
    expect(() => room.watch()).toThrow(/closed/)
    expect(() => room.worker({ swarm: 's' }, () => undefined)).toThrow(/closed/)
  })

  it('hands back the claims of its workers, or lets them finish', async () => {
    const room = await rig().open()
    room.worker({ ...ANN, kinds: ['slow'] }, () => new Promise(() => undefined))
    await room.add({ id: 'slow', kind: 'slow' })

    const next = await rig().reopen(room)
    const handedBack = await next.get('slow')
    let finish: (result: string) => void = () => undefined
    next.worker(ANN, () => new Promise((resolve) => (finish = resolve)))
    await settle()
    const closing = next.close({ drain: 'finish' })
    finish('done')
    await closing
    const last = await rig().reopen(next)

    expect(handedBack).toMatchObject({ state: 'open', attempt: 0 })
    expect(await last.get('slow')).toMatchObject({ state: 'done', result: 'done' })
  })
})

describeRoom('opening again', (rig) => {
  it('goes on where it was', async () => {
    const room = await rig().open()
    await room.add([
      { id: 'held', kind: 'k', payload: 'x'.repeat(100_000) },
      { id: 'waits', kind: 'k', after: ['held'] },
      { id: 'later', kind: 'k', notBefore: rig().clock.in(5_000) },
      { id: 'failed', kind: 'k' },
      { id: 'blocked', kind: 'k' },
      { id: 'late', kind: 'k', deadline: rig().clock.in(8_000) },
    ])
    const held = await room.claim(ANN, 'held')
    await room.fail('failed', (await room.claim(ANN, 'failed')).token, 'no')
    await room.block('blocked', (await room.claim(ANN, 'blocked')).token, { type: 'needs-answer', description: '?' })

    const next = await rig().reopen(room)
    const now = await next.list()
    await next.complete('held', held.token)
    await rig().clock.advance(10_000)
    const ready = await Promise.all([1, 2, 3, 4].map((at) => next.claim({ swarm: 's', worker: `w${at}` }, {}, AT_ONCE)))

    expect(Object.fromEntries(now.map(({ id, state }) => [id, state]))).toEqual({
      held: 'claimed',
      waits: 'open',
      later: 'open',
      failed: 'open',
      blocked: 'blocked',
      late: 'open',
    })
    expect(ready.map((claim) => claim?.task.id).sort()).toEqual(['failed', 'later', 'waits', undefined])
    expect((await next.get('late')).state).toBe('dead')
    expect(await next.payload('held')).toHaveLength(100_000)
  })

  it('gives a claim a whole lease from then on', async () => {
    const room = await rig().open()
    const { id } = await room.add({ kind: 'k' })
    await room.claim(ANN, id)
    await rig().clock.advance(29_000)

    const next = await rig().reopen(room)
    await rig().clock.advance(29_999)
    const before = await next.get(id)
    await rig().clock.advance(1)

    expect(before.state).toBe('claimed')
    expect((await next.get(id)).state).toBe('open')
  })
})

describeRoom('two coordinators on one store', (rig) => {
  it('see each other’s tasks, claims and ends', async () => {
    const [one, two] = [await rig().open(), await rig().open()]
    const { id } = await one.add({ kind: 'k', payload: 1 })

    const claim = await two.claim(ANN, id)
    await expect(one.claim(BOB, id)).rejects.toMatchObject({ code: 'IF_ERR_CLAIM_LOST' })
    await one.complete(id, claim.token, 'r')

    expect(await two.get(id)).toMatchObject({ state: 'done', result: 'r' })
    await expect(two.complete(id, claim.token + 1)).rejects.toMatchObject({ code: 'IF_ERR_CLAIM_LOST' })
  })

  it('take a claim back by the clock of whoever looks on, and not while its record changes', async () => {
    const clock = new FakeClock()
    const [one, two] = [await rig().open(), await rig().open({ clock })]
    const { id } = await one.add({ kind: 'k' })
    const { token } = await one.claim(ANN, id)
    await expect.poll(async () => (await two.list({ state: 'claimed' })).length).toBe(1)

    await clock.advance(29_000)
    await one.extend(id, token)
    await two.get(id)
    await clock.advance(29_000)
    const before = await two.get(id)
    await clock.advance(1_000)

    expect(before).toMatchObject({ state: 'claimed', token })
    expect((await two.get(id)).state).toBe('open')
    await expect(one.complete(id, token)).rejects.toMatchObject({ code: 'IF_ERR_CLAIM_LOST' })
  })

  it('remove an ended task once, and not one that was retried meanwhile', async () => {
    const [one, two] = [await rig().open({ keepEndedMs: 1_000 }), await rig().open({ keepEndedMs: 1_000 })]
    await one.add([
      { id: 'done', kind: 'k' },
      { id: 'failed', kind: 'k' },
    ])
    await one.complete('done', (await one.claim(ANN, 'done')).token)
    await one.fail('failed', (await one.claim(ANN, 'failed')).token, 'no', { mayRetry: false })
    await expect.poll(async () => (await two.stats()).tasks).toMatchObject({ done: 1, failed: 1 })

    await rig().clock.advance(900)
    await two.retry('failed')
    await rig().clock.advance(5_000)

    for (const room of [one, two])
      await expect.poll(async () => (await room.list()).map(({ id }) => id)).toEqual(['failed'])
    expect((await one.get('failed')).state).toBe('open')
  })

  it('retry what the other has finished only when it is failed or dead', async () => {
    const [one, two] = [await rig().open(), await rig().open()]
    const { id } = await one.add({ kind: 'k' })
    await two.fail(id, (await two.claim(ANN, id)).token, 'no', { mayRetry: false })

    const retried = await one.retry(id)
    await two.complete(id, (await two.claim(BOB, id)).token)

    expect(retried).toMatchObject({ state: 'open' })
    await expect(one.retry(id)).rejects.toMatchObject({ code: 'IF_ERR_CONFLICT' })
  })
})

describe('a store that fails', () => {
  it('leaves a lease as it is until it can be written', async () => {
    const { store, failures } = await frailStore()
    const clock = new FakeClock()
    const { warnings, logger } = listeningLogger()
    const room = await openCoordinator({ store, clock, logger, witness: 'none' })
    const { id } = await room.add({ kind: 'k' })
    await room.claim(ANN, id)

    failures.left = 1
    await clock.advance(30_000)
    const before = await room.get(id)
    await clock.advance(30_000)

    expect(warnings).toEqual(['a lease that ran out was not taken back'])
    expect(before.state).toBe('claimed')
    expect((await room.get(id)).state).toBe('open')
    await room.close()
    await store.close()
  })
})

describe('two openings of one file', () => {
  it('never both claim a task, and lose none', async () => {
    const rig = new Rig('embedded')
    const rooms = [await rig.open({ store: await rig.openStore() }), await rig.open({ store: await rig.openStore() })]
    const [one, two] = rooms as [Coordinator, Coordinator]
    const tasks = await one.add(Array.from({ length: 40 }, () => ({ kind: 'k' })))
    await expect.poll(async () => (await two.stats()).tasks.open).toBe(40)

    const claims: { id: string; token: number }[] = []
    const drain = async (room: Coordinator, worker: string) => {
      for (;;) {
        const claim = await room.claim({ swarm: 's', worker }, {}, AT_ONCE)
        if (!claim) return
        claims.push({ id: claim.task.id, token: claim.token })
        await room.complete(claim.task.id, claim.token, worker)
      }
    }
    await Promise.all(rooms.flatMap((room, at) => [0, 1, 2].map((n) => drain(room, `r${at}n${n}`))))
    await expect.poll(() => Promise.all(rooms.map(async (room) => (await room.stats()).tasks.done))).toEqual([40, 40])

    expect(claims.map(({ id }) => id).sort()).toEqual(tasks.map(({ id }) => id).sort())
    expect(claims.every(({ token }) => token === 1)).toBe(true)
    await rig.end()
  })

  it('push to a worker in the other one', async () => {
    const rig = new Rig('embedded')
    const one = await rig.open({ store: await rig.openStore() })
    const two = await rig.open({ store: await rig.openStore() })
    two.worker(ANN, ({ payload }) => payload)

    const { id } = await one.add({ kind: 'k', payload: 'hello' })
    await expect.poll(async () => (await one.stats()).tasks.done).toBe(1)

    expect(await one.get(id)).toMatchObject({ state: 'done', result: 'hello', token: 1 })
    await rig.end()
  })
})

describe('a relaxed store', () => {
  it('states its window, and keeps what was answered through an orderly end', async () => {
    const rig = new Rig('embedded')
    const store = await rig.openStore({ durability: 'relaxed' })
    const room = await rig.open({ store })
    const { id } = await room.add({ kind: 'k' })
    await room.complete(id, taken(await room.claim(ANN)).token, 'r')

    await room.close()
    await store.close()
    const next = await rig.open({ store: await rig.openStore({ durability: 'relaxed' }) })

    expect(store.capabilities).toMatchObject({ durability: 'relaxed', windowMs: 50 })
    expect((await next.get(id)).result).toBe('r')
    await rig.end()
  })
})

describe('the witness', () => {
  async function linesAt(witness: WitnessLevel | undefined): Promise<{ kind: string; actor: string; why?: string }[]> {
    const store = await openMemoryStore({ sequencer: countingSequencer() })
    const room = await openCoordinator({ store, clock: new FakeClock(), ...(witness ? { witness } : {}) })
    const { id } = await room.add({ kind: 'k', swarm: 'sales', attempts: 1 })
    await room.fail(id, (await room.claim(ANN, id)).token, 'no')
    await room.retry(id, { actor: 'if://person/ann', why: 'fixed' })
    await room.complete(id, (await room.claim(ANN, id)).token)
    await room.close()
    const lines: string[] = []
    for await (const batch of store.readLog()) lines.push(...batch.lines)
    await store.close()
    return lines.map((line) => JSON.parse(line))
  }

  it('hears of what ends a task or stops it, where nothing else is said', async () => {
    const lines = await linesAt(undefined)

    expect(lines.map(({ kind }) => kind)).toEqual(['task.die', 'task.retry', 'task.complete'])
    expect(lines[1]).toMatchObject({ actor: 'if://person/ann', why: 'fixed' })
  })

  it('hears of every move, or of none', async () => {
    const all = await linesAt('all')

    expect(all.map(({ kind }) => kind)).toEqual([
      'task.add',
      'task.claim',
      'task.die',
      'task.retry',
      'task.claim',
      'task.complete',
    ])
    expect(await linesAt('none')).toEqual([])
  })
})
