// ifab invite: swarms that are asked to help with what is stuck, and their word.
import type { InviteState } from '../../governor/index.ts'
import { pickByPiece } from '../input/by-piece.ts'
import { givenWhy } from '../input/reason.ts'
import type { CommandHandler } from '../invocation.ts'
import { inviteLine, inviteName, inviteTable } from '../output/escalation-text.ts'
import { taskName } from '../output/task-text.ts'
import { ofTask } from './escalation.ts'

export const inviteListCommand: CommandHandler = async (invocation) => {
  const { flags, console, io } = invocation
  const fabric = await invocation.fabric()
  const swarm = flags.text('swarm')
  const state = flags.text('state') as InviteState | undefined // one of the choices in the command tree
  const invites = await fabric.invites({
    ...(await ofTask(invocation, fabric)),
    ...(swarm === undefined ? {} : { swarm }),
    ...(state === undefined ? {} : { state }),
  })
  console.result(invites, invites.length === 0 ? 'nobody is invited' : inviteTable(invites, console.out, io.now()))
  const open = invites.find((invite) => invite.state === 'open')
  if (open) console.note(`Next: ifab invite accept ${inviteName(open)}    or: ifab invite decline ${inviteName(open)}`)
}

const answer =
  (word: 'accept' | 'decline'): CommandHandler =>
  async (invocation) => {
    const { args, console, io } = invocation
    const [reference = ''] = args // required by the command tree
    const fabric = await invocation.fabric()
    const { id } = pickByPiece(reference, {
      records: await fabric.invites(),
      noun: 'invitation',
      nameOf: inviteName,
      isLive: ({ state }) => state === 'open' || state === 'accepted',
      list: 'ifab invite list',
    })
    const invite = await fabric.answerInvite(id, word, givenWhy(invocation))
    console.result(invite, `${console.out.good('✓')} ${inviteLine(invite, io.now())}`)
    console.note(`Next: ${word === 'accept' ? `ifab task show ${taskName(invite.task)}` : 'ifab invite list'}`)
  }

export const inviteAcceptCommand = answer('accept')
export const inviteDeclineCommand = answer('decline')
