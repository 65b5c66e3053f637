// Who acts, on top of what is open: the parts of a home as one actor uses them.
import { createTrace, defaultActor, optional, parseAddress } from '../foundation/index.ts'
import type { Acting } from '../pipeline/index.ts'
import type { RunsParts } from '../runs/index.ts'
import type { HomeParts } from './compose.ts'
import type { ActingOptions } from './host.ts'
import { layered } from './layered.ts'

/** Everything a fabric is made of. */
export type Composition = HomeParts & Pick<RunsParts, 'acting' | 'actorOf' | 'trace'>

export function actAs(parts: HomeParts, { trace, ...who }: ActingOptions): Composition {
  const acting = actingOf(who, parts.clock.now())
  return layered(parts, {
    acting,
    actorOf: () => acting.actor,
    trace: createTrace({
      clock: parts.clock,
      collect: trace !== undefined && trace !== false,
      ...(typeof trace === 'string' ? { traceId: trace } : {}),
    }),
  })
}

/** The actor by option or the person at the terminal; the session by option, or one per actor and day. */
function actingOf({ actor = defaultActor(), session, swarm, why }: ActingOptions, nowMs: number): Acting {
  const { kind, name } = parseAddress(actor)
  const today = new Date(nowMs).toISOString().slice(0, 10)
  return {
    actor,
    session: session ?? `${kind}-${name.replaceAll('/', '-')}-${today}`,
    ...optional('swarm', kind === 'swarm' ? name : swarm),
    ...optional('why', why || undefined),
  }
}
