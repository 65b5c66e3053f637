// ifab escalation: tasks that are stuck and went to helpers or people. Deciding is for persons; the fabric refuses others.
import type { Fabric } from '../../fabric/index.ts'
import { FabricError } from '../../foundation/index.ts'
import type { EscalationRecord, EscalationState } from '../../governor/index.ts'
import { pickByPiece } from '../input/by-piece.ts'
import { givenWhy, neededWhy } from '../input/reason.ts'
import { taskId } from '../input/task-reference.ts'
import type { CommandHandler, Invocation } from '../invocation.ts'
import { escalationLine, escalationName, escalationTable, escalationText } from '../output/escalation-text.ts'
import { shellWord } from '../output/shell-words.ts'

export const escalationListCommand: CommandHandler = async (invocation) => {
  const { flags, console, io } = invocation
  const fabric = await invocation.fabric()
  const state = flags.text('state') as EscalationState | undefined // one of the choices in the command tree
  const records = await fabric.escalations({
    ...(await ofTask(invocation, fabric)),
    ...(state === undefined ? {} : { state }),
  })
  console.result(records, records.length === 0 ? 'nothing is stuck' : escalationTable(records, console.out, io.now()))
  const open = records.find((record) => record.state === 'person') ?? records.find(isLive)
  if (open) console.note(`Next: ifab escalation show ${shellWord(escalationName(open))}`)
}

/** The filter of --task. */
export async function ofTask({ flags }: Invocation, fabric: Fabric): Promise<{ task?: string }> {
  const reference = flags.text('task')
  return reference === undefined ? {} : { task: await taskId(await fabric.coordinator(), reference) }
}

export const escalationShowCommand: CommandHandler = async (invocation) => {
  const { console, io } = invocation
  const fabric = await invocation.fabric()
  const record = await findEscalation(invocation, fabric)
  const invites = await fabric.invites({ task: record.task })
  const asked = new Set(record.asked.map(({ invite }) => invite))
  const own = invites.filter(({ id }) => asked.has(id))
  console.result(
    { ...record, invites: own },
    escalationText(record, { invites: own, paint: console.out, now: io.now() }),
  )
  if (isLive(record)) {
    const name = shellWord(escalationName(record))
    console.note(`Next: ifab escalation ack ${name}    or: ifab escalation resolve ${name} --why '…'`)
  }
}

export const escalationAckCommand = decision((fabric, id, invocation) =>
  fabric.acknowledgeEscalation(id, givenWhy(invocation)),
)

export const escalationSnoozeCommand: CommandHandler = async (invocation) => {
  const until = invocation.flags.moment('for', invocation.io.now())
  if (until === undefined) {
    throw new FabricError('IF_ERR_USAGE', '--for is needed: how long to be quiet', {
      hint: 'As in --for 2h, or a date such as 2026-12-01T08:00:00Z.',
    })
  }
  return decision((fabric, id) => fabric.snoozeEscalation(id, { until, ...givenWhy(invocation) }))(invocation)
}

export const escalationResolveCommand: CommandHandler = async (invocation) => {
  const why = neededWhy(invocation, 'say how it was settled')
  return decision((fabric, id) => fabric.resolveEscalation(id, { why }))(invocation)
}

function decision(
  decide: (fabric: Fabric, id: string, invocation: Invocation) => Promise<EscalationRecord>,
): CommandHandler {
  return async (invocation) => {
    const { console, io } = invocation
    const fabric = await invocation.fabric()
    const { id } = await findEscalation(invocation, fabric)
    const record = await decide(fabric, id, invocation)
    console.result(record, `${console.out.good('✓')} ${escalationLine(record, console.out, io.now())}`)
    console.note('Next: ifab escalation list')
  }
}

async function findEscalation({ args }: Invocation, fabric: Fabric): Promise<EscalationRecord> {
  const [reference = ''] = args // required by the command tree
  return pickByPiece(reference, {
    records: await fabric.escalations(),
    noun: 'escalation',
    nameOf: escalationName,
    isLive,
    list: 'ifab escalation list',
  })
}

const isLive = ({ state }: EscalationRecord): boolean => state !== 'resolved'
