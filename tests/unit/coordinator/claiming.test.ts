import { expect, it } from 'vitest'
import { ANN, AT_ONCE, BOB, describeRoom, settle, taken } from './rig.ts'

describeRoom('claiming', (rig) => {
  it('gives a task to one of many who claim at the same moment', async () => {
    const room = await rig().open()
    await room.add([{ kind: 'k' }, { kind: 'k' }, { kind: 'k' }])

    const claims = await Promise.all(
      Array.from({ length: 10 }, (_, at) => room.claim({ swarm: 's', worker: `w${at}` }, {}, AT_ONCE)),
    )
    const ids = claims.flatMap((claim) => (claim ? [claim.task.id] : []))

    expect(ids).toHaveLength(3)
    expect(new Set(ids).size).toBe(3)
  })

  it('of one task by its id is exclusive, and the same claim for the same holder', async () => {
    const room = await rig().open()
    const { id } = await room.add({ kind: 'k', payload: [1] })

    const [first, second] = await Promise.allSettled([room.claim(ANN, id), room.claim(BOB, id)])
    const again = await room.claim({ ...ANN }, id)

    expect(first).toMatchObject({
      status: 'fulfilled',
      value: { token: 1, payload: [1], leaseMs: 30_000, holder: ANN },
    })
    expect(second).toMatchObject({ status: 'rejected', reason: { code: 'IF_ERR_CLAIM_LOST' } })
    expect(again).toMatchObject({ token: 1, task: { attempt: 1 } })
  })

  it('refuses a task that is unknown, finished or not yet due', async () => {
    const room = await rig().open()
    await room.add([
      { id: 'done', kind: 'k' },
      { id: 'later', kind: 'k', notBefore: rig().clock.in(1_000) },
    ])
    await room.complete('done', (await room.claim(ANN, 'done')).token)

    await expect(room.claim(ANN, 'unknown')).rejects.toMatchObject({ code: 'IF_ERR_NOT_FOUND' })
    await expect(room.claim(ANN, 'done')).rejects.toMatchObject({ code: 'IF_ERR_CONFLICT' })
    await expect(room.claim(ANN, 'later')).rejects.toThrow(/not to be claimed yet/)
  })

  it.each([
    ['a holder without a worker', { swarm: 's', worker: '' }, {}, {}],
    ['a swarm with a slash', { swarm: 'a/b', worker: 'w' }, {}, {}],
    ['a lease of nothing', ANN, {}, { leaseMs: 0 }],
    ['a lease of two days', ANN, {}, { leaseMs: 48 * 3_600_000 }],
    ['a capability that is none', ANN, { capabilities: ['*'] }, {}],
    ['a kind that is no name', ANN, { kinds: ['a b'] }, {}],
    ['a swarm to take from that is no name', ANN, { swarms: [''] }, {}],
  ])('refuses %s', async (_, holder, filter, options) => {
    const room = await rig().open()

    await expect(room.claim(holder, filter, options)).rejects.toMatchObject({ code: 'IF_ERR_INVALID_INPUT' })
  })

  it('takes the highest priority first, and among equals who came first', async () => {
    const room = await rig().open()
    await room.add({ id: 'z-first', kind: 'k' })
    await rig().clock.advance(1)
    await room.add([
      { id: 'a-later', kind: 'k' },
      { id: 'low', kind: 'k', priority: -1 },
      { id: 'high', kind: 'other', priority: 5 },
    ])

    const order: string[] = []
    for (let round = 0; round < 4; round++) order.push(taken(await room.claim(ANN, {}, AT_ONCE)).task.id)

    expect(order).toEqual(['high', 'z-first', 'a-later', 'low'])
  })

  it('takes only what the filter lets through', async () => {
    const room = await rig().open()
    await room.add([
      { id: 'mail', kind: 'mail', swarm: 'sales' },
      { id: 'invoice', kind: 'invoice', swarm: 'finance' },
      { id: 'rust', kind: 'code', swarm: 'finance', capabilities: ['code:rust'] },
    ])
    const claim = async (filter: Parameters<typeof room.claim>[1] & object) =>
      (await room.claim(ANN, filter, AT_ONCE))?.task.id

    expect(await claim({ kinds: ['nothing'] })).toBeUndefined()
    expect(await claim({ kinds: ['code'] })).toBeUndefined()
    expect(await claim({ kinds: ['code'], capabilities: ['code:go'] })).toBeUndefined()
    expect(await claim({ kinds: ['code'], capabilities: ['code:*'] })).toBe('rust')
    expect(await claim({ swarms: ['sales', 'nobody'] })).toBe('mail')
    expect(await claim({ swarms: ['sales'] })).toBeUndefined()
    expect(await claim({})).toBe('invoice')
  })

  it('asks for 0.7 of the needs, that included', async () => {
    const room = await rig().open()
    const needs = Array.from({ length: 10 }, (_, at) => `skill:s${at}`)
    await room.add({ kind: 'k', capabilities: needs })

    const six = await room.claim(ANN, { capabilities: needs.slice(0, 6) }, AT_ONCE)
    const seven = await room.claim(BOB, { capabilities: needs.slice(0, 7) }, AT_ONCE)

    expect(six).toBeUndefined()
    expect(seven).toBeDefined()
  })

  it('asks for as much of the needs as the coordinator was told', async () => {
    const room = await rig().open({ minMatch: 1 })
    await room.add({ kind: 'k', capabilities: ['a:b', 'c:d'] })

    expect(await room.claim(ANN, { capabilities: ['a:b'] }, AT_ONCE)).toBeUndefined()
    expect(await room.claim(ANN, { capabilities: ['c:d', 'a:b'] }, AT_ONCE)).toBeDefined()
  })

  it('counts a capability as one that covers its details', async () => {
    const room = await rig().open()
    await room.add({ kind: 'k', capabilities: ['code:rust:async'] })

    expect(await room.claim(ANN, { capabilities: ['code:rust:macros'] }, AT_ONCE)).toBeUndefined()
    expect(await room.claim(ANN, { capabilities: ['code:rust'] }, AT_ONCE)).toBeDefined()
  })

  it('serves a swarm that asks little beside one that asks much', async () => {
    const room = await rig().open()
    await room.add(Array.from({ length: 30 }, () => ({ kind: 'k', swarm: 'busy', priority: 9 })))
    await room.add(Array.from({ length: 3 }, () => ({ kind: 'k', swarm: 'quiet' })))

    const swarms: string[] = []
    for (let round = 0; round < 6; round++) swarms.push(taken(await room.claim(ANN, {}, AT_ONCE)).task.swarm)

    expect(swarms.filter((swarm) => swarm === 'quiet')).toHaveLength(3)
  })

  it('gives tasks to waiting swarms in rotation', async () => {
    const room = await rig().open()
    const waiting = ['a', 'b', 'a', 'b'].map((swarm, at) => room.claim({ swarm, worker: `w${at}` }))
    await settle()

    await room.add({ kind: 'k' })
    await room.add({ kind: 'k' })
    const first = await Promise.all(waiting.slice(0, 2))
    await room.add([{ kind: 'k' }, { kind: 'k' }])

    expect(first.map((claim) => claim?.holder.swarm)).toEqual(['a', 'b'])
    expect((await Promise.all(waiting)).every(Boolean)).toBe(true)
  })

  it('waits five seconds for a task and then answers that there was none', async () => {
    const room = await rig().open()
    const claiming = room.claim(ANN)

    await rig().clock.advance(4_999)
    expect(await Promise.race([claiming, 'still waiting'])).toBe('still waiting')
    await rig().clock.advance(1)

    expect(await claiming).toBeUndefined()
    expect((await room.add({ kind: 'k' })).state).toBe('open')
  })

  it('can be aborted while it waits', async () => {
    const room = await rig().open()
    const leaving = new AbortController()
    const claiming = room.claim(ANN, {}, { signal: leaving.signal })
    const refused = expect(claiming).rejects.toMatchObject({ code: 'IF_ERR_CANCELLED' })

    leaving.abort(new Error('no more'))

    await refused
    await expect(room.claim(ANN, {}, { signal: leaving.signal })).rejects.toMatchObject({ code: 'IF_ERR_CANCELLED' })
    expect((await room.add({ kind: 'k' })).state).toBe('open')
    expect(rig().clock.sleeping).toBe(0)
  })

  it('gives a task back that comes after its claimant has gone', async () => {
    const room = await rig().open()
    const { id } = await room.add({ kind: 'k' })
    const leaving = new AbortController()
    const claiming = room.claim(ANN, {}, { signal: leaving.signal }).catch((thrown) => thrown)

    leaving.abort()
    await claiming
    await settle()

    expect(await room.get(id)).toMatchObject({ state: 'open', attempt: 0 })
    expect(await room.claim(BOB, {}, AT_ONCE)).toMatchObject({ task: { id } })
  })

  it('goes on to the next task when another process was faster with the first', async () => {
    const room = await rig().open()
    const other = await rig().open()
    await room.add([
      { id: 'one', kind: 'k' },
      { id: 'two', kind: 'k' },
    ])
    await other.get('one')
    await other.get('two')

    const claims = await Promise.all([room.claim(ANN), other.claim(BOB)])

    expect(claims.map((claim) => claim?.task.id).sort()).toEqual(['one', 'two'])
  })

  it('hands a task to who waits when its time has come, by whatever the wall clock says then', async () => {
    const room = await rig().open()
    await room.add({ id: 'later', kind: 'k', notBefore: rig().clock.in(3_600_000) })
    const early = await room.claim(ANN, {}, AT_ONCE)
    const claiming = room.claim(ANN, {}, { waitMs: 2_000 })

    rig().clock.jump(3_600_000)
    await rig().clock.advance(1_000)

    expect(early).toBeUndefined()
    expect((await claiming)?.task.id).toBe('later')
  })
})

describeRoom('the words of a holder', (rig) => {
  it('count only with the token of a claim that stands', async () => {
    const room = await rig().open()
    const { id } = await room.add({ kind: 'k' })
    const old = await room.claim(ANN, id)
    await room.release(id, old.token)
    const { token } = await room.claim(BOB, id)

    for (const wrong of [old.token, token + 1]) {
      const words = [
        room.complete(id, wrong),
        room.fail(id, wrong, 'no'),
        room.extend(id, wrong),
        room.release(id, wrong),
        room.block(id, wrong, { type: 'needs-answer', description: 'which?' }),
      ]
      for (const answer of await Promise.allSettled(words))
        expect(answer).toMatchObject({ status: 'rejected', reason: { code: 'IF_ERR_CLAIM_LOST' } })
      expect(await room.isCurrent(id, wrong)).toBe(false)
    }
    expect(await room.isCurrent(id, token)).toBe(true)
    expect(await room.isCurrent('unknown', 1)).toBe(false)
    expect(await room.get(id)).toMatchObject({ state: 'claimed', holder: BOB, token })
  })

  it('may be said twice when they end a task', async () => {
    const room = await rig().open()
    await room.add([
      { id: 'good', kind: 'k' },
      { id: 'bad', kind: 'k' },
    ])
    const good = await room.claim(ANN, 'good')
    const bad = await room.claim(ANN, 'bad')

    await room.complete('good', good.token, 'first')
    const again = await room.complete('good', good.token, 'second')
    await room.fail('bad', bad.token, 'no', { mayRetry: false })
    await room.fail('bad', bad.token, 'no', { mayRetry: false })

    expect(again.result).toBe('first')
    expect((await room.get('bad')).state).toBe('failed')
  })

  it('are refused when the result has no JSON form or is too long, and the claim stands', async () => {
    const room = await rig().open()
    const { task, token } = await room.claim(ANN, (await room.add({ kind: 'k' })).id)

    await expect(room.complete(task.id, token, 1n)).rejects.toMatchObject({ code: 'IF_ERR_INVALID_INPUT' })
    await expect(room.complete(task.id, token, 'x'.repeat(300_000))).rejects.toMatchObject({
      code: 'IF_ERR_INVALID_INPUT',
    })

    expect(await room.isCurrent(task.id, token)).toBe(true)
  })

  it('that it gives the task back cost no attempt', async () => {
    const room = await rig().open()
    const { id } = await room.add({ kind: 'k' })
    const { token } = await room.claim(ANN, id)

    const task = await room.release(id, token, { note: 'not mine' })

    expect(task).toMatchObject({ state: 'open', attempt: 0, holder: null })
    expect(task.history.at(-1)).toMatchObject({ move: 'release', by: 'finance/ann', note: 'not mine' })
  })

  it('that it leaves give back all of its claims and no others', async () => {
    const room = await rig().open()
    await room.add([{ kind: 'k' }, { kind: 'k' }, { kind: 'k' }])
    for (const holder of [ANN, ANN, BOB]) await room.claim(holder, {}, AT_ONCE)

    expect(await room.handBack(ANN)).toBe(2)
    expect(await room.handBack({ swarm: 'elsewhere', worker: 'bob' })).toBe(0)
    expect((await room.stats()).tasks).toMatchObject({ open: 2, claimed: 1 })
  })
})

describeRoom('a failed attempt', (rig) => {
  it('is followed by others after growing pauses, and then the task is dead', async () => {
    const room = await rig().open()
    const { id } = await room.add({ kind: 'k' })
    const pauses: number[] = []
    for (let attempt = 1; attempt <= 2; attempt++) {
      const { token } = taken(await room.claim(ANN))
      const failed = await room.fail(id, token, { code: 'IF_ERR_TIMEOUT', message: 'slow' })
      const pauseMs = Date.parse(failed.readyAt ?? '') - rig().clock.now()
      pauses.push(pauseMs)
      await rig().clock.advance(pauseMs - 1)
      expect(await room.claim(ANN, {}, AT_ONCE)).toBeUndefined()
      await rig().clock.advance(1)
    }
    const last = taken(await room.claim(ANN))
    const dead = await room.fail(id, last.token, 'slow')

    expect(pauses).toEqual([1_000, 2_000])
    expect(dead).toMatchObject({ state: 'dead', attempt: 3, error: { code: 'IF_ERR_ACTION_FAILED', message: 'slow' } })
  })

  it('pauses as the task says, within its limit and with jitter', async () => {
    const room = await rig().open({ random: () => 0 })
    const { id } = await room.add({ kind: 'k', attempts: 9, backoff: { firstMs: 100, factor: 10, maxMs: 500 } })
    const pauses: number[] = []
    for (let attempt = 1; attempt <= 2; attempt++) {
      const { token } = taken(await room.claim(ANN))
      const failed = await room.fail(id, token, 'no')
      pauses.push(Date.parse(failed.readyAt ?? '') - rig().clock.now())
      await rig().clock.advance(1_000)
    }

    expect(pauses).toEqual([80, 400])
  })

  it('does not pause longer because the wall clock was set back', async () => {
    const room = await rig().open()
    const { id } = await room.add({ kind: 'k' })
    await room.fail(id, (await room.claim(ANN, id)).token, 'no')

    rig().clock.jump(-3_600_000)
    await rig().clock.advance(1_000)

    expect(await room.claim(ANN, {}, AT_ONCE)).toMatchObject({ task: { id } })
  })

  it('is the last when another would make no difference', async () => {
    const room = await rig().open()
    const { id } = await room.add({ kind: 'k' })

    const task = await room.fail(id, (await room.claim(ANN, id)).token, 'x'.repeat(5_000), { mayRetry: false })

    expect(task).toMatchObject({ state: 'failed', attempt: 1 })
    expect(task.error?.message).toHaveLength(4_096)
  })

  it('can be retried by a person, with all attempts', async () => {
    const room = await rig().open()
    const { id } = await room.add({ kind: 'k', attempts: 1 })
    await room.fail(id, (await room.claim(ANN, id)).token, 'no')

    const task = await room.retry(id, { actor: 'if://person/ann', why: 'fixed' })
    const claim = await room.claim(ANN, id)

    expect(task).toMatchObject({ state: 'open', attempt: 0, error: null })
    expect(task.history.at(-1)).toMatchObject({ move: 'retry', by: 'if://person/ann', note: 'fixed' })
    expect(claim.token).toBe(2)
    await expect(room.retry(id)).rejects.toMatchObject({ code: 'IF_ERR_CONFLICT' })
    await expect(room.retry('unknown')).rejects.toMatchObject({ code: 'IF_ERR_NOT_FOUND' })
  })

  it('is not needed to cancel a task, whose holder loses the claim', async () => {
    const room = await rig().open()
    const { id } = await room.add({ kind: 'k' })
    const { token } = await room.claim(ANN, id)

    const task = await room.cancel(id, { why: 'not needed' })

    expect(task).toMatchObject({ state: 'failed', error: { code: 'IF_ERR_CANCELLED' } })
    await expect(room.complete(id, token)).rejects.toMatchObject({ code: 'IF_ERR_CLAIM_LOST' })
    await expect(room.cancel(id)).rejects.toMatchObject({ code: 'IF_ERR_CONFLICT' })
  })
})
