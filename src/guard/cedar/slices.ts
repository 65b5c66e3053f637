// Which policies an action has to be held against: those whose scope it fits, found by its operation and groups. All that
// has no scope stays in, so the slice decides as the full set would (a property that a test holds).
import type { PolicyJson } from '@cedar-policy/cedar-wasm/nodejs'
import type { CompiledPolicy } from './compile.ts'
import type { Member, Subject, Uid } from './request.ts'

/** Positions of the policies whose scope fits, in order. */
export type Slices = (subject: Subject) => number[]

/** Indexes policies by action. */
export function openSlices(policies: readonly CompiledPolicy[]): Slices {
  const anyAction: number[] = []
  const byAction = new Map<string, number[]>()
  for (const [at, { json }] of policies.entries()) {
    const named = actionsOf(json)
    if (!named) anyAction.push(at)
    else for (const id of named) byAction.set(id, [...(byAction.get(id) ?? []), at])
  }
  return (subject) => {
    const found = new Set(anyAction)
    for (const { id } of [subject.action.uid, ...subject.action.parents])
      for (const at of byAction.get(id) ?? []) found.add(at)
    return [...found].sort((a, b) => a - b).filter((at) => fits(policies[at]?.json, subject))
  }
}

function actionsOf({ action }: PolicyJson): string[] | undefined {
  if (action.op === 'All') return undefined
  if (action.op === '==') return 'entity' in action ? [uidOf(action.entity).id] : undefined
  return ('entities' in action ? action.entities : [action.entity]).map((entity) => uidOf(entity).id)
}

function fits(policy: PolicyJson | undefined, { principal, action, resource }: Subject): boolean {
  if (!policy) return false
  return isIn(policy.principal, principal) && isIn(policy.action, action) && isIn(policy.resource, resource)
}

type Scope = PolicyJson['principal'] | PolicyJson['action'] | PolicyJson['resource']

function isIn(scope: Scope, member: Member): boolean {
  switch (scope.op) {
    case 'All':
      return true
    case '==':
      return 'entity' in scope && isSame(uidOf(scope.entity), member.uid)
    case 'in':
      if ('entities' in scope) return scope.entities.some((entity) => isWithin(uidOf(entity), member))
      return 'entity' in scope && isWithin(uidOf(scope.entity), member)
    case 'is':
      return (
        scope.entity_type === member.uid.type &&
        (!scope.in || ('entity' in scope.in && isWithin(uidOf(scope.in.entity), member)))
      )
  }
}

const isWithin = (group: Uid, { uid, parents }: Member): boolean =>
  isSame(group, uid) || parents.some((parent) => isSame(group, parent))

const isSame = (a: Uid, b: Uid): boolean => a.type === b.type && a.id === b.id

const uidOf = (entity: Uid | { __entity: Uid }): Uid => ('__entity' in entity ? entity.__entity : entity)
