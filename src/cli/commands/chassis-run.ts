// ifab chassis run: runs a module on an input. Its answer is the result; what it says and does meanwhile goes to stderr.
import type { ModuleRun, RunModule } from '../../fabric/index.ts'
import { FabricError, isFabricError } from '../../foundation/index.ts'
import { readGrants } from '../input/grants.ts'
import { isModuleReference, readModuleFile } from '../input/module-file.ts'
import { moduleInput } from '../input/module-input.ts'
import { actingClaim } from '../input/task-reference.ts'
import { type Interruption, listenForInterrupt } from '../interrupt.ts'
import type { CommandHandler, Invocation } from '../invocation.ts'
import { callsText, logText, runLine, usageText } from '../output/module-run-text.ts'
import { printableJson } from '../output/printable.ts'

export const chassisRunCommand: CommandHandler = async (invocation) => {
  const { args, console, flags, io, why } = invocation
  const [name = ''] = args // required by the command tree
  const grants = readGrants(flags.all('grant'))
  const timeoutMs = flags.duration('timeout')
  const isTraced = flags.text('trace') !== undefined
  const module = isModuleReference(name) ? name : await readModuleFile(name)
  const fabric = await invocation.fabric()
  const input = await moduleInput(invocation, { fabric, module, words: args.slice(1) })
  const of = flags.text('export') as RunModule['export'] // one of the choices of the command tree
  const claim = await actingClaim(invocation)
  const interruption = listenForInterrupt(io)
  try {
    const run = await fabric.runModule(module, {
      ...(of === undefined ? {} : { export: of }),
      input,
      ...(grants.length === 0 ? {} : { grants }),
      ...claim,
      ...(timeoutMs === undefined ? {} : { timeoutMs }),
      ...(flags.has('fresh') ? { fresh: true } : {}),
      ...(why === undefined ? {} : { why }),
      signal: interruption.stop,
    })
    showSaid(invocation, run)
    console.result(run, printableJson(run.output))
    console.note(isTraced ? usageText(run, console.err) : `${runLine(run)}${nextAfter(run)}`)
  } catch (thrown) {
    if (isFabricError(thrown)) showSaid(invocation, thrown.details as Partial<ModuleRun>)
    throw interrupted(thrown, interruption)
  } finally {
    interruption.end()
  }
}

/** What it logged and, where it failed, what it had done before: both may be told by an error as well. */
function showSaid({ console }: Invocation, { log, calls, output }: Partial<ModuleRun>): void {
  for (const line of log ?? []) console.note(logText(line, console.err))
  const hasFailed = output === undefined
  if (hasFailed && calls && calls.length > 0) console.note(callsText(calls, console.err))
}

const nextAfter = ({ calls }: ModuleRun): string =>
  calls.some(({ run }) => run !== null) ? '    Next: ifab run list' : ''

/** Ctrl-C is 130, whatever the module made of it. */
function interrupted(thrown: unknown, { exitCode }: Interruption): unknown {
  if (exitCode === undefined) return thrown
  return new FabricError('IF_ERR_CANCELLED', 'the module was stopped', { details: { exitCode }, cause: thrown })
}
