// Another process that spends: `node spree-child FILE SEED COUNT ALL`. Acts COUNT times at once, from budgets made for ALL.
import { writeSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import { isFabricError, systemClock, ulid } from '../../../src/foundation/index.ts'
import { openBudgetLedger } from '../../../src/governor/index.ts'
import { keyOf, openEmbeddedStore, type Write } from '../../../src/store/index.ts'
import { seededChance } from '../../support/chance.ts'
import { budgetsOf, drawAction, outflowOf, rulesFor, type SpreeAction, type SpreeStep } from './spree-budgets.ts'

const [path = '', seed = '', count = '', all = ''] = process.argv.slice(2)
const chance = seededChance(Number(seed))
const rules = rulesFor(Number(all))
const store = await openEmbeddedStore({ path })
const ledger = openBudgetLedger({ store, clock: systemClock })

/** What does not fit now may fit soon. */
const TRIES = 4

const say = (text: string) => writeSync(1, `${text}\n`)

interface Course {
  action: SpreeAction
  /** Begins in the commit of its hold, as a step does, or later. */
  isTogether: boolean
  startAfterMs: number
  workMs: number
}

async function act({ action, isTogether, startAfterMs, workMs }: Course): Promise<string> {
  await pause(startAfterMs)
  const id = ulid()
  const owner = keyOf('step', id)
  const begun: SpreeStep = { ...action, state: 'begun' }
  const begin: Write = { key: owner, value: begun, expect: 'absent' }
  const { maxMicroUsd, actualMicroUsd, outflowMinor } = action
  const attached = { writes: isTogether ? [begin] : [], log: [] }
  const budgets = budgetsOf(rules, action)
  for (let tries = 1; ; tries++) {
    try {
      await ledger.hold({ id, owner, maxMicroUsd, ...outflowOf(action), budgets, ...attached })
      break
    } catch (thrown) {
      if (!isFabricError(thrown)) throw thrown
      if (thrown.code !== 'IF_ERR_BUDGET_EXCEEDED' || tries === TRIES) return thrown.code
      await pause(workMs) // until others have settled for less than they held
    }
  }
  if (!isTogether) {
    await pause(workMs)
    await store.commit([begin])
  }
  await pause(workMs)
  const ended: SpreeStep = { ...action, state: 'ended' }
  const end: Write = { key: owner, value: ended, expect: 'any' }
  await ledger.settle({ id, actualMicroUsd, actualOutflowMinor: outflowMinor, writes: [end], log: [] })
  return 'settled'
}

const courses = Array.from({ length: Number(count) }, () => ({
  action: drawAction(chance),
  isTogether: chance.next() < 0.7,
  startAfterMs: chance.between(0, 80),
  workMs: chance.between(0, 80),
}))
say('ready')
for (const outcome of await Promise.all(courses.map(act))) say(outcome)
await store.close()
