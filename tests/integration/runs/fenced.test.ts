// A plan applied for a task: once the task's claim has ended, been given back, or may have run out, nothing begins and
// nothing leaves. What leaves arrives at twins, which are real servers.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { CoordinatorPort } from '../../../src/coordinator/index.ts'
import type { Fabric, TaskClaim } from '../../../src/fabric/index.ts'
import type { JsonObject } from '../../../src/foundation/index.ts'
import { ulid } from '../../../src/foundation/index.ts'
import { buildChild, type ChildProgram } from '../child-process.ts'
import { afterwards, failureOf, openStudio, type Studio, YES } from '../fabric/rig.ts'
import { openOnStore } from './store-rig.ts'

const SAY = { instance: 'slack', operation: 'message.send', input: { to: '#studio', text: 'hi' } }
const TWO_STEPS =
  'version: 1\nname: a\nsteps:\n  one: {use: slack message.send, with: {to: "#studio", text: one}}\n' +
  '  two: {use: slack message.send, after: one, with: {to: "#studio", text: two}}\n'

interface Job {
  coordinator: CoordinatorPort
  task: string
  /** Claims it as a new worker. */
  claim(leaseMs?: number): Promise<TaskClaim>
  /** Gives the claim back and takes it as another worker: the token grows. */
  moveOn(claim: TaskClaim): Promise<TaskClaim>
}

async function openJob(fabric: Fabric): Promise<Job> {
  const coordinator = await fabric.coordinator()
  const { id: task } = await coordinator.add({ kind: 'tell', swarm: 'studio' })
  const claim = async (leaseMs = 60_000): Promise<TaskClaim> => {
    const { token } = await coordinator.claim({ swarm: 'studio', worker: ulid() }, task, { leaseMs })
    return { task, token }
  }
  return {
    coordinator,
    task,
    claim,
    async moveOn({ token }) {
      await coordinator.release(task, token)
      return claim()
    },
  }
}

async function entriesOf(fabric: Fabric, run: string): Promise<JsonObject[]> {
  const entries: JsonObject[] = []
  for await (const entry of fabric.witnessEntries({ run })) entries.push(entry)
  return entries
}

/** A fabric whose process stands still for so long as soon as a step has begun, before its request is made. */
const openStandingStill = (studio: Studio, ms: number): Promise<Fabric> =>
  openOnStore(studio.home, (store) => ({
    ...store,
    async commit(writes, log = []) {
      const committed = await store.commit(writes, log)
      if (log.some((entry) => entry.kind === 'step.begin')) standStill(ms)
      return committed
    },
  }))

const standStill = (ms: number): void => void Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms)

const textsSent = (studio: Studio): number =>
  studio.effectsAt('slack').filter((effect) => effect === 'message.send').length

describe('a run under a claim that stands', () => {
  it('goes its way, remembers the claim, and every entry of it in the log names task and token', async () => {
    const studio = await openStudio({ providers: ['slack'] })
    const { claim } = await openJob(studio.fabric)
    const mine = await claim()

    const run = await studio.fabric.apply(await studio.fabric.plan(SAY), { claim: mine })

    expect(run).toMatchObject({ state: 'done', record: { claim: mine, holder: null } })
    const entries = await entriesOf(studio.fabric, run.id)
    expect(entries.map((entry) => entry.kind)).toEqual([
      'run.start',
      'step.begin',
      'step.end',
      'step.verify',
      'run.end',
    ])
    for (const entry of entries) expect(entry.detail).toMatchObject(mine)
  })

  it('has many steps begin at once, each paid from a budget, while its holder beats', async () => {
    const studio = await openStudio({
      providers: ['stripe'],
      config: 'version: 1\nbudgets: [{name: day, limit: 50 USD, per: day}]\n',
    })
    const { claim, coordinator } = await openJob(studio.fabric)
    const mine = await claim()
    const steps = Array.from(
      { length: 20 },
      (_, at) => `  s${at}: {use: stripe payment.create, with: {amount: 100, currency: GBP, source: pm_card_visa}}`,
    )
    const plan = await studio.fabric.planPlaybook(
      'many.yaml',
      {},
      { text: `version: 1\nname: many\nsteps:\n${steps.join('\n')}\n` },
    )

    const applying = studio.fabric.apply(plan, { claim: mine, ...YES })
    const beats = (async () => {
      for (let beat = 0; beat < 30; beat++) await coordinator.extend(mine.task, mine.token)
    })()
    const [run] = await Promise.all([applying, beats])

    expect(run.state).toBe('done')
    expect(studio.effectsAt('stripe')).toHaveLength(20)
  })

  it('is undone under it, and later without it', async () => {
    const studio = await openStudio({ providers: ['slack'] })
    const { claim, coordinator } = await openJob(studio.fabric)
    const mine = await claim()
    const first = await studio.fabric.apply(await studio.fabric.plan(SAY), { claim: mine })
    const second = await studio.fabric.apply(await studio.fabric.plan(SAY), { claim: mine })

    const under = await studio.fabric.undo(first.id, { claim: mine })
    await coordinator.complete(mine.task, mine.token)
    const late = await failureOf(studio.fabric.undo(second.id, { claim: mine }))

    expect(under.state).toBe('undone')
    expect(late.code).toBe('IF_ERR_CLAIM_LOST')
    expect((await studio.fabric.undo(second.id)).state).toBe('undone')
  })

  it('is gone on with under it by a person who names none, as long as it stands', async () => {
    const studio = await openStudio({ providers: ['slack'] })
    const { claim } = await openJob(studio.fabric)
    const mine = await claim()
    const stopped = new AbortController()
    const run = await studio.fabric.apply(await studio.fabric.planPlaybook(studio.playbook(TWO_STEPS), {}), {
      claim: mine,
      stop: stopped.signal,
      onEvent: (event) => event.type === 'step.end' && stopped.abort(),
    })

    const resumed = await studio.fabric.resume(run.id)

    expect(resumed).toMatchObject({ state: 'done', record: { claim: mine } })
    const begins = (await entriesOf(studio.fabric, run.id)).filter((entry) => entry.kind === 'step.begin')
    expect(begins.map((entry) => entry.detail)).toEqual([mine, mine])
  })

  it('has a call cut where the lease ends, and says so', async () => {
    const studio = await openStudio({ providers: ['slack'], faults: ['slack/message.send:latency=5s'] })
    const { claim } = await openJob(studio.fabric)

    const run = await studio.fabric.apply(await studio.fabric.plan(SAY), { claim: await claim(600) })

    expect(run).toMatchObject({
      state: 'unknown',
      record: { error: { code: 'IF_ERR_OUTCOME_UNKNOWN', message: expect.stringContaining('the lease of task') } },
    })
  })

  it('is rehearsed and leaves nothing', async () => {
    const studio = await openStudio({ providers: ['slack'] })
    const { claim } = await openJob(studio.fabric)

    const run = await studio.fabric.apply(await studio.fabric.plan(SAY), { claim: await claim(), dryRun: true })

    expect(run.state).toBe('done')
    expect(textsSent(studio)).toBe(0)
  })
})

describe('a run under a claim that ended', () => {
  it.each<[string, (job: Job, claim: TaskClaim) => Promise<unknown>]>([
    ['was given back', ({ coordinator }, { task, token }) => coordinator.release(task, token)],
    ['is another’s by now', (job, claim) => job.moveOn(claim)],
    ['was completed', ({ coordinator }, { task, token }) => coordinator.complete(task, token)],
    ['was cancelled', ({ coordinator }, { task }) => coordinator.cancel(task)],
  ])('because it %s is refused before anything is asked or sent', async (_, end) => {
    const studio = await openStudio({ providers: ['slack'] })
    const job = await openJob(studio.fabric)
    const mine = await job.claim()
    const plan = await studio.fabric.plan(SAY)
    await end(job, mine)

    const refused = await failureOf(studio.fabric.apply(plan, { claim: mine }))

    expect(refused).toMatchObject({ code: 'IF_ERR_CLAIM_LOST', message: expect.stringContaining(mine.task) })
    expect(textsSent(studio)).toBe(0)
    expect(await studio.fabric.runs()).toEqual([])
  })

  it('of a task that never was is told so', async () => {
    const studio = await openStudio({ providers: ['slack'] })

    const refused = await failureOf(
      studio.fabric.apply(await studio.fabric.plan(SAY), { claim: { task: 'nowhere', token: 1 } }),
    )

    expect(refused).toMatchObject({ code: 'IF_ERR_NOT_FOUND', message: expect.stringContaining('nowhere') })
  })

  it('between two steps begins no more, says so in the log, and lets the run go', async () => {
    const studio = await openStudio({ providers: ['slack'] })
    const job = await openJob(studio.fabric)
    const mine = await job.claim()
    let next: Promise<TaskClaim> | undefined
    const plan = await studio.fabric.planPlaybook(studio.playbook(TWO_STEPS), {})

    const refused = await failureOf(
      studio.fabric.apply(plan, {
        claim: mine,
        // The hand-over is durable before step two can begin: its own commit stands in line behind it.
        onEvent: (event) => {
          if (event.type === 'step.end' && event.step.id === 'one') next = job.moveOn(mine)
        },
      }),
    )

    expect(refused.code).toBe('IF_ERR_CLAIM_LOST')
    expect(textsSent(studio)).toBe(1)
    const run = await studio.fabric.run('last')
    expect(run).toMatchObject({ state: 'failed', record: { holder: null, error: { code: 'IF_ERR_CLAIM_LOST' } } })
    expect(run.steps.map(({ id, state }) => [id, state])).toEqual([
      ['one', 'done'],
      ['two', 'pending'],
    ])
    expect((await entriesOf(studio.fabric, run.id)).find((entry) => entry.kind === 'step.denied')).toMatchObject({
      step: 'two',
      detail: { ...mine, code: 'IF_ERR_CLAIM_LOST' },
    })

    const stale = await failureOf(studio.fabric.resume(run.id, { claim: mine }))
    const newer = await next
    const resumed = await studio.fabric.resume(run.id, newer ? { claim: newer } : {})

    expect(stale.code).toBe('IF_ERR_CLAIM_LOST')
    expect(resumed).toMatchObject({ state: 'done', record: { claim: newer } })
    expect(textsSent(studio)).toBe(2)
    expect((await studio.fabric.verifyWitness()).ok).toBe(true)
  })

  it('is gone on with by a person without a claim, and by nobody else', async () => {
    const studio = await openStudio({ providers: ['slack'], actor: 'if://agent/teller' })
    const job = await openJob(studio.fabric)
    const mine = await job.claim()
    const stopped = new AbortController()
    const run = await studio.fabric.apply(await studio.fabric.planPlaybook(studio.playbook(TWO_STEPS), {}), {
      claim: mine,
      stop: stopped.signal,
      onEvent: (event) => event.type === 'step.end' && stopped.abort(),
    })
    await job.coordinator.release(mine.task, mine.token)

    const agent = await failureOf(studio.fabric.resume(run.id))
    const person = await (await studio.open({ actor: 'if://person/ana' })).resume(run.id)

    expect(run.state).toBe('failed')
    expect(agent).toMatchObject({
      code: 'IF_ERR_CLAIM_LOST',
      message: expect.stringContaining('if://agent/teller names no claim'),
      hint: expect.stringContaining('Claim the task'),
    })
    expect(person.state).toBe('done')
  })

  it('takes nothing back either', async () => {
    const studio = await openStudio({ providers: ['slack'] })
    const job = await openJob(studio.fabric)
    const mine = await job.claim()
    const text = TWO_STEPS.replace('name: a', 'name: a\nonFailure: undo').replace(
      '"#studio", text: two',
      '"#nowhere", text: two',
    )
    const plan = await studio.fabric.planPlaybook(studio.playbook(text), {})

    const refused = await failureOf(
      studio.fabric.apply(plan, {
        claim: mine,
        onEvent: (event) => {
          if (event.type === 'undo.start') void job.moveOn(mine)
        },
      }),
    )

    expect(refused.code).toBe('IF_ERR_CLAIM_LOST')
    expect(studio.effectsAt('slack')).not.toContain('message.delete')
  })
})

describe('a worker that starts over after another one fell', () => {
  it('goes on with what was begun, in the same order, and is told of what was done', async () => {
    const studio = await openStudio({ providers: ['slack'] })
    const job = await openJob(studio.fabric)
    const older = await job.claim()
    const text = TWO_STEPS
    const planned = () => studio.fabric.planPlaybook('a.yaml', {}, { text })
    const stopped = new AbortController()
    const done = await studio.fabric.apply(await studio.fabric.plan(SAY), { claim: older })
    const again = await studio.fabric.apply(await studio.fabric.plan(SAY), { claim: older })
    const begun = await studio.fabric.apply(await planned(), {
      claim: older,
      stop: stopped.signal,
      onEvent: (event) => event.type === 'step.end' && stopped.abort(),
    })
    const newer = await job.moveOn(older)

    const ids: string[] = []
    for (const _ of [1, 2, 3]) ids.push((await studio.fabric.apply(await studio.fabric.plan(SAY), { claim: newer })).id)
    const finished = await studio.fabric.apply(await planned(), { claim: newer })

    expect(ids.slice(0, 2)).toEqual([done.id, again.id])
    expect([done.id, again.id, begun.id]).not.toContain(ids[2])
    expect(finished).toMatchObject({ id: begun.id, state: 'done', record: { claim: newer } })
    expect(textsSent(studio)).toBe(5)
    expect((await studio.fabric.verifyWitness()).ok).toBe(true)
  })

  it('and has the very plan goes on with its run, and gets the same one when it asks twice', async () => {
    const studio = await openStudio({ providers: ['slack'] })
    const job = await openJob(studio.fabric)
    const older = await job.claim()
    const plan = await studio.fabric.planPlaybook('a.yaml', {}, { text: TWO_STEPS })
    const stopped = new AbortController()
    const begun = await studio.fabric.apply(plan, {
      claim: older,
      stop: stopped.signal,
      onEvent: (event) => event.type === 'step.end' && stopped.abort(),
    })
    const newer = await job.moveOn(older)

    const finished = await studio.fabric.apply(plan, { claim: newer })
    const again = await studio.fabric.apply(plan, { claim: newer })

    expect([finished.id, again.id]).toEqual([begun.id, begun.id])
    expect(finished.state).toBe('done')
    expect(textsSent(studio)).toBe(2)
  })

  it('leaves alone what was called off, what another task or actor did, and a plan that is another one', async () => {
    const studio = await openStudio({ providers: ['slack'] })
    const job = await openJob(studio.fabric)
    const other = await openJob(studio.fabric)
    const bot = await studio.open({ actor: 'if://agent/bot' })
    const older = await job.claim()
    const say = (text: string) => ({ ...SAY, input: { ...SAY.input, text } })
    const before = [
      await studio.fabric.undo((await studio.fabric.apply(await studio.fabric.plan(SAY), { claim: older })).id),
      await studio.fabric.apply(await studio.fabric.plan(SAY), { claim: await other.claim() }),
      await bot.apply(await bot.plan(SAY), { claim: older }),
      await studio.fabric.apply(await studio.fabric.plan(say('another')), { claim: older }),
    ].map(({ id }) => id)
    const newer = await job.moveOn(older)

    const run = await studio.fabric.apply(await studio.fabric.plan(SAY), { claim: newer })

    expect(before).not.toContain(run.id)
    expect(run.state).toBe('done')
  })
})

describe('two claimants', () => {
  it('that apply at the same moment: what the older one sends, it sent before the newer one held the task', async () => {
    const studio = await openStudio({ providers: ['slack'] })
    const other = await studio.open()
    const job = await openJob(studio.fabric)
    const older = await job.claim()
    const [plan, otherPlan] = await Promise.all([
      studio.fabric.plan(SAY),
      other.plan({ ...SAY, input: { ...SAY.input, text: 'newer' } }),
    ])

    const first = studio.fabric.apply(plan, { claim: older }).then(
      (run) => run.state,
      (thrown: { code: string }) => thrown.code,
    )
    const newer = await job.moveOn(older)
    const second = await other.apply(otherPlan, { claim: newer })
    const outcome = await first

    expect(second.state).toBe('done')
    expect(['done', 'IF_ERR_CLAIM_LOST']).toContain(outcome)
    expect(textsSent(studio)).toBe(outcome === 'done' ? 2 : 1)
  })

  it('and a run: the newer one takes it over at once from a holder that still lives', async () => {
    const studio = await openStudio({ providers: ['slack'], faults: ['slack/message.send:latency=1s'] })
    const other = await studio.open()
    const job = await openJob(studio.fabric)
    const older = await job.claim()
    const plan = await studio.fabric.planPlaybook(studio.playbook(TWO_STEPS), {})
    let started = () => {}
    const begun = new Promise<void>((resolve) => {
      started = resolve
    })

    const first = failureOf(
      studio.fabric.apply(plan, { claim: older, onEvent: (event) => event.type === 'step.start' && started() }),
    )
    await begun
    while ((await studio.fabric.run('last')).steps[0]?.state !== 'begun')
      await new Promise((resolve) => setTimeout(resolve, 2))
    const newer = await job.moveOn(older)
    const resumed = await other.resume('last', { claim: newer })

    expect((await first).code).toBe('IF_ERR_CLAIM_LOST')
    // Whether the first message arrived nobody can tell: it is never sent twice, and the second waits for a person.
    expect(resumed).toMatchObject({ state: 'unknown', record: { claim: newer } })
    expect(textsSent(studio)).toBeLessThanOrEqual(1)
  })
})

describe('a process that stands still', () => {
  let program: ChildProgram
  beforeAll(async () => {
    program = await buildChild(new URL('./fenced-child.ts', import.meta.url))
  })
  afterAll(() => program.remove())

  it('past its lease, inside a handler that then applies, sends nothing', async () => {
    const studio = await openStudio({ providers: ['slack'] })
    const coordinator = await studio.fabric.coordinator()
    const { id: task } = await coordinator.add({ kind: 'tell', swarm: 'studio' })
    const plan = await studio.fabric.plan(SAY)
    const go = join(studio.home, 'go')
    const child = program.start(studio.home, plan.digest, go)
    afterwards(() => child.kill())
    expect(await child.line()).toBe('claimed')

    child.process.kill('SIGSTOP')
    const mine = await coordinator.claim({ swarm: 'studio', worker: 'second' }, {}, { waitMs: 20_000 })
    writeFileSync(go, '')
    child.process.kill('SIGCONT')

    expect(mine?.task.id).toBe(task)
    expect(await child.line()).toBe('IF_ERR_CLAIM_LOST')
    expect(textsSent(studio)).toBe(0)
    const run = await studio.fabric.apply(await studio.fabric.plan(SAY), {
      claim: { task, token: mine?.token ?? 0 },
    })
    expect(run.state).toBe('done')
    expect(textsSent(studio)).toBe(1)
  })

  it('between the begin of a step and its request sends nothing, and the step is known not to have happened', async () => {
    const studio = await openStudio({ providers: ['slack'] })
    const fabric = await openStandingStill(studio, 300)
    const job = await openJob(fabric)
    const mine = await job.claim(200)

    const refused = await failureOf(fabric.apply(await fabric.plan(SAY), { claim: mine }))

    expect(refused).toMatchObject({ code: 'IF_ERR_CLAIM_LOST', message: expect.stringContaining('ran out') })
    expect(textsSent(studio)).toBe(0)
    expect(await studio.fabric.run('last')).toMatchObject({
      state: 'failed',
      record: { holder: null },
      steps: [{ state: 'failed', error: { code: 'IF_ERR_CLAIM_LOST' } }],
    })
  })
})
