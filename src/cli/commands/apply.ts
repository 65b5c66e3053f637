// ifab apply: performs a stored plan, a playbook or one operation, or goes on with a run that stopped.
import type { ApplyOptions, Run, TaskClaim } from '../../fabric/index.ts'
import { FabricError, shortId } from '../../foundation/index.ts'
import type { Plan } from '../../runs/index.ts'
import { BARE } from '../flags.ts'
import { makePlan, readPlan } from '../input/plan-source.ts'
import { actingClaim } from '../input/task-reference.ts'
import type { CommandHandler, Invocation } from '../invocation.ts'
import { shortMoney } from '../output/budget-text.ts'
import type { Colours } from '../output/colours.ts'
import { receiptText, runEndText } from '../output/run-text.ts'
import { approvalOptions } from './approve.ts'
import { explain } from './explain.ts'
import { falsifyPlan } from './falsify.ts'
import { onTwins } from './on-twins.ts'
import { performRun } from './perform.ts'
import { printPieces, showStreamed } from './streaming.ts'

export const applyCommand: CommandHandler = async (invocation) => {
  if (invocation.flags.has('twin')) return onTwins(invocation, rehearse)
  const form = formOf(invocation)
  if (invocation.flags.has('approve') && form.kind !== 'plan') {
    throw new FabricError('IF_ERR_USAGE', '--approve goes only with --plan', {
      hint: 'An approval is for a plan that you have seen: plan first, then apply that plan.',
    })
  }
  if (form.kind === 'resume') return resume(invocation, form.run)
  const plan = form.kind === 'plan' ? await readPlan(invocation, form.reference) : await makePlan(invocation)
  if (invocation.falsify) return falsifyPlan(invocation, plan)

  const fabric = await invocation.fabric()
  const dryRun = invocation.flags.has('dry-run')
  const claim = await actingClaim(invocation)
  if (invocation.flags.has('stream'))
    return applyStreaming(invocation, plan, { ...claim, showPlan: form.kind === 'new' })
  const run = await performRun(invocation, {
    plan,
    steps: plan.steps,
    ...claim,
    async start(options) {
      const approval = await approvalOptions(invocation, { signal: options.stop, showPlan: form.kind === 'new' })
      return fabric.apply(plan, { ...options, ...approval, ...waiting(invocation), dryRun })
    },
  })
  if (dryRun) return showDryRun(invocation, run, plan)
  showRun(invocation, run, plan)
  await explain(invocation, plan)
}

async function rehearse(invocation: Invocation, plan: Plan): Promise<void> {
  const fabric = await invocation.fabric()
  if (invocation.flags.has('stream')) {
    await applyStreaming(invocation, plan, { showPlan: false })
    return
  }
  const run = await performRun(invocation, {
    plan,
    steps: plan.steps,
    start: (options) => fabric.apply(plan, options),
  })
  invocation.console.result(run, receiptLine(run, { ...plan, steps: [] }, invocation.console.out))
  await explain(invocation, plan)
}

async function applyStreaming(
  invocation: Invocation,
  plan: Plan,
  { showPlan, ...claim }: { showPlan: boolean; claim?: TaskClaim },
): Promise<number> {
  const { io, console } = invocation
  const fabric = await invocation.fabric()
  let exitCode = 0
  const run = await performRun(invocation, {
    plan,
    steps: plan.steps,
    ...claim,
    interrupted: (code) => {
      exitCode = code
    },
    async start(options) {
      const pieces = printPieces({ console, isTerminal: io.stdout.isTTY === true }, plan, options)
      try {
        const approval = await approvalOptions(invocation, { signal: options.stop, showPlan })
        return await fabric.apply(plan, { ...options, ...approval, ...waiting(invocation), ...pieces.options })
      } finally {
        pieces.end()
      }
    },
  })
  showStreamed(console, run, receiptLine(run, plan, console.err))
  await explain(invocation, plan)
  return exitCode
}

/** `--wait` for as long as it takes, `--wait 10m` so long at most. */
function waiting({ flags }: Invocation): Pick<ApplyOptions, 'waitForApproval'> {
  const text = flags.text('wait')
  if (text === undefined) return {}
  if (text === BARE) return { waitForApproval: true }
  const timeoutMs = flags.duration('wait')
  return { waitForApproval: timeoutMs === undefined ? true : { timeoutMs } }
}

type Form = { kind: 'resume'; run: string } | { kind: 'plan'; reference: string } | { kind: 'new' }

/** One word is a plan; -f, --plan, --resume and words exclude each other. */
function formOf({ args, flags }: Invocation): Form {
  const notWithStream = ['dry-run', 'resume'].find((name) => flags.has(name) || flags.text(name) !== undefined)
  if (flags.has('stream') && notWithStream) {
    throw new FabricError('IF_ERR_USAGE', `--stream and --${notWithStream} exclude each other`)
  }
  const plan = flags.text('plan')
  const run = flags.text('resume')
  const given = [
    plan !== undefined && '--plan',
    run !== undefined && '--resume',
    flags.text('file') !== undefined && '-f',
  ]
  const [first, second] = given.filter((name) => name !== false)
  if (first && second) throw new FabricError('IF_ERR_USAGE', `${first} and ${second} exclude each other`)
  if (first && first !== '-f' && args.length > 0) {
    throw new FabricError('IF_ERR_USAGE', `${first} takes no further words, got ${JSON.stringify(args[0])}`)
  }
  if (run !== undefined) return { kind: 'resume', run }
  if (plan !== undefined) return { kind: 'plan', reference: plan }
  const [word] = args
  return first === undefined && args.length === 1 && word !== undefined
    ? { kind: 'plan', reference: word }
    : { kind: 'new' }
}

async function resume(invocation: Invocation, reference: string): Promise<void> {
  if (invocation.falsify || invocation.flags.has('dry-run')) {
    throw new FabricError('IF_ERR_USAGE', '--resume really goes on; --mode=falsify and --dry-run do not fit')
  }
  const fabric = await invocation.fabric()
  const claim = await actingClaim(invocation)
  const before = await fabric.run(reference)
  const plan = await fabric.readPlan(before.plan)
  const run = await performRun(invocation, {
    plan,
    witness: before.record.witness,
    steps: plan.steps,
    ...claim,
    async start(options) {
      const approval = await approvalOptions(invocation, { signal: options.stop, showPlan: false })
      return fabric.resume(before.id, { ...options, ...approval })
    },
  })
  showRun(invocation, run, plan)
  await explain(invocation, plan)
}

/** The result of a run that ended well, and what can be done next. */
export function showRun({ console }: Invocation, run: Run, plan: Plan): void {
  const id = shortId(run.id)
  const isSingle = run.receipts.length === 1
  console.result(run, receiptLine(run, plan, console.out))
  const money = shortMoney(run.money, console.err)
  if (money !== undefined) console.note(money)
  console.note(`Next: ifab run show ${id}${isSingle ? '' : `    Take back: ifab undo ${id}`}`)
}

function receiptLine(run: Run, plan: Plan, paint: Colours): string {
  const [only] = run.receipts
  if (run.receipts.length !== 1 || only === undefined) return runEndText(run, paint)
  const [step] = plan.steps
  const line = receiptText(only, run, paint, step?.routed !== undefined)
  return step?.undo?.operation ? `${line} · undo: ifab undo ${shortId(run.id)}` : line
}

function showDryRun({ console }: Invocation, run: Run, plan: Plan): void {
  console.result(
    run,
    `${console.out.good('✓')} dry run of plan ${shortId(plan.digest)}: judged and reserved, the reservation given back, nothing sent`,
  )
  console.note(`Next: ifab apply --plan ${shortId(plan.digest)}`)
}
