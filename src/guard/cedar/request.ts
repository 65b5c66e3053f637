// An action as Cedar sees it: principal, action and resource with the groups that they are in, and the context.
import { parseAddress } from '../../foundation/index.ts'
import type { Action } from '../verdict.ts'
import { groupsOf } from './operation-facts.ts'

/** `Agent::"refunds"`, apart. */
export interface Uid {
  type: string
  id: string
}

/** Something with everything that it is in. */
export interface Member {
  uid: Uid
  parents: Uid[]
}

export interface Subject {
  principal: Member
  action: Member
  resource: Member & { provider: string; tags: Record<string, string> }
}

/** A value of a type that JSON has not. */
interface Extension {
  __extn: { fn: string; arg: string }
}

export type ContextValue = string | number | boolean | Extension
export type ContextRecord = { [field: string]: ContextValue | ContextRecord }

const PRINCIPALS = {
  person: 'Person',
  swarm: 'Swarm',
  session: 'Session',
  agent: 'Agent',
  service: 'Service',
  capability: 'Capability',
} as const

/** Who would do what on which instance. */
export function subjectOf(action: Action): Subject {
  const { kind, name } = parseAddress(action.actor)
  const environment = action.tags.env
  return {
    principal: {
      uid: { type: PRINCIPALS[kind], id: name },
      // A swarm that acts for itself is not in itself: the engine takes that for a circle.
      parents:
        action.swarm === undefined || action.actor === `if://swarm/${action.swarm}`
          ? []
          : [{ type: 'Swarm', id: action.swarm }],
    },
    action: {
      uid: { type: 'Action', id: action.operation },
      parents: groupsOf({ id: action.operation, effect: action.effect, labels: action.labels }).map((id) => ({
        type: 'Action',
        id,
      })),
    },
    resource: {
      uid: { type: 'Instance', id: action.instance },
      parents: [
        { type: 'Provider', id: action.provider },
        ...(environment === undefined ? [] : [{ type: 'Environment', id: environment }]),
      ],
      provider: action.provider,
      tags: action.tags,
    },
  }
}

/** The entities of a subject, as the engine takes them. */
export const entitiesOf = ({ principal, action, resource }: Subject) => [
  { ...principal, attrs: {} },
  { ...action, attrs: {} },
  {
    uid: resource.uid,
    parents: resource.parents,
    attrs: { provider: resource.provider },
    tags: Object.fromEntries(
      Object.entries(resource.tags).map(([name, value]) => [wellFormed(name), wellFormed(value)]),
    ),
  },
]

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS

/** All that a policy may ask of the action; what is unknown is absent. */
export function contextOf(action: Action): ContextRecord {
  const { moves, nowMs, sessionFacts: facts } = action
  const days = Math.floor(nowMs / DAY_MS)
  return {
    ...(moves?.amountMinor === undefined ? {} : { amount: moves.amountMinor }),
    ...text('currency', moves?.currency),
    ...text('direction', moves?.direction),
    ...text('destination', action.destination),
    time: { __extn: { fn: 'datetime', arg: new Date(nowMs).toISOString() } },
    hour: Math.floor((nowMs - days * DAY_MS) / HOUR_MS),
    weekday: ((((days + 3) % 7) + 7) % 7) + 1, // 1970-01-01 was a Thursday
    ...(action.maxMicroUsd === null ? {} : { maxCostMicroUsd: action.maxMicroUsd }),
    planSize: action.planSize,
    why: wellFormed(action.why?.trim() ?? ''),
    ...text('onBehalfOf', action.onBehalfOf),
    ...text('task', action.task),
    session: {
      id: wellFormed(action.session),
      private: facts.private,
      untrusted: facts.untrusted,
      answersSource: facts.outwardAnswers,
      spentMicroUsd: facts.spentMicroUsd,
    },
  }
}

const text = (field: string, value: string | undefined): ContextRecord =>
  value === undefined ? {} : { [field]: wellFormed(value) }

/** The engine refuses half a surrogate pair, which a text from outside may hold. */
const wellFormed = (value: string): string => Buffer.from(value).toString()
