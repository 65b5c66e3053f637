// The command `ifab`: argv in, exit code out. Loads the command table and the parser, then only the command that was typed.
import { FabricError, toFabricError } from '../foundation/index.ts'
import type { CommandSpec } from './command-spec.ts'
import { nameOf } from './command-tree.ts'
import { BARE, type Flags } from './flags.ts'
import { HANDLERS } from './handlers.ts'
import { createInvocation, type OpenedInvocation } from './invocation.ts'
import { type Io, processIo } from './io.ts'
import { type Console, createConsole } from './output/console.ts'
import { errorText } from './output/error-text.ts'
import { parseCommandLine } from './parse-command-line.ts'

/** What bin/ifab.cjs calls. A reader that goes away (`| head`) ends a listing quietly; anything longer it stops like Ctrl-C. */
export function main(argv: readonly string[]): Promise<number> {
  let isReaderGone = false
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error
    if (isReaderGone) return
    isReaderGone = true
    // Who performs something listens: what is under way is waited for, and stderr says how to go on.
    if (!process.emit('SIGINT', 'SIGINT')) process.exit(0)
  })
  return run(argv, processIo())
}

/** Runs one command line; everything that goes wrong is printed and becomes the exit code. */
export async function run(argv: readonly string[], io: Io): Promise<number> {
  const words = argv.includes('--') ? argv.slice(0, argv.indexOf('--')) : argv
  const console = createConsole(io, { json: words.includes('--json'), noColor: words.includes('--no-color') })
  try {
    const line = parseCommandLine(argv)
    if (line.kind === 'command') return await runCommand(line, io, console)
    const code = await runBuiltIn(line, console)
    console.flush()
    return code
  } catch (thrown) {
    return report(toFabricError(thrown), io, console)
  }
}

async function runBuiltIn(
  line: { kind: 'version' } | { kind: 'help'; words: readonly string[]; asked: boolean },
  console: Console,
): Promise<number> {
  if (line.kind === 'version') {
    const { version } = await import('./version.ts')
    console.result({ version }, version)
    return 0
  }
  const { helpFor } = await import('./output/help-text.ts')
  if (!line.asked) {
    const noun = line.words.join(' ')
    if (!console.json) console.note(helpFor(line.words, console.err).text)
    throw new FabricError('IF_ERR_USAGE', `\`ifab ${noun}\` needs one more word`, { next: `ifab help ${noun}` })
  }
  const page = helpFor(line.words, console.out)
  console.result(page.description, page.text)
  return 0
}

async function runCommand(
  line: { command: CommandSpec; args: string[]; flags: Flags },
  io: Io,
  console: Console,
): Promise<number> {
  const invocation = createInvocation({ ...line, io, console })
  let code: number
  try {
    const handler = await HANDLERS[nameOf(line.command)]?.()
    if (!handler) throw new FabricError('IF_ERR_INTERNAL', `\`ifab ${nameOf(line.command)}\` has no handler`)
    code = (await handler(invocation)) ?? 0
  } catch (thrown) {
    code = report(toFabricError(thrown), io, console, await traceOf(invocation))
  }
  await showTrace(invocation)
  console.flush()
  await invocation.close()
  return code
}

/** A daemon that went away in the middle is the one fault that the same words can put right. */
const helped = (error: FabricError): FabricError =>
  error.code !== 'IF_ERR_DAEMON_UNAVAILABLE' || error.hint !== undefined
    ? error
    : new FabricError(error.code, error.message, {
        hint: 'The same command again uses the daemon once it is back, or on its own machine the home without one.',
        next: error.next ?? 'ifab up',
        details: error.details,
        cause: error,
      })

function report(fault: FabricError, io: Io, console: Console, traceId?: string): number {
  const error = helped(fault)
  const asked = error.details.exitCode
  // A signal's 130 or 143 has no code of its own.
  const exitCode = typeof asked === 'number' ? asked : error.exitCode
  if (console.json) {
    const body = { ...error.toJSON(), ...(traceId === undefined ? {} : { trace: traceId }) }
    io.stderr.write(`${JSON.stringify({ error: body })}\n`)
  } else console.note(errorText(error, exitCode, console.err))
  return exitCode
}

/** Id of the trace, where --trace was given and the fabric is open. */
async function traceOf(invocation: OpenedInvocation): Promise<string | undefined> {
  const asked = invocation.flags.text('trace')
  if (asked === undefined) return undefined
  const fabric = await invocation.opened()?.catch(() => undefined)
  return fabric?.trace.traceId ?? (asked === BARE ? undefined : asked)
}

async function showTrace(invocation: OpenedInvocation): Promise<void> {
  if (invocation.flags.text('trace') === undefined) return
  const fabric = await invocation.opened()?.catch(() => undefined)
  if (!fabric) return
  const { traceText } = await import('./output/trace-text.ts')
  const { wayText } = await import('./output/way-text.ts')
  invocation.console.attach('trace', { ...fabric.trace, way: fabric.way })
  invocation.console.note(`${traceText(fabric.trace)}\n  by way of ${wayText(fabric.way)}`)
}
