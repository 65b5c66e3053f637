// One home, many actors: what a daemon stands on.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type FabricHost, type OpenHostOptions, openFabric, openHost } from '../../../src/fabric/index.ts'
import type { Logger } from '../../../src/foundation/index.ts'
import { buildChild, type ChildProgram } from '../child-process.ts'
import { afterwards, failureOf, openStudio, PERSON, temporaryFolder } from './rig.ts'

async function openedHost(options: OpenHostOptions = {}): Promise<FabricHost> {
  const host = await openHost({ home: temporaryFolder(), env: {}, ...options })
  afterwards(() => host.close())
  return host
}

describe('a host', () => {
  it('gives each actor a fabric on what is open', async () => {
    const host = await openedHost()
    const ana = host.as({ actor: 'if://person/ana', session: 'a', why: 'because', trace: true })
    const bot = host.as({ actor: 'if://agent/bot' })

    await ana.plan({ instance: 'slack', operation: 'message.send', input: { to: '#a', text: 'hi' } })

    expect(ana).toMatchObject({ home: host.home, actor: 'if://person/ana', session: 'a' })
    expect(ana.way).toEqual({ kind: 'home', home: host.home })
    expect(ana.trace.spans.map((span) => span.name)).toContain('plan')
    expect(bot.session).toMatch(/^agent-bot-\d{4}-\d\d-\d\d$/)
    expect(bot.trace.spans).toEqual([])
    expect(await bot.coordinator()).toBe(await ana.coordinator())
    expect((await failureOf(bot.readPlan('last'))).message).toContain('if://agent/bot has no plan')
    expect(await ana.readPlan('last')).toMatchObject({ actor: 'if://person/ana', why: 'because' })
  })

  it('refuses an actor that is no address', async () => {
    const host = await openedHost()

    expect(() => host.as({ actor: 'ana' })).toThrow('"ana" is not an address')
  })

  it('goes on when a fabric of it is closed, whose streams end', async () => {
    const studio = await openStudio({ providers: ['home-assistant'] })
    const host = await openedHost({ home: studio.home })
    const leaving = host.as({ actor: PERSON })
    const staying = host.as({ actor: PERSON })
    const stream = leaving.watch({ instance: 'home-assistant', operation: 'state.watch', input: {} })
    const ended = (async () => {
      for await (const _ of stream);
    })()

    await leaving.close()
    await ended

    expect((await staying.testInstance('home-assistant')).ok).toBe(true)
    expect((await leaving.instances()).map(({ name }) => name)).toEqual(['home-assistant'])
  })

  it('takes the twins down that a fabric of it served, when that is closed', async () => {
    const host = await openedHost()
    const serving = host.as({ actor: PERSON })
    const other = host.as({ actor: PERSON })
    const { twins } = await serving.serveTwins({ providers: ['slack'] })
    await other.addInstance({ provider: 'slack', twin: true })
    expect((await other.testInstance('slack')).ok).toBe(true)

    await serving.close()

    expect((await failureOf(other.testInstance('slack'))).code).toBe('IF_ERR_PROVIDER_UNAVAILABLE')
    await expect(fetch(twins[0]?.url ?? '')).rejects.toThrow('fetch failed')
  })

  it('hands the claims of its workers back when it is closed, and is closed for everybody then', async () => {
    const home = temporaryFolder()
    const host = await openedHost({ home })
    const fabric = host.as({ actor: PERSON })
    const coordinator = await fabric.coordinator()
    const taken = new Promise<AbortSignal>((resolve) => {
      coordinator.worker({ swarm: 'studio' }, async (_claim, { signal }) => {
        resolve(signal)
        await new Promise((end) => signal.addEventListener('abort', end))
      })
    })
    const { id } = await coordinator.add({ kind: 'wait', swarm: 'studio' })
    const signal = await taken

    await Promise.all([host.close(), host.close()])

    expect(signal.aborted).toBe(true)
    expect(() => host.as({ actor: PERSON })).toThrow('is closed')
    expect((await failureOf(host.coordinator())).code).toBe('IF_ERR_STORE_UNAVAILABLE')
    const again = await openedHost({ home })
    expect(await (await again.coordinator()).get(id)).toMatchObject({ state: 'open', token: 1, attempt: 0 })
  })

  it('closes without ever having opened its coordinator', async () => {
    const host = await openHost({ home: temporaryFolder(), env: {} })

    await expect(host.close()).resolves.toBeUndefined()
  })

  it('reads what concerns tasks from config.yaml, and refuses a lease that makes no sense with its line', async () => {
    const home = temporaryFolder()
    const config = join(home, 'config.yaml')
    writeFileSync(config, 'version: 1\ncoordinator:\n  lease: 2m\n  maxUnfinished: 1\n  pushWait: 1ms\n')
    const host = await openedHost({ home })
    const coordinator = await host.coordinator()
    const { id } = await coordinator.add({ kind: 'a', swarm: 's' })

    expect(await coordinator.claim({ swarm: 's', worker: 'w' }, id)).toMatchObject({ leaseMs: 120_000 })
    expect((await failureOf(coordinator.add({ kind: 'a', swarm: 's' }))).code).toBe('IF_ERR_TIMEOUT')

    writeFileSync(config, 'version: 1\ncoordinator:\n  lease: 1ms\n')
    expect(await failureOf(openHost({ home, env: {} }))).toMatchObject({
      code: 'IF_ERR_INVALID_FILE',
      message: expect.stringContaining('config.yaml:3 coordinator.lease: expected 50ms to 24h'),
    })
  })

  it('follows config.yaml: a rule that is tightened holds for fabrics that are open, a wrong file changes nothing', async () => {
    const told: string[] = []
    const tell = (message: string, fields?: object) => void told.push(`${message} ${JSON.stringify(fields)}`)
    const logger: Logger = { debug() {}, info: tell, warn: tell, error: tell }
    const home = temporaryFolder()
    const config = join(home, 'config.yaml')
    const host = await openedHost({ home, logger })
    const fabric = host.as({ actor: PERSON })
    const say = { instance: 'slack', operation: 'message.send', input: { to: '#a', text: 'hi' } }
    const untilTold = async (what: string) => {
      while (!told.some((line) => line.includes(what))) await new Promise((resolve) => setTimeout(resolve, 20))
    }
    const before = await fabric.plan(say)

    writeFileSync(config, 'version: 1\npolicy: {effects: {send: deny}}\nbudgets: [{name: day, limit: 1 USD}]\n')
    await untilTold('is followed')
    const after = await fabric.plan(say)
    const moved = await failureOf(fabric.apply(before))
    writeFileSync(config, 'version: 1\npolicy: {effects: {send: perhaps}}\n')
    await untilTold('is wrong')

    expect([before.verdict.decision, after.verdict.decision]).toEqual(['allow', 'deny'])
    expect(moved.code).toBe('IF_ERR_PLAN_MOVED')
    expect((await fabric.budgets()).map(({ name }) => name)).toEqual(['day', 'spent'])
    expect((await fabric.plan(say)).verdict.decision).toBe('deny')
    expect(told.at(-1)).toContain('config.yaml:2 policy.effects.send')
    expect((await fabric.doctor()).find(({ name }) => name === 'config')).toMatchObject({ ok: false })
  })

  it('keeps secrets out of a log that was handed in', async () => {
    const lines: string[] = []
    const write = (message: string, fields?: object) => void lines.push(`${message} ${JSON.stringify(fields)}`)
    const logger: Logger = { debug: write, info: write, warn: write, error: write }
    const host = await openedHost({ logger })
    const { token } = await host.as({ actor: PERSON }).createToken({ actor: 'if://agent/bot' })

    host.logger.warn(`somebody came with ${token}`, { header: `Bearer ${token}`, plain: 1 })
    host.logger.info('nothing to tell')
    host.logger.debug('nor here')
    host.logger.error('nor here')

    expect(lines).toEqual([
      expect.stringMatching(
        /^somebody came with ifab_[0-9A-Z]{26}_<redacted> \{"header":"Bearer ifab_.*_<redacted>","plain":1\}$/,
      ),
      'nothing to tell {}',
      'nor here {}',
      'nor here {}',
    ])
  })
})

describe('a playbook as text', () => {
  it('is planned without a file of that name', async () => {
    const { fabric } = await openStudio({ providers: [] })
    const text = 'version: 1\nname: a\nsteps:\n  tell: {use: slack message.send, with: {to: "#a", text: hi}}\n'

    const plan = await fabric.planPlaybook('/nowhere/a.yaml', {}, { text })

    expect(plan).toMatchObject({ source: { kind: 'playbook', name: 'a', file: '/nowhere/a.yaml' } })
    expect(
      (await failureOf(fabric.planPlaybook('/nowhere/a.yaml', {}, { text: 'version: 1\nsteps: 7\n' }))).message,
    ).toContain('a.yaml:1')
    expect((await failureOf(fabric.planPlaybook('/nowhere/a.yaml', {}))).code).toBe('IF_ERR_NOT_FOUND')
  })
})

describe('a home that a host has open', () => {
  let program: ChildProgram
  beforeAll(async () => {
    program = await buildChild(new URL('../runs/fabric-child.ts', import.meta.url))
  })
  afterAll(() => program.remove())

  it('is used by another process at the same time', async () => {
    const studio = await openStudio({ providers: ['slack'] })
    const host = await openedHost({ home: studio.home })
    const coordinator = await host.coordinator()
    const inHost = host.as({ actor: PERSON })
    const say = (text: string) => ({ instance: 'slack', operation: 'message.send', input: { to: '#studio', text } })
    const [first, second] = [await inHost.plan(say('one')), await inHost.plan(say('two'))]
    const child = program.start(studio.home, 'apply', first.digest)

    const [lines, run] = await Promise.all([
      child.rest(),
      inHost.apply(second),
      ...Array.from({ length: 20 }, () => coordinator.add({ kind: 'a', swarm: 's' })),
    ])

    expect(lines.at(-1)).toBe('done')
    expect(run.state).toBe('done')
    expect(await inHost.runs()).toHaveLength(2)
    expect((await inHost.verifyWitness()).ok).toBe(true)
  })

  it('shows its tasks to whoever opens it beside, and takes theirs', async () => {
    const home = temporaryFolder()
    const host = await openedHost({ home })
    const beside = await openFabric({ home, env: {}, actor: PERSON })
    afterwards(() => beside.close())
    const inHost = await host.coordinator()
    const { id } = await inHost.add({ kind: 'a', swarm: 's' })

    const claim = await (await beside.coordinator()).claim({ swarm: 's', worker: 'w' }, id)
    const lost = await failureOf(inHost.claim({ swarm: 's', worker: 'v' }, id))

    expect(claim.token).toBe(1)
    expect(lost.code).toBe('IF_ERR_CLAIM_LOST')
    await expect(inHost.complete(id, 1, { ok: true })).resolves.toMatchObject({ state: 'done' })
  })
})
