// Every command of `ifab` as data, in the order in which help shows them. A command exists when it stands here.
import type { ArgumentSpec, CommandSpec, FlagSpec, NounSpec } from './command-spec.ts'
import { ACTION_COMMANDS } from './tree/action-commands.ts'
import { DAEMON_COMMANDS } from './tree/daemon-commands.ts'
import { GLOBAL_FLAGS } from './tree/global-flags.ts'
import { GOVERNING_COMMANDS } from './tree/governing-commands.ts'
import { HOOK_COMMANDS } from './tree/hook-commands.ts'
import { MODULE_COMMANDS } from './tree/module-commands.ts'
import { POLICY_COMMANDS } from './tree/policy-commands.ts'
import { PROVIDER_COMMANDS } from './tree/provider-commands.ts'
import { TASK_COMMANDS } from './tree/task-commands.ts'
import { TOOL_COMMANDS } from './tree/tool-commands.ts'

export { GLOBAL_FLAGS }

export const COMMANDS: readonly CommandSpec[] = [
  ...PROVIDER_COMMANDS,
  ...MODULE_COMMANDS,
  ...ACTION_COMMANDS,
  ...GOVERNING_COMMANDS,
  ...POLICY_COMMANDS,
  ...TASK_COMMANDS,
  ...DAEMON_COMMANDS,
  ...HOOK_COMMANDS,
  ...TOOL_COMMANDS,
]

/** First words, in the order of the first help page. */
export const NOUNS: readonly NounSpec[] = [
  { name: 'demo', first: true, summary: 'See it work on twins: no account, no question, nothing leaves the machine' },
  { name: 'provider', first: true, summary: 'Providers and your instances of them: list, show, add, test, remove' },
  { name: 'secret', first: true, summary: 'Credentials, encrypted at rest: set, list, key' },
  { name: 'plan', first: true, summary: 'Show exactly what would happen, with verdict, cost and undo' },
  { name: 'apply', first: true, summary: 'Do it: a plan, a playbook or one operation' },
  { name: 'call', first: true, summary: 'Read something' },
  { name: 'run', first: true, summary: 'What was done: list, show, cancel, settle' },
  { name: 'undo', first: true, summary: 'Take back a run or one step of it' },
  { name: 'approval', first: true, summary: 'What waits for a yes: list, show, grant, deny' },
  { name: 'budget', first: true, summary: 'What may still be spent: list' },
  { name: 'policy', first: true, summary: 'Who may do what: list, check, test, explain, what-if' },
  { name: 'freeze', first: true, summary: 'Stop everything, one swarm or one instance at once' },
  { name: 'thaw', first: false, summary: 'Let go on what was frozen' },
  {
    name: 'task',
    first: true,
    summary: 'Work for agents, each task claimed once: add, list, show, claim, complete, block',
  },
  { name: 'witness', first: true, summary: 'The signed log of everything: log, verify, export' },
  { name: 'twin', first: true, summary: 'Stand-ins of providers for rehearsal: up' },
  { name: 'up', first: true, summary: 'Run the daemon: tasks are pushed, leases watched, agents let in by token' },
  { name: 'ops', first: true, summary: 'Search the operations of all providers' },
  {
    name: 'chassis',
    first: false,
    summary: 'Modules that others wrote, in a sandbox: new, build, load, list, run, performance, credentials',
  },
  { name: 'init', first: false, summary: 'Make a project: a folder for git' },
  { name: 'lock', first: false, summary: 'The manifests that a project is planned with' },
  { name: 'config', first: false, summary: 'Settings that hold, and what says so: show' },
  { name: 'doctor', first: true, summary: 'Check that everything is in order' },
  { name: 'coordinator', first: false, summary: 'How the work goes on: start, status, health, swarms' },
  {
    name: 'governor',
    first: false,
    summary: 'Swarms, who can help, breakers: register, find-help, breakers, reset-breaker',
  },
  { name: 'escalation', first: false, summary: 'Tasks that are stuck: list, show, ack, snooze, resolve' },
  { name: 'invite', first: false, summary: 'Swarms that are asked to help: list, accept, decline' },
  { name: 'session', first: false, summary: 'What sessions have touched: show, clear' },
  { name: 'hook', first: false, summary: 'What vendors send by themselves: list, show, tail, address' },
  { name: 'logs', first: false, summary: 'What the daemon has logged' },
  { name: 'context', first: false, summary: 'Daemons elsewhere: add, use, list, remove' },
  { name: 'token', first: false, summary: 'Whom a daemon lets in: create, list, revoke' },
  { name: 'manifest', first: false, summary: 'What a provider may do, signed: generate, sign, verify, diff' },
  { name: 'schema', first: false, summary: 'The command tree as JSON' },
  { name: 'completion', first: false, summary: 'Completion for bash, zsh and fish' },
  { name: 'help', first: false, summary: 'Help on a command' },
]

export const nameOf = (command: CommandSpec): string => command.path.join(' ')

export const visibleCommands = (): CommandSpec[] => COMMANDS.filter((command) => !command.hidden)

/** Commands whose path starts with these words; several for a noun such as `provider`. */
export const commandsUnder = (words: readonly string[]): CommandSpec[] =>
  visibleCommands().filter((command) => words.every((word, at) => command.path[at] === word))

/** `ifab provider add PROVIDER [flags]`. */
export function usageOf(command: CommandSpec): string {
  const args = (command.args ?? []).map((arg) => {
    const name = arg.many ? `${arg.name}…` : arg.name
    return arg.required ? name : `[${name}]`
  })
  return ['ifab', ...command.path, ...args, '[flags]'].join(' ')
}

export interface CommandDescription {
  command: string
  usage: string
  summary: string
  details?: string
  args: Omit<ArgumentSpec, 'offers'>[]
  flags: ReturnType<typeof describeFlag>[]
  examples: readonly string[]
  falsifies: boolean
}

export interface CommandTreeDescription {
  nouns: readonly NounSpec[]
  globalFlags: ReturnType<typeof describeFlag>[]
  commands: CommandDescription[]
}

/** The command tree for programs: `ifab schema`, docs/cli.md. */
export function describeCommands(): CommandTreeDescription {
  return {
    nouns: NOUNS,
    globalFlags: GLOBAL_FLAGS.map(describeFlag),
    commands: visibleCommands().map(describeCommand),
  }
}

export function describeCommand(command: CommandSpec): CommandDescription {
  return {
    command: nameOf(command),
    usage: usageOf(command),
    summary: command.summary,
    ...(command.details ? { details: command.details } : {}),
    args: (command.args ?? []).map(({ name, description, required = false, many = false }) => ({
      name,
      description,
      required,
      many,
    })),
    flags: (command.flags ?? []).map(describeFlag),
    examples: command.examples,
    falsifies: command.falsifies ?? false,
  }
}

const describeFlag = ({ name, short, value, valueForm, many, choices, description }: FlagSpec) => ({
  name,
  short: short ?? null,
  value: value ?? null,
  valueOptional: valueForm !== undefined,
  many: many ?? false,
  choices: choices ?? null,
  description,
})
