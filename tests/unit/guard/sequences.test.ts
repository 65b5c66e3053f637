import fc from 'fast-check'
import { beforeEach, describe, expect, it } from 'vitest'
import { type Action, type EndedAction, openSequences, type Sequences, withPlanned } from '../../../src/guard/index.ts'
import type { Store } from '../../../src/store/index.ts'
import { DEATH, openPrefixStore } from '../governor/prefix-store.ts'
import { AGENT, ANA, entriesOf, movedClock, openLoggedStore } from './logged-store.ts'

const DAY = 24 * 3_600_000
const WHY = { actor: ANA, session: 'a', why: 'looked through it' }

let clock: ReturnType<typeof movedClock>
let store: Store
let sequences: Sequences

beforeEach(async () => {
  clock = movedClock()
  store = await openLoggedStore()
  sequences = openSequences({ store, clock, spentOf: async () => 42 })
})

const PRIVATE = { reads: 'private', returns: 'trusted', sends: 'none' } as const
const UNTRUSTED = { reads: 'public', returns: 'untrusted', sends: 'none' } as const
const BOTH = { reads: 'private', returns: 'untrusted', sends: 'none' } as const
const NEITHER = { reads: 'public', returns: 'trusted', sends: 'external' } as const

const read = (labels: Action['labels'], to = 'C1', change: Partial<EndedAction> = {}): EndedAction => ({
  session: 's',
  actor: AGENT,
  step: 'look',
  instance: 'slack',
  operation: 'message.list',
  labels,
  input: { to },
  ...change,
})

const SEND = { instance: 'slack', operation: 'message.send', input: { to: 'C1', text: 'Done.' } }

const factsOf = (owner: { session: string; swarm?: string } = { session: 's' }, action = SEND) =>
  sequences.facts({ ...owner, ...action })

describe('what a session has touched', () => {
  it('is nothing at first', async () => {
    expect(await factsOf()).toEqual({
      private: false,
      untrusted: false,
      outwardAnswers: false,
      spentMicroUsd: 42,
      legs: [],
    })
  })

  it('is told by the labels of what it did, with the entries of the log', async () => {
    const first = await sequences.touch(read(PRIVATE, 'C1', { instance: 'crm', operation: 'customer.get' }))
    const second = await sequences.touch(read(UNTRUSTED))
    await first?.placed(17)
    await second?.placed(23)

    expect(await factsOf()).toMatchObject({
      private: true,
      untrusted: true,
      legs: [
        { leg: 'private', seq: 17, instance: 'crm', operation: 'customer.get' },
        { leg: 'untrusted', seq: 23, instance: 'slack', operation: 'message.list' },
      ],
    })
    expect(await factsOf({ session: 'other' })).toMatchObject({ private: false, untrusted: false })
  })

  it('counts before its entry in the log is known', async () => {
    await sequences.touch(read(BOTH))

    expect(await factsOf()).toMatchObject({ private: true, untrusted: true, legs: [{ seq: -1 }, { seq: -1 }] })
  })

  it('is not changed by what neither reads private nor returns what strangers wrote', async () => {
    expect(await sequences.touch(read(NEITHER))).toBeUndefined()
    expect(await factsOf()).toMatchObject({ private: false, untrusted: false })
  })

  it('is written once, however often the same is read', async () => {
    await sequences.touch(read(BOTH))
    const before = await store.range('taint')

    for (let time = 0; time < 50; time++) expect(await sequences.touch(read(BOTH))).toBeUndefined()

    expect(await store.range('taint')).toEqual(before)
  })

  it('stays small, however much is read', async () => {
    for (let at = 0; at < 300; at++) await sequences.touch(read(BOTH, `C${at}`, { step: `step-${at}` }))

    const view = await sequences.show({ session: 's' })
    expect(view.private.map(({ step }) => step)).toEqual(
      [0, 1, 2, 295, 296, 297, 298, 299].map((number) => `step-${number}`),
    )
    expect(JSON.stringify(await store.range('taint')).length).toBeLessThan(8_000)
  })

  it('survives steps that end at the same moment', async () => {
    const labels = [PRIVATE, UNTRUSTED]

    await Promise.all([...Array(20).keys()].map((at) => sequences.touch(read(labels[at % 2] ?? BOTH, `C${at}`))))

    expect(await factsOf()).toMatchObject({ private: true, untrusted: true })
  })
})

describe('an action that answers', () => {
  it('is one as long as everything private came from there', async () => {
    await sequences.touch(read(BOTH, 'C1'))
    const before = await factsOf()
    await sequences.touch(read(PRIVATE, 'C1', { instance: 'crm', operation: 'customer.get', input: { id: '7' } }))

    expect(before.outwardAnswers).toBe(true)
    expect((await factsOf()).outwardAnswers).toBe(false)
  })

  it('is none any more after a second conversation, in whatever order', async () => {
    await sequences.touch(read(BOTH, 'C2'))
    await sequences.touch(read(BOTH, 'C1'))

    expect((await factsOf()).outwardAnswers).toBe(false)
  })

  it("is judged by where strangers' words came from while nothing private was read", async () => {
    await sequences.touch(read(UNTRUSTED, 'C1'))

    expect(await factsOf()).toMatchObject({ private: false, outwardAnswers: true })
  })

  it('never is one that leaves where some of the private data came from nowhere it could answer to', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom('C1', 'C2', undefined), { minLength: 1, maxLength: 12 }),
        async (rooms) => {
          const own = openSequences({ store: await openLoggedStore(), clock, spentOf: async () => 0 })

          for (const room of rooms)
            await own.touch(read(PRIVATE, '', { input: room === undefined ? { id: '1' } : { to: room } }))

          const { outwardAnswers } = await own.facts({ session: 's', ...SEND })
          expect(outwardAnswers).toBe(rooms.every((room) => room === 'C1'))
        },
      ),
      { numRuns: 80, seed: 3 },
    )
  })
})

describe('a swarm', () => {
  it('shares what its sessions touch', async () => {
    await sequences.touch(read(PRIVATE, 'C1', { session: 'one', swarm: 'desk' }))
    await sequences.touch(read(UNTRUSTED, 'C9', { session: 'two', swarm: 'desk' }))

    expect(await factsOf({ session: 'three', swarm: 'desk' })).toMatchObject({ private: true, untrusted: true })
    expect(await factsOf({ session: 'three' })).toMatchObject({ private: false })
    expect(await factsOf({ session: 'three', swarm: 'night' })).toMatchObject({ private: false })
  })

  it('is not left by leaving its name out', async () => {
    await sequences.touch(read(PRIVATE, 'C1', { session: 'one', swarm: 'desk' }))
    await sequences.touch(read(UNTRUSTED, 'C9', { session: 'two', swarm: 'desk' }))

    expect(await factsOf({ session: 'two' })).toMatchObject({ private: true, untrusted: true })
    expect((await sequences.show({ session: 'two' })).swarms).toEqual(['desk'])
  })

  it('is not forgotten by a session of very many of them', async () => {
    await sequences.touch(read(PRIVATE, 'C1', { swarm: 'swarm-0' }))
    for (let at = 1; at < 40; at++) await sequences.touch(read(UNTRUSTED, 'C9', { swarm: `swarm-${at}` }))

    const view = await sequences.show({ session: 's' })
    expect(view.swarms).toHaveLength(32)
    expect(view.private).toHaveLength(1)
  })

  it('is not mixed up with a session of the same name', async () => {
    await sequences.touch(read(PRIVATE, 'C1', { session: 'desk' }))

    expect(await factsOf({ session: 'x', swarm: 'desk' })).toMatchObject({ private: false })
  })
})

describe('clearing', () => {
  it('is for persons with a reason, and witnessed with what it cleared', async () => {
    await (await sequences.touch(read(BOTH)))?.placed(5)

    await sequences.clear({ session: 's' }, WHY)

    expect(await factsOf()).toMatchObject({ private: false, untrusted: false, legs: [] })
    expect(await entriesOf(store)).toMatchObject([
      {
        kind: 'session.clear',
        actor: ANA,
        why: 'looked through it',
        detail: { session: 's', private: [5], untrusted: [5] },
      },
    ])
  })

  it('of a swarm clears its sessions', async () => {
    await sequences.touch(read(BOTH, 'C1', { swarm: 'desk' }))

    await sequences.clear({ swarm: 'desk' }, WHY)

    expect(await factsOf({ session: 's', swarm: 'desk' })).toMatchObject({ private: false })
  })

  it.each([
    ['an agent', { ...WHY, actor: AGENT }, 'IF_ERR_APPROVAL_FORBIDDEN'],
    ['who gives no reason', { ...WHY, why: ' ' }, 'IF_ERR_INVALID_INPUT'],
  ])('is refused to %s, which the log tells', async (_who, by, code) => {
    await sequences.touch(read(BOTH))

    await expect(sequences.clear({ session: 's' }, by)).rejects.toMatchObject({ code })

    expect(await factsOf()).toMatchObject({ private: true })
    expect(await entriesOf(store)).toMatchObject([{ kind: 'session.refused', actor: by.actor, detail: { code } }])
  })

  it('finds nothing where nothing was touched', async () => {
    await expect(sequences.clear({ session: 'nobody' }, WHY)).rejects.toMatchObject({ code: 'IF_ERR_NOT_FOUND' })
  })
})

describe('forgetting', () => {
  it('takes the sessions that have long touched nothing, and never swarms', async () => {
    await sequences.touch(read(BOTH, 'C1', { session: 'old' }))
    await sequences.touch(read(BOTH, 'C1', { session: 'busy' }))
    await sequences.touch(read(BOTH, 'C1', { session: 'member', swarm: 'desk' }))
    clock.pass(20 * DAY)
    await sequences.touch(read(BOTH, 'C1', { session: 'busy' }))

    expect(await sequences.sweep(clock.now() - 10 * DAY)).toBe(2)

    expect(await factsOf({ session: 'old' })).toMatchObject({ private: false })
    expect(await factsOf({ session: 'busy' })).toMatchObject({ private: true })
    expect(await factsOf({ session: 'x', swarm: 'desk' })).toMatchObject({ private: true })
  })
})

it('a process that dies in the middle of a touch has either told it or not got its result', async () => {
  for (const writes of [0, 1, 2]) {
    const prefix = await openPrefixStore()
    const own = openSequences({ store: prefix, clock, spentOf: async () => 0 })
    prefix.dieAfter(writes)
    const touched = await own.touch(read(BOTH, 'C1', { swarm: 'desk' })).then(
      () => true,
      (thrown: unknown) => thrown !== DEATH,
    )
    prefix.dieAfter(undefined)

    const facts = await own.facts({ session: 's', swarm: 'desk', ...SEND })

    expect(touched).toBe(writes === 2)
    if (touched) expect(facts.private).toBe(true)
    await own.touch(read(BOTH, 'C1', { swarm: 'desk' }))
    expect(await own.facts({ session: 's', ...SEND })).toMatchObject({ private: true, untrusted: true })
  }
})

describe('the facts of a step in a plan', () => {
  const CLEAN = { private: false, untrusted: false, outwardAnswers: false, spentMicroUsd: 0, legs: [] }
  const step = (labels: Action['labels'], to: string) => ({
    instance: 'slack',
    operation: 'message.list',
    labels,
    input: { to },
  })

  it('are those of the session where no earlier step touches anything', () => {
    expect(withPlanned(CLEAN, SEND, [step(NEITHER, 'C1')])).toBe(CLEAN)
  })

  it.each([
    ['answers where the one earlier step reads', CLEAN, [step(BOTH, 'C1')], true],
    ['does not answer where another step reads elsewhere', CLEAN, [step(BOTH, 'C1'), step(PRIVATE, 'C2')], false],
    ['answers although strangers were read elsewhere', CLEAN, [step(PRIVATE, 'C1'), step(UNTRUSTED, 'C2')], true],
    [
      'does not answer in a session that has read elsewhere before',
      { ...CLEAN, private: true },
      [step(BOTH, 'C1')],
      false,
    ],
    [
      'answers in a session that has read there before',
      { ...CLEAN, private: true, outwardAnswers: true },
      [step(BOTH, 'C1')],
      true,
    ],
  ])('%s', (_title, facts, earlier, outwardAnswers) => {
    expect(withPlanned(facts, SEND, earlier)).toMatchObject({ private: true, outwardAnswers })
  })
})
