// ifab undo: takes back a run, or one step of it.
import { shortId } from '../../foundation/index.ts'
import { actingClaim } from '../input/task-reference.ts'
import type { CommandHandler } from '../invocation.ts'
import { runEndText } from '../output/run-text.ts'
import { layoutOf } from '../output/step-line.ts'
import { approvalOptions } from './approve.ts'
import { performRun } from './perform.ts'

export const undoCommand: CommandHandler = async (invocation) => {
  const { console, args } = invocation
  const [reference = ''] = args // required by the command tree
  const fabric = await invocation.fabric()
  const [runReference = reference] = reference.split('/')
  const before = await fabric.run(runReference)
  const plan = await fabric.readPlan(before.plan)
  const run = await performRun(invocation, {
    undoing: true,
    ...(await actingClaim(invocation)),
    plan,
    // What takes a step back shows as it comes, named after it.
    steps: [],
    layout: layoutOf(before.steps.map((step) => ({ ...step, id: `undo.${step.id}` }))),
    async start(options) {
      const approval = await approvalOptions(invocation, { signal: options.stop, showPlan: false })
      return fabric.undo(reference, { ...options, ...approval })
    },
  })
  console.result(run, `${console.out.good('✓')} ${runEndText(run, console.out)}`)
  console.note(`Next: ifab run show ${shortId(run.id)}`)
}
