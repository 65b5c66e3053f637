import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Explanation, Fabric, PoliciesView } from '../../../src/fabric/index.ts'
import { RESOURCE_POLICIES } from '../../../src/governor/index.ts'
import type { WhatIfReport } from '../../../src/guard/index.ts'
import { fakeFabric } from './fake-fabric.ts'
import { type CliOptions, runCli, startCli, until } from './run-cli.ts'

const using = (own: Partial<Fabric>): CliOptions => ({ openFabric: async () => fakeFabric(own) })
const EXAMPLES = fileURLToPath(new URL('../../../examples/policies', import.meta.url))

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ifab-policy-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const put = async (name: string, text: string): Promise<string> => {
  const path = join(folder, name)
  await writeFile(path, text)
  return path
}

describe('ifab policy list', () => {
  const view = (changes: Partial<PoliciesView> = {}): PoliciesView => ({
    digest: 'd',
    fault: null,
    policies: [
      {
        rule: 'three-legs',
        file: 'shipped/three-legs.cedar',
        line: 5,
        effect: 'forbid',
        ask: { needed: 1 },
        text: 'three legs',
      },
      { rule: 'large', file: 'policies/a.cedar', line: 9, effect: 'forbid', ask: { needed: 2, approvers: 'finance' } },
      { rule: 'reads', file: 'policies/a.cedar', line: 1, effect: 'permit' },
    ],
    resourcePolicy: RESOURCE_POLICIES.default,
    resourceFault: null,
    ...changes,
  })
  const list = (changes?: Partial<PoliciesView>) =>
    runCli(['policy', 'list'], using({ policies: async () => view(changes) }))

  it('shows each with file and line, and the limits', async () => {
    const { stdout, stderr } = await list()

    expect(stdout).toBe(
      [
        'ask     three-legs  shipped/three-legs.cedar:5  1 approver · three legs',
        'ask     large       policies/a.cedar:9          2 of finance',
        'permit  reads       policies/a.cedar:1',
        "resources: 3 helpers a task at most · $10.00 a task · match 70 % or more · a swarm's breaker opens after 3 failures",
        '',
      ].join('\n'),
    )
    expect(stderr).toContain('Next: ifab policy explain')
  })

  it('begins with what is wrong now, and says what holds meanwhile', async () => {
    const fault = { message: 'policies/a.cedar:3 unexpected token', hint: 'Write a semicolon.' }
    const resourcePolicy = {
      ...RESOURCE_POLICIES.default,
      enableBudgetEnforcement: false,
      enableReputationScoring: false,
    }
    const broken = await list({ fault, resourceFault: 'resource-policy.yaml:2 base', resourcePolicy })
    const nothing = await list({ fault, policies: [] })

    expect(broken.stdout).toMatch(
      /^✗ policies\/a\.cedar:3 unexpected token\n {2}those of before hold meanwhile\n {2}Write a sem/,
    )
    expect(broken.stdout).toContain('✗ resource-policy.yaml:2 base\n')
    expect(broken.stdout).toContain('(shown, not enforced)')
    expect(broken.stderr).toContain('Next: ifab policy check')
    expect(broken.code).toBe(0)
    expect(nothing.stdout).toContain('everything is denied meanwhile')
  })
})

describe('ifab policy check', () => {
  it('accepts what is right', async () => {
    const result = await runCli(['policy', 'check', join(EXAMPLES, 'support.cedar')])

    expect(result.stdout).toMatch(/✓ \d+ policies in 1 file, nothing is wrong\n$/)
    expect(result.code).toBe(0)
  })

  it('names every fault with file, line and hint, and ends with 2', async () => {
    const cedar = await put('bad.cedar', 'permit (principal, action == Action::"refund.creat", resource);\n')
    const limits = await put('resource-policy.yaml', 'resource_policy:\n  max_swarms_per_taks: 2\n')

    const text = await runCli(['policy', 'check', cedar, limits])
    const json = await runCli(['policy', 'check', cedar, limits, '--json'])

    expect(text.stdout).toContain(`✗ ${cedar}:1 `)
    expect(text.stdout).toContain('refund.create')
    expect(text.stdout).toContain(`✗ ${limits}:2 `)
    expect(text.stdout).toContain('Did you mean `max_swarms_per_task`?')
    expect(text.stdout).toContain('2 faults in 2 files')
    expect([text.code, json.code, json.stderr]).toEqual([2, 2, ''])
    expect(JSON.parse(json.stdout)).toMatchObject({
      ok: false,
      faults: [
        { file: cedar, line: 1 },
        { file: limits, line: 2 },
      ],
    })
  })

  it('without a file looks at the home, with its groups of approvers', async () => {
    await mkdir(join(folder, 'policies'))
    await put('config.yaml', 'version: 1\napproverGroups: { finance: [if://person/ana] }\n')
    await put('policies/a.cedar', '@id("a")\n@ask("2 of finanze")\nforbid (principal, action, resource);\n')
    const env = { IFAB_HOME: folder, IFAB_PROJECT: 'none' }

    const wrong = await runCli(['policy', 'check'], { env })
    await put('policies/a.cedar', '@id("a")\n@ask("finance")\nforbid (principal, action, resource);\n')
    const right = await runCli(['policy', 'check'], { env })

    expect(wrong.stdout).toContain('policies/a.cedar:')
    expect(wrong.code).toBe(2)
    expect([right.code, right.stderr]).toEqual([0, 'Next: ifab policy list\n'])
    expect(right.stdout).toContain('three-legs')
  })

  it('works on a home that has none, and says which file is missing', async () => {
    const none = await runCli(['policy', 'check'], { env: { IFAB_HOME: join(folder, 'new'), IFAB_PROJECT: 'none' } })
    const missing = await runCli(['policy', 'check', join(folder, 'no.cedar')])

    expect(none.code).toBe(0)
    expect([missing.code, missing.stderr.includes('there is no such file')]).toEqual([4, true])
  })
})

describe('ifab policy test', () => {
  it('shows each case with the rules that decided it', async () => {
    const result = await runCli(['policy', 'test', join(EXAMPLES, 'support.test.yaml')])

    expect(result.stdout).toMatch(/\d+ cases? passed\n$/)
    expect(result.code).toBe(0)
  })

  it('ends with 1 where a case fails, with its line', async () => {
    await put('p.cedar', '@id("none")\nforbid (principal, action == Action::"refund.create", resource);\n')
    const cases =
      'version: 1\npolicies: [p.cedar]\ncases:\n  - { name: refunds, operation: refund.create, expect: allow }\n  - { name: refuses, operation: refund.create, expect: deny, by: none }\n'
    const file = await put('p.test.yaml', cases)

    const text = await runCli(['policy', 'test', file])
    const json = await runCli(['policy', 'test', file, '--json'])

    expect(text.stdout).toContain(`✗  refunds  deny  ${file}:4 expected allow, got deny by none`)
    expect(text.stdout).toContain('✓  refuses  deny  none')
    expect(text.stdout).toContain('1 of 2 cases failed')
    expect([text.code, json.code]).toEqual([1, 1])
    expect(JSON.parse(json.stdout)).toMatchObject({ passed: false, files: [{ file }] })
  })
})

describe('ifab policy explain', () => {
  const explanation: Explanation = {
    verdict: {
      decision: 'deny',
      reasons: [
        {
          rule: 'refund-cap',
          decision: 'deny',
          text: '250000 > 5000',
          step: 'step',
          file: 'policies/support.cedar',
          line: 14,
          overruled: ['support-refunds'],
        },
      ],
    },
    policies: [
      { rule: 'refund-cap', file: 'policies/support.cedar', line: 14, effect: 'forbid', state: 'applies', text: 'cap' },
      { rule: 'night', file: 'policies/support.cedar', line: 20, effect: 'forbid', state: 'unmet' },
      {
        rule: 'odd',
        file: 'policies/support.cedar',
        line: 30,
        effect: 'permit',
        state: 'failed',
        problem: 'no amount',
      },
      { rule: 'lights', file: 'policies/home.cedar', line: 1, effect: 'permit', state: 'elsewhere' },
    ],
  }
  const words = ['policy', 'explain', 'shop', 'payment.create', 'amount=2500', 'currency=GBP']

  it('shows the verdict, its reasons, and what applies or nearly does', async () => {
    const asked: unknown[] = []
    const own: Partial<Fabric> = {
      explainIntent: async (...of) => {
        asked.push(of)
        return explanation
      },
    }

    const result = await runCli([...words, '--why', 'x', '--on-behalf-of', 'if://person/bo'], using(own))

    expect(asked).toEqual([
      [
        { instance: 'shop', operation: 'payment.create', input: { amount: 2500, currency: 'GBP' } },
        { why: 'x', onBehalfOf: 'if://person/bo' },
      ],
    ])
    expect(result.stdout).toBe(
      [
        'verdict deny',
        '  deny  refund-cap  policies/support.cedar:14  250000 > 5000 (overrules support-refunds)',
        '4 policies looked at',
        '  ✓  forbid  refund-cap  policies/support.cedar:14  applies: cap',
        '  ·  forbid  night       policies/support.cedar:20  its conditions are not met',
        '  ✗  permit  odd         policies/support.cedar:30  has no answer: no amount',
        '  and 1 about something else; --explain shows them',
        '',
      ].join('\n'),
    )
    expect(result.stderr).toBe('Next: ifab plan shop payment.create amount=2500 currency=GBP\n')
    expect(result.code).toBe(0)
  })

  it('refuses an instance that is not named', async () => {
    const result = await runCli(['policy', 'explain', 'any:env=sandbox', 'payment.create'], using({}))

    expect(result.stderr).toContain('any:env=sandbox names none')
    expect(result.code).toBe(2)
  })

  it('shows every policy under --explain', async () => {
    const { stdout } = await runCli([...words, '--explain'], using({ explainIntent: async () => explanation }))

    expect(stdout).toContain('lights')
    expect(stdout).not.toContain('about something else;')
  })
})

describe('ifab policy what-if', () => {
  const flip = {
    seq: 7,
    at: '2026-11-01T00:00:00Z',
    actor: 'if://agent/a',
    operation: 'refund.create',
    instance: 'shop',
  }
  const report: WhatIfReport = {
    replayed: 340,
    partial: 20,
    flips: [
      { ...flip, before: 'allow', after: 'deny', rules: ['refund-cap'], partial: false },
      { ...flip, seq: 9, before: 'deny', after: 'ask', rules: ['large'], partial: true },
    ],
  }

  it('shows what would be another, and ends with 1 only under --check', async () => {
    const asked: unknown[] = []
    const own: Partial<Fabric> = {
      whatIfPolicy: async (file) => {
        asked.push(file)
        return report
      },
    }
    const file = await put('support.cedar', 'text')

    const result = await runCli(['policy', 'what-if', file], using(own))

    expect(asked).toEqual([{ name: 'support.cedar', text: 'text' }])
    expect(result.stdout).toBe(
      [
        '#7   2026-11-01T00:00:00Z  if://agent/a  shop refund.create  allow → deny  refund-cap',
        '#9~  2026-11-01T00:00:00Z  if://agent/a  shop refund.create  deny → ask    large',
        '2 of 340 decisions would be others: 1 stricter, 1 looser · 20 judged on what the log says alone (marked ~)',
        '',
      ].join('\n'),
    )
    expect(result.code).toBe(0)
    expect((await runCli(['policy', 'what-if', file, '--check'], using(own))).code).toBe(1)
  })

  it('says that nothing would be another', async () => {
    const file = await put('support.cedar', 'text')
    const whatIfPolicy = async () => ({ replayed: 1, partial: 0, flips: [] })

    const { code, stdout } = await runCli(['policy', 'what-if', file, '--check'], using({ whatIfPolicy }))

    expect([code, stdout]).toEqual([0, '0 of 1 decision would be others\n'])
  })

  it('ends at Ctrl-C with 130, and names a file that is missing', async () => {
    const file = await put('support.cedar', 'text')
    let isAsked = false
    const started = startCli(
      ['policy', 'what-if', file],
      using({
        whatIfPolicy: (_, { signal } = {}) =>
          new Promise((_resolve, reject) => {
            isAsked = true
            signal?.addEventListener('abort', () => reject(signal.reason))
          }),
      }),
    )
    await until(() => isAsked)
    started.signal('SIGINT')

    expect(await started.code).toBe(130)
    expect((await runCli(['policy', 'what-if', join(folder, 'no.cedar')])).code).toBe(4)
  })
})
