// Another process of the same home: `node watch-child FILE NAME`. Does what it finds under `order/NAME/` in the store, and
// says what it sees of the breaker and of the freeze of an instance.
import { writeSync } from 'node:fs'
import { isFabricError, systemClock } from '../../../src/foundation/index.ts'
import { openBreakers, openFreezes } from '../../../src/governor/index.ts'
import { openEmbeddedStore } from '../../../src/store/index.ts'

const [path = '', name = ''] = process.argv.slice(2)
const say = (text: string) => writeSync(1, `${text}\n`)

const store = await openEmbeddedStore({ path })
const freezes = await openFreezes({ store, clock: systemClock })
// No pause: whoever asks first is the probe.
const settings = { openMs: 0 }
const breakers = await openBreakers({
  store,
  clock: systemClock,
  settings,
  onChange: ({ before, after }) => {
    if (before === 'closed' || after === 'closed') say(`breaker ${after}`)
  },
})
freezes.onShut(() => say(freezes.isFrozen({ instance: 'stripe' }) ? 'stripe frozen' : 'something else frozen'))

async function admit(forMs: number): Promise<string> {
  try {
    const { probe } = await breakers.admit('instance', 'stripe', { forMs })
    return probe ? 'probe' : 'admitted'
  } catch (thrown) {
    if (!isFabricError(thrown)) throw thrown
    return thrown.code
  }
}

// A watch keeps no process alive. Whoever started this one kills it; the end is for when that one died first.
setTimeout(() => process.exit(1), 60_000)

const orders = store.watch(`order/${name}/`)
say('ready')
for await (const { value } of orders) {
  if (value === 'fail') await (await breakers.admit('instance', 'stripe')).ended('fault', 'it broke')
  else say(await admit(Number(value)))
}
