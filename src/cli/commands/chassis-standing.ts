// ifab chassis performance, reputation: how modules and instances keep what they promise, and what they are worth by it.
import { didYouMean, FabricError } from '../../foundation/index.ts'
import type { CommandHandler } from '../invocation.ts'
import { performanceText } from '../output/performance-text.ts'
import { reputationText } from '../output/reputation-text.ts'

export const chassisPerformanceCommand: CommandHandler = async ({ fabric, args, console }) => {
  const opened = await fabric()
  const all = await opened.performance()
  const views = named(all, args[0], 'has been measured')
  console.result(views, views.length === 0 ? 'nothing has been measured yet' : performanceText(views, console.out))
  if (views.length > 0) console.note(`Next: ifab chassis reputation${args[0] === undefined ? '' : ` ${args[0]}`}`)
}

export const chassisReputationCommand: CommandHandler = async ({ fabric, args, console }) => {
  const opened = await fabric()
  const all = await opened.reputations()
  const views = named(all, args[0], 'has a reputation yet')
  console.result(views, views.length === 0 ? 'nobody has a reputation yet' : reputationText(views, console.out))
  if (views.length > 0) console.note(`Next: ifab chassis performance${args[0] === undefined ? '' : ` ${args[0]}`}`)
}

/** All, or those of one name; a name that nobody has is refused with one that is near. */
function named<T extends { name: string }>(all: readonly T[], name: string | undefined, what: string): T[] {
  const fitting = all.filter((view) => name === undefined || view.name === name)
  if (fitting.length > 0 || name === undefined) return fitting
  const known = all.map((view) => view.name)
  throw new FabricError('IF_ERR_NOT_FOUND', `no module, instance or swarm ${JSON.stringify(name)} ${what}`, {
    hint: didYouMean(name, known) ?? (known.length > 0 ? `There are ${known.join(', ')}.` : 'Nothing has run yet.'),
  })
}
