// ifab token: whom a daemon lets in. The text of a token is told once, and only where it was asked for.
import { type FileHandle, open, rm } from 'node:fs/promises'
import { type CreateToken, TOKEN_SCOPES, type TokenScope, type TokenView } from '../../fabric/index.ts'
import { FabricError } from '../../foundation/index.ts'
import type { CommandHandler, Invocation } from '../invocation.ts'
import { agoText, validityText } from '../output/phrases.ts'
import { table } from '../output/table.ts'
import { taskName } from '../output/task-text.ts'

export const tokenCreateCommand: CommandHandler = async (invocation) => {
  const { flags, io, console } = invocation
  const asked = askedBy(invocation)
  const path = flags.text('out')
  // The file first: a token that could not be handed over would be no use to anybody.
  const file = path === undefined ? undefined : await newFile(path)
  try {
    const fabric = await invocation.fabric()
    const { token, ...view } = await fabric.createToken(asked)
    if (path === undefined || !file) {
      console.result({ ...view, token }, token)
      console.note(`${tokenText(view, io.now())} · shown this once`)
    } else {
      await file.write(`${token}\n`)
      await file.sync()
      console.result({ ...view, file: path }, `${console.out.good('✓')} wrote ${path} · ${tokenText(view, io.now())}`)
    }
    const use = path === undefined ? 'IFAB_TOKEN=…' : `IFAB_TOKEN_FILE=${path}`
    console.note(
      `Next: IFAB_URL=http://127.0.0.1:7420 ${use} ifab doctor    End it: ifab token revoke ${taskName(view.id)}`,
    )
  } catch (thrown) {
    if (path !== undefined) await rm(path, { force: true })
    throw thrown
  } finally {
    await file?.close()
  }
}

function askedBy({ flags }: Invocation): CreateToken {
  const actor = flags.text('actor')
  if (actor === undefined) {
    throw new FabricError('IF_ERR_USAGE', '--actor is needed: who acts with this token', {
      hint: 'Such as if://agent/refunds, if://swarm/photos or if://person/ana.',
    })
  }
  const given = flags.all('scope')
  const scopes: TokenScope[] = TOKEN_SCOPES.filter((scope) => given.includes(scope))
  const swarms = flags.all('swarm')
  const ttlMs = flags.duration('ttl')
  const note = flags.text('note')
  return {
    actor,
    ...(scopes.length === 0 ? {} : { scopes }),
    ...(swarms.length === 0 ? {} : { swarms }),
    ...(ttlMs === undefined ? {} : { ttlMs }),
    ...(note === undefined ? {} : { note }),
  }
}

const newFile = (path: string): Promise<FileHandle> =>
  open(path, 'wx', 0o600).catch((cause: NodeJS.ErrnoException) => {
    const problem = cause.code === 'EEXIST' ? 'exists already' : `cannot be written (${cause.code})`
    throw new FabricError('IF_ERR_USAGE', `--out ${path}: the file ${problem}`, { cause })
  })

/** `token 4gz8k2m1 for if://agent/refunds: read, tasks, actions · all swarms · valid 24 h`. */
const tokenText = (view: TokenView, now: number): string =>
  [
    `token ${taskName(view.id)} for ${view.actor}: ${view.scopes.join(', ')}`,
    swarmsText(view),
    stateText(view, now),
  ].join(' · ')

const swarmsText = ({ swarms }: TokenView): string => (swarms === null ? 'all swarms' : `swarm ${swarms.join(', ')}`)

const stateText = ({ revokedAt, expiresAt }: TokenView, now: number): string =>
  revokedAt === null ? validityText(expiresAt, now) : `revoked ${agoText(revokedAt, now)}`

export const tokenListCommand: CommandHandler = async ({ fabric, console, io }) => {
  const tokens = await (await fabric()).tokens()
  const rows = tokens.map((view) => [
    taskName(view.id),
    view.actor,
    view.scopes.join(', '),
    swarmsText(view),
    stateText(view, io.now()),
    view.note ?? '',
  ])
  console.result(tokens, rows.length === 0 ? 'no tokens' : table(rows))
  console.note(rows.length === 0 ? 'Next: ifab token create --actor if://agent/NAME' : 'Next: ifab token revoke TOKEN')
}

export const tokenRevokeCommand: CommandHandler = async ({ fabric, args, console, io }) => {
  const [reference = ''] = args // required by the command tree
  const view = await (await fabric()).revokeToken(reference)
  console.result(view, `${console.out.good('✓')} ${tokenText(view, io.now())}`)
  console.note('Next: ifab token list')
}
