// ifab governor find-help: who can do what is needed, alone and together, and why everybody else stands where they do.
import type { FindHelp } from '../../fabric/index.ts'
import type { CommandHandler, Invocation } from '../invocation.ts'
import { helpText } from '../output/swarm-help-text.ts'

export const findHelpCommand: CommandHandler = async (invocation) => {
  const { console, explain } = invocation
  const help = await (await invocation.fabric()).findHelp(requestOf(invocation))
  console.result(help, helpText(help, console.out, { explain }))
  if (!help.assignee && !help.team) {
    const { noHelp } = await import('../../governor/index.ts')
    throw noHelp(help)
  }
  if (!explain) console.note('Next: the same command with --explain, to see why each stands where it does')
}

function requestOf({ args, flags, explain }: Invocation): FindHelp {
  const blockedSwarm = flags.text('for')
  const hours = flags.decimal('hours', 0, 8_760)
  const maxCostUsd = flags.usd('max-cost')
  const max = flags.count('limit')
  return {
    needs: args,
    ...(blockedSwarm === undefined ? {} : { blockedSwarm }),
    ...(hours === undefined ? {} : { hours }),
    ...(maxCostUsd === undefined ? {} : { maxCostUsd }),
    ...(max === undefined ? {} : { max }),
    ...(explain ? { explain } : {}),
  }
}
