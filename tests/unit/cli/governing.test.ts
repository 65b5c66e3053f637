import { describe, expect, it } from 'vitest'
import type { Fabric, FindHelp } from '../../../src/fabric/index.ts'
import { FabricError } from '../../../src/foundation/index.ts'
import type {
  BreakerRecord,
  EscalationRecord,
  FreezeRecord,
  FreezeTarget,
  Help,
  HelpCandidate,
  InviteRecord,
  SwarmProfile,
} from '../../../src/governor/index.ts'
import { budgetView, fakeFabric } from './fake-fabric.ts'
import { type CliOptions, runCli } from './run-cli.ts'

const AT = '2026-11-01T00:00:00.000Z'
const NOW = Date.parse('2026-11-01T02:00:00.000Z')

const using = (own: Partial<Fabric>): CliOptions => ({ openFabric: async () => fakeFabric(own), now: () => NOW })
const cli = (words: string[], own: Partial<Fabric> = {}) => runCli(words, using(own))
/** A method that notes what it was asked and gives this. */
const noting =
  <A extends unknown[], T>(asked: unknown[], answer: T) =>
  async (...of: A): Promise<T> => {
    asked.push(of)
    return answer
  }
const errorOf = ({ stderr }: { stderr: string }) => JSON.parse(stderr).error

const frozen = (changes: Partial<FreezeRecord> = {}): FreezeRecord => ({
  kind: 'instance',
  name: 'shop',
  actor: 'if://person/ana',
  session: 's',
  why: 'leaked key',
  at: AT,
  ...changes,
})

describe('ifab freeze and thaw', () => {
  it.each([
    [['--all'], { all: true }],
    [['--swarm', 'desk'], { swarm: 'desk' }],
    [['--instance', 'shop'], { instance: 'shop' }],
  ])('%j reaches the fabric with its reason', async (words, target) => {
    const asked: [FreezeTarget, string][] = []
    const own: Partial<Fabric> = {
      swarmProfiles: async () => [],
      freeze: async (of, { why }) => {
        asked.push([of, why])
        return frozen()
      },
    }

    const result = await cli(['freeze', ...words, '--why', 'leaked key'], own)

    expect(asked).toEqual([[target, 'leaked key']])
    expect(result.stdout).toBe(
      '✓ instance shop is frozen · nothing leaves any more, reads neither · leaked key (if://person/ana)\n',
    )
    expect(result.stderr).toContain("Next: ifab thaw --instance shop --why '…'")
    expect(result.code).toBe(0)
  })

  it('says who was faster', async () => {
    const freeze = async () => frozen({ actor: 'if://person/bo', why: 'smoke' })

    expect((await cli(['freeze', '--all', '--why', 'x'], { freeze })).stdout).toContain(
      'was frozen 2 h ago already · smoke (if://person/bo)',
    )
  })

  it('refuses an instance that is not there, and warns of a swarm that is nearly one', async () => {
    const own: Partial<Fabric> = {
      swarmProfiles: async () => [profile()],
      freeze: async () => frozen({ kind: 'swarm', name: 'refundz' }),
    }

    const instance = await cli(['freeze', '--instance', 'shopp', '--why', 'x'], own)
    const swarm = await cli(['freeze', '--swarm', 'refundz', '--why', 'x'], own)

    expect([instance.code, instance.stdout]).toEqual([4, ''])
    expect(instance.stderr).toContain('Did you mean `shop`?')
    expect(swarm.stderr).toContain('! no swarm refundz is registered. Did you mean `refunds`?')
    expect(swarm.code).toBe(0)
  })

  it('lists what is frozen', async () => {
    const list = await cli(['freeze', '--list'], { freezes: async () => [frozen({ kind: 'all', name: '*' })] })

    expect(list.stdout).toBe('everything  2 h ago  if://person/ana  leaked key\n')
    expect(list.stderr).toContain("Next: ifab thaw --all --why '…'")
    expect((await cli(['freeze', '--list'], { freezes: async () => [] })).stdout).toBe('nothing is frozen\n')
  })

  it.each([
    [
      ['freeze'],
      'ifab freeze --all --why "…"    ifab freeze --swarm SWARM --why "…"    ifab freeze --instance INSTANCE',
    ],
    [['thaw'], 'needs --all, --swarm SWARM or --instance INSTANCE'],
    [['freeze', '--all'], 'needs --why "…": everybody who is stopped is shown it'],
    [['freeze', '--all', '--swarm', 'a', '--why', 'x'], '--all and --swarm exclude each other'],
    [['freeze', '--list', '--all'], '--list and --all exclude each other'],
    [['freeze', '--list', '--why', 'x'], '--list changes nothing'],
  ])('refuses %j before anything is opened', async (words, message) => {
    const result = await runCli(words)

    expect(result.stderr).toContain(message)
    expect(result.code).toBe(2)
  })

  it('thaws, and says what stays frozen', async () => {
    const own: Partial<Fabric> = {
      thaw: async () => frozen(),
      freezes: async () => [frozen({ kind: 'swarm', name: 'desk' })],
    }

    const result = await cli(['thaw', '--instance', 'gone', '--why', 'new key'], own)

    expect(result.stdout).toBe('✓ instance shop goes on · was frozen 2 h ago: leaked key (if://person/ana)\n')
    expect(result.stderr).toContain('Still frozen: swarm desk')
  })
})

const profile = (changes: Partial<SwarmProfile> = {}): SwarmProfile => ({
  swarm: 'refunds',
  capabilities: ['payment:refund'],
  costPerHourMicroUsd: 500_000,
  reputation: 0.9,
  budgetMicroUsd: 20_000_000,
  load: { running: 2, limit: 5 },
  registeredAt: AT,
  registeredBy: 'if://person/ana',
  updatedAt: AT,
  ...changes,
})

describe('ifab governor register, profiles, unregister', () => {
  const registering = (known: SwarmProfile[] = []) => {
    const said: unknown[] = []
    const own: Partial<Fabric> = {
      swarmProfiles: async () => known,
      registerSwarm: async (input) => {
        said.push(input)
        return profile()
      },
    }
    return { said, own }
  }

  it('takes every figure', async () => {
    const { said, own } = registering()
    const flags = ['--capability', 'payment:refund', '--cost-per-hour', '0.50', '--reputation', '0.9']

    const result = await cli(
      ['governor', 'register', 'refunds', ...flags, '--budget', '20 USD', '--model', 'small', '--load', '2/5'],
      own,
    )

    expect(said).toEqual([
      {
        swarm: 'refunds',
        capabilities: ['payment:refund'],
        costPerHourUsd: 0.5,
        reputation: 0.9,
        budgetUsd: 20,
        model: 'small',
        load: { running: 2, limit: 5 },
      },
    ])
    expect(result.stdout).toBe(
      '✓ swarm refunds: payment:refund · $0.50 an hour · reputation 0.90 · load 2/5 · may still cost $20.00\n',
    )
  })

  it('keeps what is left out of a swarm that is known, and takes a limit away', async () => {
    const { said, own } = registering([profile()])

    await cli(['governor', 'register', 'refunds', '--load', '3', '--budget', 'none'], own)

    expect(said).toEqual([
      {
        swarm: 'refunds',
        capabilities: ['payment:refund'],
        costPerHourUsd: 0.5,
        budgetUsd: null,
        load: { running: 3 },
      },
    ])
  })

  it.each([
    [['new'], 'swarm new is new, so --capability a:b and --cost-per-hour USD is needed'],
    [['new', '--cost-per-hour', 'cheap'], '--cost-per-hour expects dollars such as 20 or 0.50'],
    [['new', '--reputation', '1.1'], '--reputation expects a number from 0 to 1'],
    [['new', '--load', 'lots'], '--load expects tasks at work and at most, as in 2/5'],
  ])('refuses %j', async (words, message) => {
    const result = await cli(['governor', 'register', ...words], registering().own)

    expect(result.stderr).toContain(message)
    expect(result.code).toBe(2)
  })

  it('lists and forgets', async () => {
    const own: Partial<Fabric> = {
      swarmProfiles: async () => [
        profile(),
        profile({ swarm: 'idle', budgetMicroUsd: null, load: { running: 0 }, model: 'm' }),
      ],
      removeSwarm: async () => profile(),
    }

    const list = await cli(['governor', 'profiles'], own)

    expect(list.stdout).toMatch(/^refunds +\$0\.50 +0\.90 +\$20\.00 +2\/5 +payment:refund +2 h ago$/m)
    expect(list.stdout).toMatch(/^idle .* 2 h ago · m$/m)
    expect((await cli(['governor', 'unregister', 'refunds'], own)).stdout).toContain('✓ forgot swarm refunds')
    const none = await cli(['governor', 'profiles'], { swarmProfiles: async () => [] })
    expect(none.stdout).toBe('no swarm is registered\n')
  })
})

const candidate = (changes: Partial<HelpCandidate> = {}): HelpCandidate => ({
  swarm: 'refunds',
  covers: ['payment:refund'],
  match: 0.5,
  reputation: 0.9,
  costPerHourMicroUsd: 500_000,
  costMicroUsd: 1_000_000,
  score: 0.9,
  load: { running: 0 },
  idleSince: AT,
  standing: 'below-match',
  inTeam: true,
  why: 'covers 1 of 2, fewer than the 2 that are asked of one alone',
  ...changes,
})

const help = (changes: Partial<Help> = {}): Help => ({
  needs: ['payment:refund', 'integration:sip'],
  limits: { minMatch: 0.7, maxMembers: 3, maxCostMicroUsd: 10_000_000, hours: 2 },
  assignee: undefined,
  team: {
    members: [
      { swarm: 'refunds', takes: ['payment:refund'], costMicroUsd: 1_000_000 },
      { swarm: 'phones', takes: ['integration:sip'], costMicroUsd: 0 },
    ],
    match: 1,
    missing: [],
    costMicroUsd: 1_000_000,
    isProven: true,
  },
  candidates: [candidate(), candidate({ swarm: 'phones', score: null, costMicroUsd: 0 })],
  counted: { candidates: 3, others: 4 },
  unknown: [],
  ...changes,
})

describe('ifab governor find-help', () => {
  const words = ['governor', 'find-help', 'payment:refund', 'integration:sip']

  it('shows candidates and the team of least cost', async () => {
    const asked: FindHelp[] = []
    const own: Partial<Fabric> = {
      findHelp: async (request) => {
        asked.push(request)
        return help()
      },
    }

    const result = await cli([...words, '--for', 'desk', '--hours', '2', '--max-cost', '5', '--limit', '2'], own)

    expect(asked).toEqual([
      { needs: ['payment:refund', 'integration:sip'], blockedSwarm: 'desk', hours: 2, maxCostUsd: 5, max: 2 },
    ])
    expect(result.stdout).toBe(
      [
        'swarm    match  reputation  cost   score  standing',
        'refunds  50 %   0.90        $1.00  0.9    can do too little alone, in the team',
        'phones   50 %   0.90        $0.00  free   can do too little alone, in the team',
        'and 1 more; --explain shows all',
        'team of least cost: refunds (payment:refund) + phones (integration:sip) · $1.00 for 2 h · covers 100 %',
        '',
      ].join('\n'),
    )
    expect(result.code).toBe(0)
  })

  it('gives every reason and the limits under --explain', async () => {
    const { stdout } = await cli([...words, '--explain'], {
      findHelp: async () =>
        help({
          assignee: candidate(),
          candidates: [candidate({ standing: 'assignee', inTeam: false, why: 'the only one' })],
        }),
    })

    expect(stdout).toContain('the one to ask: the only one')
    expect(stdout).toContain(
      'asked for 70 % of it, 3 helpers at most, 2 h, for $10.00 at most · 3 of 7 registered swarms can do any of it',
    )
  })

  it('ends with 4 where neither one nor a team can, and still shows who was looked at', async () => {
    const { team: _, ...rest } = help()
    const findHelp = async (): Promise<Help> => ({ ...rest, team: undefined })

    const text = await cli(words, { findHelp })
    const json = await cli([...words, '--json'], { findHelp })

    expect([text.code, json.code]).toEqual([4, 4])
    expect(text.stdout).toContain('refunds  50 %')
    expect(text.stderr).toContain('nobody can help with payment:refund, integration:sip')
    expect(errorOf(json).code).toBe('IF_ERR_NOT_FOUND')
    expect(JSON.parse(json.stdout).candidates).toHaveLength(2)
  })

  it('says so where nobody has any of it, and what no team covers', async () => {
    const nobody = help({ candidates: [], counted: { candidates: 0, others: 2 }, team: undefined })
    const members = help().team?.members ?? []
    const part = help({ team: { members, match: 0.75, missing: ['code:js'], costMicroUsd: 1, isProven: false } })

    expect((await cli(words, { findHelp: async () => nobody })).stdout).toContain('no registered swarm has any of')
    expect((await cli(words, { findHelp: async () => part })).stdout).toContain(
      'covers 75 % · nobody for code:js · a cheaper one may exist',
    )
  })
})

describe('ifab governor breakers and reset-breaker', () => {
  const named = { kind: 'instance' as const, name: 'shop', failures: 5, why: 'pay answered 503', at: AT }
  const records: BreakerRecord[] = [
    { ...named, state: 'open', openedAt: AT, cause: 'failures', retryAtMs: NOW + 40_000 },
    { ...named, name: 'late', state: 'open', openedAt: AT, cause: 'failures', retryAtMs: NOW - 1 },
    { ...named, kind: 'swarm', name: 'desk', state: 'open', openedAt: AT, cause: 'budget', retryAtMs: null },
    { ...named, name: 'b', state: 'half-open', openedAt: AT, probe: 'p', probeUntilMs: NOW },
    { ...named, name: 'c', failures: 1, state: 'closed' },
  ]

  it('shows each with what comes next', async () => {
    const { stdout, stderr } = await cli(['governor', 'breakers'], { breakers: async () => records })

    expect(stdout.split('\n').map((line) => line.replace(/ {2,}/g, ' | '))).toEqual([
      'instance | shop | open | 5 failures | tried again in 40.0 s | pay answered 503 (2 h ago)',
      'instance | late | open | 5 failures | tried by the next call | pay answered 503 (2 h ago)',
      'swarm | desk | open | 5 failures | until a person resets it | pay answered 503 (2 h ago)',
      'instance | b | half-open | 5 failures | one call is out to try it | pay answered 503 (2 h ago)',
      'instance | c | closed | 1 failure | lets calls through | pay answered 503 (2 h ago)',
      '',
    ])
    expect(stderr).toContain("Next: ifab governor reset-breaker instance shop --why '…'")
    expect((await cli(['governor', 'breakers'], { breakers: async () => [] })).stdout).toContain('nothing fails')
  })

  it('closes one with a reason, and a new budget for a swarm', async () => {
    const asked: unknown[] = []
    const resetBreaker: Fabric['resetBreaker'] = async (...of) => void asked.push(of)
    const words = ['governor', 'reset-breaker', 'swarm', 'desk', '--budget', '20', '--why', 'approved', '--json']

    const result = await cli(words, { resetBreaker })

    expect(asked).toEqual([['swarm', 'desk', { why: 'approved', budgetUsd: 20 }]])
    expect(JSON.parse(result.stdout)).toEqual({ kind: 'swarm', name: 'desk', state: 'closed', budgetUsd: 20 })
  })

  it.each([
    [['swarms', 'desk', '--why', 'x'], 'expected instance or swarm, got "swarms"'],
    [['instance', 'shop', '--budget', '1', '--why', 'x'], '--budget goes only with a swarm'],
    [['instance', 'shop'], 'needs --why'],
  ])('refuses %j', async (words, message) => {
    const result = await cli(['governor', 'reset-breaker', ...words])

    expect(result.stderr).toContain(message)
    expect(result.code).toBe(2)
  })
})

describe('budgets and money', () => {
  it('shows outflow in its currency, soft limits, and how tight it is', async () => {
    const budgets = async () => [
      budgetView({ settled: 30_000_000, mode: 'focus' }),
      budgetView({
        name: 'refunds',
        kind: 'outflow',
        currency: 'GBP',
        limit: 50_000,
        settled: 4000,
        held: 500,
        mode: null,
      }),
      budgetView({ name: 'hint', hard: false, limit: 1_000_000, settled: 1_500_000 }),
    ]

    const list = await cli(['governor', 'budgets'], { budgets })

    expect(list.stdout).toMatch(/^day +day +\$50\.00 +\$30\.00 +\$0\.00 +\$20\.00 +focus$/m)
    expect(list.stdout).toMatch(/^refunds +day +GBP 500\.00 +GBP 40\.00 +GBP 5\.00 +GBP 455\.00$/m)
    expect(list.stdout).toMatch(/^hint +day +\$1\.00 \(soft\) +\$1\.50 +\$0\.00 +\$0\.50 over$/m)
    expect((await cli(['budget', 'list'], { budgets })).stdout).toBe(list.stdout)
  })

  it('says how to go about with what is left', async () => {
    const money: Fabric['money'] = async () => ({ mode: 'consolidate', budget: 'day', leftUsd: 8, limitUsd: 50 })
    const none: Fabric['money'] = async () => ({ mode: 'normal', budget: null, leftUsd: null, limitUsd: null })

    expect((await cli(['governor', 'money'], { money })).stdout).toBe(
      'consolidate: $8.00 of $50.00 left (budget day) · a fifth is left or less: finish what has begun\n',
    )
    expect((await cli(['governor', 'money'], { money: none })).stdout).toBe('normal: no budget limits you\n')
  })
})

const TASK = '01KAVXQ3ZZ00000000R6A02XYZ'

const stuck = (changes: Partial<EscalationRecord> = {}): EscalationRecord =>
  ({
    id: `${TASK}/3/needs-capability`,
    task: TASK,
    token: 3,
    type: 'needs-capability',
    kind: 'refund',
    swarm: 'desk',
    description: 'no way into the bank',
    severity: 'high',
    needs: ['payment:refund'],
    blockedAt: AT,
    openedAt: AT,
    asked: [{ invite: 'i1', swarm: 'refunds', covers: ['payment:refund'], shareMicroUsd: 1_000_000 }],
    state: 'inviting',
    ...changes,
  }) as EscalationRecord // the union of standings: each test gives a whole one

const told = (changes: Record<string, unknown> = {}) =>
  stuck({ state: 'person', since: AT, because: 'nobody accepted', notices: 2, lastAt: AT, outcomes: {}, ...changes })

const invite = (changes: Partial<InviteRecord> = {}): InviteRecord => ({
  id: '5f2c81aa00000000000000aa',
  escalation: 'k',
  task: TASK,
  token: 3,
  swarm: 'refunds',
  capabilities: ['payment:refund'],
  description: 'no way into the bank',
  shareMicroUsd: 1_000_000,
  invitedAt: AT,
  expiresAt: '2026-11-01T02:05:00.000Z',
  state: 'open',
  ...changes,
})

describe('ifab escalation', () => {
  it('lists what is stuck, and points to what waits for people', async () => {
    const escalations = async () => [
      stuck({ isExhausted: true } as Partial<EscalationRecord>),
      told(),
      told({
        id: 'x/0/d',
        task: 'x',
        token: 0,
        type: 'd',
        snoozed: { by: 'if://person/bo', until: '2026-11-01T04:00:00Z' },
      }),
      stuck({ state: 'helped', since: AT }),
      stuck({ state: 'resolved', at: AT, by: 'if://person/bo', how: 'person', note: 'called them' }),
      stuck({ state: 'resolved', at: AT, by: 'x', how: 'unblocked' }),
    ]

    const { stdout, stderr } = await cli(['escalation', 'list', '--state', 'person'], { escalations })

    expect(stdout).toContain('asked refunds; there is nobody else')
    expect(stdout).toContain('people told 2 times, last 2 h ago')
    expect(stdout).toContain('quiet, again in 2 h')
    expect(stdout).toContain('helpers are found 2 h ago')
    expect(stdout).toContain('settled by if://person/bo 2 h ago: called them')
    expect(stdout).toContain('the task went on 2 h ago')
    expect(stderr).toContain('Next: ifab escalation show r6a02xyz/3/needs-capability')
    expect((await cli(['escalation', 'list'], { escalations: async () => [] })).stdout).toBe('nothing is stuck\n')
  })

  it('shows one with who was asked and told', async () => {
    const { stdout } = await cli(['escalation', 'show', 'r6a0'], {
      escalations: async () => [
        told({
          heldBy: 'desk/w1',
          outcomes: { oncall: 'sent', mail: 'unknown' },
          acknowledged: { by: 'if://person/bo', at: AT },
          asked: [
            {
              invite: '5f2c81aa00000000000000aa',
              swarm: 'refunds',
              covers: ['payment:refund'],
              shareMicroUsd: 1_000_000,
            },
            { invite: 'i2', swarm: 'poor', covers: [], shareMicroUsd: 0, refused: 'no room in the budget' },
            { invite: 'i3', swarm: 'next', covers: [], shareMicroUsd: 0 },
          ],
        }),
      ],
      invites: async () => [invite({ state: 'declined', answeredBy: 'if://swarm/refunds', why: 'busy' })],
    })

    expect(stdout).toContain('r6a02xyz/3/needs-capability person')
    expect(stdout).toContain('stopped by  needs-capability, high: no way into the bank')
    expect(stdout).toContain('oncall sent, mail may have arrived')
    expect(stdout).toContain('seen by if://person/bo')
    expect(stdout).toMatch(/asked {2}refunds +declined by if:\/\/swarm\/refunds: busy +\$1\.00 +payment:refund/)
    expect(stdout).toMatch(/asked {2}poor +not invited: no room in the budget/)
    expect(stdout).toMatch(/asked {2}next +about to be invited/)
  })

  it('acknowledges, snoozes and resolves by a piece of the name', async () => {
    const asked: unknown[] = []
    const own: Partial<Fabric> = {
      escalations: async () => [
        stuck({ id: `${TASK}/2/needs-capability`, state: 'resolved', at: AT, by: 'x', how: 'person' }),
        told(),
      ],
      acknowledgeEscalation: noting(asked, told()),
      snoozeEscalation: noting(asked, told()),
      resolveEscalation: noting(asked, told()),
    }
    const id = `${TASK}/3/needs-capability`

    await cli(['escalation', 'ack', 'r6a02xyz'], own)
    await cli(['escalation', 'snooze', 'last', '--for', '2h', '--why', 'lunch'], own)
    const resolved = await cli(['escalation', 'resolve', id, '--why', 'called them'], own)

    expect(asked).toEqual([
      [id, {}],
      [id, { until: '2026-11-01T04:00:00.000Z', why: 'lunch' }],
      [id, { why: 'called them' }],
    ])
    expect(resolved.stdout).toContain('✓ r6a02xyz/3/needs-capability person')
  })

  it('refuses what names none or several, and a decision that lacks a word', async () => {
    const escalations = async () => [told(), told({ id: `${TASK}/4/d`, token: 4, type: 'd' })]

    const several = await cli(['escalation', 'ack', 'r6a0'], { escalations })
    const none = await cli(['escalation', 'ack', 'zzz'], { escalations })
    const empty = await cli(['escalation', 'ack', 'last'], { escalations: async () => [] })

    expect(several.stderr).toContain('r6a02xyz/3/needs-capability and r6a02xyz/4/d are two of them')
    expect(none.stderr).toContain('there is no escalation "zzz"')
    expect([several.code, none.code, empty.code]).toEqual([4, 4, 4])
    expect((await cli(['escalation', 'snooze', 'last'])).stderr).toContain('--for is needed')
    expect((await cli(['escalation', 'resolve', 'last'])).stderr).toContain('say how it was settled')
  })
})

describe('ifab invite', () => {
  it('lists invitations and what to type', async () => {
    const asked: unknown[] = []
    const own: Partial<Fabric> = {
      invites: async (filter) => {
        asked.push(filter)
        return [invite(), invite({ id: 'b'.repeat(26), state: 'withdrawn' })]
      },
    }

    const list = await cli(['invite', 'list', '--swarm', 'refunds', '--state', 'open'], own)

    expect(asked).toEqual([{ swarm: 'refunds', state: 'open' }])
    expect(list.stdout).toMatch(
      /^5f2c81aa +swarm refunds +open, expires in 5 min +\$1\.00 +task r6a02xyz +payment:refund/,
    )
    expect(list.stderr).toContain('Next: ifab invite accept 5f2c81aa    or: ifab invite decline 5f2c81aa')
    expect((await cli(['invite', 'list'], { invites: async () => [] })).stdout).toBe('nobody is invited\n')
  })

  it.each(['accept', 'decline'] as const)('%s hands the whole id on', async (word) => {
    const asked: unknown[] = []
    const own: Partial<Fabric> = {
      invites: async () => [invite()],
      answerInvite: noting(asked, invite({ state: 'accepted', answeredBy: 'if://swarm/refunds' })),
    }

    const result = await cli(['invite', word, '5f2c', '--why', 'x'], own)

    expect(asked).toEqual([['5f2c81aa00000000000000aa', word, { why: 'x' }]])
    expect(result.stdout).toBe(
      '✓ invitation 5f2c81aa of swarm refunds to task r6a02xyz: accepted by if://swarm/refunds\n',
    )
  })
})

describe('ifab session', () => {
  const touch = { id: '1', session: 's', at: AT, origins: [], instance: 'slack', operation: 'message.list' }
  const touched = {
    private: [{ ...touch, seq: 1031, actor: 'if://agent/a' }],
    untrusted: [{ ...touch, seq: -1 }],
    swarms: ['desk'],
  }

  it('shows what was touched, mine by default', async () => {
    const asked: unknown[] = []
    const own: Partial<Fabric> = {
      touched: async (of) => {
        asked.push(of)
        return touched
      },
    }

    const mine = await cli(['session', 'show'], own)
    await cli(['session', 'show', 'night'], own)
    const swarm = await cli(['session', 'show', '--swarm', 'desk', '--json'], own)

    expect(asked).toEqual([{}, { session: 'night' }, { swarm: 'desk' }])
    expect(mine.stdout).toContain('session s (with swarm desk) has touched\n')
    expect(mine.stdout).toMatch(/^private +#1031 +slack +message\.list +2 h ago +session s +if:\/\/agent\/a$/m)
    expect(mine.stderr).toContain("Next: ifab session clear s --why '…'")
    expect(JSON.parse(swarm.stdout)).toMatchObject({ swarm: 'desk', private: [{ seq: 1031 }] })
    expect((await cli(['session', 'show'])).stdout).toBe(
      'session s has touched nothing that is private or written by strangers\n',
    )
  })

  it('clears a session or a swarm with a reason', async () => {
    const asked: unknown[] = []
    const clearTouched: Fabric['clearTouched'] = async (...of) => void asked.push(of)

    await cli(['session', 'clear', 'night', '--why', 'a'], { clearTouched })
    const swarm = await cli(['session', 'clear', '--swarm', 'desk', '--why', 'b'], { clearTouched })

    expect(asked).toEqual([
      [{ session: 'night' }, { why: 'a' }],
      [{ swarm: 'desk' }, { why: 'b' }],
    ])
    expect(swarm.stdout).toBe('✓ swarm desk starts afresh\n')
  })

  it.each([
    [['clear', '--why', 'x'], 'needs SESSION or --swarm SWARM'],
    [['clear', 'a', '--swarm', 'b', '--why', 'x'], 'SESSION and --swarm exclude each other'],
    [['clear', 'a'], 'needs --why'],
  ])('refuses %j', async (words, message) => {
    const result = await cli(['session', ...words])

    expect(result.stderr).toContain(message)
    expect(result.code).toBe(2)
  })
})

describe('completion', () => {
  it.each([
    [['freeze', '--instance'], ['shop']],
    [
      ['freeze', '--swarm'],
      ['refunds', 'desk'],
    ],
    [['governor', 'find-help'], ['payment:refund']],
    [['governor', 'reset-breaker', 'instance'], ['pay']],
    [
      ['escalation', 'show'],
      ['last', 'r6a02xyz/3/needs-capability'],
    ],
    [
      ['invite', 'accept'],
      ['last', '5f2c81aa'],
    ],
  ])('%j offers %j', async (words, offers) => {
    const result = await cli(['__complete', '--', ...words, ''], {
      swarmProfiles: async () => [profile()],
      freezes: async () => [frozen({ kind: 'swarm', name: 'desk' }), frozen()],
      breakers: async () => [{ kind: 'instance', name: 'pay', failures: 1, why: 'x', at: AT, state: 'closed' }],
      escalations: async () => [told()],
      invites: async () => [invite()],
    })

    expect(result.stdout.trim().split('\n')).toEqual(offers)
  })
})

describe('a refusal of the fabric', () => {
  it('keeps its code and exit', async () => {
    const error = new FabricError('IF_ERR_APPROVAL_FORBIDDEN', 'if://agent/a may not freeze')
    const result = await cli(['freeze', '--all', '--why', 'x', '--json'], { freeze: () => Promise.reject(error) })

    expect([result.code, errorOf(result).code]).toEqual([error.exitCode, 'IF_ERR_APPROVAL_FORBIDDEN'])
  })
})
