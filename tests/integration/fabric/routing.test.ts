import { describe, expect, it } from 'vitest'
import type { RunEvent } from '../../../src/runs/index.ts'
import { failureOf, ONE_TRY, openStudio, type Studio } from './rig.ts'

/** Two instances of Slack, each on a twin of its own. */
async function openTwo(options: { firstFaults?: string[]; secondFaults?: string[]; config?: string } = {}) {
  const studio = await openStudio({ providers: [], ...(options.config ? { config: options.config } : {}) })
  const [first, second] = await Promise.all(
    [options.firstFaults ?? [], options.secondFaults ?? []].map((faults) =>
      studio.fabric.serveTwins({ providers: ['slack'], faults }),
    ),
  )
  if (!first || !second) throw new Error('no twins')
  for (const [name, served, region] of [
    ['slack-a', first, 'eu'],
    ['slack-b', second, 'us'],
  ] as const) {
    const [twin] = served.twins
    if (!twin) throw new Error('no twin')
    const secrets = Object.fromEntries(
      Object.entries(twin.secrets).map(([key, value]) => [key, { kind: 'value' as const, value }]),
    )
    await studio.fabric.addInstance({ provider: 'slack', name, twin: twin.url, secrets, tags: { region } })
  }
  const sent = (served: typeof first) => served.twins[0]?.effects().length ?? 0
  return { studio, sentAt: { a: () => sent(first), b: () => sent(second) } }
}

const send = { operation: 'message.send', input: { to: '#general', text: 'hello' } }
const planAny = (studio: Studio, instance = 'any') => studio.fabric.plan({ instance, ...send })

describe('a step at any instance', () => {
  it('is planned exactly at each instance that can do it, and done at the first alone', async () => {
    const { studio, sentAt } = await openTwo()
    const plan = await planAny(studio)
    const [step] = plan.steps
    expect([step?.instance, ...(step?.routed?.alternatives.map(({ instance }) => instance) ?? [])].sort()).toEqual([
      'slack-a',
      'slack-b',
    ])
    expect(step?.routed?.alternatives[0]?.request.url).toContain('/api/chat.postMessage')

    const run = await studio.fabric.apply(plan)

    expect(run.state).toBe('done')
    expect(sentAt.a() + sentAt.b()).toBe(1)
    expect(run.receipts[0]?.instance).toBe(step?.instance)
  })

  it('is done at those with the tags of the selector', async () => {
    const { studio, sentAt } = await openTwo()
    const run = await studio.fabric.apply(await planAny(studio, 'any:region=us'))
    expect(run.receipts[0]?.instance).toBe('slack-b')
    expect([sentAt.a(), sentAt.b()]).toEqual([0, 1])
  })

  it('goes to the next instance where the first one refuses for now, and undo goes there too', async () => {
    const { studio, sentAt } = await openTwo({ firstFaults: ['message.send:429'] })
    const plan = await planAny(studio, 'any')
    const events: RunEvent[] = []
    const run = await studio.fabric.apply(plan, { ...ONE_TRY, onEvent: (event) => events.push(event) })
    expect(run.state).toBe('done')
    expect(run.receipts[0]?.instance).toBe('slack-b')
    expect(sentAt.b()).toBe(1)
    if (plan.steps[0]?.instance === 'slack-a') {
      expect(events).toContainEqual(expect.objectContaining({ type: 'step.failover', from: 'slack-a', to: 'slack-b' }))
    }

    const undone = await studio.fabric.undo(run.id)
    expect(undone.steps.find(({ id }) => id === 'undo.step')).toMatchObject({ instance: 'slack-b', state: 'done' })
  })

  it('never goes on where nobody can tell whether it happened', async () => {
    const { studio, sentAt } = await openTwo({
      firstFaults: ['message.send:drop-after'],
      secondFaults: ['message.send:drop-after'],
    })
    const run = await studio.fabric.apply(await planAny(studio), ONE_TRY)
    expect(run.state).toBe('unknown')
    expect(sentAt.a() + sentAt.b()).toBe(1)
    expect(run.steps).toHaveLength(1)
  })

  it('fails when none of them can', async () => {
    const { studio, sentAt } = await openTwo({ firstFaults: ['message.send:429'], secondFaults: ['message.send:429'] })
    const run = await studio.fabric.apply(await planAny(studio), ONE_TRY)
    expect(run.state).toBe('failed')
    expect(run.steps[0]?.error?.code).toBe('IF_ERR_RATE_LIMIT_EXCEEDED')
    expect(sentAt.a() + sentAt.b()).toBe(0)
  })

  it('is planned where nobody can act now, and does nothing then', async () => {
    const { studio, sentAt } = await openTwo()
    for (const instance of ['slack-a', 'slack-b']) await studio.fabric.freeze({ instance }, { why: 'drill' })

    const plan = await planAny(studio)
    expect(plan.steps[0]?.routed).toMatchObject({ alternatives: [{}], left: [] })
    const run = await studio.fabric.apply(plan)

    expect(run.steps[0]).toMatchObject({ state: 'failed', error: { code: 'IF_ERR_FROZEN' }, tried: [{}] })
    expect(sentAt.a() + sentAt.b()).toBe(0)
  })

  it('is refused where no instance has the operation or the tags', async () => {
    const { studio } = await openTwo()
    expect(await failureOf(planAny(studio, 'any:region=mars'))).toMatchObject({
      code: 'IF_ERR_NOT_FOUND',
      message: expect.stringContaining('any:region=mars'),
    })
    expect(
      await failureOf(studio.fabric.plan({ instance: 'any', operation: 'payment.get', input: { id: 'pi_1' } })),
    ).toMatchObject({ code: 'IF_ERR_NOT_FOUND', message: 'no instance has payment.get' })
  })

  it('is read at the next instance where the first one does not answer', async () => {
    const { studio } = await openTwo({ firstFaults: ['channel.list:429'] })
    const receipt = await studio.fabric.call({ instance: 'any', operation: 'channel.list', input: {} })
    expect(receipt).toMatchObject({ state: 'done', instance: 'slack-b' })
    expect(
      await failureOf(studio.fabric.call({ instance: 'any:region=mars', operation: 'channel.list', input: {} })),
    ).toMatchObject({ code: 'IF_ERR_NOT_FOUND' })
  })
})
