import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { ApplyOptions, Fabric, Way } from '../../../src/fabric/index.ts'
import { fakeFabric, fakePlan, fakeRun } from './fake-fabric.ts'
import { type CliOptions, runCli, startCli, until } from './run-cli.ts'
import { openTaskRig, type TaskRig } from './task-rig.ts'

const ALLOWED = fakePlan({ verdict: { decision: 'allow', reasons: [] } })
const PROD: Way = {
  kind: 'daemon',
  address: 'https://ifab.example.com',
  version: '0.1.0',
  context: 'prod',
  isLocal: false,
}

/** Applies and undoes, keeping the options that came. */
function performing(own: Partial<Fabric> = {}): CliOptions & { seen: ApplyOptions[] } {
  const seen: ApplyOptions[] = []
  const keep = async (_: unknown, options: ApplyOptions = {}) => {
    seen.push(options)
    return fakeRun()
  }
  const fabric = fakeFabric({
    readPlan: async () => ALLOWED,
    run: async () => fakeRun(),
    plan: async () => ALLOWED,
    apply: keep,
    resume: keep,
    undo: keep,
    ...own,
  })
  return { seen, openFabric: async () => fabric }
}

describe('acting under a claim', () => {
  let rig: TaskRig
  beforeEach(async () => {
    rig = await openTaskRig()
  })
  afterEach(() => rig.close())

  it.each([[['apply', '9c1e77ab']], [['apply', '--resume', 'last']], [['undo', 'last']]])(
    '%j carries the task and its token',
    async (words) => {
      const { id } = await rig.coordinator.add({ kind: 'k' })
      const options = performing({ coordinator: async () => rig.coordinator })

      const flag = await runCli([...words, '--claim', `${id.slice(-8).toLowerCase()}:7`], options)
      const variable = await runCli(words, { ...options, env: { IFAB_CLAIM: `${id}:8` } })
      await runCli(words, options)

      expect([flag.code, variable.code]).toEqual([0, 0])
      expect(options.seen.map(({ claim }) => claim)).toEqual([
        { task: id, token: 7 },
        { task: id, token: 8 },
        undefined,
      ])
    },
  )

  it('refuses a claim of another form before anything begins', async () => {
    const options = performing()

    const result = await runCli(['apply', '9c1e77ab', '--claim', 'one'], options)

    expect(result.stderr).toContain('--claim expects TASK:TOKEN, got "one"')
    expect([result.code, options.seen.length]).toEqual([2, 0])
  })

  it('never repeats a bearer token that was given in place of the number', async () => {
    const result = await rig.ifab(['task', 'complete', 'one', '--token', 'ifab_01_secret'])

    expect(result.stderr).toContain('--token expects a whole number ≥ 1, got a bearer token')
    expect(result.stderr).not.toContain('secret')
  })
})

describe('a fabric that is not on this machine', () => {
  it('is named in every plan and in its JSON', async () => {
    const options = performing({ way: PROD })
    const words = ['plan', 'shop', 'payment.create', 'amount=2500', 'currency=GBP']

    const text = await runCli(words, options)
    const json = await runCli([...words, '--json'], options)
    const applied = await runCli(['apply', '9c1e77ab', '--json'], options)

    expect(text.stdout).toMatch(/^plan 9c1e77ab on prod \(https:\/\/ifab\.example\.com\) · shop/)
    expect(JSON.parse(json.stdout).way).toEqual(PROD)
    expect(JSON.parse(applied.stdout).way).toEqual(PROD)
  })

  it('is named in the question', async () => {
    const options = performing({
      way: PROD,
      readPlan: async () => fakePlan(),
      apply: async (plan, { approve } = {}) => {
        await approve?.(plan)
        return fakeRun()
      },
    })
    const started = startCli(['apply', '9c1e77ab', '--no-color'], { ...options, terminal: true })
    await until(() => started.stderr().includes('(yes/no)'))
    started.type('yes\n')

    expect(await started.code).toBe(0)
    expect(started.stderr()).toContain(
      'Take in GBP 25.00 through shop [env=sandbox] on prod (https://ifab.example.com)? Your yes',
    )
  })

  it('is named where a secret is asked for', async () => {
    const set: unknown[] = []
    const fabric = fakeFabric({
      way: PROD,
      testSecret: async () => ({ instance: 'shop', ok: true, durationMs: 1, told: 'fine' }),
      setSecret: async (...words) => void set.push(words),
    })
    const started = startCli(['secret', 'set', 'shop', 'PAY_KEY'], { openFabric: async () => fabric, terminal: true })
    await until(() => started.stderr().includes(': '))
    started.type('sk_1\r')

    expect(await started.code).toBe(0)
    expect(started.stderr()).toContain('PAY_KEY (hidden) on prod (https://ifab.example.com): ')
    expect(set).toEqual([['shop', 'PAY_KEY', { kind: 'value', value: 'sk_1' }]])
  })

  it('is named by doctor and --trace, and chosen by --context', async () => {
    const chosen: unknown[] = []
    const fabric = fakeFabric({ way: PROD, doctor: async () => [{ name: 'way', ok: true, text: 'embedded' }] })
    const result = await runCli(['doctor', '--trace', '--context', 'prod'], {
      openFabric: async ({ context }) => {
        chosen.push(context)
        return fabric
      },
    })

    expect(result.stdout).toContain('daemon prod (https://ifab.example.com) (0.1.0)')
    expect(result.stderr).toContain('by way of daemon prod (https://ifab.example.com) (0.1.0)')
    expect(chosen).toEqual(['prod'])
  })
})

describe('what needs the home itself', () => {
  it('opens it, whatever daemon runs', async () => {
    const ways: unknown[] = []
    const options: CliOptions = {
      openFabric: (options) => {
        ways.push(options.way)
        return Promise.reject(new Error('seen'))
      },
    }

    await runCli(['twin', 'up', 'stripe'], options)
    await runCli(['demo'], options)
    await runCli(['budget', 'list'], options)

    expect(ways).toEqual(['home', 'home', undefined])
  })
})
