// Policies in files, approvals and loops, as they decide over real plans: what a change, a broken file or a forged yes does.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Fabric, Intent } from '../../../src/fabric/index.ts'
import type { FabricError, JsonObject } from '../../../src/foundation/index.ts'
import type { Plan } from '../../../src/runs/index.ts'
import { changeRecord, failureOf, openStudio, PERSON, YES } from './rig.ts'

const SEND = { instance: 'slack', operation: 'message.send', input: { to: '#general', text: 'hello' } }
const CHARGE = {
  instance: 'stripe',
  operation: 'payment.create',
  input: { amount: 2500, currency: 'GBP', source: 'pm_card_visa' },
}
const NO_SENDING =
  '@id("quiet")\n@text("nobody speaks")\nforbid (principal, action == Action::"message.send", resource);\n'
const [BEN, CAT] = ['if://person/ben', 'if://person/cat']

function write(home: string, name: string, text: string): void {
  mkdirSync(join(home, 'policies'), { recursive: true })
  writeFileSync(join(home, 'policies', name), text)
}

const decisionOn = async (fabric: Fabric, intent: Intent = SEND) =>
  (await fabric.explainIntent(intent)).verdict.decision

async function entriesOf(fabric: Fabric, kind: string): Promise<JsonObject[]> {
  const found: JsonObject[] = []
  for await (const entry of fabric.witnessEntries()) if (entry.kind === kind) found.push(entry)
  return found
}

/** A home whose policies stand before it is opened. */
const withPolicy = async (text: string, options: Parameters<typeof openStudio>[0] = {}) => {
  const studio = await openStudio(options)
  write(studio.home, 'x.cedar', text)
  return { studio, fabric: await studio.open() }
}

describe('a policy file', () => {
  it('takes effect within a second in a fabric that is open, refuses with its file and line, and is undone by its removal', async () => {
    const studio = await openStudio({ providers: ['slack'] })
    const { fabric } = studio
    const plan = await fabric.plan(SEND)
    expect(plan.verdict.decision).toBe('allow')

    write(studio.home, 'x.cedar', NO_SENDING)
    await expect.poll(() => decisionOn(fabric), { timeout: 5_000 }).toBe('deny')
    expect(await failureOf(fabric.apply(plan))).toMatchObject({
      code: 'IF_ERR_PLAN_MOVED',
      exitCode: 6,
    })
    const denied = await fabric.plan(SEND)
    expect(denied.verdict).toMatchObject({
      decision: 'deny',
      reasons: [{ rule: 'quiet', text: 'nobody speaks', file: 'policies/x.cedar', line: expect.any(Number) }],
    })
    expect(await failureOf(fabric.apply(denied, YES))).toMatchObject({ code: 'IF_ERR_POLICY_DENIED', exitCode: 3 })
    expect(studio.effectsAt('slack')).toEqual([])

    rmSync(join(studio.home, 'policies', 'x.cedar'))
    await expect.poll(() => decisionOn(fabric), { timeout: 5_000 }).toBe('allow')
  })

  it('that is broken leaves the last good one in force and is shown as a fault, until it is put right', async () => {
    const { studio, fabric } = await withPolicy(NO_SENDING, { providers: ['slack'] })
    expect(await decisionOn(fabric)).toBe('deny')

    write(studio.home, 'x.cedar', 'permit (principal, action, resource) when { nonsense')
    await expect
      .poll(async () => (await fabric.policies()).fault?.message, { timeout: 5_000 })
      .toContain('policies/x.cedar')
    expect(await decisionOn(fabric)).toBe('deny')
    expect((await fabric.policies()).policies.map(({ rule }) => rule)).toContain('quiet')
    expect(
      (await fabric.doctor())
        .filter(({ ok }) => !ok)
        .map(({ text }) => text)
        .join(),
    ).toContain('x.cedar')

    write(studio.home, 'x.cedar', '// nothing any more\n')
    await expect.poll(async () => (await fabric.policies()).fault, { timeout: 5_000 }).toBeNull()
    expect(await decisionOn(fabric)).toBe('allow')
  })

  it('that is broken from the start denies everything, reads too, and misspelt operations name file and line', async () => {
    const { studio, fabric } = await withPolicy(
      'forbid (\n  principal,\n  action == Action::"mesage.send",\n  resource\n);\n',
      { providers: ['slack'] },
    )
    const fault = (await fabric.policies()).fault
    expect(fault?.message).toMatch(/policies\/x\.cedar:\d+/)
    expect(`${fault?.message} ${fault?.hint}`).toContain('message.send')
    expect((await fabric.plan(SEND)).verdict).toMatchObject({ decision: 'deny', reasons: [{ rule: 'policy/broken' }] })
    expect(await failureOf(fabric.call({ instance: 'slack', operation: 'channel.list', input: {} }))).toMatchObject({
      code: 'IF_ERR_POLICY_DENIED',
      exitCode: 3,
    })

    write(studio.home, 'x.cedar', '// put right\n')
    await expect.poll(() => decisionOn(fabric), { timeout: 5_000 }).toBe('allow')
  })

  it('that permits lifts what is asked by default, and nothing that another one forbids', async () => {
    const permit = 'permit (principal == Person::"ana", action == Action::"payment.create", resource);\n'
    const { studio, fabric } = await withPolicy(permit, { providers: ['stripe'] })
    expect(await decisionOn(fabric, CHARGE)).toBe('allow')
    expect(await decisionOn(await studio.open({ actor: 'if://agent/a' }), CHARGE)).toBe('ask')
    expect((await fabric.apply(await fabric.plan(CHARGE))).state).toBe('done')

    const cap =
      '@id("cap") forbid (principal, action in Action::"charge", resource) when { context has amount && context.amount > 1000 };\n'
    write(studio.home, 'y.cedar', cap)
    await expect.poll(() => decisionOn(fabric, CHARGE), { timeout: 5_000 }).toBe('deny')
    // A refund whose currency goes without saying has an amount all the same.
    const refund = { instance: 'stripe', operation: 'refund.create', input: { payment: 'pi_3Nx', amount: 5_000 } }
    expect(await decisionOn(fabric, refund)).toBe('deny')
  })

  it('that asks for people of a group that nobody has named is refused when it is loaded', async () => {
    const { fabric } = await withPolicy(
      '@ask("2 of finanse") forbid (principal, action == Action::"payment.create", resource);\n',
      {
        providers: ['stripe'],
        config: 'version: 1\napproverGroups: { finance: [if://person/ben, if://person/cat] }\n',
      },
    )
    const fault = (await fabric.policies()).fault
    expect(fault?.message).toMatch(/policies\/x\.cedar:\d+/)
    expect(`${fault?.message} ${fault?.hint}`).toContain('finance')
    expect(await decisionOn(fabric, CHARGE)).toBe('deny')
  })
})

describe('an approval', () => {
  const two = () =>
    withPolicy('@id("big") @ask("2 of finance") forbid (principal, action == Action::"payment.create", resource);\n', {
      providers: ['stripe'],
      config: 'version: 1\napproverGroups: { finance: [if://person/ana, if://person/ben, if://person/cat] }\n',
    })

  it('of two people is not given by one, nor by who asks', async () => {
    const { studio, fabric } = await two()
    const plan = await fabric.plan(CHARGE)
    expect(await failureOf(fabric.apply(plan, YES))).toMatchObject({ code: 'IF_ERR_APPROVAL_FORBIDDEN' })
    expect(await failureOf(fabric.apply(plan))).toMatchObject({ code: 'IF_ERR_APPROVAL_REQUIRED' })
    const [ben, cat] = [await studio.open({ actor: BEN }), await studio.open({ actor: CAT })]

    expect(await ben.decideApproval(plan.digest, 'grant', {})).toMatchObject({
      state: 'waiting',
      needs: [{ of: 'finance', count: 2 }],
      yes: [{ by: BEN }],
    })
    expect(await failureOf(ben.decideApproval(plan.digest, 'grant', {}))).toMatchObject({ code: 'IF_ERR_CONFLICT' })
    expect(await failureOf(fabric.apply(plan))).toMatchObject({ code: 'IF_ERR_APPROVAL_REQUIRED' })
    expect((await cat.decideApproval(plan.digest, 'grant', {})).state).toBe('granted')
    expect((await fabric.apply(plan)).state).toBe('done')
    expect((await entriesOf(fabric, 'approval.refused')).map(({ actor }) => actor)).toEqual([PERSON, BEN])
  })

  it('is used once: the same plan made again asks again, and the attempt is on record', async () => {
    const studio = await openStudio({ providers: ['stripe'] })
    const { fabric } = studio
    const agent = await studio.open({ actor: 'if://agent/refunds', session: 'shift' })
    const plan = await agent.plan(CHARGE)
    await failureOf(agent.apply(plan))
    await fabric.decideApproval(plan.digest, 'grant', { why: 'once' })
    expect((await agent.apply(plan)).state).toBe('done')

    const again = await agent.plan(CHARGE)
    expect(again.digest).toBe(plan.digest)
    expect(await failureOf(agent.apply(again))).toMatchObject({ code: 'IF_ERR_APPROVAL_REQUIRED' })
    expect(await entriesOf(fabric, 'approval.refused')).toMatchObject([
      { actor: 'if://agent/refunds', session: 'shift', plan: plan.digest, detail: { code: 'IF_ERR_CONFLICT' } },
    ])
    expect(studio.effectsAt('stripe')).toEqual(['payment.create'])
  })

  it('is used once, also by two that apply the same plan in the same moment', async () => {
    const studio = await openStudio({ providers: ['stripe'] })
    const agents = [await studio.open({ actor: 'if://agent/a' }), await studio.open({ actor: 'if://agent/a' })]
    const plans = await Promise.all(agents.map((agent) => agent.plan(CHARGE)))
    const [plan] = plans
    await Promise.all(agents.map((agent, at) => failureOf(agent.apply(plans[at] as Plan))))
    await studio.fabric.decideApproval(plan?.digest ?? '', 'grant', {})
    const ends = await Promise.all(
      agents.map((agent, at) =>
        agent.apply(plans[at] as Plan).then(
          ({ state }) => state as string,
          (thrown: FabricError) => thrown.code,
        ),
      ),
    )

    expect(ends.sort()).toEqual(['IF_ERR_APPROVAL_REQUIRED', 'done'])
    expect(studio.effectsAt('stripe')).toEqual(['payment.create'])
  })

  it('that is forged, for another plan, or too late is refused and on record', async () => {
    const studio = await openStudio({ providers: ['stripe'] })
    const { fabric } = studio
    const agent = await studio.open({ actor: 'if://agent/refunds' })
    const plan = await agent.plan(CHARGE)
    await failureOf(agent.apply(plan))

    expect(await failureOf(agent.decideApproval(plan.digest, 'grant', {}))).toMatchObject({
      code: 'IF_ERR_APPROVAL_FORBIDDEN',
      exitCode: 3,
    })
    expect(await failureOf(agent.apply(plan, YES))).toMatchObject({ code: 'IF_ERR_APPROVAL_FORBIDDEN' })
    expect(await failureOf(fabric.decideApproval('f'.repeat(64), 'grant', {}))).toMatchObject({
      code: 'IF_ERR_NOT_FOUND',
    })
    const other = await agent.plan({ ...CHARGE, input: { ...CHARGE.input, amount: 9_900 } })
    await fabric.decideApproval(plan.digest, 'grant', {})
    expect(await failureOf(agent.apply(other))).toMatchObject({ code: 'IF_ERR_APPROVAL_REQUIRED' })

    const expired = '2020-01-01T00:00:00.000Z'
    await changeRecord<JsonObject>(studio.home, `approval/${plan.digest}`, (record) => ({
      ...record,
      expiresAt: expired,
    }))
    expect(await failureOf(agent.apply(plan))).toMatchObject({ code: 'IF_ERR_APPROVAL_REQUIRED' })
    const codes = (await entriesOf(fabric, 'approval.refused')).map(({ detail }) => (detail as JsonObject).code)
    expect(codes).toEqual(
      expect.arrayContaining(['IF_ERR_APPROVAL_FORBIDDEN', 'IF_ERR_NOT_FOUND', 'IF_ERR_PLAN_EXPIRED']),
    )
    expect(codes.filter((code) => code === 'IF_ERR_APPROVAL_FORBIDDEN')).toHaveLength(2)
    expect(studio.effectsAt('stripe')).toEqual([])
  })

  it('does not cover a rule that came after it', async () => {
    const studio = await openStudio({ providers: ['stripe'] })
    const { fabric } = studio
    const plan = await fabric.plan(CHARGE)
    await failureOf(fabric.apply(plan))
    await fabric.decideApproval(plan.digest, 'grant', {})
    write(studio.home, 'x.cedar', 'forbid (principal, action == Action::"payment.create", resource);\n')
    await expect.poll(() => decisionOn(fabric, CHARGE), { timeout: 5_000 }).toBe('deny')

    expect(await failureOf(fabric.apply(plan))).toMatchObject({ code: 'IF_ERR_PLAN_MOVED' })
    expect(studio.effectsAt('stripe')).toEqual([])
  })

  it('of one person does not stand for a rule that asks for two since', async () => {
    const studio = await openStudio({
      providers: ['stripe'],
      config: 'version: 1\napproverGroups: { finance: [if://person/ben, if://person/cat] }\n',
    })
    const { fabric } = studio
    const plan = await fabric.plan(CHARGE)
    await failureOf(fabric.apply(plan))
    await fabric.decideApproval(plan.digest, 'grant', {})
    write(
      studio.home,
      'x.cedar',
      '@id("two") @ask("2 of finance") forbid (principal, action == Action::"payment.create", resource);\n',
    )
    await expect
      .poll(async () => (await fabric.explainIntent(CHARGE)).verdict.reasons.map(({ rule }) => rule), {
        timeout: 5_000,
      })
      .toContain('two')

    expect(await failureOf(fabric.apply(plan))).toMatchObject({ code: 'IF_ERR_PLAN_MOVED' })
    expect(studio.effectsAt('stripe')).toEqual([])
  })
})

describe('a loop', () => {
  it('asks when a session applies the same plan the fifth time within ten minutes, and no other session', async () => {
    const studio = await openStudio({ providers: ['slack'] })
    const agent = await studio.open({ actor: 'if://agent/eager', session: 'loop' })
    for (let time = 1; time <= 4; time++) expect((await agent.apply(await agent.plan(SEND))).state).toBe('done')

    const fifth = await agent.plan(SEND)
    const error = await failureOf(agent.apply(fifth))
    expect(error).toMatchObject({ code: 'IF_ERR_APPROVAL_REQUIRED', exitCode: 9 })
    expect(error.details.reasons).toMatchObject([{ rule: 'default/loop' }])
    expect((await agent.apply(await agent.plan({ ...SEND, input: { to: '#general', text: 'other' } }))).state).toBe(
      'done',
    )
    const other = await studio.open({ actor: 'if://agent/eager', session: 'calm' })
    expect((await other.apply(await other.plan(SEND))).state).toBe('done')

    await studio.fabric.decideApproval(fifth.digest, 'grant', { why: 'it is meant' })
    expect((await agent.apply(fifth)).state).toBe('done')
    expect(studio.effectsAt('slack')).toHaveLength(7)
  })
})

describe('bad input', () => {
  it('of a swarm profile is refused by name and on record', async () => {
    const { fabric } = await openStudio({ providers: [] })
    const profile = { swarm: 'desk', capabilities: ['integration:sip'], costPerHourUsd: 1 }
    for (const wrong of [
      { costPerHourUsd: Number.NaN },
      { costPerHourUsd: -1 },
      { costPerHourUsd: Number.POSITIVE_INFINITY },
      { budgetUsd: -5 },
      { reputation: 1.5 },
      { capabilities: ['integrationsip'] },
      { capabilities: [] },
    ])
      expect(await failureOf(fabric.registerSwarm({ ...profile, ...wrong }))).toMatchObject({
        code: 'IF_ERR_INVALID_INPUT',
        message: expect.stringContaining(Object.keys(wrong)[0] ?? ''),
      })
    expect(await fabric.swarmProfiles()).toEqual([])
    expect((await entriesOf(fabric, 'governor.register')).map(({ outcome }) => outcome)).toEqual(
      Array(7).fill('refused'),
    )
  })

  it('of a search for help is refused, and a typo is told what may be meant', async () => {
    const { fabric } = await openStudio({ providers: [] })
    await fabric.registerSwarm({ swarm: 'phones', capabilities: ['integration:sip'], costPerHourUsd: 1 })
    for (const wrong of [
      { hours: Number.NaN },
      { hours: -1 },
      { maxCostUsd: Number.NaN },
      { maxCostUsd: -1 },
      { needs: [] },
    ])
      expect(await failureOf(fabric.findHelp({ needs: ['integration:sip'], ...wrong }))).toMatchObject({
        code: 'IF_ERR_INVALID_INPUT',
      })
    expect(JSON.stringify(await fabric.findHelp({ needs: ['integration:spi'] }))).toContain('integration:sip')
  })

  it('of a reset, a freeze or a snooze is refused', async () => {
    const { fabric } = await openStudio({ providers: [] })
    for (const budgetUsd of [Number.NaN, -1])
      expect(await failureOf(fabric.resetBreaker('swarm', 'desk', { why: 'x', budgetUsd }))).toMatchObject({
        code: 'IF_ERR_INVALID_INPUT',
      })
    expect(await failureOf(fabric.freeze({ swarm: 'a b' }, { why: 'x' }))).toMatchObject({
      code: 'IF_ERR_INVALID_INPUT',
    })
    expect(await failureOf(fabric.freeze({ all: true }, { why: ' ' }))).toMatchObject({ code: 'IF_ERR_INVALID_INPUT' })
    expect(await failureOf(fabric.snoozeEscalation('nothing', { until: 'soon' }))).toMatchObject({
      code: 'IF_ERR_INVALID_INPUT',
    })
  })

  it('of the config opens nothing', async () => {
    for (const [row, word] of [
      ['{ name: a, kind: outflow, limit: 5 XQZ }', 'XQZ'],
      ['{ name: a, limit: 5 EUR }', 'USD'],
      ['{ name: a, limit: -5 USD }', 'limit'],
      ['{ name: a, limit: NaN USD }', 'limit'],
      ['{ name: a, limit: 5 USD, each: [sesion] }', 'each'],
      ['{ name: a, limit: 5 USD, timeZone: Europe/Lundon }', 'timeZone'],
      ['{ name: a, limit: 5.001 GBP, kind: outflow }', '5.001'],
    ])
      expect(
        await failureOf(openStudio({ providers: [], config: `version: 1\nbudgets:\n  - ${row}\n` })),
      ).toMatchObject({
        code: 'IF_ERR_INVALID_FILE',
        message: expect.stringMatching(new RegExp(`config\\.yaml:3.*${word}`)),
      })
  })

  it('of `any:` is refused with how it is written', async () => {
    const { fabric } = await openStudio({ providers: ['slack'] })
    for (const instance of ['any:', 'any:env', 'any:=x', 'any:env=a,,', 'any:env=a,env=b'])
      expect(await failureOf(fabric.plan({ ...SEND, instance }))).toMatchObject({
        code: 'IF_ERR_INVALID_INPUT',
        hint: expect.stringContaining('any:env=production'),
      })
    expect(await failureOf(fabric.plan({ ...SEND, instance: 'any:env=' }))).toMatchObject({ code: 'IF_ERR_NOT_FOUND' })
  })
})
