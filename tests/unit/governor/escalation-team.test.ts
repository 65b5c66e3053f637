import { expect, it } from 'vitest'
import { helpersFrom } from '../../../src/governor/escalation-team.ts'
import { openRegistry, RESOURCE_POLICIES } from '../../../src/governor/index.ts'
import { FakeClock } from '../coordinator/fake-clock.ts'
import { ANA } from './escalation-desk.ts'
import { openLoggedStore } from './logged-store.ts'

it('finds the team that costs least, without the swarm that is stuck, those asked before, and what is too dear by now', async () => {
  const store = await openLoggedStore()
  const registry = await openRegistry({ store, clock: new FakeClock() })
  for (const [swarm, capabilities, costPerHourUsd] of [
    ['desk', ['integration:*'], 0],
    ['sip', ['integration:sip'], 1],
    ['pbx', ['integration:pbx'], 2],
    ['all', ['integration:*'], 4],
  ] as const)
    await registry.register({ swarm, capabilities: [...capabilities], costPerHourUsd }, ANA)
  const find = helpersFrom({ registry, policy: () => RESOURCE_POLICIES.default, hours: 2 })
  const search = { task: 't1', blockedSwarm: 'desk', needs: ['integration:sip', 'integration:pbx'], heldMicroUsd: 0 }

  const team = await find({ ...search, exclude: [] })
  const next = await find({ ...search, exclude: ['sip', 'pbx'] })
  const late = await find({ ...search, exclude: ['sip', 'pbx'], heldMicroUsd: 9_000_000 })
  const none = await find({ ...search, exclude: ['sip', 'pbx', 'all'] })

  const bySwarm = [...team].sort((a, b) => (a.swarm < b.swarm ? -1 : 1))
  expect(bySwarm).toEqual([
    { swarm: 'pbx', covers: ['integration:pbx'], shareMicroUsd: 4_000_000 },
    { swarm: 'sip', covers: ['integration:sip'], shareMicroUsd: 2_000_000 },
  ])
  expect(next).toMatchObject([{ swarm: 'all', shareMicroUsd: 8_000_000 }])
  expect(late).toEqual([])
  expect(none).toEqual([])
  registry.close()
  await store.close()
})
