// Another process of the same home that does the work of escalations: `node escalation-child FILE INVITE-MS`. Says
// `ready`, then a line for each notice to people: its key.

import { writeSync } from 'node:fs'
import { dirname } from 'node:path'
import { openCoordinator } from '../../../src/coordinator/index.ts'
import { systemClock } from '../../../src/foundation/index.ts'
import { openEscalations } from '../../../src/governor/escalation.ts'
import { helpersFrom } from '../../../src/governor/escalation-team.ts'
import { costBudget, openBudgetLedger, openRegistry, RESOURCE_POLICIES } from '../../../src/governor/index.ts'
import { openEmbeddedStore } from '../../../src/store/index.ts'
import { openWitness } from '../../../src/witness/index.ts'
import { tasksOf } from './escalation-tasks.ts'

const [path = '', inviteForMs = '0'] = process.argv.slice(2)
const clock = systemClock
const witness = await openWitness({ home: dirname(path) })
const store = await openEmbeddedStore({ path, sequencer: witness.sequencer })
const registry = await openRegistry({ store, clock })
const escalations = await openEscalations({
  store,
  clock,
  ledger: openBudgetLedger({ store, clock }),
  tasks: tasksOf(await openCoordinator({ store })),
  findHelpers: helpersFrom({ registry, policy: () => RESOURCE_POLICIES.default }),
  budgetsOf: () => [costBudget({ name: 'desk', limitMicroUsd: 5_000_000, per: 'total' })],
  channels: [{ instance: 'slack', to: '#oncall' }],
  notify: async (_channel, { key }) => void writeSync(1, `${key}\n`),
  settings: { inviteForMs: Number(inviteForMs) },
})
escalations.start()

// A watch keeps no process alive. Whoever started this one kills it; the end is for when that one died first.
setTimeout(() => process.exit(1), 60_000)
writeSync(1, 'ready\n')
