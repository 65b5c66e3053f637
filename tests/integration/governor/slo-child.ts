// Another process that counts calls of the same instance: `node slo-child FILE CALLS`. Says `written` each time that ten
// are in the store, `done` after the last, and stays until it is killed.
import { writeSync } from 'node:fs'
import { systemClock } from '../../../src/foundation/index.ts'
import { openSlo } from '../../../src/governor/index.ts'
import { openEmbeddedStore } from '../../../src/store/index.ts'

const [path = '', calls = '0'] = process.argv.slice(2)
const say = (text: string) => writeSync(1, `${text}\n`)

const store = await openEmbeddedStore({ path })
const slo = openSlo({
  store,
  clock: systemClock,
  onBurn: ({ state, alert }) => say(`${state} ${alert.objective}`),
})
// Nothing else keeps it alive. Whoever started this one kills it; the end is for when that one died first.
setTimeout(() => process.exit(1), 60_000)

for (let at = 1; at <= Number(calls); at++) {
  slo.record('instance', 'stripe', { ok: false, available: true, latencyMs: at })
  if (at % 10 > 0) continue
  await slo.flush()
  say('written')
}
say('done')
