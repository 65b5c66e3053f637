import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { RunEvent } from '../../../src/runs/index.ts'
import { openStudio, PERSON, YES } from '../fabric/rig.ts'
import { openLine } from './line.ts'
import { failureOf, holder, open, owner, serve, temporaryHome, until } from './rig.ts'

const SEND = { instance: 'slack', operation: 'message.send', input: { to: '#general', text: 'hello' } }
const CHARGE = {
  instance: 'stripe',
  operation: 'payment.create',
  input: { amount: 2500, currency: 'GBP', source: 'pm_card_visa' },
}

/** A home with twins, served; a fabric of its person through the daemon. */
async function servedStudio(options: Parameters<typeof openStudio>[0] = {}) {
  const studio = await openStudio(options)
  const daemon = await serve(studio.home)
  return { studio, daemon, fabric: await owner(daemon, { actor: PERSON, session: 'rehearsal' }) }
}

describe('a fabric through a daemon', () => {
  it('says which way it takes, and whose it is', async () => {
    const { daemon, fabric } = await servedStudio({ providers: [] })

    expect(fabric.way).toEqual({
      kind: 'daemon',
      address: `unix:${daemon.socket}`,
      version: '0.1.0',
      context: null,
      isLocal: true,
    })
    expect(fabric).toMatchObject({ home: daemon.home, actor: PERSON, session: 'rehearsal' })
  })

  it('shows providers, instances, budgets and the health of the home', async () => {
    const { fabric, studio } = await servedStudio({ providers: ['slack'] })

    expect(await fabric.providers()).toEqual(await studio.fabric.providers())
    expect(await fabric.provider('slack')).toEqual(await studio.fabric.provider('slack'))
    expect(await fabric.instances()).toEqual(await studio.fabric.instances())
    expect(await fabric.instance('slack')).toMatchObject({ provider: 'slack' })
    expect(await fabric.secrets()).toEqual(await studio.fabric.secrets())
    expect(await fabric.budgets()).toEqual(await studio.fabric.budgets())
    expect((await fabric.doctor()).every(({ ok }) => ok)).toBe(true)
    expect((await fabric.testInstance('slack')).ok).toBe(true)
    expect((await failureOf(fabric.provider('nope'))).code).toBe('IF_ERR_UNKNOWN_PROVIDER')
  })

  it('plans, asks, applies, tells what happens, and undoes', async () => {
    const { fabric, studio } = await servedStudio({ providers: ['slack', 'stripe'] })
    const events: RunEvent['type'][] = []
    const plan = await fabric.plan(CHARGE, { why: 'order 7' })
    let asked = ''

    expect((await failureOf(fabric.apply(plan))).code).toBe('IF_ERR_APPROVAL_REQUIRED')
    expect((await fabric.approvals()).map(({ state }) => state)).toEqual(['waiting'])
    const run = await fabric.apply(plan, {
      onEvent: ({ type }) => events.push(type),
      approve: async (shown) => {
        asked = shown.digest
        return true
      },
    })

    expect(run).toMatchObject({ state: 'done', receipts: [{ operation: 'payment.create', verified: 'confirmed' }] })
    expect(asked).toBe(plan.digest)
    expect(events).toEqual(expect.arrayContaining(['run.start', 'step.start', 'step.end', 'run.end']))
    expect(studio.effectsAt('stripe')).toEqual(['payment.create'])
    expect((await fabric.apply(plan)).id).toBe(run.id)
    expect((await fabric.run('last')).id).toBe(run.id)
    expect((await fabric.runs({ state: 'done', limit: 5 })).map(({ id }) => id)).toEqual([run.id])
    expect(await fabric.attempts(run.id, 'step')).toEqual(await studio.fabric.attempts(run.id, 'step'))
    expect((await fabric.undo(run.id, YES)).state).toBe('undone')
  })

  it('reads once, rehearses, falsifies, and refuses what is no read', async () => {
    const { fabric, studio } = await servedStudio({ providers: ['slack'] })
    const plan = await fabric.plan(SEND)

    expect((await fabric.importPlan(plan)).id).toBe(plan.id)
    await fabric.apply(plan, { dryRun: true })
    expect(studio.effectsAt('slack')).toEqual([])
    expect((await fabric.call({ instance: 'slack', operation: 'channel.list', input: {} })).state).toBe('done')
    expect((await failureOf(fabric.call(SEND))).code).not.toBe('IF_ERR_INTERNAL')
    expect((await fabric.falsify(plan)).length).toBeGreaterThan(0)
    expect((await fabric.readPlan('last')).digest).toBe(plan.digest)
    // By now the session has read what strangers wrote, and the same plan would ask.
    expect((await failureOf(fabric.importPlan(plan))).code).toBe('IF_ERR_PLAN_MOVED')
    expect((await failureOf(fabric.importPlan({ ...plan, digest: 'f'.repeat(64) }))).code).toBe('IF_ERR_INVALID_FILE')
  })

  it('plans a playbook that lies where the caller is: the daemon opens no file', async () => {
    const { fabric } = await servedStudio({ providers: ['slack'] })
    const elsewhere = join(temporaryHome(), 'tell.yaml')
    writeFileSync(
      elsewhere,
      'version: 1\nname: tell\ninputs:\n  what: { type: string, description: text }\nsteps:\n  tell: { use: slack message.send, with: { to: "#general", text: "${inputs.what}" } }\n',
    )

    const plan = await fabric.planPlaybook(elsewhere, { what: 'hello' })
    const run = await fabric.apply(plan)

    expect(run).toMatchObject({ state: 'done', receipts: [{ step: 'tell' }] })
    expect((await failureOf(fabric.planPlaybook('/nowhere/x.yaml', {}))).code).toBe('IF_ERR_NOT_FOUND')
  })

  it('streams the witness log, as much of it as is read', async () => {
    const { fabric } = await servedStudio({ providers: ['slack'] })
    for (let at = 0; at < 3; at++)
      await fabric.apply(await fabric.plan({ ...SEND, input: { to: '#general', text: `${at}` } }))

    const all: unknown[] = []
    for await (const entry of fabric.witnessEntries()) all.push(entry.seq)
    const last: unknown[] = []
    for await (const entry of fabric.witnessEntries({ reverse: true, limit: 2 })) last.push(entry.seq)
    for await (const _ of fabric.witnessEntries()) break

    expect(all.length).toBeGreaterThan(5)
    expect(last).toEqual(all.slice(-2).reverse())
    expect((await fabric.verifyWitness()).ok).toBe(true)
  })

  it('brings the spans of a traced call along', async () => {
    const { daemon } = await servedStudio({ providers: ['slack'] })
    const fabric = await owner(daemon, { actor: PERSON, trace: 'a'.repeat(32) })

    await fabric.plan(SEND)

    expect(fabric.trace.traceId).toBe('a'.repeat(32))
    expect(fabric.trace.spans.map(({ name }) => name)).toContain('plan')
  })

  it('adds, tests and removes instances, with secrets whose path means the same to the daemon', async () => {
    const { fabric, studio, daemon } = await servedStudio({ providers: ['slack'] })
    await fabric.addInstance({ provider: 'slack', name: 'other', twin: true })
    const secret = join(temporaryHome(), 'token')
    writeFileSync(secret, 'xoxb-something-else')
    const [twin] = studio.twins()

    expect(
      (
        await fabric.testSecret('other', 'SLACK_BOT_TOKEN', {
          kind: 'value',
          value: twin?.secrets.SLACK_BOT_TOKEN ?? '',
        })
      ).ok,
    ).toBe(true)
    await fabric.setSecret('other', 'SLACK_BOT_TOKEN', { kind: 'file', path: secret })
    expect((await failureOf(fabric.testInstance('other'))).code).toBe('IF_ERR_AUTH_FAILED')
    await fabric.removeInstance('other')
    expect((await fabric.instances()).map(({ name }) => name)).toEqual(['slack'])
    const { fabric: agent } = await holder(daemon, { actor: 'if://agent/a' })
    expect(
      (await failureOf(agent.setSecret('slack', 'SLACK_BOT_TOKEN', { kind: 'file', path: '/etc/passwd' }))).code,
    ).toBe('IF_ERR_SCOPE_MISSING')
  })

  it('makes, lists and revokes tokens, approves and settles as a person', async () => {
    const { fabric, daemon } = await servedStudio({ providers: ['stripe'] })
    const made = await fabric.createToken({ actor: 'if://agent/a', note: 'for tests' })
    expect((await fabric.tokens()).map(({ note }) => note)).toEqual(['for tests'])
    const agent = await open({ url: daemon.url, token: made.token })
    const plan = await agent.plan(CHARGE)
    expect((await failureOf(agent.apply(plan, YES))).code).toBe('IF_ERR_APPROVAL_REQUIRED')

    expect((await failureOf(agent.decideApproval(plan.digest, 'grant', {}))).code).toBe('IF_ERR_SCOPE_MISSING')
    expect((await fabric.decideApproval(plan.digest, 'grant', { why: 'fine' })).state).toBe('granted')
    expect((await fabric.approval(plan.digest)).decidedBy).toBe(PERSON)
    expect((await agent.apply(plan)).state).toBe('done')
    expect((await fabric.revokeToken(made.id)).revokedAt).not.toBeNull()
  })

  it('takes no yes from a person whose token may not approve', async () => {
    const { daemon, studio } = await servedStudio({ providers: ['stripe'] })
    const { fabric } = await holder(daemon, { actor: PERSON })
    const plan = await fabric.plan(CHARGE)

    expect((await failureOf(fabric.apply(plan, YES))).code).toBe('IF_ERR_APPROVAL_REQUIRED')
    expect(studio.effectsAt('stripe')).toEqual([])

    const { fabric: approver } = await holder(daemon, { actor: PERSON, scopes: ['read', 'actions', 'approval:grant'] })
    expect((await approver.apply(plan, YES)).state).toBe('done')
  })

  it('acts under no claim of a swarm that the token doesn’t name', async () => {
    const { daemon, studio } = await servedStudio({ providers: ['slack'] })
    const tasks = await (await owner(daemon)).coordinator()
    await tasks.add({ id: 'theirs', kind: 'k', swarm: 'theirs' })
    const { token } = await tasks.claim({ swarm: 'theirs', worker: 'w' }, 'theirs')
    const claim = { task: 'theirs', token }
    const { fabric } = await holder(daemon, { actor: 'if://agent/ours', swarms: ['ours'] })
    const plan = await fabric.plan(SEND)

    expect((await failureOf(fabric.apply(plan, { claim }))).code).toBe('IF_ERR_SCOPE_MISSING')
    expect((await failureOf(fabric.runModule('any', { claim }))).code).toBe('IF_ERR_SCOPE_MISSING')
    expect(studio.effectsAt('slack')).toEqual([])
    const { fabric: theirs } = await holder(daemon, { actor: 'if://agent/theirs', swarms: ['theirs'] })
    expect((await theirs.apply(await theirs.plan(SEND), { claim })).state).toBe('done')
  })

  it('serves twins in the caller’s process where the home is here, and says so where it isn’t', async () => {
    const home = temporaryHome()
    const daemon = await serve(home)
    const near = await open({ home })
    const far = await owner(daemon)

    const twins = await near.serveTwins({ providers: ['slack'] })
    await near.addInstance({ provider: 'slack', twin: true })
    expect((await near.testInstance('slack')).ok).toBe(true)
    await twins.close()

    expect(near.way.kind).toBe('daemon')
    expect((await failureOf(far.serveTwins({ providers: ['slack'] }))).code).toBe('IF_ERR_UNSUPPORTED')
  })

  it('follows a stream until its reader leaves', async () => {
    const { fabric, studio } = await servedStudio({ providers: ['home-assistant'] })
    const leaving = new AbortController()
    const events = fabric.watch(
      { instance: 'home-assistant', operation: 'state.watch', input: {} },
      { signal: leaving.signal },
    )
    const first = events[Symbol.asyncIterator]().next()
    await until(async () => (await count(studio.fabric.witnessEntries())) > 0, 'the stream was not begun')
    leaving.abort()

    expect((await first.catch(() => ({ done: true }))).done).toBe(true)
  })
})

describe('a run through a daemon', () => {
  const SLOW =
    'version: 1\nname: two\nsteps:\n  one: { use: slack message.send, with: { to: "#general", text: "1" } }\n  two: { use: slack message.send, with: { to: "#general", text: "2" }, after: [one] }\n'

  it('whose caller is gone starts nothing more, and can be resumed', async () => {
    const { studio, daemon, fabric } = await servedStudio({ providers: ['slack'] })
    const line = await openLine(daemon)
    const leaving = await open({ url: line.url, actor: PERSON, session: 'rehearsal' })
    const plan = await leaving.planPlaybook(studio.playbook(SLOW), {})

    const lost = failureOf(
      leaving.apply(plan, {
        onEvent: ({ type }) => {
          if (type === 'step.start') line.sever()
        },
      }),
    )

    expect(await lost).toMatchObject({ code: 'IF_ERR_DAEMON_UNAVAILABLE', next: 'ifab run list', retryable: false })
    await until(async () => {
      const [run] = await fabric.runs()
      return run !== undefined && run.state !== 'running'
    }, 'the run goes on without its caller')
    const resumed = await fabric.resume('last')
    expect(resumed.state).toBe('done')
    expect(studio.effectsAt('slack')).toEqual(['message.send', 'message.send'])
  })

  it('stops and gives up at the caller’s signals', async () => {
    const { studio, fabric } = await servedStudio({ providers: ['slack'] })
    const plan = await fabric.planPlaybook(studio.playbook(SLOW), {})

    const run = await fabric.apply(plan, { stop: AbortSignal.abort() })

    expect(run.state).not.toBe('done')
    expect((await fabric.resume(run.id)).state).toBe('done')
    const aborted = AbortSignal.abort()
    const second = await fabric.planPlaybook(studio.playbook(SLOW.replace('"1"', '"3"')), {})
    await fabric.apply(second, { signal: aborted }).catch(() => undefined)
    expect(studio.effectsAt('slack').length).toBeLessThanOrEqual(3)
  })

  it('that the daemon’s end finds under way is stopped, and waits to be resumed', async () => {
    const { studio, daemon, fabric } = await servedStudio({ providers: ['slack'] })
    const plan = await fabric.planPlaybook(studio.playbook(SLOW), {})
    let closing: Promise<void> | undefined

    const run = await fabric.apply(plan, {
      onEvent: ({ type }) => {
        if (type === 'step.end') closing ??= daemon.close()
      },
    })
    await closing

    expect(run.receipts.length).toBeGreaterThan(0)
    const next = await owner(await serve(daemon.home), { actor: PERSON, session: 'rehearsal' })
    expect((await next.resume(run.id)).state).toBe('done')
    expect(studio.effectsAt('slack')).toEqual(['message.send', 'message.send'])
  })
})

async function count(items: AsyncIterable<unknown>): Promise<number> {
  let counted = 0
  for await (const _ of items) counted++
  return counted
}
