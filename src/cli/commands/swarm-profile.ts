// ifab governor register, profiles, unregister: what swarms say of themselves.
import type { Fabric } from '../../fabric/index.ts'
import { FabricError, usdOf } from '../../foundation/index.ts'
import type { ProfileInput, SwarmLoad, SwarmProfile } from '../../governor/index.ts'
import { givenWhy } from '../input/reason.ts'
import type { CommandHandler, Invocation } from '../invocation.ts'
import { agoText, usdText } from '../output/phrases.ts'
import { shellWord } from '../output/shell-words.ts'
import { table } from '../output/table.ts'

export const governorRegisterCommand: CommandHandler = async (invocation) => {
  const { args, console } = invocation
  const [swarm = ''] = args // required by the command tree
  const said = saidIn(invocation)
  const fabric = await invocation.fabric()
  const profile = await fabric.registerSwarm(await wholeProfile(fabric, swarm, said), givenWhy(invocation))
  console.result(profile, `${console.out.good('✓')} ${profileLine(profile)}`)
  console.note(`Next: ifab governor find-help ${shellWord(profile.capabilities[0] ?? 'CAPABILITY')}`)
}

export const governorProfilesCommand: CommandHandler = async ({ fabric, console, io }) => {
  const profiles = await (await fabric()).swarmProfiles()
  const head = ['swarm', 'an hour', 'reputation', 'budget', 'load', 'can', 'said'].map(console.out.faint)
  const rows = profiles.map((profile) => [
    console.out.strong(profile.swarm),
    usdText(usdOf(profile.costPerHourMicroUsd)),
    profile.reputation.toFixed(2),
    budgetText(profile),
    loadText(profile.load),
    profile.capabilities.join(', '),
    `${agoText(profile.updatedAt, io.now())}${profile.model === undefined ? '' : ` · ${profile.model}`}`,
  ])
  console.result(profiles, rows.length === 0 ? 'no swarm is registered' : table([head, ...rows]))
  console.note(
    rows.length === 0
      ? 'Next: ifab governor register SWARM --capability payment:refund --cost-per-hour 0.50'
      : 'Next: ifab governor find-help CAPABILITY…',
  )
}

export const governorUnregisterCommand: CommandHandler = async (invocation) => {
  const { args, console } = invocation
  const [swarm = ''] = args
  const profile = await (await invocation.fabric()).removeSwarm(swarm, givenWhy(invocation))
  console.result(profile, `${console.out.good('✓')} forgot ${profileLine(profile)}`)
  console.note('Next: ifab governor profiles')
}

type Said = Partial<Omit<ProfileInput, 'swarm'>>

function saidIn({ flags }: Invocation): Said {
  const capabilities = flags.all('capability')
  const costPerHourUsd = flags.usd('cost-per-hour')
  const reputation = flags.decimal('reputation', 0, 1)
  const budgetUsd = flags.text('budget') === 'none' ? null : flags.usd('budget')
  const model = flags.text('model')
  const load = loadIn(flags.text('load'))
  return {
    ...(capabilities.length === 0 ? {} : { capabilities }),
    ...(costPerHourUsd === undefined ? {} : { costPerHourUsd }),
    ...(reputation === undefined ? {} : { reputation }),
    ...(budgetUsd === undefined ? {} : { budgetUsd }),
    ...(model === undefined ? {} : { model }),
    ...(load === undefined ? {} : { load }),
  }
}

/** What a profile can't be without comes from the one that stands, where it was not said. */
async function wholeProfile(fabric: Fabric, swarm: string, said: Said): Promise<ProfileInput> {
  const { capabilities, costPerHourUsd, ...rest } = said
  if (capabilities && costPerHourUsd !== undefined) return { swarm, capabilities, costPerHourUsd, ...rest }
  const known = (await fabric.swarmProfiles()).find((profile) => profile.swarm === swarm)
  if (!known) {
    const missing = [capabilities ? '' : '--capability a:b', costPerHourUsd === undefined ? '--cost-per-hour USD' : '']
    throw new FabricError(
      'IF_ERR_USAGE',
      `swarm ${swarm} is new, so ${missing.filter(Boolean).join(' and ')} is needed`,
      {
        hint: 'Only what was said before may be left out.',
        next: 'ifab help governor register',
      },
    )
  }
  return {
    swarm,
    capabilities: capabilities ?? known.capabilities,
    costPerHourUsd: costPerHourUsd ?? usdOf(known.costPerHourMicroUsd),
    ...rest,
  }
}

function loadIn(text: string | undefined): SwarmLoad | undefined {
  if (text === undefined) return undefined
  const match = /^(\d{1,6})(?:\/(\d{1,6}))?$/.exec(text)
  if (!match) {
    throw new FabricError(
      'IF_ERR_USAGE',
      `--load expects tasks at work and at most, as in 2/5, got ${JSON.stringify(text)}`,
    )
  }
  const [, running, limit] = match
  return { running: Number(running), ...(limit === undefined ? {} : { limit: Number(limit) }) }
}

/** `swarm refunds: payment:refund · $0.50 an hour · reputation 0.90 · load 2/5 · $20.00 left`. */
const profileLine = (profile: SwarmProfile): string =>
  [
    `swarm ${profile.swarm}: ${profile.capabilities.join(', ')}`,
    `${usdText(usdOf(profile.costPerHourMicroUsd))} an hour`,
    `reputation ${profile.reputation.toFixed(2)}`,
    `load ${loadText(profile.load)}`,
    profile.budgetMicroUsd === null ? 'no budget of its own' : `may still cost ${budgetText(profile)}`,
  ].join(' · ')

const loadText = ({ running, limit }: SwarmLoad): string =>
  limit === undefined ? String(running) : `${running}/${limit}`

const budgetText = ({ budgetMicroUsd }: SwarmProfile): string =>
  budgetMicroUsd === null ? '' : usdText(usdOf(budgetMicroUsd))
