import { describe, expect, it } from 'vitest'
import type { Claim, CoordinatorPort, Work } from '../../../src/coordinator/index.ts'
import { openHost } from '../../../src/fabric/index.ts'
import { FabricError } from '../../../src/foundation/index.ts'
import { openLine } from './line.ts'
import { afterwards, coordinatorOf, failureOf, holder, open, serve, temporaryHome, until } from './rig.ts'

/** A handler that waits for a word of the test, and what it was given. */
function deskOf(
  coordinator: CoordinatorPort,
  options: { concurrency?: number; worker?: string; leaseMs?: number } = {},
) {
  const begun: { claim: Claim; work: Work; end: (result?: unknown) => void; fail: (thrown: unknown) => void }[] = []
  const worker = coordinator.worker({ swarm: 'finance', ...options }, (claim, work) => {
    return new Promise((end, fail) => begun.push({ claim, work, end, fail }))
  })
  afterwards(() => worker.close().catch(() => undefined))
  return { worker, begun }
}

const stateOf = async (coordinator: CoordinatorPort, id: string) => (await coordinator.get(id)).state

describe('a worker over a connection', () => {
  it('is handed a task at once, and its result is the task’s', async () => {
    const coordinator = await coordinatorOf(await serve(temporaryHome()))
    const { begun } = deskOf(coordinator)
    const { id } = await coordinator.add({ kind: 'sum', payload: [1, 2] })
    await until(() => begun.length === 1, 'the task was not handed over')

    expect(begun[0]?.claim).toMatchObject({ payload: [1, 2], token: 1, task: { id, state: 'claimed' } })
    expect(await begun[0]?.work.isCurrent()).toBe(true)
    begun[0]?.end({ sum: 3 })

    await until(async () => (await stateOf(coordinator, id)) === 'done', 'the task was not completed')
    expect((await coordinator.get(id)).result).toEqual({ sum: 3 })
    expect(begun[0]?.work.signal.aborted).toBe(false)
  })

  it('gets no more at once than it takes', async () => {
    const coordinator = await coordinatorOf(await serve(temporaryHome()))
    const { begun, worker } = deskOf(coordinator, { concurrency: 2 })
    await coordinator.add([1, 2, 3].map((payload) => ({ kind: 'a', payload })))
    await until(() => begun.length === 2, 'two were not handed over')

    expect(worker.running).toBe(2)
    expect((await coordinator.stats()).ready).toBe(1)
    begun[0]?.end()
    await until(() => begun.length === 3, 'the third did not follow')
  })

  it('fails a task by what its handler throws: again, or for good', async () => {
    const coordinator = await coordinatorOf(await serve(temporaryHome()))
    const { begun } = deskOf(coordinator, { concurrency: 3 })
    const ids = (await coordinator.add([{ kind: 'a' }, { kind: 'a', attempts: 1 }, { kind: 'a' }])).map(({ id }) => id)
    await until(() => begun.length === 3, 'three were not handed over')
    const by = (id: string | undefined) => begun.find(({ claim }) => claim.task.id === id)

    by(ids[0])?.fail(new Error('tired'))
    by(ids[1])?.fail(new Error('tired'))
    by(ids[2])?.fail(new FabricError('IF_ERR_INVALID_INPUT', 'never'))

    await until(async () => (await stateOf(coordinator, ids[2] ?? '')) === 'failed', 'it did not fail for good')
    expect((await coordinator.get(ids[0] ?? '')).history.at(-1)?.note).toBe('IF_ERR_ACTION_FAILED: tired')
    expect(await stateOf(coordinator, ids[1] ?? '')).toBe('dead')
    expect((await coordinator.get(ids[2] ?? '')).error).toEqual({ code: 'IF_ERR_INVALID_INPUT', message: 'never' })
  })

  it('fails a task whose result has no JSON form or is too large', async () => {
    const coordinator = await coordinatorOf(await serve(temporaryHome()))
    const { begun } = deskOf(coordinator, { concurrency: 2 })
    const ids = (await coordinator.add([{ kind: 'a' }, { kind: 'a' }])).map(({ id }) => id)
    await until(() => begun.length === 2, 'they were not handed over')

    begun[0]?.end({ n: 1n })
    begun[1]?.end('x'.repeat(300_000))

    for (const id of ids) await until(async () => (await stateOf(coordinator, id)) === 'failed', `${id} did not fail`)
  })

  it('blocks and gives back, which ends its work', async () => {
    const coordinator = await coordinatorOf(await serve(temporaryHome()))
    const { begun } = deskOf(coordinator)
    const { id } = await coordinator.add({ kind: 'a' })
    await until(() => begun.length === 1, 'it was not handed over')

    await begun[0]?.work.release('not now')
    begun[0]?.end('ignored')
    await until(() => begun.length === 2, 'it was not handed over again')
    await begun[1]?.work.block({ type: 'needs-answer', description: 'which one?' })

    expect(begun[0]?.work.signal.reason).toMatchObject({ code: 'IF_ERR_CANCELLED' })
    expect(begun[1]?.work.signal.reason).toMatchObject({ code: 'IF_ERR_CLAIM_LOST' })
    expect(await failureOf(begun[1]?.work.release() ?? Promise.resolve())).toMatchObject({ code: 'IF_ERR_CLAIM_LOST' })
    expect(await coordinator.get(id)).toMatchObject({ state: 'blocked', blocker: { type: 'needs-answer' }, attempt: 1 })
  })

  it('hears when its claim is lost, and what it says afterwards counts for nothing', async () => {
    const coordinator = await coordinatorOf(await serve(temporaryHome()))
    const { begun } = deskOf(coordinator)
    const { id } = await coordinator.add({ kind: 'a' })
    await until(() => begun.length === 1, 'it was not handed over')

    await coordinator.cancel(id)
    await until(() => begun[0]?.work.signal.aborted === true, 'the signal was not aborted')
    begun[0]?.end('late')

    expect(begun[0]?.work.signal.reason).toMatchObject({ code: 'IF_ERR_CLAIM_LOST' })
    expect(await begun[0]?.work.isCurrent()).toBe(false)
    expect(await stateOf(coordinator, id)).toBe('failed')
  })

  it('hears of a claim that is lost and its own again at once, under another token', async () => {
    const coordinator = await coordinatorOf(await serve(temporaryHome()))
    const { begun } = deskOf(coordinator, { concurrency: 2 })
    const { id } = await coordinator.add({ kind: 'a' })
    await until(() => begun.length === 1, 'it was not handed over')

    await coordinator.cancel(id)
    await coordinator.retry(id)
    await until(() => begun.length === 2, 'it was not handed over again')
    await until(() => begun[0]?.work.signal.aborted === true, 'the old signal was not aborted')
    begun[0]?.end('old')
    begun[1]?.end('new')

    await until(async () => (await stateOf(coordinator, id)) === 'done', 'it was not completed')
    expect(await coordinator.get(id)).toMatchObject({ token: 2, result: 'new' })
  })

  it('keeps its claims for longer than a lease', async () => {
    const coordinator = await coordinatorOf(await serve(temporaryHome({ lease: '1500ms' })))
    const { begun } = deskOf(coordinator)
    const { id } = await coordinator.add({ kind: 'a' })
    await until(() => begun.length === 1, 'it was not handed over')
    await new Promise((resolve) => setTimeout(resolve, 4_000))

    expect(await coordinator.get(id)).toMatchObject({ state: 'claimed', token: 1 })
    expect(begun[0]?.work.signal.aborted).toBe(false)
  })

  it('says an end again that the store could not take', async () => {
    const home = temporaryHome()
    const host = await openHost({ home, env: {}, logLevel: 'silent' })
    const real = await host.coordinator()
    let refusals = 1
    const frail: CoordinatorPort = new Proxy(real, {
      get(target, name) {
        const value: unknown = Reflect.get(target, name)
        if (name === 'complete' && refusals > 0) {
          return () => {
            refusals--
            return Promise.reject(new FabricError('IF_ERR_STORE_UNAVAILABLE', 'the disk is full'))
          }
        }
        return typeof value === 'function' ? value.bind(target) : value
      },
    })
    const coordinator = await coordinatorOf(await serve(home, { host: { ...host, coordinator: async () => frail } }))
    const { begun } = deskOf(coordinator)
    const { id } = await coordinator.add({ kind: 'a' })
    await until(() => begun.length === 1, 'it was not handed over')
    begun[0]?.end('at last')

    await until(async () => (await stateOf(coordinator, id)) === 'done', 'it was never completed')
    expect(await coordinator.get(id)).toMatchObject({ token: 1, result: 'at last' })
  })

  it('that ends hands back what it has not finished, at once', async () => {
    const coordinator = await coordinatorOf(await serve(temporaryHome()))
    const { begun, worker } = deskOf(coordinator, { concurrency: 2 })
    await coordinator.add([{ kind: 'a' }, { kind: 'a' }])
    await until(() => begun.length === 2, 'they were not handed over')

    await worker.close()

    expect((await coordinator.stats()).ready).toBe(2)
    expect(begun[0]?.work.signal.reason).toMatchObject({ code: 'IF_ERR_CANCELLED' })
  })

  it('that finishes takes nothing more and waits for what it began', async () => {
    const coordinator = await coordinatorOf(await serve(temporaryHome()))
    const { begun, worker } = deskOf(coordinator, { concurrency: 2 })
    const { id } = await coordinator.add({ kind: 'a' })
    await until(() => begun.length === 1, 'it was not handed over')

    const closed = worker.close({ drain: 'finish' })
    await until(async () => (await coordinator.stats()).workers === 0, 'the worker still takes')
    const { id: later } = await coordinator.add({ kind: 'a' })
    begun[0]?.end('done')
    await closed

    expect((await coordinator.get(id)).result).toBe('done')
    expect(await stateOf(coordinator, later)).toBe('open')
  })

  it('is refused what nobody could mean', async () => {
    const coordinator = await coordinatorOf(await serve(temporaryHome()))
    const handler = () => undefined

    expect(() => coordinator.worker({ swarm: 'a b' }, handler)).toThrow('swarm')
    expect(() => coordinator.worker({ swarm: 'a', concurrency: 0 }, handler)).toThrow('concurrency')
    expect(() => coordinator.worker({ swarm: 'a', capabilities: ['A B'] }, handler)).toThrow()
    expect(() => coordinator.worker({ swarm: 'a', ends: 'caller' }, handler)).toThrow('connection')
  })

  it('of a swarm that its token doesn’t name takes nothing, and says why when it is closed', async () => {
    const { fabric } = await holder(await serve(temporaryHome()), { actor: 'if://agent/a', swarms: ['own'] })
    const coordinator = await fabric.coordinator()
    const warned = new Promise((resolve) => process.once('warning', resolve))
    const worker = coordinator.worker({ swarm: 'foreign' }, () => undefined)

    expect(String(await warned)).toContain('foreign')
    expect((await failureOf(worker.close())).code).toBe('IF_ERR_SCOPE_MISSING')
  })
})

describe('a worker whose connection is lost', () => {
  /** A coordinator over a line, and one beside it that is never cut off. */
  async function overLine(lease?: string) {
    const daemon = await serve(temporaryHome(lease === undefined ? {} : { lease }))
    const line = await openLine(daemon)
    const coordinator = await (await open({ url: line.url })).coordinator()
    return { daemon, line, coordinator, beside: await coordinatorOf(daemon) }
  }

  it('goes on with what it has: its end is taken with the same token, and more follows', async () => {
    const { line, coordinator, beside } = await overLine()
    const { begun } = deskOf(coordinator, { concurrency: 2 })
    const { id } = await beside.add({ kind: 'a' })
    await until(() => begun.length === 1, 'it was not handed over')

    line.cut()
    begun[0]?.end('survived')
    await until(async () => (await stateOf(beside, id)) === 'done', 'its end was lost')
    await beside.add({ kind: 'b' })
    await until(() => begun.length === 2, 'nothing was handed over after the loss')

    expect(await beside.get(id)).toMatchObject({ token: 1, result: 'survived' })
  })

  it('is handed what it never got, with the same token', async () => {
    const { line, coordinator, beside } = await overLine()
    const { begun } = deskOf(coordinator)
    await until(async () => (await beside.stats()).workers === 1, 'the worker did not come')

    line.swallowAnswers()
    const { id } = await beside.add({ kind: 'a' })
    await until(async () => (await stateOf(beside, id)) === 'claimed', 'it was not claimed')
    expect(begun).toHaveLength(0)
    line.mend()
    line.cut()

    await until(() => begun.length === 1, 'it was not handed over again')
    expect(begun[0]?.claim).toMatchObject({ token: 1, task: { id } })
  })

  it('says an end again whose answer was lost, and isn’t handed the task again', async () => {
    const { line, coordinator, beside } = await overLine()
    const { begun, worker } = deskOf(coordinator)
    const { id } = await beside.add({ kind: 'a' })
    await until(() => begun.length === 1, 'it was not handed over')

    line.swallowAnswers()
    begun[0]?.end('once')
    await until(async () => (await stateOf(beside, id)) === 'done', 'its end did not arrive')
    line.mend()
    line.cut()
    await worker.close({ drain: 'finish' })

    expect(begun).toHaveLength(1)
    expect((await beside.get(id)).history.filter(({ move }) => move === 'complete')).toHaveLength(1)
  })

  it('takes a lost answer to a block or a giving back for what it was', async () => {
    const { line, coordinator, beside } = await overLine()
    const { begun } = deskOf(coordinator, { concurrency: 2 })
    await beside.add([{ kind: 'a' }, { kind: 'a' }])
    await until(() => begun.length === 2, 'they were not handed over')
    const idOf = (place: number) => begun[place]?.claim.task.id ?? ''

    line.swallowAnswers()
    const blocked = begun[0]?.work.block({ type: 'stuck', description: 'no' })
    const released = begun[1]?.work.release('later')
    await until(async () => (await stateOf(beside, idOf(0))) === 'blocked', 'the block did not arrive')
    // Given back, it comes to the same worker anew.
    await until(async () => (await beside.get(idOf(1))).token === 2, 'the giving back did not arrive')
    line.mend()
    line.cut()

    await expect(blocked).resolves.toBeUndefined()
    await expect(released).resolves.toBeUndefined()
  })

  it('for less than a lease keeps its claims from everybody else', async () => {
    const { line, coordinator, beside } = await overLine()
    const { begun } = deskOf(coordinator)
    const { id } = await beside.add({ kind: 'a' })
    await until(() => begun.length === 1, 'it was not handed over')

    line.sever()
    await until(async () => (await beside.stats()).workers === 0, 'the loss was not noticed')

    expect(await beside.get(id)).toMatchObject({ state: 'claimed', token: 1 })
    expect(await beside.claim({ swarm: 'finance', worker: 'other' }, {}, { waitMs: 0 })).toBeUndefined()
    expect(begun[0]?.work.signal.aborted).toBe(false)
    expect((await failureOf(begun[0]?.work.isCurrent() ?? Promise.resolve())).code).toBe('IF_ERR_DAEMON_UNAVAILABLE')
  })

  it('for longer than a lease counts its claims as lost, and they are another’s', async () => {
    const { line, coordinator, beside } = await overLine('600ms')
    const { begun } = deskOf(coordinator)
    const { id } = await beside.add({ kind: 'a' })
    await until(() => begun.length === 1, 'it was not handed over')

    line.sever()
    await until(() => begun[0]?.work.signal.aborted === true, 'it went on for ever')
    const other = await beside.claim({ swarm: 'finance', worker: 'other' }, {}, { waitMs: 5_000 })

    expect(begun[0]?.work.signal.reason).toMatchObject({ code: 'IF_ERR_CLAIM_LOST' })
    expect(other).toMatchObject({ token: 2, task: { id } })
    begun[0]?.end('too late')
    line.mend()
    await coordinator.list()
    expect((await beside.get(id)).result).toBeNull()
  })

  it('gives back what it counted as lost though it still stood', async () => {
    const { line, coordinator, beside } = await overLine('3s')
    const { begun } = deskOf(coordinator)
    const { id } = await beside.add({ kind: 'a' })
    await until(() => begun.length === 1, 'it was not handed over')

    line.freeze()
    await until(() => begun[0]?.work.signal.aborted === true, 'it went on for ever')
    line.mend()
    line.cut()

    await until(() => begun.length === 2, 'it was not handed over anew')
    expect(begun[1]?.claim).toMatchObject({ token: 2, task: { id } })
  })
})

describe('when the daemon ends', () => {
  it('it waits for what its workers have begun, and refuses new work meanwhile', async () => {
    const daemon = await serve(temporaryHome())
    const coordinator = await coordinatorOf(daemon)
    const { begun } = deskOf(coordinator)
    const { id } = await coordinator.add({ kind: 'a' })
    await until(() => begun.length === 1, 'it was not handed over')

    const closing = daemon.close({ withinMs: 10_000 })
    expect((await failureOf(coordinator.add({ kind: 'late' }))).code).toBe('IF_ERR_DAEMON_UNAVAILABLE')
    begun[0]?.end('in time')
    await closing

    const next = await coordinatorOf(await serve(daemon.home))
    expect(await next.get(id)).toMatchObject({ state: 'done', token: 1, result: 'in time' })
    expect(await next.list({ kind: 'late' })).toEqual([])
  })

  it('what is not done in time is handed back, and goes to its workers again when it has started anew', async () => {
    const daemon = await serve(temporaryHome())
    const coordinator = await coordinatorOf(daemon)
    const { begun } = deskOf(coordinator)
    const { id } = await coordinator.add({ kind: 'a' })
    await until(() => begun.length === 1, 'it was not handed over')

    await daemon.close({ withinMs: 0 })
    await serve(daemon.home)
    await until(() => begun.length === 2, 'it was not handed over again')

    expect(begun[0]?.work.signal.reason).toMatchObject({ code: 'IF_ERR_CANCELLED' })
    expect(begun[1]?.claim).toMatchObject({ token: 2, task: { id, attempt: 1 } })
  })
})
