// One call, four ways to the same local provider in turn: bare undici, the engine, the whole pipeline, and the peer.
import { mkdtemp, open, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Pool } from 'undici'
import { perform } from '../../src/adapter/index.ts'
import { type Fabric, openFabric } from '../../src/fabric/index.ts'
import type { Child } from './children.ts'
import { median, microseconds, tell } from './figures.ts'
import { callOptions, openBenchDoor, REQUEST } from './provider.ts'

const CALLS = 2_000
const WARM_UP = 500
const STEPS = 101
const ROUNDS = 3

/** Bare against the engine, and against the peer where it runs. */
export async function benchCalls(provider: Child, gateway: Child | undefined): Promise<void> {
  const body = JSON.stringify(REQUEST)
  const headers = { 'content-type': 'application/json', authorization: 'Bearer bench-key-of-nobody' }
  const path = '/v1/chat/completions'
  const request = async (pool: Pool, more: Record<string, string> = {}) => {
    const answer = await pool.request({ method: 'POST', path, headers: { ...headers, ...more }, body })
    if (answer.statusCode !== 200) throw new Error(`status ${answer.statusCode}: ${await answer.body.text()}`)
    return answer.body.json()
  }
  const bare = new Pool(provider.origin)
  const door = openBenchDoor()
  const options = callOptions(door, provider.origin, 'bench:complete')
  const peer = gateway && new Pool(gateway.origin)
  const peerHeaders = { 'x-portkey-provider': 'openai', 'x-portkey-custom-host': `${provider.origin}/v1` }
  const times = await inTurn(CALLS, WARM_UP, {
    bare: () => request(bare),
    engine: () => perform(options),
    ...(peer ? { peer: () => request(peer, peerHeaders) } : {}),
  })
  const base = median(times.bare ?? [])
  tell('a request by undici alone, p50', microseconds(base))
  const added = (name: string) => median(times[name] ?? []) - base
  tell('the engine adds, p50', microseconds(added('engine')), '≤ 150 µs', added('engine') <= 0.15)
  if (peer) tell('@portkey-ai/gateway adds, p50', microseconds(added('peer')))
  else tell('@portkey-ai/gateway', 'did not start')
  await Promise.all([bare.close(), peer?.close(), door.close()])
}

/**
 * Reads and effects through judgement, budget, durable record and door: what one more step of a run costs. Steps wait for
 * each other, so that none shares a durable write with another.
 */
export async function benchPipeline(provider: Child): Promise<void> {
  const home = await mkdtemp(join(tmpdir(), 'ifab-bench-engine-'))
  const fabric = await openFabric({ home })
  const bare = new Pool(provider.origin)
  try {
    const secrets = { HASS_TOKEN: { kind: 'value', value: 'nobody' } } as const
    await fabric.addInstance({ provider: 'home-assistant', twin: provider.origin, secrets })
    const step = async (operation: string, id: string): Promise<number> => {
      const [few, many] = [
        await applyMs(fabric, { operation, id, steps: 1 }),
        await applyMs(fabric, { operation, id, steps: STEPS }),
      ]
      return (many - few) / (STEPS - 1)
    }
    const file = await open(join(home, 'durable'), 'w')
    const times = await inTurn(ROUNDS, 1, {
      bare: async () => {
        for (let at = 0; at < STEPS; at++)
          await (await bare.request({ method: 'GET', path: '/api/states/light.a' })).body.json()
      },
      sync: async () => {
        await file.write('x'.repeat(4096), 0)
        await file.datasync()
      },
    })
    await file.close()
    const [base, sync] = [median(times.bare ?? []) / STEPS, median(times.sync ?? [])]
    const read = (await step('device.get', 'light.studio')) - base
    const effect = (await step('automation.trigger', 'automation.show')) - base
    tell('a durable write of this disk, p50', microseconds(sync))
    tell('a step that reads adds', microseconds(read), '≤ 300 µs', read <= 0.3)
    tell('a step with an effect adds', microseconds(effect), '≤ 2 writes + 300 µs', effect <= 2 * sync + 0.3)
  } finally {
    await bare.close()
    await fabric.close()
    await rm(home, { recursive: true, force: true })
  }
}

/** Milliseconds of applying so many steps, one after the other; the middle of a few rounds. */
async function applyMs(
  fabric: Fabric,
  { operation, id, steps }: { operation: string; id: string; steps: number },
): Promise<number> {
  const times: number[] = []
  for (let round = 0; round < ROUNDS; round++) {
    const lines = Array.from({ length: steps }, (_, at) => {
      const after = at === 0 ? '' : `, after: [s${at - 1}]`
      return `  s${at}: { use: home-assistant ${operation}, with: { id: ${id}_${round}_${at} }${after} }`
    })
    const text = ['version: 1', `name: ${operation}`, 'steps:', ...lines, ''].join('\n')
    const plan = await fabric.planPlaybook('bench.yaml', {}, { text })
    const startedAt = performance.now()
    const run = await fabric.apply(plan)
    times.push(performance.now() - startedAt)
    if (run.state !== 'done') throw new Error(`${operation} ended ${run.state}: ${run.record.error?.message}`)
  }
  return median(times)
}

/** Milliseconds of each way, taken in turn so that what else the machine does falls on all of them. */
async function inTurn(
  count: number,
  warmUp: number,
  ways: Record<string, () => Promise<unknown>>,
): Promise<Record<string, number[]>> {
  const times: Record<string, number[]> = Object.fromEntries(Object.keys(ways).map((name) => [name, []]))
  for (let at = -warmUp; at < count; at++) {
    for (const [name, work] of Object.entries(ways)) {
      const startedAt = performance.now()
      await work()
      if (at >= 0) times[name]?.push(performance.now() - startedAt)
    }
  }
  return times
}
