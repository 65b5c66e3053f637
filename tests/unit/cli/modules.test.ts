import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type {
  CredentialView,
  Fabric,
  ModuleRun,
  ModuleView,
  PerformanceView,
  ReputationView,
  VaultKeyView,
} from '../../../src/fabric/index.ts'
import { FabricError } from '../../../src/foundation/index.ts'
import { fakeFabric } from './fake-fabric.ts'
import { type CliOptions, runCli, startCli, until } from './run-cli.ts'

const NOW = Date.parse('2026-11-01T02:00:00.000Z')
const using = (own: Partial<Fabric>): CliOptions => ({ openFabric: async () => fakeFabric(own), now: () => NOW })
const cli = (words: string[], own: Partial<Fabric> = {}) => runCli(words, using(own))

const CONTRACT: ModuleView['contract'] = {
  resource_requirements: {
    max_memory_mb: 256,
    max_cpu_percent: 25,
    max_api_calls_per_second: 10,
    max_execution_time_seconds: 300,
    max_instances: 4,
  },
  slos: { p99_latency_ms: 500, success_rate: 0.95, availability: 0.999 },
}

const adapter = (changes: Partial<ModuleView> = {}): ModuleView => ({
  id: 'example-mail',
  version: '1.0.0',
  kind: 'adapter',
  name: 'Example Mail',
  digest: '1a2b3c4d5e6f'.padEnd(64, '0'),
  signedBy: 'operator',
  active: true,
  operations: [
    { id: 'message.send', effect: 'send' },
    { id: 'message.list', effect: 'read' },
  ],
  hosts: ['https://api.example.com'],
  input: null,
  contract: CONTRACT,
  sizeBytes: 14_000,
  ...changes,
})

const agent = (changes: Partial<ModuleView> = {}): ModuleView =>
  adapter({
    id: 'triage',
    kind: 'agent',
    name: 'Triage',
    operations: [],
    hosts: [],
    input: { type: 'object', properties: { ticket: { type: 'integer' }, text: { type: 'string' } } },
    ...changes,
  })

let folder: string
let file: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ifab-modules-'))
  file = join(folder, 'mail.ifwasm')
  await writeFile(file, 'bytes')
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const sent = { name: 'mail.ifwasm', base64: Buffer.from('bytes').toString('base64') }

describe('ifab chassis load', () => {
  it('hands the bytes over and shows what the module may reach, do and use', async () => {
    const asked: unknown[] = []
    const own: Partial<Fabric> = {
      async loadModule(...of) {
        asked.push(of)
        return adapter()
      },
    }

    const result = await cli(['chassis', 'load', file, '--replace'], own)

    expect(asked).toEqual([[sent, { replace: true }]])
    expect(result.stdout).toBe(
      [
        '✓ example-mail 1.0.0 loaded',
        'example-mail 1.0.0 · Example Mail · adapter · signed by operator · sha256 1a2b3c4d5e6f · 14 KiB',
        '  reaches   https://api.example.com',
        '  does      message.send  send',
        '            message.list  read',
        '  may use   256 MiB · 25 % of a core · 10 host calls a second · 5 min a call · 4 calls at once',
        '  promises  p99 500 ms · 95 % succeed · 99.9 % answered',
        '',
      ].join('\n'),
    )
    expect(result.stderr).toBe('Next: ifab provider add example-mail\n')
  })

  it('says that a higher version is the active one', async () => {
    const loadModule = async () => agent({ active: false })

    const result = await cli(['chassis', 'load', file], { loadModule })

    expect(result.stdout).toContain('✓ triage 1.0.0 loaded; a higher version is the active one')
    expect(result.stdout).toContain('reaches   nothing of its own: each run says what it may call (--grant)')
    expect(result.stdout).toContain('takes     ticket, text')
    expect(result.stderr).toBe('Next: ifab chassis run triage@1.0.0\n')
  })

  it.each([
    ['yes', 0, true],
    ['no', 1, false],
  ])('shows it first and asks a person at a terminal: %s', async (answer, code, isLoaded) => {
    let loaded = false
    const own: Partial<Fabric> = {
      checkModule: async () => adapter(),
      async loadModule() {
        loaded = true
        return adapter()
      },
    }

    const started = startCli(['chassis', 'load', file, '--no-color'], { ...using(own), terminal: true })
    await until(() => started.stderr().includes('Load it?'))
    expect(loaded).toBe(false)
    expect(started.stderr()).toContain('reaches   https://api.example.com')
    started.type(`${answer}\n`)

    expect(await started.code).toBe(code)
    expect(loaded).toBe(isLoaded)
    expect(started.stdout()).toBe(isLoaded ? '✓ example-mail 1.0.0 loaded\n' : '')
    if (!isLoaded) expect(started.stderr()).toContain('mail.ifwasm was not loaded; nothing was changed')
  })

  it.each([['--no-input'], ['--json']])('asks nothing with %s', async (flag) => {
    const own: Partial<Fabric> = { loadModule: async () => adapter() }

    const result = await runCli(['chassis', 'load', file, flag], { ...using(own), terminal: true })

    expect(result.code).toBe(0)
    if (flag === '--json') expect(JSON.parse(result.stdout)).toEqual(adapter())
  })

  it('asks no agent, whom the fabric refuses', async () => {
    const own: Partial<Fabric> = {
      actor: 'if://agent/refunds',
      async loadModule() {
        throw new FabricError('IF_ERR_POLICY_DENIED', 'only persons may load modules')
      },
    }

    const result = await runCli(['chassis', 'load', file], { ...using(own), terminal: true })

    expect([result.code, result.stderr.includes('Load it?')]).toEqual([3, false])
  })

  it('names a file that is not there, before anything is opened', async () => {
    const result = await runCli(['chassis', 'load', join(folder, 'gone.ifwasm')])

    expect(result.code).toBe(4)
    expect(result.stderr).toContain('gone.ifwasm: there is no such file')
    expect((await runCli(['chassis', 'load', folder])).stderr).toContain('this is not a file')
  })

  it('shows nothing of a stranger that moves the cursor, hides or begins another line', async () => {
    const name = 'Mail\u001b[2J\n  reaches   nothing\u202e'
    const own: Partial<Fabric> = {
      loadModule: async () => adapter({ name, operations: [{ id: 'a\u009b1A:b', effect: 'delete' }] }),
    }

    const { stdout } = await cli(['chassis', 'load', file], own)

    expect(stdout).toContain('example-mail 1.0.0 · Mail·[2J reaches nothing· · adapter')
    expect(stdout).toContain('does      a·1A:b  delete')
  })
})

describe('ifab chassis list and unload', () => {
  it('marks active versions and names files that cannot be used', async () => {
    const all = {
      modules: [adapter(), agent({ active: false })],
      broken: [{ file: 'x@1.0.0.ifwasm', fault: { code: 'IF_ERR_MODULE_UNTRUSTED', message: 'altered', hint: null } }],
    }

    const result = await cli(['chassis', 'list'], { modules: async () => all })

    expect(result.stdout).toBe(
      [
        '*  example-mail  1.0.0  adapter  2 operations  signed by operator  14 KiB',
        '   triage        1.0.0  agent                  signed by operator  14 KiB',
        'cannot be used',
        '  ✗  x@1.0.0.ifwasm  IF_ERR_MODULE_UNTRUSTED: altered',
        '',
      ].join('\n'),
    )
    expect(result.stderr).toBe('Next: ifab provider add example-mail\n')
    expect(JSON.parse((await cli(['chassis', 'list', '--json'], { modules: async () => all })).stdout)).toEqual(all)
  })

  it('says where to begin', async () => {
    const result = await cli(['chassis', 'list'], { modules: async () => ({ modules: [], broken: [] }) })

    expect([result.stdout, result.stderr]).toEqual(['no modules\n', 'Next: ifab chassis new DIR --lang ts\n'])
  })

  it('unloads what was named', async () => {
    const asked: string[] = []
    const own: Partial<Fabric> = {
      async unloadModule(reference) {
        asked.push(reference)
        return adapter()
      },
    }

    const result = await cli(['chassis', 'unload', 'example-mail@1.0.0'], own)

    expect(asked).toEqual(['example-mail@1.0.0'])
    expect(result.stdout).toBe('✓ example-mail 1.0.0 unloaded\n')
  })
})

const ran = (changes: Partial<ModuleRun> = {}): ModuleRun => ({
  id: 'run-1',
  module: { id: 'triage', version: '1.0.0', digest: 'd'.repeat(64) },
  export: 'execute',
  output: { answer: 'fine' },
  usage: { fuel: 1_234_567, cpuMs: 3.2, memoryBytes: 1_310_720, hostCalls: 2 },
  wallMs: 12,
  calls: [],
  log: [],
  ...changes,
})

describe('ifab chassis run', () => {
  it('types the input by what the module says, and hands over grants, claim, time and the rest', async () => {
    const asked: unknown[] = []
    const own: Partial<Fabric> = {
      modules: async () => ({ modules: [agent()], broken: [] }),
      async runModule(module, { signal: _, ...options } = {}) {
        asked.push(module, options)
        return ran()
      },
    }
    const task = '01KAVXQ3ZZ00000000R6A02XYZ'

    const result = await cli(
      [
        ...['chassis', 'run', 'triage', 'ticket=881', 'text=7', '--timeout', '2s', '--fresh', '--why', 'ticket 881'],
        ...['--grant', 'desk:message.send,pay:session.create@https://api.example.com/v1/**', '--grant', 'desk:*'],
        ...['--claim', `${task}:3`, '--export', 'execute'],
      ],
      own,
    )

    expect(asked).toEqual([
      'triage',
      {
        export: 'execute',
        input: { ticket: 881, text: '7' },
        grants: [
          {
            instance: 'desk',
            operations: ['message.send', 'pay:session.create'],
            endpoints: ['https://api.example.com/v1/**'],
          },
          { instance: 'desk', operations: ['*'] },
        ],
        claim: { task, token: 3 },
        timeoutMs: 2000,
        fresh: true,
        why: 'ticket 881',
      },
    ])
    expect(result).toEqual({ code: 0, stdout: '{\n  "answer": "fine"\n}\n', stderr: '12 ms · triage 1.0.0\n' })
  })

  it('runs a file that was not loaded, with what it says that it takes', async () => {
    const asked: unknown[] = []
    const own: Partial<Fabric> = {
      checkModule: async () => agent(),
      async runModule(module, { input } = {}) {
        asked.push(module, input)
        return ran()
      },
    }

    await cli(['chassis', 'run', file, 'ticket=881', '--input', '{"text":"x"}'], own)

    expect(asked).toEqual([sent, { ticket: 881, text: 'x' }])
  })

  it('takes any JSON on standard input, and null without any', async () => {
    const asked: unknown[] = []
    const own: Partial<Fabric> = {
      async runModule(_, { input } = {}) {
        asked.push(input)
        return ran()
      },
    }

    await runCli(['chassis', 'run', 'triage', '--input', '-'], { ...using(own), stdin: '[1]' })
    await cli(['chassis', 'run', 'triage'], own)

    expect(asked).toEqual([[1], null])
  })

  it('prints what it logs and, with --trace, what it used and each call with its run', async () => {
    const run = ran({
      log: [
        { level: 'info', text: 'looking\nat it' },
        { level: 'error', text: 'no \u001b[31mred' },
      ],
      calls: [
        { instance: 'desk', operation: 'message.list', run: null, state: 'done', error: null },
        {
          instance: 'desk',
          operation: 'message.send',
          run: '01KAVXQ3ZZ00000000R6A02XYZ',
          state: 'failed',
          error: 'IF_ERR_TIMEOUT',
        },
      ],
    })

    const plain = await cli(['chassis', 'run', 'triage'], { runModule: async () => run })
    const traced = await cli(['chassis', 'run', 'triage', '--trace'], { runModule: async () => run })
    const json = await cli(['chassis', 'run', 'triage', '--json'], { runModule: async () => run })

    expect(plain.stderr).toBe(
      'info   looking\n       at it\nerror  no ·[31mred\n12 ms · 2 calls · triage 1.0.0    Next: ifab run list\n',
    )
    expect(traced.stderr).toContain(
      'execute of triage 1.0.0 (sha256 dddddddddddd) · fuel 1,234,567 · memory 1.3 MiB · CPU 3 ms of 12 ms · 2 host calls\n',
    )
    expect(traced.stderr).toMatch(
      / {2}1 {2}desk {2}message\.list {2}done {4}read\n {2}2 {2}desk {2}message\.send {2}failed {2}run [0-9a-z]{8} {2}IF_ERR_TIMEOUT/,
    )
    expect([JSON.parse(json.stdout), json.stderr]).toEqual([JSON.parse(JSON.stringify(run)), ''])
  })

  it('keeps an answer the same JSON, with nothing in it that a terminal obeys', async () => {
    const output = 'a\u009b2J\u202eb'

    const { stdout } = await cli(['chassis', 'run', 'triage'], { runModule: async () => ran({ output }) })

    expect(stdout).toBe('"a\\u009b2J\\u202eb"\n')
    expect(JSON.parse(stdout)).toBe(output)
  })

  it('shows what it said and did before it failed', async () => {
    const own: Partial<Fabric> = {
      async runModule() {
        throw new FabricError('IF_ERR_MODULE_LIMIT', 'triage used up its fuel', {
          details: {
            log: [{ level: 'warn', text: 'again' }],
            calls: [{ instance: 'desk', operation: 'message.list', run: null, state: 'done', error: null }],
          },
        })
      },
    }

    const result = await cli(['chassis', 'run', 'triage'], own)

    expect([result.code, result.stdout]).toEqual([1, ''])
    expect(result.stderr).toMatch(
      /^warn {3}again\n {2}1 {2}desk {2}message\.list {2}done {2}read\n✗ IF_ERR_MODULE_LIMIT/,
    )
  })

  it('ends with 130 at Ctrl-C', async () => {
    const own: Partial<Fabric> = {
      runModule: (_, { signal } = {}) =>
        new Promise((_resolve, reject) => {
          signal?.addEventListener('abort', () => reject(new FabricError('IF_ERR_CANCELLED', 'aborted')))
          started.signal('SIGINT')
        }),
    }

    const started = startCli(['chassis', 'run', 'triage'], using(own))

    expect(await started.code).toBe(130)
    expect(started.stderr()).toContain('the module was stopped')
  })

  it.each([
    [['--grant', 'desk'], '--grant expects INSTANCE:OPERATIONS[@ENDPOINT], got "desk"'],
    [['--grant', 'desk:'], '--grant expects'],
    [['--grant', 'desk:a,,b'], '--grant expects'],
    [['--grant', 'desk:a@ftp://x'], '--grant expects'],
    [['--timeout', 'soon'], '--timeout expects a time'],
    [['--export', 'main'], 'Allowed choices are describe, plan, apply, health, execute'],
  ])('refuses %j before anything is opened', async (words, message) => {
    const result = await runCli(['chassis', 'run', 'triage', ...words])

    expect([result.code, result.stderr.includes(message)]).toEqual([2, true])
  })

  it.each([
    [['ticket=soon'], 'ticket expects a whole number'],
    [['tickt=1'], 'Did you mean `ticket`?'],
    [['--input', '{'], 'not JSON'],
    [['ticket=1', '--input', '[1]'], '--input is no object'],
  ])('refuses the input %j', async (words, message) => {
    const input = agent().input
    const own: Partial<Fabric> = {
      modules: async () => ({
        modules: [agent({ input: { ...input, additionalProperties: false } as ModuleView['input'] })],
        broken: [],
      }),
    }

    const result = await cli(['chassis', 'run', 'triage', ...words], own)

    expect([result.code, result.stderr]).toEqual([2, expect.stringContaining(message)])
  })
})

describe('ifab chassis credentials', () => {
  const credential = (changes: Partial<CredentialView> = {}): CredentialView => ({
    id: 'cred-5f2c81aa',
    holder: 'triage 1.0.0',
    instance: 'desk',
    operations: ['message.send'],
    endpoints: ['https://api.example.com/**'],
    task: '01KAVXQ3ZZ00000000R6A02XYZ',
    expiresAt: '2026-11-01T02:05:00.000Z',
    ...changes,
  })

  it('lists who may do what where, for how long', async () => {
    const result = await cli(['chassis', 'credentials'], { credentials: async () => [credential()] })

    expect(result.stdout).toMatch(
      /^\S+ {2}triage 1\.0\.0 {2}desk: message\.send {2}https:\/\/api\.example\.com\/\*\* {2}task \S+ {2}valid 5 min\n$/,
    )
    expect(result.stderr).toContain('--revoke')
    expect((await cli(['chassis', 'credentials'], { credentials: async () => [] })).stdout).toBe(
      'no credential stands\n',
    )
  })

  it('revokes one by a piece of its id', async () => {
    const revoked: string[] = []
    const own: Partial<Fabric> = {
      credentials: async () => [credential(), credential({ id: 'cred-aaaa' })],
      async revokeCredential(id) {
        revoked.push(id)
      },
    }

    const result = await cli(['chassis', 'credentials', '--revoke', '5f2c'], own)

    expect(revoked).toEqual(['cred-5f2c81aa'])
    expect(result.stdout).toBe('✓ triage 1.0.0 may no longer use desk (message.send)\n')
    expect((await cli(['chassis', 'credentials', '--revoke', 'cred'], own)).stderr).toContain('more than one')
    expect((await cli(['chassis', 'credentials', '--revoke', 'x'], own)).code).toBe(4)
    expect(revoked).toHaveLength(1)
  })
})

describe('ifab chassis resources', () => {
  const use = {
    digest: adapter().digest,
    id: 'example-mail',
    version: '1.0.0',
    active: 1,
    instances: 2,
    calls: 12,
    failures: 1,
    limits: 0,
    cpuPercent: 31.4,
    fuel: 99_000,
    hostCalls: 0,
    memoryBytes: 1_310_720,
  }

  it('shows use against the limits of the contract', async () => {
    const own: Partial<Fabric> = {
      moduleResources: async () => [use, { ...use, id: 'gone', digest: 'f'.repeat(64) }],
      modules: async () => ({ modules: [adapter()], broken: [] }),
    }

    const result = await cli(['chassis', 'resources'], own)

    expect(result.stdout).toBe(
      [
        'module        version  now     CPU           memory              calls  failed  stopped  host calls  fuel',
        'example-mail  1.0.0    1 of 4  31 % of 25 %  1.3 MiB of 256 MiB  12     1       0        0           99,000',
        'gone          1.0.0    1       31 %          1.3 MiB             12     1       0        0           99,000',
        '',
      ].join('\n'),
    )
  })

  it('says whose process it asked where nothing has run', async () => {
    const own: Partial<Fabric> = {
      moduleResources: async () => [],
      modules: async () => ({ modules: [], broken: [] }),
    }
    const daemon: Fabric['way'] = { kind: 'daemon', address: 'unix:/x', version: '1', context: null, isLocal: true }

    const here = await cli(['chassis', 'resources'], own)
    const there = await cli(['chassis', 'resources'], { ...own, way: daemon })

    expect(here.stdout).toBe('no module has run in this process\n')
    expect(here.stderr).toContain('ifab up')
    expect(there.stdout).toBe('no module has run since the daemon began\n')
  })
})

describe('ifab secret key', () => {
  const view = (changes: Partial<VaultKeyView> = {}): VaultKeyView => ({
    place: 'file',
    id: '5f2c81aa',
    secrets: 3,
    ...changes,
  })

  it('says where the key is', async () => {
    const result = await cli(['secret', 'key'], { vaultKey: async () => view() })

    expect(result.stdout).toBe('key 5f2c81aa in a file of the home · encrypts 3 secrets\n')
    expect(result.stderr).toContain('ifab secret key --to keyring')
    expect(JSON.parse((await cli(['secret', 'key', '--json'], { vaultKey: async () => view() })).stdout)).toEqual(
      view(),
    )
  })

  it('says that there is none before a secret was stored', async () => {
    const none = await cli(['secret', 'key'], { vaultKey: async () => view({ id: 'none', secrets: 0 }) })

    expect(none.stdout).toBe('there is no key yet: one is made with the first stored secret\n')
  })

  it('moves it, and says where it was', async () => {
    const own: Partial<Fabric> = {
      vaultKey: async () => view(),
      moveVaultKey: async (place) => view({ place, secrets: 1 }),
    }

    const moved = await cli(['secret', 'key', '--to', 'keyring'], own)
    const stayed = await cli(['secret', 'key', '--to', 'file'], own)

    expect(moved.stdout).toBe('✓ moved from the file · key 5f2c81aa in the keyring of the system · encrypts 1 secret\n')
    expect(stayed.stdout).toContain('✓ it is there already')
  })

  it('rotates it', async () => {
    const result = await cli(['secret', 'key', '--rotate'], { rotateVaultKey: async () => view({ id: 'new' }) })

    expect(result.stdout).toBe(
      '✓ everything is encrypted under a new key · key new in a file of the home · encrypts 3 secrets\n',
    )
  })

  it('does one thing at a time', async () => {
    const result = await runCli(['secret', 'key', '--to', 'file', '--rotate'])

    expect([result.code, result.stderr.includes('are two commands')]).toEqual([2, true])
    expect((await runCli(['secret', 'key', '--to', 'cloud'])).code).toBe(2)
  })
})

const window = (changes: Partial<PerformanceView['report']['windows'][number]> = {}) => ({
  window: '5m' as const,
  calls: 0,
  successRate: null,
  availability: null,
  p50LatencyMs: null,
  p95LatencyMs: null,
  p99LatencyMs: null,
  budgetLeft: null,
  ...changes,
})

const measured = (changes: Partial<PerformanceView> = {}): PerformanceView => ({
  kind: 'module',
  name: 'example-mail',
  report: {
    targets: { p99LatencyMs: 500, successRate: 0.95, availability: 0.99 },
    windows: [
      window(),
      window({
        window: '28d',
        calls: 100,
        successRate: 0.9,
        availability: 0.9999,
        p50LatencyMs: 12,
        p95LatencyMs: 40,
        p99LatencyMs: 1_200,
        budgetLeft: -1,
      }),
    ],
    burn: [],
    burning: [
      {
        severity: 'page',
        long: '1h',
        short: '5m',
        factor: 14.4,
        objective: 'successRate',
        longRate: 15.04,
        shortRate: 20,
        shortCalls: 12,
        isBurning: true,
        since: '2026-11-01T01:00:00.000Z',
      },
    ],
  },
  ...changes,
})

describe('ifab chassis performance', () => {
  it('shows each window, and what burns', async () => {
    const result = await cli(['chassis', 'performance'], { performance: async () => [measured()] })

    expect(result.stdout).toBe(
      [
        'example-mail · module · promises 95 % success, 99 % available, p99 500 ms',
        '  window   calls  success  available  p50    p95    p99    budget left',
        '  5 min    0',
        '  28 days  100    90 %     99.99 %    12 ms  40 ms  1.2 s  used 2 times',
        '  ! success: its error budget burns 15 times as fast as it may over 1 h and 5 min, since 2026-11-01T01:00:00.000Z (page)',
        '',
      ].join('\n'),
    )
    expect(result.stderr).toBe('Next: ifab chassis reputation\n')
  })

  it('shows one, and refuses a name that was never measured', async () => {
    const own: Partial<Fabric> = {
      performance: async () => [measured(), measured({ name: 'shop', kind: 'instance' })],
    }

    const one = await cli(['chassis', 'performance', 'shop', '--json'], own)
    const none = await cli(['chassis', 'performance', 'shoq'], own)

    expect(JSON.parse(one.stdout).map(({ name }: { name: string }) => name)).toEqual(['shop'])
    expect([none.code, none.stderr]).toEqual([4, expect.stringContaining('Did you mean `shop`?')])
    expect((await cli(['chassis', 'performance'], { performance: async () => [] })).stdout).toBe(
      'nothing has been measured yet\n',
    )
  })
})

describe('ifab chassis reputation', () => {
  it('shows each score with what took it there', async () => {
    const reputation: ReputationView['reputation'] = {
      score: 0.8,
      runs: 20,
      successRate: 0.9,
      p99Ms: 310,
      reasons: [{ what: 'failures', text: '90 % of the runs succeed, 95 % are promised', minus: 0.2 }],
    }
    const fresh: ReputationView['reputation'] = {
      score: 1,
      runs: 3,
      successRate: 1,
      p99Ms: 20,
      reasons: [{ what: 'few-runs', text: '3 runs have been seen; it counts from 10 on', minus: 0 }],
    }
    const own: Partial<Fabric> = {
      reputations: async () => [
        { kind: 'module', name: 'example-mail', reputation },
        { kind: 'swarm', name: 'desk', reputation: fresh },
      ],
    }

    const result = await cli(['chassis', 'reputation'], own)

    expect(result.stdout).toBe(
      [
        'example-mail  module  0.80  20 runs  90 % succeeded   p99 310 ms',
        '  −0.20  90 % of the runs succeed, 95 % are promised',
        'desk          swarm   1.00  3 runs   100 % succeeded  p99 20 ms',
        '         3 runs have been seen; it counts from 10 on',
        '',
      ].join('\n'),
    )
    expect((await cli(['chassis', 'reputation', 'nobody'], own)).code).toBe(4)
  })
})

describe('completion', () => {
  it.each([
    [
      ['chassis', 'run'],
      ['example-mail', 'triage@1.0.0'],
    ],
    [
      ['chassis', 'unload'],
      ['example-mail', 'triage@1.0.0'],
    ],
    [
      ['chassis', 'run', 'triage@1.0.0'],
      ['ticket=', 'text='],
    ],
    [['chassis', 'credentials', '--revoke'], ['5f2c81aa']],
    [
      ['chassis', 'new', 'mail', '--lang'],
      ['ts', 'wat', 'assemblyscript'],
    ],
    [
      ['secret', 'key', '--to'],
      ['keyring', 'file'],
    ],
  ])('%j offers %j', async (words, offers) => {
    const result = await cli(['__complete', '--', ...words, ''], {
      modules: async () => ({ modules: [adapter(), agent({ active: false })], broken: [] }),
      credentials: async () => [
        {
          id: '5f2c81aa',
          holder: 'triage 1.0.0',
          instance: 'desk',
          operations: ['*'],
          endpoints: ['*'],
          task: null,
          expiresAt: '2026-11-01T02:05:00.000Z',
        },
      ],
    })

    expect(result.stdout.trim().split('\n')).toEqual(offers)
  })
})
