// Another process that pays from the same budget: `node ledger-child FILE NAME TIMES`. Says each hold that it got.
import { writeSync } from 'node:fs'
import { isFabricError, systemClock } from '../../../src/foundation/index.ts'
import { costBudget, openBudgetLedger } from '../../../src/governor/index.ts'
import { openEmbeddedStore } from '../../../src/store/index.ts'

const [path = '', name = '', times = '0'] = process.argv.slice(2)

const say = (text: string) => writeSync(1, `${text}\n`)

const store = await openEmbeddedStore({ path })
const ledger = openBudgetLedger({ store, clock: systemClock })
const budgets = [costBudget({ name: 'calls', limitMicroUsd: 1_000, per: 'total' })]

say('ready')
await Promise.all(
  Array.from({ length: Number(times) }, async (_, at) => {
    const id = `${name}-${at}`
    try {
      const begin = { key: `begin/${id}`, value: name, expect: 'absent' as const }
      await ledger.hold({ id, owner: id, maxMicroUsd: 30, budgets, writes: [begin], log: [] })
      say(`held ${id}`)
      await ledger.settle({ id, actualMicroUsd: 20, writes: [], log: [] })
      say(`settled ${id}`)
    } catch (thrown) {
      if (!isFabricError(thrown)) throw thrown
      say(thrown.code)
    }
  }),
)
await store.close()
