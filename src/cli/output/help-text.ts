// Help pages, from the command tree: the first page, all commands, one noun, one command.
import { didYouMean, FabricError } from '../../foundation/index.ts'
import type { CommandSpec, FlagSpec } from '../command-spec.ts'
import {
  commandsUnder,
  describeCommand,
  describeCommands,
  GLOBAL_FLAGS,
  NOUNS,
  nameOf,
  usageOf,
  visibleCommands,
} from '../command-tree.ts'
import type { Colours } from './colours.ts'
import { table } from './table.ts'

export interface HelpPage {
  text: string
  /** The same for programs. */
  description: unknown
}

export function helpFor(words: readonly string[], paint: Colours): HelpPage {
  if (words.length === 0) return { text: firstPage(paint), description: describeCommands() }
  const commands = commandsUnder(words)
  const [only] = commands
  if (commands.length === 1 && only && only.path.length === words.length) {
    return { text: commandPage(only, paint), description: describeCommand(only) }
  }
  if (commands.length > 0) return { text: nounPage(words, commands, paint), description: commands.map(describeCommand) }
  const typed = words.join(' ')
  const hint = didYouMean(typed, [...visibleCommands().map(nameOf), ...NOUNS.map(({ name }) => name)])
  throw new FabricError('IF_ERR_USAGE', `there is no command \`ifab ${typed}\``, {
    ...(hint ? { hint } : {}),
    next: 'ifab help --all',
  })
}

/** Nouns with one line each, and how to begin. */
function firstPage(paint: Colours): string {
  const nouns = NOUNS.filter(({ first }) => first).map(({ name, summary }) => [paint.strong(name), summary])
  return [
    'ifab: plan, judge, pay, do and prove what people and agents do outside',
    '',
    table(nouns, '  '),
    '',
    paint.strong('Examples'),
    '  ifab demo',
    '  ifab provider add slack --tag env=production',
    "  ifab plan slack message.send to='#general' text='hello'",
    "  ifab apply --plan last --why 'the first hello'",
    '',
    'Every command takes --json, --why, --explain and --trace. More: ifab help COMMAND, ifab help --all',
  ].join('\n')
}

export function allCommandsPage(paint: Colours): HelpPage {
  const rows = visibleCommands().map((command) => [paint.strong(nameOf(command)), command.summary])
  const text = [table(rows, '  '), '', paint.strong('Flags of every command'), flagTable(GLOBAL_FLAGS)].join('\n')
  return { text, description: describeCommands() }
}

function nounPage(words: readonly string[], commands: readonly CommandSpec[], paint: Colours): string {
  const noun = NOUNS.find(({ name }) => name === words[0])
  const rows = commands.map((command) => [paint.strong(nameOf(command)), command.summary])
  const examples = commands.map(({ examples: [first] }) => `  ${first}`)
  return [
    `ifab ${words.join(' ')}: ${noun?.summary ?? ''}`,
    '',
    table(rows, '  '),
    '',
    paint.strong('Examples'),
    ...examples,
  ].join('\n')
}

function commandPage(command: CommandSpec, paint: Colours): string {
  const args = (command.args ?? []).map(({ name, description }) => [name, description])
  const flags = command.flags ?? []
  const own = new Set(flags.map(({ name }) => name))
  const shown = GLOBAL_FLAGS.filter(({ name }) => !own.has(name) && (name !== '--mode' || command.falsifies))
  return [
    command.summary,
    ...(command.details ? [command.details] : []),
    '',
    `${paint.strong('Usage')}  ${usageOf(command)}`,
    ...(args.length > 0 ? ['', table(args, '  ')] : []),
    ...(flags.length > 0 ? ['', paint.strong('Flags'), flagTable(flags)] : []),
    '',
    paint.strong('Flags of every command'),
    flagTable(shown),
    '',
    paint.strong('Examples'),
    ...command.examples.map((example) => `  ${example}`),
  ].join('\n')
}

const flagTable = (flags: readonly FlagSpec[]): string =>
  table(
    flags.map((flag) => [flagUsage(flag), flagMeaning(flag)]),
    '  ',
  )

/** The description, with the values where usage has no room for them. */
export const flagMeaning = ({
  description,
  choices,
}: Pick<FlagSpec, 'description'> & { choices?: readonly string[] | null | undefined }): string =>
  choices && choices.length > 2 ? `${description} One of ${choices.join(', ')}.` : description

/** `-f, --file PLAYBOOK`, `--trace [ID]`, `--mode=falsify`. */
export function flagUsage({ name, short, value, valueForm, choices }: FlagSpec): string {
  const named = short ? `${short}, ${name}` : name
  if (value === undefined) return named
  if (choices && choices.length <= 2) return `${named}=${choices.join('|')}`
  return `${named} ${valueForm ? `[${value}]` : value}`
}
