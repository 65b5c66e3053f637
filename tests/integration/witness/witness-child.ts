// Another process on the same home: `node witness-child HOME append COUNT` or `… append-for-ever`.
import { writeSync } from 'node:fs'
import { join } from 'node:path'
import { openEmbeddedStore } from '../../../src/store/index.ts'
import { openWitness } from '../../../src/witness/index.ts'

const [home = '', command, count = 'Infinity'] = process.argv.slice(2)

const witness = await openWitness({ home })
const store = await openEmbeddedStore({ path: join(home, 'fabric.db'), sequencer: witness.sequencer })
const at = '2026-01-02T03:04:05.678Z'
const actor = `if://agent/child-${process.pid}`
for (let done = 0; command === 'append' && done < Number(count); done++) {
  const [first, second] = await Promise.all([
    store.commit(
      [{ key: `child/${process.pid}/${done}`, value: done, expect: 'absent' }],
      [{ kind: 'step.begin', at, actor }],
    ),
    store.commit([], [{ kind: 'step.end', at, actor }]),
  ])
  // Synchronous, so that a line is out before a kill that follows it.
  writeSync(1, `${[...first.sequences, ...second.sequences].join(' ')}\n`)
}
await store.close()
await witness.close()
