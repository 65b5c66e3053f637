// Secrets are planted in every way in which a home can get them, everything is done with them, good and bad, with every
// flag that makes the command talk, and before hosts that echo them. Then everything said and every byte kept is searched.
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type Canary, canary, filesBelow } from '../../support/canary.ts'
import { type Ended, ifab, startIfab } from '../../support/command.ts'
import { ECHO_FORMS, type EchoHost, openEchoHost } from '../../support/echo-host.ts'
import { closedGate } from '../../support/gate.ts'
import { writeShowPlaybook } from '../../support/show-playbook.ts'
import { openStudio, type Studio } from '../../support/studio.ts'
import { type TemporaryFolder, temporaryFolder } from '../../support/temporary.ts'

const LOUD = ['--explain', '--trace', '--log-level', 'debug']

const canaries = {
  stripe: canary('sk_test_'),
  slack: canary('xoxb-'),
  'home-assistant': canary('ey.'),
  echo: canary('sk_"+/', '&?=~ ü'),
} satisfies Record<string, Canary>

let studio: Studio
let outside: TemporaryFolder
let host: EchoHost
/** What the home holds at the end. */
let files: { path: string; bytes: Buffer }[]
/** What each command said. */
const said = new Map<string, Ended>()
/** What the process table showed of a command at work. */
const shown: Record<'commandLine' | 'environment', Buffer> = {
  commandLine: Buffer.alloc(0),
  environment: Buffer.alloc(0),
}

beforeAll(async () => {
  const { stripe, slack, echo } = canaries
  studio = await openStudio({
    instances: false,
    secrets: {
      stripe: { STRIPE_SECRET_KEY: stripe.value },
      slack: { SLACK_BOT_TOKEN: slack.value },
      'home-assistant': { HASS_TOKEN: canaries['home-assistant'].value },
    },
  })
  outside = await temporaryFolder('canary')
  host = await openEchoHost()
  await writeFile(join(outside.path, 'slack-token'), `${slack.value}\n`, { mode: 0o600 })
  await writeFile(join(outside.path, 'echo-key'), echo.value, { mode: 0o600 })
  await plant()
  await actWell()
  await actBadly()
  await meetEchoes()
  await studio.fabric.close()
  files = await filesBelow(studio.home)
}, 120_000)

afterAll(async () => {
  await host.close()
  await studio.close()
  await outside.remove()
})

/** The one secret that comes by the environment is in the environment of the process, and nowhere else. */
async function say(words: string, options: { input?: string } = {}): Promise<Ended> {
  const args = words.split(' ')
  const env = { SHOP_KEY: canaries.stripe.value }
  const ended = await ifab(args, { home: studio.home, env, ...options })
  said.set(words, ended)
  return ended
}

async function expectDone(words: string, options: { input?: string } = {}): Promise<void> {
  const { code, stdout, stderr } = await say(words, options)
  if (code !== 0) throw new Error(`ifab ${words} ended with ${code}\n${stdout}${stderr}`)
}

async function plant(): Promise<void> {
  const { relays } = studio
  const stripe = `provider add stripe --twin ${relays.stripe.url} --secret STRIPE_SECRET_KEY=env:SHOP_KEY`
  const tokenFile = join(outside.path, 'slack-token')
  const slack = `provider add slack --twin ${relays.slack.url} --secret SLACK_BOT_TOKEN=file:${tokenFile}`
  const house = `provider add home-assistant --twin ${relays['home-assistant'].url} --secret HASS_TOKEN=-`
  const bad = `--no-test --twin ${host.url} --secret`
  const echoFile = join(outside.path, 'echo-key')
  await expectDone(`${stripe} --mode=falsify`)
  await Promise.all([
    expectDone(`${stripe} --json --trace --log-level debug`),
    expectDone(slack),
    expectDone(house, { input: `${canaries['home-assistant'].value}\n` }),
    expectDone(`provider add stripe --as echo ${bad} STRIPE_SECRET_KEY=file:${echoFile}`),
    expectDone(`provider add home-assistant --as lair ${bad} HASS_TOKEN=file:${echoFile}`),
  ])
  await Promise.all([
    expectDone('secret set slack SLACK_BOT_TOKEN - --trace', { input: canaries.slack.value }),
    say(`provider add stripe --as second --twin ${host.url} --secret STRIPE_SECRET_KEY=-`, { input: '\n' }),
  ])
}

async function actWell(): Promise<void> {
  const file = await writeShowPlaybook(outside.path)
  const plan = join(outside.path, 'plan.json')
  await expectDone(`plan -f ${file} show=canary light=on --out ${plan} ${LOUD.join(' ')}`)
  await expectDone(`plan -f ${file} show=canary light=on --mode=falsify --trace`)
  await watchAtWork(`apply --plan ${plan} --approve --why canary ${LOUD.join(' ')}`)
  await say(`undo last ${LOUD.join(' ')}`)
  await Promise.all(
    [
      'run show last --json',
      'run show last deposit',
      `call stripe balance.get --json ${LOUD.join(' ')}`,
      'doctor --json',
      'secret list --json',
      'witness log --json',
      'witness export',
      'provider show stripe --json',
    ].map((words) => expectDone(words)),
  )
}

/** Looks at the process table while the command waits for its first answer. */
async function watchAtWork(words: string): Promise<void> {
  const gate = closedGate()
  studio.relays.stripe.setHooks({ answer: () => gate.pass() })
  const running = startIfab(words.split(' '), { home: studio.home, env: { SHOP_KEY: canaries.stripe.value } })
  await gate.reached
  const { pid } = running.process
  if (process.platform === 'linux') {
    shown.commandLine = await readFile(`/proc/${pid}/cmdline`)
    shown.environment = await readFile(`/proc/${pid}/environ`)
  }
  gate.open()
  const ended = await running.ended
  studio.relays.stripe.setHooks({})
  said.set(words, ended)
  if (ended.code !== 0) throw new Error(`ifab ${words} ended with ${ended.code}\n${ended.stderr}`)
}

async function actBadly(): Promise<void> {
  const { stripe } = canaries
  await Promise.all([
    say(`apply stripe payment.create amount=ten currency=EUR ${LOUD.join(' ')}`),
    say('apply stripe payment.creat amount=1 currency=EUR --json'),
  ])
  studio.twins.stripe.setFaults([{ operation: '*', probability: 1, kind: 'garbage' }])
  await say(`call stripe balance.get --timeout 900ms ${LOUD.join(' ')}`)
  studio.twins.stripe.setFaults([{ operation: '*', probability: 1, kind: 'drop' }])
  await say(`call stripe balance.get --timeout 900ms --json --trace --log-level debug`)
  studio.twins.stripe.setFaults([])
  await say('secret set stripe STRIPE_SECRET_KEY -', { input: `${stripe.value}-expired` })
  await say(`call stripe balance.get ${LOUD.join(' ')}`)
}

async function meetEchoes(): Promise<void> {
  const steps = ECHO_FORMS.map(
    (form) =>
      `  ${form}: { use: echo payment.create, with: { amount: 100, currency: EUR, source: pm_card_visa, reference: ${form} } }`,
  )
  const file = join(outside.path, 'echo.yaml')
  await writeFile(file, `version: 1\nname: echo\nonFailure: continue\nsteps:\n${steps.join('\n')}\n`)
  await say(`apply -f ${file} --timeout 3s ${LOUD.join(' ')}`)
  await Promise.all(
    [
      'run show last --json',
      'run show last header',
      'run show last json-in-json',
      'run show last success --json',
      'run show last cut-off --json',
      'provider test echo --json --trace --log-level debug',
      'call echo payment.get id=redirect --trace --log-level debug',
      'call echo payment.get id=success --json',
      'call lair state.watch --trace --log-level debug --timeout 900ms',
      'plan echo payment.create amount=1 currency=EUR reference=raw --mode=falsify --json',
      'witness export --json',
    ].map((words) => say(words)),
  )
}

const places = Object.entries(canaries)

it('has met every echo, and the search would find each of them', () => {
  for (const form of [...ECHO_FORMS, 'websocket']) {
    const sent = host.echoed.get(form)
    expect(sent, form).toBeDefined()
    expect(canaries.echo.showsIn(Buffer.from(sent ?? '', 'latin1')), form).toEqual(['raw'])
  }
  const { value } = canaries.echo
  expect(canaries.echo.showsIn(Buffer.from(`user:${value}`).toString('base64'))).not.toEqual([])
  expect(canaries.echo.showsIn(Buffer.from(value).toString('hex'))).toEqual(['hex'])
})

it.each(places)('no command says the secret of %s, whatever it was asked and whoever answered', (_, bird) => {
  const told = [...said].flatMap(([words, { stdout, stderr }]) =>
    bird.showsIn(stdout + stderr).map((form) => `${form}: ifab ${words}`),
  )

  expect(told).toEqual([])
})

it.each(places)('no file of the home holds the secret of %s', (_, bird) => {
  expect(files.map(({ path }) => path.slice(studio.home.length + 1))).toEqual(
    expect.arrayContaining(['fabric.db', 'witness.checkpoint', 'providers/stripe.yaml']),
  )
  expect(files.flatMap(({ path, bytes }) => bird.showsIn(bytes).map((form) => `${form}: ${path}`))).toEqual([])
})

it('an exported plan holds no secret', async () => {
  const plan = await readFile(join(outside.path, 'plan.json'))

  expect(places.flatMap(([, bird]) => bird.showsIn(plan))).toEqual([])
})

it.skipIf(process.platform !== 'linux')('the process table shows a secret only where the caller put it there', () => {
  const { stripe, ...others } = canaries

  expect(stripe.showsIn(shown.environment)).toEqual(['raw'])
  expect(Object.values(others).flatMap((bird) => bird.showsIn(shown.environment))).toEqual([])
  expect(places.flatMap(([, bird]) => bird.showsIn(shown.commandLine))).toEqual([])
  expect(shown.commandLine.toString()).toContain('apply')
})
