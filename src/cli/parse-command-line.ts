// Turns argv into a command with its arguments and flags. Commander parses, built from the command tree; what it refuses
// becomes one IF_ERR_USAGE with a suggestion and the command's usage.
import { Command, type CommanderError, InvalidArgumentError, Option } from 'commander'
import { didYouMean, FabricError, nearest } from '../foundation/index.ts'
import type { ArgumentSpec, CommandSpec, FlagSpec } from './command-spec.ts'
import { COMMANDS, commandsUnder, GLOBAL_FLAGS, NOUNS, nameOf, usageOf } from './command-tree.ts'
import { BARE, Flags } from './flags.ts'

export type CommandLine =
  | { kind: 'command'; command: CommandSpec; args: string[]; flags: Flags }
  /** `words` name a command or a noun; none for the first page. `asked`: by --help, else a noun alone was typed. */
  | { kind: 'help'; words: readonly string[]; asked: boolean }
  | { kind: 'version' }

export function parseCommandLine(argv: readonly string[]): CommandLine {
  let found: CommandLine | undefined
  const root = quiet(new Command('ifab'), [])
  for (const flag of GLOBAL_FLAGS) root.addOption(optionOf(flag))
  root.addOption(new Option('-V, --version'))
  for (const command of COMMANDS) {
    const leaf = quiet(new Command(command.path.at(-1)), command.path)
    for (const arg of command.args ?? []) leaf.argument(argumentOf(arg))
    for (const flag of command.flags ?? []) leaf.addOption(optionOf(flag))
    leaf.action(() => {
      const flags = new Flags({ ...root.opts(), ...leaf.opts() })
      found = { kind: 'command', command, args: leaf.args, flags }
    })
    parentOf(root, command).addCommand(leaf)
  }
  anyWords(root).action(() => {
    const [word] = root.args
    if (word !== undefined) throw unknownWord([], word)
    found = root.opts().version === true ? { kind: 'version' } : { kind: 'help', words: [], asked: true }
  })

  try {
    root.parse(withBareValues(argv), { from: 'user' })
  } catch (thrown) {
    if (thrown instanceof HelpAsked) return { kind: 'help', words: thrown.words, asked: true }
    if (thrown instanceof NounAlone) return { kind: 'help', words: thrown.words, asked: false }
    throw thrown
  }
  if (!found) throw new FabricError('IF_ERR_INTERNAL', 'the command line was parsed without a command')
  if (found.kind === 'command') checkMode(found.command, found.flags)
  return found
}

class HelpAsked {
  constructor(readonly words: readonly string[]) {}
}

class NounAlone {
  constructor(readonly words: readonly string[]) {}
}

/** Prints nothing and never exits: everything that ends parsing is thrown. */
function quiet(command: Command, path: readonly string[]): Command {
  return command
    .helpCommand(false)
    .helpOption('-h, --help')
    .showSuggestionAfterError(false)
    .configureOutput({ writeOut: () => {}, writeErr: () => {} })
    .exitOverride((error) => {
      if (error.code === 'commander.helpDisplayed') throw new HelpAsked(path)
      throw usageError(error, path)
    })
}

/** Takes whatever no command took, so that it can be named in the error. */
const anyWords = (command: Command): Command =>
  command.argument('[words...]').allowUnknownOption().allowExcessArguments()

/** The group of a command of two words, made at its first command. */
function parentOf(root: Command, command: CommandSpec): Command {
  if (command.path.length === 1) return root
  const [noun] = command.path
  const known = root.commands.find((candidate) => candidate.name() === noun)
  if (known) return known
  const group = quiet(new Command(noun), [noun])
  anyWords(group).action(() => {
    const [word] = group.args
    throw word === undefined ? new NounAlone([noun]) : unknownWord([noun], word)
  })
  root.addCommand(group)
  return group
}

function optionOf(flag: FlagSpec): Option {
  const names = flag.short ? `${flag.short}, ${flag.name}` : flag.name
  const option = new Option(flag.value ? `${names} <${flag.value}>` : names, flag.description)
  if (flag.choices) option.choices(flag.choices)
  if (flag.many) option.argParser(many(flag))
  return option
}

const many =
  ({ choices }: FlagSpec) =>
  (value: string, before: string[] | undefined): string[] => {
    if (choices && !choices.includes(value))
      throw new InvalidArgumentError(`Allowed choices are ${choices.join(', ')}.`)
    return [...(before ?? []), value]
  }

const argumentOf = ({ name, required, many }: ArgumentSpec): string => {
  const inner = many ? `${name}...` : name
  return required ? `<${inner}>` : `[${inner}]`
}

/** Gives flags whose value may be left out one, and refuses a `--why` without reason. */
function withBareValues(argv: readonly string[]): string[] {
  const flags = [...GLOBAL_FLAGS, ...(commandIn(argv)?.flags ?? [])]
  const optional = new Map(flags.flatMap(({ name, valueForm }) => (valueForm ? [[name as string, valueForm]] : [])))
  const end = argv.indexOf('--')
  return argv.flatMap((word, at) => {
    if (end >= 0 && at >= end) return [word]
    const next = at + 1 === end ? undefined : argv[at + 1]
    if (word === '--why' && (next === undefined || next.startsWith('--'))) throw bareWhy()
    const form = optional.get(word)
    return form && !(next !== undefined && form.test(next)) ? [`${word}=${BARE}`] : [word]
  })
}

/** The command whose words come first, as far as that can be seen before the flags are understood. */
function commandIn(argv: readonly string[]): CommandSpec | undefined {
  const places = COMMANDS.flatMap((command) => {
    const at = argv.findIndex((_word, start) => command.path.every((word, offset) => argv[start + offset] === word))
    return at < 0 ? [] : [{ command, at }]
  })
  return places.sort((a, b) => a.at - b.at || b.command.path.length - a.command.path.length)[0]?.command
}

const bareWhy = (): FabricError =>
  new FabricError('IF_ERR_USAGE', '--why needs a reason, as in --why "order 1842"', {
    hint: 'To see why something was decided, use --explain.',
  })

function checkMode(command: CommandSpec, flags: Flags): void {
  if (flags.text('mode') === undefined || command.falsifies) return
  const able = COMMANDS.filter((candidate) => candidate.falsifies).map((candidate) => `\`${nameOf(candidate)}\``)
  throw new FabricError('IF_ERR_USAGE', `--mode=falsify means nothing for \`ifab ${nameOf(command)}\``, {
    hint: `It works with ${able.join(', ')}.`,
  })
}

const unknownWord = (words: readonly string[], word: string): FabricError =>
  word.startsWith('-') ? unknownFlag(word, words) : unknownCommand(words, word)

function unknownCommand(words: readonly string[], word: string): FabricError {
  const known =
    words.length === 0
      ? NOUNS.map(({ name }) => name)
      : commandsUnder(words).map(({ path }) => path[words.length] ?? '')
  const typed = [...words, word].join(' ')
  const [best] = nearest(word, known)
  const hint = didYouMean(word, known)
  return new FabricError('IF_ERR_USAGE', `there is no command \`ifab ${typed}\``, {
    hint: hint ?? `Commands: ${known.join(', ')}.`,
    next: best === undefined ? ['ifab help', ...words].join(' ') : ['ifab', ...words, best].join(' '),
  })
}

function usageError(error: CommanderError, path: readonly string[]): FabricError {
  const message = error.message.replace(/^error: /, '')
  const flag = /^unknown option '([^']+)'/.exec(message)?.[1]
  if (flag !== undefined) return unknownFlag(flag, path)
  const command = commandAt(path)
  const hint = command ? { hint: `Usage: ${usageOf(command)}` } : {}
  return new FabricError('IF_ERR_USAGE', message, { ...hint, next: ['ifab help', ...path].join(' ') })
}

function unknownFlag(typed: string, path: readonly string[]): FabricError {
  const flag = typed.split('=')[0] ?? typed
  const command = commandAt(path)
  const known = [...(command?.flags ?? []), ...GLOBAL_FLAGS].map(({ name }) => name)
  const usage = command ? `Usage: ${usageOf(command)}` : undefined
  const hint = secretOnCommandLine(flag) ?? didYouMean(flag, known) ?? usage
  return new FabricError('IF_ERR_USAGE', `there is no flag ${flag} here`, {
    ...(hint ? { hint } : {}),
    next: ['ifab help', ...path].join(' '),
  })
}

const commandAt = (path: readonly string[]): CommandSpec | undefined =>
  COMMANDS.find((command) => nameOf(command) === path.join(' '))

/** Somebody is about to type a secret into a flag: say why there is none. */
const secretOnCommandLine = (flag: string): string | undefined =>
  /key|token|password|secret/i.test(flag)
    ? 'A secret never stands on the command line, because shell history and process list show it. Use --secret KEY=env:VARIABLE, KEY=file:PATH or KEY=-, or let it be asked for.'
    : undefined
