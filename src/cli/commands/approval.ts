// ifab approval: what waits for a yes. Deciding is for persons; the fabric refuses everybody else.
import type { ApprovalView, Fabric } from '../../fabric/index.ts'
import { FabricError, shortId } from '../../foundation/index.ts'
import type { CommandHandler } from '../invocation.ts'
import { needsText } from '../output/needs-text.ts'
import { agoText, validityText } from '../output/phrases.ts'
import { planText } from '../output/plan-text.ts'
import { table } from '../output/table.ts'
import { planContext } from './plan-context.ts'

export const approvalListCommand: CommandHandler = async ({ fabric, console, io }) => {
  const approvals = await (await fabric()).approvals()
  const rows = approvals.map((view) => [
    shortId(view.plan),
    view.state === 'waiting' ? console.out.warn(view.state) : view.state,
    view.summary,
    standingText(view),
    view.requestedBy,
    view.state === 'waiting'
      ? validityText(view.expiresAt, io.now())
      : agoText(view.decidedAt ?? view.requestedAt, io.now()),
  ])
  console.result(approvals, rows.length === 0 ? 'nothing waits for an approval' : table(rows))
  const waiting = approvals.find(({ state }) => state === 'waiting')
  if (waiting) console.note(`Next: ifab approval show ${shortId(waiting.plan)}`)
}

export const approvalShowCommand: CommandHandler = async (invocation) => {
  const { fabric, args, console } = invocation
  const [reference = ''] = args // required by the command tree
  const open = await fabric()
  const view = await open.approval(await newest(open, reference))
  const plan = await open.readPlan(view.plan)
  const context = await planContext(invocation, console.out)
  console.result({ ...view, detail: plan }, `${approvalText(view)}\n${planText(plan, context)}`)
  const id = shortId(view.plan)
  if (view.state === 'waiting')
    console.note(`Next: ifab approval grant ${id} --why '…'    or: ifab approval deny ${id} --why '…'`)
}

const decide =
  (decision: 'grant' | 'deny'): CommandHandler =>
  async ({ fabric, args, console, why }) => {
    const [reference = ''] = args
    const open = await fabric()
    const view = await open.decideApproval(await newest(open, reference), decision, why === undefined ? {} : { why })
    console.result(view, `${console.out.good('✓')} ${approvalText(view)}`)
    console.note(`Next: ${view.state === 'granted' ? `ifab apply --plan ${shortId(view.plan)}` : 'ifab approval list'}`)
  }

export const approvalGrantCommand = decide('grant')
export const approvalDenyCommand = decide('deny')

/** `last` is the request that came last. */
async function newest(fabric: Fabric, reference: string): Promise<string> {
  if (reference !== 'last') return reference
  const [last] = (await fabric.approvals()).sort((a, b) => b.requestedAt.localeCompare(a.requestedAt))
  if (last) return last.plan
  throw new FabricError('IF_ERR_NOT_FOUND', 'nobody has asked for an approval yet', { next: 'ifab approval list' })
}

function approvalText(view: ApprovalView): string {
  const decided = view.decidedBy === null ? '' : ` by ${view.decidedBy}`
  return [
    `plan ${shortId(view.plan)} ${view.state}${decided}`,
    view.summary,
    standingText(view),
    `asked for by ${view.requestedBy}`,
    view.why ?? '',
  ]
    .filter((part) => part !== '')
    .join(' · ')
}

/** `needs 2 of finance, yes by if://person/ana`; nothing where one yes of anybody has decided. */
function standingText({ needs, yes, state }: ApprovalView): string {
  const given = yes.length === 0 ? '' : `yes by ${yes.map(({ by }) => by).join(', ')}`
  const isPlain = needs.every(({ of, count }) => of === 'approvers' && count === 1)
  if (isPlain && state !== 'waiting') return ''
  return [`needs ${needsText(needs)}`, given].filter((part) => part !== '').join(', ')
}
