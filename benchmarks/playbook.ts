// A playbook of 1,000 independent steps, planned and applied against an in-process twin: every step is judged, begun
// durably, sent over a real socket, settled and witnessed. Beside it the same 1,000 requests sent bare.
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Pool } from 'undici'
import { openFabric } from '../src/fabric/index.ts'

export const name = 'playbook'

const STEPS = 1_000
const ROUNDS = 3

/** Each shape: the step, and how many requests it makes. */
const SHAPES = [
  {
    title: 'home-assistant automation.trigger, 1 request a step',
    provider: 'home-assistant',
    step: () => 'use: home-assistant automation.trigger, with: { id: automation.show_open }',
  },
  {
    title: 'stripe customer.create, read back, 2 requests a step',
    provider: 'stripe',
    step: (at: number) => `use: stripe customer.create, with: { name: "Customer ${at}" }`,
  },
]

export async function run(): Promise<void> {
  console.log(
    `${STEPS} independent steps, durable (fsync), 10 at a time, plan + apply, in-process twin; target 1000 ms`,
  )
  for (const shape of SHAPES) await measure(shape)
}

async function measure({ title, provider, step }: (typeof SHAPES)[number]): Promise<void> {
  const home = await mkdtemp(join(tmpdir(), 'ifab-bench-'))
  const fabric = await openFabric({ home })
  const served = await fabric.serveTwins({ providers: [provider] })
  try {
    await fabric.addInstance({ provider, twin: true })
    const file = join(home, 'thousand.yaml')
    const steps = Array.from({ length: STEPS }, (_, at) => `  s${at}: { ${step(at)} }`)
    await writeFile(file, ['version: 1', 'name: thousand', 'steps:', ...steps, ''].join('\n'))
    const rounds = []
    for (let round = 0; round < ROUNDS; round++) {
      const cpu = process.cpuUsage()
      const started = performance.now()
      const plan = await fabric.planPlaybook(file, {})
      const planned = performance.now()
      const run = await fabric.apply(plan)
      const applied = performance.now()
      const { user, system } = process.cpuUsage(cpu)
      if (run.state !== 'done') throw new Error(`the run ended ${run.state}: ${run.record.error?.message}`)
      rounds.push({
        plan: planned - started,
        apply: applied - planned,
        all: applied - started,
        cpu: (user + system) / 1000,
      })
    }
    const effects = served.twins[0]?.effects().length ?? 0
    if (effects !== STEPS * ROUNDS) throw new Error(`${effects} effects at the twin instead of ${STEPS * ROUNDS}`)
    const proof = await fabric.verifyWitness()
    const median = rounds.toSorted((a, b) => a.all - b.all)[Math.floor(ROUNDS / 2)]
    console.log(title)
    for (const [label, round] of [
      ['first round', rounds[0]],
      [`median of ${ROUNDS}`, median],
    ] as const) {
      console.log(
        `  ${label.padEnd(12)} plan ${ms(round?.plan)}  apply ${ms(round?.apply)}  together ${ms(round?.all)}  processor ${ms(round?.cpu)}`,
      )
    }
    const bare =
      provider === 'stripe'
        ? await bareRequests(served.twins[0]?.url ?? '', served.twins[0]?.secrets.STRIPE_SECRET_KEY ?? '')
        : undefined
    if (bare) console.log(`  ${STEPS} such requests bare, 10 at a time: ${ms(bare)}`)
    console.log(`  witness: ${proof.size} entries, ${proof.ok ? 'verified' : 'NOT VERIFIED'}`)
  } finally {
    await served.close()
    await fabric.close()
    await rm(home, { recursive: true, force: true })
  }
}

/** What the wire and the twin alone take. */
async function bareRequests(url: string, secret: string): Promise<number> {
  const pool = new Pool(url, { connections: 10 })
  const started = performance.now()
  let next = 0
  const lane = async () => {
    while (next < STEPS) {
      const at = next++
      const { body } = await pool.request({
        method: 'POST',
        path: '/v1/customers',
        headers: {
          authorization: `Bearer ${secret}`,
          'content-type': 'application/x-www-form-urlencoded',
          'idempotency-key': `bare-${at}`,
        },
        body: `name=Customer+${at}`,
      })
      await body.json()
    }
  }
  await Promise.all(Array.from({ length: 10 }, lane))
  const took = performance.now() - started
  await pool.close()
  return took
}

const ms = (value: number | undefined): string => `${(value ?? 0).toFixed(0)} ms`.padStart(8)
