import { describe, expect, it } from 'vitest'
import { FabricError } from '../../../src/foundation/index.ts'
import { commitUnder, doorUntil, type Fence, leaseOver, openFence } from '../../../src/pipeline/fence.ts'
import { cutByLease } from '../../../src/pipeline/refusals.ts'
import { openMemoryStore, type Store } from '../../../src/store/index.ts'
import { heldClock } from '../../support/held-clock.ts'

const CLAIM = { task: 't', token: 1 }

/** A task's record in a store: who holds it by its token, and a beat that the holder counts up. */
async function claimed(): Promise<{ store: Store; fence: Fence; beat(): Promise<void>; take(): Promise<void> }> {
  const store = await openMemoryStore({})
  type Task = { token: number; beat: number }
  await store.commit([{ key: 't', value: { token: 1, beat: 0 }, expect: 'absent' }])
  const change = async (by: (task: Task) => Task) => {
    const entry = await store.get<Task>('t')
    if (entry) await store.commit([{ key: 't', value: by(entry.value), expect: entry.revision }])
  }
  const fence = openFence(CLAIM, async ({ token }) => {
    const entry = await store.get<Task>('t')
    if (!entry) throw new FabricError('IF_ERR_NOT_FOUND', 'there is no task t')
    if (entry.value.token !== token) throw new FabricError('IF_ERR_CLAIM_LOST', 'another holds it')
    return {
      write: { key: 't', value: { ...entry.value, beat: entry.value.beat + 1 }, expect: entry.revision },
      heldUntil: 100,
    }
  })
  return {
    store,
    fence,
    beat: () => change((task) => ({ ...task, beat: task.beat + 1 })),
    take: () => change((task) => ({ ...task, token: task.token + 1 })),
  }
}

describe('a commit under a fence', () => {
  it('is made together with the condition, and tells until when the claim is held', async () => {
    const { store, fence } = await claimed()

    const { committed, heldUntil } = await fence.commit((condition) =>
      store.commit([condition, { key: 'a', value: 1, expect: 'absent' }]),
    )

    expect(heldUntil).toBe(100)
    expect(committed.revisions).toHaveLength(2)
    expect((await store.get('t'))?.value).toEqual({ token: 1, beat: 1 })
  })

  it('is made again where the holder gave a sign of life in between', async () => {
    const { store, fence, beat } = await claimed()
    let tries = 0

    await fence.commit(async (condition) => {
      if (++tries < 3) await beat()
      return store.commit([condition, { key: 'a', value: tries, expect: 'absent' }])
    })

    expect((await store.get('a'))?.value).toBe(3)
  })

  it('is refused where the claim moved in between, and leaves nothing', async () => {
    const { store, fence, take } = await claimed()

    const late = fence.commit(async (condition) => {
      await take()
      return store.commit([condition, { key: 'a', value: 1, expect: 'absent' }])
    })

    await expect(late).rejects.toMatchObject({ code: 'IF_ERR_CLAIM_LOST' })
    expect(await store.get('a')).toBeUndefined()
  })

  it('is refused where the task is gone', async () => {
    const { store, fence } = await claimed()
    await store.commit([{ key: 't', value: undefined, expect: 'any' }])

    await expect(fence.commit((condition) => store.commit([condition]))).rejects.toMatchObject({
      code: 'IF_ERR_CLAIM_LOST',
      message: 'task t is gone, and every claim of it',
    })
    await expect(fence.check()).rejects.toMatchObject({ code: 'IF_ERR_NOT_FOUND' })
  })

  it('that conflicts elsewhere fails as it is, and the next one goes on', async () => {
    const { store, fence } = await claimed()
    const wrong = fence.commit((condition) => store.commit([condition, { key: 'a', value: 1, expect: 7 }]))
    const right = fence.commit((condition) => store.commit([condition, { key: 'a', value: 2, expect: 'absent' }]))

    await expect(wrong).rejects.toMatchObject({ code: 'IF_ERR_CONFLICT', details: { key: 'a' } })
    await right
    expect((await store.get('a'))?.value).toBe(2)
  })

  it('waits for the one before, so that many at once don’t push each other aside', async () => {
    const { store, fence } = await claimed()
    let made = 0

    await Promise.all(
      Array.from({ length: 50 }, (_, at) =>
        fence.commit((condition) => {
          made++
          return store.commit([condition, { key: `k${at}`, value: at, expect: 'absent' }])
        }),
      ),
    )

    expect(made).toBe(50)
    expect((await store.get('t'))?.value).toEqual({ token: 1, beat: 50 })
  })

  it('gives up on a record that never stands still', async () => {
    const { store, fence, beat } = await claimed()

    const restless = fence.commit(async (condition) => {
      await beat()
      return store.commit([condition])
    })

    await expect(restless).rejects.toMatchObject({ code: 'IF_ERR_CONFLICT' })
  })

  it('without a fence is a plain one', async () => {
    const { store } = await claimed()

    const { committed, heldUntil } = await commitUnder(undefined, (conditions) =>
      store.commit([...conditions, { key: 'a', value: 1, expect: 'absent' }]),
    )

    expect(committed.revisions).toHaveLength(1)
    expect(heldUntil).toBeUndefined()
  })
})

describe('the door of a claim', () => {
  const sent: string[] = []
  const door = {
    send: async (_request: unknown, options: { beforeSend?: () => void }) => {
      options.beforeSend?.()
      sent.push('request')
      return { response: { status: 200, headers: {}, body: new Uint8Array(), text: '' }, attempts: [] }
    },
    stream: async (_request: unknown, options: { beforeSend?: () => void }) => {
      options.beforeSend?.()
      sent.push('stream')
      return {
        kind: 'stream' as const,
        status: 200,
        headers: {},
        chunks: (async function* () {})(),
        attempts: [],
      }
    },
    connect: async () => ({
      send: () => void sent.push('message'),
      messages: (async function* () {})(),
      close: async () => void sent.push('close'),
    }),
    close: async () => void sent.push('closed'),
  }
  const request = { method: 'GET', url: 'https://a.example/', headers: {}, slots: [] }
  const options = {
    route: { method: 'GET', origins: ['https://a.example'], path: '/' },
    secrets: { open: () => Promise.reject(new Error('none')) },
    allowPrivate: false,
    retry: { attempts: 1, backoffSeconds: [], repeatable: false },
    timeoutMs: 1_000,
  }

  it('lets out what leaves while the claim is held, and nothing afterwards', async () => {
    const clock = heldClock()
    const held = doorUntil(door, clock, { claim: CLAIM, heldUntil: 100 })

    await held.send(request, options)
    await held.stream(request, options)
    const socket = await held.connect(request, options)
    socket.send({ type: 'on' })
    clock.pass(100)

    await expect(held.send(request, options)).rejects.toMatchObject(leaseOver(CLAIM))
    await expect(held.stream(request, options)).rejects.toMatchObject({ code: 'IF_ERR_CLAIM_LOST' })
    expect(() => socket.send({ type: 'off' })).toThrow('ran out before the request left')
    await expect(held.connect(request, options)).rejects.toMatchObject({ code: 'IF_ERR_CLAIM_LOST' })
    await socket.close()
    await held.close()
    expect(sent).toEqual(['request', 'stream', 'message', 'close', 'closed'])
  })
})

describe('a call that was cut at the end of the lease', () => {
  it('says so, and what to do', () => {
    const timeout = new FabricError('IF_ERR_TIMEOUT', 'a.example: no complete answer within 80 ms', {
      details: { outcome: 'unknown' },
    })

    expect(cutByLease(timeout, CLAIM)).toMatchObject({
      code: 'IF_ERR_TIMEOUT',
      message: 'a.example: no complete answer within 80 ms: the lease of task t ended',
      hint: expect.stringContaining('longer lease'),
      details: { outcome: 'unknown' },
    })
  })

  it('is no excuse for another failure', () => {
    const refused = new FabricError('IF_ERR_AUTH_FAILED', 'no')

    expect(cutByLease(refused, CLAIM)).toBe(refused)
  })
})
