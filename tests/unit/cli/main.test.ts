import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Fabric, Finding } from '../../../src/fabric/index.ts'
import { FabricError, type JsonObject } from '../../../src/foundation/index.ts'
import { budgetView, fakeFabric, fakePlan, fakeRun, PROVIDER, stepRecord } from './fake-fabric.ts'
import { type CliOptions, runCli, startCli, until } from './run-cli.ts'

const using = (own: Partial<Fabric>): CliOptions => {
  const fabric = fakeFabric(own)
  return { openFabric: async () => fabric }
}

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ifab-cli-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

describe('every command', () => {
  it('prints the first help page without words: nouns and examples', async () => {
    const result = await runCli([])

    expect(result.code).toBe(0)
    expect(result.stdout).toMatch(/^ifab: /)
    for (const noun of ['demo', 'provider', 'plan', 'apply', 'witness'])
      expect(result.stdout).toMatch(new RegExp(`^  ${noun} `, 'm'))
    expect(result.stdout).toContain('Examples\n  ifab demo')
    expect(result.stderr).toBe('')
  })

  it('has a help page with usage, flags and examples, also as JSON', async () => {
    const text = await runCli(['provider', 'add', '--help'])
    const json = await runCli(['help', 'provider', 'add', '--json'])

    expect(text.stdout).toContain('Usage  ifab provider add PROVIDER [flags]')
    expect(text.stdout).toContain('--secret KEY=SOURCE')
    expect(text.stdout).toContain('--mode=falsify')
    expect(JSON.parse(json.stdout)).toMatchObject({ command: 'provider add', falsifies: true })
  })

  it('helps with a noun and with everything', async () => {
    expect((await runCli(['help', 'run'])).stdout).toContain('run settle')
    expect((await runCli(['help', '--all'])).stdout).toContain('manifest diff')
    const wrong = await runCli(['help', 'aply'])
    expect(wrong.stderr).toContain('Did you mean `apply`?')
    expect(wrong.code).toBe(2)
  })

  it('shows the page of a noun that stands alone, with exit 2', async () => {
    const text = await runCli(['provider'])
    const json = await runCli(['provider', '--json'])

    expect(text.stderr).toContain('provider list')
    expect([text.code, text.stdout]).toEqual([2, ''])
    expect(JSON.parse(json.stderr)).toMatchObject({ error: { code: 'IF_ERR_USAGE', next: 'ifab help provider' } })
  })

  it('tells its version and its tree', async () => {
    const { version } = JSON.parse(await readFile(new URL('../../../package.json', import.meta.url), 'utf8'))

    expect((await runCli(['--version'])).stdout).toBe(`${version}\n`)
    expect(JSON.parse((await runCli(['-V', '--json'])).stdout)).toEqual({ version })
    expect(JSON.parse((await runCli(['schema'])).stdout).commands.length).toBeGreaterThan(30)
    expect(JSON.parse((await runCli(['schema', 'run', 'settle', '--json'])).stdout)).toMatchObject({
      command: 'run settle',
    })
  })

  it('prints an error under --json as one object on stderr and nothing on stdout', async () => {
    const error = new FabricError('IF_ERR_BUDGET_EXCEEDED', 'no room', {
      hint: 'wait',
      next: 'ifab budget list',
      details: { left: 0 },
    })
    const result = await runCli(['budget', 'list', '--json'], using({ budgets: () => Promise.reject(error) }))

    expect(JSON.parse(result.stderr)).toEqual({
      error: {
        code: 'IF_ERR_BUDGET_EXCEEDED',
        message: 'no room',
        hint: 'wait',
        retryable: false,
        next: 'ifab budget list',
        details: { left: 0 },
      },
    })
    expect([result.stdout, result.code]).toEqual(['', 3])
  })

  it('turns a fault of its own into one line without a stack trace', async () => {
    const result = await runCli(['budget', 'list'], using({ budgets: () => Promise.reject(new TypeError('oops')) }))

    expect(result.stderr).toContain('IF_ERR_INTERNAL: oops')
    expect(result.stderr).not.toContain('at ')
    expect(result.code).toBe(1)
  })

  it('closes the fabric whatever happens', async () => {
    const failing = fakeFabric({ budgets: () => Promise.reject(new Error('no')) })

    await runCli(['budget', 'list'], { openFabric: async () => failing })
    expect(failing.closed()).toBe(true)
  })

  it('passes home, actor, session, reason, trace and log level on', async () => {
    let seen: unknown
    const options: CliOptions = {
      env: { IFAB_ACTOR: 'if://agent/a', X: '1' },
      openFabric: async (open) => {
        seen = open
        return fakeFabric()
      },
    }
    const id = 'b'.repeat(32)
    const result = await runCli(
      ['budget', 'list', '--home', '/h', '--session', 's1', '--why', 'w', '--trace', id, '--log-level', 'debug'],
      options,
    )

    expect(seen).toEqual({
      home: '/h',
      actor: 'if://agent/a',
      session: 's1',
      why: 'w',
      trace: id,
      logLevel: 'debug',
      env: options.env,
    })
    expect(result.stderr).toContain(`trace ${'a'.repeat(32)}`)
  })

  it('puts the trace into the JSON document or the error', async () => {
    const good = await runCli(['doctor', '--json', '--trace'], using({ doctor: async () => [] }))
    const bad = await runCli(
      ['budget', 'list', '--json', '--trace'],
      using({ budgets: () => Promise.reject(new Error('x')) }),
    )

    expect(JSON.parse(good.stdout).trace).toEqual({
      traceId: 'a'.repeat(32),
      spans: [],
      way: { kind: 'home', home: '/srv/ana/.ifab' },
    })
    expect(JSON.parse(bad.stderr).error.trace).toBe('a'.repeat(32))
  })

  it('has colours on a terminal only, never with NO_COLOR, --no-color or a dumb one', async () => {
    const coloured = async (argv: string[], env = {}, terminal = true) =>
      (await runCli(argv, { env, terminal })).stdout.includes('\u001b[')

    expect(await coloured([])).toBe(true)
    expect(await coloured([], {}, false)).toBe(false)
    expect(await coloured([], { NO_COLOR: '1' })).toBe(false)
    expect(await coloured([], { TERM: 'dumb' })).toBe(false)
    expect(await coloured(['help', '--no-color'])).toBe(false)
  })

  it('refuses an empty reason', async () => {
    expect((await runCli(['budget', 'list', '--why', ' '])).stderr).toContain('--why must not be empty')
  })
})

describe('ifab plan', () => {
  const planning = (own: Partial<Fabric> = {}) =>
    using({ plan: async (intent) => fakePlan({ source: { kind: 'intent', ...intent } }), ...own })

  it('prints the plan on stdout and the next command on stderr', async () => {
    const result = await runCli(['plan', 'shop', 'payment.create', 'amount=2500', 'currency=GBP'], planning())

    expect(result.stdout).toContain('plan 9c1e77ab · shop [env=sandbox] payment.create · charge')
    expect(result.stderr).toBe('Next: ifab apply --plan 9c1e77ab\n')
    expect(result.code).toBe(0)
  })

  it('takes a bare provider id, a bare native name and a whole input', async () => {
    const result = await runCli(['plan', 'pay', 'session.create', '--input', '{}', '--json'], planning())

    expect(JSON.parse(result.stdout).source).toEqual({
      kind: 'intent',
      instance: 'pay',
      operation: 'pay:session.create',
      input: {},
    })
    const piped = await runCli(['plan', 'pay', 'payment.create', '--input', '-', 'amount=5', '--json'], {
      ...planning(),
      stdin: '{"amount":1,"currency":"GBP"}',
    })
    expect(JSON.parse(piped.stdout).source.input).toEqual({ amount: 5, currency: 'GBP' })
  })

  it.each([
    [['--input', '[1]'], 'the file cannot be read'],
    [['--input', '{'], '--input: not JSON'],
    [['--input', '/nowhere.json'], 'the file cannot be read (ENOENT)'],
  ])('refuses %j', async (words, message) => {
    const result = await runCli(['plan', 'shop', 'payment.create', ...words], planning())

    expect(result.stderr).toContain(message)
    expect(result.code).toBe(2)
  })

  it.each([
    ['allow', 0],
    ['ask', 9],
    ['deny', 3],
  ] as const)('exits 0 whatever the verdict; with --check %s is %i', async (decision, code) => {
    const options = planning({ plan: async () => fakePlan({ verdict: { decision, reasons: [] } }) })
    const words = ['plan', 'shop', 'payment.create', 'amount=1']

    expect((await runCli(words, options)).code).toBe(0)
    expect((await runCli([...words, '--check'], options)).code).toBe(code)
  })

  it('writes the plan to a file that apply takes', async () => {
    const file = join(folder, 'plan.json')
    const result = await runCli(['plan', 'shop', 'payment.create', '--out', file], planning())

    expect(result.stderr).toContain(`Next: ifab apply --plan ${file}`)
    const applied = await runCli(
      ['apply', '--plan', file],
      using({ importPlan: async (plan) => plan as ReturnType<typeof fakePlan>, apply: async () => fakeRun() }),
    )
    expect(applied.code).toBe(0)
    expect((await runCli(['plan', 'shop', 'payment.create', '--out', '/nowhere/p.json'], planning())).code).toBe(2)
  })

  it('refuses a file that is no plan', async () => {
    const file = join(folder, 'not-a-plan.json')
    await writeFile(file, 'hello')

    expect((await runCli(['apply', '--plan', file], using({}))).stderr).toContain('not a plan')
  })

  it('types playbook inputs by what the playbook declares', async () => {
    const file = join(folder, 'refund.yaml')
    await writeFile(file, 'version: 1\nname: refund\ninputs:\n  amount: { type: integer }\nsteps: {}\n')
    let seen: unknown
    const options = using({
      planPlaybook: async (_file, inputs) => {
        seen = inputs
        return fakePlan()
      },
    })

    expect((await runCli(['plan', '-f', file, 'amount=1200', '--why', 'x'], options)).code).toBe(0)
    expect(seen).toEqual({ amount: 1200 })
    expect((await runCli(['plan', '-f', file, 'amuont=1'], options)).stderr).toContain('Did you mean `amount`?')
    expect((await runCli(['plan', '-f', join(folder, 'absent.yaml')], options)).code).toBe(4)
  })

  it('suggests instances and operations', async () => {
    const instance = await runCli(['plan', 'shpo', 'payment.create'], planning())
    const operation = await runCli(['plan', 'shop', 'paymnt.create'], planning())

    expect([instance.code, instance.stderr.includes('Did you mean `shop`')]).toEqual([4, true])
    expect([operation.code, operation.stderr.includes('Did you mean `payment.create`')]).toEqual([4, true])
    expect((await runCli(['plan', 'shop', 'zzz'], planning())).stderr).toContain('It has payment.create')
  })

  it('lists what a pre-mortem found, exit 1 where anything was refuted', async () => {
    const finding = (holds: boolean): Finding => ({
      assumption: 'credential',
      step: null,
      instance: 'shop',
      holds,
      text: 'PAY_KEY',
      next: 'ifab secret set shop PAY_KEY',
    })
    const words = ['plan', 'shop', 'payment.create', '--mode=falsify']
    const good = await runCli(words, planning({ falsify: async () => [finding(true)] }))
    const bad = await runCli(words, planning({ falsify: async () => [finding(true), finding(false)] }))
    const json = await runCli([...words, '--json'], planning({ falsify: async () => [finding(false)] }))

    expect([good.code, good.stdout]).toEqual([
      0,
      '✓ credential  shop: PAY_KEY\nnothing of 1 was refuted · nothing was sent that changes anything\n',
    ])
    expect(bad.stdout).toContain('✗ credential  shop: PAY_KEY\n              Next: ifab secret set shop PAY_KEY')
    expect(bad.stderr).toContain('IF_ERR_FALSIFIED: 1 of 2 assumptions do not hold')
    expect(bad.code).toBe(1)
    expect(JSON.parse(json.stdout)).toMatchObject({ refuted: 1 })
    expect(JSON.parse(json.stderr).error.code).toBe('IF_ERR_FALSIFIED')
  })

  it('explains in the JSON document too', async () => {
    const result = await runCli(['plan', 'shop', 'payment.create', '--explain', '--json'], planning())

    expect(JSON.parse(result.stdout).explanation[0]).toEqual({
      topic: 'guard',
      text: 'ask default/charge: charge asks for 1 approver',
    })
  })
})

describe('ifab call', () => {
  const receipt = { ...fakeRun().receipts[0], run: null, result: { available: [] } }

  it('prints the result, and the receipt under --json', async () => {
    const options = using({ call: async () => receipt as never }) // the fields that are read
    const text = await runCli(['call', 'shop', 'balance.get', '--timeout', '5s'], options)

    expect(text.stdout).toBe('{\n  "available": []\n}\n')
    expect(text.stderr).toContain('witness #1042')
    expect(JSON.parse((await runCli(['call', 'shop', 'balance.get', '--json'], options)).stdout)).toMatchObject({
      witness: 1042,
    })
  })

  it('prints a stream as JSON Lines until Ctrl-C', async () => {
    const options = using({
      async *watch(_intent, { signal } = {}) {
        yield { id: 'light.studio', state: 'on' }
        await new Promise((_resolve, reject) => signal?.addEventListener('abort', () => reject(signal.reason)))
      },
    })
    const cli = startCli(['call', 'shop', 'state.watch'], options)
    await until(() => cli.stdout() !== '')
    cli.signal('SIGINT')

    expect(await cli.code).toBe(130)
    expect(cli.stdout()).toBe('{"id":"light.studio","state":"on"}\n')
  })

  it('ends a stream well at --timeout, and a read with 7', async () => {
    const never = (signal: AbortSignal | undefined) =>
      new Promise<never>((_resolve, reject) => signal?.addEventListener('abort', () => reject(signal.reason)))
    const options = using({
      // biome-ignore lint/correctness/useYield: a stream that never brings anything
      async *watch(_intent, { signal } = {}) {
        await never(signal)
      },
      call: async (_intent, { signal } = {}) => never(signal),
    })

    expect((await runCli(['call', 'shop', 'state.watch', '--timeout', '5ms'], options)).code).toBe(0)
    expect((await runCli(['call', 'shop', 'balance.get', '--timeout', '5ms'], options)).code).toBe(7)
  })
})

describe('ifab provider add', () => {
  const added: unknown[] = []
  const adding = (own: Partial<Fabric> = {}) =>
    using({
      instances: async () => [],
      addInstance: async (add) => {
        added.push(add)
        return {
          version: 1,
          name: add.name ?? add.provider,
          provider: add.provider,
          tags: add.tags ?? {},
          settings: {},
          secrets: {},
          privateNetwork: false,
          timeout: '30s',
        }
      },
      testInstance: async (instance) => ({ instance, ok: true, durationMs: 143, told: 'workspace Acme' }),
      ...own,
    })

  it('asks for a missing secret without echo, adds, tests, and says what to type next', async () => {
    const cli = startCli(['provider', 'add', 'pay', '--as', 'shop2', '--tag', 'env=production'], {
      ...adding(),
      terminal: true,
    })
    await until(() => cli.rawModes.length === 1)
    cli.type('sk_wrong\u0015sk_livX')
    cli.type('\u007fe\r')

    expect(await cli.code).toBe(0)
    expect(added.at(-1)).toMatchObject({
      name: 'shop2',
      tags: { env: 'production' },
      secrets: { PAY_KEY: { kind: 'value', value: 'sk_live' } },
    })
    expect(cli.rawModes).toEqual([true, false])
    expect(`${cli.stdout()}${cli.stderr()}`).not.toContain('sk_liv')
    expect(cli.stderr()).toContain('PAY_KEY (sk_…, hidden): ••••••••••••••••\n')
    expect(cli.stderr()).toContain('tested 143 ms: workspace Acme')
    expect(cli.stdout()).toContain('added shop2 [env=production] · secret encrypted, key in /srv/ana/.ifab/keys')
    expect(cli.stderr()).toContain('Next: ifab plan shop2 payment.create amount=2500 currency=GBP')
  })

  it('ends with 130 at Ctrl-C in the question', async () => {
    const cli = startCli(['provider', 'add', 'pay'], { ...adding(), terminal: true })
    await until(() => cli.rawModes.length === 1)
    cli.type('\u0003')

    expect(await cli.code).toBe(130)
    expect(cli.rawModes).toEqual([true, false])
  })

  it('takes secrets as references, from standard input and from a file', async () => {
    const file = join(folder, 'secrets.env')
    await writeFile(file, '# mine\nexport PAY_KEY="sk file"\n')

    await runCli(['provider', 'add', 'pay', '--secret', 'PAY_KEY=env:PAY'], adding())
    expect(added.at(-1)).toMatchObject({ secrets: { PAY_KEY: { kind: 'env', variable: 'PAY' } } })
    await runCli(['provider', 'add', 'pay', '--secret', 'PAY_KEY=file:/run/key'], adding())
    expect(added.at(-1)).toMatchObject({ secrets: { PAY_KEY: { kind: 'file', path: '/run/key' } } })
    await runCli(['provider', 'add', 'pay', '--secret', 'PAY_KEY=-'], { ...adding(), stdin: 'sk_piped\n' })
    expect(added.at(-1)).toMatchObject({ secrets: { PAY_KEY: { kind: 'value', value: 'sk_piped' } } })
    await runCli(['provider', 'add', 'pay', '--secrets-from', file], adding())
    expect(added.at(-1)).toMatchObject({ secrets: { PAY_KEY: { kind: 'value', value: 'sk file' } } })
  })

  it('refuses a literal secret and never repeats it', async () => {
    const result = await runCli(['provider', 'add', 'pay', '--secret', 'PAY_KEY=sk_live_canary'], adding())

    expect(result.code).toBe(2)
    expect(result.stderr).toContain('may not stand on the command line')
    expect(result.stderr).not.toContain('canary')
  })

  it.each([
    [['--secret', 'PAY_KYE=env:X'], 'pay has no secret "PAY_KYE"', 2],
    [['--set', 'host=x'], 'pay has no setting "host"', 2],
    [['--secret', 'PAY_KEY=-', '--secrets-from', '-'], 'standard input can give only one', 2],
    [['--secret', 'PAY_KEY=-'], 'PAY_KEY is empty', 2],
    [['--secrets-from', '/nowhere'], 'the file cannot be read (ENOENT)', 2],
    [[], 'pay needs PAY_KEY', 5],
  ])('refuses %j', async (flags, message, code) => {
    const result = await runCli(['provider', 'add', 'pay', ...flags], adding())

    expect(result.stderr).toContain(message)
    expect(result.code).toBe(code)
  })

  it('refuses a name that is taken', async () => {
    const result = await runCli(['provider', 'add', 'pay', '--as', 'shop', '--secret', 'PAY_KEY=env:X'], using({}))

    expect(result.code).toBe(6)
    expect(result.stderr).toContain('Next: ifab provider add pay --as shop-2')
  })

  it('takes the instance back where the credential is refused, and keeps it where nobody answers', async () => {
    const removed: string[] = []
    const failing = (code: 'IF_ERR_AUTH_FAILED' | 'IF_ERR_PROVIDER_UNAVAILABLE') =>
      adding({
        testInstance: () => Promise.reject(new FabricError(code, 'no')),
        removeInstance: async (name) => void removed.push(name),
      })
    const words = ['provider', 'add', 'pay', '--secret', 'PAY_KEY=env:X']

    expect((await runCli(words, failing('IF_ERR_AUTH_FAILED'))).code).toBe(5)
    expect(removed).toEqual(['pay'])
    const kept = await runCli(words, failing('IF_ERR_PROVIDER_UNAVAILABLE'))
    expect([kept.code, kept.stderr.includes('Later: ifab provider test pay')]).toEqual([0, true])
    expect(removed).toEqual(['pay'])
  })

  it('needs no secret for a twin', async () => {
    await runCli(['provider', 'add', 'pay', '--twin', '--no-test'], adding())

    expect(added.at(-1)).toMatchObject({ twin: true, secrets: {} })
  })

  it('can be refuted beforehand, adding nothing', async () => {
    const before = added.length
    const missing = await runCli(
      ['provider', 'add', 'pay', '--mode=falsify', '--secret', 'PAY_KEY=env:ABSENT'],
      adding(),
    )
    const file = await runCli(
      ['provider', 'add', 'pay', '--mode=falsify', '--secret', 'PAY_KEY=file:/nowhere'],
      adding(),
    )
    const good = await runCli(['provider', 'add', 'pay', '--mode=falsify', '--secret', 'PAY_KEY=env:X'], {
      ...adding(),
      env: { X: 'sk' },
    })
    const taken = await runCli(['provider', 'add', 'pay', '--as', 'shop', '--mode=falsify'], using({}))

    expect(missing.stdout).toContain('PAY_KEY refers to env:ABSENT, which is not set')
    expect(file.stdout).toContain('cannot be read (ENOENT)')
    expect(taken.stdout).toContain('an instance of this name exists')
    expect([missing.code, file.code, good.code, taken.code]).toEqual([1, 1, 0, 1])
    expect(added.length).toBe(before)
  })

  it('asks for settings that have no default', async () => {
    const provider = {
      ...PROVIDER,
      secrets: [],
      settings: [{ name: 'host', description: 'address of it', default: null }],
    }
    const options = adding({ provider: async () => provider })
    const cli = startCli(['provider', 'add', 'pay'], { ...options, terminal: true })
    await until(() => cli.stderr().includes('host (address of it): '))
    cli.type('ha.local\n')

    expect(await cli.code).toBe(0)
    expect(added.at(-1)).toMatchObject({ settings: { host: 'ha.local' } })
    expect((await runCli(['provider', 'add', 'pay'], options)).stderr).toContain('--set host=…')
    expect((await runCli(['provider', 'add', 'pay', '--mode=falsify'], options)).stdout).toContain(
      'setting host is missing',
    )
  })
})

describe('ifab secret set', () => {
  const setting = (own: Partial<Fabric> = {}) =>
    using({
      setSecret: async () => {},
      testSecret: async (instance) => ({ instance, ok: true, durationMs: 9, told: 'fine' }),
      ...own,
    })

  it('tests, stores and never prints the value', async () => {
    const result = await runCli(['secret', 'set', 'shop', 'PAY_KEY', '-'], { ...setting(), stdin: 'sk_canary' })

    expect(result.stdout).toContain('PAY_KEY of shop set, encrypted')
    expect(result.stderr).toContain('accepted 9 ms: fine')
    expect(`${result.stdout}${result.stderr}`).not.toContain('canary')
  })

  it('keeps the one in use where the new one is refused', async () => {
    const stored: string[] = []
    const options = setting({
      setSecret: async (_instance, key) => void stored.push(key),
      testSecret: () => Promise.reject(new FabricError('IF_ERR_AUTH_FAILED', 'expired')),
    })

    const result = await runCli(['secret', 'set', 'shop', 'PAY_KEY', 'env:X'], options)

    expect(result.code).toBe(5)
    expect(result.stderr).toContain('expired; the secret in use stays')
    expect(stored).toEqual([])
  })

  it('stores the new one where the provider can not be asked, and says so', async () => {
    const options = setting({
      testSecret: () => Promise.reject(new FabricError('IF_ERR_PROVIDER_UNAVAILABLE', 'nobody answers')),
    })

    const result = await runCli(['secret', 'set', 'shop', 'PAY_KEY', 'env:X'], options)

    expect(result.code).toBe(0)
    expect(result.stderr).toContain('! could not be tested: nobody answers')
  })

  it('asks at a terminal', async () => {
    const cli = startCli(['secret', 'set', 'shop', 'PAY_KEY'], { ...setting(), terminal: true })
    await until(() => cli.rawModes.length === 1)
    cli.type('sk_x\r')

    expect(await cli.code).toBe(0)
  })

  it.each([
    [['secret', 'set', 'shop', 'PAY_KEY'], 5],
    [['secret', 'set', 'shop', 'PAY_KYE', 'env:X'], 4],
    [['secret', 'set', 'shop', 'PAY_KEY', 'sk_canary'], 2],
    [['secret', 'set', 'shop', 'PAY_KEY=sk_canary'], 2],
  ])('refuses %j', async (argv, code) => {
    const result = await runCli(argv, setting())

    expect(result.code).toBe(code)
    expect(result.stderr).not.toContain('canary')
  })
})

describe('lists and looks', () => {
  it('shows runs, failed ones on demand', async () => {
    const records = [
      fakeRun().record,
      { ...fakeRun('failed').record, error: { code: 'IF_ERR_ACTION_FAILED' as const, message: 'declined' } },
    ]
    const options = { ...using({ runs: async () => records }), now: () => Date.parse('2026-11-01T03:00:00Z') }

    expect((await runCli(['run', 'list'], options)).stdout.split('\n')).toHaveLength(3)
    const failed = await runCli(['run', 'list', '--failed', '--since', '12h'], options)
    expect(failed.stdout).toContain('r6a02xyz  failed  shop payment.create  1 step  $0.73  3 h ago  declined')
    expect((await runCli(['run', 'list'], using({ runs: async () => [] }))).stdout).toBe('no runs\n')
  })

  it('shows a run and one of its steps', async () => {
    const options = using({ run: async () => fakeRun('failed'), attempts: async () => undefined })

    expect((await runCli(['run', 'show', 'last'], options)).stderr).toContain('Go on: ifab apply --resume r6a02xyz')
    expect((await runCli(['run', 'show', 'last', 'step'], options)).stdout).toContain(
      'operation  shop payment.create (charge)',
    )
    const wrong = await runCli(['run', 'show', 'last', 'stpe'], options)
    expect([wrong.code, wrong.stderr.includes('Did you mean `step`')]).toEqual([4, true])
  })

  it('settles and cancels', async () => {
    const seen: unknown[] = []
    const options = using({
      settle: async (...args) => {
        seen.push(args)
        return fakeRun('failed')
      },
      cancel: async () => fakeRun('cancelled'),
    })

    const settled = await runCli(
      ['run', 'settle', 'r6a0', 'tell', '--as', 'done', '--why', 'seen', '--result', '{"id":"1"}'],
      options,
    )
    expect(seen).toEqual([['r6a0', 'tell', 'done', { why: 'seen', result: { id: '1' } }]])
    expect(settled.stderr).toContain('Next: ifab apply --resume r6a02xyz')
    expect((await runCli(['run', 'cancel', 'r6a0', '--why', 'x'], options)).stdout).toContain('cancelled')
    for (const flags of [
      [],
      ['--as', 'done'],
      ['--as', 'done', '--why', 'x', '--result', '[]'],
      ['--as', 'done', '--why', 'x', '--result', '{'],
    ])
      expect((await runCli(['run', 'settle', 'r6a0', 'tell', ...flags], options)).code).toBe(2)
  })

  it('undoes', async () => {
    const options = using({
      run: async () => fakeRun(),
      readPlan: async () => fakePlan(),
      undo: async () => fakeRun('undone', [stepRecord('undo.step', { undoOf: 'step' })]),
    })

    expect((await runCli(['undo', 'r6a0/step', '--why', 'x'], options)).stdout).toContain('✓ run r6a02xyz undone')
  })

  it.each([
    ['IF_ERR_UNDO_IMPOSSIBLE', '  See: ifab run show r6a02xyz step\n'],
    ['IF_ERR_TIMEOUT', '  See: ifab run show r6a02xyz step    Try again: ifab undo r6a02xyz\n'],
  ] as const)('leads on from an undo that ended with %s', async (code, ways) => {
    const error = { code, message: 'it stays' }
    const options = using({
      run: async () => fakeRun(),
      readPlan: async () => fakePlan(),
      undo: async () => fakeRun('failed', [stepRecord('step', { state: 'failed', error })]),
    })

    const { stderr } = await runCli(['undo', 'r6a0'], options)

    expect(stderr).toContain(`✗ ${code}: it stays  [`)
    expect(stderr).toContain(ways)
    expect(stderr).not.toContain('onFailure')
  })

  it('shows and decides approvals, last being the newest', async () => {
    const view = (plan: string, state: 'waiting' | 'granted', requestedAt: string) => ({
      plan,
      state,
      requestedBy: 'if://agent/a',
      requestedAt,
      expiresAt: '2026-11-02T00:00:00.000Z',
      decidedBy: null,
      decidedAt: null,
      why: 'order 1842',
      summary: 'takes in GBP 25.00',
      needs: [{ of: 'finance', count: 2 }],
      yes: [{ by: 'if://person/bo', at: '2026-11-01T01:30:00Z' }],
    })
    const both = [
      view('a'.repeat(64), 'granted', '2026-11-01T00:00:00Z'),
      view('b'.repeat(64), 'waiting', '2026-11-01T01:00:00Z'),
    ]
    const options = {
      ...using({
        approvals: async () => both,
        approval: async (plan) => both.find((one) => one.plan === plan) ?? both[0] ?? view('', 'waiting', ''),
        decideApproval: async (plan, decision) => ({
          ...view(plan, 'granted', ''),
          state: decision === 'grant' ? 'granted' : 'denied',
          decidedBy: 'if://person/ana',
        }),
        readPlan: async () => fakePlan(),
      }),
      now: () => Date.parse('2026-11-01T02:00:00Z'),
    }

    const list = await runCli(['approval', 'list'], options)
    expect(list.stdout).toContain(
      'bbbbbbbb  waiting  takes in GBP 25.00  needs 2 of finance, yes by if://person/bo  if://agent/a  valid 22 h',
    )
    expect(list.stderr).toContain('Next: ifab approval show bbbbbbbb')
    expect((await runCli(['approval', 'show', 'last'], options)).stderr).toContain('ifab approval grant bbbbbbbb')
    expect((await runCli(['approval', 'grant', 'last', '--why', 'x'], options)).stderr).toContain(
      'Next: ifab apply --plan bbbbbbbb',
    )
    expect((await runCli(['approval', 'deny', 'aaaa'], options)).stdout).toContain('denied by if://person/ana')
    expect((await runCli(['approval', 'grant', 'last'], using({ approvals: async () => [] }))).code).toBe(4)
    expect((await runCli(['approval', 'list'], using({ approvals: async () => [] }))).stdout).toBe(
      'nothing waits for an approval\n',
    )
  })

  it('shows budgets', async () => {
    const budgets = async () => [
      budgetView({ held: 1_000_000, resetsAt: '2026-11-02T00:00:00Z' }),
      budgetView({ name: 'spent', per: 'month', limit: null, settled: 0 }),
    ]

    expect((await runCli(['budget', 'list'], using({ budgets }))).stdout).toContain(
      'day     day    $50.00    $4.10  $1.00     $44.90  2026-11-02T00:00:00Z',
    )
    expect((await runCli(['budget', 'list'], using({}))).stdout).toBe('no budgets\n')
  })

  it('shows, verifies and exports the witness log', async () => {
    const entries: JsonObject[] = [{ seq: 1, at: 't', kind: 'step.end', actor: 'if://person/ana', outcome: 'done' }]
    const options = using({
      async *witnessEntries() {
        yield* entries
      },
      run: async () => fakeRun(),
      verifyWitness: async () => ({ ok: true, size: 1, root: 'r00t', origin: 'home/1', problems: [] }),
    })
    const file = join(folder, 'witness.jsonl')

    expect((await runCli(['witness', 'log', '--run', 'last'], options)).stdout).toBe(
      '#1  t  step.end  if://person/ana      done\n',
    )
    expect(JSON.parse((await runCli(['witness', 'log', '#1', '--json'], options)).stdout)).toEqual(entries[0])
    expect((await runCli(['witness', 'log', '2'], options)).code).toBe(4)
    expect((await runCli(['witness', 'log', 'x'], options)).code).toBe(2)
    expect((await runCli(['witness', 'verify'], options)).stdout).toBe(
      '✓ witness verified: 1 entry, root r00t, signed by home/1\n',
    )
    expect((await runCli(['witness', 'export'], options)).stdout).toBe(`${JSON.stringify(entries[0])}\n`)
    expect((await runCli(['witness', 'export', '--out', file], options)).stdout).toContain('wrote 1 entries')
    expect((await runCli(['witness', 'export', '--out', file], options)).stderr).toContain('exists already')
    expect(await readFile(file, 'utf8')).toBe(`${JSON.stringify(entries[0])}\n`)
  })

  it('names what is wrong with a witness log, on stdout and as error', async () => {
    const problems = [{ kind: 'altered', seq: 7, message: 'entry 7 was altered' }]
    const options = using({ verifyWitness: async () => ({ ok: false, size: 9, root: 'r', origin: 'o', problems }) })
    const result = await runCli(['witness', 'verify', '--json'], options)

    expect(JSON.parse(result.stdout).problems).toEqual(problems)
    expect(JSON.parse(result.stderr).error.code).toBe('IF_ERR_VERIFY_FAILED')
    expect((await runCli(['witness', 'verify'], options)).stdout).toBe('✗ #7 altered: entry 7 was altered\n')
    expect(result.code).toBe(1)
  })

  it('exits 1 where the doctor finds something, with what to type', async () => {
    const check = (ok: boolean) => ({ name: 'home', ok, text: 'open to all', next: 'chmod 700 x' })

    expect((await runCli(['doctor'], using({ doctor: async () => [check(true)] }))).code).toBe(0)
    const bad = await runCli(['doctor'], using({ doctor: async () => [check(false)] }))
    expect([bad.code, bad.stdout]).toEqual([1, '✗  home  open to all    Next: chmod 700 x\n'])
  })

  it('shows providers, one, one operation; searches operations', async () => {
    const list = await runCli(['provider', 'list'], using({}))
    expect(list.stdout).toBe('mine\n  shop  pay  [env=sandbox]\ncatalogue\n  pay  Pay  payment  4 operations\n')
    expect((await runCli(['provider', 'list'], using({ instances: async () => [] }))).stderr).toBe(
      'Next: ifab provider add pay\n',
    )
    expect((await runCli(['provider', 'show', 'shop'], using({}))).stdout).toContain(
      'Pay · 4 operations · manifest 1.0.0, signed by infrafabric · reaches api.pay.example',
    )
    const operation = await runCli(['provider', 'show', 'pay', 'payment.create'], using({}))
    expect(operation.stdout).toContain('amount*    integer')
    expect(operation.stderr).toBe('Next: ifab plan pay payment.create amount=2500 currency=GBP\n')
    expect(JSON.parse((await runCli(['ops', 'pay', 'create', '--json'], using({}))).stdout)).toHaveLength(2)
    const none = await runCli(['ops', 'paymnt.create'], using({}))
    expect([none.code, none.stderr.includes('Did you mean `payment.create`')]).toEqual([4, true])
  })

  it('tests and removes instances, lists secrets', async () => {
    const options = using({
      testInstance: async (instance) => {
        if (instance !== 'shop') throw new FabricError('IF_ERR_NOT_FOUND', 'no')
        return { instance, ok: true, durationMs: 5, told: 'fine' }
      },
      secrets: async () => [
        { instance: 'shop', name: 'PAY_KEY', kind: 'env:X', setAt: null },
        { instance: 'shop', name: 'B', kind: 'vault', setAt: '2026-11-01T00:00:00Z' },
      ],
      instance: async (name) => ({
        version: 1,
        name,
        provider: 'pay',
        tags: {},
        settings: {},
        secrets: {},
        privateNetwork: false,
        timeout: '30s',
      }),
      removeInstance: async () => {},
    })

    expect((await runCli(['provider', 'test', 'shop'], options)).stdout).toBe(
      '✓ shop 5 ms: fine · PAY_KEY from env:X, B from vault\n',
    )
    expect((await runCli(['provider', 'test', 'shpo'], options)).stderr).toContain('Did you mean `shop`')
    expect((await runCli(['provider', 'remove', 'shop'], options)).stdout).toContain('removed shop')
    expect(
      (await runCli(['secret', 'list'], { ...options, now: () => Date.parse('2026-11-01T05:00:00Z') })).stdout,
    ).toContain('shop  B        vault  set 5 h ago')
    expect((await runCli(['secret', 'list'], using({ secrets: async () => [] }))).stdout).toBe('no secrets\n')
  })

  it('serves twins until Ctrl-C, its JSON document coming at once', async () => {
    let closed = false
    const options = using({
      serveTwins: async () => ({
        twins: [
          { provider: 'pay', url: 'http://127.0.0.1:4010', secrets: { PAY_KEY: 'sk_test_1' }, effects: () => [] },
        ],
        close: async () => {
          closed = true
        },
      }),
    })
    const cli = startCli(
      ['twin', 'up', 'pay', '--json', '--port', '4010', '--seed', '0', '--fault', 'payment.create:503'],
      options,
    )
    await until(() => cli.stdout().endsWith('}\n'))
    cli.signal('SIGTERM')

    expect(await cli.code).toBe(143)
    expect(JSON.parse(cli.stdout())).toEqual({
      twins: [{ provider: 'pay', url: 'http://127.0.0.1:4010', secrets: { PAY_KEY: 'sk_test_1' } }],
    })
    expect(closed).toBe(true)
  })
})

describe('completion', () => {
  const complete = async (...words: string[]) =>
    (await runCli(['__complete', '--', ...words], using({ runs: async () => [fakeRun().record] }))).stdout
      .split('\n')
      .filter((line) => line !== '')

  it.each([
    [['pl'], ['plan']],
    [
      ['provider', ''],
      ['list', 'show', 'add', 'connect', 'test', 'remove', 'new'],
    ],
    [['plan', 'sh'], ['shop']],
    [['apply', 'la'], ['last']],
    [['provider', 'add', ''], ['pay']],
    [
      ['plan', 'shop', 'pay'],
      ['payment.create', 'pay:session.create'],
    ],
    [
      ['plan', 'shop', 'payment.create', 'c'],
      ['currency=', 'capture='],
    ],
    [
      ['plan', 'shop', 'payment.create', 'capture='],
      ['capture=true', 'capture=false'],
    ],
    [['plan', '--mo'], ['--mode=falsify']],
    [['--j'], ['--json']],
    [
      ['run', 'show', ''],
      ['last', 'r6a02xyz'],
    ],
    [
      ['run', 'settle', 'x', 'y', '--as', ''],
      ['done', 'not-done'],
    ],
    [
      ['help', 'run', 's'],
      ['show', 'settle'],
    ],
    [['plan', 'nowhere', ''], []],
    [['plan', '--out', ''], []],
  ])('offers for %j', async (words, candidates) => {
    expect(await complete(...words)).toEqual(candidates)
  })

  it('offers the inputs of a playbook', async () => {
    const file = join(folder, 'inputs.yaml')
    await writeFile(file, 'version: 1\ninputs:\n  amount: { type: integer }\n')

    expect(await complete('plan', '-f', file, '')).toEqual(['amount='])
  })

  it('has a script for three shells and no other', async () => {
    for (const shell of ['bash', 'zsh', 'fish'])
      expect((await runCli(['completion', shell])).stdout).toContain('ifab __complete --')
    expect((await runCli(['completion', 'constructor'])).code).toBe(2)
  })
})
