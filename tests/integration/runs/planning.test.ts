// What a plan says before anything is sent, from the real definitions and signed manifests.
import { writeFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { type Intent, openFabric } from '../../../src/fabric/index.ts'
import { failureOf, openStudio, PERSON } from '../fabric/rig.ts'

const PAY: Intent = {
  instance: 'stripe',
  operation: 'payment.create',
  input: { amount: 2500, currency: 'GBP', source: 'pm_card_visa' },
}

const CHAIN = `version: 1
name: chain
steps:
  pay:
    use: stripe payment.create
    with: { amount: 700, currency: GBP, capture: false }
  take:
    use: stripe payment.capture
    with: { id: "\${steps.pay.result.id}", amount: "\${steps.pay.result.amount}", currency: "\${steps.pay.result.currency}" }
  tell:
    use: slack message.send
    with: { to: "#studio", text: "Paid \${steps.pay.result.id} of \${steps.pay.result.amount}, $\${kept}" }
`

describe('a plan', () => {
  it('shows what would leave, its effect, cost, undo and verdict, and sends nothing', async () => {
    const { fabric, effectsAt } = await openStudio({ providers: ['stripe'] })

    const plan = await fabric.plan(PAY)

    expect(plan.steps).toEqual([
      expect.objectContaining({
        id: 'step',
        effect: 'charge',
        moves: { amount: 2500, currency: 'GBP', direction: 'in' },
        undo: { operation: 'payment.cancel before capture, refund.create after' },
        knownAfter: [],
      }),
    ])
    expect(plan.steps[0]?.request).toMatchObject({
      method: 'POST',
      url: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/v1\/payment_intents$/),
      headers: { Authorization: 'Bearer <STRIPE_SECRET_KEY>', 'Idempotency-Key': '$key' },
      body: expect.objectContaining({ amount: 2500, currency: 'gbp' }),
    })
    expect(plan.maxUsd).toBeGreaterThan(plan.estimateUsd ?? Number.POSITIVE_INFINITY)
    expect(plan.verdict).toMatchObject({ decision: 'ask', reasons: [{ rule: 'default/charge', step: 'step' }] })
    expect(effectsAt('stripe')).toEqual([])
  })

  it('needs no instance and no credential: settings without a value are shown as such', async () => {
    const { fabric } = await openStudio({ providers: [] })

    const plan = await fabric.plan({
      instance: 'home-assistant',
      operation: 'device.set',
      input: { id: 'light.studio', state: 'on' },
    })

    expect(plan.steps[0]).toMatchObject({ unset: ['host'], maxUsd: 0 })
    expect(plan.steps[0]?.request.url).toContain('{host}')
    expect(await fabric.apply(plan)).toMatchObject({
      state: 'failed',
      record: { error: { code: 'IF_ERR_INVALID_INPUT', message: expect.stringContaining('has no value for host') } },
    })
  })

  it('shows holes where results will be, in address, body and bytes', async () => {
    const studio = await openStudio({ providers: ['stripe', 'slack'] })

    const plan = await studio.fabric.planPlaybook(studio.playbook(CHAIN), {})
    const [, take, tell] = plan.steps

    expect(take?.request.url).toMatch(/\/v1\/payment_intents\/\$\{steps\.pay\.result\.id\}\/capture$/)
    expect(take?.request.body).toEqual({ amount_to_capture: '${steps.pay.result.amount}' })
    expect(take?.request.bodyText).toContain('amount_to_capture=${steps.pay.result.amount}')
    expect(take?.around).toEqual([
      {
        purpose: 'verify',
        operation: 'payment.get',
        method: 'GET',
        url: expect.stringContaining('${steps.pay.result.id}'),
      },
    ])
    expect(take?.moves).toEqual({ amount: null, currency: '${steps.pay.result.currency}', direction: 'in' })
    expect(tell?.request.body).toMatchObject({
      text: 'Paid ${steps.pay.result.id} of ${steps.pay.result.amount}, ${kept}',
    })
    expect([take?.knownAfter, tell?.after]).toEqual([['pay'], ['pay']])
  })

  it('does not know a cost that depends on an earlier step', async () => {
    const studio = await openStudio({ providers: ['stripe'] })
    const text = CHAIN.replace(/ {2}take:[\s\S]*/, '').concat(
      '  again:\n    use: stripe payment.create\n    with: { amount: "${steps.pay.result.amount}", currency: GBP }\n',
    )

    const plan = await studio.fabric.planPlaybook(studio.playbook(text), {})

    expect(plan.steps[1]).toMatchObject({
      maxUsd: null,
      estimateUsd: null,
      costBasis: expect.stringContaining('earlier step'),
    })
    expect([plan.maxUsd, plan.estimateUsd]).toEqual([null, null])
  })

  it('asks for an approval of an unknown cost where a hard budget holds', async () => {
    const studio = await openStudio({
      providers: ['stripe'],
      config: 'version: 1\nbudgets: [{name: calls, limit: 5 USD}]\npolicy: {effects: {charge: allow}}\n',
    })

    const plan = await studio.fabric.plan({ ...PAY, input: { amount: 700, currency: 'JPY' } })

    expect(plan.verdict).toMatchObject({ decision: 'ask', reasons: [{ rule: 'default/unknown-cost' }] })
  })
})

it('a plan whose currency is not known yet can be asked an approval for', async () => {
  const studio = await openStudio({ providers: ['stripe'] })
  const text = CHAIN.replace(/ {2}tell:[\s\S]*/, '').replace('"${steps.pay.result.amount}"', '700')
  const plan = await studio.fabric.planPlaybook(studio.playbook(text), {})

  const error = await failureOf(studio.fabric.apply(plan))

  expect(plan.steps[1]?.moves).toEqual({ amount: null, currency: '${steps.pay.result.currency}', direction: 'in' })
  expect(error.code).toBe('IF_ERR_APPROVAL_REQUIRED')
  expect((await studio.fabric.approval(plan.digest)).summary).toContain('takes in GBP 7.00')
})

describe('a digest', () => {
  it('is the same at another time, in another session, for another reason, and has another id', async () => {
    const studio = await openStudio({ providers: ['stripe'] })
    const later = await studio.open({ session: 'later', why: 'again' })

    const [first, second] = [await studio.fabric.plan(PAY), await later.plan(PAY, { why: 'other' })]

    expect(second.digest).toBe(first.digest)
    expect(second.id).not.toBe(first.id)
    expect(await studio.fabric.readPlan('last')).toEqual(second)
    expect(await studio.fabric.readPlan(first.digest.slice(0, 8).toUpperCase())).toEqual(second)
  })

  it('is another for another input, actor, on whose behalf, instance or policy', async () => {
    const studio = await openStudio({ providers: ['stripe'] })
    const { fabric, home } = studio
    await fabric.addInstance({ provider: 'stripe', name: 'other', twin: true })
    const other = await studio.open({ actor: 'if://agent/b' })

    const digests = [
      await fabric.plan(PAY),
      await fabric.plan({ ...PAY, input: { ...PAY.input, amount: 2501 } }),
      await other.plan(PAY),
      await fabric.plan(PAY, { onBehalfOf: 'if://person/ben' }),
      await fabric.plan({ ...PAY, instance: 'other' }),
    ].map((plan) => plan.digest)
    writeFileSync(`${home}/config.yaml`, 'version: 1\npolicy: {requireWhy: [send]}\n')
    digests.push((await (await studio.open()).plan(PAY)).digest)

    expect(new Set(digests).size).toBe(digests.length)
  })
})

describe('what can not be planned', () => {
  it.each<[string, Intent, string]>([
    ['an unknown instance', { ...PAY, instance: 'strype' }, 'IF_ERR_UNKNOWN_PROVIDER'],
    ['an unknown operation', { ...PAY, operation: 'payment.craete' }, 'IF_ERR_UNKNOWN_OPERATION'],
    ['a missing parameter', { ...PAY, input: { currency: 'GBP' } }, 'IF_ERR_INVALID_INPUT'],
    ['a wrong type', { ...PAY, input: { amount: 'many', currency: 'GBP' } }, 'IF_ERR_INVALID_INPUT'],
    ['a reference without a playbook', { ...PAY, input: { amount: 1, currency: '${inputs.c}' } }, 'IF_ERR_REFERENCE'],
    ['a reference to no step', { ...PAY, input: { amount: 1, currency: '${steps.a.result.c}' } }, 'IF_ERR_REFERENCE'],
  ])('is refused with a code: %s', async (_what, intent, code) => {
    const { fabric } = await openStudio({ providers: ['stripe'] })

    expect((await failureOf(fabric.plan(intent))).code).toBe(code)
  })

  it('is refused with file, line and step in a playbook', async () => {
    const studio = await openStudio({ providers: ['stripe'] })
    const path = studio.playbook(
      'version: 1\nname: a\nsteps:\n  pay:\n    use: stripe payment.create\n    with: {amount: -1, currency: GBP}\n',
    )

    const error = await failureOf(studio.fabric.planPlaybook(path, {}))

    expect(error).toMatchObject({ code: 'IF_ERR_INVALID_INPUT', details: { step: 'pay' } })
    expect(error.message).toMatch(/playbook\.yaml:4 steps\.pay: /)
  })

  it('is refused where there is no file, or it is none', async () => {
    const { fabric, home } = await openStudio({ providers: [] })

    expect((await failureOf(fabric.planPlaybook(`${home}/none.yaml`, {}))).code).toBe('IF_ERR_NOT_FOUND')
    expect((await failureOf(fabric.planPlaybook(home, {}))).code).toBe('IF_ERR_INVALID_FILE')
  })

  it.each(['last', 'abcd', 'zz', 'f'.repeat(64)])('a plan %j that nobody made is not found', async (reference) => {
    const { fabric } = await openStudio({ providers: [] })

    expect(await failureOf(fabric.readPlan(reference))).toMatchObject({ code: 'IF_ERR_NOT_FOUND' })
  })
})

describe('a plan from a file', () => {
  it('is stored and can be applied', async () => {
    const { fabric } = await openStudio({ providers: ['slack'] })
    const plan = await fabric.plan({
      instance: 'slack',
      operation: 'message.send',
      input: { to: '#studio', text: 'hi' },
    })

    const imported = await fabric.importPlan(JSON.parse(JSON.stringify(plan)))

    expect((await fabric.apply(imported)).state).toBe('done')
  })

  it.each<[string, (plan: Record<string, unknown>) => unknown, string]>([
    ['is no plan', () => ({ steps: [] }), 'IF_ERR_INVALID_FILE'],
    ['was altered in what it costs', (plan) => ({ ...plan, maxUsd: 0.01 }), 'IF_ERR_INVALID_FILE'],
    [
      'was altered in its verdict',
      (plan) => ({ ...plan, verdict: { decision: 'allow', reasons: [] } }),
      'IF_ERR_INVALID_FILE',
    ],
    ['has a made-up digest', (plan) => ({ ...plan, digest: 'a'.repeat(64) }), 'IF_ERR_INVALID_FILE'],
    ['was made for somebody else', (plan) => plan, 'IF_ERR_PLAN_MOVED'],
  ])('is refused where it %s', async (what, change, code) => {
    const studio = await openStudio({ providers: ['stripe'] })
    const author = what.includes('somebody') ? await studio.open({ actor: 'if://agent/b' }) : studio.fabric
    const plan = await author.plan(PAY)

    const error = await failureOf(studio.fabric.importPlan(change(JSON.parse(JSON.stringify(plan)))))

    expect(error.code).toBe(code)
  })
})

it('an actor is an address, and the session is one per actor and day where none is given', async () => {
  const studio = await openStudio({ providers: [] })

  expect(await failureOf(studio.open({ actor: 'ana' }))).toMatchObject({ code: 'IF_ERR_INVALID_INPUT' })
  const fabric = await openFabric({ home: studio.home, actor: PERSON, env: {} })
  const named = await openFabric({ home: studio.home, actor: PERSON, env: { IFAB_SESSION: 'night' } })
  expect(fabric.session).toMatch(/^person-ana-\d{4}-\d{2}-\d{2}$/)
  expect([named.session, named.actor]).toEqual(['night', PERSON])
  await Promise.all([fabric.close(), named.close()])
})
