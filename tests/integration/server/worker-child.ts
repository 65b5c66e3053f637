// Workers in a process of its own, on a daemon that comes and goes: `node worker-child SOCKET NAME SEED WORKERS LEASE-MS`. Half of
// them are pushed to, half ask. It writes down what it was answered, line by line, until it is killed or told to end.
import { writeSync } from 'node:fs'
import { openFabric } from '../../../src/client/index.ts'
import type { Claim } from '../../../src/coordinator/index.ts'
import type { Fabric } from '../../../src/fabric/index.ts'
import { seededChance } from '../../support/chance.ts'
import { moment, type Observation } from '../coordinator/history-checker.ts'

const [socket = '', name = '', seed = '0', workers = '1', lease = '1000'] = process.argv.slice(2)
const leaseMs = Number(lease)
const chance = seededChance(Number(seed))
const say = (observation: Observation) => writeSync(1, `${JSON.stringify(observation)}\n`)
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))
const codeOf = (thrown: unknown) => (thrown as { code?: string }).code ?? ''
/** What a daemon that is killed does to a call, besides refusals. */
const EXPECTED = ['IF_ERR_CLAIM_LOST', 'IF_ERR_CONFLICT', 'IF_ERR_DAEMON_UNAVAILABLE', 'IF_ERR_TIMEOUT']

const fabric = await connect()
const coordinator = await fabric.coordinator()
let isEnding = false

/** The daemon may be on its way up. */
async function connect(): Promise<Fabric> {
  for (;;) {
    try {
      return await openFabric({ url: `unix:${socket}`, env: {} })
    } catch (thrown) {
      if (codeOf(thrown) !== 'IF_ERR_DAEMON_UNAVAILABLE') throw thrown
      await pause(50)
    }
  }
}

async function begin({ task: { id: task }, token, holder }: Claim): Promise<void> {
  say({ kind: 'claimed', task, token, holder: `${holder.swarm}/${holder.worker}`, at: moment() })
  const kind = chance.between(0, 9)
  if (kind === 0) await pause(chance.between(0, leaseMs))
  else if (kind < 4)
    await pause(chance.between(0, 1_500)) // as long as a daemon takes to start
  else if (kind < 8) await pause(chance.between(0, 30))
}

async function ask(swarm: string, worker: string): Promise<void> {
  while (!isEnding) {
    try {
      const claim = await coordinator.claim({ swarm, worker }, {}, { waitMs: 300 })
      if (!claim) continue
      await begin(claim)
      const asked = moment()
      const answer = await coordinator.isCurrent(claim.task.id, claim.token)
      say({ kind: 'current', task: claim.task.id, token: claim.token, asked, answer })
      await complete(claim)
    } catch (thrown) {
      if (!EXPECTED.includes(codeOf(thrown))) throw thrown
      await pause(20)
    }
  }
}

async function complete({ task: { id: task }, token }: Claim): Promise<void> {
  const asked = moment()
  await coordinator.complete(task, token, { token })
  say({ kind: 'completed', task, token, asked, at: moment() })
}

const asking: Promise<void>[] = []
const pushed = Array.from({ length: Number(workers) }, (_, at) => {
  const swarm = `swarm-${at % 3}`
  const worker = `${name}-${process.pid}-${at}`
  if (at % 2 === 1) {
    asking.push(ask(swarm, worker))
    return undefined
  }
  return coordinator.worker({ swarm, worker, concurrency: 2 }, async (claim) => {
    await begin(claim)
    return { token: claim.token }
  })
})
process.on('SIGTERM', async () => {
  isEnding = true
  await Promise.all(asking)
  await Promise.all(pushed.map((worker) => worker?.close({ drain: 'finish', withinMs: 5_000 })))
  await fabric.close()
})
