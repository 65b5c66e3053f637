import { describe, expect, it } from 'vitest'
import { COMMANDS, describeCommands, nameOf } from '../../../src/cli/command-tree.ts'
import { BARE } from '../../../src/cli/flags.ts'
import { HANDLERS } from '../../../src/cli/handlers.ts'
import { commandsPage } from '../../../src/cli/output/command-page.ts'
import { parseCommandLine } from '../../../src/cli/parse-command-line.ts'
import { FabricError } from '../../../src/foundation/index.ts'

function parsed(...argv: string[]) {
  const line = parseCommandLine(argv)
  if (line.kind !== 'command') throw new Error(`expected a command, got ${line.kind}`)
  return { name: nameOf(line.command), args: line.args, flags: line.flags }
}

function refusal(...argv: string[]): FabricError {
  try {
    parseCommandLine(argv)
  } catch (thrown) {
    if (thrown instanceof FabricError) return thrown
    throw thrown
  }
  throw new Error('expected a refusal')
}

describe('the command line', () => {
  it('finds the command, its words and its flags wherever they stand', () => {
    const { name, args, flags } = parsed(
      '--json',
      'plan',
      'stripe',
      '--out',
      'p.json',
      'payment.create',
      'amount=1',
      '--why',
      'x',
    )

    expect(name).toBe('plan')
    expect(args).toEqual(['stripe', 'payment.create', 'amount=1'])
    expect([flags.has('json'), flags.text('out'), flags.text('why')]).toEqual([true, 'p.json', 'x'])
  })

  it('never lets --trace and --twin swallow the next word', () => {
    const id = '0123456789abcdef0123456789abcdef'

    expect(parsed('plan', '--trace', 'stripe', 'payment.create').args).toEqual(['stripe', 'payment.create'])
    expect(parsed('plan', '--trace', 'stripe').flags.text('trace')).toBe(BARE)
    expect(parsed('plan', '--trace', id, 'stripe').flags.text('trace')).toBe(id)
    expect(parsed('provider', 'add', '--twin', 'stripe').args).toEqual(['stripe'])
    expect(parsed('provider', 'add', 'stripe', '--twin', 'http://127.0.0.1:1').flags.text('twin')).toBe(
      'http://127.0.0.1:1',
    )
  })

  it('collects repeatable flags', () => {
    expect(parsed('provider', 'add', 'x', '--tag', 'a=1', '--tag', 'b=2').flags.pairs('tag')).toEqual({
      a: '1',
      b: '2',
    })
  })

  it('takes what follows -- as words', () => {
    expect(parsed('__complete', '--', 'plan', '--trace', '--why').args).toEqual(['plan', '--trace', '--why'])
  })

  it.each([
    [['plna'], 'there is no command `ifab plna`', 'Did you mean `plan`?'],
    [['provider', 'ad'], 'there is no command `ifab provider ad`', 'Did you mean `add`?'],
    [
      ['provider', 'zzz'],
      'there is no command `ifab provider zzz`',
      'Commands: list, show, add, connect, test, remove, new.',
    ],
    [['plan', '--jsn'], 'there is no flag --jsn here', 'Did you mean `--json`?'],
    [['--jsn'], 'there is no flag --jsn here', 'Did you mean `--json`?'],
    [['plan', '--api-key=abc'], 'there is no flag --api-key here', 'shell history'],
    [['run', 'show'], "missing required argument 'RUN'", 'Usage: ifab run show RUN [STEP] [flags]'],
    [['budget', 'list', 'x'], 'too many arguments', 'Usage: ifab budget list'],
    [['plan', '--out'], 'argument missing', 'Usage: ifab plan'],
    [['run', 'list', '--mode=falsify'], '--mode=falsify means nothing for `ifab run list`', '`apply`'],
    [['plan', 'a', 'b', '--mode=other'], 'Allowed choices are falsify', undefined],
    [['plan', 'a', 'b', '--why'], '--why needs a reason', '--explain'],
    [['plan', 'a', 'b', '--why', '--json'], '--why needs a reason', '--explain'],
  ])('refuses %j', (argv, message, hint) => {
    const error = refusal(...argv)

    expect(error.message).toContain(message)
    if (hint !== undefined) expect(error.hint).toContain(hint)
    expect(error.exitCode).toBe(2)
  })

  it('never repeats what stood behind a flag that looks like a secret', () => {
    expect(JSON.stringify(refusal('provider', 'add', 'x', '--token=hunter2hunter2'))).not.toContain('hunter2')
  })

  it.each([
    [['limit'], 'count'],
    [['since'], 'duration'],
  ] as const)('refuses a wrong --%s', ([name], form) => {
    const { flags } = parsed('run', 'list', `--${name}`, 'soon')

    expect(() => flags[form](name)).toThrow(`--${name} expects`)
  })

  it('reads times and pairs', () => {
    const { flags } = parsed('run', 'list', '--since', '12h', '--limit', '5')

    expect([flags.duration('since'), flags.count('limit')]).toEqual([43_200_000, 5])
    expect(() => parsed('provider', 'add', 'x', '--tag', 'a').flags.pairs('tag')).toThrow('expects KEY=VALUE')
    expect(() => parsed('provider', 'add', 'x', '--tag', 'a=1', '--tag', 'a=2').flags.pairs('tag')).toThrow(
      'gives a twice',
    )
  })

  it('gives help for --help, for nothing, and for a noun alone', () => {
    expect(parseCommandLine(['plan', '--help'])).toEqual({ kind: 'help', words: ['plan'], asked: true })
    expect(parseCommandLine(['run', 'show', '-h'])).toEqual({ kind: 'help', words: ['run', 'show'], asked: true })
    expect(parseCommandLine([])).toEqual({ kind: 'help', words: [], asked: true })
    expect(parseCommandLine(['provider'])).toEqual({ kind: 'help', words: ['provider'], asked: false })
    expect(parseCommandLine(['-V'])).toEqual({ kind: 'version' })
  })
})

describe('the command tree', () => {
  it('is the public grammar: a change of this list is a decision', () => {
    expect(describeCommands().commands.map(({ command }) => command)).toEqual([
      'provider list',
      'provider show',
      'provider add',
      'provider connect',
      'provider test',
      'provider remove',
      'provider new',
      'secret set',
      'secret list',
      'secret key',
      'twin up',
      'manifest generate',
      'manifest sign',
      'manifest verify',
      'manifest diff',
      'chassis new',
      'chassis build',
      'chassis load',
      'chassis list',
      'chassis unload',
      'chassis run',
      'chassis performance',
      'chassis reputation',
      'chassis resources',
      'chassis credentials',
      'plan',
      'apply',
      'call',
      'run list',
      'run show',
      'run cancel',
      'run settle',
      'undo',
      'approval list',
      'approval show',
      'approval grant',
      'approval deny',
      'budget list',
      'freeze',
      'thaw',
      'governor register',
      'governor profiles',
      'governor unregister',
      'governor find-help',
      'governor budgets',
      'governor money',
      'governor breakers',
      'governor reset-breaker',
      'escalation list',
      'escalation show',
      'escalation ack',
      'escalation snooze',
      'escalation resolve',
      'invite list',
      'invite accept',
      'invite decline',
      'session show',
      'session clear',
      'policy list',
      'policy check',
      'policy test',
      'policy explain',
      'policy what-if',
      'task add',
      'task list',
      'task show',
      'task claim',
      'task extend',
      'task complete',
      'task fail',
      'task release',
      'task block',
      'task unblock',
      'task retry',
      'task cancel',
      'up',
      'coordinator start',
      'coordinator status',
      'coordinator health',
      'coordinator swarms',
      'logs',
      'context add',
      'context use',
      'context list',
      'context remove',
      'token create',
      'token list',
      'token revoke',
      'hook list',
      'hook show',
      'hook tail',
      'hook address',
      'demo',
      'ops',
      'witness log',
      'witness verify',
      'witness export',
      'init',
      'lock',
      'config show',
      'doctor',
      'schema',
      'completion',
      'help',
    ])
    expect(describeCommands().globalFlags.map(({ name }) => name)).toEqual([
      '--json',
      '--why',
      '--explain',
      '--trace',
      '--mode',
      '--no-input',
      '--home',
      '--context',
      '--actor',
      '--session',
      '--log-level',
      '--no-color',
    ])
  })

  it.each(COMMANDS.map((command) => [nameOf(command), command] as const))(
    '%s has a handler and examples that parse',
    async (name, command) => {
      expect(await HANDLERS[name]?.()).toBeTypeOf('function')
      for (const example of command.examples) {
        const argv = words(example)
        expect(parsed(...argv).name).toBe(name)
      }
    },
  )

  it('stands whole in the generated page', () => {
    const page = commandsPage()

    for (const { command, flags } of describeCommands().commands) {
      expect(page).toContain(`## ifab ${command}\n`)
      for (const flag of flags) expect(page).toContain(flag.name)
    }
  })
})

/** The words of an example, without `ifab`, redirections and substitutions around it. */
function words(example: string): string[] {
  const inner = /<\((.+)\)/.exec(example)?.[1] ?? example.replace(/ > .*$/, '')
  const found = inner.match(/(?:[^\s']+|'[^']*')+/g) ?? []
  return found.slice(1).map((word) => word.replaceAll("'", ''))
}
