// A plan applied: once, by its actor, while it holds; approvals; the order of steps; what stops it.
import { writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, it } from 'vitest'
import type { Intent } from '../../../src/fabric/index.ts'
import type { Plan, RunEvent } from '../../../src/runs/index.ts'
import { afterwards, changeRecord, failureOf, ONE_TRY, openStudio, PERSON, withStore, YES } from '../fabric/rig.ts'

const SAY: Intent = { instance: 'slack', operation: 'message.send', input: { to: '#studio', text: 'hi' } }
const PAY: Intent = {
  instance: 'stripe',
  operation: 'payment.create',
  input: { amount: 2500, currency: 'GBP', source: 'pm_card_visa' },
}
const AGENT = 'if://agent/refunds'

const say = (name: string, more = '') =>
  `  ${name}: {use: slack message.send, with: {to: "#studio", text: ${name}}${more}}\n`
const bad = (name: string, more = '') =>
  `  ${name}: {use: slack message.send, with: {to: "#nowhere", text: x}${more}}\n`
const book = (steps: string, more = '') => `version: 1\nname: show\n${more}steps:\n${steps}`

const statesOf = (run: { steps: { id: string; state: string }[] }) =>
  Object.fromEntries(run.steps.map((step) => [step.id, step.state]))

describe('a plan', () => {
  it('is applied once: again, it gives the first receipt', async () => {
    const { fabric, effectsAt } = await openStudio({ providers: ['slack'] })
    const plan = await fabric.plan(SAY)

    const [first, second] = [await fabric.apply(plan), await fabric.apply(plan)]

    expect(second).toEqual(first)
    expect(first).toMatchObject({ state: 'done', costUsd: 0, actor: PERSON })
    expect(first.receipts[0]).toMatchObject({ state: 'done', verified: 'confirmed', witness: expect.any(Number) })
    expect(effectsAt('slack')).toEqual(['message.send'])
  })

  it('applied twice at the same moment leaves once', async () => {
    const { fabric, effectsAt } = await openStudio({ providers: ['slack'], faults: ['slack/*:latency=80ms'] })
    const plan = await fabric.plan(SAY)

    const outcomes = await Promise.allSettled([fabric.apply(plan), fabric.apply(plan)])

    expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
    expect(outcomes.find(({ status }) => status === 'rejected')).toMatchObject({
      reason: { code: 'IF_ERR_RUN_ACTIVE' },
    })
    expect(effectsAt('slack')).toHaveLength(1)
  })

  it('is active while it is applied, and names the run', async () => {
    const { fabric } = await openStudio({ providers: ['slack'], faults: ['slack/*:latency=100ms'] })
    const plan = await fabric.plan(SAY)
    let error: Awaited<ReturnType<typeof failureOf>> | undefined

    await fabric.apply(plan, {
      onEvent: async (event) => {
        if (event.type === 'step.start') error ??= await failureOf(fabric.apply(plan))
      },
    })

    expect(error).toMatchObject({ code: 'IF_ERR_RUN_ACTIVE', exitCode: 6, next: expect.stringContaining('--resume') })
  })

  it('made again from the same intent can be applied again', async () => {
    const { fabric, effectsAt } = await openStudio({ providers: ['stripe'] })

    const first = await fabric.apply(await fabric.plan(PAY), YES)
    const second = await fabric.apply(await fabric.plan(PAY), YES)

    expect(second.id).not.toBe(first.id)
    expect(second.plan).toBe(first.plan)
    expect(effectsAt('stripe')).toEqual(['payment.create', 'payment.create'])
  })

  it('that expired is refused', async () => {
    const { fabric, home, effectsAt } = await openStudio({ providers: ['slack'] })
    const plan = await fabric.plan(SAY)
    await changeRecord<Plan>(home, `plan/${plan.digest}`, (stored) => ({
      ...stored,
      expiresAt: '2020-01-01T00:00:00Z',
    }))

    expect(await failureOf(fabric.apply(plan))).toMatchObject({ code: 'IF_ERR_PLAN_EXPIRED', hint: expect.any(String) })
    expect(effectsAt('slack')).toEqual([])
  })

  it('of another actor is refused', async () => {
    const studio = await openStudio({ providers: ['slack'] })
    const agent = await studio.open({ actor: AGENT })
    const plan = await studio.fabric.plan(SAY)

    expect(await failureOf(agent.apply(plan))).toMatchObject({
      code: 'IF_ERR_PLAN_MOVED',
      message: expect.stringContaining(`made for ${PERSON}, not for ${AGENT}`),
    })
  })

  it('that is no longer in the store is refused', async () => {
    const { fabric, home } = await openStudio({ providers: ['slack'] })
    const plan = await fabric.plan(SAY)
    await withStore(home, (store) => store.commit([{ key: `plan/${plan.digest}`, value: undefined, expect: 'any' }]))

    expect((await failureOf(fabric.apply(plan))).code).toBe('IF_ERR_NOT_FOUND')
  })

  it('is not what the caller says it is: altered after planning, it is applied as it was judged', async () => {
    const { fabric, effectsAt } = await openStudio({ providers: ['stripe'] })
    const plan = await fabric.plan(PAY)
    const altered: Plan = {
      ...plan,
      id: 'ANOTHER',
      expiresAt: '2999-01-01T00:00:00Z',
      verdict: { decision: 'allow', reasons: [] },
      steps: [],
    }

    expect((await failureOf(fabric.apply(altered))).code).toBe('IF_ERR_APPROVAL_REQUIRED')
    expect(effectsAt('stripe')).toEqual([])
  })

  it('is refused where its requests moved, with what got worse', async () => {
    const studio = await openStudio({ providers: ['slack'] })
    const plan = await studio.fabric.plan(SAY)
    await studio.serve([]) // the same instance at another address

    const error = await failureOf(studio.fabric.apply(plan))

    expect(error).toMatchObject({
      code: 'IF_ERR_PLAN_MOVED',
      details: { worse: ['step step would send another request'] },
    })
  })

  it('is refused where the policy became stricter, and goes on where it became freer', async () => {
    const studio = await openStudio({ providers: ['slack'], config: 'version: 1\npolicy: {effects: {send: allow}}\n' })
    const plan = await studio.fabric.plan(SAY)
    const config = (text: string) => writeFileSync(`${studio.home}/config.yaml`, text)

    config('version: 1\npolicy: {effects: {send: deny}}\n')
    const stricter = await failureOf((await studio.open()).apply(plan))
    config('version: 1\npolicy: {effects: {send: allow, charge: allow}}\n')
    const freer = await (await studio.open()).apply(plan)

    expect(stricter).toMatchObject({
      code: 'IF_ERR_PLAN_MOVED',
      message: expect.stringContaining('the verdict is deny instead of allow (config/send)'),
    })
    expect(freer.state).toBe('done')
  })

  it('that is denied is refused, whoever would approve it', async () => {
    const { fabric, effectsAt } = await openStudio({
      providers: ['slack'],
      config: 'version: 1\npolicy: {requireWhy: [send]}\n',
    })

    const error = await failureOf(fabric.apply(await fabric.plan(SAY), YES))
    const withReason = await fabric.apply(await fabric.plan(SAY, { why: 'show' }))

    expect(error).toMatchObject({ code: 'IF_ERR_POLICY_DENIED', exitCode: 3 })
    expect(withReason).toMatchObject({ state: 'done', record: { why: 'show' } })
    expect(effectsAt('slack')).toHaveLength(1)
  })
})

describe('an approval', () => {
  it('is waited for, granted by a person, and used by the next apply', async () => {
    const studio = await openStudio({ providers: ['stripe'] })
    const agent = await studio.open({ actor: AGENT })
    const plan = await agent.plan(PAY)

    const waiting = await failureOf(agent.apply(plan))
    const asked = await studio.fabric.approvals()
    await studio.fabric.decideApproval(plan.digest.slice(0, 8), 'grant', { why: 'order 7' })
    const run = await agent.apply(plan)

    expect(waiting).toMatchObject({
      code: 'IF_ERR_APPROVAL_REQUIRED',
      exitCode: 9,
      next: `ifab approval grant ${plan.digest.slice(0, 8)}`,
    })
    expect(asked).toEqual([
      expect.objectContaining({
        state: 'waiting',
        requestedBy: AGENT,
        summary: expect.stringContaining('takes in GBP 25.00 · at most $'),
      }),
    ])
    expect(run).toMatchObject({ state: 'done', record: { approved: true } })
    expect((await studio.fabric.approval(plan.digest)).state).toBe('used')
  })

  it('that was used does not let the same plan go a second time', async () => {
    const { fabric } = await openStudio({ providers: ['stripe'] })
    await fabric.apply(await fabric.plan(PAY), YES)

    expect((await failureOf(fabric.apply(await fabric.plan(PAY)))).code).toBe('IF_ERR_APPROVAL_REQUIRED')
  })

  it('that is denied refuses the plan', async () => {
    const studio = await openStudio({ providers: ['stripe'] })
    const agent = await studio.open({ actor: AGENT })
    const plan = await agent.plan(PAY)
    await failureOf(agent.apply(plan))
    await studio.fabric.decideApproval(plan.digest, 'deny', { why: 'too dear' })

    expect(await failureOf(agent.apply(plan))).toMatchObject({
      code: 'IF_ERR_APPROVAL_DENIED',
      message: expect.stringContaining('too dear'),
    })
  })

  it('is asked at the terminal: yes, no, or leave it waiting', async () => {
    const { fabric } = await openStudio({ providers: ['stripe'] })
    const plans = await Promise.all(
      [1, 2, 3].map((n) => fabric.plan({ ...PAY, input: { ...PAY.input, amount: 100 * n } })),
    )
    const [yes, no, later] = plans as [Plan, Plan, Plan]

    expect((await fabric.apply(yes, YES)).state).toBe('done')
    expect((await failureOf(fabric.apply(no, { approve: async () => false }))).code).toBe('IF_ERR_APPROVAL_DENIED')
    expect((await failureOf(fabric.apply(later, { approve: async () => undefined }))).code).toBe(
      'IF_ERR_APPROVAL_REQUIRED',
    )
    expect((await fabric.approval(no.digest)).state).toBe('denied')
    expect((await fabric.approval(later.digest)).state).toBe('waiting')
  })

  it('is never given by an agent, however sure it is', async () => {
    const { fabric, effectsAt } = await openStudio({ providers: ['stripe'], actor: AGENT })

    expect((await failureOf(fabric.apply(await fabric.plan(PAY), YES))).code).toBe('IF_ERR_APPROVAL_FORBIDDEN')
    expect(await fabric.approvals()).toEqual([])
    expect(effectsAt('stripe')).toEqual([])
  })

  it('shows as expired once its plan is', async () => {
    const { fabric, home } = await openStudio({ providers: ['stripe'] })
    const plan = await fabric.plan(PAY)
    await failureOf(fabric.apply(plan))
    await changeRecord(home, `approval/${plan.digest}`, (record) => ({ ...record, expiresAt: '2020-01-01T00:00:00Z' }))

    expect((await fabric.approval(plan.digest)).state).toBe('expired')
    expect((await failureOf(fabric.decideApproval(plan.digest, 'grant', {}))).code).toBe('IF_ERR_PLAN_EXPIRED')
    expect((await failureOf(fabric.approval('zzzz'))).code).toBe('IF_ERR_NOT_FOUND')
    expect((await failureOf(fabric.approval(''))).code).toBe('IF_ERR_NOT_FOUND')
  })
})

describe('steps', () => {
  it('that depend on nothing go at the same time, as many as are allowed', async () => {
    const studio = await openStudio({ providers: ['slack'], faults: ['slack/message.send:latency=30ms'] })
    const steps = Array.from({ length: 8 }, (_, at) => say(`s${at}`)).join('')
    const plan = await studio.fabric.planPlaybook(studio.playbook(book(steps)), {})
    let now = 0
    let most = 0

    await studio.fabric.apply(plan, {
      parallelism: 3,
      onEvent: (event) => {
        if (event.type === 'step.start') most = Math.max(most, ++now)
        if (event.type === 'step.end') now -= 1
      },
    })

    expect(most).toBe(3)
    expect(studio.effectsAt('slack')).toHaveLength(8)
  })

  it('get results of earlier ones with their types, and tell what happens', async () => {
    const studio = await openStudio({ providers: ['stripe', 'slack'] })
    const text = book(
      '  pay: {use: stripe payment.create, with: {amount: 700, currency: GBP, source: pm_card_visa, capture: false}}\n' +
        '  take: {use: stripe payment.capture, with: {id: "${steps.pay.result.id}", amount: "${steps.pay.result.amount}", currency: "${steps.pay.result.currency}"}}\n' +
        '  tell: {use: slack message.send, with: {to: "#studio", text: "took ${steps.take.result.captured} for $${you}"}}\n',
    )
    const events: RunEvent[] = []

    const run = await studio.fabric.apply(await studio.fabric.planPlaybook(studio.playbook(text), {}), {
      ...YES,
      onEvent: (event) => events.push(event),
    })

    expect(run.state).toBe('done')
    expect(run.steps[1]?.input).toMatchObject({ amount: 700, currency: 'GBP' })
    expect(run.steps[2]?.input).toMatchObject({ text: 'took 700 for ${you}' })
    expect(
      events.map((event) =>
        'step' in event && typeof event.step === 'string' ? `${event.type} ${event.step}` : event.type,
      ),
    ).toEqual([
      'run.start',
      'step.start pay',
      'step.end',
      'step.start take',
      'step.end',
      'step.start tell',
      'step.end',
      'run.end',
    ])
  })

  it.each([
    ['steps.one.result.to != ""', 'done', 'done'],
    ['steps.one.result.to == ""', 'skipped', 'done'],
    ['steps.one.state == "done"', 'done', 'done'],
    ['steps.one.result.to', 'failed', 'failed'],
    ['steps.one.result.nobody > 1', 'failed', 'failed'],
  ])('when %s, are %s and the run is %s', async (when, step, state) => {
    const studio = await openStudio({ providers: ['slack'] })
    const text = book(`${say('one')}${say('two', `, when: '${when}'`)}`)

    const run = await studio.fabric.apply(await studio.fabric.planPlaybook(studio.playbook(text), {}))

    expect(statesOf(run)).toEqual({ one: 'done', two: step })
    expect(run.state).toBe(state)
    expect((await studio.fabric.run('last')).record.holder).toBeNull()
  })

  it('that need the result of a skipped one are skipped, those that only come after it are not', async () => {
    const studio = await openStudio({ providers: ['slack'] })
    const text = book(
      say('a', ', when: "false"') +
        say('after', ', after: a') +
        '  needs: {use: slack message.send, with: {to: "#studio", text: "${steps.a.result.id}"}}\n',
    )

    const run = await studio.fabric.apply(await studio.fabric.planPlaybook(studio.playbook(text), {}))

    expect(statesOf(run)).toEqual({ a: 'skipped', after: 'done', needs: 'skipped' })
    expect(run.steps.map((step) => step.note)).toEqual(['not when false', undefined, 'a was skipped'])
    expect(run.state).toBe('done')
  })

  it('fail before anything leaves where a result does not have what they need', async () => {
    const studio = await openStudio({ providers: ['slack'] })
    const text = book(
      `${say('a')}  b: {use: slack message.send, with: {to: "#studio", text: "\${steps.a.result.nobody}"}}\n`,
    )

    const run = await studio.fabric.apply(await studio.fabric.planPlaybook(studio.playbook(text), {}))

    expect(statesOf(run)).toEqual({ a: 'done', b: 'failed' })
    expect(run.record.error).toMatchObject({
      code: 'IF_ERR_REFERENCE',
      message: expect.stringContaining('there is no nobody'),
    })
    expect(studio.effectsAt('slack')).toHaveLength(1)
  })

  it('tell of each try that is repeated', async () => {
    const { fabric } = await openStudio({ providers: ['stripe'], faults: ['stripe/customer.create:503'] })
    const retries: unknown[] = []

    // Long enough for the first wait of the backoff, too short for the second.
    await fabric.apply(await fabric.plan({ instance: 'stripe', operation: 'customer.create', input: {} }), {
      timeoutMs: 2_500,
      onEvent: (event) => event.type === 'step.retry' && retries.push([event.attempt, event.reason]),
    })

    expect(retries[0]).toEqual([1, expect.any(String)])
  })

  it('stop after a failure where nothing else is said', async () => {
    const studio = await openStudio({ providers: ['slack'] })
    const text = book(bad('a') + say('b', ', after: a') + say('c', ', after: b'))

    const run = await studio.fabric.apply(await studio.fabric.planPlaybook(studio.playbook(text), {}))

    expect(statesOf(run)).toEqual({ a: 'failed', b: 'pending', c: 'pending' })
    expect(run).toMatchObject({ state: 'failed', record: { error: { code: 'IF_ERR_NOT_FOUND' } } })
  })

  it('go on after a failure where that is wanted, without what depends on it', async () => {
    const studio = await openStudio({ providers: ['slack'] })
    const text = book(bad('a') + say('b', ', after: a') + say('c', ', after: b') + say('d'), 'onFailure: continue\n')

    const run = await studio.fabric.apply(await studio.fabric.planPlaybook(studio.playbook(text), {}))

    expect(statesOf(run)).toEqual({ a: 'failed', b: 'skipped', c: 'done', d: 'done' })
    expect(run.steps.find((step) => step.id === 'b')?.note).toBe('a did not succeed')
    expect(run.state).toBe('failed')
  })

  it('are named by their run, in full, in part or as the last one', async () => {
    const { fabric } = await openStudio({ providers: ['slack'] })
    const run = await fabric.apply(await fabric.plan(SAY))

    for (const reference of [run.id, run.id.slice(-8).toLowerCase(), `r-${run.id.slice(-8)}`, 'last'])
      expect((await fabric.run(reference)).id).toBe(run.id)
    expect((await failureOf(fabric.run('zzzzzzzz'))).code).toBe('IF_ERR_NOT_FOUND')
    expect((await failureOf(fabric.run(''))).code).toBe('IF_ERR_NOT_FOUND')
    await fabric.apply(await fabric.plan(SAY))
    expect(await failureOf(fabric.run(run.id.slice(0, 2)))).toMatchObject({
      message: expect.stringContaining('more than one'),
    })
    expect(await fabric.runs({ state: 'done', limit: 1, sinceMs: 60_000 })).toHaveLength(1)
    expect(await fabric.runs({ state: 'failed' })).toEqual([])
  })
})

describe('a run that is stopped', () => {
  const THREE = book(say('a') + say('b', ', after: a') + say('c', ', after: b'))

  it('ends what is under way, and can be resumed', async () => {
    const studio = await openStudio({ providers: ['slack'] })
    const stop = new AbortController()

    const run = await studio.fabric.apply(await studio.fabric.planPlaybook(studio.playbook(THREE), {}), {
      stop: stop.signal,
      onEvent: (event) => {
        if (event.type === 'step.start') stop.abort()
      },
    })
    const events: string[] = []
    const resumed = await studio.fabric.resume('last', { onEvent: (event) => events.push(event.type) })

    expect(statesOf(run)).toEqual({ a: 'done', b: 'pending', c: 'pending' })
    expect(run).toMatchObject({
      state: 'failed',
      record: { error: { code: 'IF_ERR_CANCELLED', message: expect.stringContaining('can be resumed') } },
    })
    expect(resumed).toMatchObject({ state: 'done', record: { token: 2 } })
    expect(resumed.record.error).toBeUndefined()
    expect(events.filter((type) => type === 'step.kept')).toHaveLength(1)
    expect(studio.effectsAt('slack')).toHaveLength(3)
    expect((await studio.fabric.resume('last')).record.token).toBe(2)
  })

  it('by cancelling ends for good after what is under way', async () => {
    const studio = await openStudio({ providers: ['slack'], faults: ['slack/message.send:latency=80ms'] })
    const other = await studio.open()
    let cancelling: Promise<unknown> = Promise.resolve()

    const run = await studio.fabric.apply(await studio.fabric.planPlaybook(studio.playbook(THREE), {}), {
      onEvent: (event) => {
        if (event.type === 'step.start' && event.step === 'a')
          cancelling = other.cancel(event.run, { why: 'wrong show' })
      },
    })
    await cancelling

    expect(run).toMatchObject({ state: 'cancelled', record: { cancelRequested: true, holder: null } })
    expect(statesOf(run)).toEqual({ a: 'done', b: 'pending', c: 'pending' })
    expect(await failureOf(studio.fabric.resume('last'))).toMatchObject({ code: 'IF_ERR_CONFLICT' })
    expect(await failureOf(studio.fabric.cancel('last'))).toMatchObject({ code: 'IF_ERR_CONFLICT' })
    expect((await studio.fabric.undo('last')).state).toBe('undone')
  })

  it('by cancelling while nobody works on it is over at once', async () => {
    const studio = await openStudio({ providers: ['slack'] })
    const text = book(say('ok') + bad('a', ', after: ok'))
    await studio.fabric.apply(await studio.fabric.planPlaybook(studio.playbook(text), {}))

    expect((await studio.fabric.cancel('last')).state).toBe('cancelled')
    const entries: unknown[] = []
    for await (const entry of studio.fabric.witnessEntries({ run: (await studio.fabric.run('last')).id }))
      entries.push(entry.kind)
    expect(entries).toContain('run.cancel')
  })

  it('by an abort gives up what is under way, and says that nobody knows', async () => {
    const { fabric } = await openStudio({ providers: [] })
    const abort = new AbortController()
    // Takes the request, and never answers.
    const mute = createServer(() => abort.abort())
    await new Promise<void>((resolve) => mute.listen(0, '127.0.0.1', resolve))
    afterwards(() => {
      mute.closeAllConnections()
      mute.close()
    })
    const { port } = mute.address() as AddressInfo
    const token = { kind: 'value' as const, value: ['xoxb', '0', 'twin'].join('-') }
    const twin = `http://127.0.0.1:${port}`
    await fabric.addInstance({ provider: 'slack', twin, secrets: { SLACK_BOT_TOKEN: token } })

    const run = await fabric.apply(await fabric.plan(SAY), { signal: abort.signal })

    expect(run).toMatchObject({ state: 'unknown', record: { error: { code: 'IF_ERR_OUTCOME_UNKNOWN' } } })
  })
})

describe('a dry run', () => {
  it('judges and reserves all steps whose input is known, sends nothing and leaves nothing', async () => {
    const studio = await openStudio({
      providers: ['stripe', 'slack'],
      config: 'version: 1\nbudgets: [{name: calls, limit: 5 USD}]\npolicy: {effects: {charge: allow}}\n',
    })
    const text = book(
      '  pay: {use: stripe payment.create, with: {amount: 700, currency: GBP}}\n' +
        '  tell: {use: slack message.send, with: {to: "#studio", text: "${steps.pay.result.id}"}}\n',
    )
    const plan = await studio.fabric.planPlaybook(studio.playbook(text), {})

    const run = await studio.fabric.apply(plan, { dryRun: true })

    expect(run.state).toBe('done')
    expect(run.steps.map((step) => [step.state, step.note])).toEqual([
      ['skipped', 'dry run: everything but the send'],
      ['skipped', 'known after pay'],
    ])
    expect([studio.effectsAt('stripe'), studio.effectsAt('slack')]).toEqual([[], []])
    expect(await studio.fabric.runs()).toEqual([])
    for (const budget of await studio.fabric.budgets()) expect(budget).toMatchObject({ heldUsd: 0, settledUsd: 0 })
    expect((await studio.fabric.apply(plan)).state).toBe('done')
  })

  it('fails where the budget has no room, and shows a secret nowhere', async () => {
    const { fabric } = await openStudio({
      providers: ['stripe'],
      config: 'version: 1\nbudgets: [{name: calls, limit: 0.10 USD}]\npolicy: {effects: {charge: allow}}\n',
    })

    const run = await fabric.apply(await fabric.plan(PAY), { dryRun: true })

    expect(run).toMatchObject({ state: 'failed', record: { error: { code: 'IF_ERR_BUDGET_EXCEEDED' } } })
  })

  it('leaves a granted approval for the real one', async () => {
    const { fabric } = await openStudio({ providers: ['stripe'] })
    const plan = await fabric.plan(PAY)
    await failureOf(fabric.apply(plan))
    await fabric.decideApproval(plan.digest, 'grant', {})

    await fabric.apply(plan, { dryRun: true })

    expect((await fabric.approval(plan.digest)).state).toBe('granted')
    expect((await fabric.apply(plan)).state).toBe('done')
  })
})

it('the attempts of a step that failed are kept, redacted', async () => {
  const studio = await openStudio({ providers: ['stripe'], faults: ['stripe/payment.create:503'] })
  const run = await studio.fabric.apply(await studio.fabric.plan(PAY), { ...YES, ...ONE_TRY })

  const attempts = await studio.fabric.attempts(run.id, 'step')

  expect(attempts).toMatchObject({
    request: { headers: { Authorization: 'Bearer <STRIPE_SECRET_KEY>' } },
    attempts: [{ status: 503 }],
  })
  for (const secret of Object.values(studio.twins()[0]?.secrets ?? {}))
    expect(JSON.stringify([attempts, run])).not.toContain(secret)
  expect(await studio.fabric.attempts(run.id, 'nobody')).toBeUndefined()
})
