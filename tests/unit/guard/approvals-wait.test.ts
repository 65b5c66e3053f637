import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { type Approvals, openApprovals } from '../../../src/guard/index.ts'
import type { Store } from '../../../src/store/index.ts'
import { AGENT, ANA, BEN, HOUR, movedClock, openLoggedStore } from './logged-store.ts'

const PLAN = 'ef'.repeat(32)

let clock: ReturnType<typeof movedClock>
let store: Store
let approvals: Approvals

beforeEach(async () => {
  clock = movedClock()
  store = await openLoggedStore()
  approvals = openApprovals({ store, clock, approvers: undefined, groups: { finance: [ANA, BEN] } })
  await approvals.request({
    plan: PLAN,
    requestedBy: AGENT,
    expiresAt: new Date(clock.now() + HOUR).toISOString(),
    summary: 'a refund',
    needs: [{ of: 'finance', count: 2 }],
  })
})

afterEach(() => store.close())

const decide = (actor: string, decision: 'granted' | 'denied' = 'granted') =>
  approvals.decide(PLAN, decision, { actor, session: 's', why: 'so' })

/** Started, and asleep until something happens. */
async function waiting(options?: Parameters<Approvals['wait']>[1]) {
  const ended = approvals.wait(PLAN, options)
  ended.catch(() => undefined) // asserted on later
  await vi.waitFor(() => expect(clock.sleepers).toBe(1))
  return { ended }
}

describe('waiting for an approval', () => {
  it('ends with the last yes that is needed', async () => {
    const { ended } = await waiting()
    await decide(ANA)
    await decide(BEN)

    expect(await ended).toMatchObject({ state: 'granted', decidedBy: BEN })
    expect(clock.sleepers).toBe(0)
  })

  it('ends at once where it is granted already', async () => {
    await decide(ANA)
    await decide(BEN)

    expect(await approvals.wait(PLAN)).toMatchObject({ state: 'granted' })
  })

  it('ends with who denied it and why', async () => {
    const { ended } = await waiting()
    await decide(ANA, 'denied')

    await expect(ended).rejects.toMatchObject({
      code: 'IF_ERR_APPROVAL_DENIED',
      message: expect.stringMatching(/ana denied plan .*: so/),
    })
  })

  it('ends when the plan expires', async () => {
    const { ended } = await waiting()
    clock.pass(HOUR)

    await expect(ended).rejects.toMatchObject({ code: 'IF_ERR_PLAN_EXPIRED' })
  })

  it('ends when the time is up, and the question stands', async () => {
    const { ended } = await waiting({ timeoutMs: 60_000 })
    clock.pass(60_000)

    await expect(ended).rejects.toMatchObject({ code: 'IF_ERR_APPROVAL_REQUIRED', exitCode: 9 })
    expect((await approvals.get(PLAN))?.state).toBe('waiting')
  })

  it('ends with the reason of the signal', async () => {
    const stop = new AbortController()
    const { ended } = await waiting({ signal: stop.signal })
    stop.abort(new Error('enough'))

    await expect(ended).rejects.toThrow('enough')
    await expect(approvals.wait(PLAN, { signal: AbortSignal.abort(new Error('never began')) })).rejects.toThrow(
      'never began',
    )
  })

  it('ends when the store is closed', async () => {
    const { ended } = await waiting()
    await store.close()

    await expect(ended).rejects.toMatchObject({ code: 'IF_ERR_STORE_UNAVAILABLE' })
  })

  it('is refused where nobody asked', async () => {
    await expect(approvals.wait('00'.repeat(32))).rejects.toMatchObject({ code: 'IF_ERR_NOT_FOUND' })
  })
})
