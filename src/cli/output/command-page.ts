// docs/cli.md: every command with its arguments, flags and examples, as Markdown.
import { type CommandDescription, type CommandTreeDescription, describeCommands } from '../command-tree.ts'
import { flagMeaning } from './help-text.ts'

/** The page of the tree as it is. */
export const commandsPage = (): string => commandsMarkdown(describeCommands())

function commandsMarkdown({ nouns, globalFlags, commands }: CommandTreeDescription): string {
  return `# Commands

The command is \`ifab\`. Exit codes and error codes: [errors.md](errors.md). The same tree as data: \`ifab schema\`.

${nouns.map(({ name, summary }) => `- [\`${name}\`](#${anchorOf(commands, name)}): ${summary}.`).join('\n')}

## Flags of every command

${flagTable(globalFlags)}

## key=value

An operation's input is typed by its schema (\`ifab provider show INSTANCE OPERATION\`).

| form | means |
|---|---|
| \`amount=2500\` | a number where the operation wants a number, else text; \`=\` is always literal, so \`text=@here\` is the text \`@here\` |
| \`native:='{"a":[1]}'\` | JSON |
| \`text@=letter.txt\` | the text of a file |
| \`attributes.brightness:=200\` | a member of an object |
| \`items.0.price=3\` | an item of a list |
| \`tag=a tag=b\` | a repeated key fills a list |
| \`--input FILE\`, \`--input -\`, \`--input '{…}'\` | the whole input; key=value goes on top |

${commands.map(commandSection).join('\n')}`
}

/** A noun of several commands links to its first. */
const anchorOf = (commands: readonly CommandDescription[], noun: string): string => {
  const first = commands.find(({ command }) => command === noun || command.startsWith(`${noun} `))
  return `ifab-${(first?.command ?? noun).replaceAll(' ', '-')}`
}

function commandSection(command: CommandDescription): string {
  const args = command.args.map(({ name, description }) => `| \`${name}\` | ${cell(description)} |`)
  return [
    `## ifab ${command.command}`,
    '',
    command.summary,
    ...(command.details ? ['', command.details] : []),
    ...(command.falsifies ? ['', 'Takes `--mode=falsify`.'] : []),
    '',
    '```console',
    command.usage,
    '```',
    ...(args.length > 0 ? ['', '| argument | |', '|---|---|', ...args] : []),
    ...(command.flags.length > 0 ? ['', flagTable(command.flags)] : []),
    '',
    'Examples:',
    '',
    '```console',
    ...command.examples.map((example) => `$ ${example}`),
    '```',
    '',
  ].join('\n')
}

const flagTable = (flags: CommandDescription['flags']): string =>
  [
    '| flag | |',
    '|---|---|',
    ...flags.map(({ name, short, value, valueOptional, description, choices }) => {
      const shown = value === null ? '' : valueOptional ? ` [${value}]` : ` ${value}`
      return `| \`${short ? `${short}, ` : ''}${name}${shown}\` | ${cell(flagMeaning({ description, choices }))} |`
    }),
  ].join('\n')

const cell = (text: string): string => text.replaceAll('|', '\\|')
