import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type ApprovalNeed, type ApprovalRecord, needsOf, openApprovals } from '../../../src/guard/index.ts'
import { AGENT, ANA, BEN, CAT, entriesOf, HOUR, movedClock, openLoggedStore } from './logged-store.ts'

const PLAN = 'cd'.repeat(32)
const DAN = 'if://person/dan'
const GROUPS = { finance: [ANA, BEN, CAT], legal: [CAT, DAN] }

async function openDesk(options: { approvers?: readonly string[]; onRequest?: (record: ApprovalRecord) => void } = {}) {
  const clock = movedClock()
  const store = await openLoggedStore()
  const approvals = openApprovals({ approvers: undefined, ...options, groups: GROUPS, store, clock })
  return {
    approvals,
    clock,
    store,
    ask: (needs?: ApprovalNeed[], requestedBy = AGENT) =>
      approvals.request({
        plan: PLAN,
        requestedBy,
        expiresAt: new Date(clock.now() + HOUR).toISOString(),
        summary: 'a refund',
        ...(needs ? { needs } : {}),
      }),
    yes: (actor: string) => approvals.decide(PLAN, 'granted', { actor, session: `s-${actor}`, why: 'fine' }),
    no: (actor: string) => approvals.decide(PLAN, 'denied', { actor, session: 's', why: 'not today' }),
  }
}

describe('an approval of several', () => {
  it('is granted by the last yes that is needed, and each yes is in the log', async () => {
    const { approvals, store, ask, yes } = await openDesk()
    await ask([{ of: 'finance', count: 2 }])

    const first = await yes(ANA)
    const early = await approvals.use(PLAN)
    const second = await yes(BEN)

    expect(first).toMatchObject({ state: 'waiting', yes: [{ by: ANA, why: 'fine' }] })
    expect(early).toBeUndefined()
    expect(second).toMatchObject({ state: 'granted', decidedBy: BEN, yes: [{ by: ANA }, { by: BEN }] })
    expect(await approvals.use(PLAN)).toMatchObject({ value: { state: 'used' } })
    expect(await entriesOf(store)).toMatchObject([
      { kind: 'approval.grant', actor: ANA, plan: PLAN, detail: { state: 'waiting', needs: '2 of finance' } },
      { kind: 'approval.grant', actor: BEN, plan: PLAN, detail: { state: 'granted' } },
    ])
  })

  it('counts nobody twice', async () => {
    const { ask, yes, approvals } = await openDesk()
    await ask([{ of: 'finance', count: 2 }])
    await yes(ANA)

    await expect(yes(ANA)).rejects.toMatchObject({
      code: 'IF_ERR_CONFLICT',
      retryable: false,
      hint: expect.stringContaining('2 of finance'),
    })
    expect((await approvals.get(PLAN))?.yes).toHaveLength(1)
  })

  it('counts two who say yes at the same moment', async () => {
    const { approvals, ask, yes } = await openDesk()
    await ask([{ of: 'finance', count: 2 }])

    await Promise.all([yes(ANA), yes(CAT)])

    expect(await approvals.get(PLAN)).toMatchObject({ state: 'granted' })
  })

  it('counts a yes for every group that its giver is in', async () => {
    const { ask, yes } = await openDesk()
    await ask([
      { of: 'finance', count: 2 },
      { of: 'legal', count: 1 },
    ])

    expect((await yes(ANA)).state).toBe('waiting')
    expect((await yes(CAT)).state).toBe('granted')
  })

  it('is ended by one no, also of somebody who said yes', async () => {
    const { ask, yes, no, approvals } = await openDesk()
    await ask([{ of: 'finance', count: 2 }])
    await yes(ANA)

    expect(await no(ANA)).toMatchObject({ state: 'denied', decidedBy: ANA, why: 'not today' })
    await expect(yes(BEN)).rejects.toMatchObject({ code: 'IF_ERR_CONFLICT' })
    expect(await approvals.use(PLAN)).toBeUndefined()
  })

  it('takes neither yes nor no of who is in none of the groups', async () => {
    const { ask, yes, no } = await openDesk()
    await ask([{ of: 'finance', count: 1 }])

    await expect(yes(DAN)).rejects.toMatchObject({
      code: 'IF_ERR_APPROVAL_FORBIDDEN',
      hint: `Approvers: ${GROUPS.finance.join(', ')}.`,
    })
    await expect(no(DAN)).rejects.toMatchObject({ code: 'IF_ERR_APPROVAL_FORBIDDEN' })
  })

  it('never counts who asked in a group of named people', async () => {
    const { ask, yes, approvals } = await openDesk()
    await ask([{ of: 'finance', count: 2 }], ANA)

    await expect(yes(ANA)).rejects.toMatchObject({ message: expect.stringContaining('asked for it') })
    expect(() => approvals.check(ANA, { requestedBy: ANA, needs: [{ of: 'finance', count: 1 }] })).toThrow()
    expect(() => approvals.check(BEN, { requestedBy: ANA, needs: [{ of: 'finance', count: 1 }] })).not.toThrow()
  })

  it('is refused at once where nobody could ever grant it', async () => {
    const { ask, approvals } = await openDesk()

    await expect(ask([{ of: 'finanse', count: 1 }])).rejects.toMatchObject({
      code: 'IF_ERR_APPROVAL_FORBIDDEN',
      hint: expect.stringContaining('finance'),
    })
    await expect(ask([{ of: 'constructor', count: 1 }])).rejects.toMatchObject({ code: 'IF_ERR_APPROVAL_FORBIDDEN' })
    await expect(ask([{ of: 'legal', count: 2 }], CAT)).rejects.toMatchObject({
      message: expect.stringContaining('besides who asks there is 1'),
    })
    await expect(ask([{ of: 'finance', count: 4 }])).rejects.toMatchObject({
      message: expect.stringContaining('there are 3'),
    })
    await expect(ask([{ of: 'finance', count: 1.5 }])).rejects.toMatchObject({ code: 'IF_ERR_INVALID_INPUT' })
    expect(await approvals.list()).toEqual([])
  })

  it('may need several of all persons on a home of one', async () => {
    const { ask, yes } = await openDesk()
    await ask([{ of: 'approvers', count: 2 }], ANA)

    expect((await yes(ANA)).state).toBe('waiting')
    expect((await yes(DAN)).state).toBe('granted')
  })

  it('is granted exactly when every group has its number of different people, whoever asked left out', async () => {
    const people = [ANA, BEN, CAT, DAN]
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...people, AGENT),
        fc.shuffledSubarray(people),
        fc.integer({ min: 1, max: 2 }),
        async (requestedBy, order, count) => {
          const { ask, yes, approvals } = await openDesk()
          await ask([{ of: 'finance', count }], requestedBy)

          for (const person of order) await yes(person).catch(() => undefined)

          const counted = order.filter((person) => person !== requestedBy && GROUPS.finance.includes(person))
          expect((await approvals.get(PLAN))?.state).toBe(counted.length >= count ? 'granted' : 'waiting')
        },
      ),
      { numRuns: 60, seed: 7 },
    )
  })
})

it('a verdict needs, of each group, the most that any of its rules asks for', () => {
  const ask = { decision: 'ask' } as const

  expect(
    needsOf([
      ask,
      { ...ask, approvers: 'finance' },
      { ...ask, approvers: 'finance', needed: 2 },
      { decision: 'allow', approvers: 'legal' },
    ]),
  ).toEqual([
    { of: 'approvers', count: 1 },
    { of: 'finance', count: 2 },
  ])
})

describe('an attempt that is refused', () => {
  it.each([
    ['by an agent', AGENT, 'IF_ERR_APPROVAL_FORBIDDEN'],
    ['by who is not named', DAN, 'IF_ERR_APPROVAL_FORBIDDEN'],
    ['by what is no address', 'root', 'IF_ERR_INVALID_INPUT'],
  ])('%s is in the log', async (_title, actor, code) => {
    const { store, ask, yes } = await openDesk({ approvers: [ANA] })
    await ask()

    await expect(yes(actor)).rejects.toMatchObject({ code })

    expect(await entriesOf(store)).toMatchObject([
      { kind: 'approval.refused', actor, plan: PLAN, why: 'fine', outcome: 'refused', detail: { code } },
    ])
  })

  it('because it was decided before is in the log, once for each try', async () => {
    const { store, ask, yes } = await openDesk()
    await ask()
    await yes(ANA)

    await expect(yes(BEN)).rejects.toMatchObject({ code: 'IF_ERR_CONFLICT' })
    await expect(yes(BEN)).rejects.toMatchObject({ code: 'IF_ERR_CONFLICT' })

    expect((await entriesOf(store)).map(({ kind }) => kind)).toEqual([
      'approval.grant',
      'approval.refused',
      'approval.refused',
    ])
  })

  it('because the plan has expired is in the log', async () => {
    const { store, clock, ask, yes } = await openDesk()
    await ask()
    clock.pass(HOUR)

    await expect(yes(ANA)).rejects.toMatchObject({ code: 'IF_ERR_PLAN_EXPIRED' })

    expect(await entriesOf(store)).toMatchObject([{ detail: { code: 'IF_ERR_PLAN_EXPIRED' } }])
  })

  it('because nobody asked for it is in the log, also with a digest that is none', async () => {
    const { approvals, store, yes } = await openDesk()

    await expect(yes(ANA)).rejects.toMatchObject({ code: 'IF_ERR_NOT_FOUND' })
    await expect(approvals.decide('../forged', 'granted', { actor: ANA, session: 's' })).rejects.toMatchObject({
      code: 'IF_ERR_NOT_FOUND',
    })

    expect(await entriesOf(store)).toMatchObject([
      { kind: 'approval.refused', plan: PLAN },
      { kind: 'approval.refused', detail: { code: 'IF_ERR_NOT_FOUND', reference: '../forged' } },
    ])
  })

  it('to use it a second time, or after it expired, is in the log', async () => {
    const { approvals, store, clock, ask, yes } = await openDesk()
    const by = { actor: AGENT, session: 's' }
    await ask()
    await yes(ANA)
    const use = await approvals.use(PLAN, by)
    await store.commit(use ? [use] : [])

    expect(await approvals.use(PLAN, by)).toBeUndefined()
    await ask()
    await yes(ANA)
    clock.pass(HOUR)
    expect(await approvals.use(PLAN, by)).toBeUndefined()

    expect(await entriesOf(store)).toMatchObject([
      { kind: 'approval.grant' },
      { kind: 'approval.refused', actor: AGENT, detail: { code: 'IF_ERR_CONFLICT' } },
      { kind: 'approval.grant' },
      { kind: 'approval.refused', actor: AGENT, detail: { code: 'IF_ERR_PLAN_EXPIRED' } },
    ])
  })
})

describe('a request', () => {
  it('is announced once, when it is on record', async () => {
    const heard: ApprovalRecord[] = []
    const { ask } = await openDesk({ onRequest: (record) => heard.push(record) })

    await Promise.all([ask(), ask()])
    await ask()

    expect(heard).toMatchObject([{ plan: PLAN, state: 'waiting' }])
  })
})
