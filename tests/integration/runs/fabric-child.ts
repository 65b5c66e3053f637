// Another process on the same home: `node fabric-child HOME apply|resume REFERENCE`. Says what happens, one line each.
import { writeSync } from 'node:fs'
import { openFabric } from '../../../src/fabric/index.ts'

const [home = '', command, reference = ''] = process.argv.slice(2)

// Synchronous, so that a line is out before a kill that follows it.
const say = (text: string) => writeSync(1, `${text}\n`)

const fabric = await openFabric({ home, actor: 'if://person/ana', session: 'child', env: {} })
const onEvent = (event: { type: string; step?: unknown }) =>
  say(typeof event.step === 'string' ? `${event.type} ${event.step}` : event.type)

try {
  const run =
    command === 'apply'
      ? await fabric.apply(await fabric.readPlan(reference), { approve: async () => true, onEvent })
      : await fabric.resume(reference, { onEvent })
  say(`${run.state}`)
} catch (thrown) {
  say((thrown as { code?: string }).code ?? String(thrown))
}
await fabric.close()
