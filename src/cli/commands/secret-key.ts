// ifab secret key: where the key is that encrypts the stored secrets; moves it, or makes a new one.
import type { Fabric, VaultKeyView } from '../../fabric/index.ts'
import { FabricError } from '../../foundation/index.ts'
import type { CommandHandler, Invocation } from '../invocation.ts'
import { counted } from '../output/phrases.ts'

export const secretKeyCommand: CommandHandler = async (invocation) => {
  const { flags, console } = invocation
  const to = placeOf(flags.text('to'))
  const isRotated = flags.has('rotate')
  if (to !== undefined && isRotated) {
    throw new FabricError('IF_ERR_USAGE', '--to and --rotate are two commands', {
      hint: 'A new key stays where the old one was.',
      next: `ifab secret key --to ${to}`,
    })
  }
  const fabric = await invocation.fabric()
  const { view, done } = isRotated
    ? { view: await fabric.rotateVaultKey(), done: 'everything is encrypted under a new key' }
    : to !== undefined
      ? await moved(fabric, to)
      : { view: await fabric.vaultKey(), done: undefined }
  const text = keyText(view)
  console.result(view, done === undefined ? text : `${console.out.good('✓')} ${done} · ${text}`)
  console.note(`Next: ${nextFor(invocation, view)}`)
}

function placeOf(text: string | undefined): VaultKeyView['place'] | undefined {
  return text === 'keyring' || text === 'file' ? text : undefined // choices of the command tree
}

async function moved(fabric: Fabric, to: VaultKeyView['place']): Promise<{ view: VaultKeyView; done: string }> {
  const before = await fabric.vaultKey()
  const view = await fabric.moveVaultKey(to)
  return { view, done: before.place === to ? 'it is there already' : `moved from the ${before.place}` }
}

/** As the fabric calls the key of a home in which nothing was stored yet. */
const NO_KEY = 'none'

/** `key 5f2c81aa in the keyring of the system · encrypts 3 secrets`. */
const keyText = ({ id, place, secrets }: VaultKeyView): string =>
  id === NO_KEY
    ? 'there is no key yet: one is made with the first stored secret'
    : `key ${id} ${place === 'keyring' ? 'in the keyring of the system' : 'in a file of the home'} · encrypts ${counted(secrets, 'secret')}`

const nextFor = ({ flags }: Invocation, { place }: VaultKeyView): string =>
  flags.text('to') === undefined && !flags.has('rotate')
    ? `ifab secret key --to ${place === 'file' ? 'keyring' : 'file'}    New: ifab secret key --rotate`
    : 'ifab secret list'
