// What a caller may do. On the owner's socket everything; with a token what its scopes say, and of tasks only those of its
// swarms. Every call passes here before it is performed.
import type { CoordinatorPort, Task } from '../coordinator/index.ts'
import type { Fabric, Grant } from '../fabric/index.ts'
import { FabricError } from '../foundation/index.ts'
import type { NamedMethod } from '../wire/index.ts'

/** Why a call is refused whose scope the token doesn't hold; undefined where it does. */
export function scopeRefusal(grant: Grant, { room, name, method }: NamedMethod): FabricError | undefined {
  if (method.scopes.some((scope) => grant.scopes.includes(scope))) return undefined
  return new FabricError(
    'IF_ERR_SCOPE_MISSING',
    `${room}.${name} needs the scope ${method.scopes.join(' or ')}, the token of ${grant.actor} has ${grant.scopes.join(', ')}`,
    { hint: 'Whoever runs the daemon can make a token with that scope.', details: { scopes: method.scopes } },
  )
}

type Args = readonly unknown[]

/** Refuses a word about tasks of a swarm that the token doesn't name. Only for tokens that name swarms. */
export function checkSwarm(grant: Grant, call: string, args: Args, rooms: Rooms): void | Promise<void> {
  const { swarms } = grant
  if (swarms === null || !Object.hasOwn(RULES, call)) return
  return RULES[call as keyof typeof RULES]({ grant, swarms, args, ...rooms })
}

/** Where a rule looks up whose a thing is. */
interface Rooms {
  coordinator: CoordinatorPort
  fabric: Pick<Fabric, 'invites'>
}

interface Asked extends Rooms {
  grant: Grant
  swarms: readonly string[]
  args: Args
}

const ofHolder = ({ grant, swarms, args }: Asked): void => {
  const { swarm } = args[0] as { swarm: string } // checked by the table of methods
  if (!swarms.includes(swarm)) throw foreign(grant, swarm)
}

const ofNewTasks = ({ grant, swarms, args }: Asked): void => {
  const inputs = (Array.isArray(args[0]) ? args[0] : [args[0]]) as { swarm?: unknown }[] // checked by the table
  for (const { swarm = 'default' } of inputs) {
    if (typeof swarm === 'string' && !swarms.includes(swarm)) throw foreign(grant, swarm)
  }
}

const ofTask = async ({ grant, swarms, args, coordinator }: Asked): Promise<void> => {
  const task = await coordinator.get(args[0] as string) // checked by the table
  const swarm = holderSwarm(task)
  if (swarm === undefined || !swarms.includes(swarm)) throw foreign(grant, swarm ?? task.swarm)
}

/** What is done for a task keeps its claim alive and goes on with its run. */
const ofClaim = (asked: Asked): void | Promise<void> => {
  const { claim } = (asked.args[1] ?? {}) as { claim?: { task: string } } // checked by the table
  if (claim) return ofTask({ ...asked, args: [claim.task] })
}

const ofAskedTask = async (asked: Asked): Promise<void> => {
  const task = await asked.coordinator.get(asked.args[0] as string)
  if (!asked.swarms.includes(task.swarm)) await ofTask(asked)
}

/** Who may read all may read other swarms' tasks too. */
const ofReadTask = (asked: Asked): void | Promise<void> => {
  if (!asked.grant.scopes.includes('read')) return ofAskedTask(asked)
}

const ofList = ({ grant, swarms, args }: Asked): void => {
  const { swarm } = (args[0] ?? {}) as { swarm?: string }
  if (grant.scopes.includes('read') || (swarm !== undefined && swarms.includes(swarm))) return
  throw foreign(grant, swarm ?? 'every swarm')
}

/** A swarm says of itself what it can do, of others nothing. */
const ofProfile = ({ grant, swarms, args }: Asked): void => {
  const { swarm } = args[0] as { swarm?: unknown }
  if (typeof swarm === 'string' && !swarms.includes(swarm)) throw foreign(grant, swarm)
}

/** A person's word counts for every swarm, but not through a token that is for others. */
const ofInvite = async ({ grant, swarms, args, fabric }: Asked): Promise<void> => {
  const invite = (await fabric.invites()).find(({ id }) => id === args[0])
  if (invite && !swarms.includes(invite.swarm)) throw foreign(grant, invite.swarm)
}

const RULES = {
  'coordinator.add': ofNewTasks,
  'coordinator.claim': ofHolder,
  'coordinator.worker': ofHolder,
  'coordinator.heartbeat': ofHolder,
  'coordinator.handBack': ofHolder,
  'coordinator.extend': ofTask,
  'coordinator.complete': ofTask,
  'coordinator.fail': ofTask,
  'coordinator.release': ofTask,
  'coordinator.block': ofTask,
  'coordinator.unblock': ofAskedTask,
  'coordinator.retry': ofAskedTask,
  'coordinator.cancel': ofAskedTask,
  'coordinator.get': ofReadTask,
  'coordinator.payload': ofReadTask,
  'coordinator.isCurrent': ofReadTask,
  'coordinator.list': ofList,
  'fabric.registerSwarm': ofProfile,
  'fabric.answerInvite': ofInvite,
  'fabric.apply': ofClaim,
  'fabric.resume': ofClaim,
  'fabric.undo': ofClaim,
  'fabric.runModule': ofClaim,
} satisfies Record<string, (asked: Asked) => void | Promise<void>>

/** Of who holds it, or held it last. */
function holderSwarm({ holder, history }: Task): string | undefined {
  if (holder) return holder.swarm
  const by = history.findLast(({ move }) => move === 'claim')?.by
  return by?.slice(0, by.lastIndexOf('/'))
}

const foreign = ({ actor, swarms }: Grant, swarm: string): FabricError =>
  new FabricError(
    'IF_ERR_SCOPE_MISSING',
    `the token of ${actor} is for the swarms ${swarms?.join(', ') || '(none)'}, not for ${swarm}`,
    { details: { swarm, swarms } },
  )
