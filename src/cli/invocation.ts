// One call of a command: its words, its console, and the fabric, which is opened when first needed and closed at the end.
import type { OpenOptions } from '../client/index.ts'
import type { Fabric } from '../fabric/index.ts'
import { FabricError, LOG_LEVELS } from '../foundation/index.ts'
import type { CommandSpec } from './command-spec.ts'
import { BARE, type Flags } from './flags.ts'
import { projectNote } from './input/project.ts'
import type { Io } from './io.ts'
import type { Console } from './output/console.ts'

export interface Invocation {
  readonly command: CommandSpec
  readonly args: readonly string[]
  readonly flags: Flags
  readonly io: Io
  readonly console: Console
  readonly why: string | undefined
  readonly explain: boolean
  readonly falsify: boolean
  /** Whether a question may be asked: a person sits at a terminal and did not say --no-input. */
  readonly canAsk: boolean
  /** Opens it at the first call; what is given then replaces what flags and environment say. */
  fabric: (own?: Pick<OpenOptions, 'home' | 'way' | 'project'>) => Promise<Fabric>
  /** Does something once the fabric is closed, whatever became of the command. */
  afterwards: (work: () => Promise<void>) => void
}

/** Performs a command; returns the exit code, nothing for 0. */
// biome-ignore lint/suspicious/noConfusingVoidType: most commands simply end
export type CommandHandler = (invocation: Invocation) => Promise<number | void>

export interface OpenedInvocation extends Invocation {
  /** The fabric, if the command has opened it. */
  opened: () => Promise<Fabric> | undefined
  /** Closes the fabric and does what was to be done afterwards. */
  close: () => Promise<void>
}

export function createInvocation(parts: {
  command: CommandSpec
  args: readonly string[]
  flags: Flags
  io: Io
  console: Console
}): OpenedInvocation {
  const { flags, io, console } = parts
  const why = flags.text('why')
  if (why?.trim() === '')
    throw new FabricError('IF_ERR_USAGE', '--why must not be empty', {
      hint: 'Say the reason, as in --why "order 1842".',
    })
  let fabric: Promise<Fabric> | undefined
  const last: (() => Promise<void>)[] = []
  return {
    ...parts,
    why,
    explain: flags.has('explain'),
    falsify: flags.text('mode') === 'falsify',
    canAsk: io.stdin.isTTY === true && io.stderr.isTTY === true && !flags.has('no-input') && !console.json,
    fabric(own) {
      fabric ??= io.openFabric({ ...openOptions(parts, why), ...own }).then(async (opened) => {
        const note = own?.project === undefined && !parts.command.hidden ? await projectNote(opened, io) : undefined
        if (note !== undefined) console.note(note)
        return opened
      })
      return fabric
    },
    afterwards: (work) => void last.push(work),
    opened: () => fabric,
    async close() {
      // A fabric that never opened needs no closing; why it did not was said already.
      const open = await fabric?.catch(() => undefined)
      await open?.close()
      for (const work of last) await work()
    },
  }
}

/** What the global flags and the environment say about the fabric. Flags win. */
function openOptions(
  { command, flags, io }: { command: CommandSpec; flags: Flags; io: Io },
  why: string | undefined,
): OpenOptions {
  const trace = flags.text('trace')
  // Under --json stderr holds nothing but the error object, unless a level is asked for.
  const quiet = flags.has('json') ? 'silent' : undefined
  const level = LOG_LEVELS.find((known) => known === flags.text('log-level')) ?? quiet
  // `token create --actor` says who gets the token, not who makes it.
  const isOwn = command.flags?.some(({ name }) => name === '--actor') === true
  const actor = (isOwn ? undefined : flags.text('actor')) ?? io.env.IFAB_ACTOR
  const home = flags.text('home')
  const context = flags.text('context')
  const session = flags.text('session')
  return {
    ...(home === undefined ? {} : { home }),
    ...(context === undefined ? {} : { context }),
    ...(actor === undefined ? {} : { actor }),
    ...(session === undefined ? {} : { session }),
    ...(why === undefined ? {} : { why }),
    ...(trace === undefined ? {} : { trace: trace === BARE ? true : trace }),
    ...(level === undefined ? {} : { logLevel: level }),
    env: io.env,
  }
}
