// Ctrl-C, a reader that goes away, neighbours that want the same name, and very much work: the command as a process.
import { execFile } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { packageRoot } from '../../../src/fabric/index.ts'
import { type Ended, errorOf, ifab, startIfab } from '../../support/command.ts'
import { closedGate } from '../../support/gate.ts'
import { tracesIn } from '../../support/home-view.ts'
import { openStudio, type Studio } from '../../support/studio.ts'

let studio: Studio

beforeEach(async () => {
  studio = await openStudio()
})
afterEach(() => studio.close())

const PAYMENTS = `version: 1
name: payments
steps:
  first: { use: stripe payment.create, with: { amount: 100, currency: EUR, source: pm_card_visa } }
  second: { use: stripe payment.create, with: { amount: 200, currency: EUR, source: pm_card_visa }, after: first }
  third: { use: stripe payment.create, with: { amount: 300, currency: EUR, source: pm_card_visa }, after: second }
`

/** Starts three payments in a row; a gate holds the answer to the first one, another that to the second. */
async function startPayments() {
  const file = join(studio.home, 'payments.yaml')
  await writeFile(file, PAYMENTS)
  const gates = [closedGate(), closedGate()] as const
  let answers = 0
  studio.relays.stripe.setHooks({
    answer: (line) => (line.startsWith('POST') ? gates[answers++]?.pass() : undefined),
  })
  const running = startIfab(['apply', '-f', file], { home: studio.home })
  await gates[0].reached
  return { running, first: gates[0], second: gates[1] }
}

const statesOfLast = async () => (await studio.fabric.run('last')).steps.map(({ state }) => state)

/** Resolves once the command has said this on stderr. */
const hear = (running: ReturnType<typeof startIfab>, words: string): Promise<void> =>
  new Promise((resolve) => {
    let said = ''
    running.process.stderr?.on('data', (text: string) => {
      said += text
      if (said.includes(words)) resolve()
    })
  })

const resumeLast = () => ifab(['apply', '--resume', 'last', '--json'], { home: studio.home })

it('Ctrl-C once starts nothing more, waits for what is under way, and says how to go on', async () => {
  const { running, first } = await startPayments()
  const heard = hear(running, 'nothing more is started')
  running.kill('SIGINT')
  await heard
  first.open()
  const ended = await running.ended

  expect(ended.code).toBe(130)
  expect(ended.stderr).toContain('ifab apply --resume')
  expect(studio.twins.stripe.effects).toHaveLength(1)
  expect(await statesOfLast()).toEqual(['done', 'pending', 'pending'])

  studio.relays.stripe.setHooks({})
  expect((await resumeLast()).code).toBe(0)
  expect(studio.twins.stripe.effects).toHaveLength(3)
})

it('Ctrl-C twice gives up at once, and the resume finds out what became of it', async () => {
  const { running, first } = await startPayments()
  const heard = hear(running, 'nothing more is started')
  running.kill('SIGINT')
  await heard
  running.kill('SIGINT')
  const ended = await running.ended
  first.open()

  expect(ended.code).toBe(130)
  expect((await tracesIn(studio.home)).held).toBe(1)

  studio.relays.stripe.setHooks({})
  const resumed = await resumeLast()
  expect(resumed.code, resumed.stderr).toBe(0)
  expect(studio.twins.stripe.effects).toHaveLength(3)
  expect((await tracesIn(studio.home)).held).toBe(0)
})

it('a reader that goes away stops a run like Ctrl-C: nothing is cut off, and it can go on', async () => {
  const { running, first, second } = await startPayments()
  const heard = hear(running, 'nothing more is started')
  running.process.stdout?.destroy()
  first.open()
  await heard
  second.open()
  const ended = await running.ended

  expect(ended.code).toBe(130)
  expect(ended.stderr).toContain('ifab apply --resume')
  expect(await statesOfLast()).toEqual(['done', 'done', 'pending'])
  expect((await tracesIn(studio.home)).held).toBe(0)

  studio.relays.stripe.setHooks({})
  expect((await resumeLast()).code).toBe(0)
  expect(studio.twins.stripe.effects).toHaveLength(3)
})

it('of several that add an instance of the same name one succeeds, and its secret is the one that is kept', async () => {
  const { url } = studio.relays.stripe
  const add = `provider add stripe --as shop --twin ${url} --no-test --secret STRIPE_SECRET_KEY=- --json`.split(' ')
  const values = ['sk_test_one', 'sk_test_two', studio.twins.stripe.secrets.STRIPE_SECRET_KEY ?? '']
  const all: Ended[] = await Promise.all(values.map((input) => ifab(add, { home: studio.home, input })))

  const winners = all.flatMap(({ code }, at) => (code === 0 ? [at] : []))
  expect(all.map(({ code }) => code).sort()).toEqual([0, 6, 6])
  for (const ended of all.filter(({ code }) => code !== 0)) expect(errorOf(ended).code).toBe('IF_ERR_ALREADY_EXISTS')
  const tested = await ifab(['provider', 'test', 'shop', '--json'], { home: studio.home })
  expect(tested.code).toBe(winners[0] === 2 ? 0 : 5)
  expect((await tracesIn(studio.home)).files.filter((file) => file.startsWith('providers/'))).toEqual([
    'providers/home-assistant.yaml',
    'providers/shop.yaml',
    'providers/slack.yaml',
    'providers/stripe.yaml',
  ])
})

it('plans a playbook of 10,000 steps, and a reader that goes away ends the listing quietly', async () => {
  const steps = Array.from(
    { length: 10_000 },
    (_, at) => `  s${at}: { use: slack message.send, with: { to: "#studio", text: "message ${at}" } }`,
  )
  const file = join(studio.home, 'huge.yaml')
  await writeFile(file, `version: 1\nname: huge\nsteps:\n${steps.join('\n')}\n`)

  const listing = `{ "${process.execPath}" "${join(packageRoot(), 'bin', 'ifab.cjs')}" plan -f "${file}"; echo "exit $?" >&2; } | head -1`
  const { stdout, stderr } = await promisify(execFile)('sh', ['-c', listing], {
    env: { PATH: process.env.PATH ?? '', IFAB_HOME: studio.home, NO_COLOR: '1' },
  })

  expect(stdout).toMatch(/^plan [0-9a-f]{8} · huge · 10,?000 steps .*\n$/)
  expect(stderr).toMatch(/^(Next: .*\n)?exit 0\n$/)
  expect((await studio.fabric.readPlan('last')).steps).toHaveLength(10_000)
  expect(await tracesIn(studio.home)).toMatchObject({ plans: 1, runs: 0 })
})
