// What budgets do to actions: which are counted where, what is refused and what would have fitted, what is told meanwhile.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Run } from '../../../src/fabric/index.ts'
import type { RunEvent } from '../../../src/runs/index.ts'
import { buildChild, type ChildProgram } from '../child-process.ts'
import { failureOf, ONE_TRY, openStudio, type Studio, YES } from './rig.ts'

const config = (...budgets: string[]) =>
  `version: 1\npolicy: { effects: { charge: allow } }\nbudgets:\n${budgets.map((row) => `  - ${row}\n`).join('')}`

const payment = (more: object = {}) => ({
  instance: 'stripe',
  operation: 'payment.create',
  input: { amount: 2500, currency: 'GBP', source: 'pm_card_visa', ...more },
})
/** At most 1.43 USD, really 0.81 or so. */
const pay = async ({ fabric }: Pick<Studio, 'fabric'>, more?: object): Promise<Run> =>
  fabric.apply(await fabric.plan(payment(more)))

const errorOf = ({ steps }: Run) => steps[0]?.error
const budget = async ({ fabric }: Pick<Studio, 'fabric'>, name: string) =>
  (await fabric.budgets()).find((view) => view.name === name)

describe('a hard budget', () => {
  it('counts each session by itself where it is told so', async () => {
    const studio = await openStudio({
      providers: ['stripe'],
      config: config('{ name: own, limit: 2 USD, per: day, each: [session] }'),
    })
    const other = { fabric: await studio.open({ session: 'another' }) }

    expect((await pay(studio)).state).toBe('done')
    expect(errorOf(await pay(studio, { description: 'second' }))).toMatchObject({
      code: 'IF_ERR_BUDGET_EXCEEDED',
      message: expect.stringContaining('own[session=rehearsal]'),
    })
    expect((await pay(other)).state).toBe('done')
    expect(await budget(studio, 'own[session=another]')).toMatchObject({ limitUsd: 2, heldUsd: 0 })
    expect(studio.effectsAt('stripe')).toHaveLength(2)
  })

  it('counts each task by itself, for whoever holds its claim, and keeps names apart that are odd and long', async () => {
    const studio = await openStudio({
      providers: ['stripe'],
      config: config(
        '{ name: own, limit: 2 USD, per: total, each: [task, session, actor, operation, instance, swarm] }',
      ),
    })
    const session = `${'s'.repeat(60)}],task=b,[`
    const fabric = await studio.open({ session })
    const tasks = await fabric.coordinator()
    for (const id of ['a', 'b']) {
      await tasks.add({ id, kind: 'k', swarm: 'desk' })
      const { token } = await tasks.claim({ swarm: 'desk', worker: 'w' }, id)
      const done = await fabric.apply(await fabric.plan(payment({ description: id })), { claim: { task: id, token } })
      expect(done.state).toBe('done')
    }
    const names = (await fabric.budgets()).map(({ name }) => name).filter((name) => name.startsWith('own['))
    expect(names).toHaveLength(2)
    expect(names.filter((name) => name.startsWith('own[task=a,') && name.endsWith('swarm=desk]'))).toHaveLength(1)
  })

  it('counts only the operations that it is for', async () => {
    const studio = await openStudio({
      providers: ['stripe'],
      config: config(
        '{ name: payments, limit: 50 USD, of: { operation: "payment.*" } }',
        '{ name: customers, limit: 0 USD, of: { operation: "customer.*" } }',
        '{ name: foreign, limit: 0 USD, of: { swarm: desk } }',
      ),
    })
    const { costUsd } = await pay(studio)

    expect(costUsd).toBeGreaterThan(0)
    expect(await budget(studio, 'payments')).toMatchObject({ settledUsd: costUsd, heldUsd: 0 })
    expect(await budget(studio, 'customers')).toMatchObject({ settledUsd: 0 })
    expect(await budget(studio, 'foreign')).toMatchObject({ settledUsd: 0 })
  })

  it('for each call refuses the one that is too dear, and says what would have fitted', async () => {
    const studio = await openStudio({
      providers: ['stripe'],
      config: config('{ name: dear, limit: 1 USD, per: call }'),
    })
    const error = errorOf(await pay(studio))
    expect(error).toMatchObject({
      code: 'IF_ERR_BUDGET_EXCEEDED',
      message: expect.stringMatching(/dear allows .*1.* a call/),
    })
    expect(error?.hint).toContain('would fit')
    expect((await pay(studio, { amount: 100 })).state).toBe('done')
    expect(studio.effectsAt('stripe')).toHaveLength(1)
  })

  it('that is named like one that InfraFabric keeps is refused where it is written', async () => {
    expect(
      await failureOf(
        openStudio({ providers: [], config: config('{ name: spent, limit: 1 USD, of: { swarm: desk } }') }),
      ),
    ).toMatchObject({ code: 'IF_ERR_INVALID_FILE', message: expect.stringContaining('spent') })
  })

  it('of sessions may be called session, and then counts no more than it says', async () => {
    const studio = await openStudio({
      providers: ['stripe'],
      config: config('{ name: session, limit: 1 USD, per: total, each: [session], of: { operation: "customer.*" } }'),
    })
    expect((await pay(studio)).state).toBe('done')
    expect((await budget(studio, 'session[session=rehearsal]'))?.settledUsd ?? 0).toBe(0)
  })

  it('is never overspent by 200 payments of two processes at once', { timeout: 60_000 }, async () => {
    const studio = await openStudio({
      providers: ['stripe'],
      config: config('{ name: day, limit: 12 USD, per: day }', '{ name: all, limit: 20 USD, per: total }'),
    })
    const children = ['left', 'right'].map((session) => spender.start(studio.home, '100', session))
    const said = (await Promise.all(children.map((child) => child.rest()))).flat()

    const done = said.filter((word) => word === 'done').length
    expect(said).toHaveLength(200)
    expect(new Set(said)).toEqual(new Set(['done', 'IF_ERR_BUDGET_EXCEEDED']))
    expect(studio.effectsAt('stripe')).toHaveLength(done)
    const [day, all] = [await budget(studio, 'day'), await budget(studio, 'all')]
    expect(day).toMatchObject({ held: 0, settled: all?.settled })
    expect(day?.settled).toBeLessThanOrEqual(day?.limit ?? 0)
    expect(done).toBeGreaterThanOrEqual(5) // 12 USD are more greatest costs than that at once
    const runs = await studio.fabric.runs({ state: 'done' })
    expect(Math.round(runs.reduce((sum, { costMicroUsd }) => sum + costMicroUsd, 0))).toBe(day?.settled)
  })

  let spender: ChildProgram
  beforeAll(async () => {
    spender = await buildChild(new URL('./spender-child.ts', import.meta.url))
  })
  afterAll(() => spender.remove())
})

describe('a budget that is soft', () => {
  it('refuses nothing and warns once a period, whoever gets there', async () => {
    const studio = await openStudio({
      providers: ['stripe'],
      config: config('{ name: gentle, limit: 1 USD, per: day, hard: false, warnAt: [75] }'),
    })
    const other = { fabric: await studio.open({ session: 'another' }) }
    const warnings: RunEvent[] = []
    const onEvent = (event: RunEvent) => event.type === 'budget.warning' && warnings.push(event)
    for (const [{ fabric }, description] of [
      [studio, 'first'],
      [other, 'second'],
      [studio, 'third'],
    ] as const)
      expect((await fabric.apply(await fabric.plan(payment({ description })), { onEvent })).state).toBe('done')

    expect(warnings.map((event) => 'text' in event && event.text)).toEqual([
      expect.stringContaining('has passed 75 %'),
      expect.stringContaining('is over its soft limit'),
    ])
  })

  it('keeps its warning for the action when that is rehearsed first', async () => {
    const studio = await openStudio({
      providers: ['stripe'],
      config: config('{ name: gentle, limit: 1 USD, per: day, hard: false, warnAt: [75] }'),
    })
    const { fabric } = studio
    const plan = await fabric.plan(payment())
    await fabric.apply(plan, { dryRun: true })
    const warnings: RunEvent[] = []
    await fabric.apply(plan, { onEvent: (event) => event.type === 'budget.warning' && warnings.push(event) })

    expect(warnings).not.toEqual([])
  })
})

describe('the mode of money', () => {
  it('goes from normal over focus to consolidate as the budget is used up, and is told with each run', async () => {
    const studio = await openStudio({ providers: ['stripe'], config: config('{ name: day, limit: 5.1 USD }') })
    const seen = [(await studio.fabric.money()).mode]
    for (const [at, amount] of [2500, 2500, 2500, 2500, 2500, 500, 500].entries())
      seen.push((await pay(studio, { amount, description: `${at}` })).money.mode)

    expect(seen[0]).toBe('normal')
    expect(seen).toContain('focus')
    expect(seen.at(-1)).toBe('consolidate') // what is left is too little for another, and still not nothing
    expect([...seen].sort((a, b) => ORDER.indexOf(a) - ORDER.indexOf(b))).toEqual(seen)
    expect(await studio.fabric.money()).toMatchObject({ budget: 'day', limitUsd: 5.1 })
  })

  const ORDER = ['normal', 'focus', 'consolidate', 'stop']
})

describe('what payments carry out', () => {
  const outflow = config(
    '{ name: refunds, kind: outflow, limit: 30.00 GBP, per: month, of: { operation: "refund.*" } }',
  )
  const refundOf = (of: string, more: object = {}) => ({
    instance: 'stripe',
    operation: 'refund.create',
    input: { payment: of, ...more },
  })
  const paid = async (studio: Studio, amount = 10_000): Promise<string> =>
    String((await pay(studio, { amount })).receipts[0]?.result?.id)

  it('is counted in its own currency and refused beyond the limit, with what would have fitted', async () => {
    const studio = await openStudio({ providers: ['stripe'], config: outflow })
    const { fabric } = studio
    const id = await paid(studio)

    expect((await fabric.apply(await fabric.plan(refundOf(id, { amount: 1000, currency: 'GBP' })))).state).toBe('done')
    expect(await budget(studio, 'refunds')).toMatchObject({ currency: 'GBP', settled: 1000, held: 0, limitUsd: null })
    const refused = await fabric.apply(await fabric.plan(refundOf(id, { amount: 2500, currency: 'GBP' })))
    expect(errorOf(refused)).toMatchObject({ code: 'IF_ERR_BUDGET_EXCEEDED' })
    expect(errorOf(refused)?.message).toMatch(/20\.00/)
    expect(
      (await fabric.apply(await fabric.plan(refundOf(id, { amount: 2500, currency: 'EUR' })))).steps[0]?.error?.code,
    ).not.toBe('IF_ERR_BUDGET_EXCEEDED')
    expect(await budget(studio, 'refunds')).toMatchObject({ settled: 1000, held: 0 })
  })

  it('does not get past the limit by leaving the amount or the currency out', async () => {
    const studio = await openStudio({ providers: ['stripe'], config: outflow })
    const { fabric } = studio
    const id = await paid(studio)
    for (const more of [{}, { amount: 9_000 }]) {
      const plan = await fabric.plan(refundOf(id, more))
      expect(plan.verdict).toMatchObject({ decision: 'ask', reasons: [{ rule: 'default/unknown-outflow' }] })
      expect(await failureOf(fabric.apply(plan))).toMatchObject({ code: 'IF_ERR_APPROVAL_REQUIRED' })
    }
    expect(studio.effectsAt('stripe')).toEqual(['payment.create'])
    expect((await fabric.apply(await fabric.plan(refundOf(id)), YES)).state).toBe('done')
  })

  it('does not keep a payment from being taken back', async () => {
    const studio = await openStudio({ providers: ['stripe'], config: outflow.replace('30.00', '0.01') })
    const run = await pay(studio)
    expect((await studio.fabric.undo(run.id)).state).toBe('undone')
    expect(studio.effectsAt('stripe')).toEqual(['payment.create', 'refund.create'])
  })

  it('stays held while nobody knows whether it went, and is counted or freed when a person says so', async () => {
    const studio = await openStudio({ providers: ['stripe'], config: outflow })
    const { fabric } = studio
    const id = await paid(studio)
    await studio.serve(['refund.create:drop-after'])
    const plan = (amount: number) => fabric.plan(refundOf(id, { amount, currency: 'GBP' }))

    const first = await fabric.apply(await plan(1200), ONE_TRY)
    expect(['unknown', 'failed']).toContain(first.state)
    expect(first.steps[0]?.state === 'unknown' || first.steps[0]?.uncertain).toBe(true)
    expect(await budget(studio, 'refunds')).toMatchObject({ settled: 0, held: 1200 })
    await fabric.settle(first.id, 'step', 'not-done', { why: 'not in the dashboard' })
    expect(await budget(studio, 'refunds')).toMatchObject({ settled: 0, held: 0 })

    const second = await fabric.apply(await plan(1300), ONE_TRY)
    await fabric.settle(second.id, 'step', 'done', { why: 'seen in the dashboard' })
    expect(await budget(studio, 'refunds')).toMatchObject({ settled: 1300, held: 0 })
  })
})

describe('what an unknown outcome may have cost', () => {
  it('stays held, so that nothing else gets it, until a person settles it', async () => {
    const studio = await openStudio({
      providers: ['stripe'],
      faults: ['payment.create:drop-after'],
      config: config('{ name: day, limit: 2 USD }'),
    })
    const { fabric } = studio
    const first = await fabric.apply(await fabric.plan(payment()), ONE_TRY)
    const held = (await budget(studio, 'day'))?.heldUsd
    expect(held).toBeGreaterThan(1)
    const error = errorOf(await pay(studio, { description: 'second' }))
    expect(error).toMatchObject({ code: 'IF_ERR_BUDGET_EXCEEDED' })
    expect(error?.hint).toContain('held')

    await fabric.settle(first.id, 'step', 'not-done', { why: 'not in the dashboard' })
    expect(await budget(studio, 'day')).toMatchObject({ heldUsd: 0, settledUsd: 0 })
  })
})
