// ifab logs: what the daemon of this home has logged; -f goes on until Ctrl-C.
import { FabricError, LOG_LEVELS } from '../../foundation/index.ts'
import type { LogLine } from '../../server/index.ts'
import { listenForInterrupt } from '../interrupt.ts'
import type { CommandHandler } from '../invocation.ts'
import type { Colours } from '../output/colours.ts'

export const logsCommand: CommandHandler = async ({ flags, io, console }) => {
  const elsewhere = flags.text('context') ?? (io.env.IFAB_URL || undefined)
  if (elsewhere !== undefined) {
    throw new FabricError('IF_ERR_UNSUPPORTED', `the log of ${elsewhere} lies on its own machine`, {
      hint: 'Run `ifab logs` there; without --context and IFAB_URL it reads the log of this home.',
    })
  }
  const home = flags.text('home')
  const since = flags.duration('since')
  const level = LOG_LEVELS.find((known) => known === flags.text('level'))
  const interruption = listenForInterrupt(io)
  const { readLogs } = await import('../../server/index.ts')
  let count = 0
  try {
    const lines = readLogs({
      env: io.env,
      follow: flags.has('follow'),
      level: level ?? 'info',
      signal: interruption.stop,
      ...(home === undefined ? {} : { home }),
      ...(since === undefined ? {} : { since: io.now() - since }),
    })
    for await (const line of lines) {
      console.event(line, lineText(line, console.out))
      count += 1
    }
    if (count === 0) console.note('nothing was logged    Next: ifab up')
    return interruption.exitCode ?? 0
  } finally {
    interruption.end()
  }
}

function lineText({ at, level, message, fields }: LogLine, paint: Colours): string {
  const colour = level === 'error' ? paint.bad : level === 'warn' ? paint.warn : paint.faint
  const facts = Object.entries(fields).map(
    ([name, value]) => `${name}=${typeof value === 'string' && !/\s/.test(value) ? value : JSON.stringify(value)}`,
  )
  return [paint.faint(at), colour(level.padEnd(5)), message, paint.faint(facts.join(' '))].join(' ').trimEnd()
}
