import { expect, it } from 'vitest'
import type { BlockerEvent, BlockInput, Coordinator, TaskEvent } from '../../../src/coordinator/index.ts'
import { type TaskRecord, taskKey } from '../../../src/coordinator/record.ts'
import type { JsonValue } from '../../../src/foundation/index.ts'
import type { Store } from '../../../src/store/index.ts'
import { ANN, AT_ONCE, BOB, describeRoom, settle, taken } from './rig.ts'

function blockersOf(room: Coordinator): BlockerEvent[] {
  const blockers: BlockerEvent[] = []
  room.onBlocker((event) => blockers.push(event))
  return blockers
}

const OBSTACLE: BlockInput = {
  type: 'needs-capability',
  description: 'it is written in Finnish',
  severity: 'high',
  requiredCapabilities: ['translate:fi'],
  context: { page: 3 },
}

/** Puts a record into the store as another process might have. */
async function plant(store: Store, id: string, after: string[]): Promise<void> {
  const record: TaskRecord = {
    spec: { id, kind: 'k', swarm: 'default', after, enqueuedAt: '2026-03-01T11:00:00.000Z' },
    token: 0,
    attempt: 0,
    moves: 1,
    history: [{ at: '2026-03-01T11:00:00.000Z', move: 'add', token: 0 }],
    standing: { state: 'open' },
  }
  // A record is JSON all through.
  await store.commit([{ key: taskKey(id), value: record as unknown as JsonValue, expect: 'absent' }])
}

describeRoom('blocking', (rig) => {
  it('parks the task and tells the onlookers, with all that the holder said', async () => {
    const room = await rig().open()
    const blockers = blockersOf(room)
    const { id } = await room.add({ kind: 'k' })
    const { token } = await room.claim(ANN, id)

    const task = await room.block(id, token, OBSTACLE)

    const { context, ...blocker } = OBSTACLE
    expect(task).toMatchObject({ state: 'blocked', blocker, context, holder: ANN })
    expect(blockers).toEqual([
      expect.objectContaining({ task: id, isDetected: false, blocker, context, token, by: 'finance/ann' }),
    ])
    expect(await room.claim(BOB, {}, AT_ONCE)).toBeUndefined()
    await expect(room.claim(BOB, id)).rejects.toMatchObject({ code: 'IF_ERR_CONFLICT' })
    await expect(room.complete(id, token)).rejects.toMatchObject({ code: 'IF_ERR_CLAIM_LOST' })
  })

  it('lets the next holder go on from the context, first in line, at no attempt', async () => {
    const room = await rig().open()
    await room.add({ id: 'blocked', kind: 'k', priority: -5 })
    await room.block('blocked', (await room.claim(ANN, 'blocked')).token, OBSTACLE)
    await room.add({ kind: 'k', priority: 1_000 })

    await room.unblock('blocked', { actor: 'if://person/ann', why: 'translated' })
    const claim = taken(await room.claim(BOB, {}, AT_ONCE))

    expect(claim.task).toMatchObject({ id: 'blocked', context: { page: 3 }, attempt: 1, token: 2 })
    await expect(room.unblock('blocked')).rejects.toMatchObject({ code: 'IF_ERR_CONFLICT' })
  })

  it('takes another context with the unblocking, and keeps it over failed attempts', async () => {
    const room = await rig().open()
    const { id } = await room.add({ kind: 'k' })
    await room.block(id, (await room.claim(ANN, id)).token, { type: 'needs-answer', description: 'which?' })

    await room.unblock(id, { context: { answer: 'the second' } })
    await room.fail(id, (await room.claim(ANN, id)).token, 'no')

    expect((await room.get(id)).context).toEqual({ answer: 'the second' })
  })

  it('gives an unblocked task to who waits', async () => {
    const room = await rig().open()
    const { id } = await room.add({ kind: 'k' })
    await room.block(id, (await room.claim(ANN, id)).token, OBSTACLE)
    const claiming = room.claim(BOB)

    await room.unblock(id)

    expect((await claiming)?.task.id).toBe(id)
  })

  it.each<[string, unknown]>([
    ['a type with a blank', { type: 'Needs answer', description: 'which?' }],
    ['no description', { type: 'needs-answer', description: '' }],
    ['an unknown severity', { type: 'needs-answer', description: 'which?', severity: 'huge' }],
    ['a wrong capability', { type: 'needs-answer', description: 'which?', requiredCapabilities: ['*'] }],
    ['a context that is too long', { type: 'needs-answer', description: 'which?', context: 'x'.repeat(300_000) }],
    ['nothing', undefined],
  ])('is refused with %s', async (_, input) => {
    const room = await rig().open()
    const { token, task } = await room.claim(ANN, (await room.add({ kind: 'k' })).id)

    await expect(room.block(task.id, token, input as BlockInput)).rejects.toMatchObject({
      code: 'IF_ERR_INVALID_INPUT',
    })
    expect(await room.isCurrent(task.id, token)).toBe(true)
  })

  it('can be ended by cancelling', async () => {
    const room = await rig().open()
    const { id } = await room.add({ kind: 'k' })
    await room.block(id, (await room.claim(ANN, id)).token, OBSTACLE)

    expect(await room.cancel(id)).toMatchObject({ state: 'failed', blocker: null })
  })
})

describeRoom('a detected blocker', (rig) => {
  it('is a circle of tasks in the store, which a person can break', async () => {
    const store = await rig().store()
    await plant(store, 'a', ['b'])
    await plant(store, 'b', ['a'])

    const room = await rig().open()
    await settle()
    const parked = await room.get('a')
    await room.unblock('a')
    const claim = await room.claim(ANN, {}, AT_ONCE)

    expect(parked).toMatchObject({ state: 'blocked', blocker: { type: 'dependency-circle', severity: 'high' } })
    expect(claim?.task.id).toBe('a')
  })

  it('is a dependency that is not there', async () => {
    const store = await rig().store()
    await plant(store, 'orphan', ['gone'])

    const room = await rig().open()
    await settle()

    expect(await room.get('orphan')).toMatchObject({
      state: 'blocked',
      blocker: { type: 'dependency-missing', description: expect.stringContaining('gone') },
    })
  })

  it('is a circle that another process closes while this one looks on', async () => {
    const room = await rig().open()
    const blockers = blockersOf(room)
    const store = await rig().store()

    await plant(store, 'a', ['b'])
    await plant(store, 'b', ['a'])
    await expect.poll(() => blockers.length).toBeGreaterThan(0)
    await expect.poll(async () => (await room.list({ state: 'blocked' })).length).toBe(2)

    expect(blockers[0]).toMatchObject({ isDetected: true })
  })

  it('is not a dependency that is only seen later', async () => {
    const room = await rig().open()
    const store = await rig().store()
    await plant(store, 'first', [])

    await plant(store, 'second', ['first'])
    await expect.poll(async () => (await room.list()).length).toBe(2)
    await settle()

    expect(await room.get('second')).toMatchObject({ state: 'open', waitsFor: ['first'] })
  })

  it('is told to every listener until that leaves', async () => {
    const room = await rig().open()
    const first = blockersOf(room)
    const heard: BlockerEvent[] = []
    const leave = room.onBlocker((event) => heard.push(event))
    const tasks = await room.add([
      { kind: 'k', attempts: 1 },
      { kind: 'k', attempts: 1 },
    ])

    for (const { id } of tasks) {
      await room.fail(id, (await room.claim(ANN, id)).token, 'no')
      await settle()
      leave()
    }

    expect(first).toHaveLength(2)
    expect(heard).toMatchObject([{ blocker: { type: 'attempts-exhausted' } }])
  })
})

describeRoom('watching', (rig) => {
  it('tells every move once and in order, whoever made it', async () => {
    const room = await rig().open()
    const other = await rig().open()
    const seen: TaskEvent[] = []
    const leaving = new AbortController()
    const events = room.watch({ signal: leaving.signal })
    const reading = (async () => {
      for await (const event of events) seen.push(event)
    })()

    const { id } = await room.add({ kind: 'mail', swarm: 'sales' })
    const { token } = await room.claim(ANN, id)
    await expect.poll(async () => (await other.get(id)).state).toBe('claimed')
    await other.complete(id, token)
    await expect.poll(() => seen.length).toBe(3)
    leaving.abort()
    await reading

    expect(seen.map(({ move, by, token, state }) => [move, by, token, state])).toEqual([
      ['add', null, 0, 'open'],
      ['claim', 'finance/ann', 1, 'claimed'],
      ['complete', 'finance/ann', 1, 'done'],
    ])
    expect(seen[0]).toMatchObject({ task: id, kind: 'mail', swarm: 'sales', note: null })
  })

  it('ends when the reader leaves, was gone before, or the room is closed', async () => {
    const room = await rig().open()
    const gone = room.watch({ signal: AbortSignal.abort() })
    const waiting = room.watch()[Symbol.asyncIterator]().next()
    const left = room.watch()
    await left.return?.()

    expect(await gone.next()).toEqual({ done: true, value: undefined })
    expect(await left.next()).toEqual({ done: true, value: undefined })
    await room.close()
    expect(await waiting).toEqual({ done: true, value: undefined })
  })
})

describeRoom('looking at tasks', (rig) => {
  it('lists them in the order of their ids, filtered and up to a limit', async () => {
    const room = await rig().open()
    await room.add([
      { id: 'c', kind: 'mail', swarm: 'sales' },
      { id: 'a', kind: 'mail', swarm: 'finance' },
      { id: 'b', kind: 'invoice', swarm: 'finance' },
    ])
    await room.complete('b', (await room.claim(ANN, 'b')).token, 'sent')
    const ids = async (options: Parameters<typeof room.list>[0]) => (await room.list(options)).map(({ id }) => id)

    expect(await ids({})).toEqual(['a', 'b', 'c'])
    expect(await ids({ state: 'open' })).toEqual(['a', 'c'])
    expect(await ids({ kind: 'mail', swarm: 'sales' })).toEqual(['c'])
    expect(await ids({ swarm: 'finance', limit: 1 })).toEqual(['a'])
    expect(await room.list({ state: 'done' })).toMatchObject([{ id: 'b', result: 'sent' }])
    expect(await ids({ state: 'dead' })).toEqual([])
  })

  it('counts them by state and by what they wait for', async () => {
    const room = await rig().open()
    await room.add([
      { id: 'ready', kind: 'k', swarm: 'sales' },
      { id: 'waits', kind: 'k', swarm: 'sales', after: ['ready'] },
      { id: 'later', kind: 'k', swarm: 'sales', notBefore: rig().clock.in(60_000) },
      { id: 'held', kind: 'k', swarm: 'sales' },
    ])
    await room.claim(ANN, 'held')
    room.worker({ swarm: 'idle', kinds: ['nothing'] }, () => undefined)
    rig().clock.jump(1_500)

    expect(await room.stats()).toEqual({
      tasks: { open: 3, claimed: 1, done: 0, failed: 0, blocked: 0, dead: 0 },
      ready: 1,
      waiting: 1,
      delayed: 1,
      oldestReadyMs: 1_500,
      workers: 1,
      running: 0,
      swarms: [
        { swarm: 'finance', unfinished: 0, held: 1, workers: 0 },
        { swarm: 'idle', unfinished: 0, held: 0, workers: 1 },
        { swarm: 'sales', unfinished: 4, held: 0, workers: 0 },
      ],
    })
  })

  it('knows no age of the oldest where none is ready', async () => {
    const room = await rig().open()

    expect(await room.stats()).toMatchObject({ ready: 0, oldestReadyMs: null, swarms: [] })
    await expect(room.get('unknown')).rejects.toMatchObject({ code: 'IF_ERR_NOT_FOUND' })
    await expect(room.payload('unknown')).rejects.toMatchObject({ code: 'IF_ERR_NOT_FOUND' })
  })
})

describeRoom('a reader of blockers', (rig) => {
  it('hears what holders say and what is detected, until its signal ends it', async () => {
    const room = await rig().open()
    const reading = new AbortController()
    const blockers = room.blockers({ signal: reading.signal })
    await room.add([
      { id: 'a', kind: 'k' },
      { id: 'b', kind: 'k', attempts: 1 },
    ])
    const a = taken(await room.claim(ANN, 'a'))
    await room.block('a', a.token, OBSTACLE)
    const b = taken(await room.claim(ANN, 'b'))
    await room.fail('b', b.token, 'no such page')
    await settle()
    reading.abort()

    const heard: string[] = []
    for await (const { task, blocker, isDetected } of blockers) heard.push(`${task} ${blocker.type} ${isDetected}`)
    expect(heard).toEqual(['a needs-capability false', 'b attempts-exhausted true'])
  })

  it('hears on when a listener throws', async () => {
    const errors: string[] = []
    const logger = { debug() {}, info() {}, warn() {}, error: (message: string) => void errors.push(message) }
    const room = await rig().open({ logger })
    room.onBlocker(() => {
      throw new Error('my own fault')
    })
    const blockers = blockersOf(room)
    await room.add({ id: 'a', kind: 'k' })
    const { token } = taken(await room.claim(ANN, 'a'))
    await room.block('a', token, OBSTACLE)
    await settle()

    expect(blockers).toHaveLength(1)
    expect(errors).toEqual(['a listener to blockers threw'])
  })
})
