// A registered swarm as tests need one: fifteen dollars an hour, spotless, idle since the first of the month.
import type { SwarmProfile } from '../../../src/governor/index.ts'

export const profile = (
  swarm: string,
  capabilities: readonly string[],
  { usd = 15, ...rest }: Partial<SwarmProfile> & { usd?: number } = {},
): SwarmProfile => ({
  swarm,
  capabilities: [...capabilities],
  costPerHourMicroUsd: usd * 1_000_000,
  reputation: 1,
  budgetMicroUsd: null,
  load: { running: 0 },
  registeredAt: '2026-06-01T00:00:00.000Z',
  registeredBy: 'if://person/ana',
  updatedAt: '2026-06-01T00:00:00.000Z',
  ...rest,
})
