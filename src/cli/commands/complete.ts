// ifab __complete: candidates for the last word. Completion must never fail in the middle of typing, so whatever goes
// wrong here just means that there are no candidates.
import type { Fabric } from '../../fabric/index.ts'
import { type JsonObject, shortId } from '../../foundation/index.ts'
import type { CommandSpec, FlagSpec, Offer } from '../command-spec.ts'
import { COMMANDS, GLOBAL_FLAGS, NOUNS } from '../command-tree.ts'
import { choicesOf, fieldOf, knownFields } from '../input/field-schema.ts'
import { isModuleReference } from '../input/module-file.ts'
import { inputSchema } from '../input/module-input.ts'
import { operationOf, providerOf } from '../input/operation.ts'
import { playbookSchema } from '../input/playbook-inputs.ts'
import type { CommandHandler, Invocation } from '../invocation.ts'
import { escalationName, inviteName } from '../output/escalation-text.ts'
import { taskName } from '../output/task-text.ts'
import { credentialName } from './chassis-credentials.ts'

export const completeCommand: CommandHandler = async (invocation) => {
  const words = invocation.args
  const current = words.at(-1) ?? ''
  const candidates = await candidatesFor(invocation, words.slice(0, -1), current).catch(() => [])
  const fitting = [...new Set(candidates)].filter((candidate) => candidate.startsWith(current))
  invocation.console.result(fitting, fitting.join('\n'))
}

async function candidatesFor(invocation: Invocation, before: readonly string[], current: string): Promise<string[]> {
  const typed = readTyped(before)
  if (typed.waiting)
    return [...(typed.waiting.choices ?? []), ...(await offered(invocation, typed.waiting.offers, typed, current))]
  const { command, positional } = typed
  if (!command)
    return [...nextWords(positional), ...(current.startsWith('-') ? GLOBAL_FLAGS.map(({ name }) => name) : [])]
  if (current.startsWith('-')) return [...(command.flags ?? []), ...GLOBAL_FLAGS].map(flagWord)
  const args = command.args ?? []
  const arg = args[Math.min(positional.length, args.length - 1)]
  return offered(invocation, typed.values.has('--file') ? 'assignment' : arg?.offers, typed, current)
}

/** `--mode` has one value only, so both come at once. */
const flagWord = ({ name, choices }: FlagSpec): string => (choices?.length === 1 ? `${name}=${choices[0]}` : name)

interface Typed {
  command: CommandSpec | undefined
  /** Words that are no flags, behind the command's own. */
  positional: string[]
  /** A flag that waits for its value. */
  waiting: FlagSpec | undefined
  values: Map<string, string>
}

function readTyped(words: readonly string[]): Typed {
  const values = new Map<string, string>()
  const plain: string[] = []
  let waiting: FlagSpec | undefined
  for (const word of words) {
    if (waiting) {
      values.set(waiting.name, word)
      waiting = undefined
    } else if (word.startsWith('-')) {
      const flags = [...(commandAt(plain)?.flags ?? []), ...GLOBAL_FLAGS]
      const flag = flags.find(({ name, short }) => name === word || short === word)
      waiting = flag?.value !== undefined && !flag.valueForm ? flag : undefined
    } else plain.push(word)
  }
  const command = commandAt(plain)
  return { command, positional: plain.slice(command?.path.length ?? 0), waiting, values }
}

const commandAt = (words: readonly string[]): CommandSpec | undefined =>
  COMMANDS.find(({ path, hidden }) => !hidden && path.every((part, at) => words[at] === part))

function nextWords(typed: readonly string[]): string[] {
  if (typed.length === 0) return NOUNS.map(({ name }) => name)
  const under = COMMANDS.filter(({ path, hidden }) => !hidden && typed.every((word, at) => path[at] === word))
  return under.flatMap(({ path }) => path[typed.length] ?? [])
}

async function offered(
  invocation: Invocation,
  offer: Offer | undefined,
  typed: Typed,
  current: string,
): Promise<string[]> {
  if (offer === undefined || offer === 'file') return []
  if (offer === 'command') return nextWords(typed.positional)
  if (offer === 'context') return contextNames(invocation)
  const fabric = await invocation.fabric()
  const [instance, operation] = typed.positional
  switch (offer) {
    case 'provider':
      return (await fabric.providers()).map(({ id }) => id)
    case 'instance':
      return [...(await fabric.instances()).map(({ name }) => name), ...(await fabric.providers()).map(({ id }) => id)]
    case 'own-instance':
      return (await fabric.instances()).map(({ name }) => name)
    case 'swarm':
      return swarmNames(fabric)
    case 'capability':
      return (await fabric.swarmProfiles()).flatMap(({ capabilities }) => capabilities)
    case 'breaker':
      return (await fabric.breakers()).filter(({ kind }) => kind === typed.positional[0]).map(({ name }) => name)
    case 'escalation':
      return ['last', ...(await fabric.escalations()).filter(({ state }) => state !== 'resolved').map(escalationName)]
    case 'invite':
      return ['last', ...(await fabric.invites({ state: 'open' })).map(inviteName)]
    case 'module':
      return (await fabric.modules()).modules.map(({ id, version, active }) => (active ? id : `${id}@${version}`))
    case 'module-input':
      return instance === undefined || !isModuleReference(instance)
        ? []
        : assignments(await inputSchema(fabric, instance), current)
    case 'credential':
      return (await fabric.credentials()).map(credentialName)
    case 'plan':
      return ['last', ...(await offered(invocation, 'instance', typed, current))]
    case 'run':
      return ['last', ...(await fabric.runs({ limit: 50 })).map(({ id }) => shortId(id))]
    case 'task':
      return ['last', ...(await newestTasks(fabric))]
    case 'token':
      return (await fabric.tokens()).map(({ id }) => taskName(id))
    case 'operation':
      return instance === undefined ? [] : (await providerOf(fabric, instance)).operations.map(({ id }) => id)
    case 'assignment': {
      const playbook = typed.values.get('--file')
      if (playbook !== undefined) return assignments(await playbookSchema(playbook), current)
      if (instance === undefined || operation === undefined) return []
      return assignments(operationOf(await providerOf(fabric, instance), operation).input, current)
    }
  }
}

/** Those that are registered, and those of frozen and failing ones that need not be. */
const swarmNames = async (fabric: Fabric): Promise<string[]> => {
  const [profiles, frozen, breakers] = await Promise.all([fabric.swarmProfiles(), fabric.freezes(), fabric.breakers()])
  const others = [...frozen, ...breakers].filter(({ kind }) => kind === 'swarm')
  return [...profiles.map(({ swarm }) => swarm), ...others.map(({ name }) => name)]
}

const newestTasks = async (fabric: Fabric): Promise<string[]> => {
  const tasks = await (await fabric.coordinator()).list({ newestFirst: true, limit: 50 })
  return tasks.map(({ id }) => taskName(id))
}

async function contextNames({ flags, io }: Invocation): Promise<string[]> {
  const home = flags.text('home')
  const { listContexts } = await import('../../client/index.ts')
  return (await listContexts({ env: io.env, ...(home === undefined ? {} : { home }) })).map(({ name }) => name)
}

/** `key=` for each field; behind `key=` the values, where they are a closed list. */
function assignments(schema: JsonObject, current: string): string[] {
  const key = /^([^=]+)=/.exec(current)?.[1]
  if (key === undefined) return (knownFields(schema, schema) ?? []).map((name) => `${name}=`)
  const field = fieldOf(schema, schema, key)
  const choices = field && (choicesOf(schema, field) ?? (field.type === 'boolean' ? ['true', 'false'] : undefined))
  return (choices ?? []).map((choice) => `${key}=${choice}`)
}
