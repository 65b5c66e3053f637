// Another process that registers swarms: `node registry-child HOME NAME TIMES`. Says each that is registered.
import { writeSync } from 'node:fs'
import { join } from 'node:path'
import { systemClock } from '../../../src/foundation/index.ts'
import { openRegistry } from '../../../src/governor/index.ts'
import { openEmbeddedStore } from '../../../src/store/index.ts'
import { openWitness } from '../../../src/witness/index.ts'

const [home = '', name = '', times = '0'] = process.argv.slice(2)
const say = (text: string) => writeSync(1, `${text}\n`)

const witness = await openWitness({ home })
const store = await openEmbeddedStore({ path: join(home, 'fabric.db'), sequencer: witness.sequencer })
const registry = await openRegistry({ store, clock: systemClock })
const by = { actor: `if://swarm/${name}`, session: name }

for (let at = 0; at < Number(times); at++) {
  const swarm = `${name}-${at}`
  await registry.register({ swarm, capabilities: [`skill:${name}`], costPerHourUsd: 1 + at }, by)
  await registry.register({ swarm: 'shared', capabilities: ['skill:shared'], costPerHourUsd: 1 + at }, by)
  say(swarm)
}
registry.close()
await store.close()
await witness.close()
