// Two processes and one run: who is killed is taken over from, who lives is left alone, who lost its claim sends nothing.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Intent } from '../../../src/fabric/index.ts'
import type { RunRecord, StepRecord } from '../../../src/runs/index.ts'
import { buildChild, type Child, type ChildProgram } from '../child-process.ts'
import { failureOf, openStudio, type Studio, withStore } from '../fabric/rig.ts'

const PAY: Intent = {
  instance: 'stripe',
  operation: 'payment.create',
  input: { amount: 2500, currency: 'GBP', source: 'pm_card_visa' },
}
const SAY: Intent = { instance: 'slack', operation: 'message.send', input: { to: '#studio', text: 'hi' } }

let program: ChildProgram

beforeAll(async () => {
  program = await buildChild(new URL('./fabric-child.ts', import.meta.url))
})
afterAll(() => program.remove())

async function untilLine(child: Child, wanted: string): Promise<void> {
  for (let line = await child.line(); line !== wanted; line = await child.line())
    if (line === undefined) throw new Error(`the child ended before it said ${wanted}`)
}

/** Resolves once the last run has begun a step, as its record says. */
async function untilBegun({ fabric }: Studio): Promise<void> {
  while (!(await fabric.run('last')).steps.some((step) => step.state === 'begun'))
    await new Promise((resolve) => setTimeout(resolve, 2))
}

/** What another process would do that takes the run over: the next token in the run and in each step. */
const takeOver = (home: string) =>
  withStore(home, async (store) => {
    for (const { key, value } of await store.range<RunRecord>('run/')) {
      await store.commit([{ key, value: { ...value, token: value.token + 1 }, expect: 'any' }])
      for (const step of await store.range<StepRecord>(`step/${value.id}/`))
        await store.commit([{ key: step.key, value: { ...step.value, token: value.token + 1 }, expect: 'any' }])
    }
  })

describe('a process that is killed while it applies a plan', () => {
  it('is taken over from at once, and the payment that was under way happens once', async () => {
    const studio = await openStudio({ providers: ['stripe'], faults: ['stripe/payment.create:latency=150ms'] })
    const plan = await studio.fabric.plan(PAY)
    const child = program.start(studio.home, 'apply', plan.digest)
    await untilLine(child, 'step.start step')
    await untilBegun(studio)
    await child.kill()

    let run = await studio.fabric.resume('last')
    // While the first request is still being served, Stripe answers 409 to a second one under its key.
    for (let tries = 0; run.state !== 'done' && tries < 50; tries++) {
      expect(run.steps[0]).toMatchObject({ state: 'failed', uncertain: true })
      await new Promise((resolve) => setTimeout(resolve, 20))
      run = await studio.fabric.resume('last')
    }

    expect(run).toMatchObject({ state: 'done', record: { holder: null } })
    expect(studio.effectsAt('stripe')).toEqual(['payment.create'])
    expect((await studio.fabric.verifyWitness()).ok).toBe(true)
  })

  it('leaves a message that was under way unknown, never sent twice', async () => {
    const studio = await openStudio({ providers: ['slack'], faults: ['slack/message.send:latency=150ms'] })
    const plan = await studio.fabric.plan(SAY)
    const child = program.start(studio.home, 'apply', plan.digest)
    await untilLine(child, 'step.start step')
    await untilBegun(studio)
    await child.kill()

    const run = await studio.fabric.resume('last')

    expect(run).toMatchObject({ state: 'unknown', record: { error: { code: 'IF_ERR_OUTCOME_UNKNOWN' } } })
    expect(studio.effectsAt('slack').length).toBeLessThanOrEqual(1)
  })

  it('and was to be cancelled is cancelled by whoever takes over', async () => {
    const studio = await openStudio({ providers: ['stripe'], faults: ['stripe/payment.create:latency=150ms'] })
    const text =
      'version: 1\nname: a\nsteps:\n  one: {use: stripe customer.create}\n' +
      '  two: {use: stripe payment.create, after: one, with: {amount: 500, currency: GBP}}\n  three: {use: stripe customer.create, after: two}\n'
    const plan = await studio.fabric.planPlaybook(studio.playbook(text), {})
    const child = program.start(studio.home, 'apply', plan.digest)
    await untilLine(child, 'step.start two')
    await child.kill()

    const asked = await studio.fabric.cancel('last')
    const run = await studio.fabric.resume('last')

    expect(asked.state).toBe('running')
    expect(run.state).toMatch(/cancelled|unknown/)
    expect(run.steps.find((step) => step.id === 'three')?.state).toBe('pending')
  })
})

describe('a process that lives', () => {
  it('is not taken over from', async () => {
    const studio = await openStudio({ providers: ['stripe'], faults: ['stripe/payment.create:latency=2s'] })
    const plan = await studio.fabric.plan(PAY)
    const child = program.start(studio.home, 'apply', plan.digest)
    await untilLine(child, 'step.start step')

    const again = await failureOf(studio.fabric.resume('last'))
    const applied = await failureOf(studio.fabric.apply(plan))
    await child.kill()

    expect(again).toMatchObject({
      code: 'IF_ERR_RUN_ACTIVE',
      message: expect.stringContaining(`process ${child.process.pid}`),
    })
    expect(applied.code).toBe('IF_ERR_RUN_ACTIVE')
  })

  it('and resumes at the same moment as another acts alone', async () => {
    const studio = await openStudio({ providers: ['stripe'], faults: ['stripe/payment.create:latency=300ms'] })
    const plan = await studio.fabric.plan(PAY)
    const first = program.start(studio.home, 'apply', plan.digest)
    await untilLine(first, 'step.start step')
    await first.kill()
    const [{ id } = { id: '' }] = await studio.fabric.runs()

    const children = [1, 2].map(() => program.start(studio.home, 'resume', id))
    const endings = await Promise.all(children.map(async (child) => (await child.rest()).at(-1)))

    // One of them acts: to the end, or to Stripe's 409 while the first request is still being served.
    expect(endings.some((ending) => ending === 'done' || ending === 'failed')).toBe(true)
    expect(endings.join(' ')).toMatch(/^((done|failed|IF_ERR_RUN_ACTIVE|IF_ERR_CLAIM_LOST) ?)+$/)
    expect(studio.effectsAt('stripe')).toEqual(['payment.create'])
  })
})

describe('a process whose run was taken over', () => {
  it('sends nothing more', async () => {
    const studio = await openStudio({ providers: ['slack', 'home-assistant'] })
    const text =
      'version: 1\nname: a\nsteps:\n  light: {use: home-assistant device.set, with: {id: light.studio, state: "on"}}\n' +
      '  tell: {use: slack message.send, after: light, with: {to: "#studio", text: hi}}\n'
    const plan = await studio.fabric.planPlaybook(studio.playbook(text), {})
    let taking: Promise<void> = Promise.resolve()

    const error = await failureOf(
      studio.fabric.apply(plan, {
        onEvent: (event) => {
          if (event.type === 'step.start' && event.step === 'light') taking = takeOver(studio.home)
        },
      }),
    )
    await taking

    expect(error).toMatchObject({ code: 'IF_ERR_CLAIM_LOST', exitCode: 6 })
    expect(studio.effectsAt('slack')).toEqual([])
  })

  it('does not begin the step that it was looking at', async () => {
    const studio = await openStudio({
      providers: ['home-assistant'],
      faults: ['home-assistant/device.get:latency=150ms'],
    })
    const plan = await studio.fabric.plan({
      instance: 'home-assistant',
      operation: 'device.set',
      input: { id: 'light.studio', state: 'on' },
    })
    let taking: Promise<void> = Promise.resolve()

    const error = await failureOf(
      studio.fabric.apply(plan, {
        onEvent: (event) => {
          // It reads the state before; the begin comes after that.
          if (event.type === 'step.start') taking = takeOver(studio.home)
        },
      }),
    )
    await taking

    expect(error.code).toBe('IF_ERR_CLAIM_LOST')
    expect(studio.effectsAt('home-assistant')).toEqual([])
  })
})
