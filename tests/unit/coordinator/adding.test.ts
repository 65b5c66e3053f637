import { expect, it } from 'vitest'
import { type BlockerEvent, MAX_PAYLOAD_BYTES, type Task } from '../../../src/coordinator/index.ts'
import { ANN, AT_ONCE, BOB, describeRoom, settle, taken } from './rig.ts'

describeRoom('adding tasks', (rig) => {
  it('answers with the task as it stands', async () => {
    const room = await rig().open()

    const task = await room.add({ kind: 'invoice', payload: { order: 7 } })

    expect(task).toMatchObject({ kind: 'invoice', swarm: 'default', state: 'open', attempt: 0, attempts: 3, token: 0 })
    expect(await room.get(task.id)).toEqual(task)
    expect(await room.payload(task.id)).toEqual({ order: 7 })
  })

  it('answers null for the payload of a task that has none', async () => {
    const room = await rig().open()

    const { id } = await room.add({ kind: 'k' })

    expect(await room.payload(id)).toBeNull()
  })

  it('takes many at once that wait for each other, in whatever order they are given', async () => {
    const room = await rig().open()

    const tasks = await room.add([
      { id: 'send', kind: 'k', after: ['pack', 'pay'] },
      { id: 'pack', kind: 'k', after: ['pay'] },
      { id: 'pay', kind: 'k' },
    ])

    expect(tasks.map(({ id, waitsFor }) => [id, waitsFor])).toEqual([
      ['send', ['pack', 'pay']],
      ['pack', ['pay']],
      ['pay', []],
    ])
  })

  it('refuses an id that is taken, and leaves the first task and its payload alone', async () => {
    const room = await rig().open()
    await room.add({ id: 'one', kind: 'k', payload: 1 })

    await expect(room.add({ id: 'one', kind: 'k', payload: 2 })).rejects.toMatchObject({
      code: 'IF_ERR_ALREADY_EXISTS',
    })
    await expect(room.add([{ id: 'one', kind: 'k' }, { kind: 'k' }])).rejects.toMatchObject({
      code: 'IF_ERR_ALREADY_EXISTS',
    })

    expect(await room.payload('one')).toBe(1)
    expect(await room.list()).toHaveLength(1)
  })

  it('gives an id to one of those who ask for it at the same moment', async () => {
    const room = await rig().open()

    const answers = await Promise.allSettled([1, 2, 3].map((payload) => room.add({ id: 'one', kind: 'k', payload })))
    const payload = await room.payload('one')

    expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    expect(answers.findIndex(({ status }) => status === 'fulfilled')).toBe(Number(payload) - 1)
    for (const answer of answers) {
      if (answer.status === 'rejected') expect(answer.reason).toMatchObject({ code: 'IF_ERR_ALREADY_EXISTS' })
    }
  })

  it('refuses all of a list for one that is wrong', async () => {
    const room = await rig().open()
    const good = { kind: 'k' }

    await expect(room.add([good, { kind: 'k', id: 'a/b' }])).rejects.toMatchObject({ code: 'IF_ERR_INVALID_INPUT' })
    await expect(room.add([good, { kind: 'k', payload: 'x'.repeat(MAX_PAYLOAD_BYTES) }])).rejects.toMatchObject({
      code: 'IF_ERR_INVALID_INPUT',
    })
    await expect(room.add([good, { kind: 'k', capabilities: ['Rust'] }])).rejects.toMatchObject({
      code: 'IF_ERR_INVALID_INPUT',
    })
    await expect(room.add([good, { kind: 'k', after: ['nobody'] }])).rejects.toMatchObject({ code: 'IF_ERR_REFERENCE' })
    await expect(
      room.add([
        { id: 'a', kind: 'k' },
        { id: 'a', kind: 'k' },
      ]),
    ).rejects.toThrow(/given twice/)

    expect(await room.list()).toEqual([])
  })

  it('refuses a task that waits for one that is not there', async () => {
    const room = await rig().open()

    await expect(room.add({ kind: 'k', after: ['nobody'] })).rejects.toMatchObject({
      code: 'IF_ERR_REFERENCE',
      details: { after: 'nobody' },
    })
  })

  it('refuses tasks that wait for each other, and tells the onlookers', async () => {
    const room = await rig().open()
    const blockers: BlockerEvent[] = []
    room.onBlocker((event) => blockers.push(event))

    const adding = room.add([
      { id: 'c', kind: 'k', after: ['b'] },
      { id: 'a', kind: 'k', after: ['b'] },
      { id: 'b', kind: 'k', after: ['a'] },
    ])

    await expect(adding).rejects.toMatchObject({ code: 'IF_ERR_REFERENCE', details: { circle: ['a', 'b', 'a'] } })
    expect(blockers).toMatchObject([{ task: 'a', isDetected: true, blocker: { type: 'dependency-circle' } }])
    expect(await room.list()).toEqual([])
  })

  it('hands tasks out only after those they wait for are done', async () => {
    const room = await rig().open()
    await room.add([
      { id: 'second', kind: 'k', after: ['first'], priority: 9 },
      { id: 'first', kind: 'k' },
    ])

    await expect(room.claim(ANN, 'second')).rejects.toMatchObject({ code: 'IF_ERR_CONFLICT' })
    const first = taken(await room.claim(ANN, {}, AT_ONCE))
    const early = await room.claim(BOB, {}, AT_ONCE)
    await room.complete('first', first.token)
    const second = await room.claim(BOB, {}, AT_ONCE)

    expect(first.task.id).toBe('first')
    expect(early).toBeUndefined()
    expect(second?.task.id).toBe('second')
  })

  it('lets a task that waits for a finished one begin at once', async () => {
    const room = await rig().open()
    await room.add({ id: 'first', kind: 'k' })
    await room.complete('first', taken(await room.claim(ANN)).token)

    const task = await room.add({ kind: 'k', after: ['first'] })

    expect(task.waitsFor).toEqual([])
    expect((await room.claim(ANN, {}, AT_ONCE))?.task.id).toBe(task.id)
  })

  it('gives the task to a worker that waits in the same turn', async () => {
    const room = await rig().open()
    const seen: unknown[] = []
    room.worker({ swarm: 'finance', worker: 'ann', capabilities: ['mail:*'] }, ({ payload }) => {
      seen.push(payload)
    })

    const task = await room.add({ kind: 'k', capabilities: ['mail:send'], payload: 'hello' })

    expect(task).toMatchObject({ state: 'claimed', holder: ANN, token: 1, attempt: 1 })
    expect(seen).toEqual(['hello'])
  })

  it('keeps a waiting worker in line when the task is refused', async () => {
    const room = await rig().open()
    await room.add({ id: 'one', kind: 'k', notBefore: rig().clock.in(60_000) })
    const claiming = room.claim(ANN)

    const answers = await Promise.allSettled([room.add({ id: 'two', kind: 'k' }), room.add({ id: 'two', kind: 'k' })])
    const claim = await claiming

    expect(answers.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
    expect(claim?.task.id).toBe('two')
  })
})

describeRoom('back-pressure', (rig) => {
  it('lets an add wait for room, first come first', async () => {
    const room = await rig().open({ maxUnfinished: 2 })
    await room.add([{ kind: 'k' }, { kind: 'k' }])
    const order: string[] = []
    const third = room.add({ id: 'third', kind: 'k' }).then(({ id }) => order.push(id))
    const fourth = room.add({ id: 'fourth', kind: 'k' }).then(({ id }) => order.push(id))
    await settle()
    expect(order).toEqual([])

    for (let round = 0; round < 2; round++) {
      const { task, token } = taken(await room.claim(ANN))
      await room.complete(task.id, token)
    }
    await Promise.all([third, fourth])

    expect(order).toEqual(['third', 'fourth'])
  })

  it('ends the waiting with an error when there is no room in time', async () => {
    const room = await rig().open({ maxUnfinished: 1 })
    await room.add({ kind: 'k' })
    const adding = room.add({ kind: 'k' }).catch((thrown) => thrown)

    await rig().clock.advance(9_999)
    expect(await Promise.race([adding, 'still waiting'])).toBe('still waiting')
    await rig().clock.advance(1)

    expect(await adding).toMatchObject({ code: 'IF_ERR_TIMEOUT', details: { limit: 1 } })
  })

  it('can be aborted, and frees the place in line', async () => {
    const room = await rig().open({ maxUnfinished: 2 })
    await room.add({ kind: 'k' })
    const leaving = new AbortController()
    const two = room.add([{ kind: 'k' }, { kind: 'k' }], { signal: leaving.signal }).catch((thrown) => thrown)
    const one = room.add({ id: 'one', kind: 'k' })
    await settle()

    leaving.abort()

    expect(await two).toMatchObject({ code: 'IF_ERR_CANCELLED' })
    expect((await one).id).toBe('one')
  })

  it('lets a list in that is longer than the limit when nothing else is there', async () => {
    const room = await rig().open({ maxUnfinished: 1 })

    const tasks: Task[] = await room.add([{ kind: 'k' }, { kind: 'k' }, { kind: 'k' }])

    expect(tasks).toHaveLength(3)
  })

  it('ends with the room when that is closed', async () => {
    const room = await rig().open({ maxUnfinished: 1 })
    await room.add({ kind: 'k' })
    const adding = room.add({ kind: 'k' }).catch((thrown) => thrown)
    await settle()

    await room.close()

    expect(await adding).toMatchObject({ code: 'IF_ERR_STORE_UNAVAILABLE' })
    expect(rig().clock.sleeping).toBe(0)
  })
})
