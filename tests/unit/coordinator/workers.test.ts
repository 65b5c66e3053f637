import { expect, it } from 'vitest'
import {
  type Claim,
  type Coordinator,
  openCoordinator,
  type Work,
  type WorkerOptions,
} from '../../../src/coordinator/index.ts'
import { FabricError } from '../../../src/foundation/index.ts'
import { ANN, AT_ONCE, BOB, describeRoom, FakeClock, frailStore, listeningLogger, settle } from './rig.ts'

interface Job {
  claim: Claim
  work: Work
  finish(result?: unknown): void
  fail(thrown: unknown): void
}

/** A worker whose handler does nothing until the test says so. */
function startWorker(room: Coordinator, options: Partial<WorkerOptions> = {}) {
  const jobs: Job[] = []
  const worker = room.worker({ ...ANN, ...options }, (claim, work) => {
    return new Promise((resolve, reject) => jobs.push({ claim, work, finish: resolve, fail: reject }))
  })
  const job = (at: number): Job => {
    const found = jobs[at]
    if (!found) throw new Error(`the worker has no job ${at}`)
    return found
  }
  return { worker, jobs, job }
}

describeRoom('a worker', (rig) => {
  it('completes a task with what its handler returns', async () => {
    const room = await rig().open()
    room.worker({ swarm: 'finance' }, ({ payload }) => ({ doubled: Number(payload) * 2 }))

    const { id } = await room.add({ kind: 'k', payload: 21 })
    await settle()

    expect(await room.get(id)).toMatchObject({ state: 'done', result: { doubled: 42 } })
  })

  it('takes what was waiting before it came, and reads large payloads', async () => {
    const room = await rig().open()
    const payload = 'x'.repeat(200_000)
    await room.add([
      { kind: 'k', payload },
      { kind: 'k', payload },
    ])
    const { jobs, job } = startWorker(room, { concurrency: 5 })

    await expect.poll(() => jobs.length).toBe(2)
    expect(job(1).claim.payload).toBe(payload)
  })

  it('works on as many tasks at once as it was told, and takes another when one is over', async () => {
    const room = await rig().open()
    const { worker, jobs, job } = startWorker(room, { concurrency: 3 })
    await room.add(Array.from({ length: 5 }, () => ({ kind: 'k' })))
    await settle()
    expect(jobs).toHaveLength(3)
    expect(worker.running).toBe(3)

    job(1).finish()
    await settle()

    expect(jobs).toHaveLength(4)
    expect(await room.stats()).toMatchObject({ workers: 1, running: 3, tasks: { open: 1, claimed: 3, done: 1 } })
  })

  it('takes only the kinds and swarms that it was told, and what it can do', async () => {
    const room = await rig().open()
    const { jobs, job } = startWorker(room, {
      kinds: ['mail'],
      swarms: ['sales'],
      capabilities: ['mail:*'],
      concurrency: 9,
    })

    await room.add([
      { kind: 'invoice', swarm: 'sales' },
      { kind: 'mail', swarm: 'finance' },
      { kind: 'mail', swarm: 'sales', capabilities: ['code:rust'] },
      { id: 'fits', kind: 'mail', swarm: 'sales', capabilities: ['mail:send'] },
    ])
    await settle()

    expect(jobs).toHaveLength(1)
    expect(job(0).claim.task.id).toBe('fits')
  })

  it.each<[string, Partial<WorkerOptions>]>([
    ['no concurrency', { concurrency: 0 }],
    ['half a task at once', { concurrency: 1.5 }],
    ['a wrong capability', { capabilities: ['Rust'] }],
    ['a wrong swarm', { swarm: 'a/b' }],
    ['a lease that is too short', { leaseMs: 1 }],
  ])('is refused with %s', async (_, options) => {
    const room = await rig().open()

    expect(() => room.worker({ ...ANN, ...options }, () => undefined)).toThrow(
      expect.objectContaining({ code: 'IF_ERR_INVALID_INPUT' }),
    )
  })

  it('fails the attempt when its handler throws, and the task is tried again', async () => {
    const room = await rig().open()
    const { jobs, job } = startWorker(room)
    const { id } = await room.add({ kind: 'k' })

    job(0).fail(new Error('the printer is on fire'))
    await settle()
    const failed = await room.get(id)
    await rig().clock.advance(1_000)
    job(1).fail('just text')
    await settle()

    expect(failed).toMatchObject({ state: 'open', attempt: 1 })
    expect(failed.history.at(-1)?.note).toBe('IF_ERR_ACTION_FAILED: the printer is on fire')
    expect((await room.get(id)).history.at(-1)?.note).toBe('IF_ERR_ACTION_FAILED: just text')
    expect(jobs).toHaveLength(2)
  })

  it('fails the task for good when the error says that another attempt makes no difference', async () => {
    const room = await rig().open()
    const { job } = startWorker(room, { concurrency: 2 })
    const [hopeless, slow] = await room.add([{ kind: 'k' }, { kind: 'k' }])

    job(0).fail(new FabricError('IF_ERR_INVALID_INPUT', 'no such order'))
    job(1).fail(new FabricError('IF_ERR_TIMEOUT', 'too slow', { retryable: true }))
    await settle()

    expect(await room.get(hopeless?.id ?? '')).toMatchObject({
      state: 'failed',
      error: { code: 'IF_ERR_INVALID_INPUT' },
    })
    expect((await room.get(slow?.id ?? '')).state).toBe('open')
  })

  it('is told that its claim is lost, and what it does then counts for nothing', async () => {
    const room = await rig().open()
    const { worker, job } = startWorker(room)
    const { id } = await room.add({ kind: 'k' })
    const { signal } = job(0).work
    expect(await job(0).work.isCurrent()).toBe(true)

    await room.cancel(id)

    expect(signal.reason).toMatchObject({ code: 'IF_ERR_CLAIM_LOST' })
    expect(await job(0).work.isCurrent()).toBe(false)
    job(0).finish('too late')
    await settle()
    expect(await room.get(id)).toMatchObject({ state: 'failed', result: null })
    expect(worker.running).toBe(0)
  })

  it('learns of a lost claim also when it asks for the signal only then', async () => {
    const room = await rig().open()
    const { job } = startWorker(room)
    const { id } = await room.add({ kind: 'k' })

    await room.cancel(id)
    job(0).fail(new Error('too late'))
    await settle()

    expect(job(0).work.signal.reason).toMatchObject({ code: 'IF_ERR_CLAIM_LOST' })
    expect((await room.get(id)).error?.code).toBe('IF_ERR_CANCELLED')
  })

  it('can park or give back its task from within', async () => {
    const room = await rig().open()
    room.worker({ ...ANN, kinds: ['blocks'] }, async (_, work) => {
      await work.block({ type: 'needs-answer', description: 'which?', context: { page: 3 } })
    })
    const { worker, job } = startWorker(room, { kinds: ['releases'] })
    await room.add([
      { id: 'blocks', kind: 'blocks' },
      { id: 'releases', kind: 'releases' },
    ])
    await settle()

    const released = job(0).work.release()
    const closed = worker.close()
    job(0).fail(new Error('counts for nothing'))
    await Promise.all([released, closed])

    expect(await room.get('blocks')).toMatchObject({ state: 'blocked', context: { page: 3 } })
    expect((await room.get('releases')).history.map(({ move }) => move)).toEqual(['add', 'claim', 'release'])
  })

  it('keeps the lease while its handler runs', async () => {
    const room = await rig().open({ leaseMs: 3_000 })
    const { job } = startWorker(room)
    const { id } = await room.add({ kind: 'k' })

    await rig().clock.advance(60_000)
    const before = await room.get(id)
    job(0).finish('at last')
    await settle()

    expect(before).toMatchObject({ state: 'claimed', token: 1 })
    expect(await room.get(id)).toMatchObject({ state: 'done', result: 'at last' })
  })

  it('leaves the lease to the caller where that was said', async () => {
    const room = await rig().open({ leaseMs: 3_000 })
    const { job } = startWorker(room, { heartbeat: 'caller' })
    const { id } = await room.add({ kind: 'k', attempts: 1 })
    const { signal } = job(0).work

    await rig().clock.advance(2_000)
    await room.heartbeat(ANN)
    await rig().clock.advance(2_000)
    expect(signal.aborted).toBe(false)
    await rig().clock.advance(1_000)

    expect(signal.aborted).toBe(true)
    expect((await room.get(id)).state).toBe('dead')
  })

  it('hands its claims back when it is closed, and takes nothing more', async () => {
    const room = await rig().open()
    const { worker, job, jobs } = startWorker(room)
    const { id } = await room.add({ kind: 'k' })
    const { signal } = job(0).work

    await worker.close()
    await worker.close()
    job(0).finish('too late')
    await room.add({ kind: 'k' })
    await settle()

    expect(signal.reason).toMatchObject({ code: 'IF_ERR_CANCELLED' })
    expect(await room.get(id)).toMatchObject({ state: 'open', attempt: 0 })
    expect(jobs).toHaveLength(1)
    expect((await room.stats()).workers).toBe(0)
  })

  it('works through what it has begun where it is asked to finish', async () => {
    const room = await rig().open()
    const { worker, job } = startWorker(room)
    const { id } = await room.add({ kind: 'k' })
    const closing = worker.close({ drain: 'finish' })

    await room.add({ kind: 'k' })
    job(0).finish('done')
    await closing

    expect(await room.get(id)).toMatchObject({ state: 'done', result: 'done' })
    expect((await room.stats()).tasks).toMatchObject({ open: 1, done: 1 })
    expect(await startWorker(room, BOB).worker.close({ drain: 'finish' })).toBeUndefined()
  })

  it('hands back what is not finished in time', async () => {
    const room = await rig().open()
    const { worker } = startWorker(room)
    const { id } = await room.add({ kind: 'k' })

    const closing = worker.close({ drain: 'finish', withinMs: 5_000 })
    await rig().clock.advance(4_999)
    expect((await room.get(id)).state).toBe('claimed')
    await rig().clock.advance(1)
    await closing

    expect((await room.get(id)).state).toBe('open')
  })

  it('gives back a task that comes when it is closed already', async () => {
    const room = await rig().open()
    const { id } = await room.add({ kind: 'k' })
    const { worker, jobs } = startWorker(room)

    await worker.close()
    await settle()

    expect(jobs).toHaveLength(0)
    expect(await room.get(id)).toMatchObject({ state: 'open', attempt: 0 })
    expect(await room.claim(BOB, {}, AT_ONCE)).toBeDefined()
  })
})

it('a worker tries again when the store could not be written, and the task is not lost', async () => {
  const { store, failures } = await frailStore()
  const clock = new FakeClock()
  const { warnings, logger } = listeningLogger()
  const room = await openCoordinator({ store, clock, logger, witness: 'none', random: () => 0.5 })
  await room.add({ id: 'one', kind: 'k' })

  failures.left = 1
  const { jobs, job } = startWorker(room)
  await settle()
  expect(jobs).toHaveLength(0)
  await clock.advance(1_000)
  expect(jobs).toHaveLength(1)
  failures.left = 1
  job(0).finish()
  await settle()
  await clock.advance(30_000)

  expect(warnings).toEqual(['a worker cannot claim; it tries again', 'the end of a task was not recorded'])
  expect(jobs).toHaveLength(2)
  job(1).finish()
  await settle()
  expect((await room.get('one')).state).toBe('done')
  await room.close()
  await store.close()
})

it('a claim and an add answer with the error of the store, and others get the task', async () => {
  const { store, failures } = await frailStore()
  const room = await openCoordinator({ store, clock: new FakeClock(), witness: 'none' })
  await room.add({ id: 'one', kind: 'k' })

  failures.left = 1
  await expect(room.claim(ANN)).rejects.toMatchObject({ code: 'IF_ERR_STORE_UNAVAILABLE' })
  expect(await room.claim(BOB, {}, AT_ONCE)).toBeDefined()
  const claiming = room.claim(ANN)
  failures.left = 1
  await expect(room.add({ kind: 'k' })).rejects.toMatchObject({ code: 'IF_ERR_STORE_UNAVAILABLE' })
  await room.add({ id: 'two', kind: 'k' })

  expect((await claiming)?.task.id).toBe('two')
  await room.close()
  await store.close()
})
