// What may have happened: repeated where that is harmless, never where it is not, and ended by a person who has looked.
import { writeFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { Intent } from '../../../src/fabric/index.ts'
import type { StepRecord } from '../../../src/runs/index.ts'
import { changeRecord, failureOf, ONE_TRY, openStudio, YES } from '../fabric/rig.ts'

const SAY: Intent = { instance: 'slack', operation: 'message.send', input: { to: '#studio', text: 'hi' } }
const PAY: Intent = {
  instance: 'stripe',
  operation: 'payment.create',
  input: { amount: 2500, currency: 'GBP', source: 'pm_card_visa' },
}
const BUDGET = 'version: 1\nbudgets: [{name: calls, limit: 5 USD}]\n'

const callsBudget = async (fabric: Awaited<ReturnType<typeof openStudio>>['fabric']) =>
  (await fabric.budgets()).find((budget) => budget.name === 'calls')

/** A payment whose answer was lost after it took place. */
async function losePayment() {
  const studio = await openStudio({
    providers: ['stripe'],
    config: BUDGET,
    faults: ['stripe/payment.create:drop-after@0.999'],
  })
  const run = await studio.fabric.apply(await studio.fabric.plan(PAY), { ...YES, ...ONE_TRY })
  return { ...studio, run }
}

/** A message whose answer was lost after it was posted. */
async function loseMessage() {
  const studio = await openStudio({ providers: ['slack'], faults: ['slack/message.send:drop-after'] })
  const run = await studio.fabric.apply(await studio.fabric.plan(SAY), ONE_TRY)
  return { ...studio, run }
}

describe('a payment whose answer was lost', () => {
  it('is uncertain, keeps its cost held, and is repeated under the same key with one effect', async () => {
    const { fabric, run, effectsAt, twins } = await losePayment()
    const held = await callsBudget(fabric)

    const resumed = await fabric.resume(run.id, ONE_TRY)
    const keys = twins()[0]
      ?.effects()
      .map((effect) => effect.key)

    expect(run.steps[0]).toMatchObject({ state: 'failed', uncertain: true })
    expect(held).toMatchObject({ settledUsd: 0, heldUsd: run.steps[0] ? expect.any(Number) : 0 })
    expect(held?.heldUsd).toBeGreaterThan(0)
    expect(effectsAt('stripe')).toEqual(['payment.create'])
    expect(keys?.[0]).toMatch(/^ifab-[0-9a-f]{40}$/)
    expect(resumed.steps[0]?.state).toMatch(/done|failed/)
  })

  it('ends in one effect and one cost once an answer comes', async () => {
    const studio = await openStudio({
      providers: ['stripe'],
      config: BUDGET,
      // Half of the answers are lost; the seed of a twin decides which.
      faults: ['stripe/payment.create:drop-after@0.6'],
    })
    let run = await studio.fabric.apply(await studio.fabric.plan(PAY), { ...YES, ...ONE_TRY })
    for (let tries = 0; run.state !== 'done' && tries < 20; tries++) run = await studio.fabric.resume(run.id, ONE_TRY)

    expect(run).toMatchObject({ state: 'done', receipts: [{ verified: 'confirmed' }] })
    expect(studio.effectsAt('stripe')).toEqual(['payment.create'])
    expect(await callsBudget(studio.fabric)).toMatchObject({ heldUsd: 0, settledUsd: run.costUsd })
    expect((await studio.fabric.verifyWitness()).ok).toBe(true)
  })

  it('stays uncertain while the vendor can not be reached, and its cost stays held', async () => {
    const { fabric, run, stopTwins } = await losePayment()
    const before = await callsBudget(fabric)
    await stopTwins()

    const again = await fabric.resume(run.id, ONE_TRY)

    expect(again.steps[0]).toMatchObject({ state: 'failed', uncertain: true })
    expect((await callsBudget(fabric))?.heldUsd).toBe(before?.heldUsd)
  })

  it('is not repeated outside the window of the key: a person has to look', async () => {
    const { fabric, run, home, effectsAt } = await losePayment()
    await changeRecord<StepRecord>(home, `step/${run.id}/step`, (record) => ({
      ...record,
      beganAt: '2020-01-01T00:00:00.000Z',
    }))

    const again = await fabric.resume(run.id, ONE_TRY)
    const settled = await fabric.settle(run.id, 'step', 'done', {
      why: 'seen in the dashboard',
      result: { id: 'pi_1' },
    })

    expect(again).toMatchObject({ state: 'unknown', record: { error: { code: 'IF_ERR_OUTCOME_UNKNOWN' } } })
    expect(effectsAt('stripe')).toHaveLength(1)
    expect(settled).toMatchObject({ state: 'done', receipts: [{ result: { id: 'pi_1' } }] })
    expect(settled.costUsd).toBeGreaterThan(0)
    expect(await callsBudget(fabric)).toMatchObject({ heldUsd: 0, settledUsd: settled.costUsd })
  })

  it('can be settled as not done, which frees its cost, and is sent again by resume', async () => {
    const { fabric, run } = await losePayment()

    const settled = await fabric.settle(run.id, 'step', 'not-done', { why: 'nothing in the dashboard' })

    expect(settled).toMatchObject({ state: 'failed', costUsd: 0 })
    expect(settled.steps[0]).toMatchObject({
      state: 'failed',
      note: expect.stringContaining('settled as not-done by if://person/ana'),
    })
    expect(settled.steps[0]?.uncertain).toBeUndefined()
    expect(await callsBudget(fabric)).toMatchObject({ heldUsd: 0, settledUsd: 0 })
  })

  it('stays uncertain when a rule now forbids to repeat it', async () => {
    const { home, run, open } = await losePayment()
    writeFileSync(`${home}/config.yaml`, `${BUDGET}policy: {effects: {charge: deny}}\n`)
    const fabric = await open()

    const again = await fabric.resume(run.id, ONE_TRY)

    expect(again.steps[0]).toMatchObject({ state: 'failed', uncertain: true, error: { code: 'IF_ERR_POLICY_DENIED' } })
    expect((await callsBudget(fabric))?.heldUsd).toBeGreaterThan(0)
  })

  it('that the vendor refuses under the same key did not happen', async () => {
    const studio = await openStudio({
      providers: ['stripe'],
      config: BUDGET,
      faults: ['stripe/payment.create:drop@0.6'],
    })
    const declined = { ...PAY, input: { ...PAY.input, source: 'pm_card_chargeDeclined' } }
    let run = await studio.fabric.apply(await studio.fabric.plan(declined), { ...YES, ...ONE_TRY })
    for (let tries = 0; run.steps[0]?.uncertain && tries < 20; tries++)
      run = await studio.fabric.resume(run.id, ONE_TRY)

    expect(run.steps[0]).toMatchObject({ state: 'failed', error: { code: 'IF_ERR_ACTION_FAILED' } })
    expect(run.steps[0]?.uncertain).toBeUndefined()
    expect(await callsBudget(studio.fabric)).toMatchObject({ heldUsd: 0, settledUsd: 0 })
  })
})

describe('a message whose answer was lost', () => {
  it('is unknown, and never sent a second time by itself', async () => {
    const { fabric, run, effectsAt } = await loseMessage()

    const again = await fabric.resume(run.id, ONE_TRY)
    await fabric.resume(run.id, ONE_TRY)

    expect(run).toMatchObject({
      state: 'unknown',
      record: { error: { code: 'IF_ERR_OUTCOME_UNKNOWN', hint: expect.stringContaining('settle') } },
    })
    expect(again.state).toBe('unknown')
    expect(effectsAt('slack')).toEqual(['message.send'])
  })

  it.each([
    ['done', 'done', 'done'],
    ['not-done', 'failed', 'failed'],
  ] as const)('can be settled as %s by a person with a reason', async (as, step, state) => {
    const { fabric, run } = await loseMessage()

    const settled = await fabric.settle(run.id, 'step', as, { why: 'looked into the channel' })

    expect([settled.steps[0]?.state, settled.state]).toEqual([step, state])
    const entries: unknown[] = []
    for await (const entry of fabric.witnessEntries({ run: run.id }))
      if (entry.kind === 'run.settle') entries.push(entry)
    expect(entries).toEqual([
      expect.objectContaining({ actor: 'if://person/ana', why: 'looked into the channel', outcome: as }),
    ])
  })

  it('settled as not done is sent again by resume', async () => {
    const { fabric, run, effectsAt } = await loseMessage()
    await fabric.settle(run.id, 'step', 'not-done', { why: 'not in the channel' })

    await fabric.resume(run.id, ONE_TRY)

    expect(effectsAt('slack')).toHaveLength(2)
  })

  it('lets the steps behind it go on once it is settled as done', async () => {
    const studio = await openStudio({
      providers: ['slack', 'home-assistant'],
      faults: ['slack/message.send:drop-after'],
    })
    const text =
      'version: 1\nname: a\nsteps:\n  tell: {use: slack message.send, with: {to: "#studio", text: hi}}\n' +
      '  light: {use: home-assistant device.set, with: {id: light.studio, state: "on"}, after: tell}\n'
    const run = await studio.fabric.apply(await studio.fabric.planPlaybook(studio.playbook(text), {}), ONE_TRY)

    await studio.fabric.settle(run.id, 'tell', 'done', { why: 'seen' })
    const resumed = await studio.fabric.resume(run.id)

    expect(resumed).toMatchObject({ state: 'done' })
    expect(studio.effectsAt('slack')).toHaveLength(1)
    expect(studio.effectsAt('home-assistant')).toHaveLength(1)
  })

  it('is settled by nobody but a person, who gives a reason', async () => {
    const { fabric, run, open } = await loseMessage()
    const agent = await open({ actor: 'if://agent/a' })

    expect((await failureOf(agent.settle(run.id, 'step', 'done', { why: 'sure' }))).code).toBe(
      'IF_ERR_APPROVAL_FORBIDDEN',
    )
    expect((await failureOf(fabric.settle(run.id, 'step', 'done', { why: '  ' }))).code).toBe('IF_ERR_USAGE')
    expect((await failureOf(fabric.settle(run.id, 'nobody', 'done', { why: 'x' }))).code).toBe('IF_ERR_NOT_FOUND')
    expect((await fabric.run(run.id)).state).toBe('unknown')
  })

  it('that is cancelled has to be settled first, and is cancelled with that', async () => {
    const { fabric, run } = await loseMessage()

    const asked = await fabric.cancel(run.id)
    const resumed = await fabric.resume(run.id, ONE_TRY)
    const settled = await fabric.settle(run.id, 'step', 'not-done', { why: 'not there' })

    expect([asked.state, resumed.state, settled.state]).toEqual(['unknown', 'unknown', 'cancelled'])
  })
})

describe('what is certain', () => {
  it('is not settled', async () => {
    const { fabric } = await openStudio({ providers: ['slack'] })
    const run = await fabric.apply(await fabric.plan(SAY))

    expect(await failureOf(fabric.settle(run.id, 'step', 'done', { why: 'x' }))).toMatchObject({
      code: 'IF_ERR_CONFLICT',
      message: expect.stringContaining('only an unknown outcome'),
    })
    expect((await fabric.run(run.id)).state).toBe('done')
  })

  it('that failed frees its cost at once and is tried again by resume', async () => {
    const studio = await openStudio({ providers: ['stripe'], config: BUDGET })
    const declined = { ...PAY, input: { ...PAY.input, source: 'pm_card_chargeDeclined' } }

    const run = await studio.fabric.apply(await studio.fabric.plan(declined), YES)

    expect(run.steps[0]).toMatchObject({
      state: 'failed',
      error: { code: 'IF_ERR_ACTION_FAILED', vendorCode: expect.any(String) },
    })
    expect(await callsBudget(studio.fabric)).toMatchObject({ heldUsd: 0, settledUsd: 0 })
    expect((await studio.fabric.resume(run.id)).steps[0]?.state).toBe('failed')
  })

  it('by reading back is taken for done without sending it again', async () => {
    const studio = await openStudio({
      providers: ['stripe'],
      config: 'version: 1\npolicy: {effects: {delete: allow}}\n',
      faults: ['stripe/stripe:customer.delete:drop-after'],
    })
    const made = await studio.fabric.apply(
      await studio.fabric.plan({ instance: 'stripe', operation: 'customer.create', input: {} }),
    )
    const id = String(made.receipts[0]?.result?.id)

    const run = await studio.fabric.apply(
      await studio.fabric.plan({ instance: 'stripe', operation: 'stripe:customer.delete', input: { id } }),
      ONE_TRY,
    )

    expect(run).toMatchObject({ state: 'done', receipts: [{ verified: 'confirmed' }] })
    expect(studio.effectsAt('stripe')).toEqual(['customer.create', 'stripe:customer.delete'])
  })

  it.each(['begun', 'unknown'] as const)('by reading back ends a step that was left %s', async (state) => {
    const studio = await openStudio({ providers: ['stripe'] })
    const made = await studio.fabric.apply(
      await studio.fabric.plan({ instance: 'stripe', operation: 'customer.create', input: {} }),
    )
    const id = String(made.receipts[0]?.result?.id)
    const run = await studio.fabric.apply(
      await studio.fabric.plan({ instance: 'stripe', operation: 'stripe:customer.delete', input: { id } }),
      YES,
    )
    await changeRecord<StepRecord>(studio.home, `step/${run.id}/step`, (record) => ({ ...record, state }))
    await changeRecord(studio.home, `run/${run.id}`, (record) => ({ ...record, state: 'failed' }))

    const resumed = await studio.fabric.resume(run.id)

    expect(resumed).toMatchObject({ state: 'done', receipts: [{ verified: 'confirmed' }] })
    expect(studio.effectsAt('stripe')).toHaveLength(2)
  })

  it('by reading back not to have happened is sent', async () => {
    const studio = await openStudio({ providers: ['stripe'], faults: ['stripe/stripe:customer.delete:drop'] })
    const made = await studio.fabric.apply(
      await studio.fabric.plan({ instance: 'stripe', operation: 'customer.create', input: {} }),
    )
    const id = String(made.receipts[0]?.result?.id)

    const run = await studio.fabric.apply(
      await studio.fabric.plan({ instance: 'stripe', operation: 'stripe:customer.delete', input: { id } }),
      { ...YES, ...ONE_TRY },
    )

    expect(run.steps[0]).toMatchObject({ state: 'failed' })
    expect(run.steps[0]?.uncertain).toBeUndefined()
    expect(studio.effectsAt('stripe')).toEqual(['customer.create'])
  })
})

describe('a run that failed in part', () => {
  it('retries only what failed', async () => {
    const studio = await openStudio({ providers: ['slack', 'home-assistant'] })
    const text =
      'version: 1\nname: a\nonFailure: continue\nsteps:\n' +
      '  light: {use: home-assistant device.set, with: {id: light.studio, state: "on"}}\n' +
      '  gone: {use: slack message.edit, with: {to: "#studio", id: "1.000001", text: x}}\n' +
      '  tell: {use: slack message.send, with: {to: "#studio", text: "${steps.gone.result.id}"}}\n'
    const run = await studio.fabric.apply(await studio.fabric.planPlaybook(studio.playbook(text), {}))
    const started: string[] = []

    const again = await studio.fabric.resume(run.id, {
      onEvent: (event) => event.type === 'step.start' && started.push(event.step),
    })

    expect(run.steps.map((step) => step.state)).toEqual(['done', 'failed', 'skipped'])
    expect(started).toEqual(['gone'])
    expect(again.steps.map((step) => step.state)).toEqual(['done', 'failed', 'skipped'])
    expect(studio.effectsAt('home-assistant')).toHaveLength(1)
  })

  it('fails the step whose instance is gone, and can go on when it is back', async () => {
    const studio = await openStudio({ providers: ['slack'] })
    const text = 'version: 1\nname: a\nsteps:\n  a: {use: slack message.send, with: {to: "#nowhere", text: x}}\n'
    const run = await studio.fabric.apply(await studio.fabric.planPlaybook(studio.playbook(text), {}))
    await studio.fabric.removeInstance('slack')

    const again = await studio.fabric.resume(run.id)

    expect(again).toMatchObject({ state: 'failed', record: { holder: null } })
    expect(again.steps[0]?.state).toBe('failed')
  })
})
