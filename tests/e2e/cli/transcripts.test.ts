// What people see when they do the main things for the first time, with the built command as a real process.
import { spawnSync } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { BIN, hasScript, ifab, onTerminal, type RunningTwins, startIfab, twinUp } from './ifab.ts'

const SLOW = 60_000

describe('first run', () => {
  it('shows the whole way of an action with one command', { timeout: SLOW }, async () => {
    const home = await mkdtemp(join(tmpdir(), 'ifab-e2e-'))
    const result = await ifab(['demo'], { home })
    await rm(home, { recursive: true, force: true })

    expect(result.code).toBe(0)
    expect(result.stdout).toContain('examples/live-studio on twins, temporary home · 3 steps · takes in GBP 25.00')
    expect(result.stdout).toMatch(/3 receipts .*witness verified/)
    expect(result.stderr).toBe('Next: ifab provider add slack\n')
  })
})

describe('a home with twins', () => {
  let home: string
  let twins: RunningTwins
  const run = (...args: string[]) => ifab(args, { home })
  const json = async (...args: string[]) => JSON.parse((await run(...args, '--json')).stdout)

  beforeAll(async () => {
    home = await mkdtemp(join(tmpdir(), 'ifab-e2e-'))
    twins = await twinUp(['stripe', 'slack', 'home-assistant'], home)
    for (const [provider, env] of [
      ['stripe', 'sandbox'],
      ['slack', 'production'],
    ] as const)
      expect((await run('provider', 'add', provider, '--twin', '--tag', `env=${env}`)).code).toBe(0)
  }, SLOW)

  afterAll(async () => {
    await twins?.stop()
    await rm(home, { recursive: true, force: true })
  }, SLOW)

  const payment = ['stripe', 'payment.create', 'amount=2500', 'currency=GBP', 'source=pm_card_visa', 'reference=1842']

  it('plans a payment: the request, its cost, its undo and the verdict, nothing sent', { timeout: SLOW }, async () => {
    const { code, stdout, stderr } = await run('plan', ...payment)

    expect(code).toBe(0)
    const lines = stdout.split('\n')
    expect(lines[0]).toMatch(
      /^plan [0-9a-f]{8} · stripe \[env=sandbox\] payment\.create · charge · takes in GBP 25\.00 · cost ≈ \$\d+\.\d\d/,
    )
    expect(lines[1]).toMatch(
      /^ {2}POST http:\/\/127\.0\.0\.1:\d+\/v1\/payment_intents .*Authorization: Bearer <STRIPE_SECRET_KEY> {3}Idempotency-Key: \$key/,
    )
    expect(lines[2]).toContain(
      'amount=2500&currency=gbp&payment_method=pm_card_visa&confirm=true&metadata[reference]=1842',
    )
    expect(lines[3]).toContain(
      'undo: payment.cancel before capture, refund.create after · verdict ask: default/charge, 1 approver · valid 24 h · nothing was sent',
    )
    expect(stderr).toMatch(/^Next: ifab apply --plan [0-9a-f]{8}\n$/)
  })

  it('prints the plan as JSON in the contract shape', { timeout: SLOW }, async () => {
    const plan = await json('plan', ...payment)

    expect(plan).toMatchObject({ digest: expect.stringMatching(/^[0-9a-f]{64}$/), verdict: { decision: 'ask' } })
    expect(Object.keys(plan.steps[0])).toEqual(
      expect.arrayContaining([
        'id',
        'instance',
        'provider',
        'operation',
        'effect',
        'request',
        'estimateUsd',
        'maxUsd',
        'moves',
        'undo',
        'after',
      ]),
    )
    expect(plan.steps[0].moves).toEqual({ amount: 2500, currency: 'GBP', direction: 'in' })
    expect((await run('plan', ...payment, '--check')).code).toBe(9)
  })

  it.skipIf(!hasScript())(
    'asks a person for the approval at a terminal and prints the receipt',
    { timeout: SLOW },
    async () => {
      await run('plan', ...payment)
      const { code, screen } = await onTerminal(
        ['apply', '--plan', 'last', '--why', 'order 1842, phoned in', '--no-color'],
        {
          home,
          answers: [['(yes/no)', 'yes']],
        },
      )

      expect(screen).toContain(
        'Take in GBP 25.00 through stripe [env=sandbox]? Your yes is the approval that the rule asks for. (yes/no)',
      )
      expect(screen).toMatch(
        /✓ pi_twin_\d+ succeeded · \d+ ms · cost \$\d+\.\d\d · read back: confirmed · run [0-9a-z]{8} · witness #\d+ · undo: ifab undo [0-9a-z]{8}/,
      )
      expect(code).toBe(0)
    },
  )

  it.skipIf(!hasScript())(
    'has colours on a terminal, none with NO_COLOR, none in a pipe',
    { timeout: SLOW },
    async () => {
      expect((await onTerminal(['provider', 'list'], { home })).screen).toContain('\u001b[')
      expect((await onTerminal(['provider', 'list'], { home, env: { NO_COLOR: '1' } })).screen).not.toContain('\u001b[')
      expect((await run('provider', 'list')).stdout).not.toContain('\u001b[')
    },
  )

  it.skipIf(!hasScript())('asks for a secret without echo and keeps it encrypted', { timeout: SLOW }, async () => {
    const secret = 'xoxb-canary-000000000000-000000000000-abcdefabcdef'
    const { code, screen } = await onTerminal(
      ['provider', 'add', 'slack', '--as', 'hidden', '--no-test', '--no-color'],
      {
        home,
        answers: [['hidden): ', secret]],
      },
    )

    expect(code).toBe(0)
    expect(screen).toContain('••••••••')
    expect(screen).toContain('added hidden · secret encrypted')
    expect(screen).not.toContain('canary')
    expect(await readFile(join(home, 'fabric.db'), 'latin1')).not.toContain('canary')
  })

  it('never asks in a pipe: exit 9 with the command that grants', { timeout: SLOW }, async () => {
    const { code, stderr, stdout } = await run('apply', ...payment, '--json')

    expect([code, stdout]).toEqual([9, ''])
    expect(JSON.parse(stderr).error).toMatchObject({
      code: 'IF_ERR_APPROVAL_REQUIRED',
      next: expect.stringMatching(/^ifab approval grant [0-9a-f]{8}$/),
    })
  })

  it('lets an agent ask and a person grant', { timeout: SLOW }, async () => {
    const agent = ['--actor', 'if://agent/refunds']
    expect((await run('apply', ...payment, ...agent)).code).toBe(9)
    expect((await run('apply', '--plan', 'last', '--approve', ...agent)).code).toBe(3)
    expect((await run('approval', 'grant', 'last', ...agent)).code).toBe(3)

    const granted = await run('approval', 'grant', 'last', '--why', 'order 1842 is real')
    expect(granted.code).toBe(0)
    expect((await run('apply', '--plan', 'last', ...agent)).code).toBe(0)
  })

  it('is denied by policy with the rules and figures behind it', { timeout: SLOW }, async () => {
    const strict = await mkdtemp(join(tmpdir(), 'ifab-e2e-'))
    await writeFile(
      join(strict, 'config.yaml'),
      'version: 1\npolicy: { effects: { charge: deny } }\nbudgets: [{ name: day, limit: "5 USD" }]\n',
    )
    const words = ['stripe', 'refund.create', 'payment=pi_3Nx', 'amount=250000', '--why', 'ticket 881', '--explain']
    const plan = await ifab(['plan', ...words, '--check'], { home: strict })
    const { code, stderr } = await ifab(['apply', ...words], { home: strict })
    await rm(strict, { recursive: true, force: true })

    expect(plan.code).toBe(3)
    expect(stderr).toMatch(/^✗ IF_ERR_POLICY_DENIED: .+ {2}\[exit 3\]$/m)
    expect(stderr).toMatch(/^ {2}guard +forbid /m)
    expect(stderr).toMatch(/^ {2}budget +day: \$0\.00 of \$5\.00 spent$/m)
    expect(stderr).toMatch(/^ {2}passes /m)
    expect(code).toBe(3)
  })

  it('rehearses: falsify lists what it tried, a dry run sends nothing', { timeout: SLOW }, async () => {
    const falsified = await run('plan', 'slack', 'message.send', 'to=#general', 'text=hello', '--mode=falsify')
    expect([falsified.code, falsified.stdout.includes('✓ accepted')]).toEqual([0, true])
    const dry = await run('apply', 'slack', 'message.send', 'to=#general', 'text=hello', '--dry-run')
    expect([dry.code, dry.stdout.includes('nothing sent')]).toEqual([0, true])
  })

  it('shows the stages under --trace', { timeout: SLOW }, async () => {
    const id = 'c'.repeat(32)
    const { stderr } = await run('apply', 'slack', 'message.send', 'to=#general', 'text=hello', '--trace', id)

    expect(stderr).toMatch(new RegExp(`^trace ${id} · [1-9]\\d* spans?$`, 'm'))
  })

  it('keeps every output of every command free of the test secrets', { timeout: SLOW }, async () => {
    const text: string[] = []
    for (const args of [
      ['witness', 'export'],
      ['run', 'list', '--json'],
      ['provider', 'list', '--json'],
      ['secret', 'list'],
      ['doctor', '--json'],
    ]) {
      const { stdout, stderr } = await run(...args)
      text.push(stdout, stderr)
    }

    expect(text.join('')).not.toMatch(/sk_test_[0-9a-f]{8}|xoxb-[0-9a-f]{8}/)
  })

  it('undoes what it did, step by step', { timeout: SLOW }, async () => {
    expect((await run('apply', 'slack', 'message.send', 'to=#general', 'text=oops')).code).toBe(0)
    const { code, stdout } = await run('undo', 'last', '--why', 'wrong channel')

    expect(stdout).toMatch(/^✓ 1 undo\.step +slack +message\.delete/m)
    expect(stdout).toMatch(/^✓ run [0-9a-z]{8} undone/m)
    expect(code).toBe(0)
  })

  it('ends a twin at Ctrl-C with 130', { timeout: SLOW }, async () => {
    const other = await mkdtemp(join(tmpdir(), 'ifab-e2e-'))
    const twin = await twinUp(['stripe'], other)
    const { code, stderr } = await twin.interrupt()
    await rm(other, { recursive: true, force: true })

    expect([code, stderr]).toEqual([130, ''])
  })
})

describe('a night on which Slack is down', () => {
  let home: string
  let twins: RunningTwins
  const run = (...args: string[]) => ifab(args, { home })

  beforeAll(async () => {
    home = await mkdtemp(join(tmpdir(), 'ifab-e2e-'))
    twins = await twinUp(
      ['stripe', 'slack', '--fault', 'slack/message.send:503', '--fault', 'stripe/customer.create:latency=3s'],
      home,
    )
    for (const provider of ['stripe', 'slack']) await run('provider', 'add', provider, '--twin')
    await writeFile(
      join(home, 'onboard.yaml'),
      [
        'version: 1',
        'name: onboard',
        'inputs: { email: { type: string } }',
        'steps:',
        '  customer: { use: stripe customer.create, with: { email: "${inputs.email}" } }',
        '  tell: { use: slack message.send, with: { to: "#launch", text: "New ${steps.customer.result.id}" } }',
      ].join('\n'),
    )
  }, SLOW)

  afterAll(async () => {
    await twins?.stop()
    await rm(home, { recursive: true, force: true })
  }, SLOW)

  it('leaves an unknown outcome with a way out: look, settle, done', { timeout: SLOW }, async () => {
    const { code, stdout, stderr } = await run(
      'apply',
      '-f',
      join(home, 'onboard.yaml'),
      'email=a@b.example',
      '--why',
      'new customer',
    )
    expect(stdout).toMatch(/^✓ 1 customer +stripe +customer\.create/m)
    expect(stdout).toMatch(/^\? 2 tell +slack +message\.send .*503.*IF_ERR_OUTCOME_UNKNOWN/m)
    expect(stderr).toMatch(/Next: ifab run settle [0-9a-z]{8} tell --as done\|not-done --why '…'/)
    expect(code).toBe(8)
    expect((await run('run', 'list', '--failed', '--since', '1h')).stdout).toContain('onboard')
    expect((await run('run', 'show', 'last', 'tell')).stdout).toMatch(/try 1 .* answered 503/)

    const again = await run('apply', '--resume', 'last')
    expect(again.stdout).toMatch(
      /^= 1 customer +stripe +customer\.create +done before \(witness #\d+\), not repeated$/m,
    )
    expect(again.code).toBe(8)

    const settled = await run(
      'run',
      'settle',
      'last',
      'tell',
      '--as',
      'done',
      '--why',
      'seen in #launch at 02:14',
      '--result',
      '{"id":"1.2","to":"C1","sentAt":"2026-11-01T02:14:00Z"}',
    )
    expect(settled.code).toBe(0)
    expect((await run('apply', '--resume', 'last')).code).toBe(0)
  })

  it('stops at Ctrl-C after what is under way, with the line that goes on, and goes on', {
    timeout: SLOW,
  }, async () => {
    const cli = startIfab(['apply', '-f', join(home, 'onboard.yaml'), 'email=c@d.example', '--trace'], { home })
    await begun(home)
    cli.interrupt()
    const { code, stdout, stderr } = await cli.end

    expect(stderr).toContain('stopping: nothing more is started')
    expect(stdout).toMatch(/^✓ 1 customer/m)
    expect(stdout).toMatch(/^· 2 tell .*not started \(after customer\)$/m)
    expect(stderr).toMatch(/Go on: ifab apply --resume [0-9a-z]{8}/)
    expect(code).toBe(130)
    expect((await run('apply', '--resume', 'last')).stdout).toMatch(/^= 1 customer/m)
  })

  /** Waits until the second run's first step has begun, as the witness tells. */
  async function begun(where: string): Promise<void> {
    for (;;) {
      const { stdout } = await ifab(['witness', 'log', '--json', '--limit', '1'], { home: where })
      if (JSON.parse(stdout)[0]?.kind === 'step.begin') return
    }
  }
})

describe('a reader that goes away', () => {
  it('ends the command quietly', { timeout: SLOW }, async () => {
    const command = `'${process.execPath}' '${BIN}' schema | head -n 1`
    const { stdout, stderr } = spawnSync('sh', ['-c', command], { encoding: 'utf8' })

    expect([stdout, stderr]).toEqual(['{\n', ''])
  })
})
