// ifab governor breakers, reset-breaker: who is left alone because it keeps failing, and a person who says it works again.
import { FabricError } from '../../foundation/index.ts'
import type { BreakerKind, BreakerRecord } from '../../governor/index.ts'
import { neededWhy } from '../input/reason.ts'
import type { CommandHandler } from '../invocation.ts'
import type { Colours } from '../output/colours.ts'
import { agoText, counted, spanText, usdText } from '../output/phrases.ts'
import { shellWord } from '../output/shell-words.ts'
import { table } from '../output/table.ts'

export const breakersCommand: CommandHandler = async ({ fabric, console, io }) => {
  const records = await (await fabric()).breakers()
  const rows = records.map((record) => [
    record.kind,
    console.out.strong(record.name),
    stateText(record, console.out),
    counted(record.failures, 'failure'),
    untilText(record, io.now()),
    `${record.why} (${agoText(record.at, io.now())})`,
  ])
  console.result(records, rows.length === 0 ? 'every breaker is closed, nothing fails' : table(rows))
  const open = records.find(({ state }) => state !== 'closed')
  if (open) console.note(`Next: ifab governor reset-breaker ${open.kind} ${shellWord(open.name)} --why '…'`)
}

export const resetBreakerCommand: CommandHandler = async (invocation) => {
  const { args, flags, console } = invocation
  const [sort = '', name = ''] = args // required by the command tree
  const kind = kindOf(sort)
  const budgetUsd = flags.usd('budget')
  if (budgetUsd !== undefined && kind === 'instance')
    throw new FabricError('IF_ERR_USAGE', '--budget goes only with a swarm: an instance has none of its own')
  const why = neededWhy(invocation, 'say what makes you think that it works again')
  await (await invocation.fabric()).resetBreaker(kind, name, {
    why,
    ...(budgetUsd === undefined ? {} : { budgetUsd }),
  })
  const budget = budgetUsd === undefined ? '' : ` · may cost ${usdText(budgetUsd)} from now on`
  console.result(
    { kind, name, state: 'closed', ...(budgetUsd === undefined ? {} : { budgetUsd }) },
    `${console.out.good('✓')} the breaker of ${kind} ${name} is closed${budget}`,
  )
  console.note('Next: ifab governor breakers')
}

function kindOf(text: string): BreakerKind {
  if (text === 'instance' || text === 'swarm') return text
  throw new FabricError('IF_ERR_USAGE', `expected instance or swarm, got ${JSON.stringify(text)}`, {
    hint: 'As in `ifab governor reset-breaker instance stripe --why "…"`.',
  })
}

const stateText = ({ state }: BreakerRecord, paint: Colours): string =>
  state === 'open' ? paint.bad(state) : state === 'half-open' ? paint.warn(state) : state

function untilText(record: BreakerRecord, now: number): string {
  switch (record.state) {
    case 'closed':
      return 'lets calls through'
    case 'half-open':
      return 'one call is out to try it'
    case 'open': {
      if (record.retryAtMs === null) return 'until a person resets it'
      return record.retryAtMs > now ? `tried again in ${spanText(record.retryAtMs - now)}` : 'tried by the next call'
    }
  }
}
