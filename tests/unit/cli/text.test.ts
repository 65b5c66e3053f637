import { describe, expect, it } from 'vitest'
import { colours, cutTo, widthOf } from '../../../src/cli/output/colours.ts'
import { explainPlan, explanationText } from '../../../src/cli/output/explain-text.ts'
import { costText, counted, movesText, spanText, tagText, validityText } from '../../../src/cli/output/phrases.ts'
import { planText } from '../../../src/cli/output/plan-text.ts'
import { runText, stepText } from '../../../src/cli/output/run-text.ts'
import { table } from '../../../src/cli/output/table.ts'
import { traceText } from '../../../src/cli/output/trace-text.ts'
import { didYouMean, nearest } from '../../../src/foundation/index.ts'
import type { Plan } from '../../../src/runs/index.ts'
import { budgetView, fakePlan, fakeRun, planStep, stepRecord } from './fake-fabric.ts'

const NOW = Date.parse('2026-11-01T00:00:00.000Z')
const context = { tags: { shop: { env: 'sandbox' } }, now: NOW, paint: colours(false) }

describe('a plan of one step', () => {
  it('shows digest, money, request, body, undo, verdict and validity', () => {
    expect(planText(fakePlan(), context)).toBe(
      [
        'plan 9c1e77ab · shop [env=sandbox] payment.create · charge · takes in GBP 25.00 · cost ≈ $0.73 (1.5 % + £0.20, prices of 2026-11-01)',
        '  POST https://api.pay.example/v1/payments   Authorization: Bearer <PAY_KEY>   Idempotency-Key: $key',
        '  amount=2500&metadata[reference]=1842',
        '  undo: payment.cancel · verdict ask: default/charge, 1 approver · valid 24 h · nothing was sent',
      ].join('\n'),
    )
  })

  it('says why it is denied', () => {
    const reasons = [{ rule: 'refund-cap', decision: 'deny' as const, text: 'at most GBP 50.00', step: null }]
    const text = planText(fakePlan({ verdict: { decision: 'deny', reasons } }), context)

    expect(text).toContain('denied: at most GBP 50.00')
    expect(text).toContain('verdict deny: refund-cap ·')
  })

  it('says what is not set, what is read around it, and why nothing takes it back', () => {
    const step = planStep('step', {
      unset: ['host'],
      undo: { operation: null, note: 'a sent mail stays sent' },
      around: [
        { purpose: 'verify', operation: 'payment.get', method: 'GET', url: 'https://api.pay.example/v1/payments/{id}' },
      ],
    })
    const text = planText(fakePlan({ steps: [step] }), context)

    expect(text).toContain('! not set: host; apply will refuse')
    expect(text).toContain('no undo: a sent mail stays sent')
    expect(text).toContain('reads back: GET https://api.pay.example/v1/payments/{id} (payment.get)')
  })

  it('names the requests that follow the first one, and says that an answer streams', () => {
    const step = planStep('step')
    const later = ['POST https://files.pay.example/{path}', 'POST https://api.pay.example/v1/done']
    const request = { ...step.request, later, streams: true as const }
    const text = planText(fakePlan({ steps: [{ ...step, request }] }), context)

    for (const line of later) expect(text).toContain(`then ${line}`)
    expect(text).toContain('the answer comes while it is written')
  })
})

describe('a plan of several steps', () => {
  const later = {
    ...planStep('tell').request,
    url: 'https://x.example/$%7Bsteps.pay.result.id%7D',
    bodyText: 'text=Paid ${steps.pay.result.id}',
  }
  const plan = fakePlan({
    source: { kind: 'playbook', name: 'pay-and-tell', file: 'p.yaml', text: '', inputs: {} },
    budgetUsd: 1,
    steps: [
      planStep('pay', { moves: { amount: null, currency: 'GBP', direction: 'in' } }),
      planStep('tell', {
        effect: 'send',
        estimateUsd: 0,
        maxUsd: 0,
        after: ['pay'],
        when: 'true',
        moves: { amount: 300, currency: 'EUR', direction: 'out' },
        request: later,
      }),
    ],
  })

  it('numbers the steps and shows what is known only later', () => {
    const text = planText(plan, context)

    expect(text).toContain(
      'pay-and-tell · 2 steps · takes in GBP (known later), pays out EUR 3.00 · cost ≈ $0.73 · budget $1.00',
    )
    expect(text).toContain(
      '  2 tell  shop [env=sandbox] payment.create  send · pays out EUR 3.00 · after pay · when true',
    )
    expect(text).toContain('text=Paid (known after pay)')
    expect(text).not.toContain('steps.pay.result')
  })

  it('is explained rule by rule, with budgets, costs and the way on', () => {
    const lines = explainPlan(plan, {
      budgets: [budgetView({ name: 'swarm', limit: 20_000_000, settled: 1_200_000, held: 500_000, mode: 'focus' })],
      touched: { private: [], untrusted: [], swarms: [] },
    })

    expect(explanationText(lines)).toBe(
      [
        '  guard     step: ask default/charge: charge asks for 1 approver',
        '  sequence  private no · untrusted no → clear',
        '  budget    swarm per day: $1.20 of $20.00 spent · $0.50 reserved · focus',
        '  cost      pay: ≈ $0.73 (1.5 % + £0.20, prices of 2026-11-01)',
        '  passes    with the yes of 1 approver',
      ].join('\n'),
    )
  })
})

describe('an explanation', () => {
  const touch = { id: '1', session: 's', at: '2026-11-01T00:00:00Z', origins: [] }
  const reason = { decision: 'deny' as const, text: '250000 > 5000', step: 'step' }
  const explained = (reasons: Plan['verdict']['reasons'], decision: Plan['verdict']['decision']) =>
    explanationText(
      explainPlan(fakePlan({ verdict: { decision, reasons }, steps: [] }), {
        budgets: [
          budgetView({ name: 'refunds', kind: 'outflow', currency: 'GBP', limit: 50_000, settled: 4000, mode: null }),
          budgetView({ name: 'hint', hard: false, limit: null }),
        ],
        touched: {
          private: [{ ...touch, instance: 'slack', operation: 'message.list', seq: 1031 }],
          untrusted: [{ ...touch, instance: 'slack', operation: 'message.list', seq: -1 }],
          swarms: [],
        },
      }),
    )

  it('names file, line and what a forbid overrules', () => {
    const where = { file: 'policies/support.cedar', line: 14, overruled: ['support-refunds'] }
    const text = explained([{ ...reason, rule: 'refund-cap', ...where }], 'deny')

    expect(text.split('\n')).toEqual([
      '  guard     forbid refund-cap: 250000 > 5000, policies/support.cedar:14 (overrules permit support-refunds)',
      '  sequence  private yes (slack message.list #1031) · untrusted yes (slack message.list) → no rule about sequences decided',
      '  budget    refunds per day: GBP 40.00 of GBP 500.00 paid out',
      '  budget    hint per day: $4.10 spent, no limit · soft: it warns and refuses nothing',
      '  passes    not as it is; no approval lifts refund-cap',
    ])
  })

  it('says who has to say yes, and that the sequence is why', () => {
    const text = explained(
      [
        { ...reason, decision: 'ask', rule: 'three-legs' },
        { ...reason, decision: 'ask', rule: 'large', approvers: 'finance', needed: 2 },
      ],
      'ask',
    )

    expect(text).toContain('· outward yes → three-legs asks')
    expect(text).toContain('  passes    with the yes of 1 approver and 2 of finance')
  })
})

describe('a run', () => {
  it('shows every state of a step in one line', () => {
    const steps = [
      stepRecord('a'),
      stepRecord('b', {
        state: 'failed',
        attempts: 3,
        error: { code: 'IF_ERR_PROVIDER_UNAVAILABLE', message: 'pay answered 503', vendorRequestId: 'req_7' },
      }),
      stepRecord('c', { state: 'unknown' }),
      stepRecord('d', { state: 'skipped', note: 'needs b' }),
      stepRecord('e', { state: 'undone' }),
      stepRecord('f', { state: 'pending' }),
      stepRecord('g', { state: 'begun' }),
      stepRecord('h', { verified: 'refuted' }),
    ]
    const text = runText(fakeRun('failed', steps), colours(false))

    expect(text).toContain('✓ 1 a  shop payment.create  charge    41 ms  $0.73   confirmed  pi_1')
    expect(text).toContain(
      '✗ 2 b  shop payment.create  pay answered 503  IF_ERR_PROVIDER_UNAVAILABLE · 3 tries · request id req_7',
    )
    expect(text).toContain('? 3 c  shop payment.create  began, and nobody can tell')
    expect(text).toContain('· 4 d  shop payment.create  skipped: needs b')
    expect(text).toContain('taken back')
    expect(text).toContain('· 6 f  shop payment.create  not started')
    expect(text).toContain('› 7 g')
    expect(text).toContain('refuted')
  })

  it('shows one step with each try', () => {
    const attempts = {
      request: { method: 'POST', url: 'https://api.pay.example/v1', bodyText: 'a=1' },
      attempts: [
        {
          number: 1,
          startedAt: 't1',
          durationMs: 12,
          status: 503,
          retry: { retry: true, afterMs: 1000, reason: 'unavailable' },
        },
        { number: 2, startedAt: 't2', durationMs: 3, error: 'connection reset', retry: { retry: false, reason: 'no' } },
      ],
    }
    const text = stepText(stepRecord('pay', { beganAt: 't0', key: 'k1' }), { witness: 7, attempts })

    expect(text).toContain('witness    #7')
    expect(text).toContain('try 1      t1 · 12 ms · answered 503 · again after 1.0 s (unavailable)')
    expect(text).toContain('try 2      t2 · 3 ms · connection reset')
  })

  it('shows a log of tries of another form as it is', () => {
    expect(stepText(stepRecord('pay'), { witness: undefined, attempts: { odd: true } })).toContain('{"odd":true}')
  })
})

describe('phrases', () => {
  it('say times', () => {
    expect([18, 1234, 180_000, 86_400_000].map(spanText)).toEqual(['18 ms', '1.2 s', '3 min', '24 h'])
    expect(validityText('2026-11-01T00:00:00.000Z', NOW)).toBe('expired')
  })

  it('say costs, never an unknown one as zero', () => {
    expect(costText(null, null)).toBe('cost unknown')
    expect(costText(null, 2)).toBe('cost at most $2.00')
    expect(costText(0, 0)).toBe('free of cost')
    expect(costText(0.5, null)).toBe('cost ≈ $0.50, no known maximum')
    expect(costText(0.5, 1)).toBe('cost ≈ $0.50, at most $1.00')
  })

  it('add up money by currency', () => {
    const move = (amount: number | null, currency: string) => ({ amount, currency, direction: 'in' as const })

    expect(movesText([move(100, 'GBP'), undefined, move(250, 'GBP'), move(5, 'JPY')])).toBe(
      'takes in GBP 3.50, takes in JPY 5',
    )
    expect(movesText([move(100, 'GBP'), move(null, 'GBP')])).toBe('takes in GBP 1.00 and more (known later)')
    expect(movesText([undefined])).toBeUndefined()
  })

  it('name tags and counts', () => {
    expect([tagText({ env: 'x', a: 'b' }), tagText({}), counted(1, 'step'), counted(2, 'step')]).toEqual([
      ' [env=x, a=b]',
      '',
      '1 step',
      '2 steps',
    ])
  })
})

describe('columns and colours', () => {
  it('align by what shows, not by what colours add', () => {
    const { good } = colours(true)

    expect(widthOf(good('ab'))).toBe(2)
    expect(
      table([
        [good('a'), 'x'],
        ['bbb', 'y'],
      ]),
    ).toBe(`${good('a')}    x\nbbb  y`)
    expect(cutTo(good('abcdef'), 4)).toBe('abc…')
    expect(table([])).toBe('')
  })
})

describe('suggestions', () => {
  it('find typing errors and pieces, the nearest first', () => {
    expect(nearest('paymnet.create', ['payment.create', 'payment.get', 'refund.create'])[0]).toBe('payment.create')
    expect(nearest('refund', ['refund.create', 'payment.get'])).toEqual(['refund.create'])
    expect(didYouMean('qqqq', ['plan'])).toBeUndefined()
  })
})

describe('a trace', () => {
  it('indents what was caused', () => {
    const span = { startedAt: '', attributes: {}, status: 'ok' as const }
    const text = traceText({
      traceId: 'f'.repeat(32),
      spans: [
        { ...span, spanId: 'a', parentSpanId: null, name: 'plan', durationMs: 12 },
        {
          ...span,
          spanId: 'b',
          parentSpanId: 'a',
          name: 'judge',
          durationMs: 0.25,
          status: 'error',
          attributes: { rule: 'x', n: 1 },
        },
      ],
    })

    expect(text.split('\n')).toEqual([
      `trace ${'f'.repeat(32)} · 2 spans`,
      '  plan       12 ms',
      '    ✗ judge  0.25 ms  rule=x n=1',
    ])
  })
})
