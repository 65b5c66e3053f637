// ifab context: daemons elsewhere, by name. A token comes from a file or standard input and never shows.
import { FabricError } from '../../foundation/index.ts'
import { readAll } from '../input/read-all.ts'
import type { CommandHandler, Invocation } from '../invocation.ts'
import { table } from '../output/table.ts'

const contexts = () => import('../../client/index.ts')

const contextsAt = ({ flags, io }: Invocation) => {
  const home = flags.text('home')
  return { env: io.env, ...(home === undefined ? {} : { home }) }
}

export const contextAddCommand: CommandHandler = async (invocation) => {
  const { args, flags, io, console } = invocation
  const [name = ''] = args // required by the command tree
  const url = flags.text('url')
  if (url === undefined) {
    throw new FabricError('IF_ERR_USAGE', '--url is needed: where the daemon is', {
      hint: 'Such as https://ifab.example.com, or http://127.0.0.1:7420.',
    })
  }
  const file = flags.text('token-file')
  const { addContext } = await contexts()
  const context = await addContext(contextsAt(invocation), {
    name,
    url,
    ...(file === undefined ? {} : file === '-' ? { token: await readAll(io.stdin) } : { tokenFile: file }),
  })
  console.result(context, `${console.out.good('✓')} context ${name} is ${context.url}${tokenText(context.tokenFile)}`)
  console.note(`Next: ifab context use ${name}    Once: ifab doctor --context ${name}`)
}

const tokenText = (tokenFile: string | null): string =>
  tokenFile === null ? ', without a token' : ` · token in ${tokenFile}`

export const contextUseCommand: CommandHandler = async (invocation) => {
  const { args, console } = invocation
  const [name = ''] = args
  const { useContext } = await contexts()
  const context = await useContext(contextsAt(invocation), name === '-' ? null : name)
  const where = context === null ? 'this machine' : `${context.name} (${context.url})`
  console.result(context, `${console.out.good('✓')} from now on: ${where}`)
  console.note(`Next: ifab doctor${context === null ? '' : '    Back: ifab context use -'}`)
}

export const contextListCommand: CommandHandler = async (invocation) => {
  const { console } = invocation
  const { listContexts } = await contexts()
  const all = await listContexts(contextsAt(invocation))
  const rows = all.map(({ name, url, tokenFile, isCurrent }) => [
    isCurrent ? console.out.good('*') : ' ',
    name,
    url,
    tokenFile === null ? 'no token' : tokenFile,
  ])
  console.result(all, rows.length === 0 ? 'no contexts: this machine is used' : table(rows))
  console.note(rows.length === 0 ? 'Next: ifab context add NAME --url URL' : 'Next: ifab context use NAME')
}

export const contextRemoveCommand: CommandHandler = async (invocation) => {
  const { args, console } = invocation
  const [name = ''] = args
  const { removeContext } = await contexts()
  await removeContext(contextsAt(invocation), name)
  console.result({ removed: name }, `${console.out.good('✓')} context ${name} forgotten`)
  console.note('Next: ifab context list')
}
