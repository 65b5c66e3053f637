// Who has to say yes to a plan: so many of a group, for each group that a rule names. One yes counts for every group that
// its giver is in. Where people are named, who asked never counts.
import { FabricError, parseAddress, suggestion } from '../foundation/index.ts'
import type { Reason } from './verdict.ts'

/** So many of one group. */
export type ApprovalNeed = {
  /** A group of `approverGroups`, or `approvers`: everybody who may approve in this home. */
  of: string
  count: number
}

/** Who may approve, as config.yaml has it. */
export interface ApproverRolls {
  /** Undefined on a home of one: every person may. */
  approvers: readonly string[] | undefined
  groups: Readonly<Record<string, readonly string[]>>
}

export const ANY_APPROVER = 'approvers'

/** What a plan needs where nothing else is said. */
export const ONE_APPROVER: readonly ApprovalNeed[] = [{ of: ANY_APPROVER, count: 1 }]

/** What the reasons of a verdict ask for together; of one group the greatest number. */
export function needsOf(reasons: readonly Pick<Reason, 'decision' | 'approvers' | 'needed'>[]): ApprovalNeed[] {
  const counts = new Map<string, number>()
  for (const { decision, approvers: of = ANY_APPROVER, needed = 1 } of reasons) {
    if (decision === 'ask') counts.set(of, Math.max(counts.get(of) ?? 0, needed))
  }
  return [...counts].map(([of, count]) => ({ of, count }))
}

/** `2 of finance and 1 of approvers`. */
export const needsText = (needs: readonly ApprovalNeed[]): string =>
  needs.map(({ of, count }) => `${count} of ${of}`).join(' and ')

/** Refuses what nobody could ever grant: an unknown group, or more approvers than there are besides who asks. */
export function checkNeeds(needs: readonly ApprovalNeed[], requestedBy: string, rolls: ApproverRolls): void {
  for (const { of, count } of needs) {
    if (!Number.isSafeInteger(count) || count < 1) {
      throw new FabricError(
        'IF_ERR_INVALID_INPUT',
        `${count} of ${of}: expected a whole number of approvers, 1 or more`,
      )
    }
    const members = membersOf(of, rolls)
    if (members === 'everybody') continue
    if (!members) throw unknownGroup(of, rolls)
    const able = new Set(members.filter((member) => member !== requestedBy)).size
    if (able >= count) continue
    throw new FabricError(
      'IF_ERR_APPROVAL_FORBIDDEN',
      `${count} of ${of} have to approve, and besides who asks there ${able === 1 ? 'is' : 'are'} ${able}`,
      { hint: `Somebody else has to ask, or config.yaml names more people under ${of}.` },
    )
  }
}

/** Refuses everybody whose yes or no would not count for any of the needs. */
export function checkMayDecide(
  actor: string,
  { requestedBy, needs }: { requestedBy: string; needs: readonly ApprovalNeed[] },
  rolls: ApproverRolls,
): void {
  if (parseAddress(actor).kind !== 'person') throw forbidden(`${actor} may not approve`, 'Only a person approves.')
  if (needs.some((need) => counts(actor, need, requestedBy, rolls))) return
  if (needs.some(({ of }) => isMember(actor, of, rolls)))
    throw forbidden(`${actor} asked for it and may not approve it`, 'Another approver has to.')
  const able = [...new Set(needs.flatMap(({ of }) => membersOf(of, rolls) ?? []))]
  throw forbidden(`${actor} is not among the approvers`, `Approvers: ${able.join(', ') || 'none'}.`)
}

/** Whether these people, each counted once, are enough. */
export function areMet(
  needs: readonly ApprovalNeed[],
  { by, requestedBy }: { by: readonly string[]; requestedBy: string },
  rolls: ApproverRolls,
): boolean {
  const people = [...new Set(by)]
  return needs.every((need) => people.filter((person) => counts(person, need, requestedBy, rolls)).length >= need.count)
}

/** Refuses everyone but a person; where approvers are named, everyone else and the requester too. */
export const checkApprover = (actor: string, requestedBy: string, approvers: readonly string[] | undefined): void =>
  checkMayDecide(actor, { requestedBy, needs: ONE_APPROVER }, { approvers, groups: {} })

function counts(actor: string, { of }: ApprovalNeed, requestedBy: string, rolls: ApproverRolls): boolean {
  const members = membersOf(of, rolls)
  if (members === 'everybody') return true
  return actor !== requestedBy && members?.includes(actor) === true
}

function isMember(actor: string, of: string, rolls: ApproverRolls): boolean {
  const members = membersOf(of, rolls)
  return members === 'everybody' || members?.includes(actor) === true
}

function membersOf(of: string, { approvers, groups }: ApproverRolls): readonly string[] | 'everybody' | undefined {
  if (of === ANY_APPROVER) return approvers ?? 'everybody'
  return Object.hasOwn(groups, of) ? groups[of] : undefined // not what every object has, such as `constructor`
}

const forbidden = (message: string, hint: string): FabricError =>
  new FabricError('IF_ERR_APPROVAL_FORBIDDEN', message, { hint })

function unknownGroup(of: string, { groups }: ApproverRolls): FabricError {
  const names = [...Object.keys(groups), ANY_APPROVER]
  return forbidden(
    `a rule asks for approvers of the group ${of}, which config.yaml does not name`,
    suggestion(of, names, `Groups are: ${names.join(', ')}.`),
  )
}
