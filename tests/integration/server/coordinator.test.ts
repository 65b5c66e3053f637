import { describe, expect, it } from 'vitest'
import type { TaskEvent } from '../../../src/coordinator/index.ts'
import { openLine } from './line.ts'
import { AT_ONCE, coordinatorOf, failureOf, open, serve, temporaryHome, until } from './rig.ts'

const ANN = { swarm: 'finance', worker: 'ann' }

const coordinator = async () => coordinatorOf(await serve(temporaryHome()))

describe('the coordinator through a daemon', () => {
  it('takes a task through its life as in process', async () => {
    const tasks = await coordinator()
    const added = await tasks.add({ id: 't-1', kind: 'sum', payload: { a: 1 }, capabilities: ['math:sum'] })
    expect(added).toMatchObject({ id: 't-1', state: 'open', capabilities: ['math:sum'] })

    const claim = await tasks.claim(ANN, { capabilities: ['math:sum'] }, AT_ONCE)
    expect(claim).toMatchObject({ token: 1, payload: { a: 1 }, holder: ANN })
    expect(await tasks.claim(ANN, 't-1')).toMatchObject({ token: 1 })
    expect(await tasks.isCurrent('t-1', 1)).toBe(true)
    expect(await tasks.heartbeat(ANN)).toEqual([{ task: 't-1', token: 1 }])
    expect((await tasks.extend('t-1', 1, { leaseMs: 60_000 })).leaseMs).toBe(60_000)
    expect((await tasks.block('t-1', 1, { type: 'stuck', description: 'no', context: { at: 3 } })).state).toBe(
      'blocked',
    )
    expect((await tasks.unblock('t-1', { why: 'answered', context: null })).state).toBe('open')
    await tasks.claim(ANN, 't-1')
    expect((await tasks.release('t-1', 2, { note: 'later' })).state).toBe('open')
    await tasks.claim(ANN, 't-1')
    expect((await tasks.fail('t-1', 3, 'no', { mayRetry: false })).state).toBe('failed')
    expect((await tasks.retry('t-1', { why: 'again' })).history.at(-1)?.by).toMatch(/^if:\/\/person\//)
    await tasks.claim(ANN, 't-1')
    expect((await tasks.complete('t-1', 4, [null, 1])).result).toEqual([null, 1])
    expect((await tasks.complete('t-1', 4, [null, 1])).state).toBe('done')
    expect(await tasks.payload('t-1')).toEqual({ a: 1 })
    expect((await tasks.stats()).tasks.done).toBe(1)
    expect((await tasks.probe()).commitMs).toBeGreaterThanOrEqual(0)
  })

  it('gives nothing where nothing came in time, and what is handed back goes to the next', async () => {
    const tasks = await coordinator()
    expect(await tasks.claim(ANN, {}, AT_ONCE)).toBeUndefined()
    expect(await tasks.claim(ANN, undefined, { waitMs: 20 })).toBeUndefined()

    const { id } = await tasks.add({ kind: 'a' })
    await tasks.claim(ANN, id)
    expect(await tasks.handBack(ANN)).toBe(1)
    expect((await tasks.cancel(id)).state).toBe('failed')
  })

  it('says its errors with code, hint and details', async () => {
    const tasks = await coordinator()
    const { id } = await tasks.add({ kind: 'a' })
    await tasks.claim(ANN, id)

    expect(await failureOf(tasks.get('nope'))).toMatchObject({ code: 'IF_ERR_NOT_FOUND' })
    expect(await failureOf(tasks.add({ kind: 'no kind' }))).toMatchObject({ code: 'IF_ERR_INVALID_INPUT' })
    expect(await failureOf(tasks.add({ kind: 'a', payload: 'x'.repeat(300_000) }))).toMatchObject({
      code: 'IF_ERR_INVALID_INPUT',
    })
    expect(await failureOf(tasks.add({ kind: 'a', payload: 'x'.repeat(9_000_000) }))).toMatchObject({
      code: 'IF_ERR_INVALID_INPUT',
    })
    expect(await failureOf(tasks.claim({ swarm: 'b', worker: 'bob' }, id))).toMatchObject({
      code: 'IF_ERR_CLAIM_LOST',
      exitCode: 6,
      hint: expect.any(String),
      next: `ifab task show ${id}`,
      details: { task: id, state: 'claimed', token: 1 },
    })
  })

  it('lists more tasks than one message holds', async () => {
    const tasks = await coordinator()
    const payload = 'x'.repeat(3_000)
    for (let round = 0; round < 2; round++)
      await tasks.add(Array.from({ length: 1_300 }, () => ({ kind: 'a', payload })))

    const all = await tasks.list({ limit: 10_000 })

    expect(all).toHaveLength(2_600)
    expect(new Set(all.map(({ id }) => id)).size).toBe(2_600)
    expect((await tasks.list({ idPart: all[0]?.id ?? '', newestFirst: true }))[0]?.id).toBe(all[0]?.id)
  })

  it('tells every move from the moment it is asked to watch, until the watcher leaves', async () => {
    const tasks = await coordinator()
    const leaving = new AbortController()
    const events = tasks.watch({ signal: leaving.signal })
    const blockers = tasks.blockers()
    await tasks.list()
    const { id } = await tasks.add({ kind: 'a' })
    const claim = await tasks.claim(ANN, id)
    await tasks.block(id, claim.token, { type: 'stuck', description: 'no' })

    const seen: TaskEvent[] = []
    for await (const event of events) if (seen.push(event) === 3) break

    expect(seen.map(({ move }) => move)).toEqual(['add', 'claim', 'block'])
    expect((await blockers.next()).value).toMatchObject({ task: id, blocker: { type: 'stuck' } })
    const later = tasks.watch({ signal: leaving.signal })
    const waiting = later.next()
    leaving.abort()
    expect((await waiting).done).toBe(true)
    await blockers.return?.()
  })

  it('ends a watcher that reads too slowly, and nobody else', async () => {
    const tasks = await coordinator()
    const slow = tasks.watch()
    const other = tasks.watch()
    await tasks.list()
    const heard = (async () => {
      let count = 0
      for await (const _ of other) if (++count === 11_000) return count
      return count
    })()
    for (let at = 0; at < 11; at++) await tasks.add(Array.from({ length: 1_000 }, () => ({ kind: 'a' })))

    expect(await heard).toBe(11_000)
    const error = await failureOf(
      (async () => {
        for await (const _ of slow);
      })(),
    )
    expect(error.message).toContain('behind')
  })

  it('gives a claim that is waited for up at its signal', async () => {
    const tasks = await coordinator()
    const leaving = new AbortController()
    const waiting = failureOf(tasks.claim(ANN, {}, { waitMs: 60_000, signal: leaving.signal }))
    await tasks.list()
    leaving.abort()

    expect((await waiting).code).toBe('IF_ERR_CANCELLED')
    const { id } = await tasks.add({ kind: 'a' })
    expect((await tasks.get(id)).state).toBe('open')
  })

  it('takes thousands of calls at once', async () => {
    const tasks = await coordinator()

    const added = await Promise.all(Array.from({ length: 12_000 }, (_, at) => tasks.add({ kind: 'a', payload: at })))

    expect(new Set(added.map(({ id }) => id)).size).toBe(12_000)
  })

  it('watches over a new connection when the old one was lost', async () => {
    const daemon = await serve(temporaryHome())
    const beside = await coordinatorOf(daemon)
    const line = await openLine(daemon)
    const tasks = await (await open({ url: line.url })).coordinator()
    const old = failureOf(tasks.watch().next())

    line.cut()
    expect((await old).hint).toBeDefined()
    const events = tasks.watch()
    const next = events.next()
    await until(
      async () => (await beside.add({ kind: 'a' })) && (await Promise.race([next, undefined])) !== undefined,
      'no event came',
    )

    expect((await next).value).toMatchObject({ kind: 'a', move: 'add' })
    await events.return?.()
    line.sever()
    const left = tasks.watch()
    await left.return?.()
  })

  it('fails at once when its fabric was closed', async () => {
    const fabric = await open({ url: `unix:${(await serve(temporaryHome())).socket}` })
    const tasks = await fabric.coordinator()
    await fabric.close()

    expect((await failureOf(tasks.list())).code).toBe('IF_ERR_DAEMON_UNAVAILABLE')
    expect((await failureOf(tasks.watch().next())).code).toBe('IF_ERR_DAEMON_UNAVAILABLE')
  })

  it('gives the claim of a client back that has gone while it waited', async () => {
    const daemon = await serve(temporaryHome())
    const beside = await coordinatorOf(daemon)
    const line = await openLine(daemon)
    const leaving = await (await open({ url: line.url })).coordinator()
    leaving.claim(ANN, {}, { waitMs: 60_000 }).catch(() => undefined) // ends with the test
    await leaving.list()

    line.sever()
    await new Promise((resolve) => setTimeout(resolve, 50))
    const { id } = await beside.add({ kind: 'a' })

    await until(async () => (await beside.get(id)).state === 'open', 'it went to who has gone')
  })
})
