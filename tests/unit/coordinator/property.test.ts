// Whatever several holders do through two coordinators on one store, in whatever order: the claims of a task follow each
// other, and nothing that was answered is taken back.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Claim, type Coordinator, openCoordinator, type Task } from '../../../src/coordinator/index.ts'
import { isFabricError } from '../../../src/foundation/index.ts'
import { openMemoryStore } from '../../../src/store/index.ts'
import { AT_ONCE, FakeClock, settle } from './rig.ts'

const HOLDERS = ['ann', 'bob', 'cem'].map((worker, at) => ({ swarm: at === 0 ? 'sales' : 'finance', worker }))
const WORDS = ['complete', 'fail', 'release', 'block', 'extend'] as const

type Step =
  | { do: 'add' }
  | { do: 'claim'; holder: number; room: number }
  | { do: 'claim-one'; holder: number; room: number; task: number }
  | { do: 'say'; word: (typeof WORDS)[number]; claim: number; room: number }
  | { do: 'unblock' | 'retry' | 'cancel'; task: number; room: number }
  | { do: 'heartbeat'; holder: number; room: number }
  | { do: 'wait'; ms: number }

const room = fc.nat(1)
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 2, arbitrary: fc.record({ do: fc.constant('add' as const) }) },
  { weight: 5, arbitrary: fc.record({ do: fc.constant('claim' as const), holder: fc.nat(2), room }) },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant('claim-one' as const), holder: fc.nat(2), room, task: fc.nat(9) }),
  },
  {
    weight: 6,
    arbitrary: fc.record({ do: fc.constant('say' as const), word: fc.constantFrom(...WORDS), claim: fc.nat(19), room }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constantFrom('unblock' as const, 'retry' as const, 'cancel' as const),
      task: fc.nat(9),
      room,
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('heartbeat' as const), holder: fc.nat(2), room }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.constantFrom(1, 999, 1_000, 30_000) }) },
)

class Model {
  readonly clock: FakeClock
  readonly rooms: readonly Coordinator[]
  readonly tasks: string[] = []
  readonly claims: Claim[] = []
  /** Accepted completions. */
  readonly ends: { task: string; token: number }[] = []

  constructor(rooms: readonly Coordinator[], clock: FakeClock) {
    this.rooms = rooms
    this.clock = clock
  }

  /** Makes a step; a refusal is an answer, anything else that is thrown is a fault. */
  async take(next: Step): Promise<void> {
    try {
      await this.#take(next)
    } catch (thrown) {
      const isRefusal = isFabricError(thrown) && ['IF_ERR_CLAIM_LOST', 'IF_ERR_CONFLICT'].includes(thrown.code)
      if (!isRefusal) throw thrown
    }
  }

  async #take(next: Step): Promise<void> {
    if (next.do === 'wait') return this.clock.advance(next.ms)
    const { rooms, tasks, claims } = this
    const chosen = rooms['room' in next ? next.room : 0] as Coordinator // there are two
    const task = 'task' in next ? tasks[next.task % Math.max(1, tasks.length)] : undefined
    const holder = 'holder' in next ? HOLDERS[next.holder] : undefined
    switch (next.do) {
      case 'add':
        tasks.push((await chosen.add({ kind: 'k', attempts: 2 })).id)
        return
      case 'claim': {
        const claim = holder && (await chosen.claim(holder, {}, AT_ONCE))
        if (claim) claims.push(claim)
        return
      }
      case 'claim-one':
        if (holder && task !== undefined) claims.push(await chosen.claim(holder, task))
        return
      case 'heartbeat':
        if (holder) await chosen.heartbeat(holder)
        return
      case 'say': {
        const claim = claims[next.claim % Math.max(1, claims.length)]
        if (claim) await this.#say(chosen, next.word, claim)
        return
      }
      default:
        if (task !== undefined) await chosen[next.do](task)
    }
  }

  async #say(chosen: Coordinator, word: (typeof WORDS)[number], { task: { id }, token }: Claim): Promise<void> {
    if (word === 'fail') await chosen.fail(id, token, 'no')
    else if (word === 'block') await chosen.block(id, token, { type: 'needs-answer', description: 'which?' })
    else await chosen[word](id, token)
    if (word === 'complete') this.ends.push({ task: id, token })
  }

  /** At any moment: of all the claims that were ever given, those that still stand are one per task. */
  async checkNow(): Promise<void> {
    const standing = new Map<string, string>()
    for (const { task, token, holder } of this.claims) {
      if (!(await this.#any().isCurrent(task.id, token))) continue
      const name = `${holder.worker} with ${token}`
      expect(standing.get(task.id) ?? name).toBe(name)
      standing.set(task.id, name)
    }
  }

  /** At the end: each history is one chain of claims, and the accepted ends are in it. */
  async checkHistories(): Promise<void> {
    const given = new Map<string, string>()
    for (const { task, token, holder } of this.claims) {
      const key = `${task.id} ${token}`
      expect(given.get(key) ?? holder.worker).toBe(holder.worker)
      given.set(key, holder.worker)
    }
    for (const id of this.tasks) {
      const task = await this.#any().get(id)
      checkChain(task)
      for (const end of this.ends.filter((other) => other.task === id))
        expect(task).toMatchObject({ state: 'done', token: end.token })
    }
    expect(await this.#any().list()).toHaveLength(this.tasks.length)
  }

  #any(): Coordinator {
    return this.rooms[0] as Coordinator // there are two
  }
}

function checkChain({ history }: Task): void {
  let token = 0
  let isHeld = false
  for (const { move, token: next } of history) {
    if (move === 'claim') {
      expect(isHeld).toBe(false)
      expect(next).toBeGreaterThan(token)
    } else expect(next).toBe(token)
    token = next
    isHeld = move === 'claim'
  }
}

describe('any sequence of requests', () => {
  it('never gives two live claims of one task, and tokens only grow', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.array(step, { minLength: 1, maxLength: 4 }), { maxLength: 25 }), async (rounds) => {
        const store = await openMemoryStore()
        const clock = new FakeClock()
        const open = () => openCoordinator({ store, clock, witness: 'none', random: () => 0.5 })
        const model = new Model([await open(), await open()], clock)

        for (const together of [[{ do: 'add' }, { do: 'add' }] satisfies Step[], ...rounds]) {
          await Promise.all(together.map((next) => model.take(next)))
          await model.checkNow()
        }
        await settle()
        await model.checkHistories()

        await Promise.all(model.rooms.map((each) => each.close()))
        await store.close()
      }),
      { numRuns: 60 },
    )
  })
})
