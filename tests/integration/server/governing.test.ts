// What people govern a home by, through a daemon: who may with which token, and that it holds in every process.
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { JsonObject } from '../../../src/foundation/index.ts'
import { buildChild, type ChildProgram } from '../child-process.ts'
import { openStudio, PERSON } from '../fabric/rig.ts'
import { afterwards, failureOf, holder, owner, serve } from './rig.ts'

const SEND = { instance: 'slack', operation: 'message.send', input: { to: '#general', text: 'hello' } }
const LIST = { instance: 'slack', operation: 'channel.list', input: {} }
const CHARGE = {
  instance: 'stripe',
  operation: 'payment.create',
  input: { amount: 2500, currency: 'GBP', source: 'pm_card_visa' },
}
const why = { why: 'drill' }
const GOVERNS = { actor: PERSON, scopes: ['read', 'approval:grant'] } as const
const AGENT = { actor: 'if://agent/worker' }

async function served(options: Parameters<typeof openStudio>[0] = {}) {
  const studio = await openStudio({ providers: ['slack'], ...options })
  const daemon = await serve(studio.home)
  return { studio, daemon, fabric: await owner(daemon, { actor: PERSON }) }
}

describe('the kill switch through a daemon', () => {
  it('is for persons whose token may decide, and for no agent', async () => {
    const { daemon, studio } = await served()
    const { fabric: person } = await holder(daemon, GOVERNS)
    const { fabric: plain } = await holder(daemon, { actor: PERSON })
    const { fabric: agent } = await holder(daemon, AGENT)

    for (const fabric of [agent, plain]) {
      expect(await failureOf(fabric.freeze({ all: true }, why))).toMatchObject({ code: 'IF_ERR_SCOPE_MISSING' })
      expect(await failureOf(fabric.thaw({ all: true }, why))).toMatchObject({ code: 'IF_ERR_SCOPE_MISSING' })
    }
    expect(await failureOf(holder(daemon, { ...AGENT, scopes: ['approval:grant'] }))).toMatchObject({
      exitCode: expect.any(Number),
    })

    expect(await person.freeze({ all: true }, why)).toMatchObject({ kind: 'all', actor: PERSON, why: 'drill' })
    expect(await failureOf(agent.call(LIST))).toMatchObject({ code: 'IF_ERR_FROZEN', exitCode: 3 })
    await expect.poll(() => studio.fabric.freezes()).toHaveLength(1)
    expect(await failureOf(studio.fabric.call(LIST))).toMatchObject({ code: 'IF_ERR_FROZEN' })
    await person.thaw({ all: true }, why)
    await expect(agent.call(LIST)).resolves.toMatchObject({ state: 'done' })
  })

  it('set by another process ends a call that waits for its next try, and stays when that process is killed', async () => {
    const { studio, fabric } = await served({ faults: ['channel.list:429;retry-after=20'] })
    const calls = [failureOf(fabric.call(LIST)), failureOf(studio.fabric.call(LIST))]
    const child = freezer.start(studio.home)
    afterwards(() => child.kill())
    expect(await child.line()).toBe('frozen')

    for (const call of calls) expect(await call).toMatchObject({ code: 'IF_ERR_FROZEN' })
    await child.kill()
    expect(await failureOf(fabric.call(LIST))).toMatchObject({ message: expect.stringContaining('the child says so') })
    expect((await fabric.apply(await fabric.plan(SEND))).steps[0]?.error?.code).toBe('IF_ERR_FROZEN')
    expect(studio.effectsAt('slack')).toEqual([])
    await fabric.thaw({ all: true }, why)
    expect((await fabric.apply(await fabric.plan({ ...SEND, input: { to: '#general', text: 'on' } }))).state).toBe(
      'done',
    )
  })

  let freezer: ChildProgram
  beforeAll(async () => {
    freezer = await buildChild(new URL('../fabric/freezer-child.ts', import.meta.url))
  })
  afterAll(() => freezer.remove())
})

describe('breakers through a daemon', () => {
  it('are reset by who may, with a reason', async () => {
    const { daemon, fabric } = await served({
      faults: ['channel.list:503'],
      config: 'version: 1\nbreaker: {failures: 1, open: 1h}\n',
    })
    const { fabric: agent } = await holder(daemon, AGENT)
    await failureOf(agent.call(LIST))
    expect(await failureOf(agent.call(LIST))).toMatchObject({ code: 'IF_ERR_BREAKER_OPEN', exitCode: 3 })
    expect(await fabric.breakers()).toMatchObject([{ kind: 'instance', name: 'slack', state: 'open' }])

    expect(await failureOf(agent.resetBreaker('instance', 'slack', why))).toMatchObject({
      code: 'IF_ERR_SCOPE_MISSING',
    })
    const { fabric: person } = await holder(daemon, GOVERNS)
    expect(await failureOf(person.resetBreaker('instance', 'slack', { why: ' ' }))).toMatchObject({
      code: 'IF_ERR_INVALID_INPUT',
    })
    await person.resetBreaker('instance', 'slack', why)
    expect(await fabric.breakers()).toEqual([])
    expect(await failureOf(person.resetBreaker('instance', 'slack', why))).toMatchObject({ code: 'IF_ERR_NOT_FOUND' })
  })
})

describe('swarms through a daemon', () => {
  it('register themselves with a token of theirs, and nobody else', async () => {
    const { daemon, fabric } = await served({ providers: [] })
    const { fabric: phones } = await holder(daemon, { actor: 'if://agent/p', swarms: ['phones'] })
    const profile = { swarm: 'phones', capabilities: ['integration:sip'], costPerHourUsd: 0.5 }

    expect(await phones.registerSwarm(profile)).toMatchObject({ swarm: 'phones', registeredBy: 'if://agent/p' })
    expect(await failureOf(phones.registerSwarm({ ...profile, swarm: 'desk' }))).toMatchObject({
      code: 'IF_ERR_SCOPE_MISSING',
    })
    expect(await failureOf(phones.registerSwarm({ ...profile, costPerHourUsd: Number.NaN }))).toMatchObject({
      code: 'IF_ERR_INVALID_INPUT',
    })
    expect(await failureOf(phones.removeSwarm('phones'))).toMatchObject({ code: 'IF_ERR_SCOPE_MISSING' })
    expect((await fabric.findHelp({ needs: ['integration:sip'], hours: 2 })).assignee).toMatchObject({
      swarm: 'phones',
    })
    expect(await fabric.removeSwarm('phones')).toMatchObject({ swarm: 'phones' })
    expect(await fabric.swarmProfiles()).toEqual([])
  })
})

describe('policies through a daemon', () => {
  const text = '@id("quiet") forbid (principal, action == Action::"message.send", resource);\n'

  it('are tried on the past and on an intent before they hold, and hold within a second when written', async () => {
    const { studio, daemon, fabric } = await served()
    const { fabric: agent } = await holder(daemon, AGENT)
    await agent.apply(await agent.plan(SEND))

    const report = await agent.whatIfPolicy({ name: 'x.cedar', text })
    expect(report.flips).toMatchObject([
      { actor: 'if://agent/worker', operation: 'message.send', before: 'allow', after: 'deny' },
    ])
    expect(await failureOf(agent.whatIfPolicy({ name: 'x.cedar', text: 'forbid (' }))).toMatchObject({
      code: 'IF_ERR_INVALID_FILE',
      message: expect.stringContaining('policies/x.cedar:1'),
    })
    for (const name of ['x', 'x.yaml', '../x.cedar'])
      expect(await failureOf(agent.whatIfPolicy({ name, text }))).toMatchObject({ code: 'IF_ERR_INVALID_INPUT' })
    expect((await agent.explainIntent(SEND)).verdict.decision).toBe('allow')

    mkdirSync(join(studio.home, 'policies'), { recursive: true })
    writeFileSync(join(studio.home, 'policies', 'x.cedar'), text)
    await expect.poll(async () => (await agent.explainIntent(SEND)).verdict.decision, { timeout: 5_000 }).toBe('deny')
    expect((await agent.explainIntent(SEND)).policies).toContainEqual(expect.objectContaining({ rule: 'quiet' }))
    expect((await fabric.policies()).policies).toContainEqual(
      expect.objectContaining({ rule: 'quiet', file: 'policies/x.cedar', line: 1 }),
    )
  })
})

describe('approvals through a daemon', () => {
  it('that an agent, or a person without the scope, tries to give are refused and on record', async () => {
    const { daemon, fabric } = await served({ providers: ['stripe'] })
    const { fabric: agent } = await holder(daemon, AGENT)
    const { fabric: plain } = await holder(daemon, { actor: 'if://person/ben' })
    const plan = await agent.plan(CHARGE)
    await failureOf(agent.apply(plan))
    for (const who of [agent, plain])
      expect(await failureOf(who.decideApproval(plan.digest, 'grant', {}))).toMatchObject({
        code: 'IF_ERR_SCOPE_MISSING',
      })

    expect((await fabric.approval(plan.digest)).state).toBe('waiting')
    const refused: JsonObject[] = []
    for await (const entry of fabric.witnessEntries()) if (entry.kind === 'approval.refused') refused.push(entry)
    expect(refused).toMatchObject([
      { actor: 'if://agent/worker', plan: plan.digest, detail: { code: 'IF_ERR_SCOPE_MISSING' } },
      { actor: 'if://person/ben', plan: plan.digest, detail: { code: 'IF_ERR_SCOPE_MISSING' } },
    ])
  })
})
