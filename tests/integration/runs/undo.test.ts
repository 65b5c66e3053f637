// Taking back what was done: in reverse, with the undo that fits what really happened.
import { describe, expect, it } from 'vitest'
import type { Intent } from '../../../src/fabric/index.ts'
import { failureOf, ONE_TRY, openStudio, type Studio, YES } from '../fabric/rig.ts'

const pay = (capture: boolean): Intent => ({
  instance: 'stripe',
  operation: 'payment.create',
  input: { amount: 2500, currency: 'GBP', source: 'pm_card_visa', capture },
})
const SAY: Intent = { instance: 'slack', operation: 'message.send', input: { to: '#studio', text: 'hi' } }

const done = async (studio: Studio, intent: Intent) => studio.fabric.apply(await studio.fabric.plan(intent), YES)
const deviceAt = async (studio: Studio, id: string) =>
  (await studio.fabric.call({ instance: 'home-assistant', operation: 'device.get', input: { id } })).result

describe('undo', () => {
  it('deletes a message that was sent', async () => {
    const studio = await openStudio({ providers: ['slack'] })
    const run = await done(studio, SAY)

    const undone = await studio.fabric.undo(run.id)

    expect(undone.state).toBe('undone')
    expect(undone.steps.map((step) => [step.id, step.state])).toEqual([
      ['step', 'undone'],
      ['undo.step', 'done'],
    ])
    expect(studio.effectsAt('slack')).toEqual(['message.send', 'message.delete'])
    expect(await failureOf(studio.fabric.undo(run.id))).toMatchObject({ code: 'IF_ERR_UNDO_IMPOSSIBLE' })
  })

  it.each([
    [true, 'refund.create'],
    [false, 'payment.cancel'],
  ])('of a payment (captured: %s) is %s, which nobody has to approve again', async (capture, operation) => {
    const studio = await openStudio({ providers: ['stripe'] })
    const run = await done(studio, pay(capture))

    const undone = await studio.fabric.undo(`${run.id}/step`)

    expect(undone.state).toBe('undone')
    expect(studio.effectsAt('stripe')).toEqual(['payment.create', operation])
  })

  it('brings a light back to what it was, colour and brightness too', async () => {
    const studio = await openStudio({ providers: ['home-assistant'] })
    const before = await deviceAt(studio, 'light.stage')
    const run = await done(studio, {
      instance: 'home-assistant',
      operation: 'device.set',
      input: { id: 'light.stage', state: 'on', attributes: { brightness: 10, rgb_color: [1, 2, 3] } },
    })
    const meanwhile = await deviceAt(studio, 'light.stage')

    await studio.fabric.undo(run.id)

    expect(meanwhile).toMatchObject({ attributes: { brightness: 10 } })
    expect(await deviceAt(studio, 'light.stage')).toMatchObject({
      state: before?.state,
      attributes: before?.attributes,
    })
  })

  it('goes from the last step to the first, and leaves reads alone', async () => {
    const studio = await openStudio()
    const text =
      'version: 1\nname: show\nsteps:\n' +
      '  light: {use: home-assistant device.set, with: {id: light.studio, state: "on"}}\n' +
      '  look: {use: stripe balance.get, after: light}\n' +
      '  pay: {use: stripe payment.create, after: look, with: {amount: 500, currency: GBP, source: pm_card_visa}}\n' +
      '  tell: {use: slack message.send, with: {to: "#studio", text: "${steps.pay.result.id}"}}\n'
    const run = await studio.fabric.apply(await studio.fabric.planPlaybook(studio.playbook(text), {}), YES)
    const order: string[] = []

    const undone = await studio.fabric.undo(run.id, {
      onEvent: (event) => event.type === 'step.start' && order.push(event.step),
    })

    expect(order).toEqual(['undo.tell', 'undo.pay', 'undo.light'])
    expect(undone.state).toBe('undone')
    expect((await deviceAt(studio, 'light.studio'))?.state).toBe('off')
  })

  it('of one step leaves the others', async () => {
    const studio = await openStudio({ providers: ['slack'] })
    const text =
      'version: 1\nname: a\nsteps:\n' +
      ['a', 'b'].map((id) => `  ${id}: {use: slack message.send, with: {to: "#studio", text: ${id}}}\n`).join('')
    const run = await studio.fabric.apply(await studio.fabric.planPlaybook(studio.playbook(text), {}))

    const undone = await studio.fabric.undo(`${run.id}/a`)

    expect(undone.steps.map((step) => [step.id, step.state])).toEqual(
      expect.arrayContaining([
        ['a', 'undone'],
        ['b', 'done'],
      ]),
    )
    expect(undone.state).toBe('done')
    expect((await studio.fabric.undo(run.id)).state).toBe('undone')
    expect(studio.effectsAt('slack').filter((operation) => operation === 'message.delete')).toHaveLength(2)
  })

  it('of a step that has none says why, and takes back the others', async () => {
    const studio = await openStudio({ providers: ['home-assistant', 'slack'] })
    const text =
      'version: 1\nname: a\nsteps:\n' +
      '  run: {use: home-assistant automation.trigger, with: {id: automation.show_open}}\n' +
      '  tell: {use: slack message.send, after: run, with: {to: "#studio", text: hi}}\n'
    const run = await studio.fabric.apply(await studio.fabric.planPlaybook(studio.playbook(text), {}))

    const undone = await studio.fabric.undo(run.id)

    expect(undone.steps.find((step) => step.id === 'tell')?.state).toBe('undone')
    expect(undone.record).toMatchObject({
      state: 'failed',
      error: { code: 'IF_ERR_UNDO_IMPOSSIBLE', message: expect.stringContaining('step run (automation.trigger)') },
    })
  })

  it('is impossible where nothing was done or there is no such step', async () => {
    const studio = await openStudio({ providers: ['slack'] })
    const failed = await done(studio, { ...SAY, input: { to: '#nowhere', text: 'x' } })

    expect(await failureOf(studio.fabric.undo(failed.id))).toMatchObject({ code: 'IF_ERR_UNDO_IMPOSSIBLE' })
    expect(await failureOf(studio.fabric.undo(`${failed.id}/step`))).toMatchObject({
      message: expect.stringContaining('nothing in step step'),
    })
    expect(await failureOf(studio.fabric.undo(`${failed.id}/nobody`))).toMatchObject({ code: 'IF_ERR_NOT_FOUND' })
  })

  it('is never refused for budget', async () => {
    const studio = await openStudio({
      providers: ['stripe'],
      config: 'version: 1\nbudgets: [{name: calls, limit: 1.6 USD}]\n',
    })
    const run = await done(studio, pay(true))
    const second = await done(studio, pay(true))

    expect(second.record.error?.code).toBe('IF_ERR_BUDGET_EXCEEDED')
    expect((await studio.fabric.undo(run.id)).state).toBe('undone')
  })

  it('is done by itself where the playbook says so', async () => {
    const studio = await openStudio()
    const text =
      'version: 1\nname: a\nonFailure: undo\nsteps:\n' +
      '  light: {use: home-assistant device.set, with: {id: light.studio, state: "on"}}\n' +
      '  pay: {use: stripe payment.create, after: light, with: {amount: 500, currency: GBP, source: pm_card_visa}}\n' +
      '  tell: {use: slack message.send, with: {to: "#nowhere", text: "${steps.pay.result.id}"}}\n'
    const events: string[] = []

    const run = await studio.fabric.apply(await studio.fabric.planPlaybook(studio.playbook(text), {}), {
      ...YES,
      onEvent: (event) => events.push(event.type),
    })

    expect(run).toMatchObject({ state: 'undone', record: { error: { code: 'IF_ERR_NOT_FOUND' } } })
    expect(events).toContain('undo.start')
    expect(studio.effectsAt('stripe')).toEqual(['payment.create', 'refund.create'])
    expect((await deviceAt(studio, 'light.studio'))?.state).toBe('off')
    expect(await failureOf(studio.fabric.resume(run.id))).toMatchObject({ code: 'IF_ERR_CONFLICT' })
  })

  it('whose answer was lost is never sent a second time, until a person has settled it', async () => {
    const studio = await openStudio({ providers: ['slack'], faults: ['slack/message.delete:drop-after'] })
    const run = await done(studio, SAY)

    const first = await studio.fabric.undo(run.id, ONE_TRY)
    const second = await studio.fabric.undo(run.id, ONE_TRY)
    await studio.fabric.settle(run.id, 'undo.step', 'done', { why: 'gone from the channel' })
    const third = await studio.fabric.undo(run.id, ONE_TRY)

    expect([first.state, second.state, third.state]).toEqual(['unknown', 'unknown', 'undone'])
    expect(studio.effectsAt('slack')).toEqual(['message.send', 'message.delete'])
  })

  it('of a refund whose answer was lost is repeated under its key with one effect', async () => {
    const studio = await openStudio({ providers: ['stripe'], faults: ['stripe/refund.create:drop-after@0.6'] })
    const run = await done(studio, pay(true))

    let undone = await studio.fabric.undo(run.id, ONE_TRY)
    for (let tries = 0; undone.state !== 'undone' && tries < 20; tries++)
      undone = await studio.fabric.undo(run.id, ONE_TRY)

    expect(undone.state).toBe('undone')
    expect(studio.effectsAt('stripe')).toEqual(['payment.create', 'refund.create'])
  })

  it('that fails leaves the step as it is, to be tried again', async () => {
    const studio = await openStudio({ providers: ['slack'] })
    const run = await done(studio, SAY)
    await studio.stopTwins()

    const undone = await studio.fabric.undo(run.id, ONE_TRY)

    expect(undone.state).toBe('failed')
    expect(undone.steps.map((step) => step.state)).toEqual(['done', 'failed'])
  })
})
