// Who has to say yes, in words, from the reasons of a verdict or from a request for approval.
import type { ApprovalView } from '../../fabric/index.ts'
import type { Plan } from '../../runs/index.ts'
import { counted } from './phrases.ts'

const ANYBODY = 'approvers'

/** Of one group the greatest number that any reason asks for. */
export function neededBy(reasons: Plan['verdict']['reasons']): ApprovalView['needs'] {
  const counts = new Map<string, number>()
  for (const { decision, approvers = ANYBODY, needed = 1 } of reasons) {
    if (decision === 'ask') counts.set(approvers, Math.max(counts.get(approvers) ?? 0, needed))
  }
  return [...counts].map(([of, count]) => ({ of, count }))
}

/** `1 approver`, `2 of finance and 1 approver`. */
export const needsText = (needs: ApprovalView['needs']): string =>
  needs.map(({ of, count }) => (of === ANYBODY ? counted(count, 'approver') : `${count} of ${of}`)).join(' and ')
