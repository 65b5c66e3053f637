// The pre-mortem: each assumption of a plan refuted once, and nothing performed.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Finding, Intent } from '../../../src/fabric/index.ts'
import { ONE_TRY, openStudio, type Studio, YES } from './rig.ts'

const PAY: Intent = {
  instance: 'stripe',
  operation: 'payment.create',
  input: { amount: 2500, currency: 'GBP', source: 'pm_card_visa' },
}

const falsify = async (studio: Studio, intent: Intent = PAY): Promise<Finding[]> =>
  studio.fabric.falsify(await studio.fabric.plan(intent))

const refutedIn = (findings: Finding[]) =>
  findings.filter((finding) => !finding.holds).map((finding) => finding.assumption)

/** Calls to this instance give up before the first wait of the backoff. */
function shorten({ home }: Studio, instance: string): void {
  const path = join(home, 'providers', `${instance}.yaml`)
  writeFileSync(path, readFileSync(path, 'utf8').replace(/timeout: .*/, 'timeout: 500ms'))
}

describe('a plan whose assumptions hold', () => {
  it('is not refuted, and nothing is performed', async () => {
    const studio = await openStudio({
      providers: ['stripe'],
      config: 'version: 1\nbudgets: [{name: calls, limit: 5 USD}]\n',
    })

    const findings = await falsify(studio)

    expect(refutedIn(findings)).toEqual([])
    expect(findings.map((finding) => finding.assumption)).toEqual([
      'schema',
      'policy',
      'budget',
      'breaker',
      'credential',
      'reachable',
      'accepted',
    ])
    expect(studio.effectsAt('stripe')).toEqual([])
    expect(await studio.fabric.runs()).toEqual([])
    expect((await studio.fabric.budgets())[0]).toMatchObject({ heldUsd: 0 })
  })

  it('needs results that are there', async () => {
    const studio = await openStudio({ providers: ['slack'] })
    const say = (id: string, text: string, more = '') =>
      `  ${id}: {use: slack message.send, with: {to: "#studio", text: "${text}"}${more}}\n`
    const text = `version: 1\nname: a\nsteps:\n${say('a', 'x', ', when: "true"')}${say('b', 'y')}${say('c', '${steps.a.result.id}')}${say('d', '${steps.b.result.id}')}`

    const findings = await studio.fabric.falsify(await studio.fabric.planPlaybook(studio.playbook(text), {}))

    expect(
      findings.filter((finding) => finding.assumption === 'references').map(({ step, holds }) => [step, holds]),
    ).toEqual([
      ['c', false],
      ['d', true],
    ])
  })
})

describe('refuted is', () => {
  it('a credential that is not there', async () => {
    const studio = await openStudio({ providers: ['stripe'] })
    await studio.fabric.setSecret('stripe', 'STRIPE_SECRET_KEY', { kind: 'env', variable: 'NOT_SET' })

    const findings = await falsify(studio)

    expect(refutedIn(findings)).toEqual(['credential'])
    expect(findings.find((finding) => !finding.holds)).toMatchObject({ instance: 'stripe', next: expect.any(String) })
  })

  it('a credential that the provider refuses', async () => {
    const studio = await openStudio({ providers: ['stripe'] })
    await studio.fabric.setSecret('stripe', 'STRIPE_SECRET_KEY', {
      kind: 'value',
      value: `sk_test_${'Canary'.repeat(3)}`,
    })

    const findings = await falsify(studio)

    expect(refutedIn(findings)).toEqual(['accepted'])
    expect(JSON.stringify(findings)).not.toContain('Canary')
  })

  it('a host that does not answer', async () => {
    const studio = await openStudio({ providers: ['stripe'] })
    const plan = await studio.fabric.plan(PAY)
    shorten(studio, 'stripe')
    await studio.stopTwins()

    expect(refutedIn(await studio.fabric.falsify(plan))).toEqual(['reachable'])
  })

  it.each([
    ['0.50 USD', 'has $0.50 left'],
    ['5 USD', ''],
  ])('a budget of %s that has no room', async (limit, text) => {
    const studio = await openStudio({
      providers: ['stripe'],
      config: `version: 1\nbudgets: [{name: calls, limit: ${limit}}]\n`,
    })

    const finding = (await falsify(studio)).find(({ assumption }) => assumption === 'budget')

    expect(finding?.holds).toBe(text === '')
    expect(finding?.text).toContain(text)
  })

  it('an unknown cost where a hard budget holds, and only there', async () => {
    const yen = { ...PAY, input: { amount: 700, currency: 'JPY' } }
    const [hard, soft] = [
      await openStudio({ providers: ['stripe'], config: 'version: 1\nbudgets: [{name: calls, limit: 5 USD}]\n' }),
      await openStudio({ providers: ['stripe'] }),
    ]

    expect(refutedIn(await falsify(hard, yen))).toEqual(['budget'])
    expect(refutedIn(await falsify(soft, yen))).toEqual([])
  })

  it('a budget of its own that its steps do not fit in', async () => {
    const studio = await openStudio({ providers: ['stripe'] })
    const text =
      'version: 1\nname: a\nbudget: 0.10 USD\nsteps:\n  a: {use: stripe payment.create, with: {amount: 2500, currency: GBP}}\n'

    const findings = await studio.fabric.falsify(await studio.fabric.planPlaybook(studio.playbook(text), {}))

    expect(refutedIn(findings)).toEqual(['budget'])
    expect(findings.find((finding) => !finding.holds)?.text).toContain('its own budget is $0.1')
  })

  it('a policy that denies; one that asks is said with what to do', async () => {
    const denied = await openStudio({
      providers: ['stripe'],
      config: 'version: 1\npolicy: {effects: {charge: deny}}\n',
    })
    const asked = await openStudio({ providers: ['stripe'], actor: 'if://agent/a' })

    expect(refutedIn(await falsify(denied))).toEqual(['policy'])
    expect((await falsify(asked)).find(({ assumption }) => assumption === 'policy')).toMatchObject({
      holds: true,
      text: expect.stringContaining('ask · default/charge'),
      next: expect.stringContaining('ifab approval grant'),
    })
  })

  it('a setting without a value, and an instance that is gone since', async () => {
    const bare = await openStudio({ providers: [] })
    const light = { instance: 'home-assistant', operation: 'device.get', input: { id: 'light.studio' } }

    expect(refutedIn(await falsify(bare, light))).toContain('schema')

    const gone = await openStudio({ providers: ['stripe'] })
    await gone.fabric.addInstance({ provider: 'stripe', name: 'shop', twin: true })
    const plan = await gone.fabric.plan({ ...PAY, instance: 'shop' })
    await gone.fabric.removeInstance('shop')
    expect(refutedIn(await gone.fabric.falsify(plan))).toContain('schema')
  })

  it('an action whose like mostly failed before', async () => {
    const studio = await openStudio({ providers: ['stripe'] })
    const declined = { ...PAY, input: { ...PAY.input, source: 'pm_card_chargeDeclined' } }
    await studio.fabric.apply(await studio.fabric.plan(declined), { ...YES, ...ONE_TRY })

    const once = (await falsify(studio)).find(({ assumption }) => assumption === 'history')
    for (const amount of [100, 200])
      await studio.fabric.apply(await studio.fabric.plan({ ...PAY, input: { ...PAY.input, amount } }), YES)
    const later = (await falsify(studio)).find(({ assumption }) => assumption === 'history')

    expect(once).toMatchObject({
      holds: false,
      text: '1 of 1 like actions before failed: IF_ERR_ACTION_FAILED × 1',
    })
    expect(later).toMatchObject({ holds: true, text: expect.stringContaining('1 of 3') })
  })
})
