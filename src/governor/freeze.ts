// The kill switch: everything, one swarm or one instance stands still until it is thawed. Kept in the store and heard of in
// every process; asked at the egress door for each request, so that nothing leaves past it, reads neither. Only a person
// freezes and thaws, with a reason, and it is on record.
import { type Clock, checkName, FabricError, type Logger, parseAddress, timestamp } from '../foundation/index.ts'
import { keyOf, prefixOf, type Store } from '../store/index.ts'
import type { WitnessEntry } from '../witness/index.ts'
import { changeRecord } from './change-record.ts'
import { watchRecords } from './watched-records.ts'

export type FreezeTarget = { all: true } | { swarm: string } | { instance: string }

export type FreezeRecord = {
  kind: 'all' | 'swarm' | 'instance'
  /** `*` of all. */
  name: string
  actor: string
  session: string
  why: string
  at: string
}

/** Whose call it is. A swarm that acts is itself the actor, or the one that the actor works for. */
export interface FreezeSubject {
  instance: string
  swarm?: string
  actor?: string
}

export interface FreezeAct {
  actor: string
  session: string
  why: string
}

export interface Freezes {
  /**
   * Resolves when it is durable; every process follows within a second. What is frozen already stays as it is. Persons
   * only (IF_ERR_APPROVAL_FORBIDDEN), with a reason (IF_ERR_INVALID_INPUT).
   */
  freeze(target: FreezeTarget, by: FreezeAct): Promise<FreezeRecord>
  /** IF_ERR_NOT_FOUND where exactly this is not frozen; refuses as `freeze` does. */
  thaw(target: FreezeTarget, by: FreezeAct): Promise<FreezeRecord>
  list(): FreezeRecord[]
  /** What stops this call, from memory. */
  isFrozen(subject: FreezeSubject): FreezeRecord | undefined
  /** IF_ERR_FROZEN where something does. */
  check(subject: FreezeSubject): void
  /** Calls back when more is frozen than before, whichever process did it; returns how to stop that. */
  onShut(listener: () => void): () => void
  close(): void
}

/** Opens the kill switch of a home; resolves when it is known what is frozen. */
export async function openFreezes(options: { store: Store; clock: Clock; logger?: Logger }): Promise<Freezes> {
  const { store, clock, logger } = options
  const listeners = new Set<() => void>()
  const records = await watchRecords<FreezeRecord>({
    store,
    prefix: prefixOf('freeze'),
    logger,
    onChange({ after }) {
      if (after) for (const listener of [...listeners]) listener()
    },
  })
  const of = (kind: FreezeRecord['kind'], name: string) => records.get(keyOf('freeze', kind, name))?.value

  const isFrozen = (subject: FreezeSubject): FreezeRecord | undefined => {
    if (records.size === 0) return undefined
    const swarm = subject.swarm ?? swarmOf(subject.actor)
    return of('all', '*') ?? of('instance', subject.instance) ?? (swarm === undefined ? undefined : of('swarm', swarm))
  }

  const kept = { store, records }

  return {
    async freeze(target, by) {
      const { kind, name } = placeOf(target)
      checkAct('freeze', by)
      const { actor, session, why } = by
      let frozen: FreezeRecord = { kind, name, actor, session, why, at: timestamp(clock.now()) }
      await changeRecord<FreezeRecord>(kept, keyOf('freeze', kind, name), (current) => {
        if (current) frozen = current
        return current ? undefined : { value: frozen, log: [entryOf('freeze', frozen, by, frozen.at)] }
      })
      return frozen
    },

    async thaw(target, by) {
      const { kind, name } = placeOf(target)
      checkAct('thaw', by)
      let frozen: FreezeRecord | undefined
      await changeRecord<FreezeRecord>(kept, keyOf('freeze', kind, name), (current) => {
        if (!current) return undefined
        frozen = current
        return { value: undefined, log: [entryOf('thaw', current, by, timestamp(clock.now()))] }
      })
      if (!frozen) throw notFrozen({ kind, name }, records.values())
      return frozen
    },

    list: () => records.values(),
    isFrozen,

    check(subject) {
      const record = isFrozen(subject)
      if (record) throw frozenError(record)
    },

    onShut(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },

    close() {
      listeners.clear()
      records.close()
    },
  }
}

type Place = Pick<FreezeRecord, 'kind' | 'name'>

function placeOf(target: FreezeTarget): Place {
  if ('swarm' in target) return { kind: 'swarm', name: checkName('swarm', target.swarm) }
  if ('instance' in target) return { kind: 'instance', name: checkName('instance', target.instance) }
  return { kind: 'all', name: '*' }
}

function swarmOf(actor: string | undefined): string | undefined {
  const prefix = 'if://swarm/'
  return actor?.startsWith(prefix) ? actor.slice(prefix.length) : undefined
}

function checkAct(what: 'freeze' | 'thaw', { actor, why }: FreezeAct): void {
  if (parseAddress(actor).kind !== 'person') {
    throw new FabricError('IF_ERR_APPROVAL_FORBIDDEN', `${actor} may not ${what}`, { hint: 'Only a person does.' })
  }
  if (why.trim() !== '') return
  throw new FabricError('IF_ERR_INVALID_INPUT', `${what} needs a reason`, {
    hint: 'Everybody who is stopped is shown it.',
    next: `ifab ${what} … --why "…"`,
  })
}

const entryOf = (kind: 'freeze' | 'thaw', frozen: Place, { actor, session, why }: FreezeAct, at: string) =>
  ({
    kind: `governor.${kind}`,
    at,
    actor,
    session,
    why,
    ...(frozen.kind === 'instance' ? { instance: frozen.name } : {}),
    detail: { kind: frozen.kind, name: frozen.name },
  }) satisfies WitnessEntry

const textOf = ({ kind, name }: Place): string => (kind === 'all' ? 'everything' : `${kind} ${name}`)

const flagOf = ({ kind, name }: Place): string => (kind === 'all' ? '--all' : `--${kind} ${name}`)

function frozenError(record: FreezeRecord): FabricError {
  const { kind, name, actor, why, at } = record
  return new FabricError('IF_ERR_FROZEN', `${textOf(record)} is frozen: ${why} (${actor}, ${at})`, {
    hint: 'Nothing leaves, reads neither, until a person thaws it.',
    next: `ifab thaw ${flagOf(record)} --why "…"`,
    details: { kind, name, actor, why, at },
  })
}

function notFrozen(place: Place, frozen: FreezeRecord[]): FabricError {
  const others = frozen.map(flagOf).join(', ')
  return new FabricError('IF_ERR_NOT_FOUND', `${textOf(place)} is not frozen`, {
    hint: others === '' ? 'Nothing is frozen.' : `Frozen: ${others}.`,
  })
}
