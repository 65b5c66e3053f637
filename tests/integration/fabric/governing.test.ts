import { describe, expect, it } from 'vitest'
import { afterwards, failureOf, openStudio, YES } from './rig.ts'

const hello = { instance: 'slack', operation: 'message.send', input: { to: '#general', text: 'hello' } }
const why = { why: 'drill' }

describe('the kill switch', () => {
  it('keeps everything inside, reads too, in another fabric of the home, until it is thawed', async () => {
    const studio = await openStudio({ providers: ['slack', 'stripe'] })
    const other = await studio.open({ actor: 'if://agent/worker' })
    await studio.fabric.freeze({ all: true }, why)

    await expect.poll(() => other.freezes()).toHaveLength(1)
    const plan = await other.plan(hello)
    const run = await other.apply(plan)
    expect(run.steps[0]).toMatchObject({ state: 'failed', error: { code: 'IF_ERR_FROZEN' } })
    expect(run.steps[0]?.error?.message).toContain('drill')
    expect(await failureOf(other.call({ instance: 'stripe', operation: 'balance.get', input: {} }))).toMatchObject({
      code: 'IF_ERR_FROZEN',
      exitCode: 3,
    })
    expect(studio.effectsAt('slack')).toEqual([])

    await studio.fabric.thaw({ all: true }, why)
    await expect.poll(() => other.freezes()).toHaveLength(0)
    expect((await other.resume(run.id)).state).toBe('done')
    expect(studio.effectsAt('slack')).toEqual(['message.send'])
  })

  it('stops one instance and leaves the others', async () => {
    const studio = await openStudio({ providers: ['slack', 'stripe'] })
    await studio.fabric.freeze({ instance: 'slack' }, why)
    expect((await studio.fabric.apply(await studio.fabric.plan(hello))).state).toBe('failed')
    await expect(
      studio.fabric.call({ instance: 'stripe', operation: 'balance.get', input: {} }),
    ).resolves.toMatchObject({ state: 'done' })
  })

  it('stops a swarm, and is no tool of agents', async () => {
    const studio = await openStudio({ providers: ['slack'] })
    const swarm = await studio.open({ actor: 'if://swarm/desk' })
    expect(await failureOf(swarm.freeze({ all: true }, why))).toMatchObject({ code: 'IF_ERR_APPROVAL_FORBIDDEN' })
    await studio.fabric.freeze({ swarm: 'desk' }, why)
    await expect.poll(() => swarm.freezes()).toHaveLength(1)
    expect((await swarm.apply(await swarm.plan(hello))).steps[0]?.error?.code).toBe('IF_ERR_FROZEN')
    expect((await studio.fabric.apply(await studio.fabric.plan(hello))).state).toBe('done')
  })
})

describe('circuit breakers', () => {
  it('open after failures in a row and are reset by a person, who says why', async () => {
    const studio = await openStudio({
      providers: ['slack'],
      faults: ['channel.list:503'],
      config: 'version: 1\nbreaker: {failures: 2, open: 1h}\n',
    })
    const { fabric } = studio
    const read = () => fabric.call({ instance: 'slack', operation: 'channel.list', input: {} })
    for (let times = 0; times < 2; times++)
      expect(await failureOf(read())).toMatchObject({ code: 'IF_ERR_PROVIDER_UNAVAILABLE' })
    expect(await failureOf(read())).toMatchObject({ code: 'IF_ERR_BREAKER_OPEN', exitCode: 3 })
    expect(await fabric.breakers()).toMatchObject([{ kind: 'instance', name: 'slack', state: 'open', failures: 2 }])

    await fabric.resetBreaker('instance', 'slack', { why: 'the vendor says that it is back' })
    await studio.serve([])
    await expect(fabric.call({ instance: 'slack', operation: 'channel.list', input: {} })).resolves.toMatchObject({
      state: 'done',
    })
    const entries: unknown[] = []
    for await (const entry of fabric.witnessEntries()) entries.push(entry)
    expect(entries).toContainEqual(
      expect.objectContaining({ kind: 'breaker.reset', why: 'the vendor says that it is back' }),
    )
  })
})

describe('the budget of a swarm', () => {
  it('stops the swarm once it is used up, until a person gives it a new one', async () => {
    const config = 'version: 1\npolicy: {effects: {charge: allow}}\n'
    const studio = await openStudio({ providers: ['stripe'], config })
    const { fabric } = studio
    const swarm = await studio.open({ actor: 'if://swarm/desk' })
    const profile = { swarm: 'desk', capabilities: ['payment:create'], costPerHourUsd: 0 }
    const pay = async (reference: string) => {
      const input = { amount: 2500, currency: 'GBP', source: 'pm_card_visa', reference }
      const run = await swarm.apply(await swarm.plan({ instance: 'stripe', operation: 'payment.create', input }))
      return run.steps[0]?.error?.code ?? run.state
    }
    const ownBudget = async () => (await fabric.budgets()).find(({ name }) => name.includes('[swarm=desk]'))
    await fabric.registerSwarm({ ...profile, budgetUsd: 2 })
    await expect.poll(() => swarm.swarmProfiles()).toHaveLength(1)

    expect(await pay('one')).toBe('done')
    const spent = (await ownBudget())?.settledUsd ?? 0
    expect(spent).toBeGreaterThan(0)
    expect((await swarm.money()).leftUsd).toBeCloseTo(2 - spent, 6)

    await fabric.registerSwarm({ ...profile, budgetUsd: spent })
    await expect.poll(async () => (await swarm.money()).mode).toBe('stop')
    expect(await pay('two')).toBe('IF_ERR_BUDGET_EXCEEDED')
    expect(await pay('three')).toBe('IF_ERR_BREAKER_OPEN')
    expect(await fabric.breakers()).toMatchObject([{ kind: 'swarm', name: 'desk', state: 'open', cause: 'budget' }])

    await expect(failureOf(fabric.resetBreaker('swarm', 'desk', why))).resolves.toMatchObject({
      code: 'IF_ERR_INVALID_INPUT',
    })
    await fabric.resetBreaker('swarm', 'desk', { why: 'the month is going well', budgetUsd: 5 })
    expect((await ownBudget())?.limitUsd).toBeCloseTo(spent + 5, 6)
    await expect.poll(() => swarm.breakers()).toEqual([])
    await expect.poll(async () => (await swarm.money()).mode).toBe('normal')
    expect(await pay('four')).toBe('done')
    expect(studio.effectsAt('stripe')).toHaveLength(2)
  })
})

describe('a session that has read what is private and what strangers wrote', () => {
  /** Slack lists by id only. */
  const read = { instance: 'slack', operation: 'message.list', input: { to: 'C0TWIN00001' } }
  const out = { instance: 'slack', operation: 'message.send', input: { to: '#random', text: 'what I read' } }

  it('asks before it carries something out, answers where it read, and is cleared by a person', async () => {
    const studio = await openStudio({ providers: ['slack', 'stripe'] })
    const agent = await studio.open({ actor: 'if://agent/reader', session: 'reading' })
    expect((await agent.plan(out)).verdict.decision).toBe('allow')
    await agent.call(read)

    const asked = await agent.plan(out)
    expect(asked.verdict).toMatchObject({ decision: 'ask', reasons: [{ rule: 'three-legs' }] })
    expect(await failureOf(agent.apply(asked))).toMatchObject({ code: 'IF_ERR_APPROVAL_REQUIRED' })
    const answer = await agent.plan({ ...hello, input: { to: 'C0TWIN00001', text: 'thank you' } })
    expect(answer.verdict.decision).toBe('allow')
    expect(await agent.touched()).toMatchObject({ private: [{ operation: 'message.list' }] })

    expect(await failureOf(agent.clearTouched({ session: 'reading' }, why))).toMatchObject({
      code: 'IF_ERR_APPROVAL_FORBIDDEN',
    })
    await studio.fabric.clearTouched({ session: 'reading' }, { why: 'I have looked at what it read' })
    expect((await agent.plan(out)).verdict.decision).toBe('allow')
  })

  it('asks when a playbook is planned that reads first and sends then', async () => {
    const studio = await openStudio({ providers: ['slack', 'stripe'] })
    const file = studio.playbook(`version: 1
name: leak
steps:
  read: { use: slack message.list, with: { to: "#general" } }
  out: { use: slack message.send, with: { to: "#random", text: what I read }, after: [read] }
`)
    expect((await studio.fabric.planPlaybook(file, {})).verdict).toMatchObject({
      decision: 'ask',
      reasons: [{ rule: 'three-legs', step: 'out' }],
    })
  })
})

describe('waiting for an approval', () => {
  it('goes on when somebody grants it', async () => {
    const studio = await openStudio({ providers: ['stripe'] })
    const agent = await studio.open({ actor: 'if://agent/refunds' })
    const plan = await agent.plan({
      instance: 'stripe',
      operation: 'payment.create',
      input: { amount: 2500, currency: 'GBP', source: 'pm_card_visa' },
    })
    const waiting = new Promise<void>((resolve) => {
      afterwards(() => resolve())
      void agent
        .apply(plan, { waitForApproval: true, onEvent: (event) => event.type === 'approval.wait' && resolve() })
        .then((run) => results.push(run.state))
    })
    const results: string[] = []
    await waiting
    expect(studio.effectsAt('stripe')).toEqual([])
    await studio.fabric.decideApproval(plan.digest, 'grant', { why: 'phoned' })
    await expect.poll(() => results).toEqual(['done'])
    expect(studio.effectsAt('stripe')).toEqual(['payment.create'])
  })

  it('ends with exit 9 when its time is up', async () => {
    const studio = await openStudio({ providers: ['stripe'] })
    const agent = await studio.open({ actor: 'if://agent/refunds' })
    const plan = await agent.plan({
      instance: 'stripe',
      operation: 'payment.create',
      input: { amount: 2500, currency: 'GBP', source: 'pm_card_visa' },
    })
    expect(await failureOf(agent.apply(plan, { waitForApproval: { timeoutMs: 50 } }))).toMatchObject({
      code: 'IF_ERR_APPROVAL_REQUIRED',
      exitCode: 9,
    })
    expect((await studio.fabric.apply(plan, YES).catch((thrown) => thrown.code)) as unknown).toBe('IF_ERR_PLAN_MOVED')
  })
})
