// One process of a race: `node race-child FILE NAME SEED WORKERS LEASE-MS`. Half of its workers are pushed to, half ask.
// It writes down what it was answered, line by line, until it is killed or told to end.
import { writeSync } from 'node:fs'
import { type Claim, openCoordinator } from '../../../src/coordinator/index.ts'
import { openEmbeddedStore } from '../../../src/store/index.ts'
import { seededChance } from '../../support/chance.ts'
import { moment, type Observation } from './history-checker.ts'

const [path = '', name = '', seed = '0', workers = '1', lease = '400'] = process.argv.slice(2)
const leaseMs = Number(lease)
const chance = seededChance(Number(seed))
// Synchronous, so that a line is out before a kill that follows it.
const say = (observation: Observation) => writeSync(1, `${JSON.stringify(observation)}\n`)
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))
const isRefusal = (thrown: unknown) =>
  ['IF_ERR_CLAIM_LOST', 'IF_ERR_CONFLICT'].includes((thrown as { code: string }).code)

const store = await openEmbeddedStore({ path })
const coordinator = await openCoordinator({ store, leaseMs, witness: 'none' })
const ending = new AbortController()

/** Works on a claim, sometimes for longer than its lease, sometimes without letting anybody renew it. */
async function work({ task: { id: task }, token, holder }: Claim): Promise<void> {
  say({ kind: 'claimed', task, token, holder: `${holder.swarm}/${holder.worker}`, at: moment() })
  await dawdle()
  const asked = moment()
  const answer = await coordinator.isCurrent(task, token)
  say({ kind: 'current', task, token, asked, answer })
  await dawdle()
  await begin(task, token)
  await complete(task, token)
}

async function dawdle(): Promise<void> {
  const kind = chance.between(0, 19)
  if (kind === 0) {
    const until = performance.now() + chance.between(0, leaseMs * 1.5)
    while (performance.now() < until); // the whole process stalls
  } else if (kind < 3) await pause(chance.between(0, leaseMs * 1.5))
  else if (kind < 8) await pause(chance.between(0, 20))
}

/** The guarded thing remembers the newest token that it has seen, and refuses all others. */
async function begin(task: string, token: number): Promise<void> {
  const known = await store.get<{ token: number }>(`effect/${task}`)
  if (known && known.value.token >= token) return
  try {
    const { revisions } = await store.commit([
      { key: `effect/${task}`, value: { token }, expect: known?.revision ?? 'absent' },
    ])
    say({ kind: 'effect', task, token, order: revisions[0] ?? 0 })
  } catch (thrown) {
    if (!isRefusal(thrown)) throw thrown
  }
}

async function complete(task: string, token: number): Promise<void> {
  const asked = moment()
  try {
    await coordinator.complete(task, token, { token })
    say({ kind: 'completed', task, token, asked, at: moment() })
  } catch (thrown) {
    if (!isRefusal(thrown)) throw thrown
  }
}

/** Asks for tasks, and keeps no lease: whoever dawdles loses the claim. */
async function ask(swarm: string, worker: string): Promise<void> {
  while (!ending.signal.aborted) {
    const claim = await coordinator
      .claim({ swarm, worker }, {}, { waitMs: 500, signal: ending.signal })
      .catch((thrown) => {
        if (ending.signal.aborted || isRefusal(thrown)) return undefined
        throw thrown
      })
    if (claim) await work(claim)
  }
}

for (let at = 0; at < 3; at++) {
  const added = await coordinator.add({ kind: 'race', swarm: `swarm-${at}`, attempts: 1000, priority: at })
  say({ kind: 'added', task: added.id })
}
const asking: Promise<void>[] = []
for (let at = 0; at < Number(workers); at++) {
  const swarm = `swarm-${at % 3}`
  const worker = `${name}-${process.pid}-${at}`
  if (at % 2 === 0) coordinator.worker({ swarm, worker }, work)
  else asking.push(ask(swarm, worker))
}
process.on('SIGTERM', async () => {
  ending.abort()
  await Promise.all(asking)
  await coordinator.close({ drain: 'finish', withinMs: 5_000 })
  await store.close()
})
