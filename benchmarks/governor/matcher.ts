// Who can help, among 10,000 swarms: one need that few have, one that thousands have, several that a team must cover; and
// the least-cost cover by itself.
import { performance } from 'node:perf_hooks'
import { matchOf, systemClock } from '../../src/foundation/index.ts'
import { leastCover } from '../../src/governor/cover.ts'
import type { CoverOption } from '../../src/governor/cover-search.ts'
import { openRegistry, RESOURCE_POLICIES, type SwarmProfile } from '../../src/governor/index.ts'
import { keyOf, openMemoryStore } from '../../src/store/index.ts'
import { seededChance } from '../../tests/support/chance.ts'
import { type Spread, spreadOf } from '../coordinator/figures.ts'

const PROFILES = 10_000
const QUESTIONS = 2_000
const SKILLS = 200

/** Prints percentiles of the questions, and the covers. */
export async function benchMatcher(): Promise<void> {
  const store = await openMemoryStore()
  const chance = seededChance(4)
  const profiles = Array.from({ length: PROFILES }, (_, at) => profileOf(at, chance))
  await store.commit(
    profiles.map((profile) => ({ key: keyOf('swarm-profile', profile.swarm), value: profile, expect: 'absent' })),
  )
  const registry = await openRegistry({ store, clock: systemClock })
  const policy = { ...RESOURCE_POLICIES.default, maxCostPerTaskMicroUsd: 1_000_000_000 }
  const skill = () => `skill:s${chance.between(0, SKILLS - 1)}`
  const loads: [string, () => string[], explain?: boolean][] = [
    ['1 need of about 150 swarms', () => [skill()]],
    ['5 needs, a team of 3', () => Array.from({ length: 5 }, skill)],
    ['10 needs, a team of 3', () => Array.from({ length: 10 }, skill)],
    ['1 need of about 3,300 swarms', () => [`common:c${chance.between(0, 2)}:detail`]],
    ['5 needs, every candidate explained', () => Array.from({ length: 5 }, skill), true],
  ]
  try {
    console.log(
      `who can help, ${PROFILES.toLocaleString('en-US')} profiles (µs; the processor's time where others use it too)`,
    )
    console.log(`  ${''.padEnd(36)}      p50      p99  cpu p50  cpu p99`)
    for (const [what, needsOf, explain = false] of loads) {
      const question = () => registry.findHelp({ needs: needsOf(), hours: 2, policy, explain })
      const { wall, processor } = measure(question)
      const figures = [wall.p50, wall.p99, processor.p50, processor.p99].map((us) => String(us).padStart(9)).join('')
      console.log(`  ${what.padEnd(36)}${figures}`)
    }
    console.log(`  ${'every profile matched, no index'.padEnd(36)}${String(scanning(profiles)).padStart(9)}`)
  } finally {
    registry.close()
    await store.close()
  }
  benchCovers()
}

function measure(work: () => unknown): { wall: Spread; processor: Spread } {
  for (let at = 0; at < QUESTIONS / 4; at++) work()
  const walls: number[] = []
  const processors: number[] = []
  for (let at = 0; at < QUESTIONS; at++) {
    const before = process.cpuUsage()
    const start = performance.now()
    work()
    walls.push(performance.now() - start)
    const { user, system } = process.cpuUsage(before)
    processors.push((user + system) / 1_000)
  }
  return { wall: spreadOf(walls), processor: spreadOf(processors) }
}

/** What the index saves: the match of each profile reckoned, nothing ranked. */
function scanning(profiles: readonly SwarmProfile[]): number {
  const needs = ['skill:s1', 'skill:s2', 'skill:s3', 'skill:s4', 'skill:s5']
  const times = Array.from({ length: 20 }, () => {
    const start = performance.now()
    profiles.filter(({ capabilities }) => matchOf(capabilities, needs) > 0)
    return performance.now() - start
  })
  return spreadOf(times).p50
}

function benchCovers(): void {
  console.log('least-cost cover of 16 needs by 6 at most (µs)')
  for (const count of [12, 24, 60, 200, 1_000]) {
    const chance = seededChance(count)
    const bit = () => 1 << chance.between(0, 15)
    const options: CoverOption[] = Array.from({ length: count }, () => ({
      mask: bit() | bit() | bit() | bit(),
      cost: chance.between(1, 1_000),
      penalty: 0,
    }))
    const limits = { minCovered: 12, maxMembers: 6, maxCost: 1_000_000 }
    let isProven = true
    const times = Array.from({ length: 5 }, () => {
      const start = performance.now()
      isProven = leastCover(options, limits).isProven
      return performance.now() - start
    })
    const { p50 } = spreadOf(times)
    console.log(
      `  ${`${count} candidates`.padEnd(36)} p50 ${String(p50).padStart(5)}   ${isProven ? 'proven' : 'not proven'}`,
    )
  }
}

function profileOf(at: number, chance: ReturnType<typeof seededChance>): SwarmProfile {
  const skills = Array.from({ length: 3 }, () => `skill:s${chance.between(0, SKILLS - 1)}`)
  return {
    swarm: `swarm-${at}`,
    capabilities: [...new Set([...skills, `common:c${at % 3}`])].sort(),
    costPerHourMicroUsd: chance.between(0, 100) * 1_000_000,
    reputation: chance.between(50, 100) / 100,
    budgetMicroUsd: null,
    load: { running: chance.between(0, 3), limit: 4 },
    registeredAt: '2026-06-01T00:00:00.000Z',
    registeredBy: 'if://person/bench',
    updatedAt: '2026-06-01T00:00:00.000Z',
  }
}
