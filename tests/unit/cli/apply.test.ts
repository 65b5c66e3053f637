import { beforeEach, describe, expect, it } from 'vitest'
import type { ApplyOptions, Fabric } from '../../../src/fabric/index.ts'
import { FabricError } from '../../../src/foundation/index.ts'
import { budgetView, fakeFabric, fakePlan, fakeRun, planStep, RUN_ID, stepRecord } from './fake-fabric.ts'
import { type CliOptions, runCli, startCli, until } from './run-cli.ts'

const PLAY = fakePlan({
  source: { kind: 'playbook', name: 'onboard', file: 'onboard.yaml', text: '', inputs: {} },
  steps: [planStep('customer'), planStep('billing', { after: ['customer'] }), planStep('tell', { after: ['billing'] })],
  verdict: { decision: 'allow', reasons: [] },
})

/** Performs as told, handing each event to the command. */
function performing(
  plan: typeof PLAY,
  perform: (options: ApplyOptions) => Promise<ReturnType<typeof fakeRun>>,
  own: Partial<Fabric> = {},
): CliOptions {
  const fabric = fakeFabric({
    readPlan: async () => plan,
    apply: async (_plan, options = {}) => perform(options),
    ...own,
  })
  return { openFabric: async () => fabric }
}

describe('ifab apply', () => {
  it('prints the receipt of one step on stdout and the next command on stderr', async () => {
    const result = await runCli(
      ['apply', '9c1e77ab'],
      performing(fakePlan(), async () => fakeRun()),
    )

    expect(result.stdout).toBe(
      '✓ pi_1 succeeded · 41 ms · cost $0.73 · read back: confirmed · run r6a02xyz · witness #1042 · undo: ifab undo r6a02xyz\n',
    )
    expect(result.stderr).toContain('Next: ifab run show r6a02xyz')
    expect(result.code).toBe(0)
  })

  it('offers no undo for what has none', async () => {
    const plan = fakePlan({ steps: [planStep('step', { undo: { operation: null, note: 'a sent mail stays sent' } })] })

    const result = await runCli(
      ['apply', '9c1e77ab'],
      performing(plan, async () => fakeRun()),
    )

    expect(result.stdout).not.toContain('undo')
  })

  it('prints exactly one JSON document under --json and nothing on stderr', async () => {
    const result = await runCli(
      ['apply', '--plan', '9c1e', '--json'],
      performing(fakePlan(), async () => fakeRun()),
    )

    expect(JSON.parse(result.stdout)).toMatchObject({ id: RUN_ID, state: 'done' })
    expect(result.stderr).toBe('')
  })

  it('prints plain lines as steps end, then the error with the ways on', async () => {
    const steps = [
      stepRecord('customer'),
      stepRecord('billing', {
        state: 'failed',
        error: { code: 'IF_ERR_PROVIDER_UNAVAILABLE', message: 'pay answered 503 three times' },
      }),
      stepRecord('tell', { state: 'pending' }),
    ]
    const options = performing(PLAY, async ({ onEvent }) => {
      onEvent?.({ type: 'run.start', run: RUN_ID, plan: 'p', steps: 3, resumed: false })
      for (const step of steps.slice(0, 2)) onEvent?.({ type: 'step.end', run: RUN_ID, step })
      return fakeRun('failed', steps)
    })

    const result = await runCli(['apply', '--plan', 'last'], options)

    expect(result.stdout.split('\n').map((line) => line.slice(0, 12).trim())).toEqual([
      '✓ 1 customer',
      '✗ 2 billing',
      '· 3 tell',
      '',
    ])
    expect(result.stdout).toContain('not started (after billing)')
    expect(result.stderr).toContain(
      'IF_ERR_PROVIDER_UNAVAILABLE: pay answered 503 three times; 1 step stays done (onFailure: stop)  [exit 7]',
    )
    expect(result.stderr).toContain(
      'See: ifab run show r6a02xyz billing    Go on: ifab apply --resume r6a02xyz    Take back: ifab undo r6a02xyz',
    )
    expect(result.code).toBe(7)
  })

  it('says how an unknown outcome is settled', async () => {
    const steps = [
      stepRecord('customer'),
      stepRecord('tell', { state: 'unknown', beganAt: '2026-11-01T02:14:00.000Z' }),
    ]

    const result = await runCli(
      ['apply', '--plan', 'last'],
      performing(PLAY, async () => fakeRun('unknown', steps)),
    )

    expect(result.stderr).toContain('nobody can tell whether step tell happened')
    expect(result.stderr).toContain('it began at 2026-11-01T02:14:00.000Z')
    expect(result.stderr).toContain("ifab run settle r6a02xyz tell --as done|not-done --why '…'")
    expect(result.code).toBe(8)
  })

  it('says that a cancelled run was cancelled', async () => {
    const result = await runCli(
      ['apply', '--plan', 'last'],
      performing(PLAY, async () => fakeRun('cancelled')),
    )

    expect(result.stderr).toContain('IF_ERR_CANCELLED')
    expect(result.code).toBe(1)
  })

  it('resumes by id, showing what was done before with its witness entry', async () => {
    const options = performing(PLAY, async () => fakeRun(), {
      run: async () => fakeRun('failed', [stepRecord('customer')]),
      resume: async (_run, how = {}) => {
        how.onEvent?.({ type: 'run.start', run: RUN_ID, plan: 'p', steps: 3, resumed: true })
        how.onEvent?.({ type: 'step.kept', run: RUN_ID, step: stepRecord('customer') })
        return fakeRun('done', [stepRecord('customer'), stepRecord('billing'), stepRecord('tell')])
      },
    })

    const result = await runCli(['apply', '--resume', 'r6a0'], options)

    expect(result.stdout).toContain('= 1 customer  shop payment.create  done before (witness #1044), not repeated')
    expect(result.stdout).toContain('run r6a02xyz done in 412 ms · 3 receipts · cost $0.73')
  })

  it('explains a refusal in the error', async () => {
    const denied = new FabricError('IF_ERR_POLICY_DENIED', 'agent/refunds may refund at most GBP 50.00', {
      details: { witness: 1043 },
    })
    const options = performing(fakePlan(), async () => Promise.reject(denied), {
      budgets: async () => [budgetView()],
    })

    const result = await runCli(['apply', '--plan', 'x', '--explain'], options)

    expect(result.stderr).toContain('✗ IF_ERR_POLICY_DENIED: agent/refunds may refund at most GBP 50.00  [exit 3]')
    expect(result.stderr).toContain('  guard     ask default/charge: charge asks for 1 approver')
    expect(result.stderr).toContain('  budget    day: $4.10 of $50.00 spent')
    expect(result.stderr).toContain('  entry     ifab witness log 1043')
    expect(result.code).toBe(3)
  })

  it('warns of budgets as they are passed, and of what is left at the end', async () => {
    const options = performing(fakePlan(), async (how) => {
      how.onEvent?.({ type: 'budget.warning', run: RUN_ID, step: 'step', text: 'budget day (day) has passed 75 %' })
      return { ...fakeRun(), money: { mode: 'focus' as const, budget: 'day', leftUsd: 12, limitUsd: 50 } }
    })

    const text = await runCli(['apply', '--plan', 'x'], options)
    const json = await runCli(['apply', '--plan', 'x', '--json'], options)

    expect(text.stderr).toContain('! budget day (day) has passed 75 %\n')
    expect(text.stderr).toContain('! focus: $12.00 of $50.00 left (budget day)')
    expect(json.stderr).toBe('')
    expect(JSON.parse(json.stdout)).toMatchObject({ money: { mode: 'focus' } })
  })

  it('says that a dry run sent nothing', async () => {
    let dry: boolean | undefined
    const options = performing(fakePlan(), async ({ dryRun }) => {
      dry = dryRun
      return fakeRun()
    })

    const result = await runCli(['apply', '--plan', 'x', '--dry-run', '--parallelism', '3', '--timeout', '5s'], options)

    expect(dry).toBe(true)
    expect(result.stdout).toContain('nothing sent')
  })

  it.each([
    [['apply', '-f', 'x.yaml', '--approve'], '--approve goes only with --plan'],
    [['apply', '--plan', 'a', '--resume', 'b'], '--plan and --resume exclude each other'],
    [['apply', '--plan', 'a', 'more'], '--plan takes no further words'],
    [['apply', '--resume', 'a', '--dry-run'], '--resume really goes on'],
    [['apply'], 'needs INSTANCE and OPERATION'],
  ])('refuses %j', async (argv, message) => {
    const result = await runCli(
      argv,
      performing(fakePlan(), async () => fakeRun()),
    )

    expect(result.stderr).toContain(message)
    expect(result.code).toBe(2)
  })
})

describe('the approval', () => {
  const asking = (own: Partial<Fabric> = {}) =>
    performing(
      fakePlan(),
      async ({ approve }) => {
        const answer = await approve?.(fakePlan())
        if (answer === true) return fakeRun()
        throw new FabricError(answer === false ? 'IF_ERR_APPROVAL_DENIED' : 'IF_ERR_APPROVAL_REQUIRED', 'no yes')
      },
      own,
    )

  it('is asked for on a terminal, and a yes applies', async () => {
    const cli = startCli(['apply', '--plan', 'x'], { ...asking(), terminal: true })
    await until(() => cli.stderr().includes('(yes/no)'))
    cli.type('maybe\n')
    await until(() => cli.stderr().split('(yes/no)').length === 3)
    cli.type('yes\n')

    expect(await cli.code).toBe(0)
    expect(cli.stderr()).toContain('Take in GBP 25.00 through shop [env=sandbox]?')
    expect(cli.stderr()).toContain('Your yes is the approval that the rule asks for.')
  })

  it('ends with 3 at a no', async () => {
    const cli = startCli(['apply', '--plan', 'x'], { ...asking(), terminal: true })
    await until(() => cli.stderr().includes('(yes/no)'))
    cli.type('no\n')

    expect(await cli.code).toBe(3)
  })

  it('ends with 130 at Ctrl-C, nothing done', async () => {
    const cli = startCli(['apply', '--plan', 'x'], { ...asking(), terminal: true })
    await until(() => cli.stderr().includes('(yes/no)'))
    cli.signal('SIGINT')

    expect(await cli.code).toBe(130)
  })

  it.each([
    ['without a terminal', ['apply', '--plan', 'x'], {}],
    ['with --no-input', ['apply', '--plan', 'x', '--no-input'], { terminal: true }],
    ['with --json', ['apply', '--plan', 'x', '--json'], { terminal: true }],
  ])('is never asked for %s: exit 9', async (_when, argv, options) => {
    expect((await runCli(argv, { ...asking(), ...options })).code).toBe(9)
  })

  it('is never asked of an agent, and --approve is refused to it', async () => {
    const agent = asking({ actor: 'if://agent/refunds' })

    expect((await runCli(['apply', '--plan', 'x'], { ...agent, terminal: true })).code).toBe(9)
    const forced = await runCli(['apply', '--plan', 'x', '--approve', '--no-color'], { ...agent, terminal: true })
    expect(forced.stderr).toContain('IF_ERR_APPROVAL_FORBIDDEN: if://agent/refunds may not approve')
    expect(forced.code).toBe(3)
  })

  it('is given by --approve without a question', async () => {
    expect((await runCli(['apply', '--plan', 'x', '--approve'], asking())).code).toBe(0)
  })

  it('shows the plan before the question where it was not planned before', async () => {
    const options = asking({ plan: async () => fakePlan() })
    const cli = startCli(['apply', 'shop', 'payment.create', 'amount=2500', 'currency=GBP'], {
      ...options,
      terminal: true,
    })
    await until(() => cli.stderr().includes('(yes/no)'))
    cli.type('yes\n')

    expect(await cli.code).toBe(0)
    expect(cli.stderr().indexOf('POST https://api.pay.example')).toBeLessThan(cli.stderr().indexOf('Take in'))
  })
})

describe('Ctrl-C', () => {
  let begun = false
  beforeEach(() => {
    begun = false
  })
  const waiting = (ends: (options: ApplyOptions, finish: (error: FabricError) => void) => void) =>
    performing(PLAY, (options) => {
      options.onEvent?.({ type: 'run.start', run: RUN_ID, plan: 'p', steps: 3, resumed: false })
      options.onEvent?.({
        type: 'step.start',
        run: RUN_ID,
        step: 'customer',
        instance: 'shop',
        operation: 'payment.create',
        again: false,
      })
      begun = true
      return new Promise((_resolve, reject) => ends(options, reject))
    })

  it('once starts nothing more, waits, and prints the line that resumes', async () => {
    const options = waiting(({ stop }, finish) =>
      stop?.addEventListener('abort', () => finish(new FabricError('IF_ERR_CANCELLED', 'stopped'))),
    )
    const cli = startCli(['apply', '--plan', 'x'], options)
    await until(() => begun)
    cli.signal('SIGINT')

    expect(await cli.code).toBe(130)
    expect(cli.stderr()).toContain('stopping: nothing more is started')
    expect(cli.stderr()).toContain('Go on: ifab apply --resume r6a02xyz')
  })

  it('twice gives up what is under way: outcome unknown, 130', async () => {
    const unknown = new FabricError('IF_ERR_OUTCOME_UNKNOWN', 'customer.create left and was given up')
    const options = waiting(({ signal }, finish) => signal?.addEventListener('abort', () => finish(unknown)))
    const cli = startCli(['apply', '--plan', 'x'], options)
    await until(() => begun)
    cli.signal('SIGINT')
    cli.signal('SIGINT')

    expect(await cli.code).toBe(130)
    expect(cli.stderr()).toContain('IF_ERR_OUTCOME_UNKNOWN')
  })

  it('a third time ends the process on the spot', async () => {
    const cli = startCli(
      ['apply', '--plan', 'x'],
      waiting(() => {}),
    )
    await until(() => begun)
    for (const name of ['SIGTERM', 'SIGTERM', 'SIGTERM'] as const) cli.signal(name)

    expect(cli.exits).toEqual([143])
  })
})

describe('the live tree', () => {
  it('is drawn on stderr of a terminal, cleared at the end, and followed by the lines that stay', async () => {
    const steps = [stepRecord('customer'), stepRecord('billing'), stepRecord('tell')]
    const options = performing(PLAY, async ({ onEvent }) => {
      onEvent?.({ type: 'run.start', run: RUN_ID, plan: 'p', steps: 3, resumed: false })
      onEvent?.({
        type: 'step.start',
        run: RUN_ID,
        step: 'customer',
        instance: 'shop',
        operation: 'payment.create',
        again: false,
      })
      onEvent?.({ type: 'step.retry', run: RUN_ID, step: 'customer', attempt: 2, reason: 'answered 503' })
      await until(() => cli.stderr().includes('try 2: answered 503'))
      for (const step of steps) onEvent?.({ type: 'step.end', run: RUN_ID, step })
      return fakeRun('done', steps)
    })
    const cli = startCli(['apply', '--plan', 'x'], { ...options, terminal: true })

    expect(await cli.code).toBe(0)
    expect(cli.stderr()).toContain('\u001b[3A\u001b[0J')
    expect(
      cli
        .stdout()
        .split('\n')
        .filter((line) => line.includes('pi_1')),
    ).toHaveLength(3)
  })

  it('shows what is under way first where not all steps fit', async () => {
    const many = fakePlan({ ...PLAY, steps: Array.from({ length: 100 }, (_, at) => planStep(`s${at}`)) })
    const options = performing(many, async ({ onEvent }) => {
      onEvent?.({ type: 'run.start', run: RUN_ID, plan: 'p', steps: 100, resumed: false })
      onEvent?.({
        type: 'step.start',
        run: RUN_ID,
        step: 's77',
        instance: 'shop',
        operation: 'payment.create',
        again: false,
      })
      await until(() => cli.stderr().includes('s77'))
      return fakeRun('done', [stepRecord('s77')])
    })
    const cli = startCli(['apply', '--plan', 'x'], { ...options, terminal: true })

    expect(await cli.code).toBe(0)
    expect(cli.stderr()).toContain('\u001b[28A')
  })
})
