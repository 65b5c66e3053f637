// ifab freeze, thaw: the kill switch. The fabric refuses everybody but persons.
import type { Fabric } from '../../fabric/index.ts'
import { didYouMean, FabricError } from '../../foundation/index.ts'
import type { FreezeRecord, FreezeTarget } from '../../governor/index.ts'
import { neededWhy } from '../input/reason.ts'
import type { CommandHandler, Invocation } from '../invocation.ts'
import { agoText } from '../output/phrases.ts'
import { shellWord } from '../output/shell-words.ts'
import { table } from '../output/table.ts'

export const freezeCommand: CommandHandler = async (invocation) => {
  const { flags, console, io } = invocation
  if (flags.has('list')) return listFrozen(invocation)
  const target = targetOf(invocation)
  const why = neededWhy(invocation, 'everybody who is stopped is shown it')
  const fabric = await invocation.fabric()
  if ('instance' in target) await checkInstance(fabric, target.instance)
  const record = await fabric.freeze(target, { why })
  const isNew = record.why === why && record.actor === fabric.actor
  const by = isNew ? 'nothing leaves any more, reads neither' : `was frozen ${agoText(record.at, io.now())} already`
  console.result(record, `${console.out.good('✓')} ${frozenText(record)} is frozen · ${by} · ${reasonText(record)}`)
  const warning = await strangeSwarm(fabric, target)
  if (warning) console.note(console.err.warn(`! ${warning}`))
  console.note(`Next: ${thawWords(record)}`)
}

export const thawCommand: CommandHandler = async (invocation) => {
  const { console, io } = invocation
  const target = targetOf(invocation)
  const why = neededWhy(invocation, 'say what makes it safe again')
  const fabric = await invocation.fabric()
  const record = await fabric.thaw(target, { why })
  const left = await fabric.freezes()
  console.result(
    record,
    `${console.out.good('✓')} ${frozenText(record)} goes on · was frozen ${agoText(record.at, io.now())}: ${reasonText(record)}`,
  )
  if (left.length > 0) console.note(`Still frozen: ${left.map(frozenText).join(', ')}    Next: ifab freeze --list`)
}

async function listFrozen(invocation: Invocation): Promise<void> {
  const { flags, console, io } = invocation
  if (given(invocation).length > 0)
    throw new FabricError('IF_ERR_USAGE', `--list and --${given(invocation)[0]} exclude each other`)
  if (flags.text('why') !== undefined)
    throw new FabricError('IF_ERR_USAGE', '--list changes nothing, so it takes no --why')
  const records = await (await invocation.fabric()).freezes()
  const rows = records.map((record) => [
    console.out.bad(frozenText(record)),
    agoText(record.at, io.now()),
    record.actor,
    record.why,
  ])
  console.result(records, rows.length === 0 ? 'nothing is frozen' : table(rows))
  const [first] = records
  if (first) console.note(`Next: ${thawWords(first)}`)
}

const FORMS = ['all', 'swarm', 'instance'] as const

const given = ({ flags }: Invocation): string[] =>
  FORMS.filter((form) => (form === 'all' ? flags.has(form) : flags.text(form) !== undefined))

function targetOf(invocation: Invocation): FreezeTarget {
  const { flags, command } = invocation
  const [first, second] = given(invocation)
  const verb = command.path.join(' ')
  if (first && second) throw new FabricError('IF_ERR_USAGE', `--${first} and --${second} exclude each other`)
  const swarm = flags.text('swarm')
  const instance = flags.text('instance')
  if (swarm !== undefined) return { swarm }
  if (instance !== undefined) return { instance }
  if (first === 'all') return { all: true }
  throw new FabricError('IF_ERR_USAGE', `\`ifab ${verb}\` needs --all, --swarm SWARM or --instance INSTANCE`, {
    hint: FORMS.map((form) => `ifab ${verb} --${form}${form === 'all' ? '' : ` ${form.toUpperCase()}`} --why "…"`).join(
      '    ',
    ),
    next: 'ifab freeze --list',
  })
}

/** What is misspelt stops nothing, so it is refused. */
async function checkInstance(fabric: Fabric, name: string): Promise<void> {
  const known = (await fabric.instances()).map((instance) => instance.name)
  if (known.includes(name)) return
  throw new FabricError('IF_ERR_NOT_FOUND', `there is no instance ${JSON.stringify(name)}, so nothing was frozen`, {
    hint: didYouMean(name, known) ?? `Instances: ${known.join(', ') || 'none'}.`,
    next: 'ifab provider list',
  })
}

/** A swarm needs no registration, so an unknown one is frozen; where its name is nearly one that is known, that is told. */
async function strangeSwarm(fabric: Fabric, target: FreezeTarget): Promise<string | undefined> {
  if (!('swarm' in target)) return undefined
  const known = (await fabric.swarmProfiles().catch(() => [])).map(({ swarm }) => swarm)
  const meant = known.includes(target.swarm) ? undefined : didYouMean(target.swarm, known)
  return meant === undefined ? undefined : `no swarm ${target.swarm} is registered. ${meant}`
}

const frozenText = ({ kind, name }: FreezeRecord): string => (kind === 'all' ? 'everything' : `${kind} ${name}`)

const reasonText = ({ why, actor }: FreezeRecord): string => `${why} (${actor})`

const thawWords = ({ kind, name }: FreezeRecord): string =>
  `ifab thaw --${kind}${kind === 'all' ? '' : ` ${shellWord(name)}`} --why '…'`
