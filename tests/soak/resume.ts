// kill -9 at any moment of `ifab apply` and of `ifab apply --resume`, until the run has ended: every effectful step
// happened once at its twin, none was lost, the witness verifies and no cost stays reserved.
import { deepStrictEqual, ok, strictEqual } from 'node:assert/strict'
import type { Run } from '../../src/fabric/index.ts'
import { type Chance, seededChance } from '../support/chance.ts'
import { type Ended, ifab, startIfab } from '../support/command.ts'
import { drawMoment, type KillMoment, killAt } from '../support/kill-moments.ts'
import { SLACK_STEPS, STEPS, STRIPE_STEPS, writeShowPlaybook } from '../support/show-playbook.ts'
import { readRecords } from '../support/store-view.ts'
import { openStudio, type Studio } from '../support/studio.ts'

export const name = 'kill -9 and resume'

const KILLS = 200
/** After so many kills a run is left in peace. */
const KILLS_A_RUN = 6
const CONFIG = `version: 1
policy: { effects: { charge: allow } }
budgets: [{ name: shows, limit: 100000 USD, per: total }]
`

interface Tally {
  kills: Record<KillMoment['kind'], number>
  runs: number
  commands: number
  settled: { done: number; 'not-done': number }
}

export async function run({ seed, scale }: { seed: number; scale: number }): Promise<string> {
  const chance = seededChance(seed)
  const kills = Math.max(1, Math.round(KILLS * scale))
  const tally: Tally = {
    kills: { clock: 0, working: 0, unsent: 0, unanswered: 0 },
    runs: 0,
    commands: 0,
    settled: { done: 0, 'not-done': 0 },
  }
  const studio = await openStudio({ config: CONFIG })
  try {
    const files = [
      await writeShowPlaybook(studio.home),
      await writeShowPlaybook(studio.home, { budget: '20 USD' }),
    ] as const
    while (killsOf(tally) < kills) await playShow(studio, chance, tally, { file: chance.pick(files), kills })
    await checkBooks(studio)
    const effects = Object.values(studio.twins).reduce((sum, twin) => sum + twin.effects.length, 0)
    return summaryOf(tally, effects)
  } finally {
    await studio.close()
  }
}

/** One run, killed and resumed until it is done, then held against the twins. */
async function playShow(
  studio: Studio,
  chance: Chance,
  tally: Tally,
  how: { file: string; kills: number },
): Promise<void> {
  const show = `show-${++tally.runs}`
  const light = tally.runs % 2 === 0 ? 'on' : 'off'
  const plan = await studio.fabric.planPlaybook(how.file, { show, light })
  const before = studio.twins.stripe.effects.length
  const course: string[] = []
  let killed = 0
  let done: Run | undefined
  while (done === undefined) {
    const known = (await studio.fabric.runs()).find((candidate) => candidate.plan === plan.digest)
    const args = known ? ['apply', '--resume', known.id] : ['apply', '--plan', plan.digest, '--approve']
    const moment = killed < KILLS_A_RUN && killsOf(tally) < how.kills ? drawMoment(chance) : undefined
    const ended = await play(studio, [...args, '--why', show], moment, tally)
    if (ended.signal === 'SIGKILL') killed += 1
    const now = known ? await studio.fabric.run(known.id) : undefined
    if (now?.state === 'done') done = now
    else if (now?.state === 'unknown') await settle(studio, now, show, tally)
    else if (ended.signal !== 'SIGKILL' && now?.state === 'running') throw unexpected(args, ended)
    course.push(`${args[1]} ${JSON.stringify(moment ?? 'in peace')} → ${ended.signal ?? ended.code}, ${stateOf(now)}`)
  }
  const effects = studio.twins.stripe.effects.slice(before)
  try {
    checkEffects(studio, done, { show, light, effects })
  } catch (cause) {
    throw new Error(`the course of ${show}:\n${course.join('\n')}`, { cause })
  }
}

const stateOf = (run: Run | undefined): string =>
  run ? `${run.state}: ${run.steps.map(({ id, state }) => `${id} ${state}`).join(', ')}` : 'no run'

async function play(studio: Studio, args: string[], moment: KillMoment | undefined, tally: Tally): Promise<Ended> {
  const running = startIfab(args, { home: studio.home })
  const disarm = moment ? killAt(studio, running, moment) : () => {}
  const ended = await running.ended
  disarm()
  tally.commands += 1
  await studio.quiet()
  if (ended.signal === 'SIGKILL' && moment) tally.kills[moment.kind] += 1
  else if (ended.code !== 0 && ended.code !== 8) throw unexpected(args, ended)
  return ended
}

/** Ends each doubt as a person would: by looking at the provider. */
async function settle(studio: Studio, now: Run, show: string, tally: Tally): Promise<void> {
  for (const step of now.steps.filter(({ state }) => state === 'unknown')) {
    const as = messagesWith(studio, `${show}/${step.id}`) > 0 ? 'done' : 'not-done'
    const args = ['run', 'settle', now.id, step.id, '--as', as, '--why', 'looked at the channel']
    const ended = await ifab(args, { home: studio.home })
    if (ended.code !== 0) throw unexpected(args, ended)
    tally.settled[as] += 1
  }
}

function checkEffects(
  studio: Studio,
  done: Run,
  expected: { show: string; light: string; effects: Studio['twins']['stripe']['effects'] },
): void {
  const { show, light, effects } = expected
  deepStrictEqual(done.steps.map(({ id, state }) => `${id} ${state}`).sort(), STEPS.map((id) => `${id} done`).sort())
  strictEqual(done.record.holder, null)

  strictEqual(effects.length, STRIPE_STEPS.length, `${show}: effects at stripe`)
  strictEqual(new Set(effects.map(({ key }) => key)).size, STRIPE_STEPS.length, `${show}: idempotency keys`)
  for (const id of STRIPE_STEPS) {
    const step = done.steps.find((candidate) => candidate.id === id)
    const own = effects.filter((effect) => effect.operation === step?.operation && effect.id === step.result?.id)
    strictEqual(own.length, 1, `${show}: effects of ${id}`)
  }
  for (const id of SLACK_STEPS) strictEqual(messagesWith(studio, `${show}/${id}`), 1, `${show}: messages of ${id}`)
  strictEqual(studio.twins['home-assistant'].snapshot().states?.['light.studio']?.state, light)
}

/** Budgets, reservations, runs and the log agree, whatever was killed. */
async function checkBooks(studio: Studio): Promise<void> {
  const runs = await studio.fabric.runs()
  const costUsd = runs.reduce((sum, record) => sum + record.costMicroUsd, 0) / 1e6
  for (const budget of await studio.fabric.budgets()) {
    strictEqual(budget.heldUsd, 0, `held in budget ${budget.name}`)
    ok(
      Math.abs((budget.settledUsd ?? 0) - costUsd) < 1e-6,
      `budget ${budget.name}: ${budget.settledUsd} ≠ ${costUsd} of the runs`,
    )
  }
  const open = (await readRecords<{ state: string }>(studio.home, 'reservation')).filter(
    ({ state }) => state === 'held' || state === 'pending',
  )
  deepStrictEqual(open, [])
  for (const record of runs) {
    const steps = (await studio.fabric.run(record.id)).steps
    strictEqual(
      record.costMicroUsd,
      steps.reduce((sum, step) => sum + step.costMicroUsd, 0),
    )
  }
  const verified = await ifab(['witness', 'verify', '--json'], { home: studio.home })
  strictEqual(verified.code, 0, verified.stdout + verified.stderr)
  for (const twin of Object.values(studio.twins)) deepStrictEqual(twin.problems, [])
}

const messagesWith = (studio: Studio, text: string): number =>
  Object.values(studio.twins.slack.snapshot().messages ?? {}).filter((kept) =>
    JSON.stringify(kept).includes(JSON.stringify(text)),
  ).length

const killsOf = (tally: Tally): number => Object.values(tally.kills).reduce((sum, count) => sum + count, 0)

const unexpected = (args: string[], ended: Ended): Error =>
  new Error(`ifab ${args.join(' ')} ended with ${ended.code ?? ended.signal}\n${ended.stdout}\n${ended.stderr}`)

function summaryOf(tally: Tally, effects: number): string {
  const { kills, settled } = tally
  const by = Object.entries(kills).map(([kind, count]) => `${count} ${kind}`)
  return `${killsOf(tally)} kills (${by.join(', ')}) over ${tally.runs} runs and ${tally.commands} commands, ${effects} effects, ${settled.done + settled['not-done']} unknown outcomes settled (${settled.done} done), none twice, none lost`
}
