import { once } from 'node:events'
import { describe, expect, it } from 'vitest'
import { FabricError, systemClock } from '../../../src/foundation/index.ts'
import type { Fence } from '../../../src/pipeline/index.ts'
import { watchLease } from '../../../src/pipeline/lease-watch.ts'
import { openMemoryStore } from '../../../src/store/index.ts'

const now = () => systemClock.monotonic()

/** A claim whose commits end as told. */
const fenceThat = (commit: () => Promise<number>): Fence => ({
  claim: { task: 'talk', token: 7 },
  swarm: undefined,
  check: async () => undefined,
  commit: async (make) => {
    const heldUntil = await commit()
    return { committed: await make({ key: 'task', value: null, expect: 'any' }), heldUntil }
  },
})

const store = await openMemoryStore()

const watch = (fence: Fence, forMs: number) => watchLease({ store, clock: systemClock }, fence, now() + forMs)

describe('the lease under an answer that streams', () => {
  it('is kept up as long as the claim stands', async () => {
    let renewals = 0
    const fence = fenceThat(async () => {
      renewals += 1
      return now() + 2_000
    })

    const lease = watch(fence, 2_000)
    await expect.poll(() => renewals, { timeout: 10_000 }).toBeGreaterThan(2)

    expect(lease.over.aborted).toBe(false)
    lease.end()
  })

  it('ends at once when the claim has ended', async () => {
    const lost = new FabricError('IF_ERR_CLAIM_LOST', 'somebody else has it')
    const lease = watch(
      fenceThat(() => Promise.reject(lost)),
      60_000,
    )
    const short = watch(
      fenceThat(() => Promise.reject(lost)),
      400,
    )

    await once(short.over, 'abort')

    expect(short.over.reason).toBe(lost)
    expect(lease.over.aborted).toBe(false) // it has not asked yet
    lease.end()
    short.end()
  })

  it('ends when its time is over and the store does not say', async () => {
    const lease = watch(
      fenceThat(() => new Promise(() => undefined)),
      250,
    )

    await once(lease.over, 'abort')

    expect(lease.over.reason).toMatchObject({
      code: 'IF_ERR_TIMEOUT',
      message: 'the lease of token 7 of task talk ended while the answer streamed',
    })
    lease.end()
  })

  it('asks no more once the answer has ended', async () => {
    let renewals = 0
    const lease = watch(
      fenceThat(async () => {
        renewals += 1
        return now() + 200
      }),
      200,
    )

    lease.end()
    await systemClock.sleep(300)

    expect(renewals).toBe(0)
    expect(lease.over.aborted).toBe(false)
  })
})
