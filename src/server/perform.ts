// Performs a call that was let through: fills in what can't travel (signals, callbacks, the plan behind its name, who acts) and
// calls the method.
import type { Fabric, Grant } from '../fabric/index.ts'
import type { Plan } from '../runs/index.ts'
import type { NamedMethod, Served } from '../wire/index.ts'

/** When a call of this connection ends without its caller's doing. */
export interface CallSignals {
  /** The connection is lost. */
  readonly gone: AbortSignal
  /** The connection is lost, or the daemon ends: nothing new is begun. */
  readonly ending: AbortSignal
  /** The daemon ends and what runs has had its time. */
  readonly givingUp: AbortSignal
}

export interface Call {
  /** Has the method. */
  readonly target: object
  /** Of who calls. */
  readonly fabric: Fabric
  readonly named: NamedMethod
  /** Checked. */
  readonly args: unknown[]
  readonly request: Served
  /** Undefined: the owner of the home. */
  readonly grant: Grant | undefined
}

export function perform(call: Call, signals: CallSignals): unknown {
  const { target, named, args, request } = call
  const { name, method } = named
  if (method.actor !== undefined) setActor(call, method.actor)
  if (method.options !== undefined) {
    const given = args[method.options] as object | undefined // checked by the table
    const aborts = abortsOf(named, request, signals)
    args[method.options] = method.callbacks ? { ...given, ...aborts, ...callbacksOf(call) } : { ...given, ...aborts }
  }
  const perform = (target as Record<string, (...args: unknown[]) => unknown>)[name] as (...args: unknown[]) => unknown // in the table
  if (method.names !== 'plan') return perform.apply(target, args)
  return planOf(call).then((plan) => perform.call(target, plan, ...args.slice(1)))
}

/** The owner may act for others; a token acts as itself. */
function setActor({ args, fabric, grant }: Call, place: number): void {
  const given = args[place] as { actor?: string } | undefined // checked by the table
  args[place] = { ...given, actor: grant ? fabric.actor : (given?.actor ?? fabric.actor) }
}

/** The daemon's own copy: what travels is the name, so that nobody can hand in another plan under it. */
async function planOf({ fabric, args }: Call): Promise<Plan> {
  const { id, digest } = args[0] as { id: string; digest: string } // checked by the table
  return { ...(await fabric.readPlan(digest)), id }
}

/** A run whose caller is gone starts nothing more and waits for what is under way, so that no outcome is unknown. */
function abortsOf({ room, method }: NamedMethod, request: Served, { gone, ending, givingUp }: CallSignals) {
  const { aborts = [] } = method
  const has = (name: 'signal' | 'stop') => request.has(name)
  if (aborts.includes('stop')) {
    return {
      stop: has('stop') ? AbortSignal.any([request.signal('stop'), ending]) : ending,
      signal: has('signal') ? AbortSignal.any([request.signal('signal'), givingUp]) : givingUp,
    }
  }
  if (!aborts.includes('signal')) return {}
  if (room === 'coordinator')
    return { signal: has('signal') ? AbortSignal.any([request.signal('signal'), ending]) : ending }
  return { signal: AbortSignal.any([...(has('signal') ? [request.signal('signal')] : []), gone, givingUp]) }
}

function callbacksOf({ named, request, grant }: Call): Record<string, unknown> {
  const { callbacks = {}, callbackScopes = {} } = named.method
  const made: Record<string, unknown> = {}
  for (const [name, kind] of Object.entries(callbacks)) {
    const scope = callbackScopes[name]
    const mayAnswer = scope === undefined || !grant || grant.scopes.includes(scope)
    if (!mayAnswer || !request.has(name)) continue
    made[name] =
      kind === 'tell'
        ? (...args: unknown[]) => request.tell(name, ...args)
        : (...args: unknown[]) => request.ask(name, ...args)
  }
  return made
}
