// The budget of a playbook: held whole in the budgets of the home while it runs, settled at what it really cost.
import { describe, expect, it } from 'vitest'
import { failureOf, ONE_TRY, openStudio, type Studio, YES } from '../fabric/rig.ts'

const pay = (id: string, more = '') =>
  `  ${id}: {use: stripe payment.create, with: {amount: 2500, currency: GBP, source: pm_card_visa}${more}}\n`
const bad = '  bad: {use: slack message.send, after: one, with: {to: "#nowhere", text: x}}\n'
const book = (steps: string, budget = '4 USD', more = '') =>
  `version: 1\nname: show\nbudget: ${budget}\n${more}steps:\n${steps}`
const limit = (usd: string) => `version: 1\nbudgets: [{name: calls, limit: ${usd} USD}]\n`

const calls = async ({ fabric }: Studio) => (await fabric.budgets()).find((budget) => budget.name === 'calls')
const planOf = async (studio: Studio, text: string) => studio.fabric.planPlaybook(studio.playbook(text), {})

describe('the budget of a playbook', () => {
  it('is held whole while the run goes on, and settled at what it cost', async () => {
    const studio = await openStudio({ providers: ['stripe'], config: limit('5') })
    const held: (number | undefined)[] = []
    const looking: Promise<unknown>[] = []

    const run = await studio.fabric.apply(await planOf(studio, book(pay('one') + pay('two'))), {
      ...YES,
      onEvent: (event) => {
        if (event.type === 'step.start')
          looking.push(calls(studio).then((budget) => held.push(budget?.heldUsd ?? undefined)))
      },
    })
    await Promise.all(looking)

    expect(held).toEqual([4, 4])
    expect(run.costUsd).toBeGreaterThan(1)
    expect(await calls(studio)).toMatchObject({ heldUsd: 0, settledUsd: run.costUsd, resetsAt: expect.any(String) })
  })

  it('refuses the run before anything left where the home has no room for it', async () => {
    const studio = await openStudio({ providers: ['stripe'], config: limit('3') })

    const error = await failureOf(studio.fabric.apply(await planOf(studio, book(pay('one'))), YES))

    expect(error).toMatchObject({ code: 'IF_ERR_BUDGET_EXCEEDED', exitCode: 3, details: { budget: 'calls' } })
    expect(studio.effectsAt('stripe')).toEqual([])
    expect(await studio.fabric.runs()).toEqual([])
    expect(await calls(studio)).toMatchObject({ heldUsd: 0, settledUsd: 0 })
  })

  it('refuses the step that does not fit, whatever room the home has', async () => {
    const studio = await openStudio({ providers: ['stripe'], config: limit('50') })

    const run = await studio.fabric.apply(
      await planOf(studio, book(pay('one') + pay('two', ', after: one'), '2 USD')),
      YES,
    )

    expect(run.steps.map((step) => step.state)).toEqual(['done', 'failed'])
    expect(run.record.error).toMatchObject({ code: 'IF_ERR_BUDGET_EXCEEDED', message: expect.stringContaining('run-') })
    expect(studio.effectsAt('stripe')).toHaveLength(1)
  })

  it('counts what a run has spent once, also when it is resumed and fails again', async () => {
    const studio = await openStudio({ providers: ['stripe', 'slack'], config: limit('10') })
    const failed = await studio.fabric.apply(await planOf(studio, book(pay('one') + bad)), YES)
    const before = await calls(studio)

    await studio.fabric.resume(failed.id)

    expect(before).toMatchObject({ heldUsd: 0, settledUsd: failed.costUsd })
    expect(await calls(studio)).toMatchObject({ heldUsd: 0, settledUsd: failed.costUsd })
  })

  it('is held again for what is left when the run goes on', async () => {
    const studio = await openStudio({ providers: ['stripe'], config: limit('4.5') })
    const stop = new AbortController()
    const first = await studio.fabric.apply(await planOf(studio, book(pay('one') + pay('two', ', after: one'))), {
      ...YES,
      stop: stop.signal,
      onEvent: (event) => event.type === 'step.end' && stop.abort(),
    })
    const between = await calls(studio)
    const held: (number | undefined)[] = []
    const looking: Promise<unknown>[] = []

    const second = await studio.fabric.resume(first.id, {
      onEvent: (event) => {
        if (event.type === 'step.start')
          looking.push(calls(studio).then((budget) => held.push(budget?.heldUsd ?? undefined)))
      },
    })
    await Promise.all(looking)

    expect(between).toMatchObject({ heldUsd: 0, settledUsd: first.costUsd })
    expect(held[0]).toBeCloseTo(4 - first.costUsd, 5)
    expect(second).toMatchObject({ state: 'done' })
    expect(second.costUsd).toBeCloseTo(2 * first.costUsd, 5)
    expect(await calls(studio)).toMatchObject({ heldUsd: 0, settledUsd: second.costUsd })
  })

  it('keeps the run from going on where the home has no room any more, and nothing is stuck', async () => {
    const studio = await openStudio({ providers: ['stripe'], config: limit('4.5') })
    const stop = new AbortController()
    const first = await studio.fabric.apply(await planOf(studio, book(pay('one') + pay('two', ', after: one'))), {
      ...YES,
      stop: stop.signal,
      onEvent: (event) => event.type === 'step.end' && stop.abort(),
    })
    const alone = {
      instance: 'stripe',
      operation: 'payment.create',
      input: { amount: 2500, currency: 'GBP', source: 'pm_card_visa' },
    }
    await studio.fabric.apply(await studio.fabric.plan(alone), YES)

    expect((await failureOf(studio.fabric.resume(first.id))).code).toBe('IF_ERR_BUDGET_EXCEEDED')
    expect((await studio.fabric.run(first.id)).record).toMatchObject({ state: 'failed', holder: null })
  })

  it('stays held while a step is uncertain, and is settled with it', async () => {
    const studio = await openStudio({
      providers: ['stripe'],
      config: limit('5'),
      faults: ['stripe/payment.create:drop-after'],
    })
    const run = await studio.fabric.apply(await planOf(studio, book(pay('one'))), { ...YES, ...ONE_TRY })
    const uncertain = await calls(studio)

    const settled = await studio.fabric.settle(run.id, 'one', 'done', { why: 'seen' })

    expect(uncertain).toMatchObject({ heldUsd: 4, settledUsd: 0 })
    expect(settled.costUsd).toBeGreaterThan(0)
    expect(await calls(studio)).toMatchObject({ heldUsd: 0, settledUsd: settled.costUsd })
  })

  it('is not charged twice when the run is taken back', async () => {
    const studio = await openStudio({ providers: ['stripe', 'slack'], config: limit('5') })

    const run = await studio.fabric.apply(
      await planOf(studio, book(pay('one') + bad, '4 USD', 'onFailure: undo\n')),
      YES,
    )

    expect(run.state).toBe('undone')
    expect(await calls(studio)).toMatchObject({ heldUsd: 0, settledUsd: run.costUsd })
  })
})

describe('a single action', () => {
  it('is refused before anything left where its greatest cost does not fit', async () => {
    const studio = await openStudio({ providers: ['stripe'], config: limit('1') })
    const intent = { instance: 'stripe', operation: 'payment.create', input: { amount: 2500, currency: 'GBP' } }

    const run = await studio.fabric.apply(await studio.fabric.plan(intent), YES)

    expect(run).toMatchObject({ state: 'failed', record: { error: { code: 'IF_ERR_BUDGET_EXCEEDED' } } })
    expect(studio.effectsAt('stripe')).toEqual([])
    expect(await calls(studio)).toMatchObject({ heldUsd: 0, settledUsd: 0 })
  })
})
