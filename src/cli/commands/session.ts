// ifab session: what a session has touched, and a person who lets it start afresh.
import { FabricError } from '../../foundation/index.ts'
import { neededWhy } from '../input/reason.ts'
import type { CommandHandler, Invocation } from '../invocation.ts'
import { shellWord } from '../output/shell-words.ts'
import { touchedTable } from '../output/touched-text.ts'

export const sessionShowCommand: CommandHandler = async (invocation) => {
  const { console, io } = invocation
  const fabric = await invocation.fabric()
  const named = namedIn(invocation)
  const of = named ?? { session: fabric.session }
  const touched = await fabric.touched(named ?? {})
  const isClean = touched.private.length === 0 && touched.untrusted.length === 0
  const swarms = touched.swarms.length === 0 ? '' : ` (with swarm ${touched.swarms.join(', ')})`
  const what = 'swarm' in of ? `swarm ${of.swarm}` : `session ${of.session}${swarms}`
  console.result(
    { ...of, ...touched },
    isClean
      ? `${what} has touched nothing that is private or written by strangers`
      : `${what} has touched\n${touchedTable(touched, console.out, io.now())}`,
  )
  if (!isClean) console.note(`Next: ifab session clear ${wordsOf(of)} --why '…'`)
}

export const sessionClearCommand: CommandHandler = async (invocation) => {
  const { console } = invocation
  const which = namedIn(invocation)
  if (which === undefined) {
    throw new FabricError('IF_ERR_USAGE', '`ifab session clear` needs SESSION or --swarm SWARM', {
      next: 'ifab session show',
    })
  }
  const why = neededWhy(invocation, 'say why nothing of it can leak any more')
  await (await invocation.fabric()).clearTouched(which, { why })
  const what = 'swarm' in which ? `swarm ${which.swarm}` : `session ${which.session}`
  console.result({ ...which, cleared: true }, `${console.out.good('✓')} ${what} starts afresh`)
  console.note(`Next: ifab session show ${wordsOf(which)}`)
}

type Which = { session: string } | { swarm: string }

function namedIn({ args, flags }: Invocation): Which | undefined {
  const [session] = args
  const swarm = flags.text('swarm')
  if (session !== undefined && swarm !== undefined)
    throw new FabricError('IF_ERR_USAGE', 'SESSION and --swarm exclude each other')
  if (swarm !== undefined) return { swarm }
  return session === undefined ? undefined : { session }
}

const wordsOf = (which: Which): string =>
  'swarm' in which ? `--swarm ${shellWord(which.swarm)}` : shellWord(which.session)
