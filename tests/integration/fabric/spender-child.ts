// Another process on the same home that pays as often as it is told, all at once: `node spender-child HOME TIMES SESSION`. Says
// what became of each payment, one line each.
import { writeSync } from 'node:fs'
import { openFabric } from '../../../src/fabric/index.ts'

const [home = '', times = '0', session = ''] = process.argv.slice(2)

const fabric = await openFabric({ home, actor: 'if://agent/spender', session, env: {}, logLevel: 'silent' })

async function pay(at: number): Promise<string> {
  const input = { amount: 2500, currency: 'GBP', source: 'pm_card_visa', description: `${session} ${at}` }
  const plan = await fabric.plan({ instance: 'stripe', operation: 'payment.create', input })
  const { state, steps } = await fabric.apply(plan)
  return steps[0]?.error?.code ?? state
}

await Promise.all(
  Array.from({ length: Number(times) }, async (_, at) => {
    const became = await pay(at).catch((thrown: { code?: string }) => thrown.code ?? String(thrown))
    writeSync(1, `${became}\n`)
  }),
)
await fabric.close()
